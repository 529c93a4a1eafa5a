"""What a user sees: a filter inside the query, never a check after it (EV-5, EV-6, SE-5)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session, joinedload

from infrastructure.database import Wall
from infrastructure.identity.models import Role, TeamKind
from infrastructure.identity.users import User
from service_request.models import Area, AreaTeam, Grant, ServiceRequest
from service_request.services.refusals import NotYoursError


def visible_to(user: User) -> ColumnElement[bool]:
    """Return the condition that a request must meet to be seen by this user; the wall stands first.

    The desk and the service managers see every request outside the wall; a referral and assessment manager those of
    the team's areas (the default area's team also those of no area). A destination sees no request, only what a grant
    gives it.
    """
    outside = ServiceRequest.wall == Wall.OPEN
    if user.holds(Role.OFFICER, Role.MANAGER, kind=TeamKind.DESK) or user.holds(Role.SERVICE_MANAGER):
        return outside
    teams = user.teams(Role.MANAGER, kind=TeamKind.ASSESSMENT)
    if not teams:
        return and_(outside, false())
    own = select(AreaTeam.area_id).where(AreaTeam.team_id.in_(teams))
    holds_default = select(Area.id).where(Area.is_default, Area.id.in_(own)).exists()
    return and_(outside, or_(ServiceRequest.area_id.in_(own), and_(ServiceRequest.area_id.is_(None), holds_default)))


def get_request(session: Session, request_id: UUID, user: User, *, lock: bool = False) -> ServiceRequest:
    """Return the request with its referrer, or raise NotYoursError: "not there" and "not yours" look the same."""
    query = (
        select(ServiceRequest)
        .where(visible_to(user), ServiceRequest.id == request_id)
        .options(joinedload(ServiceRequest.referrer))
    )
    if lock:
        query = query.with_for_update(of=ServiceRequest)
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotYoursError
    return row


def live_grants(user: User) -> ColumnElement[bool]:
    """Return the condition for the grants that give this user's teams sight of a subject."""
    return and_(Grant.wall == Wall.OPEN, Grant.team_id.in_(user.teams()), Grant.until.is_(None))
