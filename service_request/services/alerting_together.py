"""In a flood, danger is told of together: every few minutes, until somebody has seen to each (EV-10, SE-10).

The first alerts of a quarter of an hour go out one by one, as do those of whoever proved who they are. What strangers
say beyond them stands first in the list at once, like all danger, and is told of within minutes with how many there
are: a flood neither wakes somebody for each of its messages, nor hides the one child that is among them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, Wall, transaction, uuid7
from infrastructure.house import House
from service_request.models import Task, TaskKind
from service_request.services.alerting import TOGETHER, owe_alert

WAIT = timedelta(minutes=5)  # how long the first of them waits for others, at most
MANY = "danger_many"


def list_gathered(session: Session, now: datetime) -> list[UUID]:
    """Return one alert of each side of the wall that has waited for others long enough, for the worker."""
    first: dict[Wall, UUID] = {}
    untold = select(Task.id, Task.wall).where(
        Task.wall.in_(EITHER_SIDE),
        Task.kind == TaskKind.DANGER,
        Task.done_at.is_(None),
        Task.cause.startswith(TOGETHER),
        Task.about_id.is_(None),
        Task.made_at <= now - WAIT,
    )
    for task_id, wall in session.execute(untold.order_by(Task.made_at).limit(100)):
        first.setdefault(wall, task_id)
    session.rollback()
    return list(first.values())


def tell_together(session: Session, task_id: UUID, *, now: datetime, house: House) -> None:
    """Owe the named persons of that side one alert for all that wait, once; the tasks say which alert told of them."""
    with transaction(session):
        one = session.scalars(select(Task.wall).where(Task.wall.in_(EITHER_SIDE), Task.id == task_id)).one_or_none()
        query = select(Task).where(
            Task.wall == one,
            Task.kind == TaskKind.DANGER,
            Task.done_at.is_(None),
            Task.cause.startswith(TOGETHER),
            Task.about_id.is_(None),
        )
        waiting = session.scalars(query.order_by(Task.made_at, Task.id).with_for_update(of=Task)).all()
        if one is None or task_id not in {task.id for task in waiting}:
            return
        alert_id = uuid7()
        for task in waiting:
            task.about_id = alert_id
        link = house.link("desk.enquiries" if one is Wall.SENDIASS else "desk.queue")
        facts = {"count": str(len(waiting)), "link": link}
        owe_alert(session, MANY, facts, wall=one, cause=alert_id, about=("alert", alert_id), now=now, house=house)
