"""A message that the outgoing guard held back: read by somebody, then sent as it is or told by another way (EV-6)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.decision import said
from helpdesk.domain.refusals import NotHeldError
from helpdesk.services.acting import lock_for, note
from helpdesk.services.closing import close_if_done
from helpdesk.services.deciders import list_deciding_teams
from infrastructure.database import Wall, transaction
from infrastructure.identity.models import Team
from infrastructure.identity.users import User
from infrastructure.outbox import MessageState, OutboxMessage
from infrastructure.trail import SYSTEM, Actor, Stream, record
from service_request.domain.typed import NOTE_MAX
from service_request.models import ServiceRequest, TaskKind
from service_request.services import outcomes
from service_request.services.enquiries.evaluations import forget_link
from service_request.services.refusals import NotYoursError
from service_request.services.sight.held import get_held
from service_request.services.sight.outgoing import UnknownMatterError, find_request_about
from service_request.services.sight.system import lock_request
from service_request.services.tasks import finish_tasks, need_task

HELD = frozenset({TaskKind.HELD_BACK})


def held(session: Session, row: OutboxMessage, now: datetime) -> None:
    """Make a task for the desk and one for the managers of the area, in the transaction that holds the message.

    What it was to tell is owed still, and its clocks go on (EV-7).
    """
    try:
        request_id = find_request_about(session, wall=row.wall, kind=row.about_kind, about_id=row.about_id)
        request = lock_request(session, request_id) if request_id else None
    except (UnknownMatterError, NotYoursError):  # nothing is there to say who must know: the desk
        request = None
    for team_id in _teams(session, row.wall, request):
        need_task(
            session,
            TaskKind.HELD_BACK,
            cause=f"held:{row.id}:{row.fence}:{team_id or 'desk'}",
            request_id=request.id if request else None,
            about_id=row.id,
            team_id=team_id,
            now=now,
            wall=row.wall,
        )
    if request is not None:
        stream = Stream("request", request.id)
        record(session, stream, "hold_message", by=SYSTEM, now=now, message=row.id, template=row.template)


def _teams(session: Session, wall: Wall, request: ServiceRequest | None) -> list[UUID | None]:
    """Return who is told: the desk (None) and the managers of the area; inside the wall its own teams alone."""
    if wall is not Wall.OPEN:
        teams = list(session.scalars(select(Team.id).where(Team.wall == wall, Team.open_to.is_(None))))
        return [*teams] or [None]
    return [None, *(list_deciding_teams(session, request.area_id) if request is not None else [])]


def release(session: Session, *, message_id: UUID, reason: str, by: User, now: datetime) -> UUID:
    """Let a message leave as it is, at the word of somebody who has read it; return its request (EV-5)."""
    text = said(reason, sentence="Enter why it can be sent as it is", most=NOTE_MAX)
    with transaction(session):
        request, row = _lock(session, message_id, by)
        row.state, row.next_at, row.released_at, row.released_by_id = MessageState.WAITING, now, now, by.id
        note(session, request, "message_released", text, by=by, now=now)
        _settle(session, request, row, "release_message", by.actor, now)
        return request.id


def cancel(session: Session, *, message_id: UUID, reason: str, by: User, now: datetime) -> UUID:
    """Never send it, and say how its reader is told; an outcome in it is owed still, by phone (GL-14)."""
    text = said(reason, sentence="Enter how they are told instead", most=NOTE_MAX)
    with transaction(session):
        request, row = _lock(session, message_id, by)
        row.state = MessageState.CANCELLED
        forget_link(row)  # of an evaluation: an answer without a name must not be joined by it (SE-8)
        note(session, request, "message_cancelled", text, by=by, now=now)
        if outcomes.mark_failed(session, row, now) is not None:
            need_task(
                session,
                TaskKind.CALL_BACK,
                cause=f"cancelled:{row.id}",
                request_id=request.id,
                about_id=row.id,
                now=now,
                wall=row.wall,
            )
        _settle(session, request, row, "cancel_message", by.actor, now)
        close_if_done(session, request, by=by.actor, now=now)
        return request.id


def drop(session: Session, request: ServiceRequest, message_id: UUID | None, *, by: Actor, now: datetime) -> None:
    """Cancel a held message whose matter was told by another way meanwhile, inside the caller's transaction."""
    query = select(OutboxMessage).where(
        OutboxMessage.wall == request.wall, OutboxMessage.id == message_id, OutboxMessage.state == MessageState.HELD
    )
    row = session.scalars(query.with_for_update(of=OutboxMessage)).one_or_none()
    if row is not None:
        row.state = MessageState.CANCELLED
        _settle(session, request, row, "cancel_message", by, now)


def _lock(session: Session, message_id: UUID, by: User) -> tuple[ServiceRequest, OutboxMessage]:
    request_id = get_held(session, message_id, by).request_id
    request = lock_for(session, request_id, by)
    query = select(OutboxMessage).where(OutboxMessage.wall == request.wall, OutboxMessage.id == message_id)
    query = query.with_for_update(of=OutboxMessage)
    row = session.scalars(query.execution_options(populate_existing=True)).one()
    if row.state is not MessageState.HELD:
        raise NotHeldError
    return request, row


def _settle(session: Session, request: ServiceRequest, row: OutboxMessage, act: str, by: Actor, now: datetime) -> None:
    stream = Stream("request", request.id)
    record(session, stream, act, by=by, now=now, message=row.id, template=row.template)
    finish_tasks(session, request_id=request.id, kinds=HELD, about_id=row.id, by=by, now=now)
