"""Dates that the law sets for an enquiry: each with a clock of its own, and the earliest jumps the queue (SE-3)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, uuid7
from infrastructure.house import House
from service_request.domain.clocks import statutory_due
from service_request.domain.references import format_reference
from service_request.models import ClockEnd, ClockKind, Deadline, Enquiry, ServiceRequest
from service_request.pathways.sendiass.codes import DeadlineKind
from service_request.pathways.sendiass.deadlines import WorkedOut, parse_holidays, work_out
from service_request.services.clocks import end_clock, start_clock

INSIDE = Wall.SENDIASS
OWNER = "deadline"  # what the clock of one belongs to
TAKEN_OVER = "Taken over"
MET, WITHDRAWN, CORRECTED = "met", "withdrawn", "corrected"
CLOCK_ENDS = {MET: ClockEnd.MET, WITHDRAWN: ClockEnd.WITHDRAWN, CORRECTED: ClockEnd.SUPERSEDED}


def open_deadline(
    session: Session,
    request: ServiceRequest,
    enquiry: Enquiry,
    *,
    kind: DeadlineKind,
    letter_on: date | None,
    due_on: date | None = None,
    by: UUID | None,
    is_checked: bool,
    now: datetime,
    house: House,
) -> Deadline | None:
    """Write a deadline and start its clock, in the caller's transaction and with the request locked (SE-3).

    It follows from the letter's date, unless a person says which date the letter names. A live one of the same kind
    and dates is returned as it is; None where no date was given and none follows.
    """
    working = [("Date", "as a person read it in the letter")]
    if due_on is None:
        found = _from_letter(kind, letter_on, house) if letter_on is not None else None
        if found is None:
            return None
        due_on, working = found.due_on, list(found.working)
    elif letter_on is not None:
        working = [("Letter", f"{letter_on:%a} {letter_on.day} {letter_on:%b %Y}"), *working]
    for old in _list(session, request.id):
        if (old.kind, old.letter_on, old.due_on) != (kind, letter_on, due_on):
            continue
        if old.ended_at is None:
            old.is_checked = old.is_checked or is_checked
            return old
        if not is_checked:  # a person corrected or ended it: what was said once more brings it not back
            return None
    row = Deadline(
        wall=INSIDE,
        id=uuid7(),
        request_id=request.id,
        kind=kind,
        letter_on=letter_on,
        due_on=due_on,
        working=[list(line) for line in working],
        is_checked=is_checked,
        at=now,
        by_id=by,
    )
    session.add(row)
    due = statutory_due(due_on, working, house.calendar)
    start_clock(session, owner=(OWNER, row.id), request=request, kind=ClockKind.STATUTORY, due=due, now=now)
    show_earliest(session, enquiry)
    return row


def _from_letter(kind: DeadlineKind, letter_on: date, house: House) -> WorkedOut | None:
    return work_out(kind, letter_on, house.calendar, parse_holidays(house.settings.school_holidays))


def end_deadline(session: Session, enquiry: Enquiry, row: Deadline, end: str, *, now: datetime) -> None:
    """End one deadline with its clock, in the caller's transaction."""
    row.ended_at, row.end = now, end
    end_clock(session, (OWNER, row.id), ClockKind.STATUTORY, CLOCK_ENDS[end], now)
    show_earliest(session, enquiry)


def end_deadlines(session: Session, enquiry: Enquiry, *, now: datetime) -> None:
    """End every live deadline of an enquiry that itself ends, in the caller's transaction."""
    for row in live_deadlines(session, enquiry.request_id):
        end_deadline(session, enquiry, row, WITHDRAWN, now=now)


def go_on_with_deadlines(session: Session, enquiry: Enquiry, *, ended_at: datetime) -> None:
    """Let the deadlines that ended with their enquiry run again, as it is opened again; their clocks go on with it."""
    for row in _list(session, enquiry.request_id):
        if row.end == WITHDRAWN and row.ended_at == ended_at:
            row.ended_at = row.end = None
    show_earliest(session, enquiry)


def take_over_deadlines(
    session: Session,
    own: ServiceRequest,
    other: ServiceRequest,
    enquiry: Enquiry,
    *,
    by: UUID,
    now: datetime,
    house: House,
) -> None:
    """Let the dates of an enquiry that is folded stand on the one that goes on, each with its clock (SE-3).

    A date that stands there already stands there once. In the caller's transaction; what was folded ends its own.
    """
    there = {(row.kind, row.due_on) for row in live_deadlines(session, other.id)}
    for row in live_deadlines(session, own.id):
        if (row.kind, row.due_on) in there:
            continue
        line = [TAKEN_OVER, f"from {format_reference(own.reference)}"]
        copy = Deadline(
            wall=INSIDE,
            id=uuid7(),
            request_id=other.id,
            kind=row.kind,
            letter_on=row.letter_on,
            due_on=row.due_on,
            working=[*row.working, line],
            is_checked=row.is_checked,
            at=now,
            by_id=by,
        )
        session.add(copy)
        due = statutory_due(row.due_on, [(str(term), str(words)) for term, words in copy.working], house.calendar)
        start_clock(session, owner=(OWNER, copy.id), request=other, kind=ClockKind.STATUTORY, due=due, now=now)
    show_earliest(session, enquiry)


def end_taken_over(session: Session, enquiry: Enquiry, own: ServiceRequest, *, now: datetime) -> None:
    """End the dates that came from an enquiry which stands by itself again: they stand there as before."""
    line = [TAKEN_OVER, f"from {format_reference(own.reference)}"]
    for row in live_deadlines(session, enquiry.request_id):
        if line in row.working:
            end_deadline(session, enquiry, row, CORRECTED, now=now)


def live_deadlines(session: Session, request_id: UUID) -> list[Deadline]:
    """Return the deadlines of a locked enquiry that have not ended, the earliest first."""
    return [row for row in _list(session, request_id) if row.ended_at is None]


def _list(session: Session, request_id: UUID) -> list[Deadline]:
    query = select(Deadline).where(Deadline.wall == INSIDE, Deadline.request_id == request_id)
    return list(session.scalars(query.order_by(Deadline.due_on)))


def show_earliest(session: Session, enquiry: Enquiry) -> None:
    """Let the enquiry show its earliest live deadline, by which it jumps the queue (SE-3)."""
    session.flush()
    enquiry.deadline_on = session.scalars(
        select(func.min(Deadline.due_on)).where(
            Deadline.wall == INSIDE, Deadline.request_id == enquiry.request_id, Deadline.ended_at.is_(None)
        )
    ).one()
