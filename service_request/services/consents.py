"""What the family was told and agrees to: every answer a new row, the request shows the latest (GL-4)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.trail import Actor
from service_request.domain.consent import Agrees, Told
from service_request.models import Consent, ServiceRequest


def add_consent(
    session: Session,
    request: ServiceRequest,
    *,
    told: Told,
    agrees: Agrees,
    by: Actor,
    now: datetime,
    extra_code: str | None = None,
    who_told: str | None = None,
    told_by: str | None = None,
    told_on: date | None = None,
    reason: str | None = None,
    agrees_who: str | None = None,
    lawful_basis: str | None = None,
    subject_id: UUID | None = None,
) -> Consent:
    """Write one more answer inside the caller's transaction; it undoes nothing, and the request shows it."""
    row = Consent(
        wall=request.wall,
        request_id=request.id,
        subject_id=subject_id,
        told=told,
        extra_code=extra_code,
        who_told=who_told,
        told_by=told_by,
        told_on=told_on,
        reason=reason,
        agrees=agrees,
        agrees_who=agrees_who,
        lawful_basis=lawful_basis,
        by_kind=by.kind,
        by_id=by.id,
        at=now,
    )
    session.add(row)
    if subject_id is None:
        request.told = told
    return row


def find_latest(session: Session, request_id: UUID, subject_id: UUID | None = None) -> Consent | None:
    """Return the latest answer for the whole request or, when there is one, for this subject."""
    query = (
        select(Consent)
        .where(Consent.wall == Wall.OPEN, Consent.request_id == request_id)
        .order_by(Consent.at.desc(), Consent.id.desc())
    )
    rows = session.scalars(query).all()
    return next((row for row in rows if row.subject_id in (None, subject_id)), None)
