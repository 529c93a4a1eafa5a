"""Who works here, in which team and role: for the administrator to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from infrastructure.identity.models import Membership, Role, Team, TeamKind, UserAccount

MOST = 500


@dataclass(frozen=True)
class StaffRow:
    """One role of one person."""

    name: str
    team: str
    team_kind: TeamKind
    role: Role
    is_disabled: bool


def list_staff(session: Session, *, now: datetime) -> list[StaffRow]:
    """Return every role held now, by team and name."""
    query = (
        select(UserAccount.name, Team.name, Team.kind, Membership.role, UserAccount.disabled_at)
        .select_from(Membership)
        .join(UserAccount, UserAccount.id == Membership.user_id)
        .join(Team, Team.id == Membership.team_id)
        .where(Membership.since <= now, or_(Membership.until.is_(None), Membership.until > now))
        .order_by(Team.name, UserAccount.name)
        .limit(MOST)
    )
    return [
        StaffRow(name, team, kind, role, disabled_at is not None)
        for name, team, kind, role, disabled_at in session.execute(query)
    ]
