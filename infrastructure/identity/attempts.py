"""Counted attempts, in our own rows, so that every web process counts the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from infrastructure.database import uuid7
from infrastructure.database.upsert import insert_into
from infrastructure.identity.models import AttemptCount


class TooManyAttemptsError(Exception):
    """Tried too often; the way is open again when the window ends."""


def count_attempt(session: Session, key: str, *, tries: int, window: timedelta, now: datetime) -> bool:
    """Count one attempt inside the caller's transaction; tell whether it is within the limit."""
    start = datetime.fromtimestamp(now.timestamp() // window.total_seconds() * window.total_seconds(), UTC)
    values = {"id": uuid7(), "key": key, "window_start": start, "count": 1}
    added = insert_into(session, AttemptCount).values(**values)
    counted = added.on_conflict_do_update(
        index_elements=[AttemptCount.key, AttemptCount.window_start], set_={"count": AttemptCount.count + 1}
    )
    count = session.scalars(counted.returning(AttemptCount.count)).one()
    return count <= tries


def forget_attempts(session: Session, keys: Sequence[str]) -> None:
    """Forget inside the caller's transaction how often these tried: a hash of an address tells whose it is (SE-5)."""
    session.execute(delete(AttemptCount).where(AttemptCount.key.in_(keys)))
