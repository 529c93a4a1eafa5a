"""Each test finds its database as the migrations left it, whatever the test before did there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.plugins.copies import MOST
from tests.plugins.house import Postgresql, Sqlite

Databases = Callable[[str], Sqlite | Postgresql]
TRIGGERS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY 1",
    "postgresql": "SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2",
}
DOINGS = {
    "sqlite": [
        "INSERT INTO alembic_version VALUES ('later')",
        "DELETE FROM alembic_version",
        "CREATE TABLE said (word TEXT)",
        "DROP TRIGGER event_no_delete",
    ],
    "postgresql": [
        "INSERT INTO alembic_version VALUES ('later')",
        "DELETE FROM alembic_version",
        "CREATE TABLE said (word TEXT)",
        "ALTER TABLE event DISABLE TRIGGER event_no_delete",
    ],
}


def state_of(url: str, kind: str) -> list[object]:
    """Return every column and row of every table, and the triggers."""
    engine = create_engine(url)
    with engine.connect() as connection:
        tables = inspect(connection)
        state: list[object] = [connection.execute(text(TRIGGERS[kind])).all()]
        for name in sorted(tables.get_table_names()):
            columns = [column["name"] for column in tables.get_columns(name)]
            state += [name, columns, connection.execute(text(f"SELECT * FROM {name}")).all()]
    engine.dispose()
    return state


def do(url: str, statement: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.mark.storage
def test_whatever_a_test_does_the_next_finds_the_database_as_it_was_migrated(database: Sqlite | Postgresql) -> None:
    first = state_of(database.fresh("copied"), database.name)
    assert len(first) > 3 * 60
    for statement in DOINGS[database.name]:
        url = database.fresh("copied")
        do(url, statement)
        assert state_of(url, database.name) != first, statement
        assert state_of(database.fresh("copied"), database.name) == first, statement


@pytest.mark.storage
def test_who_still_holds_the_database_of_a_test_before_is_not_in_the_way(database: Sqlite | Postgresql) -> None:
    holding = create_engine(database.fresh("copied")).connect()
    holding.execute(text("DELETE FROM alembic_version"))
    url = database.fresh("copied")
    do(url, "INSERT INTO alembic_version VALUES ('later')")
    holding.invalidate()
    holding.engine.dispose()


def test_a_copy_of_postgresql_is_made_anew_before_it_is_full_of_what_was_deleted(databases: Databases) -> None:
    server = databases("postgresql")
    assert isinstance(server, Postgresql)
    server.fresh("copied")
    used = server.copies["copied"]
    server.fresh("copied")
    assert server.copies["copied"] is used
    used.used = MOST
    server.fresh("copied")
    assert server.copies["copied"] is not used
