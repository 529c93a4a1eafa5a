"""Clocks of a request: started and ended with the act that does it, and found by the sweeper when due (EV-7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE
from service_request.domain.clocks import Due
from service_request.models import Clock, ClockEnd, ClockKind, ServiceRequest
from service_request.services.breaches import ask_why
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
    request = lock_request(session, clock.request_id)
    if end is ClockEnd.MET:
        ask_why(session, clock, request, now)
    show_next_due(session, request)
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
        session.add(_as_it_was(old))
    show_next_due(session, request)


def give_back_due(session: Session, request: ServiceRequest, kind: ClockKind, now: datetime) -> Clock | None:
    """Let the promise that a request made itself run again with the due time it had (EV-7); None where it had none."""
    own = own_clock(session, request, kind)
    if own is None:
        return None
    if is_running(session, ("request", request.id), kind):
        end_clock(session, ("request", request.id), kind, ClockEnd.FOLDED, now)
        session.flush()
    again = _as_it_was(own)
    session.add(again)
    show_next_due(session, request)
    return again


def take_over_due(
    session: Session, request: ServiceRequest, earlier: Clock, *, line: tuple[str, str], now: datetime
) -> Clock:
    """Let the running promise be due when a folded one was, with its working and a line that says why (EV-7).

    The one clock ends and the other begins, so that the own due time is there again once it is unfolded. Whoever was
    told of the folded one is told anew: it may have been other people's.
    """
    end_clock(session, ("request", request.id), earlier.kind, ClockEnd.FOLDED, now)
    session.flush()
    clock = Clock(
        wall=request.wall,
        owner_kind="request",
        owner_id=request.id,
        request_id=request.id,
        kind=earlier.kind,
        started_at=earlier.started_at,
        due_at=earlier.due_at,
        warn_at=earlier.warn_at,
        escalate_at=earlier.escalate_at,
        next_act_at=earlier.warn_at,
        working=[*earlier.working, list(line)],
        from_clock_id=earlier.id,
    )
    session.add(clock)
    show_next_due(session, request)
    return clock


def own_clock(session: Session, request: ServiceRequest, kind: ClockKind) -> Clock | None:
    """Return the latest promise of this kind that a request made itself, running or ended; not one taken over."""
    query = select(Clock).where(
        Clock.wall == request.wall,
        Clock.owner_kind == "request",
        Clock.owner_id == request.id,
        Clock.kind == kind,
        Clock.from_clock_id.is_(None),
    )
    found = query.order_by(Clock.ended_at.is_not(None), Clock.ended_at.desc()).limit(1)
    return session.scalars(found).one_or_none()


def running_clock(session: Session, request: ServiceRequest, kind: ClockKind) -> Clock | None:
    """Return the running promise of this kind of a request itself."""
    query = select(Clock).where(
        Clock.wall == request.wall,
        Clock.owner_kind == "request",
        Clock.owner_id == request.id,
        Clock.kind == kind,
        Clock.ended_at.is_(None),
    )
    return session.scalars(query).one_or_none()


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
    """Note that the time has run out; the clock runs on, late, until its own end."""
    clock.escalated_at, clock.next_act_at = clock.escalated_at or now, None


def look_again(clock: Clock, at: datetime | None) -> None:
    """Let the sweeper come back to a clock at a moment: for the next in the chain, or once the office is open."""
    clock.next_act_at = at


def _end(clock: Clock, end: ClockEnd, now: datetime) -> None:
    clock.ended_at, clock.end, clock.next_act_at = now, end, None


def run_again(session: Session, owner: Owner, kind: ClockKind) -> None:
    """Let the promise that ended last go on with the due time it had (EV-7); nothing where there was none."""
    query = select(Clock).where(
        Clock.wall.in_(EITHER_SIDE),
        Clock.owner_kind == owner[0],
        Clock.owner_id == owner[1],
        Clock.kind == kind,
        Clock.ended_at.is_not(None),
    )
    old = session.scalars(query.order_by(Clock.ended_at.desc()).limit(1)).first()
    if old is not None:
        session.add(_as_it_was(old))


def _as_it_was(old: Clock) -> Clock:
    """Return an ended clock as one that runs: the same due time, and whoever was told is not told again.

    The sweeper looks at it where it had come to, and goes up the chain from there.
    """
    next_act_at = old.warn_at if old.warned_at is None else old.escalate_at
    return Clock(
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
        level=old.level,
        from_clock_id=old.from_clock_id,
    )
