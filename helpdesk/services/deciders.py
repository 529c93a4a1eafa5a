"""Who may decide a request: the referral and assessment manager for its area (GL-8)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.refusals import MayNotDecideError
from helpdesk.services.destinations import find_default_area
from infrastructure.identity.models import Role, Team, TeamKind
from infrastructure.identity.users import Place, User
from service_request.models import AreaTeam


def list_deciding_teams(session: Session, area_id: UUID | None) -> list[UUID]:
    """Return the assessment teams of an area; no area is the default area's (GL-8)."""
    area_id = area_id or find_default_area(session)
    query = (
        select(AreaTeam.team_id)
        .join(Team, Team.id == AreaTeam.team_id)
        .where(AreaTeam.area_id == area_id, Team.kind == TeamKind.ASSESSMENT)
    )
    return list(session.scalars(query))


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
