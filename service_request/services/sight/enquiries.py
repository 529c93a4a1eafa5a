"""One enquiry as its page shows it, and the tasks that hang on it; inside the wall alone (SE-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from service_request.models import Deadline, Enquiry, ServiceRequest, Task, TaskKind
from service_request.pathways.sendiass.codes import DeadlineKind, Eligible, EnquirerKind, InArea, Level
from service_request.services.sight.visible import visible_to
from service_request.services.tasks import doable_by


@dataclass(frozen=True)
class EnquiryFacts:
    """What is particular to an enquiry, as staff read it."""

    id: UUID
    request_id: UUID
    enquirer: EnquirerKind
    eligible: Eligible
    in_area: InArea
    level: Level | None
    facts: dict[str, str]
    language: str | None
    needs_interpreter: bool
    wants_person: bool
    to_split: bool
    danger_at: datetime | None
    danger_seen_at: datetime | None
    deadline_on: date | None
    reached_at: datetime | None
    reached_by_id: UUID | None
    reached_by: str | None
    taken_at: datetime | None
    waits_since: datetime | None
    close_reason: str | None
    outcome: str | None

    @property
    def is_in_danger(self) -> bool:
        """Tell whether danger words were said that nobody has seen to."""
        return self.danger_at is not None and not is_seen_to(self.danger_at, self.danger_seen_at)


@dataclass(frozen=True)
class DeadlineFacts:
    """A date that the law sets, and how it came about (SE-3)."""

    id: UUID
    kind: DeadlineKind
    letter_on: date | None
    due_on: date
    working: tuple[tuple[str, str], ...]
    is_checked: bool
    ended_at: datetime | None
    end: str | None


@dataclass(frozen=True)
class TaskOfEnquiry:
    """Something to do about this enquiry."""

    id: UUID
    kind: TaskKind
    made_at: datetime
    about_id: UUID | None


_Reacher = aliased(UserAccount)


def is_seen_to(danger_at: datetime, seen_at: datetime | None) -> bool:
    """Tell whether somebody saw to danger words since they were last said."""
    return seen_at is not None and seen_at >= danger_at


def read_enquiry(session: Session, request_id: UUID, user: User) -> EnquiryFacts | None:
    """Return what is particular to an enquiry that this user sees; None for what has no such row."""
    query = (
        select(Enquiry, _Reacher.name)
        .join(ServiceRequest, (ServiceRequest.wall == Enquiry.wall) & (ServiceRequest.id == Enquiry.request_id))
        .outerjoin(_Reacher, _Reacher.id == Enquiry.reached_by_id)
        .where(visible_to(user), Enquiry.wall == user.wall, Enquiry.request_id == request_id)
    )
    found = session.execute(query).one_or_none()
    return _facts(*found) if found is not None else None


def list_deadlines(session: Session, request_id: UUID, user: User) -> list[DeadlineFacts]:
    """Return the dates that the law sets for an enquiry, those that run first, the earliest first."""
    query = (
        select(Deadline)
        .join(ServiceRequest, (ServiceRequest.wall == Deadline.wall) & (ServiceRequest.id == Deadline.request_id))
        .where(visible_to(user), Deadline.wall == user.wall, Deadline.request_id == request_id)
        .order_by(Deadline.ended_at.is_not(None), Deadline.due_on, Deadline.at)
    )
    return [
        DeadlineFacts(
            id=row.id,
            kind=row.kind,
            letter_on=row.letter_on,
            due_on=row.due_on,
            working=tuple((str(line[0]), str(line[1])) for line in row.working),
            is_checked=row.is_checked,
            ended_at=row.ended_at,
            end=row.end,
        )
        for row in session.scalars(query)
    ]


def list_tasks_of(session: Session, request_id: UUID, user: User) -> list[TaskOfEnquiry]:
    """Return what is still to be done about an enquiry, or one that was folded into it, by this user's team."""
    folded = select(ServiceRequest.id).where(
        ServiceRequest.wall == user.wall, ServiceRequest.folded_into_id == request_id
    )
    of_it = or_(Task.request_id == request_id, Task.request_id.in_(folded))
    query = (
        select(Task.id, Task.kind, Task.made_at, Task.about_id)
        .where(doable_by(user), of_it, Task.done_at.is_(None))
        .order_by(Task.made_at)
    )
    return [TaskOfEnquiry(*row) for row in session.execute(query)]


def _facts(row: Enquiry, reached_by: str | None) -> EnquiryFacts:
    told: dict[str, Any] = row.facts or {}
    return EnquiryFacts(
        id=row.id,
        request_id=row.request_id,
        enquirer=row.enquirer,
        eligible=row.eligible,
        in_area=row.in_area,
        level=row.level,
        facts={name: str(value) for name, value in told.items()},
        language=row.language,
        needs_interpreter=row.needs_interpreter,
        wants_person=row.wants_person,
        to_split=row.to_split,
        danger_at=row.danger_at,
        danger_seen_at=row.danger_seen_at,
        deadline_on=row.deadline_on,
        reached_at=row.reached_at,
        reached_by_id=row.reached_by_id,
        reached_by=reached_by,
        taken_at=row.taken_at,
        waits_since=row.waits_since,
        close_reason=row.close_reason,
        outcome=row.outcome,
    )
