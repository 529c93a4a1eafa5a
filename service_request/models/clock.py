"""A promise with a due time."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, Wall, sealed_text


class ClockKind(StrEnum):
    """What is promised."""

    DECISION = "decision"  # GL-8
    ACKNOWLEDGE = "acknowledge"  # GL-17
    WRITTEN_FORM = "written_form"  # GL-17
    FIRST_CONTACT = "first_contact"  # SE-3: a person of ours reaches them within 5 working days
    STATUTORY = "statutory"  # SE-3: a date that the law sets
    ANSWER = "answer"  # GL-17: what was asked of a referrer


class ClockEnd(StrEnum):
    """Why a clock stopped; there is no other way (EV-7)."""

    MET = "met"
    FOLDED = "folded"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    HANDED_OVER = "handed_over"  # to SENDIASS, where the promise is another (SE-5)


class Clock(Entity):
    """A due time with its working: warned before, escalated after, ended once (EV-7)."""

    __tablename__ = "clock"
    __table_args__ = (
        Index(
            "uq_clock_open",
            "wall",
            "owner_kind",
            "owner_id",
            "kind",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(  # what runs is little beside what ran, and the queue reads this and no row
            "ix_clock_running",
            "wall",
            "request_id",
            "due_at",
            "kind",
            "warn_at",
            "warned_at",
            "escalated_at",
            "ended_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(None, "wall", "next_act_at"),
        Index(None, "wall", "request_id"),
        Index(None, "wall", "owner_id"),
        Index(None, "wall", "due_at"),  # what was late, the latest first
    )

    wall: Mapped[Wall] = mapped_column()
    owner_kind: Mapped[str] = mapped_column()  # request | assignment
    owner_id: Mapped[UUID] = mapped_column()
    request_id: Mapped[UUID] = mapped_column()
    kind: Mapped[ClockKind] = mapped_column()
    started_at: Mapped[datetime] = mapped_column()
    due_at: Mapped[datetime] = mapped_column()
    warn_at: Mapped[datetime] = mapped_column()
    escalate_at: Mapped[datetime] = mapped_column()
    next_act_at: Mapped[datetime | None] = mapped_column()  # when the sweeper looks at it next; None: never again
    working: Mapped[list[Any]] = mapped_column()  # [label, value] lines that show how the due time came about
    warned_at: Mapped[datetime | None] = mapped_column()
    escalated_at: Mapped[datetime | None] = mapped_column()
    level: Mapped[int] = mapped_column(default=0, server_default="0")  # how far up the chain it has been told
    from_clock_id: Mapped[UUID | None] = mapped_column()  # whose earlier due time it took over when that was folded in
    ended_at: Mapped[datetime | None] = mapped_column()
    end: Mapped[ClockEnd | None] = mapped_column()


class ClockBreach(Entity):
    """Why a promise was broken, as a person recorded it (EV-7)."""

    __tablename__ = "clock_breach"
    __table_args__ = (Index(None, "wall", "clock_id"), Index(None, "wall", "request_id"))
    append_only: ClassVar[frozenset[str] | None] = frozenset({"wall", "words_sealed"})

    wall: Mapped[Wall] = mapped_column()
    clock_id: Mapped[UUID] = mapped_column(ForeignKey("clock.id"))
    request_id: Mapped[UUID] = mapped_column()
    code: Mapped[str] = mapped_column()
    words_sealed: Mapped[bytes | None] = mapped_column()
    words = sealed_text("words_sealed")
    by_id: Mapped[UUID] = mapped_column()
    at: Mapped[datetime] = mapped_column()
