"""What reached us and waits for a person, since nothing could say what becomes of it (EV-1): each side sees its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.identity.users import User
from service_request.models import Arrival, Channel, Disposition, Mail, Task
from service_request.services.refusals import NotYoursError
from service_request.services.sight.mails import filed_for
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


@dataclass(frozen=True)
class Post:
    """How much of what came waits for somebody to read it, and how much was filed."""

    held: int
    filed: int


def count_post(session: Session, user: User) -> Post:
    """Count what waits for this user's side, and what was filed there, in one query."""
    held = (
        select(func.count())
        .select_from(Arrival)
        .join(Task, (Task.wall == Arrival.wall) & (Task.about_id == Arrival.id))
        .where(doable_by(user), Task.done_at.is_(None), Arrival.disposition == Disposition.HELD)
    )
    filed = select(func.count()).select_from(Mail).where(filed_for(user))
    row = session.execute(select(held.scalar_subquery(), filed.scalar_subquery())).one()
    return Post(row[0], row[1])


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
