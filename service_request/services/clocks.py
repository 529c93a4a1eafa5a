"""Clocks of a request: started and ended with the act that does it, and found by the sweeper when due (EV-7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE
from service_request.domain.clocks import Due
from service_request.models import Clock, ClockEnd, ClockKind, ServiceRequest
from service_request.services.sight.system import lock_request

Owner = tuple[str, UUID]  # ("request", id) or ("assignment", id)


def start_clock(
    session: Session, *, owner: Owner, request: ServiceRequest, kind: ClockKind, due: Due, now: datetime
) -> Clock:
    """Start a clock inside the caller's transaction, and let the request show the earliest due time it has."""
    clock = Clock(
        wall=request.wall,
        owner_kind=owner[0],
        owner_id=owner[1],
        request_id=request.id,
        kind=kind,
        started_at=now,
        due_at=due.due_at,
        warn_at=due.warn_at,
        escalate_at=due.escalate_at,
        next_act_at=due.warn_at,
        working=[list(line) for line in due.working],
    )
    session.add(clock)
    if request.next_due_at is None or due.due_at < request.next_due_at:
        request.next_due_at = due.due_at
    return clock


def end_clock(session: Session, owner: Owner, kind: ClockKind, end: ClockEnd, now: datetime) -> bool:
    """End the running clock of this kind inside the caller's transaction; False when none runs."""
    query = select(Clock).where(
        Clock.wall.in_(EITHER_SIDE),
        Clock.owner_kind == owner[0],
        Clock.owner_id == owner[1],
        Clock.kind == kind,
        Clock.ended_at.is_(None),
    )
    clock = session.scalars(query).one_or_none()
    if clock is None:
        return False
    _end(clock, end, now)
    show_next_due(session, lock_request(session, clock.request_id))
    return True


def is_running(session: Session, owner: Owner, kind: ClockKind) -> bool:
    """Tell whether a clock of this kind runs."""
    query = select(Clock.id).where(
        Clock.wall.in_(EITHER_SIDE),
        Clock.owner_kind == owner[0],
        Clock.owner_id == owner[1],
        Clock.kind == kind,
        Clock.ended_at.is_(None),
    )
    return session.scalars(query.limit(1)).first() is not None


def end_all_clocks(session: Session, request: ServiceRequest, end: ClockEnd, now: datetime) -> list[Clock]:
    """End every clock of a request inside the caller's transaction, since the request itself ends."""
    ended = list(
        session.scalars(
            select(Clock).where(Clock.wall == request.wall, Clock.request_id == request.id, Clock.ended_at.is_(None))
        )
    )
    for clock in ended:
        _end(clock, end, now)
    request.next_due_at = None
    return ended


def go_on(session: Session, request: ServiceRequest, *, ended_at: datetime | None = None) -> None:
    """Let the clocks that ended last go on as if they never had: the same due time, never a new one (EV-7).

    Those that ended at `ended_at` where it is given, and no others. What was missed in between is done at the next
    sweep.
    """
    withdrawn = (Clock.request_id == request.id, Clock.end == ClockEnd.WITHDRAWN)
    last = select(func.max(Clock.ended_at)).where(Clock.wall == request.wall, *withdrawn).scalar_subquery()
    for old in session.scalars(
        select(Clock).where(Clock.wall == request.wall, *withdrawn, Clock.ended_at == (ended_at or last))
    ).all():
        next_act_at = old.warn_at if old.warned_at is None else old.escalate_at if old.escalated_at is None else None
        session.add(
            Clock(
                wall=old.wall,
                owner_kind=old.owner_kind,
                owner_id=old.owner_id,
                request_id=old.request_id,
                kind=old.kind,
                started_at=old.started_at,
                due_at=old.due_at,
                warn_at=old.warn_at,
                escalate_at=old.escalate_at,
                next_act_at=next_act_at,
                working=old.working,
                warned_at=old.warned_at,
                escalated_at=old.escalated_at,
            )
        )
    show_next_due(session, request)


def show_next_due(session: Session, request: ServiceRequest) -> None:
    """Let the request show the earliest due time of its running clocks, or none."""
    session.flush()
    request.next_due_at = session.scalars(
        select(func.min(Clock.due_at)).where(
            Clock.wall == request.wall, Clock.request_id == request.id, Clock.ended_at.is_(None)
        )
    ).one()


def list_due_clocks(session: Session, now: datetime, most: int = 50) -> list[UUID]:
    """Return the clocks that somebody must hear of, the longest due first, for the sweeper."""
    found = list(
        session.scalars(
            select(Clock.id)
            .where(Clock.wall.in_(EITHER_SIDE), Clock.next_act_at <= now)
            .order_by(Clock.next_act_at)
            .limit(most)
        )
    )
    session.rollback()
    return found


def lock_due_clock(session: Session, clock_id: UUID, now: datetime) -> tuple[Clock, ServiceRequest] | None:
    """Return a clock that is still due, with its request locked first; None when another worker was here before."""
    request_id = session.scalars(
        select(Clock.request_id).where(Clock.wall.in_(EITHER_SIDE), Clock.id == clock_id)
    ).one_or_none()
    if request_id is None:
        return None
    request = lock_request(session, request_id)
    clock = session.scalars(select(Clock).where(Clock.wall.in_(EITHER_SIDE), Clock.id == clock_id)).one()
    if clock.ended_at is not None or clock.next_act_at is None or clock.next_act_at > now:
        return None
    return clock, request


def mark_warned(clock: Clock, now: datetime) -> None:
    """Note that somebody was warned; the escalation comes next."""
    clock.warned_at, clock.next_act_at = now, clock.escalate_at


def mark_escalated(clock: Clock, now: datetime) -> None:
    """Note that the next in the chain was told; the clock runs on, late, until its own end."""
    clock.escalated_at, clock.next_act_at = now, None


def _end(clock: Clock, end: ClockEnd, now: datetime) -> None:
    clock.ended_at, clock.end, clock.next_act_at = now, end, None
