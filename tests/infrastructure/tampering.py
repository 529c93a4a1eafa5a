"""What one can do to the trail who holds the database: the triggers off, no guard on the connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from infrastructure.database import db
from infrastructure.database.protection import append_only_tables, protect

Do = Callable[..., list[Any]]


def tamper(change: Callable[[Do], Any]) -> Any:
    """Run `change(do)` past triggers and rights, then put the triggers back, as somebody careful would."""
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        return _tamper_sqlite(change)
    with db.engine.begin() as connection:
        for table in append_only_tables():
            for act in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{act} ON {table}"))

        def do(statement: str, **values: Any) -> list[Any]:
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []

        found = change(do)
        protect(connection)
    return found


def _tamper_sqlite(change: Callable[[Do], Any]) -> Any:
    raw = sqlite3.connect(str(db.engine.url.database), isolation_level=None)
    try:
        raw.execute("PRAGMA synchronous=OFF")
        raw.execute("BEGIN IMMEDIATE")
        triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        found = change(lambda statement, **values: raw.execute(statement, values).fetchall())
        for _, sql in triggers:
            raw.execute(sql)
        raw.execute("COMMIT")
    finally:
        raw.close()
    return found


def alter(session: Session, statement: str, **values: Any) -> None:
    """Run one statement past triggers and rights."""
    tamper(lambda do: do(statement, **values))
    session.expire_all()
