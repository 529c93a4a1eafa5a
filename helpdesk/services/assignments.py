"""What a team answers to what it was given: taken on, handed back, done; and when a referral closed (GL-13, GL-17)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import AssignmentAct, AssignmentState
from helpdesk.domain.closures import CLOSURE_LABELS, Closure
from helpdesk.domain.decision import said
from helpdesk.domain.refusals import AgreementWithdrawnError, ClosedOnWrongError, NoReferralError
from helpdesk.domain.scopes import Ask
from helpdesk.models import Assignment, Referral
from helpdesk.services.assigning import end_sight, move_assignment
from helpdesk.services.closing import close_if_done
from helpdesk.services.routing import GATED
from helpdesk.services.telling_folded import add_done
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.models import Team
from infrastructure.identity.users import User
from infrastructure.trail import SYSTEM, Stream, record
from service_request.domain.consent import Agrees, Told
from service_request.models import ClockEnd, ClockKind, ReasonKind, ServiceRequest, TaskKind
from service_request.pathways.social_care.outcome import Done
from service_request.services.clocks import end_clock
from service_request.services.consents import find_latest
from service_request.services.reasons import OTHER, check_reason
from service_request.services.refusals import NotYoursError, StaleEditError
from service_request.services.sight.system import lock_request
from service_request.services.sight.visible import barred
from service_request.services.tasks import finish_tasks, need_task

CHASE_CLOSING_DAYS = 3  # GL-13, GL-17: the second chase of what was asked of a referrer, taken for teams too


def acknowledge(
    session: Session, *, assignment_id: UUID, version: int | None = None, by: User, now: datetime, house: House
) -> None:
    """Take an assignment on; a late one is still taken, and shows as late (GL-17)."""
    with transaction(session):
        request, assignment = _lock_own(session, assignment_id, by, version)
        if assignment.state is AssignmentState.ACCEPTED and assignment.acknowledged_by_id == by.id:
            return
        if _is_gated(session, assignment) and _was_refused(session, assignment):
            raise AgreementWithdrawnError
        move_assignment(session, assignment, AssignmentAct.ACKNOWLEDGE, by=by.actor, now=now)
        assignment.acknowledged_at, assignment.acknowledged_by_id = now, by.id
        end_clock(session, ("assignment", assignment.id), ClockKind.ACKNOWLEDGE, ClockEnd.MET, now)
        _finish_desk_tasks(session, request, assignment, by, now)
        taken = f"{_team_name(session, assignment)} took it on."
        _tell_done(session, request, assignment, taken, taken, now)


def hand_back(
    session: Session,
    *,
    assignment_id: UUID,
    version: int | None = None,
    reason: str,
    words: str = "",
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Give an assignment back to the desk with a coded reason; sight ends, and no clock starts again (EV-7).

    The reason is one of the authority's own list; the other one needs words (ReasonUnknownError, WordsMissingError).
    """
    needs_words = reason == OTHER or bool(words.strip())
    text = said(words, sentence="Enter what the helpdesk should know") if needs_words else None
    with transaction(session):
        request, assignment = _lock_own(session, assignment_id, by, version, {"words": words})
        label = check_reason(session, ReasonKind.HAND_BACK, reason)
        move_assignment(session, assignment, AssignmentAct.HAND_BACK, by=by.actor, now=now, reason=reason)
        assignment.reason_code, assignment.answer = reason, text
        end_clock(session, ("assignment", assignment.id), ClockKind.ACKNOWLEDGE, ClockEnd.MET, now)
        end_sight(session, assignment, now)
        _finish_desk_tasks(session, request, assignment, by, now)
        need_task(
            session,
            TaskKind.HANDED_BACK,
            cause=f"handed_back:{assignment.id}",
            request_id=request.id,
            about_id=assignment.id,
            now=now,
        )
        name = _team_name(session, assignment)
        words_for_referrer = f"{name} gave it back to the helpdesk: {label.lower()}."
        _tell_done(session, request, assignment, words_for_referrer, f"{name} gave it back to the helpdesk.", now)


def finish(
    session: Session,
    *,
    assignment_id: UUID,
    version: int | None = None,
    words: str,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Say what was done: the referrer reads it, and the form is returned with it (GL-14).

    A referral that stays open is chased: its team says when it closes (GL-13).
    """
    text = said(words, sentence="Enter what was done: the referrer reads it")
    with transaction(session):
        request, assignment = _lock_own(session, assignment_id, by, version, {"words": text})
        move_assignment(session, assignment, AssignmentAct.FINISH, by=by.actor, now=now)
        assignment.answer, assignment.ended_at = text, now
        name = _team_name(session, assignment)
        _tell_done(session, request, assignment, f"{name}: {text}", f"{name} finished its part.", now)
        referral = _find_referral(session, assignment)
        if referral is not None and referral.closed_on is None:
            need_task(
                session,
                TaskKind.CHASE,
                cause=f"close_referral:{referral.id}",
                request_id=request.id,
                about_id=assignment.id,
                team_id=assignment.team_id,
                due_at=house.calendar.same_time_after(now, CHASE_CLOSING_DAYS),
                now=now,
            )
        close_if_done(session, request, by=SYSTEM, now=now)


def close_referral(
    session: Session,
    *,
    assignment_id: UUID,
    version: int | None = None,
    closure: Closure,
    closed_on: date,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Say when a referral closed and why, so that the next one is known for what it is (GL-13)."""
    with transaction(session):
        request, assignment = _lock_own(session, assignment_id, by, version)
        referral = _find_referral(session, assignment)
        if referral is None or assignment.state not in (AssignmentState.ACCEPTED, AssignmentState.DONE):
            raise NoReferralError
        if not referral.accepted_on <= closed_on <= house.calendar.local_day(now):
            raise ClosedOnWrongError
        if referral.closed_on is not None:
            raise NoReferralError("This referral is closed already")
        referral.closed_on, referral.closure = closed_on, closure
        record(
            session,
            Stream("request", request.id),
            "close_referral",
            by=by.actor,
            now=now,
            referral=referral.id,
            closed_on=closed_on.isoformat(),
            closure=closure,
        )
        finish_tasks(
            session,
            request_id=request.id,
            kinds=frozenset({TaskKind.CHASE}),
            about_id=assignment.id,
            by=by.actor,
            now=now,
        )
        name = _team_name(session, assignment)
        words = f"{name} closed the referral: {CLOSURE_LABELS[closure].lower()}."
        _tell_done(session, request, assignment, words, f"{name} closed the referral.", now)
        close_if_done(session, request, by=SYSTEM, now=now)


def lapse(session: Session, request: ServiceRequest, assignment_id: UUID, *, now: datetime) -> bool:
    """Note inside the caller's transaction that nobody took an assignment on in time; the desk gets a task (GL-17)."""
    query = (
        select(Assignment)
        .where(Assignment.wall == Wall.OPEN, Assignment.id == assignment_id)
        .with_for_update(of=Assignment)
    )
    assignment = session.scalars(query).one()
    if assignment.state is not AssignmentState.SENT:
        return False
    move_assignment(session, assignment, AssignmentAct.LAPSE, by=SYSTEM, now=now)
    need_task(
        session,
        TaskKind.NOT_ACKNOWLEDGED,
        cause=f"not_acknowledged:{assignment.id}",
        request_id=request.id,
        about_id=assignment.id,
        now=now,
    )
    return True


def _lock_own(
    session: Session, assignment_id: UUID, by: User, version: int | None, mine: dict[str, str] | None = None
) -> tuple[ServiceRequest, Assignment]:
    own = (
        Assignment.id == assignment_id,
        Assignment.team_id.in_(by.teams()),
        Assignment.request_id.not_in(barred(by)),
    )
    request_id = session.scalars(select(Assignment.request_id).where(Assignment.wall == Wall.OPEN, *own)).one_or_none()
    if request_id is None:
        raise NotYoursError
    request = lock_request(session, request_id)
    assignment = session.scalars(
        select(Assignment).where(Assignment.wall == Wall.OPEN, *own).with_for_update(of=Assignment)
    ).one()
    if version is not None and assignment.version != version:
        raise StaleEditError(mine, {"state": assignment.state.value})
    return request, assignment


def _find_referral(session: Session, assignment: Assignment) -> Referral | None:
    query = select(Referral).where(
        Referral.wall == Wall.OPEN,
        Referral.decision_line_id == assignment.decision_line_id,
        Referral.withdrawn_at.is_(None),
    )
    return session.scalars(query).one_or_none()


def _is_gated(session: Session, assignment: Assignment) -> bool:
    """Tell whether the family must agree to this: early help, a locality team, a provider (GL-7)."""
    return assignment.ask == Ask.EARLY_HELP or session.get_one(Team, assignment.team_id).kind in GATED


def _was_refused(session: Session, assignment: Assignment) -> bool:
    latest = find_latest(session, assignment.request_id, assignment.subject_id)
    return latest is not None and latest.agrees is Agrees.NO and latest.told is not Told.OVERRIDE


def _finish_desk_tasks(
    session: Session, request: ServiceRequest, assignment: Assignment, by: User, now: datetime
) -> None:
    kinds = frozenset({TaskKind.NOT_ACKNOWLEDGED})
    finish_tasks(session, request_id=request.id, kinds=kinds, about_id=assignment.id, by=by.actor, now=now)


def _tell_done(
    session: Session, request: ServiceRequest, assignment: Assignment, words: str, plain: str, now: datetime
) -> None:
    add_done(session, request, assignment.subject_id, Done(now, words, plain), now=now)


def _team_name(session: Session, assignment: Assignment) -> str:
    return session.get_one(Team, assignment.team_id).name
