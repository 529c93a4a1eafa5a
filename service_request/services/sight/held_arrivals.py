"""What reached us and waits for a person, since nothing could say what becomes of it (EV-1): each side sees its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.identity.users import User
from service_request.models import Arrival, Channel, Disposition, Task
from service_request.services.refusals import NotYoursError
from service_request.services.tasks import doable_by

MOST = 100


@dataclass(frozen=True)
class HeldArrival:
    """Something that waits, without its words."""

    id: UUID
    task_id: UUID
    channel: Channel
    received_at: datetime
    reason: str | None


def list_held_arrivals(session: Session, user: User) -> list[HeldArrival]:
    """Return what waits for this user's side, the longest waiting first."""
    query = (
        select(Arrival.id, Task.id, Arrival.channel, Arrival.received_at, Arrival.reason)
        .join(Task, (Task.wall == Arrival.wall) & (Task.about_id == Arrival.id))
        .where(doable_by(user), Task.done_at.is_(None), Arrival.disposition == Disposition.HELD)
        .order_by(Arrival.received_at, Arrival.id)
        .limit(MOST)
    )
    return [HeldArrival(*row) for row in session.execute(query)]


def count_held_arrivals(session: Session, user: User) -> int:
    """Count what waits for this user's side."""
    query = (
        select(func.count())
        .select_from(Arrival)
        .join(Task, (Task.wall == Arrival.wall) & (Task.about_id == Arrival.id))
        .where(doable_by(user), Task.done_at.is_(None), Arrival.disposition == Disposition.HELD)
    )
    return session.scalars(query).one()


def get_held_arrival(session: Session, arrival_id: UUID, user: User, *, lock: bool = False) -> Arrival:
    """Return what waits, with its words as they came, or raise NotYoursError."""
    query = (
        select(Arrival)
        .join(Task, (Task.wall == Arrival.wall) & (Task.about_id == Arrival.id))
        .where(
            doable_by(user), Task.done_at.is_(None), Arrival.id == arrival_id, Arrival.disposition == Disposition.HELD
        )
    )
    if lock:
        query = query.with_for_update(of=Arrival)
    row = session.scalars(query).unique().one_or_none()
    if row is None:
        raise NotYoursError
    return row
