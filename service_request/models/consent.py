"""What the family was told and what it agrees to: three answers kept apart (GL-4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, Wall, sealed_text
from service_request.domain.consent import Agrees, Told


class Consent(Entity):
    """One record of told, agreement and lawful basis; a later one is a new row and undoes nothing."""

    __tablename__ = "consent"
    __table_args__ = (Index(None, "wall", "request_id", "at"),)
    append_only: ClassVar[frozenset[str] | None] = frozenset(
        {"wall", "reason_sealed", "told_by_sealed", "agrees_who_sealed"}
    )

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    subject_id: Mapped[UUID | None] = mapped_column()
    told: Mapped[Told] = mapped_column()
    extra_code: Mapped[str | None] = mapped_column()  # an authority's own exception (GL-5)
    who_told: Mapped[str | None] = mapped_column()
    told_by_sealed: Mapped[bytes | None] = mapped_column()
    told_by = sealed_text("told_by_sealed")
    told_on: Mapped[date | None] = mapped_column()
    reason_sealed: Mapped[bytes | None] = mapped_column()
    reason = sealed_text("reason_sealed")
    agrees: Mapped[Agrees] = mapped_column()
    agrees_who_sealed: Mapped[bytes | None] = mapped_column()
    agrees_who = sealed_text("agrees_who_sealed")
    lawful_basis: Mapped[str | None] = mapped_column()
    by_kind: Mapped[str] = mapped_column()
    by_id: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column()
