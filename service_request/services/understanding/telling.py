"""An adviser's team hears that somebody wrote to them: once, until one of them has looked (EV-6, SE-3)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.database import uuid7
from infrastructure.house import House
from infrastructure.identity.models import Role, Team, TeamKind, UserAccount
from infrastructure.identity.users import list_holders
from infrastructure.outbox import OutboxMessage, owe
from infrastructure.trail import AccessLog
from service_request.domain.references import format_reference
from service_request.models import ServiceRequest

TEMPLATE = "enquirer_wrote"


def tell_team(session: Session, request: ServiceRequest, *, now: datetime, house: House) -> bool:
    """Owe whoever holds the enquiry, or the team, a mail that they wrote again; none while the last is unanswered by
    a look. In the caller's transaction, with the request locked."""
    about = ("request", request.id)
    last_told = session.scalars(
        select(func.max(OutboxMessage.owed_at)).where(
            OutboxMessage.wall == request.wall,
            OutboxMessage.about_kind == about[0],
            OutboxMessage.about_id == about[1],
            OutboxMessage.template == TEMPLATE,
        )
    ).one()
    if last_told is not None and not _has_looked(session, request, last_told):
        return False
    link = house.link("desk.enquiry", request_id=request.id)
    letter = house.write(TEMPLATE, reference=format_reference(request.reference), link=link)
    cause = uuid7()
    for address in _addresses(session, request, now):
        owe(session, letter, to=address, cause=cause, about=about, now=now, wall=request.wall)
    return True


def _has_looked(session: Session, request: ServiceRequest, since: datetime) -> bool:
    query = select(AccessLog.id).where(
        AccessLog.wall == request.wall, AccessLog.request_id == request.id, AccessLog.at >= since
    )
    return session.scalars(query.limit(1)).first() is not None


def _addresses(session: Session, request: ServiceRequest, now: datetime) -> list[str]:
    if request.assignee_id is not None:
        holder = select(UserAccount.email).where(
            UserAccount.id == request.assignee_id, UserAccount.disabled_at.is_(None)
        )
        if found := list(session.scalars(holder)):
            return found
    teams = select(Team).where(Team.wall == request.wall, Team.kind == TeamKind.SENDIASS, Team.open_to.is_(None))
    boxes = [team.email for team in session.scalars(teams) if team.email]
    if boxes:
        return boxes
    members = list_holders(session, role=Role.MEMBER, kind=TeamKind.SENDIASS, wall=request.wall, now=now)
    return [one.email for one in members]
