"""Checks that the desk makes before it passes a request on, as data."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, Wall, sealed_text


class ScreeningCheck(Entity):
    """A check that this authority wants recorded: is the child known, is there a plan, was the school asked."""

    __tablename__ = "screening_check"

    code: Mapped[str] = mapped_column(unique=True)
    label: Mapped[str] = mapped_column()
    hint: Mapped[str | None] = mapped_column()
    position: Mapped[int] = mapped_column(default=0)
    until: Mapped[datetime | None] = mapped_column()  # wanted until then; None: still


class CheckMade(Entity):
    """What an officer found, once for each time they looked."""

    __tablename__ = "check_made"
    __table_args__ = (Index(None, "wall", "request_id"),)
    append_only: ClassVar[frozenset[str] | None] = frozenset({"wall", "words_sealed"})

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    code: Mapped[str] = mapped_column()
    found: Mapped[str] = mapped_column()  # yes | no | not_known
    words_sealed: Mapped[bytes | None] = mapped_column()
    words = sealed_text("words_sealed")
    by_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = mapped_column()
