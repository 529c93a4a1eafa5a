"""What came for a request after it had ended, read inside the act of a person who sees it. No user is asked here."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from service_request.models import Direction, FormResponse, Message, ServiceRequest
from service_request.services.refusals import NotYoursError


def list_heard(session: Session, request: ServiceRequest) -> list[Message]:
    """Return what they wrote in a locked request, in its order."""
    query = select(Message).where(
        Message.wall == request.wall, Message.request_id == request.id, Message.direction == Direction.IN
    )
    return list(session.scalars(query.order_by(Message.at, Message.id)))


def get_late_answers(session: Session, request: ServiceRequest, response_id: UUID) -> FormResponse:
    """Return a form of a locked request, or raise NotYoursError."""
    query = select(FormResponse).where(
        FormResponse.wall == request.wall, FormResponse.request_id == request.id, FormResponse.id == response_id
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotYoursError
    return row
