"""The phone of the demonstration: texts go by the carrier that `make run` starts, through the product's own webhook."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.mailbook import RESULTS
from infrastructure.calendar import LONDON
from infrastructure.database import EITHER_SIDE
from infrastructure.outbox import DeliveryAttempt, OutboxMessage, Result
from infrastructure.settings import Settings
from infrastructure.texting.numbers import Endpoint, endpoints
from service_request.domain.references import format_reference
from service_request.models import Arrival, Disposition, Message, ServiceRequest

LONGEST_ANSWER = 20.0  # seconds: the carrier itself waits 15 for the webhook
LONGEST_TEXT = 1_600
DELIVERED = "Reply delivered"
PHONES = (
    ("+447700900461", "a mother"),
    ("+447700900462", "a Polish father"),
    ("+447700900463", "a girl of 13"),
    ("+447700900464", "a grandmother"),
    ("+447700900470", "a mother, later"),
)
FIRST_WORDS = {
    "+447700900461": "school won't let my son in, dont know what to do",
    "+447700900462": "Dzień dobry, szkoła mówi że mój syn nie może przyjść. Co mam zrobić?",
    "+447700900463": "can i tell u something about school",
    "+447700900464": "My daughter asked me to text you about the boy's plan",
    "+447700900470": "its me again, about my son",
}


class NoCarrierError(Exception):
    """The carrier of the demonstration does not answer."""


@dataclass(frozen=True)
class Line:
    """Which phone writes to which of our numbers, and by which channel."""

    phone: str
    endpoint: Endpoint

    @property
    def code(self) -> str:
        """Return what names our end in a form."""
        return code_of(self.endpoint)


@dataclass(frozen=True)
class Text:
    """One text of the thread, as the carrier has it."""

    sid: str
    is_theirs: bool  # from the phone that the visitor holds
    body: str
    at: datetime
    status: str
    pictures: int


@dataclass(frozen=True)
class Step:
    """What the front door did, and when."""

    at: datetime
    words: str

    @property
    def clock(self) -> str:
        """Return the time to a tenth of a second: the steps of one text lie that close."""
        local = self.at.astimezone(LONDON)
        return f"{local:%H:%M:%S}.{local.microsecond // 100_000}"


def code_of(endpoint: Endpoint) -> str:
    """Return what names one of our numbers in a form: "sms:+447700900180"."""
    return f"{endpoint.channel}:{endpoint.number}"


def find_line(settings: Settings, phone: str, code: str) -> Line | None:
    """Return the line that a form names, the first one where it names none; None where we have no numbers."""
    ours = endpoints(settings)
    if not ours:
        return None
    phones = [number for number, _ in PHONES]
    chosen = next((one for one in ours if code_of(one) == code), ours[0])
    return Line(phone if phone in phones else phones[0], chosen)


def send_text(
    settings: Settings, line: Line, body: str, *, again: str = "", tamper: bool = False, late: bool = False
) -> int:
    """Have the carrier deliver a text; return how the webhook answered.

    `again`: one it delivered before, by its number; `late`: it is held back until the next one was delivered.
    """
    said = {"From": _address(line, line.phone), "To": _address(line, line.endpoint.number), "Body": body[:LONGEST_TEXT]}
    if again:
        said["again"] = again
    if tamper:
        said["tamper"] = "1"
    if late:
        said["late"] = "1"
    return int(ask_carrier(settings, "/play/texts", said)["status"])


def list_texts(settings: Settings, line: Line) -> list[Text]:
    """Return what passed on this line, the oldest first."""
    asked = urlencode({"phone": line.phone, "number": line.endpoint.number, "channel": line.endpoint.channel})
    return [
        Text(
            sid=one["sid"],
            is_theirs=one["direction"] == "in",
            body=one["body"],
            at=datetime.fromisoformat(one["at"]),
            status=one["status"],
            pictures=len(one.get("media") or ()),
        )
        for one in ask_carrier(settings, f"/play/thread?{asked}")
    ]


def list_steps(session: Session, sid: str) -> list[Step]:
    """Return what became of one text, as the database of the front door tells it."""
    arrival = session.scalars(
        select(Arrival).where(Arrival.wall.in_(EITHER_SIDE), Arrival.external_id == sid)
    ).one_or_none()
    if arrival is None:
        return []
    steps = [
        Step(arrival.received_at, "Text arrived, signature right"),
        Step(arrival.stored_at, "Kept, and the phone company answered: nothing to say yet"),
    ]
    said = session.scalars(
        select(Message).where(Message.wall == arrival.wall, Message.arrival_id == arrival.id)
    ).one_or_none()
    if said is not None:
        steps.append(Step(said.at, _became(session, arrival, said)))
    elif arrival.disposition is Disposition.HELD:
        steps.append(Step(arrival.stored_at, "Held: a person reads it"))
    return [*steps, *_replies(session, arrival)]


def is_delivered(session: Session, sid: str) -> bool:
    """Tell whether the reply to a text has reached the phone, as the front door knows by now."""
    steps = list_steps(session, sid)
    session.rollback()
    return bool(steps) and steps[-1].words == DELIVERED


def _became(session: Session, arrival: Arrival, said: Message) -> str:
    request = session.scalars(
        select(ServiceRequest).where(ServiceRequest.wall == arrival.wall, ServiceRequest.id == said.request_id)
    ).one()
    understood = f"Understood: {said.understood}. " if said.understood else ""
    what = "Enquiry" if request.pathway == "sendiass" else "Request"
    reference = format_reference(request.reference)
    if arrival.disposition is Disposition.REQUEST:
        return f"{understood}{what} {reference} opened"
    return f"{understood}Added to {what.lower()} {reference}"


def _replies(session: Session, arrival: Arrival) -> list[Step]:
    query = select(OutboxMessage).where(
        OutboxMessage.wall == arrival.wall,
        OutboxMessage.about_kind == "request",
        OutboxMessage.about_id == arrival.request_id,
        OutboxMessage.channel == arrival.channel,
        OutboxMessage.owed_at >= arrival.stored_at,
    )
    owed = session.scalars(query.order_by(OutboxMessage.owed_at, OutboxMessage.id).limit(1)).one_or_none()
    if owed is None:
        return []
    steps = [Step(owed.owed_at, "Reply owed")]
    for one in session.scalars(
        select(DeliveryAttempt).where(DeliveryAttempt.outbox_id == owed.id).order_by(DeliveryAttempt.n)
    ):
        if one.result is Result.DELIVERED:
            continue
        words = "Reply sent" if one.result is Result.ACCEPTED else f"Reply {RESULTS[one.result]}"
        steps.append(Step(one.at, words))
    if owed.delivered_at is not None:
        steps.append(Step(owed.delivered_at, DELIVERED))
    return steps


def spoken(number: str) -> str:
    """Write a number as people here read it: 07700 900 461."""
    found = re.fullmatch(r"\+44(\d{4})(\d{3})(\d{3})", number)
    return f"0{found[1]} {found[2]} {found[3]}" if found else number


def _address(line: Line, number: str) -> str:
    return f"whatsapp:{number}" if line.endpoint.channel == "whatsapp" else number


def ask_carrier(settings: Settings, path: str, said: dict[str, str] | None = None) -> Any:
    """Ask the carrier, which listens on this machine only."""
    asked = Request(settings.twilio_api_base + path, data=urlencode(said).encode() if said else None)
    try:
        with urlopen(asked, timeout=LONGEST_ANSWER) as answer:  # nosec B310 - the address is our own setting
            return json.load(answer)
    except (URLError, TimeoutError, ValueError) as error:
        raise NoCarrierError from error
