"""Give a decided subject to the teams that the rules name; what needs the family's yes waits for it (GL-7, GL-12)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import AssignmentState
from helpdesk.models import Assignment, DecisionLine
from helpdesk.services.assigning import assign
from helpdesk.services.destinations import find_destinations
from infrastructure.database import Wall
from infrastructure.house import House
from infrastructure.identity.models import Team, TeamKind
from infrastructure.trail import Actor
from service_request.domain.consent import Told, may_route_early_help
from service_request.models import AskedKind, AskedState, ReferrerKind, ServiceRequest, Subject, TaskKind
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.needs import in_order
from service_request.pathways.social_care.rules import ContactReason, LineChoice
from service_request.services.asking import end_one, list_open, owe_asking
from service_request.services.consents import find_latest
from service_request.services.tasks import need_task

GATED = frozenset({TeamKind.LOCALITY, TeamKind.PROVIDER})  # and early help, whoever gives it (GL-7)
NO_AGREEMENT = "agreement_withdrawn"
# What is asked of the professional, by field of the form, and in words that name nobody (EV-6).
ASKINGS: dict[AskedKind, tuple[tuple[str, ...], str]] = {
    AskedKind.AGREEMENT: (
        ("agrees/agrees",),
        "Please ask the family of child {number} on your request whether they agree to early help or another service, "
        "and tell us what they say. Without their yes we pass nothing on.",
    ),
    AskedKind.CAF: (
        ("tried/assessment", "tried/assessment_on", "tried/assessment_lead"),
        "Please carry out a common assessment (CAF, early help assessment) for child {number} on your request: the "
        "risk is low now, and may grow. Tell us when it is done, and who is the lead professional.",
    ),
}


def needs_agreement(choice: LineChoice, kind: TeamKind) -> bool:
    """Tell whether the family must say yes before a team of this kind is given this; nothing else is gated (GL-7)."""
    return choice.contact_reason is ContactReason.CRITERIA or kind in GATED


def may_offer_early_help(session: Session, request_id: UUID, subject_id: UUID) -> bool:
    """Tell whether the family's latest answer, or a manager's override, lets such a team be given this (GL-12)."""
    latest = find_latest(session, request_id, subject_id)
    return latest is not None and may_route_early_help(latest.agrees, latest.told is Told.OVERRIDE)


def needs_of(request: ServiceRequest, subject: Subject) -> tuple[str, ...]:
    """Return what a route may ask for: the worries of the request, and the needs of the child."""
    own = (subject.person.facts or {}).get("needs", ()) if subject.person else ()
    return in_order({*request.worries, *own})


def route_line(
    session: Session,
    request: ServiceRequest,
    line: DecisionLine,
    subject: Subject,
    *,
    by: Actor,
    now: datetime,
    house: House,
) -> list[Team]:
    """Give the subject to each team that the rules name and that has it not yet; return those given now.

    What needs the family's agreement waits for it: the desk gets a task, and a professional is asked to seek it.
    """
    choice = LineChoice(line.standing, line.action, line.contact_reason)
    if not choice.needs_destination:
        return []
    to = find_destinations(
        session,
        pathway=request.pathway,
        choice=choice,
        area_id=request.area_id,
        needs=needs_of(request, subject),
        now=now,
    )
    have = _teams_that_had(session, line)
    by_hand = have - {team.id for team in to.beside}  # the desk, or an earlier rule, chose the first team
    wanted = [team for team in to.every if team.id not in have and not (team is to.main and by_hand)]
    may = may_offer_early_help(session, request.id, subject.id)
    waits = not may and (
        choice.contact_reason is ContactReason.CRITERIA or any(needs_agreement(choice, team.kind) for team in wanted)
    )
    if waits:
        need_for_line(session, request, line, TaskKind.ASK_AGREEMENT, now=now)
        ask_referrer(session, request, subject, AskedKind.AGREEMENT, by=by, now=now, house=house)
    elif to.main is None and not by_hand:
        need_for_line(session, request, line, TaskKind.NO_DESTINATION, now=now)
    given = [team for team in wanted if may or not needs_agreement(choice, team.kind)]
    for team in given:
        assign(session, request, subject, line, choice, team, by=by, now=now, house=house)
    return given


def need_for_line(
    session: Session, request: ServiceRequest, line: DecisionLine, kind: TaskKind, *, now: datetime
) -> None:
    """Make a task about one line of a decision, once."""
    need_task(session, kind, cause=f"{kind}:{line.id}", request_id=request.id, about_id=line.id, now=now)


def ask_referrer(
    session: Session,
    request: ServiceRequest,
    subject: Subject,
    kind: AskedKind,
    *,
    by: Actor,
    now: datetime,
    house: House,
) -> None:
    """Ask the professional to seek agreement or carry out a CAF, once; it is chased (GL-12, GL-17).

    A family or a member of the public is told with the outcome what they can do, and is sent no form to fill in.
    """
    if request.referrer.kind is not ReferrerKind.PROFESSIONAL or request.kind == FormKind.IN_PRINCIPLE:
        return  # of a talk without names nobody is asked about (GL-6)
    if any(one.subject_id == subject.id for one in list_open(session, request, {kind})):
        return
    fields, words = ASKINGS[kind]
    owe_asking(
        session,
        request,
        kind=kind,
        fields=fields,
        words=words.format(number=subject.number),
        subject_id=subject.id,
        by=by,
        now=now,
        house=house,
    )


def end_askings(
    session: Session,
    request: ServiceRequest,
    subject_ids: Iterable[UUID],
    kinds: Iterable[AskedKind],
    *,
    state: AskedState,
    by: Actor,
    now: datetime,
) -> None:
    """End what was asked about these children, inside the caller's transaction: nothing more of it is chased."""
    these = set(subject_ids)
    for asked in list_open(session, request, set(kinds)):
        if asked.subject_id in these:
            end_one(session, asked, state=state, by=by, now=now)


def _teams_that_had(session: Session, line: DecisionLine) -> set[UUID]:
    """Return the teams that were given this line; one that lost it with the family's yes may be given it again."""
    query = select(Assignment.team_id, Assignment.state, Assignment.reason_code).where(
        Assignment.wall == Wall.OPEN, Assignment.decision_line_id == line.id
    )
    return {
        row.team_id
        for row in session.execute(query)
        if not (row.state is AssignmentState.WITHDRAWN and row.reason_code == NO_AGREEMENT)
    }
