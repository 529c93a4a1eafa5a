"""Who may decide a request: the referral and assessment manager for its area (GL-8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.refusals import MayNotDecideError
from helpdesk.services.destinations import find_default_area
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
    """Who is warned before a decision is late, and who is told once it is: by name."""

    warned: tuple[str, ...]
    told_late: tuple[str, ...]


def name_in_line(session: Session, request: Known, area_id: UUID | None, now: datetime) -> InLine:
    """Return the people that watch.py writes to about a decision, by name and in one query (GL-8)."""
    default = select(Area.id).where(Area.is_default).scalar_subquery()
    of_area = select(AreaTeam.team_id).where(AreaTeam.area_id == (area_id or default))
    decides = and_(Membership.role == Role.MANAGER, Team.kind == TeamKind.ASSESSMENT, Team.id.in_(of_area))
    is_next = and_(Membership.role == Role.SERVICE_MANAGER, Team.wall == request.wall)
    query = (
        select(UserAccount.name, Membership.role)
        .join(Membership, Membership.user_id == UserAccount.id)
        .join(Team, Team.id == Membership.team_id)
        .where(
            UserAccount.disabled_at.is_(None),
            or_(Membership.until.is_(None), Membership.until > now),
            or_(decides, is_next),
            hears_of(request),
        )
        .distinct()
        .order_by(UserAccount.name)
    )
    rows = session.execute(query).all()
    managers = tuple(name for name, role in rows if role is Role.MANAGER)
    service_managers = tuple(name for name, role in rows if role is Role.SERVICE_MANAGER)
    return InLine(managers or service_managers, service_managers)


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
