"""What the outbox asks of us: who must know that a message waits, or how it ended (GL-14)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from infrastructure.calendar import LONDON
from infrastructure.database import Wall
from infrastructure.outbox import OutboxMessage, Result
from service_request.models import TaskKind
from service_request.services import outcomes
from service_request.services.enquiries.evaluations import forget_link
from service_request.services.reports import apply_parked
from service_request.services.tasks import need_task


def late(session: Session, row: OutboxMessage, now: datetime) -> None:
    """Tell the desk, once a day, that mail is not going out: those who asked must then be rung."""
    day = now.astimezone(LONDON).date()
    cause = f"mail_late:{day}" if row.wall is Wall.OPEN else f"mail_late:{row.wall}:{day}"
    need_task(session, TaskKind.ALERT, cause=cause, about_id=row.id, now=now, wall=row.wall)


def ended(session: Session, row: OutboxMessage, result: Result, now: datetime) -> None:
    """Mark what the message was to tell as told, or make its failure a task for the desk, in the same transaction."""
    forget_link(row)
    if result is Result.ACCEPTED:
        outcomes.mark_told(session, row, now)
        apply_parked(session, row, now)
        return
    outcomes.mark_failed(session, row, now)
    is_about_request = row.about_kind == "request"
    need_task(
        session,
        TaskKind.DELIVERY_FAILED,
        cause=f"delivery_failed:{row.id}",
        request_id=row.about_id if is_about_request else None,
        about_id=row.id,
        now=now,
        wall=row.wall,
    )
