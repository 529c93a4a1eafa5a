"""Sight that is taken away: from a colleague who is connected with the family, whatever their role."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, Wall


class SightBar(Entity):
    """One colleague who may not see one request; it wins over every role and grant, break-glass included (EV-5)."""

    __tablename__ = "sight_bar"
    __table_args__ = (Index(None, "wall", "user_id", "until"), Index(None, "wall", "request_id"))

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column()
    user_id: Mapped[UUID] = mapped_column()
    since: Mapped[datetime] = mapped_column()
    until: Mapped[datetime | None] = mapped_column()
    by_id: Mapped[UUID] = mapped_column()
    reason_code: Mapped[str] = mapped_column()
