"""What was kept and waits to be understood, and what its thread says already; for the worker. No user is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, joinedload

from infrastructure.database import EITHER_SIDE, Digest, Wall, digests
from service_request.models import (
    Arrival,
    Channel,
    Disposition,
    FormResponse,
    Referrer,
    ServiceRequest,
    Task,
    TaskKind,
)

BY_TEXT = (Channel.SMS, Channel.WHATSAPP)
MOST = 500


@dataclass(frozen=True)
class Waiting:
    """What one number sent to one of ours and nobody has understood yet; the id of the first stands for all."""

    first: UUID
    since: datetime
    latest: datetime


def list_waiting(session: Session) -> list[Waiting]:
    """Return, for each thread with texts that wait, when the first and the latest were stored, the oldest first."""
    query = (
        select(
            Arrival.id, Arrival.wall, Arrival.channel, Arrival.endpoint, Arrival.sender_hash, Arrival.stored_at
        )  # the partial index holds what is kept and not understood, and nothing else
        .where(Arrival.wall.in_(EITHER_SIDE), Arrival.disposition == Disposition.KEPT, Arrival.channel.in_(BY_TEXT))
        .order_by(Arrival.received_at, Arrival.id)
        .limit(MOST)
    )
    threads: dict[object, Waiting] = {}
    for row in session.execute(query):
        key = (row.wall, row.channel, row.endpoint, row.sender_hash or row.id)
        known = threads.get(key, Waiting(row.id, row.stored_at, row.stored_at))
        threads[key] = Waiting(known.first, min(known.since, row.stored_at), max(known.latest, row.stored_at))
    session.rollback()
    return list(threads.values())


def find_kept(session: Session, arrival_id: UUID) -> Arrival | None:
    """Return an arrival that still waits to be understood; None when another worker was here before."""
    query = select(Arrival).where(
        Arrival.wall.in_(EITHER_SIDE), Arrival.id == arrival_id, Arrival.disposition == Disposition.KEPT
    )
    return session.scalars(query).one_or_none()


def lock_kept(session: Session, like: Arrival) -> list[Arrival]:
    """Return everything that waits of the same thread, locked, in the order in which it was sent."""
    query = (
        select(Arrival)
        .where(
            Arrival.wall == like.wall,
            Arrival.channel == like.channel,
            Arrival.endpoint == like.endpoint,
            Arrival.sender_hash.in_(hashes_of(like.sender or "", like.wall)),
            Arrival.disposition == Disposition.KEPT,
        )
        .order_by(Arrival.received_at, Arrival.id)
        .with_for_update(of=Arrival)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def hashes_of(address: str, wall: Wall) -> list[Digest]:
    """Return the hashes under which an address may be stored on that side of the wall."""
    return [Digest(one) for one in digests("address", address.lower(), wall)]


def find_request(session: Session, request_id: UUID | None, *, wall: Wall) -> ServiceRequest | None:
    """Return the request of a thread, locked, on the thread's own side of the wall."""
    if request_id is None:
        return None
    query = (
        select(ServiceRequest)
        .where(ServiceRequest.wall == wall, ServiceRequest.id == request_id)
        .options(joinedload(ServiceRequest.referrer))
        .with_for_update(of=ServiceRequest)
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).one_or_none()


def last_danger_at(session: Session, request_id: UUID, *, wall: Wall) -> datetime | None:
    """Return when somebody was last alerted to danger in a request that nobody has seen to yet."""
    query = select(func.max(Task.made_at)).where(
        Task.wall == wall,
        Task.request_id == request_id,
        Task.kind == TaskKind.DANGER,
        Task.done_at.is_(None),
    )
    return session.scalars(query).one()


def count_unseen_danger(session: Session, channel: Channel, *, wall: Wall, since: datetime, most: int) -> int:
    """Count the alerts of danger by one way in that nobody has seen to yet, up to `most`."""
    query = (
        select(Task.id)
        .join(ServiceRequest, and_(ServiceRequest.wall == Task.wall, ServiceRequest.id == Task.request_id))
        .where(
            Task.wall == wall,
            Task.kind == TaskKind.DANGER,
            Task.done_at.is_(None),
            Task.made_at > since,
            ServiceRequest.channel == channel,
        )
        .limit(most)
    )
    return len(session.scalars(query).all())


def find_proof(session: Session, request: ServiceRequest) -> str | None:
    """Return by what it is known who wrote a request that the caller has locked, or None."""
    query = select(Referrer.proof).where(Referrer.wall == request.wall, Referrer.id == request.referrer_id)
    return session.scalars(query).one()


def count_unread(session: Session, *, wall: Wall, since: datetime, most: int) -> int:
    """Count what came since, could not be placed, and was read by nobody yet, up to `most`."""
    kinds = (TaskKind.UNREADABLE, TaskKind.UNROUTED)
    unread = (Task.wall == wall, Task.kind.in_(kinds), Task.done_at.is_(None), Task.made_at > since)
    return len(session.scalars(select(Task.id).where(*unread).limit(most)).all())


def latest_answers(session: Session, request_id: UUID, *, wall: Wall) -> dict[str, dict[str, list[str]]]:
    """Return what was answered last in a request that the caller has locked, page by page."""
    query = select(FormResponse).where(FormResponse.wall == wall, FormResponse.request_id == request_id)
    row = session.scalars(query.order_by(FormResponse.at.desc(), FormResponse.id.desc()).limit(1)).one_or_none()
    return row.answers or {} if row is not None else {}


def latest_response(session: Session, request_id: UUID, wall: Wall) -> UUID | None:
    """Return the answers that stand last in a request that the caller has locked, for those that take their place."""
    query = select(FormResponse.id).where(FormResponse.wall == wall, FormResponse.request_id == request_id)
    return session.scalars(query.order_by(FormResponse.at.desc(), FormResponse.id.desc()).limit(1)).first()
