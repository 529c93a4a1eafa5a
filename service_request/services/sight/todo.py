"""The tasks that a user may do, with as much of their request as that user sees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select, true
from sqlalchemy.orm import Session

from infrastructure.identity.users import User
from infrastructure.outbox.models import OutboxMessage
from service_request.models import (
    AskedFor,
    AskedKind,
    Clock,
    ClockKind,
    Outcome,
    OutcomeState,
    Referrer,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.services.refusals import NotYoursError
from service_request.services.sight.viewing import Part
from service_request.services.sight.visible import get_request, visible_to
from service_request.services.tasks import doable_by

ROWS_A_PAGE = 100
OWED = (OutcomeState.OWED, OutcomeState.FAILED)


@dataclass(frozen=True)
class TaskRow:
    """A thing to do; without sight of its request there is no reference and nobody's name."""

    id: UUID
    kind: TaskKind
    made_at: datetime
    due_at: datetime | None
    request_id: UUID | None
    reference: str | None
    children: tuple[str, ...]
    about_id: UUID | None
    is_for_team: bool
    outcome_id: UUID | None  # the telling that is still owed, if the task is about one
    mail: str | None  # the template of the mail that could not be delivered
    asked: AskedKind | None = None  # what the referrer was asked, if the task is about that


@dataclass(frozen=True)
class ToRing:
    """Whom to ring about a request; no number where it is not safe to reach them."""

    name: str
    agency: str
    phone: str
    is_safe: bool


@dataclass(frozen=True)
class OwedOutcome:
    """An outcome that somebody must still be told."""

    id: UUID
    request_id: UUID
    state: OutcomeState


def list_todo(session: Session, user: User, *, kind: TaskKind | None) -> list[TaskRow]:
    """Return the open tasks of a kind (None: of all), what is due first, then the longest waiting."""
    query = (
        select(Task, ServiceRequest, Outcome.id, OutboxMessage.template, Clock.kind, AskedFor.kind)
        .select_from(Task)
        .where(doable_by(user), Task.done_at.is_(None), true() if kind is None else Task.kind == kind)
        .outerjoin(ServiceRequest, and_(visible_to(user), ServiceRequest.id == Task.request_id))
        .outerjoin(
            Outcome,
            and_(
                Outcome.wall == Task.wall,
                Outcome.request_id == Task.request_id,
                Outcome.state.in_(OWED),
                or_(Outcome.id == Task.about_id, Outcome.outbox_id == Task.about_id),
            ),
        )
        .outerjoin(OutboxMessage, and_(OutboxMessage.wall == Task.wall, OutboxMessage.id == Task.about_id))
        .outerjoin(Clock, and_(Clock.wall == Task.wall, Clock.id == Task.about_id))
        .outerjoin(
            AskedFor,
            and_(AskedFor.wall == Task.wall, or_(AskedFor.id == Task.about_id, AskedFor.id == Clock.owner_id)),
        )
        .order_by(Task.due_at.is_(None), Task.due_at, Task.made_at)
        .limit(ROWS_A_PAGE)
    )
    return [_row(*found) for found in session.execute(query)]


def list_to_ring(session: Session, user: User, request_ids: Iterable[UUID]) -> dict[UUID, ToRing]:
    """Return whom to ring about each of these requests, as far as the user sees who asked (EV-2, EV-5)."""
    query = (
        select(ServiceRequest.id, Referrer)
        .join(Referrer, and_(Referrer.wall == ServiceRequest.wall, Referrer.id == ServiceRequest.referrer_id))
        .where(visible_to(user, Part.REFERRER), ServiceRequest.id.in_(set(request_ids)))
    )
    return {
        request_id: ToRing(
            row.name or "",
            row.agency_name or "",
            (row.phone or "") if row.safe != "no" else "",
            row.safe != "no",
        )
        for request_id, row in session.execute(query)
    }


def last_made_at(session: Session, user: User, *, kind: TaskKind) -> datetime | None:
    """Return when the last task of a kind was made, done or not: for an empty list."""
    query = select(Task.made_at).where(doable_by(user), Task.kind == kind).order_by(Task.made_at.desc()).limit(1)
    return session.scalars(query).one_or_none()


def get_owed_outcome(session: Session, outcome_id: UUID, user: User) -> OwedOutcome:
    """Return an outcome of a request that the user sees, or raise NotYoursError."""
    query = (
        select(Outcome)
        .join(ServiceRequest, ServiceRequest.id == Outcome.request_id)
        .where(visible_to(user), Outcome.wall == ServiceRequest.wall, Outcome.id == outcome_id)
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotYoursError
    return OwedOutcome(row.id, row.request_id, row.state)


def lock_outcome(session: Session, outcome_id: UUID, user: User) -> tuple[ServiceRequest, Outcome]:
    """Return an outcome with its request, locked first, for an act of somebody who sees it; raise NotYoursError."""
    found = get_owed_outcome(session, outcome_id, user)
    request = get_request(session, found.request_id, user, lock=True)
    query = (
        select(Outcome)
        .join(ServiceRequest, ServiceRequest.id == Outcome.request_id)
        .where(visible_to(user), Outcome.wall == ServiceRequest.wall, Outcome.id == outcome_id)
    )
    return request, session.scalars(query).one()


def _row(
    task: Task,
    request: ServiceRequest | None,
    outcome_id: UUID | None,
    mail: str | None,
    clock: ClockKind | None,
    asked: AskedKind | None,
) -> TaskRow:
    headline = (request.headline or {}) if request is not None else {}
    return TaskRow(
        id=task.id,
        kind=task.kind,
        made_at=task.made_at,
        due_at=task.due_at,
        request_id=request.id if request is not None else None,
        reference=request.reference if request is not None else None,
        children=tuple(headline.get("children", ())),
        about_id=task.about_id,
        is_for_team=task.team_id is not None,
        outcome_id=outcome_id,
        mail=mail,
        asked=AskedKind.WRITTEN_FORM if clock is ClockKind.WRITTEN_FORM else asked,
    )
