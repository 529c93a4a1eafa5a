"""What an adviser does with a date that the law sets: add it, check it with the letter, correct it, end it (SE-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.enquiry_refusals import DeadlineEndedError, DeadlineUnknownError, EnquiryOverError
from helpdesk.services.enquiries.acting import INSIDE, act_on, lock_enquiry
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.models import Deadline, Enquiry, ServiceRequest
from service_request.pathways.sendiass.codes import DeadlineKind
from service_request.pathways.sendiass.rules import TAKES_MESSAGES
from service_request.services.enquiries.deadlines import (
    CORRECTED,
    MET,
    WITHDRAWN,
    end_deadline,
    open_deadline,
)

ENDS = (MET, WITHDRAWN)  # how a person ends one; `corrected` comes with the one that takes its place


@dataclass(frozen=True)
class NewDeadline:
    """What a person read in a letter: its date, or the very date that it names, or both."""

    kind: DeadlineKind
    letter_on: date | None = None
    due_on: date | None = None


def add_deadline(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    new: NewDeadline,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Add a deadline that a person read in a letter or was told of; its clock begins, and it jumps the queue (SE-3).

    Raises DeadlineUnknownError where no date was given and none follows from the letter's.
    """
    with transaction(session):
        request, enquiry = _lock(session, request_id, by, version)
        row = _open(session, request, enquiry, new, by, now, house)
        act_on(session, request, "add_deadline", by=by.actor, now=now, deadline=row.id, kind=row.kind)


def check_deadline(
    session: Session,
    *,
    request_id: UUID,
    deadline_id: UUID,
    version: int | None = None,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Say that a person read the letter and the date is right; pressed twice, it is said once."""
    with transaction(session):
        request, _ = _lock(session, request_id, by, version)
        row = _live(session, request_id, deadline_id)
        if not row.is_checked:
            row.is_checked = True
            act_on(session, request, "check_deadline", by=by.actor, now=now, deadline=row.id, kind=row.kind)


def correct_deadline(
    session: Session,
    *,
    request_id: UUID,
    deadline_id: UUID,
    version: int | None = None,
    new: NewDeadline,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Put a deadline with the right dates in the place of one; the old one is kept, and its clock ends (SE-3, EV-7)."""
    with transaction(session):
        request, enquiry = _lock(session, request_id, by, version)
        old = _live(session, request_id, deadline_id)
        if (new.kind, new.letter_on) == (old.kind, old.letter_on) and new.due_on in (None, old.due_on):
            raise DeadlineUnknownError("Enter what is different: the kind of letter, its date, or the date it sets")
        end_deadline(session, enquiry, old, CORRECTED, now=now)
        row = _open(session, request, enquiry, new, by, now, house)
        act_on(session, request, "correct_deadline", by=by.actor, now=now, was=old.id, deadline=row.id, kind=row.kind)


def close_deadline(
    session: Session,
    *,
    request_id: UUID,
    deadline_id: UUID,
    version: int | None = None,
    end: str,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """End a deadline: what it was for was done in time, or it does not hold any more."""
    if end not in ENDS:
        raise DeadlineEndedError
    with transaction(session):
        request, enquiry = _lock(session, request_id, by, version)
        row = _live(session, request_id, deadline_id)
        end_deadline(session, enquiry, row, end, now=now)
        act_on(session, request, "end_deadline", by=by.actor, now=now, deadline=row.id, kind=row.kind, end=end)


def _lock(session: Session, request_id: UUID, by: User, version: int | None) -> tuple[ServiceRequest, Enquiry]:
    """Lock an enquiry that is not over: on what has ended no clock may begin (EV-7)."""
    request, enquiry = lock_enquiry(session, request_id, by, version=version)
    if request.state not in TAKES_MESSAGES:
        raise EnquiryOverError
    return request, enquiry


def _live(session: Session, request_id: UUID, deadline_id: UUID) -> Deadline:
    query = select(Deadline).where(
        Deadline.wall == INSIDE, Deadline.request_id == request_id, Deadline.id == deadline_id
    )
    row = session.scalars(query).one_or_none()
    if row is None or row.ended_at is not None:
        raise DeadlineEndedError
    return row


def _open(
    session: Session, request: ServiceRequest, enquiry: Enquiry, new: NewDeadline, by: User, now: datetime, house: House
) -> Deadline:
    """Write what a person read, checked by that; without a date there is nothing to write (SE-3)."""
    row = open_deadline(
        session,
        request,
        enquiry,
        kind=new.kind,
        letter_on=new.letter_on,
        due_on=new.due_on,
        by=by.id,
        is_checked=True,
        now=now,
        house=house,
    )
    if row is None:
        raise DeadlineUnknownError
    return row
