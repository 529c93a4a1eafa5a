"""Why a promise was broken: a manager records it, and what was recorded stays (EV-7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.domain.decision import said
from infrastructure.database import Wall, transaction
from infrastructure.identity.models import Role
from infrastructure.identity.users import User
from infrastructure.trail import Stream, record
from service_request.models import ClockBreach, ReasonKind, TaskKind
from service_request.services.reasons import OTHER, check_reason
from service_request.services.refusals import NotYoursError
from service_request.services.sight.broken import get_late
from service_request.services.sight.visible import get_request
from service_request.services.tasks import finish_tasks


def may_say_why(user: User) -> bool:
    """Tell whether somebody answers for what was late: a manager, and inside the wall each who works there."""
    return user.wall is Wall.SENDIASS or user.holds(Role.MANAGER, Role.SERVICE_MANAGER)


def say_why(
    session: Session, *, request_id: UUID, clock_id: UUID, reason: str, words: str, by: User, now: datetime
) -> None:
    """Record why a promise was broken, beside what was recorded before; what asked for it is done."""
    text = said(words, sentence="Enter what happened") if reason == OTHER or words.strip() else None
    with transaction(session):
        request = get_request(session, request_id, by, lock=True, lasting=True)
        late = get_late(session, clock_id, by, now=now)
        if late.request_id != request.id or not may_say_why(by):
            raise NotYoursError
        check_reason(session, ReasonKind.BREACH, reason)
        row = ClockBreach(
            wall=request.wall, clock_id=clock_id, request_id=request.id, code=reason, by_id=by.id, at=now, words=text
        )
        session.add(row)
        session.flush()
        stream = Stream("request", request.id)
        record(session, stream, "say_why_late", by=by.actor, now=now, clock=clock_id, kind=late.kind, code=reason)
        kinds = frozenset({TaskKind.WHY_LATE})
        finish_tasks(session, request_id=request.id, kinds=kinds, about_id=clock_id, by=by.actor, now=now)
