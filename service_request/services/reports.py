"""What a carrier tells of a message that went out: once each, only forward, and parked while nobody knows it (F27)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, Wall, transaction, uuid7
from infrastructure.database.upsert import insert_into
from infrastructure.outbox import DeliveryAttempt, MessageState, OutboxMessage, Result
from infrastructure.trail import SYSTEM, Stream, record
from service_request.models import DeliveryReport, Silenced, TaskKind
from service_request.services.lock_order import lock_matter
from service_request.services.refusals import NotYoursError
from service_request.services.sight.addressed import find_thread, lock_thread
from service_request.services.sight.system import lock_request
from service_request.services.tasks import need_task

BLOCKED_BY_RECEIVER = "21610"
PATIENCE = timedelta(hours=24)  # then somebody looks why a carrier speaks of what nobody sent
# How far each word goes: what comes late and says less changes nothing. Twilio's words and Notify's.
ON_THE_WAY, NOT_THERE, THERE = 1, 2, 3
RANKS: dict[str, int] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "created", "sending", "sent", "pending"), ON_THE_WAY),
    **dict.fromkeys(
        ("undelivered", "failed", "canceled", "permanent-failure", "temporary-failure", "technical-failure"), NOT_THERE
    ),
    **dict.fromkeys(("delivered", "read"), THERE),
}
STANDS = {MessageState.SENT: ON_THE_WAY, MessageState.FAILED: NOT_THERE, MessageState.DELIVERED: THERE}


def take_report(session: Session, *, carrier_id: str, status: str, code: str | None, wall: Wall, now: datetime) -> None:
    """Keep a report, and apply it if its message is known; the same one again changes nothing (T4, F27).

    `wall` is the side of our number in it; a message that is known says its own.
    """
    with transaction(session):
        row = _find(session, carrier_id)
        report_id = uuid7()
        added = insert_into(session, DeliveryReport).values(
            id=report_id,
            wall=row.wall if row is not None else wall,
            carrier_id=carrier_id,
            status=status,
            code=code,
            received_at=now,
        )
        one_of_each = [DeliveryReport.wall, DeliveryReport.carrier_id, DeliveryReport.status]
        session.execute(added.on_conflict_do_nothing(index_elements=one_of_each))
        if row is not None:
            apply_parked(session, row, now)


def apply_parked(session: Session, row: OutboxMessage, now: datetime) -> None:
    """Apply inside the caller's transaction what came of a message, the furthest of it; its row is locked."""
    if row.carrier_id is None:
        return
    query = select(DeliveryReport).where(
        DeliveryReport.wall.in_(EITHER_SIDE),
        DeliveryReport.carrier_id == row.carrier_id,
        DeliveryReport.applied_at.is_(None),
    )
    reports = list(session.scalars(query.order_by(DeliveryReport.received_at, DeliveryReport.id)))
    for report in reports:
        report.applied_at, report.outbox_id = now, row.id
    furthest = max(reports, key=lambda one: RANKS.get(one.status, 0), default=None)
    rank = RANKS.get(furthest.status, 0) if furthest is not None else 0
    if furthest is None or rank <= STANDS.get(row.state, THERE):
        return
    row.fence += 1
    result = Result.DELIVERED if rank == THERE else Result.PERMANENT
    session.add(DeliveryAttempt(outbox_id=row.id, n=row.fence, at=now, result=result, code=furthest.code))
    if rank == THERE:
        row.state, row.delivered_at = MessageState.DELIVERED, furthest.received_at
        return
    row.state = MessageState.FAILED
    if furthest.code == BLOCKED_BY_RECEIVER:
        opted_out(session, row, now)
    need_task(
        session,
        TaskKind.DELIVERY_FAILED,
        cause=f"delivery_failed:{row.id}",
        request_id=row.about_id if row.about_kind == "request" else None,
        about_id=row.id,
        now=now,
        wall=row.wall,
    )


def list_parked(session: Session, *, now: datetime, most: int = 50) -> list[UUID]:
    """Return the parked reports that are due: their message is known by now, or nobody knew it in a day."""
    known = exists().where(OutboxMessage.wall.in_(EITHER_SIDE), OutboxMessage.carrier_id == DeliveryReport.carrier_id)
    is_late = and_(DeliveryReport.alerted_at.is_(None), DeliveryReport.received_at <= now - PATIENCE)
    query = (
        select(DeliveryReport.id)
        .where(DeliveryReport.wall.in_(EITHER_SIDE), DeliveryReport.applied_at.is_(None), or_(known, is_late))
        .order_by(DeliveryReport.received_at)
        .limit(most)
    )
    found = list(session.scalars(query))
    session.rollback()
    return found


def look_at_parked(session: Session, report_id: UUID, *, now: datetime) -> None:
    """Apply a parked report whose message is known by now; one that nobody knows becomes a task, once (F27)."""
    with transaction(session):
        query = select(DeliveryReport).where(DeliveryReport.wall.in_(EITHER_SIDE), DeliveryReport.id == report_id)
        report = session.scalars(query).one()
        row = _find(session, report.carrier_id)
        if row is not None:
            apply_parked(session, row, now)
        elif report.alerted_at is None:
            report.alerted_at = now
            cause = f"report_of_nothing:{report.carrier_id}"
            need_task(session, TaskKind.ALERT, cause=cause, about_id=report.id, now=now, wall=report.wall)


def _find(session: Session, carrier_id: str) -> OutboxMessage | None:
    """Return the message that a carrier means, locked: two reports of it are applied one after the other.

    What it is about is locked before it, as everybody does who acts on a request.
    """
    known = OutboxMessage.wall.in_(EITHER_SIDE) & (OutboxMessage.carrier_id == carrier_id)
    row = session.scalars(select(OutboxMessage).where(known).limit(1)).one_or_none()
    if row is None:
        return None
    lock_matter(session, row)
    query = select(OutboxMessage).where(OutboxMessage.wall.in_(EITHER_SIDE), OutboxMessage.id == row.id)
    query = query.with_for_update(of=OutboxMessage).execution_options(populate_existing=True)
    return session.scalars(query).one()


def opted_out(session: Session, row: OutboxMessage, now: datetime) -> None:
    """Note on its thread that the receiver has left our number, so that nothing more is sent there (F24).

    A task says so too, by `ended`. The request is locked before the thread, as everybody does who changes both.
    """
    found = find_thread(session, row)
    if found is None:
        return
    if found.request_id is not None:
        try:
            lock_request(session, found.request_id)
        except NotYoursError:
            return
    thread = lock_thread(session, found.id, wall=row.wall)
    if thread.opted_out_at is not None:
        return
    thread.opted_out_at = now
    thread.silenced, thread.silenced_at = Silenced.OPTED_OUT, now
    if found.request_id is not None:
        record(session, Stream("request", found.request_id), "opt_out", by=SYSTEM, now=now)
