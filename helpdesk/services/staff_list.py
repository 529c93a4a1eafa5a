"""Who works here, in which team and role: for the administrator to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.identity.models import Membership, Role, Team, TeamKind, UserAccount

MOST = 500


@dataclass(frozen=True)
class StaffRow:
    """One role of one person, or somebody who holds none now."""

    person_id: UUID
    name: str
    team: str
    team_kind: TeamKind | None
    wall: Wall | None
    role: Role | None
    is_disabled: bool


def list_staff(session: Session, *, now: datetime) -> list[StaffRow]:
    """Return every role held now, by team and name."""
    query = (
        select(
            UserAccount.id, UserAccount.name, Team.name, Team.kind, Team.wall, Membership.role, UserAccount.disabled_at
        )
        .select_from(Membership)
        .join(UserAccount, UserAccount.id == Membership.user_id)
        .join(Team, Team.id == Membership.team_id)
        .where(Membership.since <= now, or_(Membership.until.is_(None), Membership.until > now))
        .order_by(Team.name, UserAccount.name)
        .limit(MOST)
    )
    return [
        StaffRow(person_id, name, team, kind, wall, role, disabled_at is not None)
        for person_id, name, team, kind, wall, role, disabled_at in session.execute(query)
    ]


def list_without_place(session: Session, *, now: datetime) -> list[StaffRow]:
    """Return who has an account and no place now: newly opened, moved on, or closed."""
    held = select(Membership.id).where(
        Membership.user_id == UserAccount.id, or_(Membership.until.is_(None), Membership.until > now)
    )
    query = (
        select(UserAccount.id, UserAccount.name, UserAccount.disabled_at)
        .where(~held.exists())
        .order_by(UserAccount.name, UserAccount.id)
        .limit(MOST)
    )
    return [
        StaffRow(person_id, name, "", None, None, None, disabled_at is not None)
        for person_id, name, disabled_at in session.execute(query)
    ]
