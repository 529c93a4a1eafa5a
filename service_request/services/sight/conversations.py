"""What was said in an enquiry, word for word, and the threads it was said in; inside the wall alone (SE-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from infrastructure.outbox.models import MessageState, OutboxMessage
from service_request.models import Channel, Conversation, Direction, Message, Safe, ServiceRequest, Silenced
from service_request.services.sight.viewing import Part
from service_request.services.sight.visible import visible_to

MOST = 200  # nothing opens more than 200 sealed rows for a page


@dataclass(frozen=True)
class Spoken:
    """One thing said: theirs untouched, ours with how far it came, a note or a call of staff."""

    id: UUID
    at: datetime
    direction: Direction
    kind: str
    body: str
    understood: str | None
    by: str | None  # a person of ours; None: they, or the front door by itself
    outbox_id: UUID | None
    state: MessageState | None
    sent_at: datetime | None
    conversation_id: UUID | None


@dataclass(frozen=True)
class ThreadFacts:
    """A conversation with one number or address of theirs."""

    id: UUID
    channel: Channel
    endpoint: str
    counterpart: str
    safe: Safe
    opted_out_at: datetime | None
    silenced: Silenced | None
    silenced_at: datetime | None
    heard_at: datetime
    is_open: bool  # what comes next belongs to this enquiry
    language: str | None


def list_spoken(session: Session, request_id: UUID, user: User) -> list[Spoken]:
    """Return the last of what was said in an enquiry, the earliest first, with how far each message out has come."""
    query = (
        select(Message, OutboxMessage.state, OutboxMessage.sent_at, UserAccount.name)
        .join(ServiceRequest, ServiceRequest.id == Message.request_id)
        .outerjoin(OutboxMessage, (OutboxMessage.wall == Message.wall) & (OutboxMessage.id == Message.outbox_id))
        .outerjoin(UserAccount, UserAccount.id == Message.by_id)
        .where(visible_to(user, Part.NOTES), Message.wall == ServiceRequest.wall, Message.request_id == request_id)
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(MOST)
    )
    found = [
        Spoken(
            id=row.id,
            at=row.at,
            direction=row.direction,
            kind=row.kind,
            body=row.body or "",
            understood=row.understood,
            by=by,
            outbox_id=row.outbox_id,
            state=state,
            sent_at=sent_at,
            conversation_id=row.conversation_id,
        )
        for row, state, sent_at, by in session.execute(query)
    ]
    return found[::-1]


def list_threads(session: Session, request_id: UUID, user: User) -> list[ThreadFacts]:
    """Return the threads of an enquiry, the one they wrote in last first."""
    of_it = or_(Conversation.request_id == request_id, Conversation.last_request_id == request_id)
    query = (
        select(Conversation)
        .join(ServiceRequest, ServiceRequest.wall == Conversation.wall)
        .where(visible_to(user), ServiceRequest.id == request_id, Conversation.wall == user.wall, of_it)
        .order_by(Conversation.heard_at.desc())
    )
    return [
        ThreadFacts(
            id=row.id,
            channel=row.channel,
            endpoint=row.endpoint,
            counterpart=row.counterpart or "",
            safe=row.safe,
            opted_out_at=row.opted_out_at,
            silenced=row.silenced,
            silenced_at=row.silenced_at,
            heard_at=row.heard_at,
            is_open=row.request_id == request_id,
            language=row.language,
        )
        for row in session.scalars(query)
    ]
