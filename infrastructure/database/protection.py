"""Append-only tables: triggers that refuse DELETE, and UPDATE of all but the named columns, on both databases."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from infrastructure.database.base import Base, Entity


def append_only_tables() -> dict[str, frozenset[str]]:
    """Return each append-only table with the columns that may still change (state, emptied ciphertext)."""
    found = {}
    for mapper in Base.registry.mappers:
        model = mapper.class_
        if issubclass(model, Entity) and model.append_only is not None:
            found[model.__tablename__] = model.append_only
    return found


def protect(connection: Connection) -> None:
    """Put the triggers in place, after every migration: SQLite's batch ALTER silently drops them."""
    inspector = inspect(connection)
    present = set(inspector.get_table_names())
    for table, free in sorted(append_only_tables().items()):
        if table not in present:
            continue
        columns = [c["name"] for c in inspector.get_columns(table) if c["name"] not in free]
        if connection.dialect.name == "sqlite":
            _protect_sqlite(connection, table, columns)
        else:
            _protect_postgresql(connection, table, columns)


def unprotect(connection: Connection) -> None:
    """Take the triggers off inside a migration's transaction: PostgreSQL drops no column that one of them names."""
    for name, table in connection.execute(text(_TRIGGERS[connection.dialect.name])).all():
        if table in append_only_tables() and name in (f"{table}_no_delete", f"{table}_no_update"):
            where = f" ON {_q(table)}" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER {_q(name)}{where}")


_TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND n.nspname = current_schema()",
}


def list_unprotected(connection: Connection) -> list[str]:
    """Return the append-only tables whose triggers are gone or switched off."""
    found = {(name, table) for name, table in connection.execute(text(_TRIGGERS[connection.dialect.name]))}
    return [
        table
        for table in sorted(append_only_tables())
        if not {(f"{table}_no_{act}", table) for act in ("delete", "update")} <= found
    ]


def _protect_sqlite(connection: Connection, table: str, columns: list[str]) -> None:
    for act, timing in (("delete", "BEFORE DELETE"), ("update", f"BEFORE UPDATE OF {', '.join(map(_q, columns))}")):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_{act}")
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_no_{act} {timing} ON {_q(table)} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _protect_postgresql(connection: Connection, table: str, columns: list[str]) -> None:
    connection.exec_driver_sql(
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '%% is append-only', TG_TABLE_NAME; END $$"
    )
    for act, timing in (
        ("delete", "BEFORE DELETE OR TRUNCATE"),
        ("update", f"BEFORE UPDATE OF {', '.join(map(_q, columns))}"),
    ):
        connection.exec_driver_sql(
            f"CREATE OR REPLACE TRIGGER {table}_no_{act} {timing} ON {_q(table)} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _q(name: str) -> str:
    return f'"{name}"'
