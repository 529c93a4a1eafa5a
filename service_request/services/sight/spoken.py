"""What people of ours wrote in an enquiry, for the clock that an answer to it ends (SE-3). No user is asked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.outbox.models import MessageState, OutboxMessage
from infrastructure.trail import ActorKind
from service_request.models import Conversation, Direction, Message, ServiceRequest

WRITTEN = "reply"  # words of their own; an answer to "is it safe?", asked in words of ours, reached nobody
GONE = (MessageState.SENT, MessageState.DELIVERED)


def find_writer(session: Session, request: ServiceRequest, *, before: datetime) -> UUID | None:
    """Return who of ours wrote last and was sent before that moment; what never left can have reached nobody."""
    query = (
        select(Message.by_id)
        .join(OutboxMessage, (OutboxMessage.wall == Message.wall) & (OutboxMessage.id == Message.outbox_id))
        .where(
            Message.wall == request.wall,
            Message.request_id == request.id,
            Message.direction == Direction.OUT,
            Message.by_kind == ActorKind.USER,
            Message.kind == WRITTEN,
            OutboxMessage.state.in_(GONE),
            OutboxMessage.sent_at <= before,
        )
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def find_last_written(session: Session, conversation_id: UUID, *, before: datetime) -> datetime | None:
    """Return when somebody of ours last wrote in a thread inside the wall, up to this moment."""
    written = select(func.max(Message.at)).where(
        Message.wall == Wall.SENDIASS,
        Message.conversation_id == conversation_id,
        Message.direction == Direction.OUT,
        Message.by_kind == ActorKind.USER,
        Message.at <= before,
    )
    return session.scalars(written).one()


def list_threads_from(session: Session, folded_id: UUID, into_id: UUID) -> list[Conversation]:
    """Return the threads that came to an enquiry from one folded into it, and which no third one has since."""
    spoken = select(Message.id).where(
        Message.wall == Wall.SENDIASS, Message.request_id == folded_id, Message.conversation_id == Conversation.id
    )
    query = select(Conversation).where(
        Conversation.wall == Wall.SENDIASS,
        or_(
            Conversation.request_id == into_id,
            and_(Conversation.request_id.is_(None), Conversation.last_request_id == into_id),
        ),
        or_(Conversation.last_request_id == folded_id, spoken.exists()),
    )
    return list(session.scalars(query))
