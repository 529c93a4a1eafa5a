"""Which requests belong together as one ask, or came after one had ended, as far as this user sees them (EV-4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from infrastructure.identity.users import User
from service_request.domain.references import parse_reference
from service_request.domain.states import RequestState
from service_request.models import (
    AskedFor,
    FormResponse,
    ServiceRequest,
    Similarity,
    SimilarityState,
    Task,
    TaskKind,
)
from service_request.pathways.social_care.rules import OPEN
from service_request.services.sight.viewing import Part
from service_request.services.sight.visible import shows, visible_to

MOST = 25


@dataclass(frozen=True)
class Joined:
    """Another request in a line: which one, from whom, where it stands."""

    id: UUID
    reference: str
    received_at: datetime
    state: RequestState
    children: tuple[str, ...]
    asked_by: tuple[str, ...]


def list_folded_in(session: Session, request_id: UUID, user: User) -> list[Joined]:
    """Return what was folded into a request, the earliest first."""
    query = _seen(user).where(ServiceRequest.folded_into_id == request_id)
    return _rows(session, query.order_by(ServiceRequest.received_at, ServiceRequest.id))


def find_joined(session: Session, request_id: UUID | None, user: User) -> Joined | None:
    """Return one request that another page speaks of; None where this user does not see it."""
    found = _rows(session, _seen(user).where(ServiceRequest.id == request_id)) if request_id is not None else []
    return found[0] if found else None


def find_typed(session: Session, typed: str, user: User) -> Joined | None:
    """Return the request of a reference that an officer typed, if they see it."""
    reference = parse_reference(typed) if typed else None
    found = _rows(session, _seen(user).where(ServiceRequest.reference == reference)) if reference else []
    return found[0] if found else None


def list_to_fold_into(session: Session, request_id: UUID, user: User) -> list[Joined]:
    """Return the open requests about a child who looks like one of this request's, and was not said to be another."""
    alike = select(Similarity.id).where(
        Similarity.wall == ServiceRequest.wall,
        Similarity.state != SimilarityState.SET_ASIDE,
        or_(
            and_(Similarity.request_id == request_id, Similarity.earlier_request_id == ServiceRequest.id),
            and_(Similarity.earlier_request_id == request_id, Similarity.request_id == ServiceRequest.id),
        ),
    )
    query = _seen(user).where(ServiceRequest.state.in_(OPEN), ServiceRequest.id != request_id, alike.exists())
    return _rows(session, query.order_by(ServiceRequest.received_at.desc(), ServiceRequest.id))


def list_alike(session: Session, request_id: UUID, other_id: UUID, user: User) -> dict[UUID, UUID]:
    """Return which child of the one request was said, or looks, to be which of the other, to be confirmed (EV-4)."""
    query = (
        select(Similarity.person_id, Similarity.earlier_id, Similarity.request_id)
        .join(ServiceRequest, ServiceRequest.id == Similarity.request_id)
        .where(
            visible_to(user),
            Similarity.wall == ServiceRequest.wall,
            Similarity.state != SimilarityState.SET_ASIDE,
            Similarity.request_id.in_((request_id, other_id)),
            Similarity.earlier_request_id.in_((request_id, other_id)),
        )
        .order_by(Similarity.score)
    )
    return {
        (person if of == request_id else earlier): (earlier if of == request_id else person)
        for person, earlier, of in session.execute(query)
    }


@dataclass(frozen=True)
class News:
    """Something that came for a request and that nobody has read yet; `response_id` where it is a form or answers."""

    task_id: UUID
    came_at: datetime
    response_id: UUID | None


def list_news(session: Session, request_id: UUID, user: User) -> list[News]:
    """Return what came for a request and waits to be read, the earliest first."""
    query = (
        select(Task.id, Task.made_at, func.coalesce(FormResponse.id, AskedFor.response_id))
        .join(ServiceRequest, ServiceRequest.id == Task.request_id)
        .outerjoin(
            FormResponse,
            and_(
                FormResponse.wall == Task.wall,
                FormResponse.id == Task.about_id,
                FormResponse.request_id == Task.request_id,  # what came for a folded one is that one's
            ),
        )
        .outerjoin(
            AskedFor,
            and_(AskedFor.wall == Task.wall, AskedFor.id == Task.about_id, AskedFor.request_id == Task.request_id),
        )
        .where(
            visible_to(user),
            Task.wall == ServiceRequest.wall,
            Task.request_id == request_id,
            Task.kind == TaskKind.NEW_INFORMATION,
            Task.done_at.is_(None),
        )
        .order_by(Task.made_at)
        .limit(MOST)
    )
    return [News(*row) for row in session.execute(query)]


def _seen(user: User) -> Select[*tuple[Any, ...]]:
    return select(ServiceRequest, shows(user, Part.IDENTITY)).where(visible_to(user)).limit(MOST)


def _rows(session: Session, query: Select[*tuple[Any, ...]]) -> list[Joined]:
    found = []
    for row, opens in session.execute(query):
        headline = (row.headline or {}) if opens else {}
        found.append(
            Joined(
                id=row.id,
                reference=row.reference,
                received_at=row.received_at,
                state=RequestState(row.state),
                children=tuple(headline.get("children", ())),
                asked_by=tuple(part for part in headline.get("asked_by", ()) if part),
            )
        )
    return found
