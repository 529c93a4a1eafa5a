"""A request closes when every part of it has ended and the referrer was told (GL-14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import ENDED
from helpdesk.models import Assignment, Decision, DecisionLine, Referral
from helpdesk.services.acting import lock_for, move
from infrastructure.database import Wall, transaction
from infrastructure.identity.users import User
from infrastructure.outbox import OutboxMessage, Result
from infrastructure.trail import SYSTEM, Actor
from service_request.domain.errors import DomainError
from service_request.domain.states import RequestState
from service_request.models import AskedState, ClockEnd, ServiceRequest, TaskKind
from service_request.pathways.social_care.rules import LIFECYCLE, RequestAct, check_may_close
from service_request.services import delivery
from service_request.services.asking import end_asked
from service_request.services.clocks import end_all_clocks
from service_request.services.outcomes import LETTERS, count_owed
from service_request.services.sight.system import list_folded_into, list_subjects, lock_request, lock_survivor
from service_request.services.tasks import has_open_tasks

# What the desk still has to do: a request with one of these closes by a person's hand, not by itself.
HOLDS_OPEN = frozenset(TaskKind) - {TaskKind.PDF_FAILED, TaskKind.WHY_LATE, TaskKind.CONFIRM_AGENCY}


def close(session: Session, *, request_id: UUID, version: int | None = None, by: User, now: datetime) -> None:
    """Close a request; raise OutcomeOwedError or WorkOpenError while something is left (GL-14)."""
    with transaction(session):
        request = lock_for(session, request_id, by, version=version)
        LIFECYCLE.next_state(request.state, RequestAct.CLOSE)
        check_may_close(outcomes_owed=_count_owed(session, request), work_open=count_work(session, request.id))
        _close(session, request, by.actor, now)


def close_if_done(session: Session, request: ServiceRequest, *, by: Actor, now: datetime) -> bool:
    """Close a decided request inside the caller's transaction when nothing is left to do; tell whether it was.

    Of one that was folded it is the request that it was folded into, whose outcome all are told (GL-14).
    """
    if request.state is RequestState.FOLDED:
        request = lock_survivor(session, request)
    if request.state is not RequestState.DECIDED:
        return False
    try:
        check_may_close(outcomes_owed=_count_owed(session, request), work_open=count_work(session, request.id))
    except DomainError:
        return False
    if has_open_tasks(session, request.id, HOLDS_OPEN):
        return False
    _close(session, request, by, now)
    return True


def _count_owed(session: Session, request: ServiceRequest) -> int:
    """Return how many tellings are owed, to who asked by this request or by one that was folded into it."""
    every = (request, *list_folded_into(session, request))
    return sum(count_owed(session, one.id) for one in every)


def count_work(session: Session, request_id: UUID) -> int:
    """Return how many referrals and assignments have not ended, and how many children are still to be decided."""
    subjects = [subject.id for subject in list_subjects(session, request_id)]
    decided = select(func.count()).where(
        DecisionLine.wall == Wall.OPEN, DecisionLine.subject_id.in_(subjects), DecisionLine.current
    )
    undecided = len(subjects) - session.scalars(decided).one()
    referrals = (
        select(func.count())
        .select_from(Referral)
        .join(DecisionLine, DecisionLine.id == Referral.decision_line_id)
        .join(Decision, Decision.id == DecisionLine.decision_id)
        .where(
            Decision.wall == Wall.OPEN,
            Decision.request_id == request_id,
            DecisionLine.wall == Decision.wall,
            Referral.wall == DecisionLine.wall,
            Referral.closed_on.is_(None),
            Referral.withdrawn_at.is_(None),
        )
    )
    assignments = (
        select(func.count())
        .select_from(Assignment)
        .where(Assignment.wall == Wall.OPEN, Assignment.request_id == request_id, Assignment.state.not_in(list(ENDED)))
    )
    return undecided + sum(session.scalars(query).one() for query in (referrals, assignments))


def ended(session: Session, row: OutboxMessage, result: Result, now: datetime) -> None:
    """Note how a message ended, in the delivery's transaction, and close the request if that was all it waited for."""
    delivery.ended(session, row, result, now)
    if row.template in LETTERS.values() and row.about_kind == "request":
        close_if_done(session, lock_request(session, row.about_id), by=SYSTEM, now=now)


def _close(session: Session, request: ServiceRequest, by: Actor, now: datetime) -> None:
    end_asked(session, request, state=AskedState.WITHDRAWN, by=by, now=now)  # nobody is chased for what is over
    end_all_clocks(session, request, ClockEnd.WITHDRAWN, now)
    move(session, request, RequestAct.CLOSE, by=by, now=now)
    request.closed_at = now
