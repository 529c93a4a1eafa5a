"""What was decided and done, as told to the one who asked (GL-14)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, Wall, sealed_json


class Audience(StrEnum):
    """Who reads an outcome."""

    PROFESSIONAL = "professional"
    FAMILY = "family"
    PUBLIC = "public"


class OutcomeState(StrEnum):
    """How far the telling has come."""

    OWED = "owed"
    SENT = "sent"
    FAILED = "failed"
    NOT_DELIVERABLE = "not_deliverable"  # an officer recorded why nobody can be told


class Outcome(Entity):
    """One telling of one decision; a request cannot close while it is owed (GL-14)."""

    __tablename__ = "outcome"
    __table_args__ = (
        Index(None, "wall", "request_id"),
        Index(None, "wall", "state"),
        Index(None, "wall", "pdf_wanted_at"),
        Index(None, "wall", "outbox_id"),
    )
    append_only: ClassVar[frozenset[str] | None] = frozenset(
        {"state", "file_id", "outbox_id", "body_sealed", "reason", "told_at", "pdf_wanted_at"}
    )

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    decision_id: Mapped[UUID | None] = mapped_column()
    audience: Mapped[Audience] = mapped_column()
    body_sealed: Mapped[bytes | None] = mapped_column()
    body = sealed_json("body_sealed")
    file_id: Mapped[UUID | None] = mapped_column()  # the form returned, once the worker has made it
    pdf_wanted_at: Mapped[datetime | None] = mapped_column()  # when the worker makes it next; None: made or not wanted
    outbox_id: Mapped[UUID | None] = mapped_column()
    state: Mapped[OutcomeState] = mapped_column()
    reason: Mapped[str | None] = mapped_column()  # coded: no_address, unsafe, declined, logged_call
    owed_at: Mapped[datetime] = mapped_column()
    told_at: Mapped[datetime | None] = mapped_column()
