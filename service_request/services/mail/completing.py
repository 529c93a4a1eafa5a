"""A contact by mail becomes a whole service request: an officer writes it down, or its sender does (GL-1, GL-7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.links import make_link
from infrastructure.identity.models import LinkPurpose
from infrastructure.identity.users import User
from infrastructure.outbox import owe
from infrastructure.trail import Stream, record
from infrastructure.web.say_time import public_moment
from service_request.domain.clocks import written_form_due
from service_request.domain.errors import DomainError
from service_request.domain.references import format_reference
from service_request.models import Channel, ClockKind, ReferrerKind, Safe, ServiceRequest
from service_request.pathways.social_care import forms
from service_request.pathways.social_care.facts import facts as read_facts
from service_request.pathways.social_care.forms import FORM_VERSION, FormKind
from service_request.pathways.social_care.rules import UNDECIDED
from service_request.services import areas, recording
from service_request.services.alerting import alert_danger
from service_request.services.asking import owe_form_chases
from service_request.services.clocks import is_running, start_clock
from service_request.services.completing import Form, add_what_is_told
from service_request.services.kept_letters import keep_letter
from service_request.services.mail.contacts import STEP
from service_request.services.send_form import NotReadyError, context_for
from service_request.services.sight.kept import latest_answers, latest_response
from service_request.services.sight.visible import get_request

LETTER = "form_wished"


class NotAContactError(DomainError):
    """It did not come by mail, its written form is there, or it is decided."""

    sentence = "Only a contact by email that nobody has decided can be completed here"


class FormIsForProfessionalsError(DomainError):
    """The written form asks what a professional knows (GL-1); a family is rung, or written to."""

    sentence = "Our form is for professionals. Ring the family or write to them, then write down what they say."


class NoAddressError(DomainError):
    """There is no address to send a link to, or it is not safe."""

    sentence = "There is no email address that it is safe to send a link to"


def read_typed(session: Session, request_id: UUID, by: User) -> dict[str, list[str]]:
    """Return what the form of an officer begins with: what the mail says, or what was written down last."""
    request = get_request(session, request_id, by)
    _check(request)
    typed: dict[str, list[str]] = latest_answers(session, request_id, wall=request.wall).get(STEP, {})
    return typed


def complete_mailed(
    session: Session, request_id: UUID, typed: dict[str, list[str]], *, by: User, now: datetime, house: House
) -> ServiceRequest:
    """Write down as a service request what a mail says; its 24 hours run on, and what came stays (GL-7, GL-8, EV-7).

    Raises NotReadyError, NotAContactError, NotYoursError.
    """
    answers = {STEP: typed}
    context = context_for(session, FormKind.CALL, house, now)
    if problems := forms.problems(FormKind.CALL, answers, context):
        raise NotReadyError(problems)
    with transaction(session):
        request = get_request(session, request_id, by, lock=True)
        _check(request)
        context = context_for(session, FormKind.CALL, house, now)
        facts = read_facts(FormKind.CALL, answers, context)
        missing = [f"{gap.key}/{gap.field}" for gap in forms.gaps(FormKind.CALL, answers, context)]
        referrer, was_told, before = request.referrer, request.told, latest_response(session, request.id, Wall.OPEN)
        proof = (referrer.email, referrer.proof, referrer.proven_at, referrer.proven_by_id)
        form = Form(FormKind.CALL, FORM_VERSION, answers, missing, supersedes=before)
        add_what_is_told(session, request, facts, form, proven=(None, None), by=by.actor, now=now)
        is_same = (referrer.email or "").lower() == (proof[0] or "").lower()
        referrer.proof, referrer.proven_at, referrer.proven_by_id = proof[1:] if is_same else (None, None, None)
        located = areas.locate(
            session, typed_postcodes=[child.postcode for child in facts.children], chosen=facts.area_code or ""
        )
        request.area_id, request.area_reason = located.area_id, located.reason
        if request.told != was_told:
            recording.record_consent(session, request.id, facts.consent, by=by.actor, now=now)
        record(session, Stream("request", request.id), "write_down", by=by.actor, now=now, told=request.told)
        if request.urgency == "danger":
            alert_danger(session, request, now=now, house=house)
        return request


def ask_for_form(session: Session, request_id: UUID, *, by: User, now: datetime, house: House) -> None:
    """Owe the sender a link to the written form, which begins with what they wrote and completes this request (GL-1).

    Their words are behind the link, never in the mail (EV-6); the 24 hours for the form run from now (GL-17). Raises
    NotAContactError, FormIsForProfessionalsError, NoAddressError, NotYoursError.
    """
    with transaction(session):
        request = get_request(session, request_id, by, lock=True)
        _check(request)
        referrer, about = request.referrer, ("request", request.id)
        if referrer.kind in (ReferrerKind.FAMILY, ReferrerKind.CHILD):
            raise FormIsForProfessionalsError
        if not referrer.email or referrer.safe == Safe.NO:
            raise NoAddressError
        due = written_form_due(now, house.calendar)
        if not is_running(session, about, ClockKind.WRITTEN_FORM):
            start_clock(session, owner=about, request=request, kind=ClockKind.WRITTEN_FORM, due=due, now=now)
        owe_form_chases(session, request, by=by.actor, now=now, house=house)
        days = house.settings.link_days
        link = make_link(session, LinkPurpose.COMPLETE, about=about, address=referrer.email, now=now, days=days)
        event = record(session, Stream("request", request.id), "ask_form", by=by.actor, now=now)
        letter = house.write(
            LETTER,
            reference=format_reference(request.reference),
            by_when=public_moment(due.due_at),
            link=house.link("web.complete", token=link.token),
        )
        row = owe(session, letter, to=referrer.email, cause=event.id, about=about, now=now)
        session.flush()
        keep_letter(session, request, row, LETTER, now=now)


def _check(request: ServiceRequest) -> None:
    is_contact = request.channel is Channel.EMAIL and request.kind == FormKind.CALL
    if request.wall is not Wall.OPEN or not is_contact or request.state not in UNDECIDED:
        raise NotAContactError
