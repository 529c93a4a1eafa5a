"""An adviser writes to an enquirer by the way they came, where it is safe; that is an attempt (SE-3, EV-2)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.domain.decision import said
from helpdesk.domain.enquiry_refusals import CannotWriteError, EnquiryOverError
from helpdesk.domain.placeholders import check_filled
from helpdesk.domain.ways import BY_TEXT, SENTENCES, NoWay, Way, Ways, ways_to
from helpdesk.services.enquiries.acting import act_on, check_goes_on, conversations_of, lock_enquiry, move
from helpdesk.services.enquiries.attempts import keep_attempt
from helpdesk.services.enquiries.taking import silence, take_on
from infrastructure.database import Wall, transaction, uuid7
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.outbox import Letter, OutboxMessage, owe
from infrastructure.outbox.owe import owe_text
from infrastructure.settings import Settings
from infrastructure.texting.numbers import endpoints
from service_request.domain.phones import plain_number
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import Channel, Direction, Enquiry, Message, Safe, ServiceRequest
from service_request.pathways.sendiass.rules import LIFECYCLE, TAKES_MESSAGES, EnquiryAct
from service_request.services.sight.mail_threads import find_thread

TEXT_MAX = 1600  # what a carrier takes in one message (Twilio, error 21617)
EMAIL_MAX = 5000
REPLY = "reply"
MOBILE = "+447"  # Ofcom: mobile numbers of the United Kingdom; a text to a landline reaches nobody


def reply(
    session: Session,
    *,
    request_id: UUID,
    version: int | None = None,
    words: str,
    channel: Channel | None = None,
    by: User,
    now: datetime,
    house: House,
) -> Message:
    """Send what an adviser wrote, take the enquiry if nobody has, and wait for their answer.

    The clock runs on: nobody was reached by what was only sent (SE-3). Raises CannotWriteError with what to do instead,
    EnquiryOverError, StaleEditError with the words.
    """
    with transaction(session):
        request, enquiry = lock_enquiry(session, request_id, by, version=version, mine={"words": words})
        if request.state is RequestState.RECEIVED:
            take_on(session, request, enquiry, by=by, now=now)
        row = send_words(session, request, enquiry, words=words, channel=channel, by=by, now=now, house=house)
        if (request.state, EnquiryAct.ASK) in LIFECYCLE.table:
            move(session, request, EnquiryAct.ASK, by=by.actor, now=now, message=row.id)
        else:
            act_on(session, request, "reply", by=by.actor, now=now, message=row.id)
        return row


def send_words(
    session: Session,
    request: ServiceRequest,
    enquiry: Enquiry,
    *,
    words: str,
    channel: Channel | None = None,
    by: User,
    now: datetime,
    house: House,
) -> Message:
    """Owe an adviser's words by a way that is open, inside the caller's transaction; the outgoing guard reads them."""
    if request.state not in TAKES_MESSAGES:
        raise EnquiryOverError
    ways = find_ways(session, request, enquiry, now=now, settings=house.settings)
    way = next((one for one in ways.open if channel is None or one.channel is channel), None)
    if way is None:
        raise CannotWriteError(SENTENCES[ways.refused or NoWay.NO_ADDRESS])
    text = said(words, sentence="Enter what you want to tell them", most=longest(way.channel))
    check_filled(text)
    row = _send(session, request, way, REPLY, text, by=by, now=now, house=house)
    keep_attempt(session, request, channel=way.channel, reached=False, words=None, by=by, now=now)
    silence(session, request, now=now)
    enquiry.waits_since = None
    return row


def ask_whether_safe(
    session: Session, *, request_id: UUID, version: int | None = None, by: User, now: datetime, house: House
) -> None:
    """Answer what they just wrote with the question whether it is safe, and nothing of the matter (EV-2)."""
    with transaction(session):
        request, enquiry = lock_enquiry(session, request_id, by, version=version)
        way = find_ways(session, request, enquiry, now=now, settings=house.settings).to_ask
        if way is None:
            raise CannotWriteError("They have not written since: it is asked only in answer to a message of theirs")
        text = safe_question(request, house).text
        row = _send(session, request, way, "is_it_safe", text, by=by, now=now, house=house)
        enquiry.waits_since = None
        act_on(session, request, "ask_safe", by=by.actor, now=now, message=row.id)


def record_safe(
    session: Session, *, request_id: UUID, version: int | None = None, safe: Safe, by: User, now: datetime
) -> None:
    """Record what they told an adviser: whether it is safe to reach them where they wrote from (EV-2)."""
    with transaction(session):
        request, _ = lock_enquiry(session, request_id, by, version=version)
        check_goes_on(request)
        request.referrer.safe = safe.value
        for thread in conversations_of(session, request):
            thread.safe = safe
        act_on(session, request, "safe" if safe is Safe.YES else "unsafe", by=by.actor, now=now)


def find_ways(
    session: Session, request: ServiceRequest, enquiry: Enquiry, *, now: datetime, settings: Settings
) -> Ways:
    """Return by which ways this enquirer may be written to now, the best first."""
    return ways_to(
        safe=request.referrer.safe,
        email=request.referrer.email,
        phone=mobile_of(request.referrer.phone),
        threads=conversations_of(session, request),
        text_from=number_for_texts(request.wall, settings),
        is_waiting=enquiry.waits_since is not None,
        now=now,
    )


def mobile_of(phone: str | None) -> str | None:
    """Return a number to which a text can go."""
    number = plain_number(phone or "")
    return number if number.startswith(MOBILE) else None


def number_for_texts(wall: Wall, settings: Settings) -> str | None:
    """Return our number for texts on this side of the wall."""
    ours = (one for one in endpoints(settings) if one.channel == Channel.SMS and one.wall is wall)
    return next((one.number for one in ours), None)


def safe_question(request: ServiceRequest, house: House) -> Letter:
    """Return the question whether it is safe to write there: the reference, 999, and nothing of the matter (EV-2)."""
    return house.say("is_it_safe", reference=format_reference(request.reference))


def longest(channel: Channel) -> int:
    """Return how many characters a reply may have."""
    return TEXT_MAX if channel in BY_TEXT else EMAIL_MAX


def _send(
    session: Session,
    request: ServiceRequest,
    way: Way,
    template: str,
    text: str,
    *,
    by: User,
    now: datetime,
    house: House,
) -> Message:
    message_id = uuid7()
    owed = _owe(session, request, way, template, text, message_id, now, house)
    session.flush()
    row = Message(
        wall=request.wall,
        id=message_id,
        request_id=request.id,
        outbox_id=owed.id,
        conversation_id=way.thread_id,
        direction=Direction.OUT,
        kind=template,
        at=now,
        by_kind=by.actor.kind,
        by_id=by.id,
        body=text,
    )
    session.add(row)
    return row


def _owe(
    session: Session,
    request: ServiceRequest,
    way: Way,
    template: str,
    text: str,
    cause: UUID,
    now: datetime,
    house: House,
) -> OutboxMessage:
    about = ("request", request.id)
    if way.channel in BY_TEXT:
        own: dict[str, list[tuple[int, int]]] = {"subject": [], "text": []}  # nothing is ours: the guard reads it
        letter = Letter(REPLY, "", text, {}, own) if template == REPLY else safe_question(request, house)
        return owe_text(
            session,
            letter,
            channel=way.channel.value,
            endpoint=way.endpoint or "",
            to=way.to,
            cause=cause,
            about=about,
            now=now,
            wall=request.wall,
        )
    mail = house.write("adviser_reply_email", reference=format_reference(request.reference), words=text)
    return owe(
        session,
        mail,
        to=way.to,
        cause=cause,
        about=about,
        now=now,
        wall=request.wall,
        automatic=template != REPLY,
        thread=find_thread(session, request.id, way.to, wall=request.wall),
    )
