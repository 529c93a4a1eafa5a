"""The access log: who looked at what, when, and why."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, insert, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from infrastructure.database import Entity, Wall, transaction
from infrastructure.trail.events import Actor, ActorKind


class Access(StrEnum):
    """The kinds of look."""

    VIEW = "view"
    LIST = "list"
    SEARCH = "search"
    EXPORT = "export"
    PRINT = "print"
    BREAK_GLASS = "break_glass"


class AccessLog(Entity):
    """One look at one record, or at a list of them."""

    __tablename__ = "access_log"
    __table_args__ = (
        Index(None, "wall", "request_id", "at"),
        Index(None, "wall", "actor_id", "at"),
        Index(
            "ix_access_log_unsealed",
            "id",
            sqlite_where=text("seal_id IS NULL"),
            postgresql_where=text("seal_id IS NULL"),
        ),
    )
    append_only: ClassVar[frozenset[str] | None] = frozenset({"seal_id"})

    at: Mapped[datetime] = mapped_column()
    wall: Mapped[Wall] = mapped_column()
    actor_kind: Mapped[ActorKind] = mapped_column()
    actor_id: Mapped[UUID | None] = mapped_column()
    act: Mapped[Access] = mapped_column()
    request_id: Mapped[UUID | None] = mapped_column()
    ids: Mapped[list[Any]] = mapped_column()
    reason_code: Mapped[str | None] = (
        mapped_column()
    )  # a code, never a text: why the glass was broken, or an export made
    seal_id: Mapped[UUID | None] = mapped_column()  # given by the worker; None: not sealed yet


_LOOK = insert(AccessLog)  # put together once: every page of a record writes one, and no more than this row


def log_access(
    session: Session,
    act: Access,
    *,
    by: Actor,
    now: datetime,
    request_id: UUID | None = None,
    ids: list[UUID] | None = None,
    wall: Wall = Wall.OPEN,
    reason_code: str | None = None,
) -> None:
    """Write one look in a short transaction of its own (EV-5); call it before the page is read."""
    with transaction(session):
        look = {
            "wall": wall,
            "at": now,
            "actor_kind": by.kind,
            "actor_id": by.id,
            "act": act,
            "request_id": request_id,
            "ids": [str(one) for one in ids or []],
            "reason_code": reason_code,
        }
        session.connection().execute(_LOOK, look)
