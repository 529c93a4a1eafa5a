"""A referrer wants a request back: a person closes it, or goes on with a reason (GL-8, GL-14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.decision import said
from helpdesk.domain.refusals import NotAskedBackError, PartlyDecidedError
from helpdesk.models import Decision
from helpdesk.services.acting import lock_for, move, note
from helpdesk.services.folding import check_nothing_folded_in
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.trail import Stream, record
from service_request.models import AskedState, ClockEnd, ServiceRequest
from service_request.pathways.social_care.outcome import OutcomeWords
from service_request.pathways.social_care.rules import RequestAct
from service_request.services.asking import end_asked
from service_request.services.clocks import end_all_clocks
from service_request.services.outcomes import owe_outcome
from service_request.services.tasks import finish_tasks, has_open_tasks
from service_request.services.withdrawing import WANTED, reason_asked, tell


def let_it_go(
    session: Session, *, request_id: UUID, version: int | None = None, by: User, now: datetime, house: House
) -> None:
    """Close a request as its referrer asked, with their reason; they are owed that it was done (GL-14)."""
    with transaction(session):
        request = _asked_back(session, request_id, version, by)
        decided = select(Decision.id).where(Decision.wall == Wall.OPEN, Decision.request_id == request.id)
        if session.scalars(decided.limit(1)).first() is not None:
            raise PartlyDecidedError
        check_nothing_folded_in(session, request)
        reason = reason_asked(session, request)
        move(session, request, RequestAct.WITHDRAW, by=by.actor, now=now, reason=reason)
        request.ended_why, request.closed_at = reason, now
        end_all_clocks(session, request, ClockEnd.WITHDRAWN, now)
        end_asked(session, request, state=AskedState.WITHDRAWN, by=by.actor, now=now)
        finish_tasks(session, request_id=request.id, kinds=WANTED, about_id=None, by=by.actor, now=now)
        words = OutcomeWords(rows=(), why="", decided_at=now, decided_by="", decided_by_title="", is_corrected=False)
        owe_outcome(session, request, words, decision_id=None, by=by.actor, now=now, house=house)


def go_on(
    session: Session, *, request_id: UUID, version: int | None = None, words: str, by: User, now: datetime, house: House
) -> None:
    """Go on with a request that its referrer wanted back, for a reason that stays; they are told that we do."""
    text = said(words, sentence="Enter why you go on with it")
    with transaction(session):
        request = _asked_back(session, request_id, version, by)
        row = note(session, request, "note", text, by=by, now=now)
        record(session, Stream("request", request.id), "go_on", by=by.actor, now=now, message=row.id)
        finish_tasks(session, request_id=request.id, kinds=WANTED, about_id=None, by=by.actor, now=now)
        tell(session, request, "withdraw_declined", cause=row.id, now=now, house=house)


def _asked_back(session: Session, request_id: UUID, version: int | None, by: User) -> ServiceRequest:
    request = lock_for(session, request_id, by, version=version)
    if not has_open_tasks(session, request.id, WANTED):
        raise NotAskedBackError
    return request
