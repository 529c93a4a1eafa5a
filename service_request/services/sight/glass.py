"""What may be opened in an emergency, how long it lasts, and what a service manager reads of it afterwards (EV-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from service_request.models import Grant, GrantWhy, ServiceRequest, Task, TaskKind
from service_request.services.refusals import NotYoursError
from service_request.services.sight.visible import barred, live_grants, visible_to
from service_request.services.tasks import doable_by


@dataclass(frozen=True)
class GlassReview:
    """Who opened what in an emergency, why and until when."""

    task_id: UUID
    request_id: UUID
    reference: str
    by: str
    reason_code: str
    words: str
    since: datetime
    until: datetime | None


def find_to_open(session: Session, reference: str, user: User) -> ServiceRequest | None:
    """Return the request that this user may open at need, locked; behind the wall, or barred, it is not there."""
    query = (
        select(ServiceRequest)
        .where(
            ServiceRequest.wall == user.wall,
            ServiceRequest.id.not_in(barred(user)),
            ServiceRequest.reference == reference,
        )
        .with_for_update(of=ServiceRequest)
    )
    return session.scalars(query).one_or_none()


def is_seen_by(session: Session, request_id: UUID, user: User) -> bool:
    """Tell whether this user sees the request already."""
    query = select(ServiceRequest.id).where(visible_to(user), ServiceRequest.id == request_id)
    return session.scalars(query).one_or_none() is not None


def list_broken(session: Session, request_id: UUID, user: User) -> list[Grant]:
    """Return the live emergency sight that this user has of a request."""
    query = select(Grant).where(
        live_grants(user),
        Grant.user_id == user.id,
        Grant.request_id == request_id,
        Grant.why == GrantWhy.BREAK_GLASS,
    )
    return list(session.scalars(query))


def get_review(session: Session, task_id: UUID, user: User, *, lock: bool = False) -> tuple[Task, Grant, GlassReview]:
    """Return what a service manager reads to say whether it was right, or raise NotYoursError."""
    query = (
        select(Task, Grant, UserAccount.name, ServiceRequest.reference)
        .join(Grant, (Grant.wall == Task.wall) & (Grant.id == Task.about_id))
        .join(UserAccount, UserAccount.id == Grant.user_id)
        .join(ServiceRequest, (ServiceRequest.wall == Task.wall) & (ServiceRequest.id == Task.request_id))
        .where(doable_by(user), Task.id == task_id, Task.kind == TaskKind.GLASS_BROKEN, Task.done_at.is_(None))
    )
    found = session.execute(query.with_for_update(of=Task) if lock else query).one_or_none()
    if found is None:
        raise NotYoursError
    task, grant, name, reference = found
    review = GlassReview(
        task_id=task.id,
        request_id=grant.request_id,
        reference=reference,
        by=name,
        reason_code=grant.reason_code or "",
        words=grant.reason or "",
        since=grant.since,
        until=grant.until,
    )
    return task, grant, review
