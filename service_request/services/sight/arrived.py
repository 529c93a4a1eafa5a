"""What reached us and stands where it was kept: the system finds it by what the carrier calls it. No user is asked."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE
from service_request.models import Arrival, Channel


def get_arrival_id(session: Session, channel: Channel, external_id: str) -> UUID:
    """Return the first receipt of what was delivered again; it may have crossed the wall since."""
    query = select(Arrival.id).where(
        Arrival.wall.in_(EITHER_SIDE), Arrival.channel == channel, Arrival.external_id == external_id
    )
    return session.scalars(query).one()


def list_known(session: Session, channel: Channel, external_ids: Iterable[str]) -> set[str]:
    """Return which of these have reached us."""
    query = select(Arrival.external_id).where(
        Arrival.wall.in_(EITHER_SIDE), Arrival.channel == channel, Arrival.external_id.in_(list(external_ids))
    )
    return set(session.scalars(query))
