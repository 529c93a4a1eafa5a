"""What reached us and stands where it was kept: the system finds it by what the carrier calls it. No user is asked."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE
from service_request.models import Arrival, ArrivalMedia, Channel, File, MediaState

_DELIVERED_AS = select(Arrival.id).where(
    Arrival.wall.in_(EITHER_SIDE),
    Arrival.channel == bindparam("channel"),
    Arrival.external_id == bindparam("external_id"),
)


def get_arrival_id(session: Session, channel: Channel, external_id: str) -> UUID:
    """Return the first receipt of what was delivered again; it may have crossed the wall since."""
    return session.scalars(_DELIVERED_AS, {"channel": channel, "external_id": external_id}).one()


def list_known(session: Session, channel: Channel, external_ids: Iterable[str]) -> set[str]:
    """Return which of these have reached us."""
    query = select(Arrival.external_id).where(
        Arrival.wall.in_(EITHER_SIDE), Arrival.channel == channel, Arrival.external_id.in_(list(external_ids))
    )
    return set(session.scalars(query))


_OF_ARRIVAL = and_(Arrival.wall == ArrivalMedia.wall, Arrival.id == ArrivalMedia.arrival_id)


def list_media_to_fetch(session: Session, now: datetime, *, most: int = 50) -> list[UUID]:
    """Return the pictures and files of texts whose request is known, due and under no live lease, the oldest first."""
    free = or_(ArrivalMedia.lease_until.is_(None), ArrivalMedia.lease_until < now)
    query = (
        select(ArrivalMedia.id)
        .join(Arrival, _OF_ARRIVAL)
        .where(ArrivalMedia.wall.in_(EITHER_SIDE), ArrivalMedia.next_at <= now, free, Arrival.request_id.is_not(None))
        .order_by(ArrivalMedia.next_at, ArrivalMedia.arrival_id, ArrivalMedia.number)
        .limit(most)
    )
    found = list(session.scalars(query))
    session.rollback()
    return found


def lock_media(session: Session, media_id: UUID) -> ArrivalMedia | None:
    """Return a picture or file that waits to be fetched, locked; None when that is over."""
    query = (
        select(ArrivalMedia)
        .where(
            ArrivalMedia.wall.in_(EITHER_SIDE), ArrivalMedia.id == media_id, ArrivalMedia.state == MediaState.WAITING
        )
        .with_for_update(of=ArrivalMedia)
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).one_or_none()


def arrival_of(session: Session, media: ArrivalMedia) -> tuple[str, datetime, UUID | None]:
    """Return what the carrier calls the text that a picture came with, when it came, and its request.

    A file of a mail that a person put to another request goes there with it.
    """
    query = select(Arrival.external_id, Arrival.stored_at, Arrival.request_id).where(
        Arrival.wall == media.wall, Arrival.id == media.arrival_id
    )
    row = session.execute(query).one()
    return row.external_id, row.stored_at, media.request_id or row.request_id


def move_files(session: Session, arrival: Arrival, request_id: UUID) -> None:
    """Let what came with a mail stand with another request, inside the caller's transaction, which holds both locked.

    What is still to be taken out of it, or is under way, is filed there: a claim from before files nothing any more.
    """
    query = select(ArrivalMedia).where(ArrivalMedia.wall == arrival.wall, ArrivalMedia.arrival_id == arrival.id)
    of_it = session.scalars(query.with_for_update(of=ArrivalMedia).execution_options(populate_existing=True)).all()
    for media in of_it:
        media.request_id = request_id
        media.fence += 1
    filed = [media.file_id for media in of_it if media.file_id is not None]
    for file in session.scalars(select(File).where(File.wall == arrival.wall, File.id.in_(filed))):
        file.owner_id = request_id
