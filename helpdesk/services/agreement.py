"""A later answer of the family: a new record that undoes nothing, and stops or starts early help (GL-4, GL-12)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, bindparam, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from helpdesk.domain.assignments import ENDED
from helpdesk.domain.scopes import Ask
from helpdesk.models import Assignment, Decision, DecisionLine
from helpdesk.services.acting import lock_for
from helpdesk.services.assigning import withdraw_from_teams
from helpdesk.services.closing import close_if_done
from helpdesk.services.routing import GATED, NO_AGREEMENT, end_askings, may_offer_early_help, route_line
from helpdesk.services.telling_folded import add_done
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.models import Team
from infrastructure.identity.users import User
from infrastructure.trail import SYSTEM, Actor, Stream, record
from service_request.domain.consent import Agrees, RiskReasonMissingError, Told, check_agreement_fits
from service_request.domain.states import RequestState
from service_request.domain.typed import clean_typed
from service_request.models import (
    AskedFor,
    AskedKind,
    AskedState,
    ClockEnd,
    Consent,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.pathways.social_care.outcome import Done
from service_request.pathways.social_care.rules import ContactReason
from service_request.services.consents import add_consent, find_latest
from service_request.services.late_news import come_up
from service_request.services.sight.system import list_subjects, lock_request
from service_request.services.tasks import finish_tasks

STOPPED = "The family does not agree to early help now, so it has stopped."


def record_consent(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    told: Told,
    agrees: Agrees,
    who_told: str | None = None,
    told_by: str | None = None,
    told_on: date | None = None,
    reason: str | None = None,
    agrees_who: str | None = None,
    lawful_basis: str | None = None,
    subject_id: UUID | None = None,
    by: User,
    now: datetime,
    house: House,
) -> Consent:
    """Record what the family was told and agrees to, as heard now (GL-4).

    A yes sends on what waited for it; a no stops the early help that is under way. What was done stays done.
    """
    if told is Told.RISK and not (reason or "").strip():
        raise RiskReasonMissingError
    check_agreement_fits(told, agrees, agrees_who)
    with transaction(session):
        request = lock_for(session, request_id, by, version=version, mine={"reason": reason or ""})
        row = add_consent(
            session,
            request,
            told=told,
            agrees=agrees,
            who_told=who_told,
            told_by=told_by,
            told_on=told_on,
            reason=clean_typed(reason or "")[0] or None,
            agrees_who=agrees_who,
            lawful_basis=lawful_basis,
            subject_id=subject_id,
            by=by.actor,
            now=now,
        )
        flag_modified(request, "told")  # an answer like the one before outdates other people's pages too
        record(
            session,
            Stream("request", request.id),
            "record_consent",
            by=by.actor,
            now=now,
            consent=row.id,
            told=told,
            agrees=agrees,
            subject=subject_id,
        )
        if agrees is Agrees.NO:
            _stop_early_help(session, request, by.actor, now, house)
        elif agrees is Agrees.YES:
            send_early_help(session, request, by.actor, now, house)
            if request.state is RequestState.CLOSED and waits_after_end(session, request.id):
                come_up(session, request, cause=f"agrees:{row.id}", by=by.actor, now=now)
        return row


def _stop_early_help(session: Session, request: ServiceRequest, by: Actor, now: datetime, house: House) -> None:
    """Take back what needs the family's agreement and has it no more, whichever team gives it (GL-7)."""
    query = (
        select(Assignment)
        .join(Team, Team.id == Assignment.team_id)
        .where(
            Assignment.wall == Wall.OPEN,
            Assignment.request_id == request.id,
            or_(Assignment.ask == Ask.EARLY_HELP, Team.kind.in_(GATED)),
            Assignment.state.not_in(list(ENDED)),
        )
    )
    stopped = [one for one in session.scalars(query) if not may_offer_early_help(session, request.id, one.subject_id)]
    withdraw_from_teams(
        session, request, stopped, end=ClockEnd.WITHDRAWN, reason=NO_AGREEMENT, by=by, now=now, house=house
    )
    children = dict.fromkeys(one.subject_id for one in stopped)
    for subject_id in children:
        add_done(session, request, subject_id, Done(now, STOPPED, STOPPED), now=now)
    if stopped:
        close_if_done(session, request, by=SYSTEM, now=now)


def send_early_help(session: Session, request: ServiceRequest, by: Actor, now: datetime, house: House) -> None:
    """Give the teams what was decided for them and waited for the family's yes (GL-12)."""
    if request.state is RequestState.CLOSED:
        return  # a person sends it on, or a new decision opens it again (EV-4)
    subjects = {subject.id: subject for subject in list_subjects(session, request.id)}
    for line in _waiting_lines(session, request.id):
        if not may_offer_early_help(session, request.id, line.subject_id):
            continue
        kinds = frozenset({TaskKind.ASK_AGREEMENT})
        finish_tasks(session, request_id=request.id, kinds=kinds, about_id=line.id, by=by, now=now)
        asked = [AskedKind.AGREEMENT]
        end_askings(session, request, [line.subject_id], asked, state=AskedState.ANSWERED, by=by, now=now)
        for team in route_line(session, request, line, subjects[line.subject_id], by=by, now=now, house=house):
            words = f"The family agrees. Passed to {team.name}."
            add_done(session, request, line.subject_id, Done(now, words), now=now)


def waits_after_end(session: Session, request_id: UUID) -> bool:
    """Tell whether a child was given to nobody for want of a yes that is there now, though the request has closed."""
    given = select(Assignment.decision_line_id).where(
        Assignment.wall == Wall.OPEN,
        Assignment.request_id == request_id,
        func.coalesce(Assignment.reason_code, "") != NO_AGREEMENT,
    )
    had = set(session.scalars(given))
    return any(
        line.id not in had and may_offer_early_help(session, request_id, line.subject_id)
        for line in _waiting_lines(session, request_id)
    )


def _waiting_lines(session: Session, request_id: UUID) -> list[DecisionLine]:
    """Return the standing lines that wait, or were stopped, for want of agreement."""
    asked = select(Task.about_id).where(
        Task.wall == Wall.OPEN,
        Task.request_id == request_id,
        Task.kind == TaskKind.ASK_AGREEMENT,
        Task.done_at.is_(None),
    )
    stopped = select(Assignment.decision_line_id).where(
        Assignment.wall == Wall.OPEN, Assignment.request_id == request_id, Assignment.reason_code == NO_AGREEMENT
    )
    query = (
        select(DecisionLine)
        .join(Decision, Decision.id == DecisionLine.decision_id)
        .where(
            Decision.wall == Wall.OPEN,
            Decision.request_id == request_id,
            DecisionLine.wall == Decision.wall,
            DecisionLine.current,
            or_(
                DecisionLine.contact_reason == ContactReason.CRITERIA,
                DecisionLine.id.in_(asked),
                DecisionLine.id.in_(stopped),
            ),
        )
    )
    return list(session.scalars(query))


def _waiting() -> Select[UUID | None]:
    """Select what waits for an answer that has come; put together once, since the worker asks every few seconds."""
    later = (Consent.wall == Task.wall) & (Consent.request_id == Task.request_id)
    said = select(Consent.id).where(later, Consent.at > Task.made_at, Consent.at <= bindparam("now")).exists()
    last = select(Consent.agrees).where(later).order_by(Consent.at.desc(), Consent.id.desc()).limit(1)
    line = (DecisionLine.wall == Task.wall) & (DecisionLine.id == Task.about_id)
    told = (
        select(AskedFor.id)
        .join(DecisionLine, line)
        .where(
            AskedFor.wall == Task.wall,
            AskedFor.request_id == Task.request_id,
            AskedFor.subject_id == DecisionLine.subject_id,
            AskedFor.kind == AskedKind.CAF,
            AskedFor.state == AskedState.ANSWERED,
        )
        .exists()
    )
    return select(Task.request_id).where(
        Task.wall == Wall.OPEN,
        Task.done_at.is_(None),
        or_(
            (Task.kind == TaskKind.ASK_AGREEMENT) & said & last.scalar_subquery().in_([Agrees.YES, Agrees.NO]),
            (Task.kind == TaskKind.ASK_CAF) & told,
        ),
    )


def _refused() -> Select[UUID]:
    """Select the work under way that needs a yes where the last answer is no."""
    of_work = (Consent.wall == Assignment.wall) & (Consent.request_id == Assignment.request_id)
    newest = (Consent.at.desc(), Consent.id.desc())
    now_said = select(Consent.agrees).where(of_work).order_by(*newest).limit(1)
    now_told = select(Consent.told).where(of_work).order_by(*newest).limit(1)
    return (
        select(Assignment.request_id)
        .join(Team, Team.id == Assignment.team_id)
        .where(
            Assignment.wall == Wall.OPEN,
            Assignment.state.not_in(list(ENDED)),
            or_(Assignment.ask == Ask.EARLY_HELP, Team.kind.in_(GATED)),
            now_said.scalar_subquery() == Agrees.NO,
            now_told.scalar_subquery() != Told.OVERRIDE,
        )
    )


_WAITING, _REFUSED = _waiting(), _refused()


def list_answered(session: Session, now: datetime) -> list[UUID]:
    """Return the requests whose referrer answered about the family's agreement or a CAF, for the worker."""
    found = [*session.scalars(_WAITING, {"now": now}), *session.scalars(_REFUSED)]
    session.rollback()
    return [one for one in dict.fromkeys(found) if one is not None]


def follow_answer(session: Session, request_id: UUID, *, now: datetime, house: House) -> None:
    """Do what the referrer's answer calls for: a yes sends on, a no takes back, a CAF ends its task (GL-12).

    The answer was taken outside, where nothing of the desk is done; the worker does it within a minute.
    """
    with transaction(session):
        request = lock_request(session, request_id)
        is_over = request.state is RequestState.CLOSED  # what was answered is at the desk as news (EV-1)
        send_early_help(session, request, SYSTEM, now, house)
        _stop_early_help(session, request, SYSTEM, now, house)
        for line in _lines_with(session, request, TaskKind.ASK_AGREEMENT):
            latest = find_latest(session, request.id, line.subject_id)
            if is_over or (latest is not None and latest.agrees is Agrees.NO):
                _finish(session, request, TaskKind.ASK_AGREEMENT, line, now)
        answered = select(AskedFor.subject_id).where(
            AskedFor.wall == request.wall,
            AskedFor.request_id == request.id,
            AskedFor.kind == AskedKind.CAF,
            AskedFor.state == AskedState.ANSWERED,
        )
        children = set(session.scalars(answered))
        for line in _lines_with(session, request, TaskKind.ASK_CAF):
            if line.subject_id in children:
                _finish(session, request, TaskKind.ASK_CAF, line, now)
        close_if_done(session, request, by=SYSTEM, now=now)


def _lines_with(session: Session, request: ServiceRequest, kind: TaskKind) -> list[DecisionLine]:
    query = (
        select(DecisionLine)
        .join(Task, (Task.wall == DecisionLine.wall) & (Task.about_id == DecisionLine.id))
        .where(DecisionLine.wall == Wall.OPEN, Task.request_id == request.id, Task.kind == kind, Task.done_at.is_(None))
    )
    return list(session.scalars(query))


def _finish(session: Session, request: ServiceRequest, kind: TaskKind, line: DecisionLine, now: datetime) -> None:
    finish_tasks(session, request_id=request.id, kinds=frozenset({kind}), about_id=line.id, by=SYSTEM, now=now)
