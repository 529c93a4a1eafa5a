"""Who looked at a request, look by look, and the lists it stood on: for those who answer for it (EV-5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, cast, select
from sqlalchemy.orm import Session

from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from infrastructure.trail import Access, AccessLog, ActorKind
from service_request.models import ServiceRequest
from service_request.services.sight.viewing import Part
from service_request.services.sight.visible import visible_to

A_PAGE = 50


@dataclass(frozen=True)
class OneLook:
    """One look: who, when, what they did, and why where a reason was asked for."""

    at: datetime
    by: str | None
    actor_kind: ActorKind
    act: Access
    reason_code: str | None


@dataclass(frozen=True)
class Looks:
    """A page of looks, the latest first."""

    rows: Sequence[OneLook]
    page: int
    has_more: bool


def page_of_looks(session: Session, request_id: UUID, user: User, *, page: int = 1) -> Looks:
    """Return who opened, printed, downloaded or exported a request, or broke the glass for it."""
    query = _looks().join(ServiceRequest, ServiceRequest.id == AccessLog.request_id)
    query = query.where(
        visible_to(user, Part.LOOKS), AccessLog.wall == ServiceRequest.wall, AccessLog.request_id == request_id
    )
    return _page(session, query, page)


def page_of_lists(
    session: Session, request_id: UUID, user: User, *, since: datetime, until: datetime, page: int = 1
) -> Looks:
    """Return who had a request before them on a list or a search, in a time that is short enough to read through."""
    stands = cast(AccessLog.ids, String).contains(str(request_id))
    query = _looks().join(ServiceRequest, ServiceRequest.id == request_id)
    query = query.where(
        visible_to(user, Part.LOOKS),
        AccessLog.wall == user.wall,
        AccessLog.request_id.is_(None),
        AccessLog.at >= since,
        AccessLog.at < until,
        stands,
    )
    return _page(session, query, page)


def _looks() -> Select[*tuple[Any, ...]]:
    return (
        select(AccessLog.at, UserAccount.name, AccessLog.actor_kind, AccessLog.act, AccessLog.reason_code)
        .select_from(AccessLog)
        .outerjoin(UserAccount, UserAccount.id == AccessLog.actor_id)
    )


def _page(session: Session, query: Select[*tuple[Any, ...]], page: int) -> Looks:
    page = max(1, min(page, 10_000))
    query = query.order_by(AccessLog.at.desc(), AccessLog.id.desc()).limit(A_PAGE + 1).offset((page - 1) * A_PAGE)
    found = [OneLook(*row) for row in session.execute(query)]
    return Looks(found[:A_PAGE], page, len(found) > A_PAGE)
