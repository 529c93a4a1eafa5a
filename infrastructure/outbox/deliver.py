"""Send what is owed: claim with a lease, send with no connection held, mark behind a fence."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, Wall, digests, transaction
from infrastructure.database.transaction import failpoint
from infrastructure.outbox.headers import Heading
from infrastructure.outbox.models import DeliveryAttempt, MessageState, OutboxMessage, Result
from infrastructure.outbox.owe import Thread
from infrastructure.outbox.senders import OPTED_OUT, Parcel, Sender, Sent
from infrastructure.settings import Settings

log = structlog.get_logger("outbox")

Caught = list[dict[str, str]]
Guard = Callable[[Session, OutboxMessage, Parcel], Caught]
First = Callable[[Session, OutboxMessage], None]
Held = Callable[[Session, OutboxMessage, datetime], None]
Ended = Callable[[Session, OutboxMessage, Result, datetime], None]
Late = Callable[[Session, OutboxMessage, datetime], None]
Stop = Callable[[Session, OutboxMessage], str | None]
OptedOut = Callable[[Session, OutboxMessage, datetime], None]
ReachedAt = Callable[[OutboxMessage], tuple[str, str]]
LATE = timedelta(minutes=15)  # then a person hears that mail is not going out
WORST_WAIT = timedelta(hours=1)
UNREAD = {"where": "", "telling": "unread", "words": ""}  # the guard could not compare: nobody knows what it says


@dataclass(frozen=True)
class Carrier:
    """How messages leave: a sender for each channel, who reads each message before, and who is told how each ended.

    `catch` returns what a message says that it may not (EV-6); one that catches something, or cannot read, holds the
    message, and `held` runs in the transaction that marks it so. `stop` says, at the last moment, why nothing may go to
    that address, whoever has read the message: it is cancelled, and `ended` runs (EV-2). `ended` runs also in the
    transaction that marks a message sent or failed for good, so that a failure reaches a person; `opted_out` before it
    where the carrier says that the receiver wants none (F24); `late` in the one that marks a message as still waiting
    after a quarter of an hour. `first` locks what a message is about before each of these locks the message, which is
    the order of everybody who acts on a request: neither waits for the other for ever. `reached_at` says which
    mailbox of ours a mail leaves from, and where an answer to it finds its request (T7).
    """

    senders: Mapping[str, Sender]
    catch: Guard
    held: Held
    ended: Ended
    late: Late
    stop: Stop
    opted_out: OptedOut
    first: First
    reached_at: ReachedAt


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
    claimed = _claim(session, message_id, carrier, settings, now())
    if claimed is None:
        return
    parcel, fence = claimed
    why, caught = _read_before(session, message_id, parcel, carrier)
    if why is not None:
        _cancel(session, message_id, fence, why, carrier, now())
        return
    if caught:
        _hold(session, message_id, fence, caught, carrier, now())
        return
    sender = carrier.senders.get(parcel.channel)
    sent = sender.send(parcel) if sender is not None else Sent(Result.PERMANENT, "no_carrier")
    failpoint("after_send")
    _mark(session, message_id, fence, sent, carrier, settings, now())


def _claim(
    session: Session, message_id: UUID, carrier: Carrier, settings: Settings, now: datetime
) -> tuple[Parcel, int] | None:
    with transaction(session):
        row = _locked(session, message_id)
        if row.next_at is None or row.next_at > now or (row.lease_until and row.lease_until >= now):
            return None
        if row.lease_until is not None:  # whoever held it died, or hung past its lease
            session.add(DeliveryAttempt(outbox_id=row.id, n=row.fence, at=now, result=Result.UNKNOWN, code="lease"))
            session.flush()
        unsure = _unsure(session, row)
        row.lease_until = now + timedelta(seconds=settings.lease_seconds)
        row.fence += 1
        row.tries += 1
        body = row.body
        parcel = Parcel(
            row.to or "",
            body["subject"],
            body["text"],
            row.message_id,
            channel=row.channel,
            endpoint=row.endpoint or "",
            owed_at=row.owed_at,
            tries=row.tries,
            unsure=unsure,
            known_ids=_known_ids(session, row) if unsure else frozenset(),
            heading=_heading(row, carrier) if row.channel == "email" else Heading(),
        )
        return parcel, row.fence


def _heading(row: OutboxMessage, carrier: Carrier) -> Heading:
    """Return what a mail says about itself."""
    sender, reply_to = carrier.reached_at(row)
    thread = Thread.from_kept(row.thread)
    answers, before = (thread.in_reply_to, thread.references) if thread is not None else ("", ())
    return Heading(sender, reply_to, answers, before, row.automatic, thread is not None)


def _unsure(session: Session, row: OutboxMessage) -> tuple[datetime, ...]:
    """Return when this message was tried with an end that nobody knows; a mail is known by its Message-ID instead."""
    if not row.fence or row.channel == "email":
        return ()
    unknown = select(DeliveryAttempt.at).where(
        DeliveryAttempt.outbox_id == row.id, DeliveryAttempt.result == Result.UNKNOWN
    )
    return tuple(session.scalars(unknown.order_by(DeliveryAttempt.n)))


def _known_ids(session: Session, row: OutboxMessage) -> frozenset[str]:
    """Return what the carrier calls our other messages to this address: none of them is this one."""
    query = select(OutboxMessage.carrier_id).where(
        OutboxMessage.wall == row.wall,
        OutboxMessage.to_hash.in_(digests("address", (row.to or "").lower(), row.wall)),
        OutboxMessage.carrier_id.is_not(None),
    )
    return frozenset(one for one in session.scalars(query) if one)


def _read_before(session: Session, message_id: UUID, parcel: Parcel, carrier: Carrier) -> tuple[str | None, Caught]:
    """Ask whether anything may go there, and let the guard read it; what cannot be asked or compared does not leave."""
    row = session.scalars(
        select(OutboxMessage).where(OutboxMessage.wall.in_(EITHER_SIDE), OutboxMessage.id == message_id)
    ).one()
    try:
        if (why := carrier.stop(session, row)) is not None:
            return why, []
        return None, [] if row.released_at is not None else carrier.catch(session, row, parcel)
    except Exception as error:
        session.rollback()
        _say(row, "error", "guard_failed", error=type(error).__name__)
        return None, [UNREAD]
    finally:
        session.rollback()


def _cancel(session: Session, message_id: UUID, fence: int, why: str, carrier: Carrier, now: datetime) -> None:
    with transaction(session):
        row = _locked_after(session, message_id, carrier)
        if row.fence != fence or row.next_at is None:
            _say(row, "warning", "late_mark", fence=fence, result=str(Result.WITHHELD))
            return
        session.add(DeliveryAttempt(outbox_id=row.id, n=fence, at=now, result=Result.WITHHELD, code=why))
        row.state, row.next_at, row.lease_until = MessageState.CANCELLED, None, None
        carrier.ended(session, row, Result.WITHHELD, now)
        _say(row, "info", "delivery", template=row.template, result=str(Result.WITHHELD), tries=row.tries)


def _hold(session: Session, message_id: UUID, fence: int, caught: Caught, carrier: Carrier, now: datetime) -> None:
    with transaction(session):
        row = _locked_after(session, message_id, carrier)
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
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).one()


def _locked_after(session: Session, message_id: UUID, carrier: Carrier) -> OutboxMessage:
    """Return the message locked, once what it is about is."""
    query = select(OutboxMessage).where(OutboxMessage.wall.in_(EITHER_SIDE), OutboxMessage.id == message_id)
    carrier.first(session, session.scalars(query).one())
    return _locked(session, message_id)


def _mark(
    session: Session,
    message_id: UUID,
    fence: int,
    sent: Sent,
    carrier: Carrier,
    settings: Settings,
    now: datetime,
) -> None:
    result = sent.result
    with transaction(session):
        row = _locked_after(session, message_id, carrier)
        if row.fence != fence or row.next_at is None:
            _say(row, "warning", "late_mark", fence=fence, result=str(result))
            return
        session.add(DeliveryAttempt(outbox_id=row.id, n=fence, at=now, result=result, code=sent.code))
        row.lease_until = None
        if result is Result.ACCEPTED:
            row.state, row.next_at, row.sent_at, row.carrier_id = MessageState.SENT, None, now, sent.carrier_id
        elif result in (Result.TEMPORARY, Result.UNKNOWN) and now - row.owed_at < timedelta(hours=settings.retry_hours):
            wait = wait_before(row.tries, settings) if sent.again_in is None else min(sent.again_in, WORST_WAIT)
            row.state, row.next_at = MessageState.TRYING_AGAIN, now + wait
            if now - row.owed_at >= LATE:
                carrier.late(session, row, now)
        else:
            row.state, row.next_at = MessageState.FAILED, None
        if sent.code == OPTED_OUT:
            carrier.opted_out(session, row, now)
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
