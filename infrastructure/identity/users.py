"""The signed-in member of staff: a frozen value, read with one query, never a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, or_, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.identity.models import Membership, Role, Team, TeamKind, UserAccount, WebSession
from infrastructure.settings import Settings
from infrastructure.trail import Actor, ActorKind


@dataclass(frozen=True)
class Place:
    """A role held in a team."""

    team_id: UUID
    team_name: str
    team_kind: TeamKind
    wall: Wall
    role: Role


@dataclass(frozen=True)
class User:
    """A member of staff who proved who they are, with the places they hold now."""

    id: UUID
    name: str
    email: str
    places: tuple[Place, ...]
    session_id: UUID | None = None  # of the browser that asks; None where no browser does
    session_ends_at: datetime | None = None
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        """Return the id as text, as Flask-Login asks for it."""
        return str(self.id)

    @property
    def actor(self) -> Actor:
        """Return the user as the trail knows them."""
        return Actor(ActorKind.USER, self.id)

    def holds(self, *roles: Role, kind: TeamKind | None = None) -> bool:
        """Tell whether any of these roles is held (in a team of that kind)."""
        return any(p.role in roles and kind in (None, p.team_kind) for p in self.places)

    def teams(self, *roles: Role, kind: TeamKind | None = None) -> list[UUID]:
        """Return the teams in which any of these roles is held (any role, when none is named)."""
        return [p.team_id for p in self.places if (not roles or p.role in roles) and kind in (None, p.team_kind)]

    @property
    def wall(self) -> Wall:
        """Return the side of the wall this person stands on: inside only when every place is inside (SE-5)."""
        inside = bool(self.places) and all(place.wall is Wall.SENDIASS for place in self.places)
        return Wall.SENDIASS if inside else Wall.OPEN

    @property
    def main_place(self) -> Place | None:
        """Return the place named beside the user's name."""
        return self.places[0] if self.places else None


# Put together once, and columns alone: it is asked on every staff page.
_HOLDER = (
    select(
        WebSession.id.label("session_id"),
        WebSession.seen_at,
        WebSession.ends_at,
        UserAccount.id,
        UserAccount.name,
        UserAccount.email,
        Membership.role,
        Team.id.label("team_id"),
        Team.name.label("team_name"),
        Team.kind,
        Team.wall,
    )
    .join(UserAccount, UserAccount.id == WebSession.user_id)
    .outerjoin(
        Membership,
        (Membership.user_id == UserAccount.id) & or_(Membership.until.is_(None), Membership.until > bindparam("now")),
    )
    .outerjoin(Team, Team.id == Membership.team_id)
    .where(
        WebSession.token == bindparam("token"),
        UserAccount.disabled_at.is_(None),
        WebSession.ends_at > bindparam("now"),
        WebSession.is_pending.is_(False),  # who owes the second factor is nobody yet
    )
    .order_by(Membership.since, Membership.id)
)


def find_user(session: Session, token: str, *, settings: Settings, now: datetime) -> User | None:
    """Return who holds this session, or None; one query, and at most one write a minute (last seen)."""
    rows = session.connection().execute(_HOLDER, {"token": token, "now": now}).all()
    if not rows:
        return None
    first = rows[0]
    if now - first.seen_at > timedelta(minutes=settings.staff_idle_minutes):
        return None
    places = tuple(
        Place(row.team_id, row.team_name, row.kind, row.wall, row.role) for row in rows if row.team_id is not None
    )
    user = User(first.id, first.name, first.email, places, first.session_id, first.ends_at)
    if now - first.seen_at > timedelta(minutes=1):
        with transaction(session):
            session.get_one(WebSession, first.session_id).seen_at = now
    return user


def is_on_other_side(session: Session, user_id: UUID, wall: Wall, *, now: datetime) -> bool:
    """Tell whether somebody holds a place on the other side of the wall: nobody stands on both (SE-5)."""
    query = (
        select(Membership.id)
        .join(Team, Team.id == Membership.team_id)
        .where(Team.wall != wall, Membership.user_id == user_id, _live(Membership, now))
        .limit(1)
    )
    return session.scalars(query).first() is not None


def _live(model: type[Membership], now: datetime):  # type: ignore[no-untyped-def]
    return or_(model.until.is_(None), model.until > now)


@dataclass(frozen=True)
class Recipient:
    """A member of staff who is to be told something."""

    user_id: UUID
    email: str


def list_holders(
    session: Session,
    *,
    role: Role,
    now: datetime,
    teams: list[UUID] | None = None,
    kind: TeamKind | None = None,
    only: ColumnElement[bool] | None = None,
    wall: Wall | None = None,
) -> list[Recipient]:
    """Return who holds a role now: in any of `teams`, of a `kind`, on one side of the `wall`; `only` some of them."""
    query = (
        select(UserAccount.id, UserAccount.email)
        .join(Membership, (Membership.user_id == UserAccount.id) & _live(Membership, now))
        .join(Team, Team.id == Membership.team_id)
        .where(Membership.role == role, UserAccount.disabled_at.is_(None))
        .distinct()
        .order_by(UserAccount.email)
    )
    if teams is not None:
        query = query.where(Membership.team_id.in_(teams))
    if kind is not None:
        query = query.where(Team.kind == kind)
    if wall is not None:
        query = query.where(Team.wall == wall)
    if only is not None:
        query = query.where(only)
    return [Recipient(user_id, email) for user_id, email in session.execute(query)]
