"""Writers to SQLite wait in line, so that none of many waits for ever."""

from __future__ import annotations

import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from infrastructure.database import transaction, turns
from infrastructure.database.transaction import tune

HOLD_A_PLACE = """
import fcntl, os, sys, time
fcntl.flock(os.open(sys.argv[1], os.O_RDWR), fcntl.LOCK_EX)
print("in line", flush=True)
time.sleep(60)
"""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = create_engine(f"sqlite:///{tmp_path / 'turns.sqlite'}")
    tune(made)
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE said (word TEXT)"))
    yield made
    made.dispose()


def write(engine: Engine, word: str = "one") -> None:
    with Session(engine) as session, transaction(session):
        session.execute(text("INSERT INTO said VALUES (:word)"), {"word": word})


def words(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT word FROM said")))


@contextmanager
def somebody_else_writes(engine: Engine) -> Iterator[None]:
    other = sqlite3.connect(str(engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_a_writer_who_waits_too_long_is_told_and_can_try_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST_WAIT", 0.1)
    with somebody_else_writes(engine), pytest.raises(OperationalError, match="locked"):
        write(engine)
    write(engine, "two")
    assert words(engine) == ["two"]


def test_a_writer_writes_as_soon_as_the_one_before_has_ended(engine: Engine) -> None:
    waiting = threading.Thread(target=write, args=(engine,))
    with somebody_else_writes(engine):
        waiting.start()
        time.sleep(0.05)
        assert waiting.is_alive()
        assert words(engine) == []
    waiting.join(turns.LONGEST_WAIT)
    assert words(engine) == ["one"]


def test_a_newcomer_does_not_pass_a_process_that_waits_in_line(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONGEST_WAIT", 0.1)
    place = os.open(f"{engine.url.database}-turn", os.O_RDWR | os.O_CREAT)
    fcntl.flock(place, fcntl.LOCK_EX)
    with pytest.raises(OperationalError):
        write(engine)
    os.close(place)
    write(engine, "two")
    assert words(engine) == ["two"]


def test_a_process_killed_in_line_holds_nobody_up(engine: Engine) -> None:
    write(engine)
    arguments = [sys.executable, "-c", HOLD_A_PLACE, f"{engine.url.database}-turn"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    write(engine, "two")
    assert words(engine) == ["one", "two"]


def test_an_act_that_fails_lets_the_next_thread_have_its_turn(engine: Engine) -> None:
    with Session(engine) as session, pytest.raises(ZeroDivisionError), transaction(session):
        raise ZeroDivisionError
    other = threading.Thread(target=write, args=(engine,))
    other.start()
    other.join(turns.LONGEST_WAIT)
    assert words(engine) == ["one"]
