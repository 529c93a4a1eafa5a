"""The one way to write, and the engine settings it stands on."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from infrastructure.database.turns import begin_in_turn, in_line

WRITE = "frontdoor_write"  # the option of a connection that writes: when to give up waiting for its turn, or 0

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    "secure_delete=ON",  # what was sealed for one side of the wall is not left in the file when it crosses (SE-5)
    "cache_size=-8000",  # 8 MB: with the 2 that it has by itself a list among a million rows is read twice as slowly
)


class _Failpoint:
    name = ""


def arm(failpoint: str) -> None:
    """Arm one failpoint, "name:exit9"; refused by the settings outside a demonstration."""
    _Failpoint.name = failpoint


def failpoint(name: str) -> None:
    """Die here as SIGKILL would, when a test of "nothing lost" asks for it."""
    if _Failpoint.name == f"{name}:exit9":
        os.kill(os.getpid(), signal.SIGKILL)


def utc_now() -> datetime:
    """Return the moment, aware and in UTC."""
    return datetime.now(UTC)


class NestedTransactionError(RuntimeError):
    """A transaction was begun inside another, or with unsaved changes pending."""


@contextmanager
def transaction(session: Session) -> Iterator[None]:
    """Write inside one transaction: IMMEDIATE on SQLite; what was read before is read again.

    Read the aggregate first with `with_for_update(of=...)`, which serialises writers on PostgreSQL too.
    """
    if session.info.get("writing"):
        raise NestedTransactionError("a service never calls another that commits")
    if session.new or session.dirty or session.deleted:
        raise NestedTransactionError("something was changed before the transaction began")
    session.rollback()
    session.expire_all()
    session.info["writing"] = True
    try:
        with in_line(session.get_bind()) as give_up:
            session.connection(execution_options={WRITE: give_up})
            yield
            session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writing"] = False


def tune(engine: Engine) -> None:
    """Set what durability and honest locking need: WAL, FULL, foreign keys, BEGIN by our own hand."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        give_up = connection.get_execution_options().get(WRITE)
        if give_up is None:
            connection.exec_driver_sql("BEGIN")
        else:
            begin_in_turn(connection.connection.dbapi_connection, engine.url.database, give_up)
