"""What waits inside since no machine could say what it is: a person makes an enquiry of it, or not (EV-1, SE-1)."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.trail import ActorKind, Stream, record
from service_request.domain.inbound_text import read_text
from service_request.models import (
    Arrival,
    Channel,
    Direction,
    Disposition,
    Enquiry,
    Message,
    ServiceRequest,
    Silenced,
    TaskKind,
)
from service_request.pathways.sendiass.rules import TAKES_MESSAGES, NotAnEnquiry
from service_request.services.alerting import alert_danger
from service_request.services.enquiries.opening import Opening, open_enquiry
from service_request.services.enquiries.reaching import heard_from
from service_request.services.refusals import NotYoursError
from service_request.services.sight.held_arrivals import get_held_arrival
from service_request.services.tasks import finish_about
from service_request.services.understanding.conversations import begin_anew, lock_thread

INSIDE = Wall.SENDIASS
WAITS = frozenset({TaskKind.UNREADABLE, TaskKind.UNROUTED, TaskKind.CALL_BACK})
BY_PHONE = frozenset({Channel.SMS, Channel.WHATSAPP, Channel.PHONE, Channel.VOICEMAIL})


def words_of(arrival: Arrival) -> str:
    """Return what was said, as far as it can be read; what is no text of a carrier is shown as it came."""
    raw = arrival.raw or b""
    try:
        return read_text(raw).body
    except (ValueError, KeyError, TypeError, json.JSONDecodeError):
        return raw.decode("utf-8", "replace")


def open_held(session: Session, *, arrival_id: UUID, by: User, now: datetime, house: House) -> UUID:
    """Make an enquiry of what was held, or a message of the one open in its thread; the clock runs from receipt.

    Raises NotYoursError when somebody did so before.
    """
    if by.wall is not INSIDE:
        raise NotYoursError
    with transaction(session):
        arrival = get_held_arrival(session, arrival_id, by, lock=True)
        text = words_of(arrival)
        request, enquiry = _open_in_thread(session, arrival, text, by, now, house)
        row = Message(
            wall=INSIDE,
            request_id=request.id,
            arrival_id=arrival.id,
            conversation_id=arrival.conversation_id,
            direction=Direction.IN,
            kind="text",
            at=arrival.received_at,
            by_kind=ActorKind.REFERRER,
            body=text,
        )
        session.add(row)
        arrival.disposition, arrival.request_id = Disposition.REQUEST, request.id
        finish_about(session, about_id=arrival.id, kinds=WAITS, by=by.actor, now=now)
        session.flush()
        record(session, Stream("request", request.id), "open_held", by=by.actor, now=now, arrival=arrival.id)
        if enquiry.danger_at is not None and enquiry.danger_at == now:
            alert_danger(session, request, now=now, house=house)
        return request.id


def set_aside_held(session: Session, *, arrival_id: UUID, reason: NotAnEnquiry, by: User, now: datetime) -> None:
    """Keep what was held and count it as no enquiry, with a reason (SE-1)."""
    if by.wall is not INSIDE:
        raise NotYoursError
    with transaction(session):
        arrival = get_held_arrival(session, arrival_id, by, lock=True)
        arrival.disposition, arrival.reason = Disposition.NOT_A_REQUEST, reason
        finish_about(session, about_id=arrival.id, kinds=WAITS, by=by.actor, now=now)
        record(session, Stream("arrival", arrival.id), "set_aside_held", by=by.actor, now=now, reason=reason)


def _open_in_thread(
    session: Session, arrival: Arrival, text: str, by: User, now: datetime, house: House
) -> tuple[ServiceRequest, Enquiry]:
    new = Opening(
        channel=arrival.channel,
        received_at=arrival.received_at,
        by=by.actor,
        story=text,
        phone=(arrival.sender or "") if arrival.channel in BY_PHONE else "",
        email=(arrival.sender or "") if arrival.channel is Channel.EMAIL else "",
    )
    if not arrival.sender or arrival.channel not in (Channel.SMS, Channel.WHATSAPP):
        return open_enquiry(session, new, now=now, house=house)
    thread, request = lock_thread(session, arrival, now=now)
    arrival.conversation_id = thread.id
    known = _known(session, request) if request is not None and request.state in TAKES_MESSAGES else None
    if request is not None and known is not None:
        heard_from(session, request, known, heard_at=arrival.received_at, now=now, house=house)
        return request, known
    begin_anew(thread, now)
    opened, enquiry = open_enquiry(session, new, now=now, house=house)
    thread.request_id = opened.id
    thread.silenced, thread.silenced_at = thread.silenced or Silenced.PERSON_TOOK, thread.silenced_at or now
    return opened, enquiry


def _known(session: Session, request: ServiceRequest) -> Enquiry | None:
    query = select(Enquiry).where(Enquiry.wall == INSIDE, Enquiry.request_id == request.id)
    return session.scalars(query).one_or_none()
