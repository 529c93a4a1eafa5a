"""Who is on duty: a rota by area or for the whole authority (EV-7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, Wall


class DutyTurn(Entity):
    """A turn of one person, who hears of what is late before anybody else of their rung does."""

    __tablename__ = "duty_turn"
    __table_args__ = (Index(None, "wall", "since", "until"),)

    wall: Mapped[Wall] = mapped_column()
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    area_id: Mapped[UUID | None] = mapped_column(ForeignKey("area.id"))  # None: every area
    since: Mapped[datetime] = mapped_column()
    until: Mapped[datetime] = mapped_column()
    made_by_id: Mapped[UUID | None] = mapped_column()
    made_at: Mapped[datetime] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()  # taken out of the rota
