"""The desk sends a decided subject on by hand: nothing fitted, it came back, or nobody took it on (GL-10, GL-12)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import WITH_DESK, WITH_TEAM
from helpdesk.domain.refusals import NotAgreedError, NothingToSendError, TeamClosedError
from helpdesk.models import Decision, DecisionLine
from helpdesk.services.acting import lock_for
from helpdesk.services.assigning import assign, list_not_ended, withdraw_from_teams
from helpdesk.services.destinations import find_nearest, takes_work
from helpdesk.services.routing import may_offer_early_help, needs_agreement
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.models import Team
from infrastructure.identity.users import User
from service_request.models import ClockEnd, TaskKind
from service_request.pathways.social_care.outcome import Done
from service_request.pathways.social_care.rules import LineChoice
from service_request.services.outcomes import add_action
from service_request.services.sight.system import list_subjects
from service_request.services.tasks import finish_tasks

WAITS_FOR_ROUTE = frozenset(
    {TaskKind.NO_DESTINATION, TaskKind.HANDED_BACK, TaskKind.NOT_ACKNOWLEDGED, TaskKind.ASK_AGREEMENT}
)


def send_to_team(
    session: Session,
    *,
    request_id: UUID,
    subject_id: UUID,
    team_id: UUID,
    beside: bool = False,
    version: int | None = None,
    by: User,
    now: datetime,
    house: House,
) -> UUID:
    """Send a decided subject to a team that the desk chose: nothing fitted, it came back, or nobody took it on.

    `beside`: another team has it and keeps it; this one is given it as well, with a clock and an end of its own.
    Of several teams that gave it back the one that did so first is replaced.
    Return the new assignment. Raise TeamClosedError naming the nearest team that is open (A1).
    """
    with transaction(session):
        request = lock_for(session, request_id, by, version=version)
        line = _current_line(session, request.id, subject_id)
        choice = LineChoice(line.standing, line.action, line.contact_reason)
        every = list_not_ended(session, [subject_id])
        waiting = [] if beside else [one for one in every if one.state in WITH_DESK][:1]
        has_it = [one for one in every if one.state in WITH_TEAM]
        is_sent = bool(has_it) and not beside and not waiting
        if not choice.needs_destination or is_sent or any(one.team_id == team_id for one in has_it):
            raise NothingToSendError
        team = session.get(Team, team_id)
        if team is None or not takes_work(team, now):
            nearest = find_nearest(session, request, choice, now=now)
            raise TeamClosedError(team.name if team else "That team", nearest.name if nearest else None)
        if needs_agreement(choice, team.kind) and not may_offer_early_help(session, request_id, subject_id):
            raise NotAgreedError
        withdraw_from_teams(
            session,
            request,
            waiting,
            end=ClockEnd.SUPERSEDED,
            reason="sent_elsewhere",
            by=by.actor,
            now=now,
            house=house,
        )
        subject = next(one for one in list_subjects(session, request.id) if one.id == subject_id)
        made = assign(
            session,
            request,
            subject,
            line,
            choice,
            team,
            by=by.actor,
            now=now,
            house=house,
            supersedes=waiting[-1].id if waiting else None,
        )
        for about_id in [line.id, *(one.id for one in waiting)]:
            finish_tasks(session, request_id=request.id, kinds=WAITS_FOR_ROUTE, about_id=about_id, by=by.actor, now=now)
        add_action(session, request.id, Done(now, f"Passed to {team.name}."), now=now)
        return made.id


def _current_line(session: Session, request_id: UUID, subject_id: UUID) -> DecisionLine:
    query = (
        select(DecisionLine)
        .join(Decision, Decision.id == DecisionLine.decision_id)
        .where(
            DecisionLine.wall == Wall.OPEN,
            Decision.wall == DecisionLine.wall,
            Decision.request_id == request_id,
            DecisionLine.subject_id == subject_id,
            DecisionLine.current,
        )
    )
    line = session.scalars(query).one_or_none()
    if line is None:
        raise NothingToSendError
    return line
