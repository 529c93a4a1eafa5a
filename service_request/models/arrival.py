"""What reached us, exactly as it came."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, KeyedHash, Wall, sealed_bytes, sealed_text


class Channel(StrEnum):
    """The way in."""

    WEB = "web"
    CHAT = "chat"
    SMS = "sms"
    WHATSAPP = "whatsapp"
    PHONE = "phone"
    VOICEMAIL = "voicemail"
    EMAIL = "email"
    IN_PERSON = "in_person"
    API = "api"
    SHARE = "share"  # a concern that SENDIASS shared on purpose (SE-5)


class Disposition(StrEnum):
    """What an arrival turned out to be."""

    KEPT = "kept"  # stored and committed; nobody has tried to understand it yet (EV-1)
    HELD = "held"  # it could not be understood: it waits for a person
    REQUEST = "request"
    MESSAGE = "message"
    MACHINE = "machine"
    NOT_A_REQUEST = "not_a_request"
    REPEAT = "repeat"


class Arrival(Entity):
    """What reached us, exactly as it came; the same thing delivered twice finds the first row (EV-1, EV-3)."""

    __tablename__ = "arrival"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index(None, "wall", "request_id"),
        Index(
            "ix_arrival_kept",
            "wall",
            "received_at",
            sqlite_where=text("disposition = 'kept'"),
            postgresql_where=text("disposition = 'kept'"),
        ),
        Index(None, "wall", "conversation_id"),
    )
    append_only: ClassVar[frozenset[str] | None] = frozenset(
        {"wall", "disposition", "reason", "request_id", "conversation_id", "sender_sealed", "sender_hash", "raw_sealed"}
    )

    wall: Mapped[Wall] = mapped_column()
    channel: Mapped[Channel] = mapped_column()
    endpoint: Mapped[str] = mapped_column()  # our number, mailbox or form
    external_id: Mapped[str] = mapped_column()
    sender_sealed: Mapped[bytes | None] = mapped_column()
    sender = sealed_text("sender_sealed")
    sender_hash: Mapped[str | bytes | None] = mapped_column(
        KeyedHash("address", of=lambda row: row.sender and row.sender.lower())
    )
    raw_sealed: Mapped[bytes | None] = mapped_column()
    raw = sealed_bytes("raw_sealed")
    received_at: Mapped[datetime] = mapped_column()  # the earliest trusted time that it was in our hands
    stored_at: Mapped[datetime] = mapped_column()
    disposition: Mapped[Disposition] = mapped_column()
    reason: Mapped[str | None] = mapped_column()
    request_id: Mapped[UUID | None] = mapped_column()
    conversation_id: Mapped[UUID | None] = mapped_column()
    is_late: Mapped[bool] = mapped_column(
        default=False, server_default="0"
    )  # found by the reconcile job, not by a webhook
