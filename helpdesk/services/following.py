"""What follows from a decision, in its transaction: lines, referrals, teams, tasks, the outcome (GL-10 to GL-14)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.closures import Closure
from helpdesk.domain.decision import NewLine, Proposal
from helpdesk.models import Assignment, Decision, DecisionLine, Referral
from helpdesk.services.assigning import list_not_ended, withdraw_from_teams
from helpdesk.services.route import WAITS_FOR_ROUTE
from helpdesk.services.routing import ASKINGS, ask_referrer, end_askings, need_for_line, route_line
from helpdesk.services.telling_folded import tell_folded
from infrastructure.database import Wall
from infrastructure.house import House
from infrastructure.identity.models import Team
from infrastructure.identity.users import Place, User
from infrastructure.trail import Stream, record
from service_request.domain.standing import ReferralKind
from service_request.models import AskedKind, AskedState, ClockEnd, ServiceRequest, Subject, TaskKind
from service_request.pathways.social_care.outcome import DecidedRow, Done, OutcomeWords
from service_request.pathways.social_care.rules import ContactReason, LineChoice, Standing
from service_request.services.outcomes import list_done, owe_outcome
from service_request.services.sight.system import list_calls_reached
from service_request.services.tasks import finish_tasks, has_open_tasks

OF_DECISION = WAITS_FOR_ROUTE | {TaskKind.ASK_CAF, TaskKind.CHASE}  # what an earlier decision asked for


@dataclass(frozen=True)
class Deciding:
    """One decision under way: whose, of what, and when."""

    session: Session
    request: ServiceRequest
    decision: Decision
    by: User
    place: Place
    now: datetime
    house: House


def replace_lines(doing: Deciding, replaced: Sequence[DecisionLine]) -> None:
    """Let earlier lines be current no more: their referrals are withdrawn, their teams lose sight and are told."""
    session, now = doing.session, doing.now
    if not replaced:
        return
    for line in replaced:
        line.current = False
    ids = [line.id for line in replaced]
    for referral in session.scalars(
        select(Referral).where(Referral.wall == Wall.OPEN, Referral.decision_line_id.in_(ids))
    ):
        referral.withdrawn_at = now
    children = [line.subject_id for line in replaced]
    end_askings(session, doing.request, children, ASKINGS, state=AskedState.WITHDRAWN, by=doing.by.actor, now=now)
    waiting = list_not_ended(session, children)
    withdraw_from_teams(
        session,
        doing.request,
        waiting,
        end=ClockEnd.SUPERSEDED,
        reason="superseded",
        by=doing.by.actor,
        now=now,
        house=doing.house,
    )
    done = select(Assignment.id).where(Assignment.wall == Wall.OPEN, Assignment.decision_line_id.in_(ids))
    for about_id in {*ids, *session.scalars(done)}:
        finish_tasks(
            session,
            request_id=doing.request.id,
            kinds=frozenset(OF_DECISION),
            about_id=about_id,
            by=doing.by.actor,
            now=now,
        )
    session.flush()


def carry_out(
    doing: Deciding, lines: Sequence[NewLine], subjects: Mapping[UUID, Subject], proposed: Mapping[UUID, Proposal]
) -> None:
    """Write each line, accept what is a referral, and give each subject to whom it goes."""
    for new in lines:
        choice, subject = new.choice, subjects[new.subject_id]
        line = DecisionLine(
            wall=doing.request.wall,
            decision_id=doing.decision.id,
            subject_id=subject.id,
            standing=choice.standing,
            action=choice.action,
            contact_reason=choice.contact_reason,
            current=True,
        )
        doing.session.add(line)
        doing.session.flush()
        if choice.standing is Standing.REFERRAL:
            _accept(doing, line, new, proposed[subject.id])
        session, request, by = doing.session, doing.request, doing.by.actor
        route_line(session, request, line, subject, by=by, now=doing.now, house=doing.house)
        if new.ask_caf and choice.contact_reason is ContactReason.CRITERIA:
            need_for_line(session, request, line, TaskKind.ASK_CAF, now=doing.now)
            ask_referrer(session, request, subject, AskedKind.CAF, by=by, now=doing.now, house=doing.house)


def _accept(doing: Deciding, line: DecisionLine, new: NewLine, proposal: Proposal) -> None:
    """Write the referral; its kind is the one that the manager confirmed, beside the one proposed (GL-13)."""
    kind = new.kind or proposal.kind
    accepted_on = doing.house.calendar.local_day(doing.now)
    closes = new.choice.closes_at_once
    is_proven = kind is ReferralKind.RE_REFERRAL and proposal.earlier is not None
    row = Referral(
        wall=doing.request.wall,
        subject_id=new.subject_id,
        decision_line_id=line.id,
        accepted_on=accepted_on,
        kind=kind,
        earlier_id=proposal.earlier.id if is_proven and proposal.earlier else None,
        confirmed_by_id=doing.by.id,
        closed_on=accepted_on if closes else None,
        closure=Closure.NO_FURTHER_ACTION if closes else None,
    )
    doing.session.add(row)
    record(
        doing.session,
        Stream("request", doing.request.id),
        "accept",
        by=doing.by.actor,
        now=doing.now,
        referral=row.id,
        subject=new.subject_id,
        kind=kind,
        proposed=proposal.kind,
        earlier=row.earlier_id,
    )


def say_outcome(doing: Deciding, subjects: Sequence[Subject], *, is_corrected: bool) -> None:
    """Owe the referrer what was decided for every child, and what was done by date (GL-14)."""
    title = f"manager, {doing.place.team_name}"
    words = OutcomeWords(
        rows=tuple(_row(doing, subject) for subject in subjects),
        why=doing.decision.reason or "",
        decided_at=doing.now,
        decided_by=doing.by.name,
        decided_by_title=title,
        is_corrected=is_corrected,
        actions=tuple(_actions(doing, is_corrected=is_corrected)),
    )
    owe_outcome(
        doing.session,
        doing.request,
        words,
        decision_id=doing.decision.id,
        by=doing.by.actor,
        now=doing.now,
        house=doing.house,
    )
    tell_folded(
        doing.session,
        doing.request,
        doing.decision,
        is_corrected=is_corrected,
        by=doing.by.actor,
        now=doing.now,
        house=doing.house,
    )


def _row(doing: Deciding, subject: Subject) -> DecidedRow:
    session = doing.session
    query = select(DecisionLine).where(
        DecisionLine.wall == Wall.OPEN, DecisionLine.subject_id == subject.id, DecisionLine.current
    )
    line = session.scalars(query).one()
    choice = LineChoice(line.standing, line.action, line.contact_reason)
    kind = session.scalars(
        select(Referral.kind).where(Referral.wall == Wall.OPEN, Referral.decision_line_id == line.id)
    ).one_or_none()
    sent = select(Assignment.id).where(Assignment.wall == Wall.OPEN, Assignment.decision_line_id == line.id).limit(1)
    is_sent = session.scalars(sent).first() is not None
    is_criteria = choice.contact_reason is ContactReason.CRITERIA
    asks_caf = has_open_tasks(session, doing.request.id, frozenset({TaskKind.ASK_CAF}), about_id=line.id)
    seeks = has_open_tasks(session, doing.request.id, frozenset({TaskKind.ASK_AGREEMENT}), about_id=line.id)
    return DecidedRow(
        number=subject.number,
        label=subject.label or f"Child {subject.number}",
        choice=choice,
        kind=kind,
        with_locality=is_criteria and is_sent,
        seek_agreement=seeks,
        carry_out_caf=asks_caf,
    )


def _actions(doing: Deciding, *, is_corrected: bool) -> list[Done]:
    session, request = doing.session, doing.request
    if is_corrected:
        done = [*list_done(session, request.id), Done(doing.now, "A new decision replaced the earlier one.")]
    else:
        done = [Done(request.received_at, "Your request received.")]
        done += [Done(at, "We spoke to you by phone.") for at in list_calls_reached(session, request.id)]
        done.append(Done(doing.now, "Decided."))
    query = (
        select(Team.name)
        .join(Assignment, Assignment.team_id == Team.id)
        .where(Assignment.wall == Wall.OPEN, Assignment.request_id == request.id, Assignment.sent_at == doing.now)
        .distinct()
        .order_by(Team.name)
    )
    done += [Done(doing.now, f"Passed to {name}.") for name in session.scalars(query)]
    return done
