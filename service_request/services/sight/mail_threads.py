"""Who wrote by mail of a request that somebody has found by the rule, and what an answer to them goes on from (T7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, digests
from infrastructure.outbox import OutboxMessage, Thread
from service_request.domain.mail.types import MailKind
from service_request.models import Arrival, Direction, Mail, Message

MOST = 50  # of the latest mails of one request
PLAIN = "mail"  # the kinds of what an officer wrote: in the mail itself, or read behind a link and a code
BEHIND_LINK = "mail_link"
WRITTEN = (PLAIN, BEHIND_LINK)


@dataclass(frozen=True)
class Wrote:
    """Somebody who wrote by mail of a request, and when last."""

    address: str
    name: str
    at: datetime


def list_wrote(session: Session, request_id: UUID, *, wall: Wall) -> list[Wrote]:
    """Return each address that a person wrote from of this request, the latest first."""
    found: dict[str, Wrote] = {}
    for mail, _ in _mails(session, request_id, wall):
        head = mail.head or {}
        address = str(head.get("sender") or "")
        if address:
            found.setdefault(address, Wrote(address, str(head.get("sender_name") or ""), mail.at))
    return list(found.values())


def find_thread(session: Session, request_id: UUID, address: str, *, wall: Wall) -> Thread | None:
    """Return the thread that a mail to somebody goes on: that of their last mail of this request; None without one."""
    for mail, endpoint in _mails(session, request_id, wall):
        head = mail.head or {}
        if head.get("sender") == address.lower():
            before: Sequence[str] = head.get("references") or ()
            return Thread.answering(str(head.get("message_id") or ""), reversed(before), mailbox=endpoint)
    return None


def last_written_at(session: Session, request_id: UUID, address: str, *, wall: Wall) -> datetime | None:
    """Return when an officer last wrote to somebody of this request."""
    query = (
        select(Message.at)
        .join(OutboxMessage, OutboxMessage.id == Message.outbox_id)
        .where(
            Message.wall == wall,
            OutboxMessage.wall == wall,
            Message.request_id == request_id,
            Message.direction == Direction.OUT,
            Message.kind.in_(WRITTEN),
            OutboxMessage.to_hash.in_(digests("address", address.lower(), wall)),
        )
        .order_by(Message.at.desc())
    )
    return session.scalars(query.limit(1)).first()


def list_behind_link(session: Session, request_id: UUID, address: str, *, wall: Wall) -> list[Message]:
    """Return what was written to the holder of a link, to be read behind it, the latest first."""
    query = (
        select(Message)
        .join(OutboxMessage, OutboxMessage.id == Message.outbox_id)
        .where(
            Message.wall == wall,
            OutboxMessage.wall == wall,
            Message.request_id == request_id,
            Message.direction == Direction.OUT,
            Message.kind == BEHIND_LINK,
            OutboxMessage.to_hash.in_(digests("address", address.lower(), wall)),
        )
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(MOST)
    )
    return list(session.scalars(query))


def _mails(session: Session, request_id: UUID, wall: Wall) -> Iterator[tuple[Mail, str]]:
    query = (
        select(Mail, Arrival.endpoint)
        .join(Arrival, Arrival.id == Mail.arrival_id)
        .where(Mail.wall == wall, Arrival.wall == wall, Mail.request_id == request_id, Mail.kind == MailKind.PERSON)
        .order_by(Mail.at.desc(), Mail.id.desc())
        .limit(MOST)
    )
    return ((mail, endpoint) for mail, endpoint in session.execute(query))
