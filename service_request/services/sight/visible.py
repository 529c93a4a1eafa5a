"""What a user sees: a filter inside the query, never a check after it (EV-5, EV-6, SE-5)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    Uuid,
    and_,
    bindparam,
    false,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, joinedload

from infrastructure.database import utc_now
from infrastructure.database.columns import UtcDateTime
from infrastructure.identity.models import Role, TeamKind
from infrastructure.identity.users import Place, User
from service_request.models import Area, AreaTeam, Grant, GrantWhy, ServiceRequest, SightBar
from service_request.services.refusals import NotYoursError
from service_request.services.sight.viewing import Part, Viewer, sees_by_role

# The moment at which a statement is sent, not the one at which it was put together: what ended by then is dead.
MOMENT: ColumnElement[object] = bindparam("seen_at", callable_=utc_now, type_=UtcDateTime())
# The one request that a statement is about, given when it is sent: the statement itself is put together once.
THE_REQUEST: ColumnElement[UUID] = bindparam("the_request", type_=Uuid())
VIEWER: ColumnElement[UUID] = bindparam("viewer", type_=Uuid())
NOBODY = UUID(int=0)
P = ParamSpec("P")
T = TypeVar("T")


def put_together(make: Callable[P, T]) -> Callable[P, T]:
    """Keep what is put together for a user, or for all who stand alike: both are values, with every place.

    Each part of a statement then names the same lists at its head, which are read once however often they are asked.
    """
    return cast(Callable[P, T], lru_cache(maxsize=64)(make))


class Alike(User):
    """Everybody who holds places of the same kinds: a statement is put together once for all of them.

    Who it is, and in which teams, is given when it is sent (`given_for`); without that it is refused.
    """

    def teams(self, *roles: Role, kind: TeamKind | None = None) -> Any:
        """Return the place of the teams in a statement."""
        return bindparam(_teams_of(*roles, kind=kind), expanding=True, type_=Uuid())


def alike(user: User) -> Alike:
    """Return all who stand where this user stands: by wall, kind of team and role."""
    kinds = {(place.team_kind, place.wall, place.role) for place in user.places}
    places = tuple(Place(NOBODY, "", kind, wall, role) for kind, wall, role in sorted(kinds))
    return Alike(cast(UUID, VIEWER), "", "", places)


def given_for(user: User, **more: object) -> dict[str, object]:
    """Return what a statement for all who stand alike must be given, to be this user's."""
    managed = user.teams(Role.MANAGER, kind=TeamKind.ASSESSMENT)
    named = {_teams_of(): user.teams(), _teams_of(Role.MANAGER, kind=TeamKind.ASSESSMENT): managed}
    return {"viewer": user.id, **named, **more}


def _teams_of(*roles: Role, kind: TeamKind | None = None) -> str:
    return "_".join(["teams", *roles, *([kind] if kind else [])])


@put_together
def visible_to(user: User, part: Part | None = None, *, lasting: bool = False) -> ColumnElement[bool]:
    """Return the condition that a request must meet to be seen by this user; the wall stands first.

    Then nobody sees what they are barred from, whatever else they hold. Then: by role, what is not restricted; or
    what a live grant gives them or their team whole. With a `part`: whoever sees that part of it, by a role that sees
    it or a grant whose scope names it. `lasting`: sight that was not made by breaking the glass.
    """
    return and_(
        ServiceRequest.wall == user.wall,
        ServiceRequest.id.not_in(barred(user)),
        or_(
            and_(ServiceRequest.restricted.is_(False), _by_role(user, part)),
            ServiceRequest.id.in_(_given(user, part, lasting=lasting)),
        ),
    )


def shows(user: User, part: Part) -> ColumnElement[bool]:
    """Return a column that tells whether this user sees a part of a request that they see: only then is it opened."""
    if sees_by_role(user, part) == sees_by_role(user, None):  # what a grant gives whole has every part
        return true()
    return visible_to(user, part)


@put_together
def hidden_from(user: User) -> Select[UUID]:
    """Return the requests of which this user may know nothing, though their role would show them: a short list."""
    restricted = select(ServiceRequest.id).where(
        ServiceRequest.wall == user.wall,
        ServiceRequest.restricted.is_(True),
        ServiceRequest.id.not_in(_given(user, None, lasting=False)),
    )
    return _listed(restricted.union_all(barred(user)))


@put_together
def given_whole(user: User) -> Select[UUID]:
    """Return the restricted requests that this user was given whole: to see to them is theirs, whatever their role."""
    given = select(ServiceRequest.id).where(
        ServiceRequest.wall == user.wall,
        ServiceRequest.restricted.is_(True),
        ServiceRequest.id.in_(_given(user, None, lasting=False)),
        ServiceRequest.id.not_in(barred(user)),
    )
    return _listed(given)


def live_grants(user: User) -> ColumnElement[bool]:
    """Return the condition for the grants that give this user or their teams sight now; a bar wins over each."""
    return and_(
        Grant.wall == user.wall,
        or_(Grant.team_id.in_(user.teams()), Grant.user_id == user.id),
        lasts(Grant),
        Grant.request_id.not_in(barred(user)),
    )


@put_together
def barred(user: User) -> Select[UUID]:
    """Return the requests that this user is barred from, whatever they hold (EV-5)."""
    bars = select(SightBar.request_id).where(SightBar.wall == user.wall, SightBar.user_id == user.id, lasts(SightBar))
    return _listed(bars)


def lasts(row: type[Grant] | type[SightBar]) -> ColumnElement[bool]:
    """Return the condition for what has not ended by the moment of the statement."""
    return or_(row.until.is_(None), row.until > MOMENT)


def _listed(ids: Select[UUID] | CompoundSelect[UUID]) -> Select[UUID]:
    """Put a short list of requests at the head of the statement."""
    return select(*ids.cte().c)


def _by_role(user: User, part: Part | None) -> ColumnElement[bool]:
    """Return what a role shows of what is not restricted.

    The desk and the service managers: every request outside the wall; a referral and assessment manager: those of the
    team's areas (the default area's team also those of no area); inside the wall, SENDIASS its own. A destination sees
    no request, only what a grant gives it.
    """
    kinds = sees_by_role(user, part)
    if kinds & {Viewer.OFFICER, Viewer.SERVICE_MANAGER, Viewer.ADVISER}:
        return true()
    if Viewer.MANAGER not in kinds:
        return false()
    own = select(AreaTeam.area_id).where(AreaTeam.team_id.in_(user.teams(Role.MANAGER, kind=TeamKind.ASSESSMENT)))
    holds_default = select(Area.id).where(Area.is_default, Area.id.in_(own)).exists()
    return or_(ServiceRequest.area_id.in_(own), and_(ServiceRequest.area_id.is_(None), holds_default))


@put_together
def _given(user: User, part: Part | None, *, lasting: bool) -> Select[UUID]:
    names_it: ColumnElement[bool] = Grant.scope.is_(None)
    if part is not None:
        names_it = or_(names_it, Grant.scope.cast(String).contains(f'"{part.value}"'))
    whole = and_(Grant.wall == user.wall, Grant.subject_id.is_(None), names_it, lasts(Grant))
    if lasting:
        whole = and_(whole, Grant.why != GrantWhy.BREAK_GLASS)
    by_name = select(Grant.request_id).where(whole, Grant.user_id == user.id)
    return _listed(by_name.union_all(select(Grant.request_id).where(whole, Grant.team_id.in_(user.teams()))))


def get_request(
    session: Session, request_id: UUID, user: User, *, lock: bool = False, lasting: bool = False
) -> ServiceRequest:
    """Return the request with its referrer, or raise NotYoursError: "not there" and "not yours" look the same."""
    query = (
        select(ServiceRequest)
        .where(visible_to(user, lasting=lasting), ServiceRequest.id == request_id)
        .options(joinedload(ServiceRequest.referrer))
    )
    if lock:
        query = query.with_for_update(of=ServiceRequest)
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotYoursError
    return row
