"""What the front door wrote by itself stands among what was said in a request, beside the letter that it owed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from infrastructure.outbox import OutboxMessage
from infrastructure.trail import ActorKind
from service_request.models import Direction, Message, ServiceRequest


def keep_letter(session: Session, request: ServiceRequest, letter: OutboxMessage, kind: str, *, now: datetime) -> None:
    """Add an owed letter to what was said in its request, on the request's side of the wall."""
    session.add(
        Message(
            wall=request.wall,
            request_id=request.id,
            outbox_id=letter.id,
            direction=Direction.OUT,
            kind=kind,
            at=now,
            by_kind=ActorKind.SYSTEM,
        )
    )
