"""Run by the worker: a kept mail becomes something a person can act on; one bad mail holds up no other (EV-1)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from infrastructure.database import Wall, transaction
from infrastructure.database.storing import store_new
from infrastructure.database.transaction import failpoint
from infrastructure.house import House
from service_request.domain.mail.types import MailKind, MailNote, ParsedEmail
from service_request.models import Arrival, Disposition, TaskKind
from service_request.services.alerting import alert_held
from service_request.services.mail.acknowledging import tell_too_large
from service_request.services.mail.contacts import take_contact
from service_request.services.mail.enquiries import take_enquiry
from service_request.services.mail.joining import find_place, is_clear
from service_request.services.mail.machines import file_mail, may_hide_danger
from service_request.services.mail.reading import READER, CouldNotReadError, Reader, Understood
from service_request.services.mail.rows import ReadMail, read_mail_of, without_ours, write_mail
from service_request.services.sight.mail_rows import (
    KeptMail,
    find_same,
    list_kept_mails,
    lock_kept_mail,
    place_mail,
    read_kept_mail,
)
from service_request.services.tasks import need_task

log = structlog.get_logger("mail")

PASSES = (OperationalError, InterfaceError, StaleDataError)  # the database was away, or another was first: try again
_ONE_AT_A_TIME = 5_174_325_002  # of PostgreSQL's advisory locks: two copies of a mail are placed one after the other
_WAIT_FOR_TURN = select(func.pg_advisory_xact_lock(_ONE_AT_A_TIME))


def list_waiting(session: Session, now: datetime) -> list[UUID]:
    """Return the mails that wait, in the order in which they were in our hands."""
    return list_kept_mails(session)


def understand_mail(
    session: Session, arrival_id: UUID, *, now: datetime, house: House, reader: Reader = READER
) -> None:
    """Read a mail and make of it what it is, in one transaction; what cannot be read waits for a person (EV-1, F32).

    Whatever dies on the way, all of it or nothing is there, and it is done again.
    """
    kept = read_kept_mail(session, arrival_id)
    if kept is None:
        return
    try:
        said = reader.read(kept.raw, most=house.settings.mail_max_bytes)
    except CouldNotReadError:
        said = Understood(ParsedEmail(kind=MailKind.UNREADABLE, why="reader_died"), ())
    failpoint("mail_read")
    try:
        with transaction(session):
            if not _lock(session, kept):
                return
            arrival = kept.as_arrival()
            _take(session, read_mail_of(arrival, said, kept.raw), now, house)
            place_mail(session, kept, arrival)
            store_new(session)
            failpoint("before_mail_commit")
        failpoint("after_mail_commit")
    except PASSES:
        raise
    except Exception as error:
        with transaction(session):
            if not _lock(session, kept):
                return
            arrival = kept.as_arrival()
            _hold(session, arrival, "unreadable", now, house)
            place_mail(session, kept, arrival)
        if kept.wall is Wall.OPEN:  # of what is inside, no log says that it is there (SE-5)
            log.error("held", arrival=str(arrival_id), error=type(error).__name__)


def _lock(session: Session, kept: KeptMail) -> bool:
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(_WAIT_FOR_TURN)
    return lock_kept_mail(session, kept)


def _take(session: Session, read: ReadMail, now: datetime, house: House) -> None:
    arrival, mail = read.arrival, read.mail
    first = find_same(session, arrival.wall, read.same, by_person=mail.kind is MailKind.PERSON)
    if first is not None:  # EV-3: the same mail by another way, or delivered again
        arrival.disposition, arrival.request_id = Disposition.REPEAT, first.request_id
        write_mail(session, read, request_id=first.request_id, copy_of_id=first.arrival_id, house=house)
    elif mail.kind is MailKind.UNREADABLE:
        write_mail(session, read, request_id=None, house=house)
        _hold(session, arrival, "unreadable", now, house)
        if mail.why == MailNote.TOO_LARGE:
            tell_too_large(session, mail, arrival, now=now, house=house)
    elif mail.kind is not MailKind.PERSON:
        file_mail(session, read, now=now, house=house)
        if may_hide_danger(read):  # a wrong class may not cost a child's safety (SE-10)
            _hold(session, arrival, "danger_filed", now, house, words=read.words)
    elif arrival.wall is Wall.OPEN:
        place = find_place(session, mail, arrival.wall, house.settings)
        take_contact(session, read, place, now=now, house=house)
    elif not is_clear(mail):  # as with a withheld number: nobody can say whose thread it is (S4)
        write_mail(session, read, request_id=None, house=house)
        _hold(session, arrival, "sender_unclear", now, house, words=without_ours(f"{read.words}\n{read.passed_on}"))
    else:
        place = find_place(session, mail, arrival.wall, house.settings)
        take_enquiry(session, read, place, now=now, house=house)


def _hold(
    session: Session, arrival: Arrival, why: str, now: datetime, house: House, *, words: str | None = None
) -> None:
    """Let a mail wait for a person, who can download it as it came."""
    arrival.disposition, arrival.reason = Disposition.HELD, why
    cause = f"arrival:{arrival.id}"
    need_task(session, TaskKind.UNREADABLE, cause=cause, about_id=arrival.id, now=now, wall=arrival.wall)
    alert_held(session, arrival, now=now, house=house, words=words)
