"""A person of ours reaches an enquirer: nothing else ends the clock of five working days (SE-3)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from infrastructure.house import House
from infrastructure.trail import Actor, ActorKind, Stream, record
from service_request.models import ClockEnd, ClockKind, Enquiry, ServiceRequest
from service_request.pathways.sendiass.rules import LIFECYCLE, EnquiryAct
from service_request.services.clocks import end_clock
from service_request.services.enquiries.evaluations import plan_evaluation
from service_request.services.sight.spoken import find_writer

ENQUIRER = Actor(ActorKind.REFERRER)


def heard_from(
    session: Session, request: ServiceRequest, enquiry: Enquiry, *, heard_at: datetime, now: datetime, house: House
) -> None:
    """Note inside the caller's transaction that they wrote again; an answer to a person of ours means: reached (SE-3).

    `heard_at` is when the last of it was in our hands: what crossed a reply on its way is no answer to it.
    """
    _move(session, request, EnquiryAct.HEAR, by=ENQUIRER, now=now)
    enquiry.waits_since = enquiry.waits_since or heard_at
    writer = find_writer(session, request, before=heard_at) if enquiry.reached_at is None else None
    if writer is not None:
        reach(session, request, enquiry, by=ENQUIRER, by_id=writer, at=heard_at, now=now)


def reach(
    session: Session,
    request: ServiceRequest,
    enquiry: Enquiry,
    *,
    by: Actor,
    by_id: UUID,
    at: datetime,
    now: datetime,
) -> None:
    """Move the enquiry as reached inside the caller's transaction, and end the promise if it still runs."""
    mark_reached(session, request, enquiry, by_id=by_id, at=at, now=now)
    _move(session, request, EnquiryAct.REACH, by=by, now=now)


def mark_reached(
    session: Session, request: ServiceRequest, enquiry: Enquiry, *, by_id: UUID, at: datetime, now: datetime
) -> None:
    """Note the first contact once, and end its clock as met; the state is the caller's to move."""
    if enquiry.reached_at is not None:
        return
    enquiry.reached_at, enquiry.reached_by_id = at, by_id
    end_clock(session, ("request", request.id), ClockKind.FIRST_CONTACT, ClockEnd.MET, at)
    plan_evaluation(session, enquiry, request, now=now)


def _move(session: Session, request: ServiceRequest, act: EnquiryAct, *, by: Actor, now: datetime) -> None:
    """Move by the table; where it has no such way (a signpost was given), only note that it happened."""
    was = request.state
    request.state = LIFECYCLE.table.get((was, act), was)
    flag_modified(request, "state")
    record(session, Stream("request", request.id), act, by=by, now=now, moved=(was, request.state))
