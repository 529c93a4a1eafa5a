"""What holds the trail together: the seals over acts and looks, the anchors off the box, the runs that check both."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity


class SealKind(StrEnum):
    """What a seal is over: acts or looks."""

    EVENT = "event"
    ACCESS = "access"


class Seal(Entity):
    """One batch of acts or looks: each row with its digest, and the digest of the seal before (EV-5)."""

    __tablename__ = "seal"
    __table_args__ = (UniqueConstraint("seq"),)
    append_only: ClassVar[frozenset[str] | None] = frozenset()

    seq: Mapped[int] = mapped_column()  # one chain for acts and looks; unique, so that two workers make no fork
    kind: Mapped[SealKind] = mapped_column()
    at: Mapped[datetime] = mapped_column()
    count: Mapped[int] = mapped_column()
    rows: Mapped[dict[str, Any]] = mapped_column()  # {row id: digest}: a row that is gone or altered is named
    heads: Mapped[dict[str, Any]] = mapped_column()  # {"request <id>": [seq, hash]}: how far each stream had come
    prev: Mapped[str] = mapped_column()
    hash: Mapped[str] = mapped_column()


class Road(StrEnum):
    """The ways an anchor leaves the box."""

    MAIL = "mail"
    FILE = "file"


class Anchor(Entity):
    """The head of the seals as it left the box on one day: where a rewritten chain shows."""

    __tablename__ = "anchor"
    __table_args__ = (UniqueConstraint("day", "road"),)
    append_only: ClassVar[frozenset[str] | None] = frozenset()

    day: Mapped[date] = mapped_column()
    road: Mapped[Road] = mapped_column()
    seq: Mapped[int] = mapped_column()
    hash: Mapped[str] = mapped_column()
    events: Mapped[int] = mapped_column()
    looks: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column()


class TrailCheck(Entity):
    """One reading of the whole trail by the worker, in slices, with where it has got to."""

    __tablename__ = "trail_check"
    __table_args__ = (UniqueConstraint("day"),)

    day: Mapped[date] = mapped_column()
    place: Mapped[dict[str, Any]] = mapped_column()  # stage and cursor: where the next slice begins
    acts: Mapped[int] = mapped_column()
    looks: Mapped[int] = mapped_column()
    seals: Mapped[int] = mapped_column()
    faults: Mapped[int] = mapped_column()
    started_at: Mapped[datetime] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()
