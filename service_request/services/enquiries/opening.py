"""An enquiry begins: with its clock, from the first message, form or call (SE-1, SE-3). All inside the wall."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.database import Wall, uuid7
from infrastructure.house import House
from infrastructure.trail import SYSTEM, Actor, Stream, record
from service_request.domain.clocks import first_contact_due
from service_request.domain.consent import Told
from service_request.domain.danger import danger_words
from service_request.domain.phones import plain_number
from service_request.domain.references import new_reference
from service_request.domain.states import RequestState
from service_request.models import (
    Channel,
    ClockKind,
    Enquiry,
    LinkKind,
    Referrer,
    ReferrerKind,
    RequestLink,
    Safe,
    ServiceRequest,
)
from service_request.pathways.sendiass.codes import Eligible, EnquirerKind, InArea
from service_request.services.clocks import start_clock

INSIDE = Wall.SENDIASS
PATHWAY = "sendiass"
KIND = "enquiry"
FORM_VERSION = "2026-11"

KINDS: dict[EnquirerKind, ReferrerKind] = {
    EnquirerKind.PARENT: ReferrerKind.FAMILY,
    EnquirerKind.CARER: ReferrerKind.FAMILY,
    EnquirerKind.FAMILY: ReferrerKind.FAMILY,
    EnquirerKind.CHILD: ReferrerKind.CHILD,
    EnquirerKind.YOUNG_PERSON: ReferrerKind.CHILD,
    EnquirerKind.PROFESSIONAL: ReferrerKind.PROFESSIONAL,
    EnquirerKind.NOT_KNOWN: ReferrerKind.PUBLIC,
}


@dataclass(frozen=True)
class Opening:
    """What is known of an enquiry as it begins. `facts` are answers by question name; none is required (SE-6)."""

    channel: Channel
    received_at: datetime  # the earliest trusted time that it was in our hands
    by: Actor = SYSTEM
    story: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    enquirer: EnquirerKind = EnquirerKind.NOT_KNOWN
    eligible: Eligible = Eligible.UNSURE
    in_area: InArea = InArea.NOT_GIVEN
    name: str = ""
    phone: str = ""
    email: str = ""
    safe: Safe = Safe.UNSET
    language: str | None = None
    follows: UUID | None = None  # the one before in the same thread, closed by now


def open_enquiry(
    session: Session, new: Opening, *, now: datetime, house: House, request_id: UUID | None = None
) -> tuple[ServiceRequest, Enquiry]:
    """Write an enquiry with its 5-day clock and its event, in the caller's transaction; the caller acknowledges it.

    The clock runs from receipt whatever anybody says (SE-3). Danger words put it at the top; they hide and refuse
    nothing (EV-10, SE-10), and the caller alerts a named person by `alerting.alert_danger`.
    """
    referrer = Referrer(
        wall=INSIDE,
        kind=KINDS[new.enquirer],
        name=new.name or None,
        phone=new.phone or None,
        email=new.email or None,
        email_hash=new.email.strip().lower() or None,
        phone_hash=plain_number(new.phone) or None,
        safe=new.safe.value,
    )
    is_danger = bool(danger_words(new.story))
    due = first_contact_due(new.received_at, house.calendar)
    request = ServiceRequest(
        wall=INSIDE,
        id=request_id or uuid7(),
        reference=new_reference(),
        pathway=PATHWAY,
        kind=KIND,
        form_version=FORM_VERSION,
        channel=new.channel,
        received_at=new.received_at,
        state=RequestState.RECEIVED,
        urgency="danger" if is_danger else "routine",
        area_reason="sendiass",
        referrer=referrer,
        authority=house.settings.authority_code,
        told=Told.NOT_ESTABLISHED,
        worries=[],
        headline={},
        missing=[],
        next_due_at=due.due_at,
    )
    facts = {**new.facts, **({"story": new.story} if new.story else {})}
    enquiry = Enquiry(
        wall=INSIDE,
        request_id=request.id,
        enquirer=new.enquirer,
        eligible=new.eligible,
        in_area=new.in_area,
        facts=facts,
        language=new.language,
        needs_interpreter=new.language is not None,
        wants_person=False,
        to_split=False,
        danger_at=now if is_danger else None,
        waits_since=now,
    )
    session.add(request)
    session.flush()
    session.add(enquiry)
    start_clock(session, owner=("request", request.id), request=request, kind=ClockKind.FIRST_CONTACT, due=due, now=now)
    if new.follows is not None:
        session.add(RequestLink(wall=INSIDE, from_id=request.id, to_id=new.follows, kind=LinkKind.AFTER_CLOSED, at=now))
    record(
        session,
        Stream("request", request.id),
        "receive",
        by=new.by,
        now=now,
        moved=(None, RequestState.RECEIVED),
        is_first=True,
        channel=new.channel,
        kind=KIND,
    )
    return request, enquiry
