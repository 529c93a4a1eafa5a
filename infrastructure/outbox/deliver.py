"""Send what is owed: claim with a lease, send with no connection held, mark behind a fence."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, Wall, transaction
from infrastructure.database.transaction import failpoint
from infrastructure.outbox.models import DeliveryAttempt, MessageState, OutboxMessage, Result
from infrastructure.outbox.senders import Parcel, Sender
from infrastructure.settings import Settings

log = structlog.get_logger("outbox")

Caught = list[dict[str, str]]
Guard = Callable[[Session, OutboxMessage, Parcel], Caught]
Held = Callable[[Session, OutboxMessage, datetime], None]
Ended = Callable[[Session, OutboxMessage, Result, datetime], None]
Late = Callable[[Session, OutboxMessage, datetime], None]
LATE = timedelta(minutes=15)  # then a person hears that mail is not going out
WORST_WAIT = timedelta(hours=1)
UNREAD = {"where": "", "telling": "unread", "words": ""}  # the guard could not compare: nobody knows what it says


@dataclass(frozen=True)
class Carrier:
    """How messages leave: the sender, the guard that reads each before, and who is told how each ended.

    `catch` returns what a message says that it may not (EV-6); one that catches something, or cannot read, holds the
    message, and `held` runs in the transaction that marks it so. `ended` runs in the one that marks a message sent or
    failed for good, so that a failure reaches a person; `late` in the one that marks a message as still waiting after
    a quarter of an hour.
    """

    sender: Sender
    catch: Guard
    held: Held
    ended: Ended
    late: Late


def list_due(session: Session, *, now: datetime, most: int = 50) -> list[UUID]:
    """Return the messages that are due and not under a live lease, the longest waiting first."""
    free = or_(OutboxMessage.lease_until.is_(None), OutboxMessage.lease_until < now)
    query = (
        select(OutboxMessage.id)
        .where(OutboxMessage.wall.in_(EITHER_SIDE), OutboxMessage.next_at <= now, free)
        .order_by(OutboxMessage.next_at)
    )
    found = list(session.scalars(query.limit(most)))
    session.rollback()
    return found


def deliver(
    session: Session, message_id: UUID, carrier: Carrier, settings: Settings, now: Callable[[], datetime]
) -> None:
    """Try one message once; whatever dies on the way, it is tried again with the same Message-ID."""
    claimed = _claim(session, message_id, settings, now())
    if claimed is None:
        return
    parcel, fence = claimed
    if caught := _read_before(session, message_id, parcel, carrier):
        _hold(session, message_id, fence, caught, carrier, now())
        return
    result, code = carrier.sender.send(parcel)
    failpoint("after_send")
    _mark(session, message_id, fence, result, code, carrier, settings, now())


def _claim(session: Session, message_id: UUID, settings: Settings, now: datetime) -> tuple[Parcel, int] | None:
    with transaction(session):
        row = _locked(session, message_id)
        if row.next_at is None or row.next_at > now or (row.lease_until and row.lease_until >= now):
            return None
        if row.lease_until is not None:  # whoever held it died, or hung past its lease
            session.add(DeliveryAttempt(outbox_id=row.id, n=row.fence, at=now, result=Result.UNKNOWN, code="lease"))
        row.lease_until = now + timedelta(seconds=settings.lease_seconds)
        row.fence += 1
        row.tries += 1
        body = row.body
        return Parcel(row.to or "", body["subject"], body["text"], row.message_id), row.fence


def _read_before(session: Session, message_id: UUID, parcel: Parcel, carrier: Carrier) -> Caught:
    """Let the guard read what is about to leave; what it cannot compare does not leave, nor what it fails at."""
    row = session.scalars(
        select(OutboxMessage).where(OutboxMessage.wall.in_(EITHER_SIDE), OutboxMessage.id == message_id)
    ).one()
    try:
        return [] if row.released_at is not None else carrier.catch(session, row, parcel)
    except Exception as error:
        session.rollback()
        _say(row, "error", "guard_failed", error=type(error).__name__)
        return [UNREAD]
    finally:
        session.rollback()


def _hold(session: Session, message_id: UUID, fence: int, caught: Caught, carrier: Carrier, now: datetime) -> None:
    with transaction(session):
        row = _locked(session, message_id)
        if row.fence != fence or row.next_at is None:
            _say(row, "warning", "late_mark", fence=fence, result=str(Result.WITHHELD))
            return
        session.add(DeliveryAttempt(outbox_id=row.id, n=fence, at=now, result=Result.WITHHELD, code="guard"))
        row.state, row.next_at, row.lease_until = MessageState.HELD, None, None
        row.caught = caught
        carrier.held(session, row, now)
        _say(row, "info", "delivery", template=row.template, result=str(Result.WITHHELD), tries=row.tries)


def _locked(session: Session, message_id: UUID) -> OutboxMessage:
    query = (
        select(OutboxMessage)
        .where(OutboxMessage.wall.in_(EITHER_SIDE), OutboxMessage.id == message_id)
        .with_for_update(of=OutboxMessage)
    )
    return session.scalars(query).one()


def _mark(
    session: Session,
    message_id: UUID,
    fence: int,
    result: Result,
    code: str | None,
    carrier: Carrier,
    settings: Settings,
    now: datetime,
) -> None:
    with transaction(session):
        row = _locked(session, message_id)
        if row.fence != fence or row.next_at is None:
            _say(row, "warning", "late_mark", fence=fence, result=str(result))
            return
        session.add(DeliveryAttempt(outbox_id=row.id, n=fence, at=now, result=result, code=code))
        row.lease_until = None
        if result is Result.ACCEPTED:
            row.state, row.next_at, row.sent_at = MessageState.SENT, None, now
        elif result in (Result.TEMPORARY, Result.UNKNOWN) and now - row.owed_at < timedelta(hours=settings.retry_hours):
            row.state, row.next_at = MessageState.TRYING_AGAIN, now + wait_before(row.tries, settings)
            if now - row.owed_at >= LATE:
                carrier.late(session, row, now)
        else:
            row.state, row.next_at = MessageState.FAILED, None
        if row.next_at is None:
            carrier.ended(session, row, result, now)
        _say(row, "info", "delivery", template=row.template, result=str(result), tries=row.tries)


def _say(row: OutboxMessage, level: str, event: str, **facts: object) -> None:
    """Log what became of a message; of one inside the wall no log says that it is there (SE-5)."""
    if row.wall is Wall.OPEN:
        getattr(log, level)(event, outbox=str(row.id), **facts)


def wait_before(tries: int, settings: Settings) -> timedelta:
    """Return how long to wait before the next try: doubling, with chance, an hour at most."""
    seconds = settings.retry_first_seconds * 2 ** min(tries - 1, 12)
    return min(timedelta(seconds=seconds * random.uniform(0.8, 1.2)), WORST_WAIT)  # nosec B311
