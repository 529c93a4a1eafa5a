"""What whoever sent the web form to SENDIASS may read again: a receipt, and nothing of the matter (SE-5, T21)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from service_request.models import Arrival, Channel, Enquiry, Referrer, ServiceRequest
from service_request.pathways.sendiass.codes import EnquirerKind

INSIDE = Wall.SENDIASS


@dataclass(frozen=True)
class SentBefore:
    """A form that is here already."""

    request_id: UUID
    raw: bytes


@dataclass(frozen=True)
class Asked:
    """What a receipt is made of."""

    reference: str
    received_at: datetime
    is_danger: bool
    is_professional: bool
    has_way: bool
    has_email: bool
    is_safe: bool


def find_sent_before(session: Session, form_id: str) -> SentBefore | None:
    """Return the form that was sent under this id, or None (EV-3)."""
    row = session.scalars(
        select(Arrival).where(Arrival.wall == INSIDE, Arrival.channel == Channel.WEB, Arrival.external_id == form_id)
    ).one_or_none()
    return SentBefore(row.request_id, row.raw or b"") if row is not None and row.request_id is not None else None


def read_asked(session: Session, request_id: UUID) -> Asked | None:
    """Return what the receipt of an enquiry says."""
    found = session.execute(
        select(ServiceRequest, Enquiry, Referrer)
        .join(Enquiry, (Enquiry.wall == ServiceRequest.wall) & (Enquiry.request_id == ServiceRequest.id))
        .join(Referrer, (Referrer.wall == ServiceRequest.wall) & (Referrer.id == ServiceRequest.referrer_id))
        .where(ServiceRequest.wall == INSIDE, ServiceRequest.id == request_id)
    ).one_or_none()
    if found is None:
        return None
    request, enquiry, referrer = found
    return Asked(
        reference=request.reference,
        received_at=request.received_at,
        is_danger=request.urgency == "danger",
        is_professional=enquiry.enquirer is EnquirerKind.PROFESSIONAL,
        has_way=bool(referrer.phone_sealed or referrer.email_sealed),
        has_email=bool(referrer.email_sealed),
        is_safe=referrer.safe != "no",
    )
