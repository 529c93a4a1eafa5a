"""What a person says of a mail: what wrote it, and whether it belongs to the request that it names (EV-1, T7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.domain.mails import NoQuestionError, PlacedMailError
from helpdesk.services.folding import fold_into, may_fold
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.trail import Stream, record
from service_request.domain.mail.types import MailKind, ParsedEmail
from service_request.models import (
    Arrival,
    Direction,
    Disposition,
    LinkKind,
    Mail,
    Message,
    RequestLink,
    ServiceRequest,
    TaskKind,
)
from service_request.services.enquiries.opening import Opening, open_enquiry
from service_request.services.mail.contacts import take_contact
from service_request.services.mail.joining import Place, find_place, is_clear
from service_request.services.mail.reading import READER, CouldNotReadError, Understood
from service_request.services.mail.rows import MAIL, ReadMail, as_kind, owe_files, read_mail_of, write_mail
from service_request.services.mail.rows import write_message as write_words
from service_request.services.sight.arrived import move_files
from service_request.services.sight.held_arrivals import get_held_arrival
from service_request.services.sight.mails import find_mail_of, get_mail, get_raw, lock_mail
from service_request.services.sight.visible import get_request
from service_request.services.tasks import finish_about

WAITS = frozenset({TaskKind.UNREADABLE})
ASKS = frozenset({TaskKind.POSSIBLE_MATCH})
NO_WORDS = "(The system could not read this email. Download it as it came.)"


def say_kind(session: Session, *, mail_id: UUID, kind: MailKind, by: User, now: datetime, house: House) -> UUID | None:
    """Say what wrote a mail; one that a person wrote becomes a request, as if it had been understood so at first.

    Returns its request, if any. What belongs to a request stays with it whatever wrote it. Raises NotYoursError.
    """
    facts = get_mail(session, mail_id, by)
    if kind is MailKind.PERSON and facts.request_id is None:
        return open_mail(session, mail_id=mail_id, by=by, now=now, house=house)
    session.rollback()
    with transaction(session):
        mail, _ = lock_mail(session, mail_id, by)
        _say(session, mail, kind, by, now)
        return mail.request_id


def open_mail(session: Session, *, mail_id: UUID, by: User, now: datetime, house: House) -> UUID:
    """Make a request, on its side of the wall, of a mail that was filed or held; its promise runs from receipt (GL-8).

    Raises NotYoursError, and PlacedMailError when somebody did so before.
    """
    facts = get_mail(session, mail_id, by)
    raw = get_raw(session, mail_id, by)[1]
    session.rollback()
    said = _read(raw, ParsedEmail(sender=facts.sender, subject=facts.subject, visible_text=NO_WORDS))
    with transaction(session):
        mail, arrival = lock_mail(session, mail_id, by)
        if mail.request_id is not None or mail.copy_of_id is not None:
            raise PlacedMailError
        _say(session, mail, MailKind.PERSON, by, now)
        read = replace(as_kind(read_mail_of(arrival, said, raw), MailKind.PERSON), row=mail)
        arrival.reason = None
        request_id = _take(session, read, by, now, house)
        finish_about(session, about_id=arrival.id, kinds=WAITS, by=by.actor, now=now)
        session.flush()
        record(session, Stream("request", request_id), "open_mail", by=by.actor, now=now, arrival=arrival.id)
        return request_id


def open_held_mail(session: Session, *, arrival_id: UUID, by: User, now: datetime, house: House) -> UUID:
    """Make a request of a mail that waits for a person, also of one of which nothing could be read (EV-1)."""
    arrival = get_held_arrival(session, arrival_id, by)
    facts, raw = find_mail_of(session, arrival_id, by), arrival.raw or b""
    if facts is not None:
        return open_mail(session, mail_id=facts.id, by=by, now=now, house=house)
    session.rollback()
    said = _read(raw, ParsedEmail(visible_text=NO_WORDS))
    with transaction(session):
        arrival = get_held_arrival(session, arrival_id, by, lock=True)
        arrival.reason = None
        request_id = _take(session, as_kind(read_mail_of(arrival, said, raw), MailKind.PERSON), by, now, house)
        finish_about(session, about_id=arrival.id, kinds=WAITS, by=by.actor, now=now)
        session.flush()
        record(session, Stream("request", request_id), "open_mail", by=by.actor, now=now, arrival=arrival.id)
        return request_id


def answer_match(session: Session, *, mail_id: UUID, belongs: bool, by: User, now: datetime, house: House) -> UUID:
    """Say whether a mail belongs to the request that it names; return the request where it stands from now on (T7).

    If it does, its words and its files stand there too. Outside, the contact that it had opened is folded into that
    request, as far as nothing was decided; inside, the two enquiries are said to be of one family. Raises
    NoQuestionError.
    """
    facts = get_mail(session, mail_id, by)
    ids = sorted({one for one in (facts.request_id, facts.possible_id) if one is not None})
    session.rollback()
    with transaction(session):
        held = {one: get_request(session, one, by, lock=True) for one in ids}
        mail, arrival = lock_mail(session, mail_id, by)
        if mail.possible_id is None or mail.request_id is None or mail.possible_answer is not None:
            raise NoQuestionError
        own, named = held[mail.request_id], held[mail.possible_id]
        mail.possible_answer, mail.possible_by_id = "yes" if belongs else "no", by.id
        finish_about(session, about_id=mail.id, kinds=ASKS, by=by.actor, now=now)
        record(session, Stream("request", own.id), "answer_match", by=by.actor, now=now, belongs=belongs, mail=mail.id)
        if not belongs:
            return own.id
        _join(session, mail, arrival, own, named, by, now, house)
        return named.id


def _join(
    session: Session,
    mail: Mail,
    arrival: Arrival,
    own: ServiceRequest,
    named: ServiceRequest,
    by: User,
    now: datetime,
    house: House,
) -> None:
    words = get_mail(session, mail.id, by).words
    session.add(
        Message(
            wall=named.wall,
            request_id=named.id,
            arrival_id=arrival.id,
            direction=Direction.IN,
            kind=MAIL,
            at=arrival.received_at,
            by_kind="referrer",
            body=words,
        )
    )
    mail.request_id = named.id
    move_files(session, arrival, named.id)
    record(session, Stream("request", named.id), "join_mail", by=by.actor, now=now, mail=mail.id)
    opened = arrival.disposition is Disposition.REQUEST
    if opened and may_fold(
        session, own, named
    ):  # its children are named nowhere: who wrote is told that they were heard
        fold_into(session, own, named, {}, by=by, now=now, house=house)
    else:
        kind = LinkKind.SAME_ASK if named.wall is Wall.OPEN else LinkKind.SAME_FAMILY
        session.add(RequestLink(wall=named.wall, from_id=own.id, to_id=named.id, kind=kind, by_id=by.id, at=now))
    session.flush()


def _take(session: Session, read: ReadMail, by: User, now: datetime, house: House) -> UUID:
    place = find_place(session, read.mail, read.arrival.wall, house.settings)
    if read.arrival.wall is Wall.OPEN:
        return take_contact(session, read, place, now=now, house=house).id
    if not is_clear(read.mail):  # nobody can say whose thread it is: an enquiry of its own
        return _open_inside(session, read, place, by, now, house)
    from service_request.services.mail.enquiries import take_enquiry  # all that reads texts: no other page does

    take_enquiry(session, read, place, now=now, house=house)
    assert read.arrival.request_id is not None
    return read.arrival.request_id


def _open_inside(session: Session, read: ReadMail, place: Place, by: User, now: datetime, house: House) -> UUID:
    new = Opening(channel=read.arrival.channel, received_at=read.arrival.received_at, by=by.actor, story=read.words)
    request, _ = open_enquiry(session, new, now=now, house=house)
    write_words(session, read, request)
    read.arrival.disposition, read.arrival.request_id = Disposition.REQUEST, request.id
    owe_files(session, read, request.id, now=now, house=house)
    write_mail(session, read, request_id=request.id, house=house)
    return request.id


def _say(session: Session, mail: Mail, kind: MailKind, by: User, now: datetime) -> None:
    was = mail.kind
    mail.kind, mail.kind_by_id = kind, by.id
    record(session, Stream("mail", mail.id), "say_kind", by=by.actor, now=now, was=was, kind=kind)


def _read(raw: bytes, otherwise: ParsedEmail) -> Understood:
    try:
        return READER.read(raw)
    except CouldNotReadError:
        return Understood(otherwise, ())
