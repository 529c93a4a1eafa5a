"""What is owed to people outside, and every try at sending it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, KeyedHash, Wall, sealed_json, sealed_text


class MessageState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    TRYING_AGAIN = "trying_again"
    SENT = "sent"
    DELIVERED = "delivered"  # the carrier says that it reached the phone
    FAILED = "failed"
    HELD = "held_back"  # the outgoing guard stopped it: a person says what becomes of it
    CANCELLED = "cancelled"  # held back, and told by another way


class Result(StrEnum):
    """What one try led to."""

    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNKNOWN = "unknown"
    WITHHELD = "withheld"
    DELIVERED = "delivered"  # told by the carrier later
    BOUNCED = "bounced"  # told by a mail that came back (F21)


class OutboxMessage(Entity):
    """One message to one address, rendered when it is owed."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index(None, "wall", "about_kind", "about_id"),
        Index(None, "wall", "next_at"),
        Index(None, "wall", "to_hash"),
        Index(None, "wall", "carrier_id"),
        Index(None, "wall", "message_id"),
    )

    key: Mapped[str] = mapped_column(unique=True)  # cause, template and recipient: owed once
    wall: Mapped[Wall] = mapped_column()
    channel: Mapped[str] = mapped_column()
    template: Mapped[str] = mapped_column()
    to_sealed: Mapped[bytes] = mapped_column()
    to = sealed_text("to_sealed")
    to_hash: Mapped[str | bytes] = mapped_column(KeyedHash("address", of=lambda row: (row.to or "").lower()))
    body_sealed: Mapped[bytes] = mapped_column()
    body = sealed_json("body_sealed")  # {"subject", "text", "facts", "own"}
    endpoint: Mapped[str | None] = mapped_column()  # of a text: which of our numbers it leaves from
    carrier_id: Mapped[str | None] = mapped_column()  # what the carrier calls it (MessageSid)
    delivered_at: Mapped[datetime | None] = mapped_column()
    message_id: Mapped[str] = mapped_column()
    automatic: Mapped[bool] = mapped_column(default=True, server_default="1")  # no person wrote it: the header says so
    thread_sealed: Mapped[bytes | None] = mapped_column()
    thread = sealed_json("thread_sealed")  # {"in_reply_to", "references", "mailbox"}: which mail it answers
    about_kind: Mapped[str] = mapped_column()
    about_id: Mapped[UUID] = mapped_column()
    state: Mapped[MessageState] = mapped_column()
    owed_at: Mapped[datetime] = mapped_column()
    next_at: Mapped[datetime | None] = mapped_column()  # None: nothing more to do
    lease_until: Mapped[datetime | None] = mapped_column()
    fence: Mapped[int] = mapped_column()
    tries: Mapped[int] = mapped_column()
    sent_at: Mapped[datetime | None] = mapped_column()
    caught_sealed: Mapped[bytes | None] = mapped_column()
    caught = sealed_json("caught_sealed")  # what the guard caught: [{"where", "telling", "words"}]
    released_at: Mapped[datetime | None] = mapped_column()  # somebody read it and said that it may go
    released_by_id: Mapped[UUID | None] = mapped_column()


class DeliveryAttempt(Entity):
    """One try at sending one message."""

    __tablename__ = "delivery_attempt"
    __table_args__ = (UniqueConstraint("outbox_id", "n"),)
    append_only: ClassVar[frozenset[str] | None] = frozenset()

    outbox_id: Mapped[UUID] = mapped_column(ForeignKey("outbox_message.id"))
    n: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column()
    result: Mapped[Result] = mapped_column()
    code: Mapped[str | None] = mapped_column()
