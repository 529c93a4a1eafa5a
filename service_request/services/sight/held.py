"""A message that the outgoing guard held back, as whoever sees its request may read it (EV-6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from infrastructure.identity.models import SecretLink
from infrastructure.identity.users import User
from infrastructure.outbox import MessageState, OutboxMessage
from service_request.models import ServiceRequest
from service_request.services.refusals import NotYoursError
from service_request.services.sight.visible import visible_to


@dataclass(frozen=True)
class HeldFacts:
    """A message that was held back, and what was caught in it."""

    id: UUID
    request_id: UUID
    reference: str
    children: tuple[str, ...]
    channel: str
    template: str
    to: str
    subject: str
    text: str
    caught: tuple[tuple[str, str, str], ...]  # (where, what it tells, the words)
    state: MessageState
    owed_at: datetime

    @property
    def is_held(self) -> bool:
        """Tell whether somebody must still say what becomes of it."""
        return self.state is MessageState.HELD


def get_held(session: Session, message_id: UUID, user: User) -> HeldFacts:
    """Return a message that was once held back, of a request that the user sees; raise NotYoursError."""
    straight = and_(OutboxMessage.about_kind == "request", OutboxMessage.about_id == ServiceRequest.id)
    by_link = and_(SecretLink.about_kind == "request", SecretLink.about_id == ServiceRequest.id)
    query = (
        select(OutboxMessage, ServiceRequest)
        .select_from(OutboxMessage)
        .outerjoin(
            SecretLink,
            and_(
                SecretLink.wall == OutboxMessage.wall,
                OutboxMessage.about_kind == "link",
                SecretLink.id == OutboxMessage.about_id,
            ),
        )
        .join(ServiceRequest, or_(straight, by_link))
        .where(
            visible_to(user),
            OutboxMessage.wall == ServiceRequest.wall,
            OutboxMessage.id == message_id,
            OutboxMessage.caught_sealed.is_not(None),
        )
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotYoursError
    row, request = found
    headline = request.headline or {}
    return HeldFacts(
        id=row.id,
        request_id=request.id,
        reference=request.reference,
        children=tuple(headline.get("children", ())),
        channel=row.channel,
        template=row.template,
        to=row.to or "",
        subject=row.body["subject"],
        text=row.body["text"],
        caught=tuple((one["where"], one["telling"], one["words"]) for one in row.caught or []),
        state=row.state,
        owed_at=row.owed_at,
    )
