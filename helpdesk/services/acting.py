"""What every act of the desk begins and ends with: the request locked and looked at again, its state moved once."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from infrastructure.identity.models import Role, TeamKind
from infrastructure.identity.users import User
from infrastructure.trail import Actor, Event, Stream, record
from service_request.domain.states import RequestState
from service_request.models import Direction, Message, ServiceRequest
from service_request.pathways.social_care.rules import LIFECYCLE, RequestAct
from service_request.services.refusals import StaleEditError
from service_request.services.sight.visible import get_request


def lock_for(
    session: Session,
    request_id: UUID,
    by: User,
    *,
    version: int | None = None,
    mine: dict[str, str] | None = None,
    lasting: bool = False,
) -> ServiceRequest:
    """Lock a request that this user may see; refuse when it changed since they opened it, and keep what they wrote.

    `lasting`: sight that was not made by breaking the glass. Raise NotYoursError or StaleEditError.
    """
    request = get_request(session, request_id, by, lock=True, lasting=lasting)
    if version is not None and request.version != version:
        raise StaleEditError(mine)
    return request


def move(
    session: Session,
    request: ServiceRequest,
    act: RequestAct,
    *,
    by: Actor,
    now: datetime,
    before: RequestState | None = None,
    **facts: Any,
) -> Event:
    """Move the request by the table and record it, or raise TransitionRefusedError."""
    was = request.state
    request.state = LIFECYCLE.next_state(was, act, before=before)
    flag_modified(request, "state")  # an act that leaves the state as it was outdates other people's pages too
    return record(session, Stream("request", request.id), act, by=by, now=now, moved=(was, request.state), **facts)


def note(session: Session, request: ServiceRequest, kind: str, words: str, *, by: User, now: datetime) -> Message:
    """Write what a member of staff said; it has no way out (a call was made by a person, a note is never sent)."""
    row = Message(
        wall=request.wall,
        request_id=request.id,
        direction=Direction.CALL if kind.startswith("call_") else Direction.NOTE,
        kind=kind,
        at=now,
        by_kind=by.actor.kind,
        by_id=by.id,
        body=words,
    )
    session.add(row)
    return row


def is_of_desk(user: User) -> bool:
    """Tell whether the user works at the helpdesk, or answers for the service."""
    return user.holds(Role.OFFICER, Role.MANAGER, kind=TeamKind.DESK) or user.holds(Role.SERVICE_MANAGER)
