"""What the desk does with a request before it is decided: claim, note, ring, pass on, set aside (GL-3, GL-8)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.closures import OpenCase
from helpdesk.domain.decision import said
from helpdesk.domain.refusals import DeskOnlyError, HeldByAnotherError, PartlyDecidedError, ReferrerNotProfessionalError
from helpdesk.models import Decision
from helpdesk.services.acting import is_of_desk, lock_for, move, note
from helpdesk.services.folding import check_nothing_folded_in
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.trail import Stream, record
from service_request.domain.states import RequestState
from service_request.domain.typed import NOTE_MAX, REASON_MAX
from service_request.models import AskedState, ClockEnd, ReasonKind, ReferrerKind, ServiceRequest
from service_request.pathways.social_care.rules import RequestAct
from service_request.services import outcomes
from service_request.services.asking import end_asked, last_ended_at, resume_asked, rung
from service_request.services.clocks import end_all_clocks, go_on
from service_request.services.reasons import check_reason

CLAIMABLE = (RequestState.IN_TRIAGE, RequestState.AWAITING_INFORMATION)


def claim(
    session: Session, *, request_id: UUID, version: int | None = None, by: User, now: datetime, house: House
) -> None:
    """Take a request on, so that nothing is opened twice; a second press by the same person changes nothing."""
    with transaction(session):
        request = lock_for(session, request_id, by, version=version)
        if request.assignee_id == by.id and request.state in CLAIMABLE:
            return
        if request.assignee_id not in (None, by.id):
            raise HeldByAnotherError
        take_on(session, request, by, now)


def take_on(session: Session, request: ServiceRequest, by: User, now: datetime) -> None:
    """Give a request to somebody inside the caller's transaction; one that is new is in triage from then on."""
    request.assignee_id = by.id
    if request.state in CLAIMABLE:
        record(session, Stream("request", request.id), "claim", by=by.actor, now=now)
    else:
        move(session, request, RequestAct.START, by=by.actor, now=now)


def release(
    session: Session, *, request_id: UUID, version: int | None = None, by: User, now: datetime, house: House
) -> None:
    """Give a request back to everybody: one's own, or that of somebody who is not there."""
    with transaction(session):
        request = lock_for(session, request_id, by, version=version)
        if request.assignee_id is None:
            return
        held_by, request.assignee_id = request.assignee_id, None
        record(session, Stream("request", request.id), "release", by=by.actor, now=now, held_by=held_by)


def add_note(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    words: str,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Add a note for staff, which is never sent; a note changes nothing, so it is never too late for one."""
    text = said(words, sentence="Enter a note", most=NOTE_MAX)
    with transaction(session):
        request = lock_for(session, request_id, by)
        row = note(session, request, "note", text, by=by, now=now)
        record(session, Stream("request", request.id), "note", by=by.actor, now=now, message=row.id)


def log_contact_attempt(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    reached: bool,
    words: str,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Log a call to the referrer: what was said, or that nobody answered."""
    text = said(words, sentence="Enter what was said, or that nobody answered", most=NOTE_MAX)
    with transaction(session):
        request = lock_for(session, request_id, by)
        row = note(session, request, "call_reached" if reached else "call_not_reached", text, by=by, now=now)
        record(
            session,
            Stream("request", request.id),
            "contact_attempt",
            by=by.actor,
            now=now,
            message=row.id,
            reached=reached,
        )
        if reached:
            rung(session, request, by=by.actor, now=now)


def pass_to_manager(
    session: Session, *, request_id: UUID, version: int | None = None, by: User, now: datetime, house: House
) -> None:
    """Pass a request on for decision; one that nobody claimed is claimed by this, so that no manager has to wait."""
    with transaction(session):
        request = lock_for(session, request_id, by, version=version)
        if request.state is RequestState.RECEIVED:
            take_on(session, request, by, now)
        move(session, request, RequestAct.PASS, by=by.actor, now=now)
        request.passed_by_id, request.passed_at = by.id, now


def return_to_desk(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    reason: str,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Give a request back to the desk with a reason; the clock runs on (EV-7)."""
    text = said(reason, sentence="Enter why it goes back to the helpdesk")
    with transaction(session):
        request = lock_for(session, request_id, by, version=version, mine={"reason": text})
        row = note(session, request, "returned", text, by=by, now=now)
        move(session, request, RequestAct.RETURN, by=by.actor, now=now, message=row.id)


def set_aside(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    reason: str,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Set aside what is no request at all, with a coded reason; it can be restored, and is counted (GL-8)."""
    if not is_of_desk(by):
        raise DeskOnlyError
    with transaction(session):
        request = lock_for(session, request_id, by, version=version)
        before = request.state
        if (
            session.scalars(
                select(Decision.id).where(Decision.wall == Wall.OPEN, Decision.request_id == request.id).limit(1)
            ).first()
            is not None
        ):
            raise PartlyDecidedError
        check_nothing_folded_in(session, request)
        check_reason(session, ReasonKind.SET_ASIDE, reason)
        move(session, request, RequestAct.SET_ASIDE, by=by.actor, now=now, reason=reason)
        request.before_set_aside, request.set_aside_reason = before, reason
        end_asked(session, request, state=AskedState.WITHDRAWN, by=by.actor, now=now)
        end_all_clocks(session, request, ClockEnd.WITHDRAWN, now)


def restore(
    session: Session, *, request_id: UUID, version: int | None = None, by: User, now: datetime, house: House
) -> None:
    """Bring a request back to where it stood; its clock goes on with the due time it had (EV-7)."""
    if not is_of_desk(by):
        raise DeskOnlyError
    with transaction(session):
        request = lock_for(session, request_id, by, version=version)
        move(session, request, RequestAct.RESTORE, by=by.actor, now=now, before=request.before_set_aside)
        request.before_set_aside, request.set_aside_reason = None, None
        ended_at = last_ended_at(session, request)
        go_on(session, request)
        if ended_at is not None:
            resume_asked(session, request, ended_at=ended_at, by=by.actor, now=now)


def confirm_referrer_by_phone(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    words: str = "",
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Record that an officer rang the agency and knows the referrer: the form may go back to them (GL-14)."""
    with transaction(session):
        request = lock_for(session, request_id, by, version=version)
        referrer = request.referrer
        if referrer.kind is not ReferrerKind.PROFESSIONAL:
            raise ReferrerNotProfessionalError
        if referrer.proof is not None:
            return
        referrer.proof, referrer.proven_at, referrer.proven_by_id = "phone", now, by.id
        if words.strip():
            note(session, request, "call_reached", said(words, most=REASON_MAX), by=by, now=now)
        record(session, Stream("request", request.id), "confirm_referrer", by=by.actor, now=now, proof="phone")
        outcomes.want_form_again(session, request.id, now=now)


def record_open_case_check(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    found: OpenCase,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Record what an officer found in the case system: a case is open elsewhere, or none (GL-13)."""
    with transaction(session):
        request = lock_for(session, request_id, by, version=version)
        request.open_case_check, request.open_case_checked_at = found, now
        request.open_case_checked_by_id = by.id
        record(session, Stream("request", request.id), "check_open_case", by=by.actor, now=now, found=found)
