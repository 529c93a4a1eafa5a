"""What came after a request had ended: a person says whether it is a new one, belongs to that one, or is only noted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.refusals import DeskOnlyError, NothingToSendError, NotLateNewsError
from helpdesk.services.acting import is_of_desk, lock_for, move
from helpdesk.services.agreement import send_early_help, waits_after_end
from helpdesk.services.folding import check_nothing_folded_in
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.trail import Stream, record
from service_request.domain.states import RequestState
from service_request.models import (
    AskedState,
    ClockEnd,
    Direction,
    LinkKind,
    Message,
    RequestLink,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.facts import facts as read_facts
from service_request.pathways.social_care.rules import RequestAct
from service_request.services.asking import end_asked
from service_request.services.clocks import end_all_clocks
from service_request.services.send_form import context_for, receive
from service_request.services.sight.after_end import get_late_answers, list_heard
from service_request.services.sight.visible import get_request
from service_request.services.tasks import finish_tasks, mark_done, need_task

ADDED, NOTED = "added_to_earlier", "noted"  # counted beside the reasons for which something is set aside


def keep_apart(session: Session, *, request_id: UUID, by: User, now: datetime) -> None:
    """Say that what came after another request had ended is a request of its own; its 24 hours run on (GL-8)."""
    with transaction(session):
        request = lock_for(session, request_id, by)
        link = _unanswered(session, request)
        link.by_id = by.id
        record(session, Stream("request", request.id), "keep_apart", by=by.actor, now=now, earlier=link.to_id)


def add_to_earlier(session: Session, *, request_id: UUID, by: User, now: datetime) -> UUID:
    """Put what came onto the request that had ended, for its manager, who may replace the decision; return that one.

    What came is set aside with a reason that is counted, and can be restored with its own clock (GL-8, EV-1).
    """
    with transaction(session):
        request = _lock_late(session, request_id, by)
        link = _unanswered(session, request)
        earlier = get_request(session, link.to_id, by, lock=True)
        link.by_id = by.id
        for said in list_heard(session, request):
            session.add(
                Message(
                    wall=earlier.wall,
                    request_id=earlier.id,
                    arrival_id=said.arrival_id,
                    direction=Direction.IN,
                    kind=said.kind,
                    at=said.at,
                    by_kind=said.by_kind,
                    body=said.body,
                )
            )
        kind = TaskKind.NEW_INFORMATION
        need_task(session, kind, cause=f"added:{request.id}", request_id=earlier.id, about_id=request.id, now=now)
        record(session, Stream("request", earlier.id), "add_late", by=by.actor, now=now, added=request.id)
        _put_away(session, request, ADDED, by, now)
        return earlier.id


def only_note(session: Session, *, request_id: UUID, by: User, now: datetime) -> None:
    """Say that what came is known now and changes nothing; it can be restored, and is counted (GL-8)."""
    with transaction(session):
        request = _lock_late(session, request_id, by)
        _unanswered(session, request).by_id = by.id
        _put_away(session, request, NOTED, by, now)


def open_anew(session: Session, *, request_id: UUID, response_id: UUID, by: User, now: datetime, house: House) -> UUID:
    """Make a new request of a form that came for one that had ended, linked to it; its hours run from when it came."""
    with transaction(session):
        earlier = lock_for(session, request_id, by)
        if earlier.state not in (RequestState.CLOSED, RequestState.SET_ASIDE):
            raise NotLateNewsError("This has not ended: read it here, and decide by it")
        form = get_late_answers(session, earlier, response_id)
        kind = FormKind(form.kind)
        answers = form.answers or {}
        context = context_for(session, kind, house, now)
        referrer = earlier.referrer
        proven = (referrer.email, referrer.proven_at) if referrer.proof == "code" else (None, None)
        request = receive(
            session,
            read_facts(kind, answers, context),
            answers,
            kind=kind,
            form_version=form.form_version,
            missing=list(earlier.missing),
            channel=earlier.channel,
            external_id=None,
            proven=proven,
            by=by.actor,
            now=now,
            house=house,
            acknowledge=True,
            received_at=form.at,
        )
        session.flush()
        session.add(
            RequestLink(
                wall=Wall.OPEN, from_id=request.id, to_id=earlier.id, kind=LinkKind.AFTER_CLOSED, by_id=by.id, at=now
            )
        )
        record(session, Stream("request", earlier.id), "open_anew", by=by.actor, now=now, opened=request.id)
        kinds = frozenset({TaskKind.NEW_INFORMATION})
        finish_tasks(session, request_id=earlier.id, kinds=kinds, about_id=response_id, by=by.actor, now=now)
        return request.id


def send_on(session: Session, *, request_id: UUID, task_id: UUID, by: User, now: datetime, house: House) -> None:
    """Do what was decided once the family says yes after the end: the teams are given it, and it is open for that.

    The decision stands, and no clock of it begins again (GL-7, GL-12); of what came since, only the news with the yes
    is seen to. Raise NothingToSendError where nothing waits for a yes.
    """
    with transaction(session):
        request = lock_for(session, request_id, by)
        if request.state is not RequestState.CLOSED or not waits_after_end(session, request.id):
            raise NothingToSendError
        move(session, request, RequestAct.SEND_ON, by=by.actor, now=now)
        request.closed_at = None
        send_early_help(session, request, by.actor, now, house)
        mine = (Task.wall == request.wall, Task.request_id == request.id, Task.id == task_id)
        for news in session.scalars(select(Task).where(*mine, Task.kind == TaskKind.NEW_INFORMATION)):
            mark_done(session, news, by.actor, now)


def _lock_late(session: Session, request_id: UUID, by: User) -> ServiceRequest:
    if not is_of_desk(by):
        raise DeskOnlyError
    request = lock_for(session, request_id, by)
    check_nothing_folded_in(session, request)
    return request


def _put_away(session: Session, request: ServiceRequest, reason: str, by: User, now: datetime) -> None:
    before = request.state
    end_asked(session, request, state=AskedState.WITHDRAWN, by=by.actor, now=now)
    move(session, request, RequestAct.SET_ASIDE, by=by.actor, now=now, reason=reason)
    request.before_set_aside, request.set_aside_reason = before, reason
    end_all_clocks(session, request, ClockEnd.WITHDRAWN, now)


def _unanswered(session: Session, request: ServiceRequest) -> RequestLink:
    query = select(RequestLink).where(
        RequestLink.wall == request.wall,
        RequestLink.from_id == request.id,
        RequestLink.kind == LinkKind.AFTER_CLOSED,
        RequestLink.by_id.is_(None),
    )
    link = session.scalars(query.limit(1)).one_or_none()
    if link is None:
        raise NotLateNewsError
    return link
