"""Whose turn it is to write to SQLite.

Left to itself, a writer who finds the database taken asks again after a while, the longer it waits the later, and one
of many can ask for five seconds and never find it free. Here writers wait in line: of each process one thread asks, and
among processes the one that came first is next. SQLite's own lock still decides; a broken line costs time alone.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

LONGEST_WAIT = 5.0  # seconds; then the writer is told, and the page keeps what was typed
ASK_AGAIN = 0.0005

_lines: dict[str, threading.Lock] = {}
_tickets: dict[tuple[int, str], int] = {}


@contextmanager
def in_line(bind: Engine | Connection) -> Iterator[float]:
    """Let one thread of this process write at a time, where the database takes one writer; give the time to give up."""
    give_up = time.monotonic() + LONGEST_WAIT
    engine = bind.engine
    if engine.dialect.name != "sqlite":
        yield give_up
        return
    line = _lines.setdefault(str(engine.url.database), threading.Lock())
    if not line.acquire(timeout=LONGEST_WAIT):
        raise _busy(sqlite3.OperationalError("database is locked"))
    try:
        yield give_up
    finally:
        line.release()


def begin_in_turn(connection: Any, database: str | None, give_up: float | None = None) -> None:
    """Begin to write after the processes who came first; raise OperationalError when that takes too long."""
    give_up = give_up or time.monotonic() + LONGEST_WAIT
    ticket = _ticket(database) if database and database != ":memory:" else None
    connection.execute("PRAGMA busy_timeout=0")  # we ask again ourselves, and more often
    try:
        if ticket is not None:
            _until(give_up, lambda: fcntl.flock(ticket, fcntl.LOCK_EX | fcntl.LOCK_NB), BlockingIOError)
        try:
            _until(give_up, lambda: connection.execute("BEGIN IMMEDIATE"), sqlite3.OperationalError)
        finally:
            if ticket is not None:
                fcntl.flock(ticket, fcntl.LOCK_UN)
    except (BlockingIOError, sqlite3.OperationalError) as error:
        raise _busy(error) from error
    finally:
        connection.execute("PRAGMA busy_timeout=5000")


def _until(give_up: float, ask: Any, taken: type[Exception]) -> None:
    while True:
        try:
            ask()
        except taken:
            if time.monotonic() > give_up:
                raise
            time.sleep(ASK_AGAIN)
        else:
            return


def _ticket(database: str) -> int:
    """Return this process's handle of the file that processes line up at; one that dies lets go of it."""
    key = (os.getpid(), database)
    if key not in _tickets:
        _tickets[key] = os.open(f"{database}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    return _tickets[key]


def _busy(error: Exception) -> OperationalError:
    return OperationalError("BEGIN IMMEDIATE", None, error)
