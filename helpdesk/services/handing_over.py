"""Hand over to SENDIASS what a shared mailbox, number or form received: from then on it is inside the wall (SE-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.refusals import (
    AlreadyDecidedError,
    DangerFirstError,
    DeskOnlyError,
    NoAdviserError,
    NotFromFamilyError,
)
from helpdesk.models import Decision
from helpdesk.services.acting import is_of_desk, lock_for, move
from helpdesk.services.decision_drafts import drop_all_drafts
from helpdesk.services.folding import check_nothing_folded_in
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.models import Role, Team, TeamKind
from infrastructure.identity.users import User, list_holders
from infrastructure.outbox import owe
from infrastructure.trail import Event
from service_request.domain.references import format_reference
from service_request.models import AskedState, ReferrerKind, ServiceRequest
from service_request.pathways.social_care.rules import UNDECIDED, RequestAct
from service_request.services.asking import end_asked
from service_request.services.crossing import INSIDE, move_inside
from service_request.services.enquiries.taking_in import take_in
from service_request.services.kept_letters import keep_letter
from service_request.services.outcomes import way_to

PROFESSIONALS = (ReferrerKind.PROFESSIONAL, ReferrerKind.STAFF)


@dataclass(frozen=True)
class HandedOver:
    """What the one who handed over may still know."""

    reference: str
    is_told: bool  # a letter to the one who asked is on its way


def hand_over(
    session: Session, *, request_id: UUID, version: int | None = None, by: User, now: datetime, house: House
) -> HandedOver:
    """Move a request inside the wall, whole and in one transaction; nobody outside sees it again (SE-5).

    The one who asked is told where it is safe to write to them; SENDIASS is told that something waits. Whoever sees it
    in an emergency alone cannot: it changes for good who does (EV-5). Raises NotYoursError, AlreadyDecidedError,
    NotFromFamilyError, DangerFirstError, NoAdviserError.
    """
    if not is_of_desk(by):
        raise DeskOnlyError
    with transaction(session):
        request = lock_for(session, request_id, by, version=version, lasting=True)
        check_may_hand_over(session, request)
        teams = list_teams_inside(session, now)
        if not teams:
            raise NoAdviserError
        event = move(session, request, RequestAct.HAND_OVER, by=by.actor, now=now)
        drop_all_drafts(session, request.id)
        end_asked(session, request, state=AskedState.WITHDRAWN, by=by.actor, now=now)
        move_inside(session, request, now=now, house=house)
        take_in(session, request, now=now, house=house)
        is_told = _tell_asker(session, request, event, now, house)
        for team in teams:
            _tell_team(session, request, team, event, now, house)
        return HandedOver(request.reference, is_told)


def check_may_hand_over(session: Session, request: ServiceRequest) -> None:
    """Raise what stands in the way: a decision, a professional who asks, or danger."""
    decided = select(Decision.id).where(Decision.wall == Wall.OPEN, Decision.request_id == request.id).limit(1)
    if request.state not in UNDECIDED or session.scalars(decided).first() is not None:
        raise AlreadyDecidedError
    if request.referrer.kind in PROFESSIONALS:
        raise NotFromFamilyError
    if request.urgency == "danger":
        raise DangerFirstError
    check_nothing_folded_in(session, request)


def list_teams_inside(session: Session, now: datetime) -> list[Team]:
    """Return the teams of SENDIASS that are open."""
    query = select(Team).where(
        Team.wall == INSIDE, Team.kind == TeamKind.SENDIASS, or_(Team.open_to.is_(None), Team.open_to > now)
    )
    return list(session.scalars(query.order_by(Team.name)))


def _tell_asker(session: Session, request: ServiceRequest, event: Event, now: datetime, house: House) -> bool:
    """Owe a letter that it was passed on, unprompted as it is: only where it was said to be safe (EV-2, EV-6)."""
    if not way_to(request.referrer).by_mail or not request.referrer.email:
        return False
    letter = house.write("passed_on", reference=format_reference(request.reference))
    about = ("request", request.id)
    row = owe(session, letter, to=request.referrer.email, cause=event.id, about=about, now=now, wall=INSIDE)
    session.flush()
    keep_letter(session, request, row, "passed_on", now=now)
    return True


def _tell_team(
    session: Session, request: ServiceRequest, team: Team, event: Event, now: datetime, house: House
) -> None:
    link = house.link("desk.enquiry", request_id=request.id)
    letter = house.write("enquiry_waits", reference=format_reference(request.reference), link=link)
    advisers = list_holders(session, role=Role.MEMBER, teams=[team.id], now=now)
    for address in [team.email] if team.email else [one.email for one in advisers]:
        owe(session, letter, to=address, cause=event.id, about=("request", request.id), now=now, wall=INSIDE)
