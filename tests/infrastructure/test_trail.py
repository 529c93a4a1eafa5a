"""The trail shows if it was altered (EV-5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from infrastructure.database import db, transaction, uuid7
from infrastructure.database.protection import append_only_tables
from infrastructure.trail import SYSTEM, Access, Event, Stream, log_access, record, verify

NOW = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)


def three_acts(session: Session) -> Stream:
    stream = Stream("request", uuid7())
    with transaction(session):
        for n, act in enumerate(("receive", "claim", "decide")):
            record(session, stream, act, by=SYSTEM, now=NOW + timedelta(minutes=n), moved=("a", "b"), subject=uuid7())
    return stream


def tamper(session: Session, statement: str, **values: object) -> None:
    """Change the table as one who holds the database may: the triggers taken off first."""
    name = db.engine.dialect.name
    with transaction(session):
        for act in ("update", "delete"):
            where = " ON event" if name == "postgresql" else ""
            session.execute(text(f"DROP TRIGGER event_no_{act}{where}"))
        session.execute(text(statement), values)


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_an_untouched_trail_verifies(session: Session) -> None:
    three_acts(session)
    assert list(verify(session)) == []


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_an_act_told_by_a_clock_on_another_meridian_verifies(session: Session) -> None:
    with transaction(session):
        at = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
        record(session, Stream("request", uuid7()), "receive", by=SYSTEM, now=at)
    session.expire_all()
    assert list(verify(session)) == []


@pytest.mark.storage
@pytest.mark.rule("EV-5")
@pytest.mark.parametrize(
    ("statement", "seq", "what"),
    [
        ("UPDATE event SET act = 'clain' WHERE seq = 2", 2, "was altered"),
        ("UPDATE event SET at = '2026-11-17 12:01:00.000001' WHERE seq = 2", 2, "was altered"),
        ("UPDATE event SET to_state = 'c' WHERE seq = 1", 1, "was altered"),
        ("DELETE FROM event WHERE seq = 2", 3, "event 2 is missing"),
        ("UPDATE event SET prev = hash WHERE seq = 3", 3, "does not follow the event before it"),
    ],
)
def test_one_changed_byte_is_found_and_named(session: Session, statement: str, seq: int, what: str) -> None:
    stream = three_acts(session)
    tamper(session, statement)
    faults = [(fault.stream, fault.seq, fault.what) for fault in verify(session)]
    assert (f"request {stream.id}", seq, what) in faults


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_the_command_names_the_altered_event_and_fails(app: Flask, session: Session) -> None:
    three_acts(session)
    runner = app.test_cli_runner()
    clean = runner.invoke(args=["trail", "verify"])
    assert clean.exit_code == 0, clean.output
    assert "3 events read, 0 faults found." in clean.output
    tamper(session, "UPDATE event SET act = 'x' WHERE seq = 2")
    broken = runner.invoke(args=["trail", "verify"])
    assert broken.exit_code == 1
    assert "event 2: was altered" in broken.output


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_every_append_only_table_refuses_delete_and_change_after_the_migrations(session: Session) -> None:
    three_acts(session)
    log_access(session, Access.VIEW, by=SYSTEM, now=NOW, request_id=uuid7())
    assert {"event", "access_log", "consent", "decision", "decision_line", "arrival", "form_response"} <= set(
        append_only_tables()
    )
    for statement in ("DELETE FROM event", "UPDATE event SET act = 'x'", "DELETE FROM access_log"):
        with pytest.raises(DBAPIError, match="append-only"), transaction(session):
            session.execute(text(statement))
    assert len(session.scalars(select(Event)).all()) == 3


@pytest.mark.storage
def test_every_declared_append_only_table_has_both_triggers(session: Session) -> None:
    names = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }[db.engine.dialect.name]
    found = set(session.scalars(text(names)))
    assert found >= {f"{table}_no_{act}" for table in append_only_tables() for act in ("delete", "update")}
