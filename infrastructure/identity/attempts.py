"""Counted attempts, in our own rows, so that every web process counts the same."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from infrastructure.database import digest, transaction, uuid7
from infrastructure.database.base import first_id_at
from infrastructure.database.upsert import insert_into
from infrastructure.identity.models import AttemptCount

_COUNTED: dict[str, Any] = {}
KEPT = timedelta(days=2)  # the longest window is a day, and begins with the first try in it
EVERY_SECONDS, BATCH = 3600.0, 500


class TooManyAttemptsError(Exception):
    """Tried too often; the way is open again when the window ends."""


def count_attempt(session: Session, key: str, *, tries: int, window: timedelta, now: datetime) -> bool:
    """Count one attempt inside the caller's transaction; tell whether it is within the limit."""
    return count_attempts(session, [(key, tries, window)], now=now)


def count_attempts(session: Session, limits: Sequence[tuple[str, int, timedelta]], *, now: datetime) -> bool:
    """Count one attempt under several limits (key, tries, window) at once; tell whether it is within all of them."""
    hashed = [(digest("attempt", key), tries, _start(window, now)) for key, tries, window in limits]
    values = [{"id": uuid7(), "key": key, "window_start": start, "count": 1} for key, _, start in hashed]
    counts = session.connection().execute(_counted(session), values).all()
    most = {key: tries for key, tries, _ in hashed}
    return all(count <= most[key] for key, count in counts)


def _counted(session: Session) -> Any:
    """Return the INSERT that counts; made once, since everybody who comes to the door is counted."""
    made = _COUNTED.get(name := session.get_bind().dialect.name)
    if made is None:
        added = insert_into(session, AttemptCount).on_conflict_do_update(
            index_elements=[AttemptCount.key, AttemptCount.window_start], set_={"count": AttemptCount.count + 1}
        )
        made = _COUNTED[name] = added.returning(AttemptCount.key, AttemptCount.count)
    return made


def _start(window: timedelta, now: datetime) -> datetime:
    seconds = window.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


def forget_attempts(session: Session, keys: Sequence[str]) -> None:
    """Forget inside the caller's transaction how often these tried: a hash of an address tells whose it is (SE-5)."""
    session.execute(delete(AttemptCount).where(AttemptCount.key.in_(keys)))


class Forgetting:
    """Forgets once an hour in each worker what was tried long ago: a hash of who tried is kept while it counts (EV-8).

    By the time in its id: the longest window is a day, and a provider's answer is taken within minutes or not at all.
    """

    def __init__(self) -> None:
        self.due_at = time.monotonic() + EVERY_SECONDS

    def list_due(self, session: Session, now: datetime) -> list[UUID]:
        """Return one turn when the hour is over."""
        return [UUID(int=0)] if time.monotonic() >= self.due_at else []

    def run(self, session: Session, *, now: datetime) -> None:
        """Take out what no limit asks for any more, some at a time, so that nobody who tries now waits for it."""
        self.due_at = time.monotonic() + EVERY_SECONDS
        old = select(AttemptCount.id).where(AttemptCount.id < first_id_at(now - KEPT)).order_by(AttemptCount.id)
        while True:
            with transaction(session):
                ids = list(session.scalars(old.limit(BATCH)))
                session.execute(delete(AttemptCount).where(AttemptCount.id.in_(ids)))
            if len(ids) < BATCH:
                return
