"""What the running application may do to append-only tables: add, and change the free columns; nothing more.

PostgreSQL knows two roles: the owner migrates, the application's role is granted what is named here. SQLite knows no
roles, so each connection of the application refuses by itself what the triggers refuse, and to take the triggers off.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.exc import OperationalError

from infrastructure.database.protection import append_only_tables
from infrastructure.settings import SettingsRefusedError

log = structlog.get_logger("rights")

_DDL = frozenset(
    {
        sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
        sqlite3.SQLITE_CREATE_TRIGGER,
        sqlite3.SQLITE_DROP_TEMP_TRIGGER,
        sqlite3.SQLITE_DROP_TRIGGER,
    }
)
_PRAGMAS = frozenset({"writable_schema", "recursive_triggers", "defer_foreign_keys", "ignore_check_constraints"})


class RoleMissingError(Exception):
    """The role that the application is to sign in with is not there."""


def hold_back(engine: Engine) -> None:
    """Let SQLite's connections of the application add to append-only tables, and change only what is free in them."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA recursive_triggers=ON")  # or INSERT OR REPLACE deletes past the triggers
        connection.set_authorizer(_judge(append_only_tables()))


@contextmanager
def as_owner(connection: Connection) -> Iterator[None]:
    """Let a migration change tables and triggers; on PostgreSQL that is the right of the role that owns them."""
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    raw.set_authorizer(None)
    try:
        yield
    finally:
        raw.set_authorizer(_judge(append_only_tables()))


def _judge(tables: dict[str, frozenset[str]]) -> Callable[[int, str | None, str | None, str | None, str | None], int]:
    def judge(action: int, first: str | None, second: str | None, _: str | None, __: str | None) -> int:
        if action == sqlite3.SQLITE_READ:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_UPDATE:
            refused = (first in tables and second not in tables[first]) or str(first).startswith("sqlite_")
        elif action in (sqlite3.SQLITE_DELETE, sqlite3.SQLITE_DROP_TABLE):
            refused = first in tables
        elif action in _DDL or action == sqlite3.SQLITE_ALTER_TABLE:
            refused = second in tables
        else:
            refused = action == sqlite3.SQLITE_PRAGMA and first in _PRAGMAS and second is not None
        return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK

    return judge


def grant_rights(connection: Connection, role: str) -> None:
    """Give the application's role what it needs and no more, after every migration (PostgreSQL; run by the owner)."""
    if connection.dialect.name != "postgresql":
        return
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}) is None:
        raise RoleMissingError(f"There is no role {role}: CREATE ROLE {role} LOGIN PASSWORD '...', then upgrade again.")
    quoted, append_only = connection.dialect.identifier_preparer.quote_identifier, append_only_tables()
    to = quoted(role)
    do = connection.exec_driver_sql
    schema = quoted(str(connection.scalar(text("SELECT current_schema()"))))
    do(f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {to}")
    do(f"GRANT USAGE ON SCHEMA {schema} TO {to}")
    for table in inspect(connection).get_table_names():
        name = quoted(table)
        do(f"REVOKE ALL ON {name} FROM PUBLIC, {to}")
        if table == "alembic_version":
            do(f"GRANT SELECT ON {name} TO {to}")
        elif table in append_only:
            do(f"GRANT SELECT, INSERT ON {name} TO {to}")
            if free := ", ".join(quoted(column) for column in sorted(append_only[table])):
                do(f"GRANT UPDATE ({free}) ON {name} TO {to}")
        else:
            do(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {to}")


_EXCESS = text(
    """
    SELECT c.relname, pg_has_role(c.relowner, 'MEMBER') AS owns,
           has_table_privilege(c.oid, 'DELETE') AS may_delete,
           has_table_privilege(c.oid, 'TRUNCATE') AS may_empty,
           has_table_privilege(c.oid, 'TRIGGER') AS may_trigger,
           (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
               AND has_column_privilege(c.oid, a.attnum, 'UPDATE')) AS may_change
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind = 'r' AND c.relname = ANY(:tables) ORDER BY c.relname
    """
)


def list_excess_rights(connection: Connection) -> list[str]:
    """Return, in words, what the running role could do to append-only tables but should not be able to."""
    if connection.dialect.name != "postgresql":
        return []
    if connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
        return ["it is a superuser"]
    found, tables = [], append_only_tables()
    for row in connection.execute(_EXCESS, {"tables": sorted(tables)}):
        changes = set(row.may_change or ()) - tables[row.relname]
        could = [
            words
            for holds, words in (
                (row.owns, "owns"),
                (row.may_delete, "may delete from"),
                (row.may_empty, "may empty"),
                (row.may_trigger, "may put triggers on"),
                (bool(changes), f"may change {', '.join(sorted(changes))} in"),
            )
            if holds
        ]
        if could:
            found.append(f"it {could[0]} {row.relname}")
    return found


def refuse_wide_rights(engine: Engine, *, from_command: bool = False) -> None:
    """Refuse to serve where the running role could alter the trail; `flask db upgrade`, run by the owner, may.

    A database that is away is no reason to refuse: the worker looks again every day, and its alert reaches a person.
    """
    if engine.dialect.name != "postgresql" or (os.environ.get("FLASK_RUN_FROM_CLI") == "true" and not from_command):
        return
    try:
        with engine.connect() as connection:
            excess = list_excess_rights(connection)
    except OperationalError as error:
        log.warning("rights_not_read", error=type(error).__name__)
        return
    finally:
        engine.dispose()  # what forks after this shares no connection
    if excess:
        raise SettingsRefusedError(
            [f"FRONTDOOR_DATABASE_URL signs in with a role that can alter the trail: {words}" for words in excess]
            + ["sign in as a role of its own: docs/operating.md, Two roles"]
        )
