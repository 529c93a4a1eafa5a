"""The enquiries inside the wall, for SENDIASS's own list (SE-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.identity.users import User
from service_request.models import Channel, ServiceRequest
from service_request.services.sight.visible import visible_to

ROWS_A_PAGE = 100


@dataclass(frozen=True)
class EnquiryRow:
    """An enquiry as the list shows it."""

    id: UUID
    reference: str
    received_at: datetime
    channel: Channel
    children: tuple[str, ...]
    asked_by: tuple[str, ...]


def list_enquiries(session: Session, user: User) -> list[EnquiryRow]:
    """Return what stands inside, the longest waiting first; outside the wall nobody has any."""
    query = (
        select(ServiceRequest)
        .where(visible_to(user), ServiceRequest.wall == Wall.SENDIASS, ServiceRequest.closed_at.is_(None))
        .order_by(ServiceRequest.received_at, ServiceRequest.id)
        .limit(ROWS_A_PAGE)
    )
    return [_row(row) for row in session.scalars(query)]


def _row(row: ServiceRequest) -> EnquiryRow:
    headline = row.headline or {}
    return EnquiryRow(
        id=row.id,
        reference=row.reference,
        received_at=row.received_at,
        channel=row.channel,
        children=tuple(headline.get("children", ())),
        asked_by=tuple(part for part in headline.get("asked_by", ()) if part),
    )
