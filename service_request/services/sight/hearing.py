"""Who of the staff may hear of a request, by mail or by name on a page: only who could open it (EV-5)."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.identity.models import Membership, UserAccount
from service_request.models import Grant, GrantWhy, SightBar
from service_request.services.sight.visible import MOMENT, lasts


class Known(Protocol):
    """What must be known of a request to say who may hear of it."""

    @property
    def id(self) -> UUID: ...
    @property
    def wall(self) -> Wall: ...
    @property
    def restricted(self) -> bool: ...


class Held(Known, Protocol):
    """What must be known of a request to say who holds it."""

    @property
    def assignee_id(self) -> UUID | None: ...


def not_barred(request: Known) -> ColumnElement[bool]:
    """Return the condition for the staff who are not barred from this request."""
    bars = select(SightBar.user_id).where(
        SightBar.wall == request.wall, SightBar.request_id == request.id, lasts(SightBar)
    )
    return UserAccount.id.not_in(bars)


def hears_of(request: Known) -> ColumnElement[bool]:
    """Return the condition for the staff who may hear of this request: of a restricted one, who was given it."""
    return and_(not_barred(request), keeps(request)) if request.restricted else not_barred(request)


def keeps(request: Known, why: GrantWhy | None = None) -> ColumnElement[bool]:
    """Return the condition for the staff who were given the whole request, by name or as members of a team."""
    whole = and_(
        Grant.wall == request.wall,
        Grant.request_id == request.id,
        Grant.subject_id.is_(None),
        Grant.scope.is_(None),
        Grant.why == why if why else Grant.why != GrantWhy.BREAK_GLASS,
        lasts(Grant),
    )
    members = (
        select(Membership.user_id)
        .join(Grant, Grant.team_id == Membership.team_id)
        .where(whole, or_(Membership.until.is_(None), Membership.until > MOMENT))
    )
    return or_(
        UserAccount.id.in_(select(Grant.user_id).where(whole, Grant.user_id.is_not(None))),
        UserAccount.id.in_(members),
    )


def list_keepers(session: Session, request: Known) -> list[str]:
    """Return the addresses of whoever keeps sight of a restricted request."""
    if not request.restricted:
        return []
    query = select(UserAccount.email).where(UserAccount.disabled_at.is_(None), hears_of(request))
    return list(session.scalars(query.order_by(UserAccount.email)))


def list_assignee(session: Session, request: Held) -> list[str]:
    """Return the address of whoever holds a request, while they are of the staff and may hear of it; else nothing."""
    if request.assignee_id is None:
        return []
    query = select(UserAccount.email).where(
        UserAccount.id == request.assignee_id, UserAccount.disabled_at.is_(None), hears_of(request)
    )
    return list(session.scalars(query))
