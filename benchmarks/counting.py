"""Count what is sent to the database: a query is a statement sent (an executemany is one), BEGIN is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

NO_QUERY = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA")


@dataclass(repr=False)
class Counted:
    """What was sent while somebody counted: the statements in their order, and the commits."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0

    @property
    def queries(self) -> int:
        """Return how many statements were sent."""
        return len(self.statements)

    def __repr__(self) -> str:
        """Name each statement by its beginning, so that a changed count says what changed."""
        lines = [" ".join(statement.split())[:110] for statement in self.statements]
        return "\n".join([f"{self.commits} commits, {self.queries} queries:", *lines])


@contextmanager
def counting(engine: Engine) -> Iterator[Counted]:
    """Count every statement and commit on this engine."""
    counted = Counted()

    def sent(_: Any, __: Any, statement: str, *rest: Any) -> None:
        if not statement.lstrip().upper().startswith(NO_QUERY):
            counted.statements.append(statement)

    def committed(_: Any) -> None:
        counted.commits += 1

    event.listen(engine, "before_cursor_execute", sent)
    event.listen(engine, "commit", committed)
    try:
        yield counted
    finally:
        event.remove(engine, "before_cursor_execute", sent)
        event.remove(engine, "commit", committed)
