"""Who sees one request beside those whose role shows it: what was given, who is barred; for whoever sees it (EV-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from infrastructure.identity.models import Team, UserAccount
from infrastructure.identity.users import User
from service_request.models import Grant, GrantWhy, ServiceRequest, SightBar
from service_request.services.sight.visible import lasts, visible_to

_By = aliased(UserAccount)


@dataclass(frozen=True)
class GivenTo:
    """A person or a team that was given sight of a request."""

    id: UUID
    user_id: UUID | None
    name: str
    is_team: bool
    why: GrantWhy
    scope: tuple[str, ...] | None
    reason_code: str | None
    since: datetime
    until: datetime | None
    by: str | None


@dataclass(frozen=True)
class BarredFrom:
    """A colleague who may not see a request, whatever their role."""

    id: UUID
    user_id: UUID
    name: str
    reason_code: str
    since: datetime
    by: str | None


def list_given_to(session: Session, request_id: UUID, user: User) -> list[GivenTo]:
    """Return who was given the request, whole or in parts, and has not lost it."""
    query = (
        select(Grant, UserAccount.name, Team.name, _By.name)
        .join(ServiceRequest, (ServiceRequest.wall == Grant.wall) & (ServiceRequest.id == Grant.request_id))
        .outerjoin(UserAccount, UserAccount.id == Grant.user_id)
        .outerjoin(Team, Team.id == Grant.team_id)
        .outerjoin(_By, _By.id == Grant.by_id)
        .where(visible_to(user), Grant.request_id == request_id, Grant.subject_id.is_(None), lasts(Grant))
        .order_by(Grant.since, Grant.id)
    )
    return [
        GivenTo(
            id=row.id,
            user_id=row.user_id,
            name=person or team or "",
            is_team=row.team_id is not None,
            why=row.why,
            scope=tuple(row.scope) if row.scope is not None else None,
            reason_code=row.reason_code,
            since=row.since,
            until=row.until,
            by=by,
        )
        for row, person, team, by in session.execute(query)
    ]


def list_barred_from(session: Session, request_id: UUID, user: User) -> list[BarredFrom]:
    """Return who is barred from the request."""
    query = (
        select(SightBar, UserAccount.name, _By.name)
        .join(ServiceRequest, (ServiceRequest.wall == SightBar.wall) & (ServiceRequest.id == SightBar.request_id))
        .join(UserAccount, UserAccount.id == SightBar.user_id)
        .outerjoin(_By, _By.id == SightBar.by_id)
        .where(visible_to(user), SightBar.request_id == request_id, lasts(SightBar))
        .order_by(UserAccount.name, SightBar.id)
    )
    return [
        BarredFrom(row.id, row.user_id, name, row.reason_code, row.since, by)
        for row, name, by in session.execute(query)
    ]
