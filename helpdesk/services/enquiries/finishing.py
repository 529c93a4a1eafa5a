"""How an enquiry ends: with its outcome in the person's own words, or a coded reason; or it was none (SE-1, SE-3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.decision import said
from helpdesk.domain.enquiry_refusals import (
    AttemptsMissingError,
    NotReachedYetError,
    NotSignpostedError,
    OutcomeMissingError,
    ReachedError,
    WayLeftError,
)
from helpdesk.services.acting import note
from helpdesk.services.enquiries.acting import (
    INSIDE,
    conversations_of,
    join_conversations,
    leave_conversations,
    lock_enquiry,
    move,
)
from helpdesk.services.enquiries.folding import check_nothing_folded_in
from helpdesk.services.enquiries.taking import silence
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.domain.states import RequestState
from service_request.domain.typed import REASON_MAX
from service_request.models import ClockEnd, ContactAttempt, Enquiry, Safe, ServiceRequest, Silenced, TaskKind
from service_request.pathways.sendiass.codes import EnquirerKind
from service_request.pathways.sendiass.rules import CloseReason, EnquiryAct, NotAnEnquiry, ReopenReason
from service_request.services.clocks import end_all_clocks, go_on
from service_request.services.enquiries.deadlines import end_deadlines, go_on_with_deadlines
from service_request.services.tasks import finish_tasks

CAME_OF_IT = "What had come of it when it was finished:"
TO_READ = frozenset({TaskKind.PROFESSIONAL})
ATTEMPT_DAYS = 3  # SE-3: three attempts on different days


def finish(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    outcome: str,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Finish an enquiry with what came of it, in the words of the one who was helped (SE-4).

    Raises OutcomeMissingError, NotReachedYetError: who was never reached has no outcome (SE-3).
    """
    if not outcome.strip():
        raise OutcomeMissingError
    words = said(outcome, most=REASON_MAX)
    with transaction(session):
        request, enquiry = lock_enquiry(session, request_id, by, version=version, mine={"outcome": words})
        if enquiry.reached_at is None:
            raise NotReachedYetError
        move(session, request, EnquiryAct.FINISH, by=by.actor, now=now, level=enquiry.level)
        enquiry.outcome = words
        _end(session, request, enquiry, now)


def close(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    reason: CloseReason,
    words: str = "",
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Close an enquiry without its outcome, for one of the reasons that SE-3 knows.

    Not reached takes attempts on three different days; no way to reach them, that there is none; signposted, that
    they were. Raises the refusal that says which is missing.
    """
    with transaction(session):
        request, enquiry = lock_enquiry(session, request_id, by, version=version, mine={"words": words})
        CHECKS[reason](session, request, enquiry, house)
        if words.strip():
            note(session, request, "note", said(words, most=REASON_MAX), by=by, now=now)
        move(session, request, EnquiryAct.CLOSE, by=by.actor, now=now, reason=reason)
        enquiry.close_reason = reason
        _end(session, request, enquiry, now)


def set_aside(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    reason: NotAnEnquiry,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Set aside what is no enquiry, with a reason: it is kept, can be restored, and is not counted as one (SE-1)."""
    with transaction(session):
        request, enquiry = lock_enquiry(session, request_id, by, version=version)
        put_aside(session, request, enquiry, reason, by=by, now=now)


def put_aside(
    session: Session, request: ServiceRequest, enquiry: Enquiry, reason: NotAnEnquiry, *, by: User, now: datetime
) -> None:
    """Set a locked enquiry aside inside the caller's transaction."""
    check_nothing_folded_in(session, request)
    before = request.state
    move(session, request, EnquiryAct.SET_ASIDE, by=by.actor, now=now, reason=reason)
    request.before_set_aside, request.set_aside_reason = before, reason
    if reason is NotAnEnquiry.PROFESSIONAL:
        enquiry.enquirer = EnquirerKind.PROFESSIONAL
    end_all_clocks(session, request, ClockEnd.WITHDRAWN, now)
    leave_conversations(session, request)


def restore(
    session: Session, *, request_id: UUID, version: int | None = None, by: User, now: datetime, house: House
) -> None:
    """Bring back what was set aside to where it stood; its clocks go on with the due times they had (EV-7, SE-1)."""
    with transaction(session):
        request, _ = lock_enquiry(session, request_id, by, version=version)
        before = request.before_set_aside
        move(session, request, EnquiryAct.RESTORE, by=by.actor, now=now, before=before)
        request.before_set_aside = request.set_aside_reason = None
        go_on(session, request)
        finish_tasks(session, request_id=request.id, kinds=TO_READ, about_id=None, by=by.actor, now=now)
        join_conversations(session, request)


def reopen(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    reason: ReopenReason,
    words: str = "",
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Open again what was closed, with the adviser who does it: the same matter goes on (SE-3, EV-7).

    No promise begins anew: one that was cut off by the closing goes on with the due time it had, as do the dates that
    the law sets. What had come of it stays on record beside the messages, and their next message belongs here again
    where no other enquiry has begun.
    """
    with transaction(session):
        request, enquiry = lock_enquiry(session, request_id, by, version=version, mine={"words": words})
        ended_at = request.closed_at
        move(session, request, EnquiryAct.REOPEN, by=by.actor, now=now, reason=reason)
        if enquiry.outcome:
            note(session, request, "note", f"{CAME_OF_IT}\n{enquiry.outcome}", by=by, now=now)
        if words.strip():
            note(session, request, "note", said(words, most=REASON_MAX), by=by, now=now)
        request.closed_at = enquiry.outcome = enquiry.close_reason = None
        request.assignee_id = by.id
        enquiry.taken_at = enquiry.taken_at or now
        if ended_at is not None:
            go_on_with_deadlines(session, enquiry, ended_at=ended_at)
            go_on(session, request, ended_at=ended_at)
        join_conversations(session, request)
        silence(session, request, now=now)


def attempt_days(session: Session, request_id: UUID, house: House) -> set[date]:
    """Return the days on which somebody of ours tried to reach them (SE-3)."""
    query = select(ContactAttempt.at).where(ContactAttempt.wall == INSIDE, ContactAttempt.request_id == request_id)
    return {house.calendar.local_day(at) for at in session.scalars(query)}


def _end(session: Session, request: ServiceRequest, enquiry: Enquiry, now: datetime) -> None:
    request.closed_at = now
    end_deadlines(session, enquiry, now=now)
    end_all_clocks(session, request, ClockEnd.WITHDRAWN, now)
    leave_conversations(session, request)


def _may_be_stopped(session: Session, request: ServiceRequest, enquiry: Enquiry, house: House) -> None:
    """Let a wish to stop end it, by whatever way it was said."""


def _not_reached(session: Session, request: ServiceRequest, enquiry: Enquiry, house: House) -> None:
    if enquiry.reached_at is not None:
        raise ReachedError
    days = len(attempt_days(session, request.id, house))
    if days < ATTEMPT_DAYS:
        raise AttemptsMissingError(days, ATTEMPT_DAYS)


def _no_way(session: Session, request: ServiceRequest, enquiry: Enquiry, house: House) -> None:
    referrer = request.referrer
    if referrer.safe != Safe.NO and (referrer.phone or referrer.email):
        raise WayLeftError
    shut = (Silenced.NO_WAY, Silenced.UNSAFE, Silenced.ASKED_TO_STOP, Silenced.OPTED_OUT)
    for thread in conversations_of(session, request):
        if thread.safe is not Safe.NO and thread.opted_out_at is None and thread.silenced not in shut:
            raise WayLeftError


def _signposted(session: Session, request: ServiceRequest, enquiry: Enquiry, house: House) -> None:
    if request.state is not RequestState.SIGNPOSTED:
        raise NotSignpostedError


CHECKS: dict[CloseReason, Callable[[Session, ServiceRequest, Enquiry, House], None]] = {
    CloseReason.OPTED_OUT: _may_be_stopped,
    CloseReason.NO_CONTACT_POINT: _no_way,
    CloseReason.NOT_REACHED: _not_reached,
    CloseReason.SIGNPOSTED: _signposted,
}
