"""In a flood, danger is told of together: every few minutes, until somebody has seen to each (EV-10, SE-10).

The first alerts of a quarter of an hour go out one by one, as do those of whoever proved who they are. What strangers
say beyond them stands first in the list at once, like all danger: the first of it is told of at once as well, and what
follows no later than some minutes after the last such alert, with how many there are. A flood neither wakes somebody
for each of its messages, nor hides the one child that is among them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, Wall, transaction, uuid7
from infrastructure.house import House
from infrastructure.outbox import OutboxMessage
from service_request.models import Task, TaskKind
from service_request.services.alerting import TOGETHER, owe_alert

APART = timedelta(minutes=5)  # between two such alerts on one side of the wall
MANY, ABOUT = "danger_many", "alert"


def list_gathered(session: Session, now: datetime) -> list[UUID]:
    """Return one alert of each side of the wall that is to be told of now with all that wait there, for the worker."""
    due = []
    for wall in EITHER_SIDE:  # each by itself: what waits on one side keeps nobody waiting on the other (SE-5)
        untold = select(Task.id).where(Task.wall == wall, *_UNTOLD).order_by(Task.made_at).limit(1)
        first = session.scalars(untold).one_or_none()
        if first is not None and _is_time(session, wall, now):
            due.append(first)
    session.rollback()
    return due


def tell_together(session: Session, task_id: UUID, *, now: datetime, house: House) -> None:
    """Owe the named persons of that side one alert for all that wait, once; the tasks say which alert told of them."""
    with transaction(session):
        wall = session.scalars(select(Task.wall).where(Task.wall.in_(EITHER_SIDE), Task.id == task_id)).one_or_none()
        if wall is None:
            return
        query = select(Task).where(Task.wall == wall, *_UNTOLD).order_by(Task.made_at, Task.id)
        waiting = session.scalars(query.with_for_update(of=Task)).all()
        if not waiting or not _is_time(session, wall, now):  # another worker has told of them
            return
        alert_id = uuid7()
        for task in waiting:
            task.about_id = alert_id
        link = house.link("desk.enquiries" if wall is Wall.SENDIASS else "desk.queue")
        facts = {"count": str(len(waiting)), "link": link}
        owe_alert(session, MANY, facts, wall=wall, cause=alert_id, about=(ABOUT, alert_id), now=now, house=house)


def _is_time(session: Session, wall: Wall, now: datetime) -> bool:
    """Tell whether the last such alert of this side is long enough ago, if there was one."""
    query = select(func.max(OutboxMessage.owed_at)).where(OutboxMessage.wall == wall, OutboxMessage.about_kind == ABOUT)
    last = session.scalars(query).one()
    return last is None or now - last >= APART


_UNTOLD = (
    Task.kind == TaskKind.DANGER,
    Task.done_at.is_(None),
    Task.cause.startswith(TOGETHER),
    Task.about_id.is_(None),
)
