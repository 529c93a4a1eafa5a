"""Every SELECT that is sent, with the function of the product that sends it, and whether the wall stands in it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import event

from infrastructure.database import db
from infrastructure.database.base import Base

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("demonstration", "helpdesk", "service_request", "infrastructure")
WALLED = {table.name for table in Base.metadata.tables.values() if "wall" in table.c} - {"team"}
_READ = re.compile(r"(?:\bFROM|\bJOIN|,)\s+(?:\()?\"?(\w+)\"?(?:\s+AS\s+\"?(\w+)\"?)?(?=[\s,)]|$)")


@dataclass(frozen=True)
class Sent:
    """A statement, and where in the product it comes from."""

    place: str
    statement: str

    def unwalled(self) -> list[str]:
        """Return the walled tables that it reads without the wall in its WHERE or JOIN."""
        return unwalled(self.statement)


def unwalled(statement: str) -> list[str]:
    """Return the tables of a SELECT that are read, under one name or another, more often than the wall bounds them."""
    reads: dict[tuple[str, str], int] = {}
    for table, alias in _READ.findall(statement):
        if table in WALLED:
            reads[table, alias or table] = reads.get((table, alias or table), 0) + 1
    return [table for (table, name), times in reads.items() if _bounds(statement, name) < times]


def _bounds(statement: str, name: str) -> int:
    compared = rf"\b{name}\.wall\s*(?:=|IN\b)|=\s*{name}\.wall\b"
    return len(re.findall(compared, statement))


@contextmanager
def sent() -> Iterator[set[Sent]]:
    """Collect every SELECT that the product sends meanwhile."""
    found: set[Sent] = set()

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")) and (place := _place(sys._getframe(1))):
            found.add(Sent(place, " ".join(statement.split())))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def _place(frame: FrameType | None) -> str:
    """Return the innermost function of the product; what tests read by themselves is nothing of it."""
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT):
            name = path.relative_to(ROOT).as_posix()
            if name.split("/")[0] in ROOMS and not name.startswith("infrastructure/database/"):
                return f"{name}::{frame.f_code.co_name.replace('<listcomp>', 'list')}"
            if name.startswith("tests/"):
                return ""
        frame = frame.f_back
    return ""
