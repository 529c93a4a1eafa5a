"""Who is on duty by the rota at a moment, of those who may hear of a request (EV-7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from helpdesk.models import DutyTurn
from helpdesk.services.colleagues import FRONT, SEES_REQUESTS
from infrastructure.database import Wall
from infrastructure.identity.models import Membership, Team, TeamKind, UserAccount
from service_request.models import Area, ServiceRequest
from service_request.services.sight.hearing import hears_of


def may_take_turns(wall: Wall) -> ColumnElement[bool]:
    """Return the condition for a place whose holder may be on duty: who could open what is late (EV-5)."""
    if wall is Wall.SENDIASS:
        return Team.kind == TeamKind.SENDIASS
    return and_(Team.kind.in_(FRONT), Membership.role.in_(SEES_REQUESTS))


def turn_at(wall: Wall, at: datetime) -> ColumnElement[bool]:
    """Return the condition for a turn that runs at a moment, on one side of the wall."""
    return and_(DutyTurn.wall == wall, DutyTurn.since <= at, DutyTurn.until > at, DutyTurn.ended_at.is_(None))


def covers(area_id: UUID | None) -> ColumnElement[bool]:
    """Return the condition for a turn that covers an area; no area is the default area's (GL-8)."""
    default = select(Area.id).where(Area.is_default).scalar_subquery()
    return or_(DutyTurn.area_id.is_(None), DutyTurn.area_id == (area_id or default))


def list_on_duty(session: Session, request: ServiceRequest, now: datetime) -> list[str]:
    """Return the addresses of whoever is on duty for a request: for its area by name, else for every area."""
    query = (
        select(UserAccount.email, DutyTurn.area_id)
        .join(DutyTurn, DutyTurn.user_id == UserAccount.id)
        .join(Membership, Membership.user_id == UserAccount.id)
        .join(Team, Team.id == Membership.team_id)
        .where(
            turn_at(request.wall, now),
            covers(request.area_id),
            UserAccount.disabled_at.is_(None),
            or_(Membership.until.is_(None), Membership.until > now),
            Team.wall == request.wall,
            may_take_turns(request.wall),
            hears_of(request),
        )
        .distinct()
        .order_by(UserAccount.email)
    )
    found = session.execute(query).all()
    of_area = [email for email, area_id in found if area_id is not None]
    return list(dict.fromkeys(of_area or [email for email, _ in found]))
