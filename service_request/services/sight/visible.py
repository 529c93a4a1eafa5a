"""What a user sees: a filter inside the query, never a check after it (EV-5, EV-6, SE-5)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, Select, SelectBase, and_, bindparam, false, or_, select, true
from sqlalchemy.orm import Session, joinedload

from infrastructure.database import Wall, utc_now
from infrastructure.database.columns import UtcDateTime
from infrastructure.identity.models import Role, TeamKind
from infrastructure.identity.users import User
from service_request.models import Area, AreaTeam, Grant, ServiceRequest, SightBar
from service_request.services.refusals import NotYoursError

ADVISES = (Role.OFFICER, Role.MANAGER, Role.MEMBER, Role.SERVICE_MANAGER)

# The moment at which a statement is sent, not the one at which it was put together: what ended by then is dead.
_MOMENT: ColumnElement[object] = bindparam("seen_at", callable_=utc_now, type_=UtcDateTime())


def visible_to(user: User) -> ColumnElement[bool]:
    """Return the condition that a request must meet to be seen by this user; the wall stands first.

    Then nobody sees what they are barred from, whatever else they hold. Then: by role, what is not restricted; or
    what a live grant gives them or their team whole.
    """
    return and_(
        ServiceRequest.wall == user.wall,
        ServiceRequest.id.not_in(_barred(user)),
        or_(and_(ServiceRequest.restricted.is_(False), _by_role(user)), ServiceRequest.id.in_(_given(user))),
    )


def live_grants(user: User) -> ColumnElement[bool]:
    """Return the condition for the grants that give this user or their teams sight now; a bar wins over each."""
    return and_(
        Grant.wall == user.wall,
        or_(Grant.team_id.in_(user.teams()), Grant.user_id == user.id),
        _lasts(Grant),
        Grant.request_id.not_in(_barred(user)),
    )


def _by_role(user: User) -> ColumnElement[bool]:
    """Return what a role shows of what is not restricted.

    The desk and the service managers: every request outside the wall; a referral and assessment manager: those of the
    team's areas (the default area's team also those of no area); inside the wall, SENDIASS its own. A destination sees
    no request, only what a grant gives it.
    """
    if user.wall is Wall.SENDIASS:
        return true() if user.holds(*ADVISES, kind=TeamKind.SENDIASS) else false()
    if user.holds(Role.OFFICER, Role.MANAGER, kind=TeamKind.DESK) or user.holds(Role.SERVICE_MANAGER):
        return true()
    teams = user.teams(Role.MANAGER, kind=TeamKind.ASSESSMENT)
    if not teams:
        return false()
    own = select(AreaTeam.area_id).where(AreaTeam.team_id.in_(teams))
    holds_default = select(Area.id).where(Area.is_default, Area.id.in_(own)).exists()
    return or_(ServiceRequest.area_id.in_(own), and_(ServiceRequest.area_id.is_(None), holds_default))


def _barred(user: User) -> Select[UUID]:
    return select(SightBar.request_id).where(SightBar.wall == user.wall, SightBar.user_id == user.id, _lasts(SightBar))


def _given(user: User) -> SelectBase:
    whole = and_(Grant.wall == user.wall, Grant.subject_id.is_(None), Grant.scope.is_(None), _lasts(Grant))
    by_name = select(Grant.request_id).where(whole, Grant.user_id == user.id)
    teams = user.teams()
    return by_name.union_all(select(Grant.request_id).where(whole, Grant.team_id.in_(teams))) if teams else by_name


def _lasts(row: type[Grant] | type[SightBar]) -> ColumnElement[bool]:
    return or_(row.until.is_(None), row.until > _MOMENT)


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
