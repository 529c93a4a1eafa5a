"""A mail to the children's desk is a contact: kept, told not established, its 24 hours running (GL-7, GL-8)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.calendar import LONDON
from infrastructure.database import Wall
from infrastructure.database.transaction import failpoint
from infrastructure.house import House
from infrastructure.trail import Actor, ActorKind, Stream, record
from service_request.domain.consent import Told
from service_request.domain.danger import danger_words
from service_request.domain.typed import NARRATIVE_MAX
from service_request.models import (
    Channel,
    Disposition,
    LinkKind,
    RequestLink,
    ServiceRequest,
    TaskKind,
)
from service_request.pathways.social_care import forms
from service_request.pathways.social_care.facts import facts as read_facts
from service_request.pathways.social_care.forms import FORM_VERSION, FormContext, FormKind
from service_request.pathways.social_care.rules import OPEN
from service_request.pathways.social_care.sources import AGENCY_KINDS
from service_request.services.alerting import alert_danger
from service_request.services.late_news import come_up, show_there_too
from service_request.services.mail.acknowledging import acknowledge
from service_request.services.mail.joining import Place, is_clear
from service_request.services.mail.rows import MAIL, ReadMail, owe_files, without_ours, write_mail, write_message
from service_request.services.recording import AgencyOfDomain, find_agency
from service_request.services.send_form import receive
from service_request.services.sight.mail_rows import lock_open_request
from service_request.services.sight.system import lock_survivor
from service_request.services.tasks import need_task

SENDER = Actor(ActorKind.REFERRER)
STEP = "call"  # what an officer writes down for somebody, whichever way they came
WENT_ON = "\n\n(The mail goes on: read the whole of it below.)"
NAME_MOST = 200


def take_contact(
    session: Session, read: ReadMail, place: Place, *, now: datetime, house: House, answers: bool = True
) -> ServiceRequest:
    """Join the request that a mail answers, or make a contact of it, in the caller's transaction (T6, T7).

    What answers one that is closed or set aside becomes a new one, linked; what answers one that was folded stands
    there, and on the one it was folded into. No mail changes what the family was told, a route or a state. `answers`
    false: a person took it up, and no machine thanks for it any more.
    """
    earlier = lock_open_request(session, place.joins, wall=Wall.OPEN) if place.joins is not None else None
    there = lock_survivor(session, earlier) if earlier is not None else None
    if earlier is not None and there is not None and there.state in OPEN:
        _join(session, read, earlier, there, now=now, house=house)
        return earlier
    request = _open(session, read, now=now, house=house)
    failpoint("mail_opened")
    if there is not None:
        link = RequestLink(wall=Wall.OPEN, from_id=request.id, to_id=there.id, kind=LinkKind.AFTER_CLOSED, at=now)
        session.add(link)
    read.arrival.disposition, read.arrival.request_id = Disposition.REQUEST, request.id
    _write(session, read, request, possible_id=place.possible, now=now, house=house)
    if request.urgency != "danger" and danger_words(without_ours(_left_unread(read, is_first=earlier is None))):
        request.urgency = "danger"
        alert_danger(session, request, now=now, house=house)
    failpoint("mail_written")
    if answers:
        acknowledge(session, request, read.mail, read.arrival.endpoint, now=now, house=house)
    return request


def _left_unread(read: ReadMail, *, is_first: bool) -> str:
    """Return what the answers have no room for, and of a first mail what it passes on to us (EV-10)."""
    long = read.words if len(read.words) > NARRATIVE_MAX else ""
    return f"{long}\n{read.passed_on}" if is_first else long


def typed_of(read: ReadMail, agency: AgencyOfDomain | None) -> dict[str, list[str]]:
    """Return what a mail says as an officer would have written it down: its words, and who it says it is from."""
    words = without_ours(read.words).strip() or read.words
    if len(words) > NARRATIVE_MAX:
        words = words[: NARRATIVE_MAX - len(WENT_ON)] + WENT_ON
    kinds = {code for code, *_ in AGENCY_KINDS}
    said = {
        "narrative": words,
        "caller_name": read.mail.sender_name.strip()[:NAME_MOST],
        "email": read.mail.sender if is_clear(read.mail) else "",
        "caller": "" if agency is None else agency.kind if agency.kind in kinds else "other",
        "agency": agency.name if agency is not None else "",
        "told": Told.NOT_ESTABLISHED.value,
    }
    return {name: [value] for name, value in said.items() if value}


def _open(session: Session, read: ReadMail, *, now: datetime, house: House) -> ServiceRequest:
    agency = find_agency(session, read.mail.sender) if is_clear(read.mail) else None
    answers = {STEP: typed_of(read, agency)}
    today, exceptions = now.astimezone(LONDON).date(), house.settings.extra_exceptions
    context = FormContext(today=today, extra_exceptions=exceptions, areas=())  # no mail chooses an area from a list
    request = receive(
        session,
        read_facts(FormKind.CALL, answers, context),
        answers,
        kind=FormKind.CALL,
        form_version=FORM_VERSION,
        missing=[f"{gap.key}/{gap.field}" for gap in forms.gaps(FormKind.CALL, answers, context)],
        channel=Channel.EMAIL,
        external_id=None,
        proven=(None, None),
        by=SENDER,
        now=now,
        house=house,
        acknowledge=False,
        received_at=read.arrival.received_at,
    )
    if request.referrer.proof is not None:  # anybody can write any sender on a mail (T6)
        request.referrer.proof = request.referrer.proven_at = None
    return request


def _join(
    session: Session, read: ReadMail, request: ServiceRequest, there: ServiceRequest, *, now: datetime, house: House
) -> None:
    """Let a mail be a message of the request that it answers, and come up `there`, where somebody looks."""
    read.arrival.disposition, read.arrival.request_id = Disposition.MESSAGE, request.id
    record(session, Stream("request", request.id), "hear", by=SENDER, now=now)
    come_up(session, request, cause=f"mail:{read.arrival.id}", by=SENDER, now=now)
    arrival = read.arrival
    show_there_too(session, request, there, read.words, kind=MAIL, arrival_id=arrival.id, at=arrival.received_at)
    _write(session, read, request, possible_id=None, now=now, house=house)
    if danger_words(without_ours(read.words)):
        for one in {request.id: request, there.id: there}.values():
            one.urgency = "danger"
        alert_danger(session, there, now=now, house=house)


def _write(
    session: Session, read: ReadMail, request: ServiceRequest, *, possible_id: UUID | None, now: datetime, house: House
) -> None:
    write_message(session, read, request)
    notes = owe_files(session, read, request.id, now=now, house=house)
    row = write_mail(session, read, request_id=request.id, possible_id=possible_id, notes=notes, house=house)
    if possible_id is not None:
        ask_whether_it_belongs(session, row.id, request, now=now)


def ask_whether_it_belongs(session: Session, mail_id: UUID, request: ServiceRequest, *, now: datetime) -> None:
    """Let a person say whether a mail belongs to the request that it seems to speak of (T7)."""
    need_task(
        session,
        TaskKind.POSSIBLE_MATCH,
        cause=f"possible:{mail_id}",
        request_id=request.id,
        about_id=mail_id,
        now=now,
        wall=request.wall,
    )
