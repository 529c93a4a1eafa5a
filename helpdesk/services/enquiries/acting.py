"""What every act on an enquiry begins and ends with: it is locked, looked at again, and moves by its table (SE-5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from helpdesk.domain.enquiry_refusals import FoldedEnquiryError
from helpdesk.services.acting import lock_for
from infrastructure.database import Wall
from infrastructure.identity.users import User
from infrastructure.trail import Actor, Event, Stream, record
from service_request.domain.states import RequestState
from service_request.models import Conversation, Enquiry, ServiceRequest
from service_request.pathways.sendiass.rules import LIFECYCLE, EnquiryAct
from service_request.services.refusals import NotYoursError

INSIDE = Wall.SENDIASS


def lock_enquiry(
    session: Session, request_id: UUID, by: User, *, version: int | None = None, mine: dict[str, str] | None = None
) -> tuple[ServiceRequest, Enquiry]:
    """Lock an enquiry that this user may see, with what is particular to it; nobody outside the wall has any (SE-5).

    Raise NotYoursError, or StaleEditError when it changed since they opened it: what they wrote is kept.
    """
    request = lock_for(session, request_id, by, version=version, mine=mine)
    enquiry = session.scalars(
        select(Enquiry).where(Enquiry.wall == INSIDE, Enquiry.request_id == request.id)
    ).one_or_none()
    if request.wall is not INSIDE or enquiry is None:
        raise NotYoursError
    return request, enquiry


def move(
    session: Session,
    request: ServiceRequest,
    act: EnquiryAct,
    *,
    by: Actor,
    now: datetime,
    before: RequestState | None = None,
    **facts: Any,
) -> Event:
    """Move the enquiry by its table and record it, or raise TransitionRefusedError."""
    was = request.state
    request.state = LIFECYCLE.next_state(was, act, before=before)
    touch(request)
    return record(session, Stream("request", request.id), act, by=by, now=now, moved=(was, request.state), **facts)


def act_on(session: Session, request: ServiceRequest, act: str, *, by: Actor, now: datetime, **facts: Any) -> Event:
    """Record an act that leaves the enquiry where it stands; it outdates other people's pages all the same."""
    touch(request)
    return record(session, Stream("request", request.id), act, by=by, now=now, **facts)


def touch(request: ServiceRequest) -> None:
    """Count the version up, so that a page that was opened before is refused."""
    flag_modified(request, "state")


def check_goes_on(request: ServiceRequest) -> None:
    """Refuse to put right what was folded: whether it is safe to write is asked of the one that goes on (EV-2)."""
    if request.state is RequestState.FOLDED:
        raise FoldedEnquiryError


def conversations_of(session: Session, request: ServiceRequest) -> list[Conversation]:
    """Return the threads in which this enquiry is the open one."""
    query = select(Conversation).where(Conversation.wall == INSIDE, Conversation.request_id == request.id)
    return list(session.scalars(query))


def leave_conversations(session: Session, request: ServiceRequest) -> None:
    """Let the next message of a thread open an enquiry of its own, which is linked to this one."""
    for thread in conversations_of(session, request):
        thread.request_id, thread.last_request_id = None, request.id


def join_conversations(session: Session, request: ServiceRequest) -> None:
    """Let what is said next belong to this enquiry again, where no other has been opened since."""
    query = select(Conversation).where(
        Conversation.wall == INSIDE, Conversation.request_id.is_(None), Conversation.last_request_id == request.id
    )
    for thread in session.scalars(query):
        thread.request_id = request.id
