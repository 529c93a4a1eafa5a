"""How many wait in each view of the queue and as each kind of task: up to a cap, by the indexes alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Select, func, or_, select, union_all
from sqlalchemy.orm import Session

from infrastructure.identity.users import User
from service_request.models import Area, Mail, ServiceRequest, Task, TaskKind
from service_request.services.sight.mails import filed_for
from service_request.services.sight.queue_views import OF_ALL_OPEN, View, chosen, figure, said, stretches
from service_request.services.sight.visible import alike, given_for, put_together, visible_to
from service_request.services.tasks import doable_by

Rows = Select[*tuple[Any, ...]]  # what a part of a union gives

COUNT_CAP = 200  # past it a page says "200+": nobody waits for an exact figure


@dataclass(frozen=True)
class Waiting:
    """How many wait in each view and kind of task, and are filed (up to COUNT_CAP + 1); the areas to choose from."""

    views: dict[View, int]
    tasks: dict[TaskKind, int]
    areas: tuple[tuple[str, str], ...] = field(default=())
    filed: int = 0


def count_waiting(session: Session, user: User, *, area: str | None = None) -> Waiting:
    """Count each view and each kind of task up to the cap, and name the areas, in one query."""
    views: dict[View, int] = {}
    kinds: dict[TaskKind, int] = {}
    areas: list[tuple[str, str]] = []
    filed = 0
    for what, key, label, count in session.connection().execute(_count_query(alike(user), area), given_for(user)):
        if what == "view":
            views[View(key)] = count
        elif what == "task" and count:
            kinds[TaskKind(key)] = count
        elif what == "filed":
            filed = count
        elif what == "area":
            areas.append((key, label))
    return Waiting(views, kinds, tuple(sorted(areas, key=lambda pair: pair[1])), filed)


@put_together
def _count_query(user: User, area: str | None) -> CompoundSelect[*tuple[Any, ...]]:
    parts: list[Rows] = [_count_view(user, view, area) for view in View]
    parts.append(_count_kinds(user))
    filed = select(figure(1).label("one")).select_from(Mail).where(filed_for(user)).limit(figure(COUNT_CAP + 1))
    parts.append(select(said("filed"), said(""), said(""), func.count()).select_from(filed.subquery()))
    parts.append(select(said("area"), Area.code, Area.name, figure(0)))
    return union_all(*parts)


def _count_view(user: User, view: View, area: str | None) -> Rows:
    some: Rows = select(figure(1).label("one")).select_from(ServiceRequest)
    some = some.where(visible_to(user), or_(*stretches(view)), *chosen(user, view, area)).limit(figure(COUNT_CAP + 1))
    if view in OF_ALL_OPEN:
        some = some.order_by(ServiceRequest.next_due_at)  # so that it goes by the index of the list, and not by states
    counted = select(said("view"), said(view.value), said(""), func.count())
    return counted.select_from(some.subquery())


def _count_kinds(user: User) -> Rows:
    """Count each kind of task by itself, so that many of one kind neither hide another nor are all read."""
    kinds = union_all(*(select(said(kind.value).label("kind")) for kind in TaskKind)).subquery("kinds")
    some = (
        select(figure(1).label("one"))
        .where(doable_by(user), Task.kind == kinds.c.kind, Task.done_at.is_(None))
        .order_by(Task.due_at)  # by the index of what is to be done: else all is read for each kind that has none
        .limit(figure(COUNT_CAP + 1))
        .correlate(kinds)
        .subquery()
    )
    counted = select(func.count()).select_from(some).scalar_subquery()
    return select(said("task"), kinds.c.kind, said(""), counted)


def last_received_at(session: Session, user: User) -> datetime | None:
    """Return when the latest request came in that they see, whatever became of it: an empty list is no broken one."""
    latest = select(ServiceRequest.received_at).where(visible_to(user)).order_by(ServiceRequest.received_at.desc())
    return session.scalars(latest.limit(1)).one_or_none()
