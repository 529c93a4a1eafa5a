"""Two enquiries of one person become one, undoably: no promise is lost, and no reply goes astray (SE-3, SE-8, EV-4)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.domain.decision import said
from helpdesk.domain.enquiry_refusals import (
    FoldedAwayError,
    FoldsOtherError,
    NotLiveError,
    NotOneFamilyError,
    NotOnePersonError,
    SafeAtOneError,
)
from helpdesk.domain.folding import SameRequestError, WhyNotSameDayError
from helpdesk.services.acting import lock_for, note
from helpdesk.services.enquiries.acting import INSIDE, act_on, conversations_of, lock_enquiry, move, touch
from helpdesk.services.enquiries.same_family import find_answer
from helpdesk.services.enquiries.taking import silence
from helpdesk.services.folded_sight import check_same_sight
from helpdesk.services.folding import came_on_one_day, give_back_folded, keep_earliest_due, live_link
from helpdesk.services.restricting import bar_from_both
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.domain.states import RequestState
from service_request.domain.typed import REASON_MAX
from service_request.models import (
    ClockEnd,
    ClockKind,
    Enquiry,
    LinkKind,
    RequestLink,
    Safe,
    ServiceRequest,
)
from service_request.pathways.sendiass.rules import LIFECYCLE, LIVE, EnquiryAct
from service_request.services.alerting import DANGER
from service_request.services.clocks import end_all_clocks, go_on
from service_request.services.enquiries.deadlines import (
    end_deadlines,
    end_taken_over,
    go_on_with_deadlines,
    take_over_deadlines,
)
from service_request.services.sight.enquiry_parts import list_same_contact
from service_request.services.sight.spoken import list_threads_from
from service_request.services.sight.system import list_folded_into
from service_request.services.sight.visible import get_request

FIRST_CONTACT = ClockKind.FIRST_CONTACT


def fold(
    session: Session,
    *,
    request_id: UUID,
    into_id: UUID,
    why: str = "",
    version: int | None = None,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Fold one enquiry into another live one of the same person; what they say next, by either way, comes to that one.

    The earlier promise to reach them rules (SE-3), the dates that the law sets go along, and how it went is asked once
    (SE-8). Raise NotYoursError, StaleEditError, or a DomainError that says what stands in the way.
    """
    if request_id == into_id:
        raise SameRequestError
    with transaction(session):
        for one in sorted((request_id, into_id)):
            lock_for(session, one, by, lasting=True)
        own, enquiry = lock_enquiry(session, request_id, by, version=version, mine={"why": why})
        other, theirs = lock_enquiry(session, into_id, by)
        _check(session, own, other, by)
        text = said(why, most=REASON_MAX) if why.strip() else ""
        if not came_on_one_day(own, other) and not text:
            raise WhyNotSameDayError
        if text:
            note(session, own, "folded", text, by=by, now=now)
        _fold(session, own, enquiry, other, theirs, by=by, now=now, house=house)


def unfold(
    session: Session, *, request_id: UUID, version: int | None = None, by: User, now: datetime, house: House
) -> None:
    """Let a folded enquiry stand by itself again: where it stood, with its own promise, dates and threads (EV-7)."""
    with transaction(session):
        own, enquiry = lock_enquiry(session, request_id, by, version=version)
        LIFECYCLE.next_state(own.state, EnquiryAct.UNFOLD, before=own.before_folded)
        other, theirs = lock_enquiry(session, own.folded_into_id or own.id, by)
        link = live_link(session, own, other)
        folded_at, link.undone_at = link.at, now
        move(session, own, EnquiryAct.UNFOLD, by=by.actor, now=now, before=own.before_folded, out_of=other.id)
        own.before_folded = own.folded_into_id = None
        act_on(session, other, "let_out_enquiry", by=by.actor, now=now, folded=own.id)
        session.flush()
        end_taken_over(session, theirs, own, now=now)
        go_on_with_deadlines(session, enquiry, ended_at=folded_at)
        go_on(session, own, ended_at=folded_at)
        give_back_folded(session, own, folded_at, now)
        keep_earliest_due(session, other, now, kind=FIRST_CONTACT)
        if _is_unsafe(session, other):  # said since it was folded, for both: else they could not have been one (EV-2)
            _keep_unsafe(session, own, by, now)
        for thread in list_threads_from(session, own.id, other.id):
            thread.request_id = own.id


def check_may_fold(session: Session, request_id: UUID, into_id: UUID, by: User) -> None:
    """Raise the DomainError of what stands in the way of folding one enquiry into another, before anybody says why."""
    _check(session, get_request(session, request_id, by), get_request(session, into_id, by), by)


def _keep_unsafe(session: Session, own: ServiceRequest, by: User, now: datetime) -> None:
    if own.referrer.safe != Safe.NO:
        own.referrer.safe = Safe.NO.value
        act_on(session, own, "unsafe", by=by.actor, now=now)


def check_nothing_folded_in(session: Session, request: ServiceRequest) -> None:
    """Refuse to set aside or fold away what holds another enquiry: it would go with it unseen (EV-1)."""
    if list_folded_into(session, request):
        raise FoldsOtherError


def _check(session: Session, own: ServiceRequest, other: ServiceRequest, by: User) -> None:
    LIFECYCLE.next_state(own.state, EnquiryAct.FOLD)
    if other.state is RequestState.FOLDED:
        raise FoldedAwayError
    if other.state not in LIVE:
        raise NotLiveError
    check_nothing_folded_in(session, own)
    check_same_sight(session, own, other)
    asks = own.referrer
    alike = list_same_contact(session, own.id, by, phone=asks.phone, email=asks.email)
    if other.id not in {one.id for one in alike}:
        raise NotOnePersonError
    if find_answer(session, own.id, other.id) is LinkKind.NOT_SAME_FAMILY:
        raise NotOneFamilyError
    if _is_unsafe(session, own) is not _is_unsafe(session, other):
        raise SafeAtOneError


def _fold(
    session: Session,
    own: ServiceRequest,
    enquiry: Enquiry,
    other: ServiceRequest,
    theirs: Enquiry,
    *,
    by: User,
    now: datetime,
    house: House,
) -> None:
    before = own.state
    move(session, own, EnquiryAct.FOLD, by=by.actor, now=now, into=other.id)
    own.before_folded, own.folded_into_id = before, other.id
    session.add(RequestLink(wall=INSIDE, from_id=own.id, to_id=other.id, kind=LinkKind.SAME_ASK, by_id=by.id, at=now))
    act_on(session, other, "take_in_enquiry", by=by.actor, now=now, folded=own.id)
    take_over_deadlines(session, own, other, theirs, by=by.id, now=now, house=house)
    end_deadlines(session, enquiry, now=now)
    end_all_clocks(session, own, ClockEnd.FOLDED, now)
    session.flush()
    bar_from_both(session, own, other, by, now)
    keep_earliest_due(session, other, now, kind=FIRST_CONTACT)
    for thread in conversations_of(session, own):
        thread.request_id, thread.last_request_id = other.id, own.id
    session.flush()
    silence(session, other, now=now)  # a person looks after it: no machine asks the same again
    _let_wait(own, enquiry, theirs)
    if enquiry.danger_at is not None and (enquiry.danger_seen_at is None or enquiry.danger_seen_at < enquiry.danger_at):
        other.urgency, theirs.danger_at = DANGER, max(enquiry.danger_at, theirs.danger_at or enquiry.danger_at)
        touch(other)


def _let_wait(own: ServiceRequest, enquiry: Enquiry, theirs: Enquiry) -> None:
    """Let what nobody has answered yet wait at the one that goes on, an interpreter and a wish for a person too."""
    since = enquiry.waits_since or (own.received_at if enquiry.reached_at is None else None)
    if since is not None:
        theirs.waits_since = min(since, theirs.waits_since or since)
    theirs.wants_person = theirs.wants_person or enquiry.wants_person
    theirs.needs_interpreter = theirs.needs_interpreter or enquiry.needs_interpreter
    theirs.language = theirs.language or enquiry.language


def _is_unsafe(session: Session, request: ServiceRequest) -> bool:
    return request.referrer.safe == Safe.NO or any(
        thread.safe is Safe.NO for thread in conversations_of(session, request)
    )
