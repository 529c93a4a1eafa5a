"""Reasons that an authority may choose from, as data (GL-8, GL-17)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity


class ReasonKind(StrEnum):
    """What the reason is for."""

    SET_ASIDE = "set_aside"
    HAND_BACK = "hand_back"
    WITHDRAW = "withdraw"
    AMEND = "amend"
    GIVE_UP = "give_up"
    BREACH = "breach"


class CodedReason(Entity):
    """A reason by code, with its words; one that is no longer offered stays readable."""

    __tablename__ = "coded_reason"
    __table_args__ = (UniqueConstraint("kind", "code"),)

    kind: Mapped[ReasonKind] = mapped_column()
    code: Mapped[str] = mapped_column()
    label: Mapped[str] = mapped_column()
    position: Mapped[int] = mapped_column(default=0)
    until: Mapped[datetime | None] = mapped_column()  # offered no more since then; None: still
