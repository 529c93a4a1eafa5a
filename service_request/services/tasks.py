"""What a person of the desk or of a team must do: made once for each cause, and done once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, Wall, uuid7
from infrastructure.database.upsert import insert_into
from infrastructure.identity.models import Role, TeamKind
from infrastructure.identity.users import User
from infrastructure.trail import Actor, Stream, record
from service_request.models import Grant, Task, TaskKind
from service_request.services.sight.viewing import Viewer, kinds_of
from service_request.services.sight.visible import barred, given_whole, hidden_from

DESK_ROLES = (Role.OFFICER, Role.MANAGER)
ANSWERED = (
    TaskKind.WITHDRAW_ASKED,
    TaskKind.CONFIRM_AGENCY,
    TaskKind.WHY_LATE,
)  # done by what somebody says on the page about it
REVIEWED = (TaskKind.GLASS_BROKEN,)  # done by an answer on a page of its own


def need_task(
    session: Session,
    kind: TaskKind,
    *,
    cause: str,
    request_id: UUID | None = None,
    about_id: UUID | None = None,
    team_id: UUID | None = None,
    due_at: datetime | None = None,
    now: datetime,
    wall: Wall = Wall.OPEN,
) -> None:
    """Make a task inside the caller's transaction, once for each cause, whoever asks at the same time."""
    added = insert_into(session, Task).values(
        id=uuid7(),
        wall=wall,
        kind=kind,
        cause=cause,
        request_id=request_id,
        about_id=about_id,
        team_id=team_id,
        due_at=due_at,
        made_at=now,
    )
    session.execute(added.on_conflict_do_nothing(index_elements=[Task.cause]))


def is_answered_elsewhere(task: Task) -> bool:
    """Tell whether a task ends by what somebody says on a page about it, and not by saying that it is done."""
    is_held = task.kind is TaskKind.HELD_BACK and task.request_id is not None  # its message is sent or cancelled
    return is_held or task.kind in (*REVIEWED, *ANSWERED)


def finish_tasks(
    session: Session, *, request_id: UUID, kinds: frozenset[TaskKind], about_id: UUID | None, by: Actor, now: datetime
) -> None:
    """Mark as done what an act has made needless, inside the caller's transaction (`about_id` None: whatever about)."""
    query = select(Task).where(
        Task.wall.in_(EITHER_SIDE), Task.request_id == request_id, Task.kind.in_(kinds), Task.done_at.is_(None)
    )
    if about_id is not None:
        query = query.where(Task.about_id == about_id)
    for task in session.scalars(query):
        mark_done(session, task, by, now)


def finish_about(session: Session, *, about_id: UUID, kinds: frozenset[TaskKind], by: Actor, now: datetime) -> None:
    """Mark as done what was to be done about one thing, inside the transaction of the act that saw to it."""
    query = select(Task).where(
        Task.wall.in_(EITHER_SIDE), Task.about_id == about_id, Task.kind.in_(kinds), Task.done_at.is_(None)
    )
    for task in session.scalars(query):
        mark_done(session, task, by, now)


def has_open_tasks(
    session: Session, request_id: UUID, kinds: frozenset[TaskKind], *, about_id: UUID | None = None
) -> bool:
    """Tell whether any task of these kinds is still to be done for a request (or for one thing of it)."""
    query = select(Task.id).where(
        Task.wall.in_(EITHER_SIDE), Task.request_id == request_id, Task.kind.in_(kinds), Task.done_at.is_(None)
    )
    if about_id is not None:
        query = query.where(Task.about_id == about_id)
    return session.scalars(query.limit(1)).first() is not None


def mark_done(session: Session, task: Task, by: Actor, now: datetime) -> None:
    """Mark one task as done inside the caller's transaction, with its event."""
    task.done_at, task.done_by_id = now, by.id
    if task.request_id is not None:
        record(session, Stream("request", task.request_id), "finish_task", by=by, now=now, task=task.id, kind=task.kind)


def doable_by(user: User) -> ColumnElement[bool]:
    """Return the condition for the tasks that this user may do; the wall stands first.

    What is about a request of which they may know nothing is none of theirs; what is about a restricted one that they
    were given is, whatever their role. That the glass was broken is looked at by a service manager who did not do it.
    """
    theirs = [Task.team_id.in_(user.teams()), *([Task.team_id.is_(None)] if sees_to_all(user) else [])]
    ordinary = Task.kind.not_in(REVIEWED)
    known = and_(ordinary, or_(Task.request_id.is_(None), Task.request_id.not_in(hidden_from(user))))
    if user.holds(Role.SERVICE_MANAGER):
        broke_it = select(Grant.id).where(Grant.wall == user.wall, Grant.user_id == user.id)
        by_others = and_(Task.about_id.not_in(broke_it), Task.request_id.not_in(barred(user)))
        known = or_(known, and_(Task.kind.in_(REVIEWED), by_others))
    given = and_(ordinary, Task.request_id.in_(given_whole(user)))
    # Each side of the "or" is found by an index of its own: nested, the whole table would be read.
    return and_(Task.wall == user.wall, or_(*(and_(side, known) for side in theirs), given))


def sees_to_all(user: User) -> bool:
    """Tell whether what is for no team by name is for this user: the desk, or inside the wall its advisers."""
    of_desk = user.holds(*DESK_ROLES, kind=TeamKind.DESK) or user.holds(Role.SERVICE_MANAGER)
    return of_desk or Viewer.ADVISER in kinds_of(user)
