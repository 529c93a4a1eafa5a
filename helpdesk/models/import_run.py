"""An import of the authority's own tables, with the file as it was and what came of each row (A4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, sealed_bytes


class ImportRun(Entity):
    """One file, taken whole or refused whole."""

    __tablename__ = "import_run"
    append_only: ClassVar[frozenset[str] | None] = frozenset({"content_sealed"})

    kind: Mapped[str] = mapped_column()
    content_sealed: Mapped[bytes | None] = mapped_column()
    content = sealed_bytes("content_sealed")
    digest: Mapped[bytes] = mapped_column()
    is_accepted: Mapped[bool] = mapped_column()
    rows: Mapped[int] = mapped_column()
    added: Mapped[int] = mapped_column()
    changed: Mapped[int] = mapped_column()
    ended: Mapped[int] = mapped_column()
    report: Mapped[list[Any]] = mapped_column()  # [row, column, code of the fault], never what stood there
    by_id: Mapped[UUID | None] = mapped_column()  # None: from the command line
    at: Mapped[datetime] = mapped_column()
