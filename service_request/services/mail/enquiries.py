"""A mail to SENDIASS is an enquiry, inside from its first byte; the engine asks the rest in one mail (SE-1, SE-3)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.database.transaction import failpoint
from infrastructure.house import House
from service_request.domain.danger import danger_words
from service_request.domain.inbound_text import InboundText
from service_request.models import Conversation, Disposition, LinkKind, RequestLink, ServiceRequest, Silenced
from service_request.services.alerting import alert_danger
from service_request.services.mail.acknowledging import answer_to, is_within_caps, may_be_answered
from service_request.services.mail.contacts import ask_whether_it_belongs
from service_request.services.mail.joining import Place
from service_request.services.mail.rows import ReadMail, owe_files, without_ours, write_mail
from service_request.services.sight.mail_rows import lock_open_request
from service_request.services.sight.system import lock_survivor
from service_request.services.understanding.conversations import lock_thread, silence
from service_request.services.understanding.inside import Enquiries
from service_request.services.understanding.replying import write_down
from service_request.services.understanding.sides import Correspondence, Moment, Text
from service_request.services.understanding.taking import take
from service_request.services.understanding.telling import tell_team

INSIDE = Wall.SENDIASS


def take_enquiry(
    session: Session, read: ReadMail, place: Place, *, now: datetime, house: House, answers: bool = True
) -> None:
    """Make a mail an enquiry, or a message of the one that is open, in the caller's transaction.

    One is open at a time in a thread, as by text. `answers` false: a person took it up, and no machine answers it.
    """
    joined = lock_open_request(session, place.joins, wall=INSIDE) if place.joins is not None else None
    if joined is not None:  # what was folded goes on as another one, and there they are answered
        joined = lock_survivor(session, joined)
    thread, request = lock_thread(session, read.arrival, now=now)
    may = (
        answers
        and may_be_answered(read.mail, house.settings)
        and is_within_caps(session, read.mail.sender, INSIDE, now)
    )
    mail = Correspondence(answer_to(read.mail, read.arrival.endpoint), may)
    at, side = Moment(session, thread, now, house, mail), Enquiries()
    text = Text(read.arrival, InboundText(read.words, None, len(read.sizes), None, None, ()))
    if joined is not None and side.takes(at, joined) and (request is None or request.id != joined.id):
        if request is None:  # they came by another way; a person wrote to them, and goes on
            thread.request_id, thread.dialogue = joined.id, None
            silence(thread, Silenced.PERSON_TOOK, now)
        _add(at, side, joined, text)
    else:
        take(at, side, request, [text])
        _link(session, read, thread, joined, now)
    failpoint("mail_opened")
    _mind_what_is_quoted(at, side, read)
    thread.heard_at = max(thread.heard_at, read.arrival.received_at)
    _write(session, read, place, now=now, house=house)
    failpoint("mail_written")


def _add(at: Moment, side: Enquiries, request: ServiceRequest, text: Text) -> None:
    """Write a message into an enquiry that the engine does not hold, and let its team know."""
    write_down(at, request, [text], {}, opened=False)
    side.go_on(at, request, [text], is_new=False)
    if at.thread.request_id != request.id:
        tell_team(at.session, request, now=at.now, house=at.house)
    if danger_words(without_ours(text.said.body)):
        side.mark_danger(at, request)
        alert_danger(at.session, request, now=at.now, house=at.house)


def _mind_what_is_quoted(at: Moment, side: Enquiries, read: ReadMail) -> None:
    """Let danger be seen in what a first mail passes on to us, of whoever wrote it (SE-10)."""
    if read.arrival.disposition is not Disposition.REQUEST or read.arrival.request_id is None:
        return
    request = lock_open_request(at.session, read.arrival.request_id, wall=INSIDE)
    all_of_it = without_ours(f"{read.words}\n{read.passed_on}")
    if request is None or request.urgency == "danger" or not danger_words(all_of_it):
        return
    side.mark_danger(at, request)
    alert_danger(at.session, request, now=at.now, house=at.house)


def _link(session: Session, read: ReadMail, thread: Conversation, joined: ServiceRequest | None, now: datetime) -> None:
    """Link what answers a closed enquiry to it, where the thread has not done so already."""
    opened = read.arrival.disposition is Disposition.REQUEST and read.arrival.request_id is not None
    if joined is None or not opened or joined.id in (read.arrival.request_id, thread.last_request_id):
        return
    link = RequestLink(
        wall=INSIDE, from_id=read.arrival.request_id, to_id=joined.id, kind=LinkKind.AFTER_CLOSED, at=now
    )
    session.add(link)


def _write(session: Session, read: ReadMail, place: Place, *, now: datetime, house: House) -> None:
    request_id = read.arrival.request_id
    assert request_id is not None
    notes = owe_files(session, read, request_id, now=now, house=house)
    possible = place.possible if place.possible != request_id else None
    row = write_mail(session, read, request_id=request_id, possible_id=possible, notes=notes, house=house)
    session.flush()
    request = lock_open_request(session, request_id, wall=INSIDE)
    if possible is not None and request is not None:
        ask_whether_it_belongs(session, row.id, request, now=now)
