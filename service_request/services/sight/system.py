"""What the system itself may read: the record that an act locks first, and children to be matched. No user is asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from infrastructure.database import EITHER_SIDE, Wall
from service_request.models import Direction, Message, Person, ServiceRequest, Subject
from service_request.services.refusals import NotYoursError


def lock_request(session: Session, request_id: UUID) -> ServiceRequest:
    """Return the request, locked for one act of the system or of a team that was given a part of it."""
    query = (
        select(ServiceRequest)
        .where(ServiceRequest.wall.in_(EITHER_SIDE), ServiceRequest.id == request_id)
        .options(joinedload(ServiceRequest.referrer))
        .with_for_update(of=ServiceRequest)
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotYoursError
    return row


def list_subjects(session: Session, request_id: UUID) -> list[Subject]:
    """Return the subjects of a request that the caller may act on, with their people, in order."""
    query = (
        select(Subject)
        .where(Subject.wall.in_(EITHER_SIDE), Subject.request_id == request_id)
        .options(joinedload(Subject.person))
        .order_by(Subject.number)
    )
    return list(session.scalars(query))


def list_people_unmatched(session: Session, *, now: datetime, most: int = 50) -> list[UUID]:
    """Return the children who wait to be looked for among earlier ones, the longest waiting first."""
    query = (
        select(Person.id)
        .where(Person.wall.in_(EITHER_SIDE), Person.match_wanted_at <= now)
        .order_by(Person.match_wanted_at)
        .limit(most)
    )
    found = list(session.scalars(query))
    session.rollback()
    return found


def matching_owed_since(session: Session, request_id: UUID) -> datetime | None:
    """Return since when a child of this request waits to be looked for among earlier ones; None when none does."""
    query = select(func.min(Person.match_wanted_at)).where(
        Person.wall.in_(EITHER_SIDE), Person.request_id == request_id
    )
    return session.scalars(query).one()


def find_request_of(session: Session, person_id: UUID) -> UUID | None:
    """Return the request that a person belongs to."""
    return session.scalars(
        select(Person.request_id).where(Person.wall.in_(EITHER_SIDE), Person.id == person_id)
    ).one_or_none()


def get_person(session: Session, person_id: UUID) -> Person:
    """Return one person of a request that the caller has locked."""
    return session.scalars(select(Person).where(Person.wall.in_(EITHER_SIDE), Person.id == person_id)).one()


def list_earlier_children(session: Session, chosen: Select[UUID], *, wall: Wall, apart_from: UUID) -> list[Person]:
    """Return the children of other requests, on this side of the wall, whose ids a statement gives; the latest first.

    Joined by their ids: over a list of more than a few SQLite would rather read everybody on this side of the wall.
    """
    ids = chosen.subquery("chosen")
    query = (
        select(Person)
        .join(ids, ids.c[0] == Person.id)
        .where(Person.wall == wall, Person.is_child, Person.erased_at.is_(None), Person.request_id != apart_from)
        .order_by(Person.id.desc())
    )
    return list(session.scalars(query))


def list_calls_reached(session: Session, request_id: UUID) -> list[datetime]:
    """Return when somebody of the desk spoke to the referrer, for the actions that the outcome tells."""
    query = select(Message.at).where(
        Message.wall == Wall.OPEN,
        Message.request_id == request_id,
        Message.direction == Direction.CALL,
        Message.kind == "call_reached",
    )
    return list(session.scalars(query.order_by(Message.at)))


def references_of(session: Session, request_ids: Iterable[UUID], *, wall: Wall) -> dict[UUID, str]:
    """Return the references of earlier requests about the same child, as a person confirmed (EV-4)."""
    query = select(ServiceRequest.id, ServiceRequest.reference).where(
        ServiceRequest.wall == wall, ServiceRequest.id.in_(list(request_ids))
    )
    return {row.id: row.reference for row in session.execute(query)}


def list_folded_into(session: Session, request: ServiceRequest) -> list[ServiceRequest]:
    """Return what was folded into a locked request, and into those in turn, with who asked, the earliest first."""
    found: dict[UUID, ServiceRequest] = {}
    into = [request.id]
    while into:
        query = (
            select(ServiceRequest)
            .where(ServiceRequest.wall == request.wall, ServiceRequest.folded_into_id.in_(into))
            .options(joinedload(ServiceRequest.referrer))
        )
        into = [
            row.id for row in session.scalars(query) if found.setdefault(row.id, row) is row and row.id != request.id
        ]
    return sorted(found.values(), key=lambda row: (row.received_at, row.id))


def lock_survivor(session: Session, request: ServiceRequest) -> ServiceRequest:
    """Return the request that a locked one was folded into in the end, locked after it; itself where it was not."""
    while request.folded_into_id is not None:
        request = lock_request(session, request.folded_into_id)
    return request


def are_folded(session: Session, person_id: UUID, other_id: UUID, *, wall: Wall) -> bool:
    """Tell whether the request of one of two children was folded into that of the other, as the same child."""
    pair = (person_id, other_id)
    theirs = select(Subject.id).where(Subject.wall == wall, Subject.person_id.in_(pair))
    query = select(Subject.id).where(
        Subject.wall == wall, Subject.person_id.in_(pair), Subject.folded_into_id.in_(theirs)
    )
    return session.scalars(query.limit(1)).first() is not None
