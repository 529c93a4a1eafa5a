"""The trail shows if it was altered (EV-5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from infrastructure.database import transaction, uuid7
from infrastructure.trail import SYSTEM, Stream, record, verify
from tests.infrastructure.tampering import alter

NOW = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)


def three_acts(session: Session) -> Stream:
    stream = Stream("request", uuid7())
    with transaction(session):
        for n, act in enumerate(("receive", "claim", "decide")):
            record(session, stream, act, by=SYSTEM, now=NOW + timedelta(minutes=n), moved=("a", "b"), subject=uuid7())
    return stream


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
        ("DELETE FROM event WHERE seq = 2", 3, "event 2 is missing before it"),
        ("UPDATE event SET prev = hash WHERE seq = 3", 3, "does not follow the event before it"),
    ],
)
def test_one_changed_byte_is_found_and_named(session: Session, statement: str, seq: int, what: str) -> None:
    stream = three_acts(session)
    alter(session, statement)
    faults = [(fault.where, fault.what) for fault in verify(session)]
    assert (f"request {stream.id} event {seq}", what) in faults


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_the_command_names_the_altered_event_and_fails(app: Flask, session: Session) -> None:
    three_acts(session)
    runner = app.test_cli_runner()
    clean = runner.invoke(args=["trail", "verify"])
    assert clean.exit_code == 0, clean.output
    assert "3 acts, 0 looks and 0 seals read: nothing was altered." in clean.output
    alter(session, "UPDATE event SET act = 'x' WHERE seq = 2")
    broken = runner.invoke(args=["trail", "verify"])
    assert broken.exit_code == 1
    assert "event 2: was altered" in broken.output
