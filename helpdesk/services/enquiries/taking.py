"""An adviser takes an enquiry: from then on a person answers, and the automatic questions stop (SE-3)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.services.enquiries.acting import conversations_of, lock_enquiry, move
from helpdesk.services.enquiries.levels import begin
from infrastructure.database import transaction
from infrastructure.identity.users import User
from service_request.domain.states import RequestState
from service_request.models import Enquiry, ServiceRequest, Silenced, TaskKind
from service_request.pathways.sendiass.rules import EnquiryAct
from service_request.services.refusals import StaleEditError
from service_request.services.tasks import finish_tasks

SEEN_TO = frozenset({TaskKind.WANTS_PERSON})


def take(session: Session, *, request_id: UUID, version: int | None = None, by: User, now: datetime) -> None:
    """Take an enquiry, or take it over from a colleague; a second press by the same person changes nothing."""
    with transaction(session):
        request, enquiry = lock_enquiry(session, request_id, by)
        if request.assignee_id == by.id and request.state is not RequestState.RECEIVED:
            return
        if version is not None and request.version != version:
            raise StaleEditError(None)
        take_on(session, request, enquiry, by=by, now=now)


def take_on(session: Session, request: ServiceRequest, enquiry: Enquiry, *, by: User, now: datetime) -> None:
    """Give a locked enquiry to this adviser inside the caller's transaction; what it asks by itself falls silent."""
    move(session, request, EnquiryAct.TAKE, by=by.actor, now=now)
    request.assignee_id = by.id
    enquiry.taken_at = enquiry.taken_at or now
    begin(session, enquiry, by=by, now=now)
    silence(session, request, now=now)
    finish_tasks(session, request_id=request.id, kinds=SEEN_TO, about_id=None, by=by.actor, now=now)


def silence(session: Session, request: ServiceRequest, *, now: datetime) -> None:
    """Let the engine ask nothing more in the threads of this enquiry: a person goes on."""
    for thread in conversations_of(session, request):
        if thread.silenced is None:
            thread.silenced, thread.silenced_at = Silenced.PERSON_TOOK, now
