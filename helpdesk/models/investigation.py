"""An export of the trail for an investigation: who asked, about what, why, and who else agreed."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, Wall


class About(StrEnum):
    """What an investigation is about."""

    REQUEST = "request"
    PERSON = "person"  # a member of staff


class Investigation(Entity):
    """One export of the trail, asked for by one and, past the cap, agreed by another (T24)."""

    __tablename__ = "investigation"
    __table_args__ = (Index(None, "wall", "asked_at"),)

    wall: Mapped[Wall] = mapped_column()
    about: Mapped[About] = mapped_column()
    about_id: Mapped[UUID] = mapped_column()
    since: Mapped[date] = mapped_column()
    until: Mapped[date] = mapped_column()
    reason_code: Mapped[str] = mapped_column()
    rows: Mapped[int] = mapped_column()  # as counted when it was asked for
    asked_by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[datetime] = mapped_column()
    answered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    answered_at: Mapped[datetime | None] = mapped_column()
    is_agreed: Mapped[bool | None] = mapped_column()  # None: needs no second person, or waits for one
    taken_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}
