"""An officer tells the outcome by phone, or records why nobody can be told (GL-14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.domain.closures import NotToldReason
from helpdesk.domain.decision import said
from helpdesk.domain.refusals import OutcomeToldError
from helpdesk.services.acting import note
from helpdesk.services.closing import close_if_done
from helpdesk.services.held_back import drop
from infrastructure.database import transaction
from infrastructure.identity.users import User
from service_request.domain.typed import NOTE_MAX
from service_request.models import Outcome, OutcomeState, ServiceRequest, TaskKind
from service_request.services.outcomes import OWED, set_told
from service_request.services.sight.todo import lock_outcome
from service_request.services.tasks import finish_tasks

LOGGED_CALL = "logged_call"


def told_by_phone(session: Session, *, outcome_id: UUID, words: str, by: User, now: datetime) -> None:
    """Record that an officer told the referrer by phone: a logged call counts as sent (GL-14)."""
    text = said(words, sentence="Enter what you said, and to whom", most=NOTE_MAX)
    with transaction(session):
        request, outcome = _lock(session, outcome_id, by)
        note(session, request, "call_outcome", text, by=by, now=now)
        _settle(session, request, outcome, OutcomeState.SENT, LOGGED_CALL, by, now)


def not_deliverable(session: Session, *, outcome_id: UUID, reason: NotToldReason, by: User, now: datetime) -> None:
    """Record, with a coded reason, that nobody can be told; then the request may close (GL-14)."""
    with transaction(session):
        request, outcome = _lock(session, outcome_id, by)
        _settle(session, request, outcome, OutcomeState.NOT_DELIVERABLE, NotToldReason(reason), by, now)


def _lock(session: Session, outcome_id: UUID, by: User) -> tuple[ServiceRequest, Outcome]:
    request, outcome = lock_outcome(session, outcome_id, by)
    if outcome.state not in OWED:
        raise OutcomeToldError
    return request, outcome


def _settle(
    session: Session,
    request: ServiceRequest,
    outcome: Outcome,
    state: OutcomeState,
    reason: str,
    by: User,
    now: datetime,
) -> None:
    set_told(session, outcome, state, by=by.actor, now=now, reason=reason)
    drop(session, request, outcome.outbox_id, by=by.actor, now=now)
    for kind, about_id in (
        (TaskKind.CALL_BACK, outcome.id),
        (TaskKind.CALL_BACK, outcome.outbox_id),
        (TaskKind.DELIVERY_FAILED, outcome.outbox_id),
    ):
        if about_id is not None:
            finish_tasks(
                session, request_id=request.id, kinds=frozenset({kind}), about_id=about_id, by=by.actor, now=now
            )
    close_if_done(session, request, by=by.actor, now=now)
