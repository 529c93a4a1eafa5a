"""A team that is done says when the referral closed; until it does, it is reminded again and again (GL-13)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models import Assignment
from helpdesk.services.assigning import initials_of, tell_team
from helpdesk.services.assignments import CHASE_CLOSING_DAYS
from infrastructure.database import Wall, transaction, uuid7
from infrastructure.house import House
from infrastructure.trail import SYSTEM, Stream, record
from service_request.models import Task, TaskKind
from service_request.services.sight.system import list_subjects, lock_request


def list_to_close(session: Session, now: datetime) -> list[UUID]:
    """Return the tasks of teams that have not said when a referral closed, the longest due first, for the worker."""
    query = (
        select(Task.id)
        .where(
            Task.wall == Wall.OPEN,
            Task.kind == TaskKind.CHASE,
            Task.done_at.is_(None),
            Task.team_id.is_not(None),
            Task.due_at <= now,
        )
        .order_by(Task.due_at)
        .limit(50)
    )
    found = list(session.scalars(query))
    session.rollback()
    return found


def chase_closure(session: Session, task_id: UUID, *, now: datetime, house: House) -> None:
    """Remind the team once, in office hours, and write the next time with it: two workers remind once."""
    with transaction(session):
        task = session.get(Task, task_id)
        if task is None or task.request_id is None:
            return
        request = lock_request(session, task.request_id)
        session.refresh(task)
        if task.done_at is not None or task.due_at is None or task.due_at > now:
            return
        opens_at = house.calendar.in_office_hours(now)
        if opens_at > now:
            task.due_at = opens_at
            return
        query = select(Assignment).where(Assignment.wall == Wall.OPEN, Assignment.id == task.about_id)
        assignment = session.scalars(query).one()
        subject = next(one for one in list_subjects(session, request.id) if one.id == assignment.subject_id)
        tell_team(
            session, request, assignment, "close_asked",
            initials=initials_of(subject), cause=uuid7(), now=now, house=house,
        )  # fmt: skip
        task.due_at = house.calendar.same_time_after(now, CHASE_CLOSING_DAYS)
        record(
            session, Stream("request", request.id), "chase_closure", by=SYSTEM, now=now,
            assignment=assignment.id, team=assignment.team_id,
        )  # fmt: skip
