"""What was said about a request: in, out, or a note that is never sent."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, Wall, sealed_text


class Direction(StrEnum):
    """Which way a message goes; a note goes nowhere."""

    IN = "in"
    OUT = "out"
    NOTE = "note"
    CALL = "call"  # a phone call, logged by the one who made it


class Message(Entity):
    """One thing said; a note has no way out, by constraint."""

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("direction NOT IN ('note', 'call') OR outbox_id IS NULL", name="a_note_is_never_sent"),
        Index(None, "wall", "request_id", "at"),
        Index(None, "wall", "conversation_id", "at"),
    )
    append_only: ClassVar[frozenset[str] | None] = frozenset({"wall", "body_sealed", "understood_sealed"})

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column()
    arrival_id: Mapped[UUID | None] = mapped_column()
    outbox_id: Mapped[UUID | None] = mapped_column()
    conversation_id: Mapped[UUID | None] = mapped_column()
    direction: Mapped[Direction] = mapped_column()
    kind: Mapped[str] = (
        mapped_column()
    )  # note, call_reached, call_not_reached, asked, answered, acknowledgement, outcome...
    at: Mapped[datetime] = mapped_column()
    by_kind: Mapped[str] = mapped_column()
    by_id: Mapped[UUID | None] = mapped_column()
    body_sealed: Mapped[bytes | None] = mapped_column()
    body = sealed_text("body_sealed")
    understood_sealed: Mapped[bytes | None] = mapped_column()  # what the engine took it to say: "age 9"
    understood = sealed_text("understood_sealed")
