"""Who works here now on one side of the wall, for somebody who must name them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.identity.models import Membership, Role, Team, TeamKind, UserAccount

MOST = 500
FRONT = (TeamKind.DESK, TeamKind.ASSESSMENT, TeamKind.COMMISSIONING)
SEES_REQUESTS = (Role.OFFICER, Role.MANAGER, Role.SERVICE_MANAGER)


@dataclass(frozen=True)
class Colleague:
    """A person by name, with the places they hold."""

    id: UUID
    name: str
    email: str
    places: tuple[tuple[UUID, str, TeamKind, Role], ...]

    @property
    def label(self) -> str:
        """Return the name with the first team."""
        return f"{self.name}, {self.places[0][1]}"

    @property
    def opens_requests(self) -> bool:
        """Tell whether they could work on a whole request, once they see it."""
        return any(kind in FRONT and role in SEES_REQUESTS for _, _, kind, role in self.places)

    def decides(self, teams: Iterable[UUID]) -> bool:
        """Tell whether they are the manager of one of these teams."""
        among = set(teams)
        return any(team in among and role is Role.MANAGER for team, _, _, role in self.places)


def list_colleagues(session: Session, *, wall: Wall, now: datetime) -> list[Colleague]:
    """Return everybody with a place on this side of the wall, by name."""
    query = (
        select(UserAccount, Membership.role, Team)
        .join(Membership, Membership.user_id == UserAccount.id)
        .join(Team, Team.id == Membership.team_id)
        .where(
            Team.wall == wall,
            UserAccount.disabled_at.is_(None),
            Membership.since <= now,
            or_(Membership.until.is_(None), Membership.until > now),
        )
        .order_by(UserAccount.name, UserAccount.id, Membership.id)
        .limit(MOST)
    )
    found: dict[UUID, Colleague] = {}
    for account, role, team in session.execute(query):
        place = (team.id, team.name, team.kind, role)
        known = found.get(account.id)
        places = (*known.places, place) if known else (place,)
        found[account.id] = Colleague(account.id, account.name, account.email, places)
    return list(found.values())


def list_teams(session: Session, *, wall: Wall, now: datetime) -> list[tuple[UUID, str]]:
    """Return the open teams of this side of the wall, by name."""
    query = (
        select(Team.id, Team.name)
        .where(Team.wall == wall, Team.open_from <= now, or_(Team.open_to.is_(None), Team.open_to > now))
        .order_by(Team.name)
    )
    return [(row.id, row.name) for row in session.execute(query)]
