"""Who may decide a request: the referral and assessment manager for its area (GL-8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.refusals import MayNotDecideError
from helpdesk.models import DutyTurn
from helpdesk.services.destinations import find_default_area
from helpdesk.services.on_duty import covers, may_take_turns, turn_at
from infrastructure.identity.models import Membership, Role, Team, TeamKind, UserAccount
from infrastructure.identity.users import Place, User
from service_request.models import Area, AreaTeam
from service_request.services.sight.hearing import Known, hears_of


def list_deciding_teams(session: Session, area_id: UUID | None) -> list[UUID]:
    """Return the assessment teams of an area; no area is the default area's (GL-8)."""
    area_id = area_id or find_default_area(session)
    query = (
        select(AreaTeam.team_id)
        .join(Team, Team.id == AreaTeam.team_id)
        .where(AreaTeam.area_id == area_id, Team.kind == TeamKind.ASSESSMENT)
    )
    return list(session.scalars(query))


@dataclass(frozen=True)
class InLine:
    """Who is warned before a decision is late, and who is told once it is, one after the other: by name."""

    warned: tuple[str, ...]
    on_duty: tuple[str, ...]  # by the rota, at the moment when the time runs out
    told_late: tuple[str, ...]


def name_in_line(
    session: Session, request: Known, area_id: UUID | None, now: datetime, *, late_at: datetime | None = None
) -> InLine:
    """Return the people that watch.py writes to about a decision, by name and in one query (GL-8, EV-7)."""
    default = select(Area.id).where(Area.is_default).scalar_subquery()
    of_area = select(AreaTeam.team_id).where(AreaTeam.area_id == (area_id or default))
    decides = and_(Membership.role == Role.MANAGER, Team.kind == TeamKind.ASSESSMENT, Team.id.in_(of_area))
    is_next = and_(Membership.role == Role.SERVICE_MANAGER, Team.wall == request.wall)
    has_turn = and_(DutyTurn.id.is_not(None), Team.wall == request.wall, may_take_turns(request.wall))
    turn = and_(turn_at(request.wall, late_at or now), covers(area_id), DutyTurn.user_id == UserAccount.id)
    query = (
        select(UserAccount.name, decides, is_next, has_turn, DutyTurn.area_id)
        .join(Membership, Membership.user_id == UserAccount.id)
        .join(Team, Team.id == Membership.team_id)
        .outerjoin(DutyTurn, turn)
        .where(
            UserAccount.disabled_at.is_(None),
            or_(Membership.until.is_(None), Membership.until > now),
            or_(decides, is_next, has_turn),
            hears_of(request),
        )
        .distinct()
        .order_by(UserAccount.name)
    )
    rows = session.execute(query).all()
    managers = _names(name for name, decider, *_ in rows if decider)
    service_managers = _names(name for name, _, following, *_ in rows if following)
    of_the_area = _names(name for name, *_, has_it, area in rows if has_it and area is not None)
    on_duty = of_the_area or _names(name for name, *_, has_it, _ in rows if has_it)
    return InLine(managers or on_duty or service_managers, on_duty, service_managers)


def _names(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))


def find_place_to_decide(session: Session, area_id: UUID | None, user: User) -> Place | None:
    """Return the place that lets this user decide requests of an area, or None: no other role does, however senior."""
    held = {
        place.team_id: place
        for place in user.places
        if place.role is Role.MANAGER and place.team_kind is TeamKind.ASSESSMENT
    }
    if not held:
        return None
    teams = list_deciding_teams(session, area_id)
    return next((held[team_id] for team_id in teams if team_id in held), None)


def check_may_decide(session: Session, area_id: UUID | None, user: User) -> Place:
    """Return that place, or raise MayNotDecideError."""
    place = find_place_to_decide(session, area_id, user)
    if place is None:
        raise MayNotDecideError
    return place
