"""What was decided about a request and what the teams made of it, for the pages of the desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import ENDED, AssignmentState
from helpdesk.models import Assignment, Decision, DecisionLine, Referral
from infrastructure.identity.models import Team, UserAccount
from infrastructure.identity.users import User
from service_request.domain.standing import ReferralKind
from service_request.models import Outcome, OutcomeState, ServiceRequest, Similarity, Subject
from service_request.pathways.social_care.rules import LineChoice, Standing
from service_request.services.sight.viewing import Part
from service_request.services.sight.visible import THE_REQUEST, alike, given_for, hidden_from, put_together, visible_to


@dataclass(frozen=True)
class SentTo:
    """What one team was asked to do for one child, and how far it has come."""

    id: UUID
    team: str
    ask: str
    state: AssignmentState
    sent_at: datetime
    acknowledged_at: datetime | None
    ended_at: datetime | None
    reason_code: str | None
    answer: str | None


@dataclass(frozen=True)
class DecidedLine:
    """What was decided for one child; `is_current` is False once another decision replaced it."""

    subject_id: UUID
    choice: LineChoice
    is_current: bool
    kind: ReferralKind | None
    accepted_on: date | None
    closed_on: date | None
    sent_to: tuple[SentTo, ...]

    @property
    def is_over(self) -> bool:
        """Tell whether nothing of it is still to be done: no team has or owes work, and a referral was closed."""
        return all(one.state in ENDED for one in self.sent_to) and (self.accepted_on is None or bool(self.closed_on))


@dataclass(frozen=True)
class Decided:
    """A decision as it was written, with how the telling of it stands."""

    id: UUID
    at: datetime
    by: str
    information: str
    analysis: str
    reason: str
    why_superseded: str | None
    lines: tuple[DecidedLine, ...]
    outcome_id: UUID | None
    outcome_state: OutcomeState | None
    outcome_reason: str | None
    told_at: datetime | None


@dataclass(frozen=True)
class Became:
    """What an earlier request made of a child who may be the same: a referral with its dates, or a contact."""

    at: datetime
    is_referral: bool
    accepted_on: date | None
    closed_on: date | None


@dataclass
class _Gathered:
    decision: Decision
    by: str
    outcome: Outcome | None
    lines: dict[UUID, tuple[DecisionLine, Referral | None, dict[UUID, SentTo]]] = field(default_factory=dict)


def list_decided(session: Session, request_id: UUID, user: User) -> list[Decided]:
    """Return every decision on a request, the latest first, in one query."""
    found: dict[UUID, _Gathered] = {}
    rows = session.execute(_decided_query(alike(user)), given_for(user, the_request=request_id))
    for decision, by, outcome, line, referral, assignment, team in rows:
        gathered = found.setdefault(decision.id, _Gathered(decision, by, outcome))
        gathered.outcome = outcome or gathered.outcome
        _, _, sent = gathered.lines.setdefault(line.id, (line, referral, {}))
        if assignment is not None:
            sent[assignment.id] = _sent_to(assignment, team or "")
    return [_decided(gathered) for gathered in found.values()]


@put_together
def _decided_query(user: User) -> Select[*tuple[Any, ...]]:
    return (
        select(Decision, UserAccount.name, Outcome, DecisionLine, Referral, Assignment, Team.name)
        .join(ServiceRequest, ServiceRequest.id == Decision.request_id)
        .join(UserAccount, UserAccount.id == Decision.by_id)
        .join(DecisionLine, (DecisionLine.wall == Decision.wall) & (DecisionLine.decision_id == Decision.id))
        .outerjoin(
            Outcome,
            (Outcome.wall == Decision.wall)
            & (Outcome.decision_id == Decision.id)
            & (Outcome.request_id == Decision.request_id),  # not that of a request which was folded into this one
        )
        .outerjoin(Referral, (Referral.wall == DecisionLine.wall) & (Referral.decision_line_id == DecisionLine.id))
        .outerjoin(
            Assignment, (Assignment.wall == DecisionLine.wall) & (Assignment.decision_line_id == DecisionLine.id)
        )
        .outerjoin(Team, Team.id == Assignment.team_id)
        .where(
            visible_to(user, Part.DECISION), Decision.wall == ServiceRequest.wall, Decision.request_id == THE_REQUEST
        )
        .order_by(Decision.at.desc(), Decision.id.desc(), DecisionLine.id, Assignment.sent_at, Outcome.owed_at)
    )


def list_became(session: Session, request_id: UUID, user: User) -> dict[UUID, Became]:
    """Return what stands decided on each child that looks like one of this request's, by the hint, in one query."""
    found = session.execute(_became_query(alike(user)), given_for(user, the_request=request_id))
    return {
        hint_id: Became(at, standing is Standing.REFERRAL, accepted_on, closed_on)
        for hint_id, at, standing, accepted_on, closed_on in found
    }


@put_together
def _became_query(user: User) -> Select[*tuple[Any, ...]]:
    return (
        select(Similarity.id, Decision.at, DecisionLine.standing, Referral.accepted_on, Referral.closed_on)
        .join(ServiceRequest, ServiceRequest.id == Similarity.request_id)
        .join(
            Subject,
            (Subject.wall == ServiceRequest.wall)
            & (Subject.request_id == Similarity.earlier_request_id)
            & (Subject.person_id == Similarity.earlier_id),
        )
        .join(
            DecisionLine,
            (DecisionLine.wall == Subject.wall)
            & (DecisionLine.subject_id == Subject.id)
            & DecisionLine.current.is_(True),
        )
        .join(Decision, (Decision.wall == DecisionLine.wall) & (Decision.id == DecisionLine.decision_id))
        .outerjoin(
            Referral,
            (Referral.wall == DecisionLine.wall)
            & (Referral.decision_line_id == DecisionLine.id)
            & Referral.withdrawn_at.is_(None),
        )
        .where(
            visible_to(user),
            Similarity.wall == ServiceRequest.wall,
            Similarity.request_id == THE_REQUEST,
            Similarity.earlier_request_id.not_in(hidden_from(user)),
        )
    )


def _decided(gathered: _Gathered) -> Decided:
    row, outcome = gathered.decision, gathered.outcome
    return Decided(
        id=row.id,
        at=row.at,
        by=gathered.by,
        information=row.information or "",
        analysis=row.analysis or "",
        reason=row.reason or "",
        why_superseded=row.why_superseded,
        lines=tuple(_line(*line) for line in gathered.lines.values()),
        outcome_id=outcome.id if outcome else None,
        outcome_state=outcome.state if outcome else None,
        outcome_reason=outcome.reason if outcome else None,
        told_at=outcome.told_at if outcome else None,
    )


def _line(line: DecisionLine, referral: Referral | None, sent: dict[UUID, SentTo]) -> DecidedLine:
    return DecidedLine(
        subject_id=line.subject_id,
        choice=LineChoice(line.standing, line.action, line.contact_reason),
        is_current=line.current,
        kind=referral.kind if referral else None,
        accepted_on=referral.accepted_on if referral else None,
        closed_on=referral.closed_on if referral else None,
        sent_to=tuple(sent.values()),
    )


def _sent_to(row: Assignment, team: str) -> SentTo:
    return SentTo(
        id=row.id,
        team=team,
        ask=row.ask,
        state=row.state,
        sent_at=row.sent_at,
        acknowledged_at=row.acknowledged_at,
        ended_at=row.ended_at,
        reason_code=row.reason_code,
        answer=row.answer,
    )
