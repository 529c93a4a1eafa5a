"""Promises of ours that were broken: somebody says why, once for each (EV-7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.identity.models import Team, TeamKind
from service_request.models import Area, AreaTeam, Clock, ClockKind, ServiceRequest, TaskKind
from service_request.services.tasks import need_task

# What a referrer owes is no promise of ours: nobody is asked why it came late.
OURS = frozenset({ClockKind.DECISION, ClockKind.ACKNOWLEDGE, ClockKind.FIRST_CONTACT, ClockKind.STATUTORY})


def ask_why(session: Session, clock: Clock, request: ServiceRequest, now: datetime) -> None:
    """Let the managers say why a promise was broken, inside the caller's transaction; asked once for each clock."""
    if clock.kind not in OURS or now < clock.due_at:
        return
    need_task(
        session,
        TaskKind.WHY_LATE,
        cause=f"why_late:{clock.id}",
        request_id=request.id,
        about_id=clock.id,
        team_id=_deciding_team(session, request),
        now=now,
        wall=request.wall,
    )


def _deciding_team(session: Session, request: ServiceRequest) -> UUID | None:
    """Return the assessment team of the request's area; None where there is none, and inside the wall."""
    if request.wall is not Wall.OPEN:
        return None
    default = select(Area.id).where(Area.is_default).scalar_subquery()
    query = (
        select(AreaTeam.team_id)
        .join(Team, Team.id == AreaTeam.team_id)
        .where(AreaTeam.area_id == (request.area_id or default), Team.kind == TeamKind.ASSESSMENT)
        .order_by(Team.name)
        .limit(1)
    )
    return session.scalars(query).one_or_none()
