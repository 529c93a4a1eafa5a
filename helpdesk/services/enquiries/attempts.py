"""Attempts to reach an enquirer are kept, each with its day; only a person who was reached ends the clock (SE-3)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.domain.enquiry_refusals import EnquiryOverError
from helpdesk.services.acting import note
from helpdesk.services.enquiries.acting import act_on, lock_enquiry
from helpdesk.services.enquiries.taking import take_on
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.domain.states import RequestState
from service_request.domain.typed import NOTE_MAX, clean_typed
from service_request.models import Channel, ContactAttempt, Enquiry, ServiceRequest
from service_request.pathways.sendiass.rules import LIVE, TAKES_MESSAGES
from service_request.services.enquiries.reaching import mark_reached, reach

NOBODY_ANSWERED = "Nobody answered."


def log_attempt(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    channel: Channel,
    reached: bool,
    words: str = "",
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Log that somebody was rung or seen: a ring that nobody answers is an attempt, an answer reaches them (SE-3)."""
    with transaction(session):
        request, enquiry = lock_enquiry(session, request_id, by, version=version)
        if request.state not in TAKES_MESSAGES:  # its promise has ended: to reach them now would meet none
            raise EnquiryOverError
        if request.state is RequestState.RECEIVED:
            take_on(session, request, enquiry, by=by, now=now)
        if not reached:
            add_attempt(session, request, channel=channel, reached=False, words=words, by=by, now=now)
            return
        note_reached(session, request, enquiry, channel=channel, words=words, by=by, now=now, house=house)
        if request.state in LIVE:
            reach(session, request, enquiry, by=by.actor, by_id=by.id, at=now, now=now)


def note_reached(
    session: Session,
    request: ServiceRequest,
    enquiry: Enquiry,
    *,
    channel: Channel,
    words: str = "",
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Note inside the caller's transaction that they were reached; the state is the caller's to move."""
    add_attempt(session, request, channel=channel, reached=True, words=words, by=by, now=now)
    enquiry.waits_since = None
    mark_reached(session, request, enquiry, by_id=by.id, at=now, now=now)


def add_attempt(
    session: Session,
    request: ServiceRequest,
    *,
    channel: Channel,
    reached: bool,
    words: str,
    by: User,
    now: datetime,
) -> None:
    """Keep an attempt, and what was said of it beside the messages, inside the caller's transaction."""
    said = (clean_typed(words)[0] or "").strip()[:NOTE_MAX] or ("" if reached else NOBODY_ANSWERED)
    keep_attempt(session, request, channel=channel, reached=reached, words=said, by=by, now=now)
    row = note(session, request, "call_reached" if reached else "call_not_reached", said, by=by, now=now)
    act_on(
        session,
        request,
        "attempt",
        by=by.actor,
        now=now,
        channel=channel,
        reached=reached,
        message=row.id,
    )


def keep_attempt(
    session: Session,
    request: ServiceRequest,
    *,
    channel: Channel,
    reached: bool,
    words: str | None,
    by: User,
    now: datetime,
) -> None:
    """Keep that a person of ours tried to reach them, whatever the way."""
    session.add(
        ContactAttempt(
            wall=request.wall,
            request_id=request.id,
            at=now,
            by_id=by.id,
            channel=channel,
            reached=reached,
            note=words or None,
        )
    )
