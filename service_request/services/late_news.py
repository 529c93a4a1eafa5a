"""What comes for a request that was folded or has ended comes up where somebody looks (EV-1)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.trail import Actor, Stream, record
from service_request.domain.states import RequestState
from service_request.models import Direction, Message, ServiceRequest, TaskKind
from service_request.services.sight.system import lock_survivor
from service_request.services.tasks import need_task


def come_up(
    session: Session, request: ServiceRequest, *, cause: str, about_id: UUID | None = None, by: Actor, now: datetime
) -> ServiceRequest:
    """Make a task of what came for a locked request, in the caller's transaction, once for each cause.

    Of one that was folded it stands on the request that it was folded into, whose trail says so. Returns that one.
    """
    there = lock_survivor(session, request)
    kind = TaskKind.NEW_INFORMATION
    need_task(session, kind, cause=cause, request_id=there.id, about_id=about_id, now=now, wall=request.wall)
    if there.id != request.id:
        record(session, Stream("request", there.id), "hear_folded", by=by, now=now, folded=request.id)
    return there


def show_there_too(
    session: Session,
    request: ServiceRequest,
    there: ServiceRequest,
    words: str,
    *,
    kind: str,
    arrival_id: UUID,
    at: datetime,
) -> None:
    """Let what was said about a folded request be read on the one that it was folded into as well."""
    if request.state is not RequestState.FOLDED or there.id == request.id:
        return
    session.add(
        Message(
            wall=there.wall,
            request_id=there.id,
            arrival_id=arrival_id,
            direction=Direction.IN,
            kind=kind,
            at=at,
            by_kind="referrer",
            body=words,
        )
    )
