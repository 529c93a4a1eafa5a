"""Files kept with a request: so far the form returned, made by the worker."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, Wall, sealed_bytes, sealed_text


class FileState(StrEnum):
    """Whether a file may be served."""

    PENDING = "pending"
    CLEAN = "clean"
    WITHHELD = "withheld"
    ERASED = "erased"


class File(Entity):
    """A file, its content sealed in the database so that web and worker machines need share no disk."""

    __tablename__ = "file"
    __table_args__ = (Index(None, "wall", "owner_kind", "owner_id"),)

    wall: Mapped[Wall] = mapped_column()
    owner_kind: Mapped[str] = mapped_column()
    owner_id: Mapped[UUID] = mapped_column()
    name_sealed: Mapped[bytes] = mapped_column()
    name = sealed_text("name_sealed")
    kind: Mapped[str] = mapped_column()
    sha256: Mapped[str] = mapped_column()
    size: Mapped[int] = mapped_column()
    pages: Mapped[int | None] = mapped_column()
    content_sealed: Mapped[bytes | None] = mapped_column(deferred=True)
    content = sealed_bytes("content_sealed")
    state: Mapped[FileState] = mapped_column()
    made_at: Mapped[datetime] = mapped_column()
