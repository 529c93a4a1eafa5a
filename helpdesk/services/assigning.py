"""Give a subject to a team, tell the team, and take it back; all inside the caller's transaction (GL-10, GL-12)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import ASSIGNMENT_LIFECYCLE, ENDED, WITH_TEAM, AssignmentAct, AssignmentState
from helpdesk.domain.scopes import ask_of, scope_of, sight_of
from helpdesk.models import Assignment, DecisionLine
from infrastructure.database import Wall
from infrastructure.house import House
from infrastructure.identity.models import Role, Team
from infrastructure.identity.users import list_holders
from infrastructure.outbox import owe
from infrastructure.trail import Actor, Stream, record
from infrastructure.web.say_time import public_moment
from service_request.domain.clocks import acknowledge_due
from service_request.domain.people import initials
from service_request.domain.references import format_reference
from service_request.models import ClockEnd, ClockKind, Grant, GrantWhy, ServiceRequest, Subject, TaskKind
from service_request.pathways.social_care.rules import LineChoice
from service_request.services.clocks import end_clock, start_clock
from service_request.services.sight.hearing import not_barred
from service_request.services.sight.system import list_subjects
from service_request.services.tasks import need_task


def assign(
    session: Session,
    request: ServiceRequest,
    subject: Subject,
    line: DecisionLine,
    choice: LineChoice,
    team: Team,
    *,
    by: Actor,
    now: datetime,
    house: House,
    supersedes: UUID | None = None,
) -> Assignment:
    """Give one subject to one team inside the caller's transaction: sight of it, a clock, and a mail."""
    ask = ask_of(choice)
    assignment = Assignment(
        wall=request.wall,
        request_id=request.id,
        subject_id=subject.id,
        decision_line_id=line.id,
        team_id=team.id,
        ask=ask,
        scope=scope_of(ask),
        state=AssignmentState.SENT,
        sent_at=now,
        supersedes_id=supersedes,
    )
    session.add(assignment)
    session.flush()
    session.add(
        Grant(
            wall=request.wall,
            request_id=request.id,
            subject_id=subject.id,
            team_id=team.id,
            assignment_id=assignment.id,
            why=GrantWhy.ASSIGNED,
            scope=sight_of(ask),
            since=now,
        )
    )
    due = acknowledge_due(now, house.settings.acknowledge_working_days, house.calendar)
    owner = ("assignment", assignment.id)
    start_clock(session, owner=owner, request=request, kind=ClockKind.ACKNOWLEDGE, due=due, now=now)
    record(
        session,
        Stream("request", request.id),
        "assign",
        by=by,
        now=now,
        moved=(None, AssignmentState.SENT),
        assignment=assignment.id,
        subject=subject.id,
        team=team.id,
        ask=ask,
    )
    tell_team(
        session,
        request,
        assignment,
        "assignment",
        initials=initials_of(subject),
        by_when=public_moment(due.due_at),
        now=now,
        house=house,
    )
    return assignment


def initials_of(subject: Subject) -> str:
    """Return the initials of a child, as much as a mail may say (EV-6)."""
    return initials(subject.person.name) if subject.person and subject.person.name else ""


def tell_team(
    session: Session,
    request: ServiceRequest,
    assignment: Assignment,
    template: str,
    *,
    now: datetime,
    house: House,
    cause: UUID | None = None,
    **facts: str,
) -> bool:
    """Owe a mail to the team's mailbox, or to its members where it has none; False when there is nobody.

    A team that cannot be told is a task for the desk.
    """
    team = session.get_one(Team, assignment.team_id)
    to = [team.email] if team.email else list_addresses(session, team.id, request=request, now=now)
    letter = house.write(
        template,
        reference=format_reference(request.reference),
        link=house.link("desk.assignment", assignment_id=assignment.id),
        **facts,
    )
    for address in to:
        owe(session, letter, to=address, cause=cause or assignment.id, about=("request", request.id), now=now)
    if not to:
        need_task(
            session,
            TaskKind.ALERT,
            cause=f"nobody_in_team:{assignment.id}",
            request_id=request.id,
            about_id=assignment.id,
            now=now,
        )
    return bool(to)


def list_addresses(session: Session, team_id: UUID, *, request: ServiceRequest, now: datetime) -> list[str]:
    """Return the addresses of those who work in a team now, but for who is barred from this request (EV-5)."""
    found = [
        one.email
        for role in (Role.MEMBER, Role.MANAGER)
        for one in list_holders(session, role=role, teams=[team_id], now=now, only=not_barred(request))
    ]
    return list(dict.fromkeys(found))


def withdraw_from_teams(
    session: Session,
    request: ServiceRequest,
    assignments: Iterable[Assignment],
    *,
    end: ClockEnd,
    reason: str,
    by: Actor,
    now: datetime,
    house: House,
) -> int:
    """Take work back from its teams inside the caller's transaction: sight and clocks end, the teams are told."""
    count = 0
    for assignment in assignments:
        was_with_team = assignment.state in WITH_TEAM or assignment.state is AssignmentState.LAPSED
        move_assignment(session, assignment, AssignmentAct.WITHDRAW, by=by, now=now, reason=reason)
        assignment.ended_at, assignment.reason_code = now, reason
        end_clock(session, ("assignment", assignment.id), ClockKind.ACKNOWLEDGE, end, now)
        end_sight(session, assignment, now)
        if was_with_team:
            subject = next(one for one in list_subjects(session, request.id) if one.id == assignment.subject_id)
            tell_team(
                session,
                request,
                assignment,
                "assignment_withdrawn",
                initials=initials_of(subject),
                now=now,
                house=house,
            )
        count += 1
    return count


def end_sight(session: Session, assignment: Assignment, now: datetime) -> None:
    """End what the assignment let its team see."""
    query = select(Grant).where(Grant.wall == Wall.OPEN, Grant.assignment_id == assignment.id, Grant.until.is_(None))
    for grant in session.scalars(query):
        grant.until = now


def move_assignment(
    session: Session,
    assignment: Assignment,
    act: AssignmentAct,
    *,
    by: Actor,
    now: datetime,
    **facts: Any,
) -> None:
    """Move an assignment by its table and record it on its request, or raise TransitionRefusedError."""
    was = assignment.state
    assignment.state = ASSIGNMENT_LIFECYCLE.next_state(was, act)
    record(
        session,
        Stream("request", assignment.request_id),
        f"assignment_{act}",
        by=by,
        now=now,
        moved=(was, assignment.state),
        assignment=assignment.id,
        subject=assignment.subject_id,
        team=assignment.team_id,
        **facts,
    )


def list_not_ended(session: Session, subject_ids: Iterable[UUID]) -> list[Assignment]:
    """Return what teams have, or the desk has back, for these subjects."""
    query = select(Assignment).where(
        Assignment.wall == Wall.OPEN,
        Assignment.subject_id.in_(list(subject_ids)),
        Assignment.state.not_in([state.value for state in ENDED]),
    )
    return list(session.scalars(query.order_by(Assignment.id)))
