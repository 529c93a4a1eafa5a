"""Append-only by triggers and by rights, on both databases, after every migration too (EV-5, T36)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import time_machine
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.exc import DatabaseError, DBAPIError
from sqlalchemy.orm import Session

from app import create_app
from infrastructure.database import KeyRings, db, transaction, use_keys, uuid7
from infrastructure.database.protection import append_only_tables, list_unprotected
from infrastructure.database.rights import list_excess_rights
from infrastructure.settings import SettingsRefusedError
from infrastructure.trail import SYSTEM, Access, Event, Stream, TrailCheck, log_access, record, seal_waiting, verify
from tests.factories import NOW as NINE
from tests.infrastructure.tampering import alter
from tests.plugins.house import ROOT, Mailbox, settings_for
from tests.test_secrets_of_people import Story

NOW = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
ROLE = "front_door_app"


@pytest.fixture
def rows(session: Session) -> Stream:
    """An act, a look and a seal."""
    stream = Stream("request", uuid7())
    with transaction(session):
        record(session, stream, "receive", by=SYSTEM, now=NOW)
    log_access(session, Access.VIEW, by=SYSTEM, now=NOW, request_id=stream.id)
    seal_waiting(session, now=NOW)
    return stream


def refused(session: Session, statement: str) -> bool:
    try:
        with transaction(session):
            session.execute(text(statement))
    except DBAPIError as error:
        return any(words in str(error) for words in ("append-only", "not authorized", "permission denied"))
    return False


# ---------------------------------------------------------------- the triggers


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_nothing_append_only_is_deleted_or_changed(session: Session, rows: Stream) -> None:
    for table in ("event", "access_log", "seal", "anchor", "consent", "decision", "arrival", "form_response"):
        assert table in append_only_tables()
        assert refused(session, f"DELETE FROM {table}"), table
        for column in inspect(db.engine).get_columns(table):
            name = column["name"]
            expected = name not in append_only_tables()[table]
            assert refused(session, f'UPDATE {table} SET "{name}" = "{name}" WHERE 1 = 0') == expected, (table, name)
    assert session.query(Event).count() == 1


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_the_triggers_refuse_whoever_comes_past_the_application(session: Session, rows: Stream) -> None:
    """A connection of our own making, with no rights held back."""
    session.rollback()
    if db.engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(str(db.engine.url.database))) as raw:
            for table in ("event", "access_log", "seal"):
                for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id"):
                    with pytest.raises(sqlite3.DatabaseError, match="append-only"):
                        raw.execute(statement)
    else:
        for table in ("event", "access_log", "seal"):
            for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id", f"TRUNCATE {table}"):
                with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
                    connection.execute(text(statement))


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_the_triggers_are_there_after_every_migration(app: Flask, session: Session, rows: Stream) -> None:
    """SQLite's batch ALTER makes a table anew, and drops its triggers without a word; what is in them stays."""
    assert list_unprotected(session.connection()) == []
    session.rollback()
    for step in ("0001", "head"):
        (downgrade if step == "0001" else upgrade)(directory=str(ROOT / "migrations"), revision=step)
        tables = set(inspect(db.engine).get_table_names())
        assert not tables & set(list_unprotected(session.connection())), step
        session.rollback()
    session.expire_all()
    assert list_unprotected(session.connection()) == []
    assert [event.act for event in session.scalars(select(Event))] == ["receive"]
    assert list(verify(session)) == []
    seal_waiting(session, now=NOW)
    assert list(verify(session)) == []


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_a_trigger_that_is_gone_or_switched_off_is_named(session: Session, rows: Stream) -> None:
    session.rollback()
    if db.engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(str(db.engine.url.database))) as raw:
            raw.execute("DROP TRIGGER access_log_no_update")
            raw.commit()
    else:
        with db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE access_log DISABLE TRIGGER access_log_no_delete"))
    assert list_unprotected(session.connection()) == ["access_log"]


# ---------------------------------------------------------------- SQLite: the connections of the application


@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER event_no_delete",
        "DROP TABLE event",
        "ALTER TABLE event RENAME TO other",
        "ALTER TABLE event DROP COLUMN facts",
        "CREATE TRIGGER swallow BEFORE INSERT ON access_log BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TEMP TRIGGER swallow BEFORE INSERT ON main.access_log BEGIN SELECT RAISE(IGNORE); END",
        "PRAGMA writable_schema = ON",
        "PRAGMA recursive_triggers = OFF",
        "DELETE FROM event",
        "UPDATE event SET act = 'x'",
        "UPDATE access_log SET ids = '[]'",
        "INSERT OR REPLACE INTO event SELECT * FROM event",
        "REPLACE INTO access_log SELECT * FROM access_log",
        "DELETE FROM sqlite_master",
    ],
)
def test_a_connection_of_the_application_cannot_take_the_protection_off(
    session: Session, rows: Stream, statement: str
) -> None:
    before = session.execute(text("SELECT * FROM event")).all()
    session.rollback()
    with pytest.raises(DatabaseError, match=r"not authorized|append-only|may not be modified"), transaction(session):
        session.execute(text(statement))
    session.rollback()
    assert session.execute(text("SELECT * FROM event")).all() == before
    assert list_unprotected(session.connection()) == []


# ---------------------------------------------------------------- PostgreSQL: two roles


@pytest.fixture
def role(databases: Any) -> Iterator[str]:
    server = databases("postgresql")
    server.admin.execute(f"DROP ROLE IF EXISTS {ROLE}")
    server.admin.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD 'only-in-tests'")
    yield ROLE
    server.admin.execute("DROP DATABASE IF EXISTS roles WITH (FORCE)")
    server.admin.execute(f"DROP ROLE IF EXISTS {ROLE}")


@pytest.fixture
def granted(databases: Any, role: str, tmp_path: Path, smtp: Any) -> str:
    """A database that its owner migrated, for the role to sign in to; its address for that role."""
    url: str = databases("postgresql").fresh("roles")
    owner = create_app(settings_for(url, tmp_path, smtp[1], database_role=role))
    with owner.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        db.session.remove()
        db.engine.dispose()
    return url.replace("postgres:@", f"{role}:only-in-tests@").replace("://postgres@", f"://{role}@")


def real_settings(url: str, folder: Path, port: int) -> Any:
    changes = {"demonstration": False, "public_url": "https://ask.westmarch.example", "smtp_starttls": True}
    changes |= {"twilio_api_base": ""}
    changes |= {"scanner": "none", "files_dir": str(folder)}
    return settings_for(url, folder, port, **changes)


@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
def test_the_role_of_the_application_may_add_and_seal_but_never_alter(granted: str) -> None:
    engine = create_engine(granted)
    with engine.connect() as connection:
        assert list_excess_rights(connection) == []
        assert list_unprotected(connection) == []
    for table, free in append_only_tables().items():
        for statement in (
            f"DELETE FROM {table}", f"TRUNCATE {table}", f"ALTER TABLE {table} DISABLE TRIGGER ALL",
            f"DROP TRIGGER {table}_no_update ON {table}", f"DROP TABLE {table}", f"UPDATE {table} SET id = id",
            f"CREATE TRIGGER swallow BEFORE INSERT ON {table} EXECUTE FUNCTION refuse_change()",
        ):  # fmt: skip
            with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), engine.begin() as connection:
                connection.execute(text(statement))
        for column in free:
            with engine.begin() as connection:
                connection.execute(text(f'UPDATE {table} SET "{column}" = "{column}"'))
    with pytest.raises(DBAPIError, match="permission denied"), engine.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
    with pytest.raises(DBAPIError, match="permission denied"), engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'x'"))
    engine.dispose()


@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
def test_a_start_with_a_role_that_could_alter_the_trail_is_refused(
    granted: str, databases: Any, tmp_path: Path, smtp: Any
) -> None:
    server = databases("postgresql")
    with pytest.raises(SettingsRefusedError, match="superuser"):
        create_app(real_settings(server.url("roles"), tmp_path, smtp[1]))
    assert create_app(real_settings(granted, tmp_path, smtp[1]))
    with psycopg.connect(server.server.get_uri(database="roles"), autocommit=True) as owner:
        for right, words in (("DELETE", "may delete from event"), ("UPDATE (act)", "may change act in event")):
            owner.execute(f"GRANT {right} ON event TO {ROLE}".encode())
            with pytest.raises(SettingsRefusedError, match=words):
                create_app(real_settings(granted, tmp_path, smtp[1]))
            owner.execute(f"REVOKE {right} ON event FROM {ROLE}".encode())
        owner.execute(f"ALTER TABLE seal OWNER TO {ROLE}".encode())
    with pytest.raises(SettingsRefusedError, match="owns seal"):
        create_app(real_settings(granted, tmp_path, smtp[1]))


@pytest.mark.rule("EV-5")
def test_a_database_that_is_away_is_no_reason_to_refuse_the_start(tmp_path: Path, smtp: Any) -> None:
    away = "postgresql+psycopg://nobody@127.0.0.1:9/none"
    assert create_app(real_settings(away, tmp_path, smtp[1]))


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_what_is_under_a_seal_can_be_changed_by_its_owner_alone(session: Session, rows: Stream) -> None:
    """The tests of tampering stand on this: they have to go past triggers and rights."""
    alter(session, "UPDATE event SET act = 'x'")
    assert session.query(Event).one().act == "x"
    assert list_unprotected(session.connection()) == []


@pytest.mark.rule("EV-5")
@pytest.mark.threat("T36")
def test_the_whole_product_works_with_no_more_rights_than_these(
    granted: str, tmp_path: Path, smtp: Any, mailbox: Mailbox
) -> None:
    """Everybody fills in everything, the desk and the worker do what they do, and the trail verifies."""
    made = create_app(settings_for(granted, tmp_path, smtp[1]))
    use_keys(KeyRings.from_settings(made.extensions["house"].settings))
    with made.app_context(), time_machine.travel(NINE, tick=False) as clock:
        Story(made, db.session(), made.extensions["house"], mailbox, made.extensions["worker"].run_all_due).tell()
        clock.shift(timedelta(days=1))
        made.extensions["worker"].run_all_due()
        db.session.rollback()
        assert [check.faults for check in db.session.scalars(select(TrailCheck))] == [0]
        assert list(verify(db.session())) == []
        db.session.remove()
        db.engine.dispose()
