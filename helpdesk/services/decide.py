"""The manager's decision: recorded whole, with all that follows from it, in one transaction (GL-6 to GL-14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.decision import NewDecision, NewLine, NewOverride, Proposal, check_decision
from helpdesk.domain.refusals import (
    ChildUndecidedError,
    MatchesOpenError,
    MatchingOwedError,
    NothingToReplaceError,
    WhyReplacedMissingError,
)
from helpdesk.models import Decision, DecisionLine
from helpdesk.services.acting import lock_for, move
from helpdesk.services.closing import close_if_done
from helpdesk.services.deciders import check_may_decide
from helpdesk.services.decision_drafts import drop_drafts
from helpdesk.services.following import Deciding, carry_out, replace_lines, say_outcome
from helpdesk.services.proposing import proposals
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.trail import SYSTEM, Stream, record
from service_request.domain.consent import Agrees, Told, check_may_accept
from service_request.domain.states import RequestState
from service_request.domain.typed import clean_typed
from service_request.models import AskedKind, AskedState, ClockEnd, ClockKind, Consent, ServiceRequest, Subject
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.rules import LIFECYCLE, RequestAct, Standing
from service_request.services.asking import end_asked
from service_request.services.clocks import end_clock
from service_request.services.consents import add_consent, find_latest
from service_request.services.matching import has_open
from service_request.services.outcomes import was_told
from service_request.services.refusals import StaleEditError
from service_request.services.sight.system import list_subjects, matching_owed_since

__all__ = ["NewDecision", "NewLine", "NewOverride", "Proposal", "decide", "proposals"]

DECIDED = (RequestState.DECIDED, RequestState.CLOSED)
# The worker looks within seconds. Should it be down, a child in danger is not left waiting for it (GL-7).
MATCHING_PATIENCE = timedelta(minutes=15)


def decide(
    session: Session,
    *,
    request_id: UUID,
    decision: NewDecision,
    version: int | None = None,
    by: User,
    now: datetime,
    house: House,
) -> Decision:
    """Record the manager's decision, move the request, route it onward, and owe the referrer the outcome.

    Raise a DomainError with a sentence: not theirs to decide, a record that is not whole, a family not told and no
    override, a hint that nobody answered; StaleEditError with both texts when somebody saved first (A1).
    """
    with transaction(session):
        request = lock_for(session, request_id, by)
        if version is not None and request.version != version:
            raise StaleEditError(decision.texts, _latest_texts(session, request.id))
        place = check_may_decide(session, request.area_id, by)
        subjects = list_subjects(session, request.id)
        check_decision(decision, {subject.id: subject.label or f"child {subject.number}" for subject in subjects})
        current = _current_lines(session, request.id)
        act = _act_of(request.state, decision, subjects, set(current))
        LIFECYCLE.next_state(request.state, act)
        _check_hints(session, request, by, now)
        _check_may_accept(session, request, decision, subjects, house)
        proposed = proposals(session, request, on=house.calendar.local_day(now), to=by)
        if decision.override is not None:
            _record_override(session, request, decision.override, by, now)
        row = _write(session, request, decision, current, by, now)
        doing = Deciding(session, request, row, by, place, now, house)
        replaced = [current[line.subject_id] for line in decision.lines if line.subject_id in current]
        replace_lines(doing, replaced)
        carry_out(doing, decision.lines, {subject.id: subject for subject in subjects}, proposed)
        _move(session, request, act, decision, row, by, now)
        if request.state is RequestState.DECIDED:
            say_outcome(doing, subjects, is_corrected=act is RequestAct.SUPERSEDE or was_told(session, request.id))
        drop_drafts(session, request.id, by)
        close_if_done(session, request, by=SYSTEM, now=now)
        return row


def _current_lines(session: Session, request_id: UUID) -> dict[UUID, DecisionLine]:
    query = (
        select(DecisionLine)
        .join(Decision, Decision.id == DecisionLine.decision_id)
        .where(
            Decision.wall == Wall.OPEN,
            Decision.request_id == request_id,
            DecisionLine.wall == Decision.wall,
            DecisionLine.current,
        )
    )
    return {line.subject_id: line for line in session.scalars(query)}


def _latest(session: Session, request_id: UUID) -> Decision | None:
    query = select(Decision).where(Decision.wall == Wall.OPEN, Decision.request_id == request_id)
    return session.scalars(query.order_by(Decision.at.desc(), Decision.id.desc()).limit(1)).one_or_none()


def _latest_texts(session: Session, request_id: UUID) -> dict[str, str]:
    latest = _latest(session, request_id)
    if latest is None:
        return {}
    return {
        "information": latest.information or "",
        "analysis": latest.analysis or "",
        "reason": latest.reason or "",
    }


def _act_of(state: RequestState, decision: NewDecision, subjects: Sequence[Subject], current: set[UUID]) -> RequestAct:
    """Return what the decision does to the request; replacing one needs its own reason, and something to replace."""
    chosen = {line.subject_id for line in decision.lines}
    replaces = bool(chosen & current)
    if replaces and not (decision.why_superseded or "").strip():
        raise WhyReplacedMissingError
    if decision.why_superseded and not replaces:
        raise NothingToReplaceError
    is_last = {subject.id for subject in subjects} <= chosen | current
    if state in DECIDED and not is_last:
        raise ChildUndecidedError
    if state in DECIDED:
        return RequestAct.SUPERSEDE
    return RequestAct.DECIDE_LAST if is_last else RequestAct.DECIDE


def _check_hints(session: Session, request: ServiceRequest, by: User, now: datetime) -> None:
    """Refuse while a person still has to say whether a child was seen before (EV-4)."""
    if has_open(session, request.id, by):
        raise MatchesOpenError
    owed_since = matching_owed_since(session, request.id)
    if owed_since is not None and now - owed_since < MATCHING_PATIENCE:
        raise MatchingOwedError


def _check_may_accept(
    session: Session, request: ServiceRequest, decision: NewDecision, subjects: Sequence[Subject], house: House
) -> None:
    """Refuse a referral of a child without a name, or of whom the family was not told (GL-6, GL-7)."""
    by_id = {subject.id: subject for subject in subjects}
    for line in decision.lines:
        if line.standing is Standing.REFERRAL:
            consent = find_latest(session, request.id, line.subject_id)
            check_may_accept(
                _told_on_record(consent, house),
                has_override=decision.override is not None,
                in_principle=request.kind == FormKind.IN_PRINCIPLE,
                anonymous=by_id[line.subject_id].is_anonymous,
            )


def _told_on_record(consent: Consent | None, house: House) -> Told:
    """Return what counts as told: an authority's own exception stands beside risk (GL-5)."""
    if consent is None:
        return Told.NOT_ESTABLISHED
    is_exception = consent.extra_code in {code for code, _ in house.settings.extra_exceptions}
    return Told.RISK if is_exception else consent.told


def _record_override(session: Session, request: ServiceRequest, override: NewOverride, by: User, now: datetime) -> None:
    """Put the override on record beside what the family said, which stays as it was (GL-7)."""
    latest = find_latest(session, request.id)
    row = add_consent(
        session,
        request,
        told=Told.OVERRIDE,
        agrees=latest.agrees if latest is not None else Agrees.NOT_ASKED,
        agrees_who=latest.agrees_who if latest is not None else None,
        reason=clean_typed(override.reason)[0].strip(),
        lawful_basis=clean_typed(override.basis)[0].strip(),
        by=by.actor,
        now=now,
    )
    record(session, Stream("request", request.id), "override", by=by.actor, now=now, consent=row.id)


def _write(
    session: Session,
    request: ServiceRequest,
    decision: NewDecision,
    current: dict[UUID, DecisionLine],
    by: User,
    now: datetime,
) -> Decision:
    replaces = any(line.subject_id in current for line in decision.lines)
    before = _latest(session, request.id) if replaces else None
    row = Decision(
        wall=request.wall,
        request_id=request.id,
        by_id=by.id,
        at=now,
        information=clean_typed(decision.information)[0],
        analysis=clean_typed(decision.analysis)[0],
        reason=clean_typed(decision.reason)[0],
        supersedes_id=before.id if before is not None else None,
        why_superseded=clean_typed(decision.why_superseded or "")[0] or None,
    )
    session.add(row)
    session.flush()
    return row


def _move(
    session: Session,
    request: ServiceRequest,
    act: RequestAct,
    decision: NewDecision,
    row: Decision,
    by: User,
    now: datetime,
) -> None:
    """Move the request; its clock ends with the last subject, and a later decision starts none (GL-8, GL-9)."""
    move(
        session,
        request,
        act,
        by=by.actor,
        now=now,
        decision=row.id,
        supersedes=row.supersedes_id,
        lines=[f"{line.subject_id} {line.choice.code}" for line in decision.lines],
        override=decision.override is not None,
    )
    if act is RequestAct.DECIDE_LAST:
        request.decided_at = now
        end_clock(session, ("request", request.id), ClockKind.DECISION, ClockEnd.MET, now)
        end_asked(
            session, request, kinds={AskedKind.DETAILS}, state=AskedState.WITHDRAWN, by=by.actor, now=now
        )  # nobody waits for it any more; what still comes is taken (EV-1)
    if act is RequestAct.SUPERSEDE:
        request.closed_at = request.ended_why = None
        request.decided_at = request.decided_at or now  # taken back before anybody had decided, and decided after all
