"""A call or a walk-in, written down while listening: an enquiry like any other, and they are reached (SE-1, SE-3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk.domain.decision import said
from helpdesk.services.enquiries.acting import INSIDE
from helpdesk.services.enquiries.attempts import keep_attempt
from helpdesk.services.enquiries.taking import take_on
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.trail import ActorKind
from service_request.domain.phones import plain_number
from service_request.domain.typed import NARRATIVE_MAX
from service_request.models import (
    Arrival,
    Channel,
    Direction,
    Disposition,
    Enquiry,
    Message,
    Safe,
    ServiceRequest,
    TaskKind,
)
from service_request.services.alerting import alert_danger
from service_request.services.enquiries.opening import Opening, open_enquiry
from service_request.services.enquiries.reaching import reach
from service_request.services.enquiries.telling_facts import apply_facts
from service_request.services.refusals import SentDifferentlyError
from service_request.services.sight.enquiry_parts import find_logged_call
from service_request.services.tasks import need_task

ENDPOINT = "desk"
SPOKEN = (Channel.PHONE, Channel.IN_PERSON)  # a person of ours spoke with them; nobody does with a message left


@dataclass(frozen=True)
class NewCall:
    """What was said, by question; `language` is that of an interpreter who is needed."""

    id: UUID  # of the page it was written on: saved twice, it is one enquiry
    channel: Channel
    answers: Mapping[str, str]
    language: str | None = None

    @property
    def raw(self) -> bytes:
        """Return what was typed, as it is kept beside what was made of it (EV-1)."""
        kept = {"channel": self.channel, "language": self.language, "answers": dict(sorted(self.answers.items()))}
        return json.dumps(kept, sort_keys=True, ensure_ascii=False).encode()


def log_call(session: Session, *, new: NewCall, by: User, now: datetime, house: House) -> UUID:
    """Make a call or a walk-in an enquiry and return its id; nothing but the words is needed (SE-6).

    The one who wrote it down has taken it, and has reached them, unless it is a message left. Raises
    SentDifferentlyError when the page was saved before in other words: nobody's words are dropped (EV-1, W12).
    """
    said(new.answers.get("story", ""), sentence="Enter what was said", most=NARRATIVE_MAX)
    try:
        with transaction(session):
            if (found := _again(session, new, by)) is not None:
                return found
            request, enquiry = _open(session, new, by, now, house)
            session.flush()
            if new.channel in SPOKEN:
                keep_attempt(session, request, channel=new.channel, reached=True, words=None, by=by, now=now)
                reach(session, request, enquiry, by=by.actor, by_id=by.id, at=now, now=now)
            if request.urgency == "danger":
                alert_danger(session, request, now=now, house=house)
            return request.id
    except IntegrityError:  # saved twice at the same moment
        with transaction(session):
            found = _again(session, new, by)
        if found is None:
            raise
        return found


def _again(session: Session, new: NewCall, by: User) -> UUID | None:
    before = find_logged_call(session, new.id, by)
    if before is None:
        return None
    if before.raw != new.raw:
        raise SentDifferentlyError(before.reference)
    return before.request_id


def _open(session: Session, new: NewCall, by: User, now: datetime, house: House) -> tuple[ServiceRequest, Enquiry]:
    answers = new.answers
    phone, email = answers.get("phone", ""), answers.get("email", "")
    opening = Opening(
        channel=new.channel,
        received_at=now,
        by=by.actor,
        story=answers.get("story", ""),
        name=answers.get("name", ""),
        phone=phone,
        email=email,
        safe=Safe(answers.get("safe") or Safe.UNSET),
        language=new.language,
    )
    request, enquiry = open_enquiry(session, opening, now=now, house=house)
    sender = plain_number(phone) or email.strip().lower() or None
    arrival = Arrival(
        wall=INSIDE,
        channel=new.channel,
        endpoint=ENDPOINT,
        external_id=str(new.id),
        sender=sender,
        sender_hash=sender,
        raw=new.raw,
        received_at=now,
        stored_at=now,
        disposition=Disposition.REQUEST,
        request_id=request.id,
    )
    session.add(arrival)
    session.flush()
    session.add(
        Message(
            wall=INSIDE,
            request_id=request.id,
            arrival_id=arrival.id,
            direction=Direction.IN,
            kind=new.channel,
            at=now,
            by_kind=ActorKind.REFERRER,
            body=opening.story,
        )
    )
    apart = ("story", "phone", "email", "safe")
    facts = {name: text for name, text in answers.items() if name not in apart}
    apply_facts(session, request, enquiry, facts, by=by.actor, now=now, house=house)
    if enquiry.needs_interpreter:
        cause = f"interpreter:{request.id}"
        need_task(session, TaskKind.INTERPRETER, cause=cause, request_id=request.id, now=now, wall=INSIDE)
    if new.channel in SPOKEN:
        enquiry.waits_since = None
        take_on(session, request, enquiry, by=by, now=now)
    return request, enquiry
