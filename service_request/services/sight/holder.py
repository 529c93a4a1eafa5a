"""What the holder of a secret may read: a draft's receipt, an outcome behind a link, the request a form completes."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from infrastructure.database import Wall
from service_request.domain.references import parse_reference
from service_request.models import (
    AskedFor,
    Channel,
    File,
    FileState,
    FormResponse,
    Outcome,
    Person,
    Relationship,
    ServiceRequest,
    Subject,
)


def find_by_reference(session: Session, typed: str) -> ServiceRequest | None:
    """Return the request of a reference that somebody outside typed; nothing of it is ever shown to them (T7)."""
    reference = parse_reference(typed) if typed else None
    if reference is None:
        return None
    return session.scalars(
        select(ServiceRequest)
        .where(ServiceRequest.wall == Wall.OPEN, ServiceRequest.reference == reference)
        .options(joinedload(ServiceRequest.referrer))
    ).one_or_none()


def get_for_holder(session: Session, request_id: UUID, *, lock: bool = False) -> ServiceRequest:
    """Return the request that a secret link is about."""
    query = (
        select(ServiceRequest)
        .where(ServiceRequest.wall == Wall.OPEN, ServiceRequest.id == request_id)
        .options(joinedload(ServiceRequest.referrer))
    )
    return session.scalars(query.with_for_update(of=ServiceRequest) if lock else query).one()


def list_outcomes_for_holder(session: Session, request_id: UUID) -> list[Outcome]:
    """Return the outcomes of a request, the latest first."""
    return list(
        session.scalars(
            select(Outcome)
            .where(Outcome.wall == Wall.OPEN, Outcome.request_id == request_id)
            .order_by(Outcome.owed_at.desc(), Outcome.id.desc())
        )
    )


def find_file_for_holder(session: Session, file_id: UUID) -> File | None:
    """Return a clean file that an outcome names."""
    return session.scalars(
        select(File).where(File.wall == Wall.OPEN, File.id == file_id, File.state == FileState.CLEAN)
    ).one_or_none()


def list_subjects_for_holder(session: Session, request_id: UUID) -> list[Subject]:
    """Return the subjects of a request with their people, in order, for the form that completes it."""
    return list(
        session.scalars(
            select(Subject)
            .where(Subject.wall == Wall.OPEN, Subject.request_id == request_id)
            .options(joinedload(Subject.person))
            .order_by(Subject.number)
        )
    )


def first_mailed(session: Session, request_id: UUID) -> dict[str, list[str]] | None:
    """Return what the mail said that a request began with, as it was taken down; None where it began otherwise."""
    query = (
        select(FormResponse)
        .join(ServiceRequest, ServiceRequest.id == FormResponse.request_id)
        .where(
            FormResponse.wall == Wall.OPEN,
            ServiceRequest.wall == Wall.OPEN,
            ServiceRequest.channel == Channel.EMAIL,
            FormResponse.request_id == request_id,
        )
        .order_by(FormResponse.at, FormResponse.id)
        .limit(1)
    )
    row = session.scalars(query).one_or_none()
    said: dict[str, list[str]] = (row.answers or {}).get("call", {}) if row is not None else {}
    return said if said.get("narrative") else None


def find_asked_for_holder(
    session: Session, asked_id: UUID, *, lock: bool = False
) -> tuple[AskedFor, ServiceRequest] | None:
    """Return what was asked and its request, which is locked first; None where it is there no more (SE-5)."""
    request_id = session.scalars(
        select(AskedFor.request_id).where(AskedFor.wall == Wall.OPEN, AskedFor.id == asked_id)
    ).one_or_none()
    if request_id is None:
        return None
    request = get_for_holder(session, request_id, lock=lock)
    query = select(AskedFor).where(AskedFor.wall == Wall.OPEN, AskedFor.id == asked_id)
    if lock:
        query = query.execution_options(populate_existing=True)
    return session.scalars(query).one(), request


def latest_form(session: Session, request_id: UUID) -> FormResponse | None:
    """Return the answers that stand last in a request that the caller has locked, for those that take their place."""
    query = select(FormResponse).where(FormResponse.wall == Wall.OPEN, FormResponse.request_id == request_id)
    return session.scalars(query.order_by(FormResponse.at.desc(), FormResponse.id.desc()).limit(1)).first()


def list_adults_for_holder(session: Session, request_id: UUID) -> list[tuple[Person, Relationship | None]]:
    """Return the adults of a request with how they are related, in the order in which they were told of."""
    query = (
        select(Person, Relationship)
        .outerjoin(Relationship, (Relationship.wall == Person.wall) & (Relationship.from_person_id == Person.id))
        .where(Person.wall == Wall.OPEN, Person.request_id == request_id, Person.is_child.is_(False))
        .order_by(Person.id)
    )
    return [(person, relationship) for person, relationship in session.execute(query)]
