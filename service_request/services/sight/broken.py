"""What was late and why, of the requests that a user sees (EV-7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, or_, select
from sqlalchemy.orm import Session

from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from service_request.models import Clock, ClockBreach, ClockEnd, ClockKind, ServiceRequest
from service_request.services.breaches import OURS
from service_request.services.refusals import NotYoursError
from service_request.services.sight.visible import visible_to

ROWS_A_PAGE = 50
COUNTED = timedelta(days=90)


@dataclass(frozen=True)
class Why:
    """Why a promise was broken, as somebody recorded it."""

    code: str
    words: str | None
    by: str | None
    at: datetime


@dataclass(frozen=True)
class Late:
    """A promise that was broken; `ended_at` is None while it still is."""

    clock_id: UUID
    request_id: UUID
    reference: str
    kind: ClockKind
    due_at: datetime
    ended_at: datetime | None
    code: str | None


def list_whys(session: Session, request_id: UUID, user: User) -> dict[UUID, Why]:
    """Return what was recorded for each broken promise of a request, the latest word on it."""
    query = (
        select(ClockBreach, UserAccount.name)
        .join(
            ServiceRequest, and_(ServiceRequest.wall == ClockBreach.wall, ServiceRequest.id == ClockBreach.request_id)
        )
        .outerjoin(UserAccount, UserAccount.id == ClockBreach.by_id)
        .where(ClockBreach.wall == user.wall, ClockBreach.request_id == request_id, visible_to(user))
        .order_by(ClockBreach.at, ClockBreach.id)
    )
    return {row.clock_id: Why(row.code, row.words, name, row.at) for row, name in session.execute(query)}


def get_late(session: Session, clock_id: UUID, user: User, *, now: datetime) -> Late:
    """Return one broken promise, or raise NotYoursError."""
    found = _list(session, user, now, Clock.id == clock_id, most=1)
    if not found:
        raise NotYoursError
    return found[0]


def list_late(session: Session, user: User, *, now: datetime, page: int = 1, unsaid: bool = False) -> list[Late]:
    """Return a page of what was late, the latest due first, with one row more where there is another page."""
    only = _code().is_(None) if unsaid else Clock.due_at < now
    return _list(session, user, now, only, most=ROWS_A_PAGE + 1, skip=(page - 1) * ROWS_A_PAGE)


def count_late(session: Session, user: User, *, now: datetime) -> Sequence[tuple[ClockKind, str | None, int]]:
    """Return how often each promise was broken in the last 90 days, by what was recorded."""
    code = _code().label("code")
    found = (
        select(Clock.kind.label("kind"), code)
        .join(ServiceRequest, _of(Clock))
        .where(Clock.wall == user.wall, visible_to(user), _was_late(now), Clock.due_at > now - COUNTED)
        .subquery()
    )
    query = select(found.c.kind, found.c.code, func.count()).group_by(found.c.kind, found.c.code)
    return [(kind, code, count) for kind, code, count in session.execute(query)]


def _list(
    session: Session, user: User, now: datetime, only: ColumnElement[bool], *, most: int, skip: int = 0
) -> list[Late]:
    query = (
        select(Clock, ServiceRequest.reference, _code())
        .join(ServiceRequest, _of(Clock))
        .where(Clock.wall == user.wall, visible_to(user), _was_late(now), only)
        .order_by(Clock.due_at.desc(), Clock.id)
        .limit(most)
        .offset(skip)
    )
    return [
        Late(row.id, row.request_id, reference, row.kind, row.due_at, row.ended_at, code)
        for row, reference, code in session.execute(query)
    ]


def _of(row: type[Clock] | type[ClockBreach]) -> ColumnElement[bool]:
    return and_(ServiceRequest.wall == row.wall, ServiceRequest.id == row.request_id)


def _was_late(now: datetime) -> ColumnElement[bool]:
    """Return the condition for a promise of ours that was kept too late, or is not kept yet.

    What was folded, replaced or taken back has another that goes on in its place, or none that could be late.
    """
    return and_(
        Clock.kind.in_([kind.value for kind in OURS]),
        Clock.due_at <= now,
        or_(Clock.ended_at.is_(None), and_(Clock.end == ClockEnd.MET, Clock.ended_at > Clock.due_at)),
    )


def _code() -> ScalarSelect[str]:
    return (
        select(ClockBreach.code)
        .where(ClockBreach.wall == Clock.wall, ClockBreach.clock_id == Clock.id)
        .order_by(ClockBreach.at.desc(), ClockBreach.id.desc())
        .limit(1)
        .correlate(Clock)
        .scalar_subquery()
    )
