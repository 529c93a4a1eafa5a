"""Log a call: kept as it was said, whatever the answer about telling the family (GL-1, GL-7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, Wall, transaction
from infrastructure.house import House
from infrastructure.identity.links import make_link
from infrastructure.identity.models import LinkPurpose
from infrastructure.identity.users import User
from infrastructure.trail import Actor
from service_request.domain.clocks import written_form_due
from service_request.models import Arrival, Channel, ClockKind, ReferrerKind, ServiceRequest
from service_request.pathways.social_care import forms
from service_request.pathways.social_care.facts import facts as read_facts
from service_request.pathways.social_care.forms import FORM_VERSION, FormKind
from service_request.services import acknowledging
from service_request.services.asking import owe_form_chases
from service_request.services.clocks import start_clock
from service_request.services.refusals import NotYoursError, SentDifferentlyError
from service_request.services.send_form import NotReadyError, Receipt, context_for, raw_of, receive
from service_request.services.sight.holder import get_for_holder

STEP = "call"


def log_call(
    session: Session, *, call_id: UUID, typed: dict[str, list[str]], by: User, now: datetime, house: House
) -> Receipt:
    """Make a call a request, once for each call; nothing is refused at the door (GL-7, EV-1, EV-3).

    `told` stays not established unless the caller said. A professional with an address is sent the link by which the
    written form completes this request within 24 hours (GL-1, GL-17). Raises SentDifferentlyError for a call that was
    saved before in other words: nobody's words are dropped because a page was gone back to (EV-1, W12).
    """
    answers = {STEP: typed}
    context = context_for(session, FormKind.CALL, house, now)
    if problems := forms.problems(FormKind.CALL, answers, context):
        raise NotReadyError(problems)
    facts = read_facts(FormKind.CALL, answers, context)
    try:
        with transaction(session):
            request = receive(
                session,
                facts,
                answers,
                kind=FormKind.CALL,
                form_version=FORM_VERSION,
                missing=[],
                channel=Channel.PHONE,
                external_id=str(call_id),
                proven=(None, None),
                by=by.actor,
                now=now,
                house=house,
                acknowledge=False,
            )
            _follow_up(session, request, by=by.actor, now=now, house=house)
            return _receipt(request)
    except IntegrityError:
        arrival = session.scalars(
            select(Arrival).where(
                Arrival.wall.in_(EITHER_SIDE), Arrival.channel == Channel.PHONE, Arrival.external_id == str(call_id)
            )
        ).one_or_none()
        if arrival is None or arrival.request_id is None:
            raise
        if arrival.wall is not Wall.OPEN:  # handed over meanwhile: from then on it is not there (SE-5)
            raise NotYoursError from None
        request = get_for_holder(session, arrival.request_id)
        if arrival.raw != raw_of(answers):
            raise SentDifferentlyError(request.reference) from None
        return _receipt(request)


def _follow_up(session: Session, request: ServiceRequest, *, by: Actor, now: datetime, house: House) -> None:
    referrer = request.referrer
    due_at = request.next_due_at or now
    if referrer.kind is not ReferrerKind.PROFESSIONAL or not referrer.email:
        acknowledging.owe_acknowledgement(session, request, cause=request.id, due_at=due_at, now=now, house=house)
        return
    start_clock(
        session,
        owner=("request", request.id),
        request=request,
        kind=ClockKind.WRITTEN_FORM,
        due=written_form_due(now, house.calendar),
        now=now,
    )
    owe_form_chases(session, request, by=by, now=now, house=house)
    link = make_link(
        session,
        LinkPurpose.COMPLETE,
        about=("request", request.id),
        address=referrer.email,
        now=now,
        days=house.settings.link_days,
    )
    acknowledging.owe_acknowledgement(
        session,
        request,
        cause=request.id,
        due_at=due_at,
        now=now,
        house=house,
        template="call_received",
        link=house.link("web.complete", token=link.token),
    )


def _receipt(request: ServiceRequest) -> Receipt:
    return Receipt(
        request.id,
        request.reference,
        request.received_at,
        request.next_due_at,
        FormKind(request.kind),
        bool(request.referrer.email),
        tuple(request.missing),
    )
