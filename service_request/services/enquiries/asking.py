"""The web form to SENDIASS: sent whole in one transaction, inside the wall from the first byte (SE-1, SE-5, EV-1)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from infrastructure.database import Wall, digests, transaction
from infrastructure.database.transaction import failpoint
from infrastructure.house import House
from infrastructure.identity.links import LinkRefusedError, find_link, make_link
from infrastructure.identity.models import LinkPurpose
from infrastructure.outbox import OutboxMessage, owe
from infrastructure.trail import Actor, ActorKind
from infrastructure.web.say_time import public_moment
from service_request.asking.steps import Step, Typed
from service_request.domain.clocks import first_contact_due
from service_request.domain.danger import speak_of_danger
from service_request.domain.errors import DomainError
from service_request.domain.references import format_reference
from service_request.models import (
    Arrival,
    Channel,
    Direction,
    Disposition,
    FormResponse,
    Message,
    Safe,
    ServiceRequest,
)
from service_request.pathways.sendiass.codes import EnquirerKind
from service_request.pathways.sendiass.questions import STEPS
from service_request.services.alerting import alert_danger
from service_request.services.enquiries.opening import FORM_VERSION, INSIDE, KIND, Opening, open_enquiry
from service_request.services.enquiries.set_aside import put_professional_aside
from service_request.services.enquiries.telling_facts import apply_facts
from service_request.services.kept_letters import keep_letter
from service_request.services.sight.asked import Asked, find_sent_before, read_asked

ENQUIRER = Actor(ActorKind.REFERRER)
FORM = "sendiass"
ACKNOWLEDGEMENT = "message_received"
MOST_A_DAY = 20  # T9: we are not to be used to flood somebody else's mailbox
A_DAY = timedelta(days=1)
RECEIPT_DAYS = 1  # how long the page with the reference can be opened again
TRIES = 3  # a reference drawn twice is drawn again
CONTACT = ("phone", "email", "safe")  # of the referrer, and no facts of the enquiry
DAYS = ("birth_on", "letter_on")

Answers = Mapping[type[Step], Typed]


class SentDifferentlyError(DomainError):
    """The same form was sent before with other words; what was typed now is not stored, and must be given back."""

    sentence = "You sent this form before, and changed it since"

    def __init__(self, reference: str) -> None:
        self.reference = reference
        super().__init__()


@dataclass(frozen=True)
class AskedReceipt:
    """What whoever asked holds: the reference, and by when a person reaches them."""

    asked: Asked
    reference: str
    due_at: datetime


def ask(session: Session, *, form_id: UUID, answers: Answers, now: datetime, house: House) -> str:
    """Make the form an enquiry, once however often it is sent; return the token of its receipt (EV-1, EV-3).

    Nothing of it is stored outside the wall (SE-5). Raises SentDifferentlyError.
    """
    raw = json.dumps(_kept(answers), ensure_ascii=False, sort_keys=True).encode()
    for last in (False, False, True):
        try:
            with transaction(session):
                token = _again(session, form_id, raw, now) or _ask(session, form_id, answers, raw, now, house)
                failpoint("before_ask_commit")
        except IntegrityError:
            if last:
                raise
            continue
        failpoint("after_ask_commit")
        return token
    raise AssertionError("unreachable")


def read_receipt(session: Session, *, token: str, now: datetime, house: House) -> AskedReceipt:
    """Return the receipt to the holder of its link, for a day; raise LinkRefusedError (T21)."""
    link = find_link(session, token, LinkPurpose.RECEIPT, now=now)
    asked = read_asked(session, link.about_id)
    if asked is None:
        raise LinkRefusedError
    due = first_contact_due(asked.received_at, house.calendar)
    return AskedReceipt(asked, format_reference(asked.reference), due.due_at)


def _again(session: Session, form_id: UUID, raw: bytes, now: datetime) -> str | None:
    before = find_sent_before(session, _external_id(form_id))
    if before is None:
        return None
    if before.raw != raw:
        asked = read_asked(session, before.request_id)
        raise SentDifferentlyError(format_reference(asked.reference) if asked else "")
    return _receipt_link(session, before.request_id, now)


def _ask(session: Session, form_id: UUID, answers: Answers, raw: bytes, now: datetime, house: House) -> str:
    told = _facts(answers)
    reach = {name: told.pop(name, "") for name in CONTACT}
    new = Opening(
        channel=Channel.WEB,
        received_at=now,
        by=ENQUIRER,
        story=told.get("story", ""),
        name=told.get("name", ""),
        phone=reach["phone"],
        email=reach["email"],
        safe=Safe(reach["safe"] or Safe.UNSET),
    )
    request, enquiry = open_enquiry(session, new, now=now, house=house)
    arrival = _keep(session, request, form_id, answers, raw, new, now)
    apply_facts(session, request, enquiry, told, by=ENQUIRER, now=now, house=house)
    if speak_of_danger(told.values()):  # in whichever answer it was said (SE-10)
        request.urgency, enquiry.danger_at = "danger", now
        alert_danger(session, request, now=now, house=house)
    if enquiry.enquirer is EnquirerKind.PROFESSIONAL and enquiry.danger_at is None:  # nothing hides danger (SE-10)
        put_professional_aside(session, request, now=now, house=house)
    _acknowledge(session, request, arrival, now=now, house=house)
    return _receipt_link(session, request.id, now)


def _keep(
    session: Session,
    request: ServiceRequest,
    form_id: UUID,
    answers: Answers,
    raw: bytes,
    new: Opening,
    now: datetime,
) -> Arrival:
    """Keep the form exactly as it came, and what was said in their own words as the first message."""
    arrival = Arrival(
        wall=INSIDE,
        channel=Channel.WEB,
        endpoint=FORM,
        external_id=_external_id(form_id),
        sender=new.email or None,
        sender_hash=new.email.lower() or None,
        raw=raw,
        received_at=now,
        stored_at=now,
        disposition=Disposition.REQUEST,
        request_id=request.id,
    )
    session.add(arrival)
    session.add(
        FormResponse(
            wall=INSIDE,
            request_id=request.id,
            kind=KIND,
            form_version=FORM_VERSION,
            answers=_kept(answers),
            by_kind=ENQUIRER.kind,
            at=now,
        )
    )
    session.flush()
    if new.story:
        session.add(
            Message(
                wall=INSIDE,
                request_id=request.id,
                arrival_id=arrival.id,
                direction=Direction.IN,
                kind="form",
                at=now,
                by_kind=ENQUIRER.kind,
                body=new.story,
            )
        )
    return arrival


def _acknowledge(session: Session, request: ServiceRequest, arrival: Arrival, *, now: datetime, house: House) -> None:
    """Owe the acknowledgement where an address was given that is not unsafe; nothing of the matter is in it (EV-2)."""
    referrer = request.referrer
    if not referrer.email or referrer.safe == Safe.NO or request.set_aside_reason is not None:
        return
    if _acknowledged_today(session, referrer.email, now) >= MOST_A_DAY:
        return
    due = first_contact_due(request.received_at, house.calendar)
    letter = house.write(
        ACKNOWLEDGEMENT, reference=format_reference(request.reference), by_when=public_moment(due.due_at)
    )
    about = ("request", request.id)
    row = owe(session, letter, to=referrer.email, cause=request.id, about=about, now=now, wall=INSIDE)
    session.flush()
    keep_letter(session, request, row, "acknowledgement", now=now)


def _acknowledged_today(session: Session, address: str, now: datetime) -> int:
    """Count inside the wall how often this was owed to an address that nobody proved (T9)."""
    theirs = digests("address", address.strip().lower(), Wall.SENDIASS)
    query = select(func.count()).where(
        OutboxMessage.wall == INSIDE,
        OutboxMessage.to_hash.in_(theirs),
        OutboxMessage.template == ACKNOWLEDGEMENT,
        OutboxMessage.owed_at > now - A_DAY,
    )
    return session.scalars(query).one()


def _receipt_link(session: Session, request_id: UUID, now: datetime) -> str:
    about = ("request", request_id)
    made = make_link(session, LinkPurpose.RECEIPT, about=about, address=None, now=now, days=RECEIPT_DAYS, wall=INSIDE)
    return made.token


def _external_id(form_id: UUID) -> str:
    return f"{FORM}:{form_id}"


def _kept(answers: Answers) -> dict[str, dict[str, list[str]]]:
    return {step.slug: {name: list(values) for name, values in typed.items()} for step, typed in answers.items()}


def _facts(answers: Answers) -> dict[str, str]:
    """Return the answers as plain strings by question; a date as ISO."""
    told: dict[str, str] = {}
    for step in STEPS:
        typed = answers.get(step, Typed())
        for name in typed:
            day = typed.day(name) if name in DAYS else None
            said = day.isoformat() if day is not None else typed.text(name)
            if said:
                told[name] = said
    return told
