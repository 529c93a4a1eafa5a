"""What was sent to a team, for the team's own pages: its work, and of the request only what was granted (EV-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import AssignmentState
from helpdesk.models import Assignment, Decision, DecisionLine, Referral
from infrastructure.identity.models import Team, UserAccount
from infrastructure.identity.users import User
from service_request.domain.standing import ReferralKind
from service_request.models import Clock, ClockKind
from service_request.pathways.social_care.rules import LineChoice
from service_request.services.refusals import NotYoursError
from service_request.services.sight.desk import ClockFacts, clock_facts
from service_request.services.sight.granted import Glimpse, list_glimpses
from service_request.services.sight.visible import barred

ROWS_A_PAGE = 100
WITH_US = (AssignmentState.SENT, AssignmentState.LAPSED, AssignmentState.ACCEPTED)
ENDED_WITH_US = (AssignmentState.DONE, AssignmentState.HANDED_BACK, AssignmentState.WITHDRAWN)


@dataclass(frozen=True)
class SentRow:
    """A line of a team's list."""

    id: UUID
    team: str
    ask: str
    state: AssignmentState
    sent_at: datetime
    acknowledged_at: datetime | None
    ended_at: datetime | None
    due_at: datetime | None
    warn_at: datetime | None
    referral_open: bool
    glimpse: Glimpse | None


@dataclass(frozen=True)
class SentFacts:
    """An assignment with what was decided and how its clock stands."""

    id: UUID
    version: int
    team: str
    ask: str
    scope: tuple[str, ...]
    state: AssignmentState
    sent_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    ended_at: datetime | None
    reason_code: str | None
    answer: str | None
    choice: LineChoice
    decided_by: str
    decided_at: datetime
    reason: str
    clock: ClockFacts | None
    referral_kind: ReferralKind | None
    accepted_on: date | None
    closed_on: date | None
    closure: str | None

    @property
    def referral_open(self) -> bool:
        """Tell whether the team must still say when the referral closed (GL-13)."""
        return self.accepted_on is not None and self.closed_on is None


def list_sent(session: Session, user: User, *, ended: bool) -> list[SentRow]:
    """Return what the user's teams have in hand, what must be acknowledged first; or what they are done with."""
    states = ENDED_WITH_US if ended else WITH_US
    query = _joined(user).where(Assignment.state.in_(states)).limit(ROWS_A_PAGE)
    if ended:
        query = query.order_by(Assignment.ended_at.desc(), Assignment.id.desc())
    else:
        query = query.order_by(
            Clock.ended_at.is_not(None), Assignment.acknowledged_at.is_not(None), Clock.due_at, Assignment.sent_at
        )
    rows = session.execute(query).all()
    glimpses = list_glimpses(session, user, [row[0].id for row in rows])
    return [
        SentRow(
            id=row.id,
            team=team,
            ask=row.ask,
            state=row.state,
            sent_at=row.sent_at,
            acknowledged_at=row.acknowledged_at,
            ended_at=row.ended_at,
            due_at=clock.due_at if clock is not None and clock.ended_at is None else None,
            warn_at=clock.warn_at if clock is not None else None,
            referral_open=referral is not None and referral.closed_on is None,
            glimpse=glimpses.get(row.id),
        )
        for row, team, clock, referral, *_ in rows
    ]


def get_sent(session: Session, assignment_id: UUID, user: User) -> SentFacts:
    """Return one assignment of the user's teams, or raise NotYoursError."""
    found = session.execute(_joined(user).where(Assignment.id == assignment_id)).first()
    if found is None:
        raise NotYoursError
    row, team, clock, referral, line, decision, decided_by, acknowledged_by = found
    return SentFacts(
        id=row.id,
        version=row.version,
        team=team,
        ask=row.ask,
        scope=tuple(row.scope),
        state=row.state,
        sent_at=row.sent_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=acknowledged_by,
        ended_at=row.ended_at,
        reason_code=row.reason_code,
        answer=row.answer,
        choice=LineChoice(line.standing, line.action, line.contact_reason),
        decided_by=decided_by,
        decided_at=decision.at,
        reason=decision.reason or "",
        clock=clock_facts(clock) if clock is not None else None,
        referral_kind=referral.kind if referral else None,
        accepted_on=referral.accepted_on if referral else None,
        closed_on=referral.closed_on if referral else None,
        closure=referral.closure if referral else None,
    )


def _joined(user: User) -> Select[Assignment, str, Clock, Referral, DecisionLine, Decision, str, str]:
    decider, taker = UserAccount.__table__.alias("decider"), UserAccount.__table__.alias("taker")
    return (
        select(Assignment, Team.name, Clock, Referral, DecisionLine, Decision, decider.c.name, taker.c.name)
        .where(
            Assignment.wall == user.wall,
            Assignment.team_id.in_(user.teams()),
            Assignment.request_id.not_in(barred(user)),
        )
        .join(Team, Team.id == Assignment.team_id)
        .join(DecisionLine, (DecisionLine.wall == Assignment.wall) & (DecisionLine.id == Assignment.decision_line_id))
        .join(Decision, (Decision.wall == DecisionLine.wall) & (Decision.id == DecisionLine.decision_id))
        .join(decider, decider.c.id == Decision.by_id)
        .outerjoin(taker, taker.c.id == Assignment.acknowledged_by_id)
        .outerjoin(
            Clock,
            (Clock.wall == Assignment.wall)
            & (Clock.owner_kind == "assignment")
            & (Clock.owner_id == Assignment.id)
            & (Clock.kind == ClockKind.ACKNOWLEDGE),
        )
        .outerjoin(
            Referral,
            (Referral.wall == DecisionLine.wall)
            & (Referral.decision_line_id == DecisionLine.id)
            & Referral.withdrawn_at.is_(None),
        )
    )
