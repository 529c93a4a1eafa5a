"""Sight that is given: to a team or a user, for a reason, for a time."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, Wall, sealed_text


class GrantWhy(StrEnum):
    """Why somebody may see what their own team would not show them."""

    ASSIGNED = "assigned"
    SHARE = "share"
    RESTRICTED = "restricted"
    BREAK_GLASS = "break_glass"
    OFFERED = "offered"


class Grant(Entity):
    """Sight of one subject (or, with none named, of the request), for one team or user; dead the moment it ends."""

    __tablename__ = "sight_grant"
    __table_args__ = (
        Index(None, "wall", "team_id", "until"),
        Index(None, "wall", "user_id", "until"),
        Index(None, "wall", "request_id"),
        Index(None, "wall", "assignment_id"),
    )

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column()
    subject_id: Mapped[UUID | None] = mapped_column()
    team_id: Mapped[UUID | None] = mapped_column()
    user_id: Mapped[UUID | None] = mapped_column()
    assignment_id: Mapped[UUID | None] = mapped_column()
    why: Mapped[GrantWhy] = mapped_column()
    scope: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # parts of the request; None: all of them
    reason_code: Mapped[str | None] = mapped_column()
    reason_sealed: Mapped[bytes | None] = mapped_column()
    reason = sealed_text("reason_sealed")
    by_id: Mapped[UUID | None] = mapped_column()
    ended_by_id: Mapped[UUID | None] = mapped_column()
    since: Mapped[datetime] = mapped_column()
    until: Mapped[datetime | None] = mapped_column()
