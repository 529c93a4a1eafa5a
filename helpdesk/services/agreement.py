"""A later answer of the family: a new record that undoes nothing, and stops or starts early help (GL-4, GL-12)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import ENDED
from helpdesk.domain.scopes import Ask
from helpdesk.models import Assignment, Decision, DecisionLine
from helpdesk.services.acting import lock_for
from helpdesk.services.assigning import assign, withdraw_from_teams
from helpdesk.services.closing import close_if_done
from helpdesk.services.destinations import find_destination
from helpdesk.services.route import may_offer_early_help
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.trail import SYSTEM, Stream, record
from service_request.domain.consent import Agrees, RiskReasonMissingError, Told, check_agreement_fits
from service_request.domain.typed import clean_typed
from service_request.models import ClockEnd, Consent, ServiceRequest, TaskKind
from service_request.pathways.social_care.outcome import Done
from service_request.pathways.social_care.rules import ContactReason, LineChoice
from service_request.services.consents import add_consent
from service_request.services.outcomes import add_action
from service_request.services.sight.system import list_subjects
from service_request.services.tasks import finish_tasks, need_task

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
            _stop_early_help(session, request, by, now, house)
        elif agrees is Agrees.YES:
            _send_early_help(session, request, by, now, house)
        return row


def _stop_early_help(session: Session, request: ServiceRequest, by: User, now: datetime, house: House) -> None:
    query = select(Assignment).where(
        Assignment.wall == Wall.OPEN,
        Assignment.request_id == request.id,
        Assignment.ask == Ask.EARLY_HELP,
        Assignment.state.not_in(list(ENDED)),
    )
    stopped = [one for one in session.scalars(query) if not may_offer_early_help(session, request.id, one.subject_id)]
    withdraw_from_teams(
        session,
        request,
        stopped,
        end=ClockEnd.WITHDRAWN,
        reason="agreement_withdrawn",
        by=by.actor,
        now=now,
        house=house,
    )
    if stopped:
        add_action(session, request.id, Done(now, STOPPED, STOPPED), now=now)
        close_if_done(session, request, by=SYSTEM, now=now)


def _send_early_help(session: Session, request: ServiceRequest, by: User, now: datetime, house: House) -> None:
    """Give the locality team what was decided for it and waited for the family's yes (GL-12)."""
    query = (
        select(DecisionLine)
        .join(Decision, Decision.id == DecisionLine.decision_id)
        .where(
            DecisionLine.wall == Wall.OPEN,
            Decision.wall == DecisionLine.wall,
            Decision.request_id == request.id,
            DecisionLine.current,
            DecisionLine.contact_reason == ContactReason.CRITERIA,
            ~select(Assignment.id)
            .where(
                Assignment.wall == Wall.OPEN,
                DecisionLine.wall == Assignment.wall,
                Assignment.decision_line_id == DecisionLine.id,
            )
            .exists(),
        )
    )
    subjects = {subject.id: subject for subject in list_subjects(session, request.id)}
    for line in session.scalars(query).all():
        if not may_offer_early_help(session, request.id, line.subject_id):
            continue
        choice = LineChoice(line.standing, contact_reason=line.contact_reason)
        team = find_destination(session, pathway=request.pathway, choice=choice, area_id=request.area_id, now=now)
        finish_tasks(
            session,
            request_id=request.id,
            kinds=frozenset({TaskKind.ASK_AGREEMENT}),
            about_id=line.id,
            by=by.actor,
            now=now,
        )
        if team is None:
            cause = f"{TaskKind.NO_DESTINATION}:{line.id}"
            need_task(session, TaskKind.NO_DESTINATION, cause=cause, request_id=request.id, about_id=line.id, now=now)
            continue
        assign(session, request, subjects[line.subject_id], line, choice, team, by=by.actor, now=now, house=house)
        words = f"The family agrees. Passed to {team.name}."
        add_action(session, request.id, Done(now, words), now=now)
