"""The one way to write."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from infrastructure.database import db, transaction, utc_now, uuid7
from infrastructure.database.transaction import NestedTransactionError
from infrastructure.identity.attempts import count_attempt
from infrastructure.identity.models import AttemptCount, UserAccount
from infrastructure.identity.signing_in import WINDOW


@pytest.mark.storage
def test_what_a_transaction_wrote_is_there_and_what_failed_is_not(session: Session) -> None:
    with transaction(session):
        session.add(UserAccount(name="Ada Penn", email="ada@westmarch.example"))
    with pytest.raises(ZeroDivisionError), transaction(session):
        session.add(UserAccount(name="Ben Oak", email="ben@westmarch.example"))
        session.flush()
        raise ZeroDivisionError
    assert list(session.scalars(select(UserAccount.email))) == ["ada@westmarch.example"]


@pytest.mark.storage
def test_a_service_that_commits_is_never_called_inside_another(session: Session) -> None:
    with pytest.raises(NestedTransactionError), transaction(session), transaction(session):
        pass


@pytest.mark.storage
def test_a_change_made_before_the_transaction_is_refused_and_not_written_by_chance(session: Session) -> None:
    session.add(UserAccount(name="Ada Penn", email="ada@westmarch.example"))
    with pytest.raises(NestedTransactionError), transaction(session):
        pass
    session.rollback()
    assert session.scalars(select(UserAccount)).all() == []


@pytest.mark.storage
def test_eight_threads_that_read_and_then_write_lose_nothing(app: Flask) -> None:
    """A deferred transaction would die at once of "database is locked" (M9); ours waits its turn."""
    now = datetime(2026, 11, 17, 12, 0, tzinfo=UTC)
    failures: list[BaseException] = []

    def count() -> None:
        with app.app_context():
            try:
                for _ in range(10):
                    with transaction(db.session()):
                        count_attempt(db.session(), "somebody", tries=1000, window=WINDOW, now=now)
            except BaseException as error:
                failures.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert db.session.scalars(select(AttemptCount.count)).one() == 80


def test_sqlite_syncs_every_commit_and_checks_foreign_keys(session: Session) -> None:
    pragmas = {
        name: session.execute(text(f"PRAGMA {name}")).scalar()
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.storage
def test_a_time_without_its_zone_is_refused(session: Session) -> None:
    with pytest.raises(Exception, match="without its zone"), transaction(session):
        session.add(UserAccount(name="Ada", email="a@westmarch.example", disabled_at=datetime(2026, 1, 1)))
        session.flush()


def test_identifiers_are_version_7_and_in_the_order_of_time() -> None:
    first = uuid7()
    while utc_now().timestamp() * 1000 <= (first.int >> 80) + 1:
        pass
    second = uuid7()
    assert first.version == second.version == 7
    assert first < second
