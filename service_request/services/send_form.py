"""Send a form: one transaction, whole or not at all, and the same draft sent again is the same request."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from infrastructure.calendar import LONDON
from infrastructure.database import EITHER_SIDE, Wall, digest, digests, transaction, uuid7
from infrastructure.database.transaction import failpoint
from infrastructure.house import House
from infrastructure.trail import Actor, ActorKind, Stream, record
from service_request.domain.clocks import DecisionPromise, decision_due
from service_request.domain.consent import Told, check_may_send
from service_request.domain.errors import DomainError
from service_request.domain.facts import ChildFacts, RequestFacts
from service_request.domain.references import new_reference
from service_request.domain.states import RequestState
from service_request.models import (
    Arrival,
    Channel,
    ClockKind,
    Disposition,
    Draft,
    LinkKind,
    Referrer,
    RequestLink,
    ServiceRequest,
)
from service_request.pathways.social_care import forms
from service_request.pathways.social_care.codes import WITH_FILES
from service_request.pathways.social_care.facts import facts as read_facts
from service_request.pathways.social_care.forms import FormContext, FormKind, Problem
from service_request.services import acknowledging, areas, completing, recording
from service_request.services.agencies import want_agency_confirmed
from service_request.services.alerting import alert_danger
from service_request.services.clocks import start_clock
from service_request.services.drafts import PATHWAY, Answers, OpenDraft, get_draft
from service_request.services.files.adding import move_to_request
from service_request.services.part_events import record_sent_with
from service_request.services.refusals import (
    AnswersChangedError,
    DraftNotFoundError,
    NamesFoundError,
    SentDifferentlyError,
)
from service_request.services.sight.holder import find_by_reference, get_for_holder

REFERRER = Actor(ActorKind.REFERRER)
TRIES = 3  # a reference drawn twice is drawn again


class NotReadyError(DomainError):
    """The form cannot be sent as it stands; every problem is named with its place."""

    sentence = "There is a problem with your answers"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__()


@dataclass(frozen=True)
class Receipt:
    """What the sender holds: the reference, and what happens next by when."""

    request_id: UUID
    reference: str
    received_at: datetime
    decision_due_at: datetime | None
    kind: FormKind
    has_email: bool
    missing: tuple[str, ...]


# The sender's own receipt, wherever the request stands by now.
_RECEIVED = select(
    ServiceRequest.id,
    ServiceRequest.reference,
    ServiceRequest.received_at,
    ServiceRequest.next_due_at,
    ServiceRequest.missing,
).where(ServiceRequest.wall.in_(EITHER_SIDE), ServiceRequest.id == bindparam("request_id"))


def answers_digest(answers: Answers) -> str:
    """Return the keyed digest of the answers as shown on the check page (W12)."""
    return digest("answers", _in_order(answers)).hex()


def _is_digest_of(seen: str, answers: Answers) -> bool:
    """Tell whether a page showed these answers, whichever key of ours was the newest then."""
    return seen in {one.hex() for one in digests("answers", _in_order(answers))}


def _in_order(answers: Answers) -> str:
    return json.dumps(answers, sort_keys=True, ensure_ascii=False)


def raw_of(answers: Answers) -> bytes:
    """Return the answers as they are kept of the arrival."""
    return json.dumps(answers, ensure_ascii=False).encode()


def context_for(session: Session, kind: str, house: House, now: datetime) -> FormContext:
    """Return what the questions need to know: the day here, the authority's own exceptions and areas."""
    return FormContext(
        today=now.astimezone(LONDON).date(),
        extra_exceptions=house.settings.extra_exceptions,
        areas=areas.list_areas(session),  # every form offers an area to those who do not know the address (GL-8)
    )


def send_form(
    session: Session,
    *,
    draft_id: UUID,
    device: str | None,
    digest: str,
    as_it_is: bool = True,
    now: datetime,
    house: House,
) -> Receipt:
    """Make the draft a request, once, whoever sends it how often (GL-2, GL-5, GL-8, EV-1, EV-3).

    Unless it goes `as_it_is`, words that may name somebody stop a discussion without names (GL-6).
    Raises NotReadyError, NamesFoundError, AnswersChangedError, SentDifferentlyError, DraftNotFoundError.
    """
    for last in (False, False, True):
        try:
            with transaction(session):
                draft = get_draft(session, draft_id, device, now=now, lock=True)
                receipt = _again(session, draft, digest) or _send(session, draft, digest, as_it_is, now, house)
                failpoint("before_send_commit")
        except IntegrityError:
            if last:
                raise
            continue
        failpoint("after_send_commit")
        return receipt
    raise AssertionError("unreachable")


def find_receipt(session: Session, draft: OpenDraft) -> Receipt | None:
    """Return the receipt of a draft that is open on this device and was sent, or None."""
    if draft.sent_request_id is None:
        return None
    return _receipt(session, draft)


def _again(session: Session, draft: Draft, seen: str) -> Receipt | None:
    if draft.sent_request_id is None:
        return None
    receipt = _receipt(session, draft)
    if draft.sent_digest is not None and seen and bytes.fromhex(_hex(seen)) != draft.sent_digest:
        raise SentDifferentlyError(receipt.reference)
    return receipt


def _hex(text: str) -> str:
    return text if len(text) == 64 and all(c in "0123456789abcdef" for c in text) else "00"


def _receipt(session: Session, draft: Draft | OpenDraft) -> Receipt:
    row = session.connection().execute(_RECEIVED, {"request_id": draft.sent_request_id}).one()
    has_email = bool(draft.proven_email) or _has_email(draft.answers or {})
    return Receipt(
        row.id, row.reference, row.received_at, row.next_due_at, FormKind(draft.kind), has_email, tuple(row.missing)
    )


def _has_email(answers: Answers) -> bool:
    return any(value.strip() for step in answers.values() for value in step.get("email", []))


def _send(session: Session, draft: Draft, seen: str, as_it_is: bool, now: datetime, house: House) -> Receipt:
    if draft.amends_id is not None:  # a change goes to the request that was sent, by its own page
        raise DraftNotFoundError
    if draft.asked_for_id is not None:  # an answer goes to the request that asked, by its own page (GL-3)
        raise DraftNotFoundError
    answers: Answers = draft.answers or {}
    if not _is_digest_of(seen, answers):
        raise AnswersChangedError
    context = context_for(session, draft.kind, house, now)
    kind = FormKind(draft.kind)
    answers = forms.of_kind(kind, answers)
    if problems := forms.problems(kind, answers, context):
        raise NotReadyError(problems)
    if not as_it_is and forms.names_found(kind, answers):
        raise NamesFoundError
    facts = read_facts(kind, answers, context)
    if facts.referrer.kind == "professional":
        check_may_send(
            facts.consent.gate_answer,
            facts.consent.reason,
            frozenset(code for code, _ in house.settings.extra_exceptions),
            named=kind is FormKind.FULL,
        )
    missing = [f"{gap.key}/{gap.field}" for gap in forms.gaps(kind, answers, context)]
    earlier = completing.find_completed(session, draft, facts, now=now)
    if earlier is not None:
        request = completing.complete(session, earlier, draft, facts, missing, by=REFERRER, now=now, house=house)
    else:
        request = receive(
            session,
            facts,
            answers,
            kind=kind,
            form_version=draft.form_version,
            missing=missing,
            channel=Channel.WEB,
            external_id=str(draft.id),
            proven=(draft.proven_email, draft.proven_at),
            by=REFERRER,
            now=now,
            house=house,
        )
        _link_to_earlier(session, request, draft, facts, now)
    if kind in WITH_FILES:
        move_to_request(session, draft, request, by=REFERRER, now=now)
    if draft.parts:
        record_sent_with(session, draft, request, by=REFERRER, now=now)
    draft.sent_request_id = request.id
    draft.sent_digest = bytes.fromhex(seen)
    return Receipt(
        request.id,
        request.reference,
        request.received_at,
        request.next_due_at,
        kind,
        request.referrer.email_sealed is not None,
        tuple(missing),
    )


def receive(
    session: Session,
    facts: RequestFacts,
    answers: Answers,
    *,
    kind: FormKind,
    form_version: str,
    missing: list[str],
    channel: Channel,
    external_id: str | None,
    proven: tuple[str | None, datetime | None],
    by: Actor,
    now: datetime,
    house: House,
    acknowledge: bool = True,
    received_at: datetime | None = None,
) -> ServiceRequest:
    """Write the request with its people, consent, clock, event and acknowledgement, in the caller's transaction.

    `external_id` None: what arrived was kept before it was understood. `received_at` is the earliest trusted time that
    it was in our hands, from which the promise runs (GL-8); None: now. Danger alerts a named person (EV-10).
    """
    received_at = received_at or now
    today = now.astimezone(LONDON).date()
    request_id = uuid7()
    if not facts.children:  # a child nobody described yet is a subject all the same: somebody must decide (GL-8)
        facts = replace(facts, children=(ChildFacts(number=1),))
    people = recording.describe_people(request_id, facts, kind=kind, on=today, now=now)
    located = areas.locate(
        session, typed_postcodes=[child.postcode for child in facts.children], chosen=facts.area_code or ""
    )
    referrer = recording.record_referrer(session, facts.referrer, proven_email=proven[0], proven_at=proven[1], now=now)
    due = decision_due(received_at, DecisionPromise(house.settings.decision_promise.value), house.calendar)
    request = ServiceRequest(
        wall=Wall.OPEN,
        id=request_id,
        reference=new_reference(),
        pathway=PATHWAY,
        kind=kind,
        form_version=form_version,
        channel=channel,
        received_at=received_at,
        state=RequestState.RECEIVED,
        urgency=recording.urgency_of(facts, kind, answers),
        area_id=located.area_id,
        area_reason=located.reason,
        referrer=referrer,
        agency_id=referrer.agency_id,
        authority=house.settings.authority_code,
        told=Told(facts.consent.told) if facts.consent.told in set(Told) else Told.NOT_ESTABLISHED,
        worries=list(facts.worries),
        names_found=sum(len(found) for *_, found in forms.names_found(kind, answers)),
        headline=recording.headline_of(facts, people.subjects),
        missing=missing,
        next_due_at=due.due_at,
    )
    session.add(request)
    if external_id is not None:
        session.add(_arrival(request, referrer, answers, external_id, now))
    recording.keep_answers(session, request, answers, kind=kind, form_version=form_version, by=by, now=now)
    recording.record_consent(session, request_id, facts.consent, by=by, now=now)
    start_clock(session, owner=("request", request_id), request=request, kind=ClockKind.DECISION, due=due, now=now)
    record(
        session,
        Stream("request", request_id),
        "receive",
        by=by,
        now=now,
        moved=(None, RequestState.RECEIVED),
        is_first=True,
        channel=channel,
        kind=kind,
        told=request.told,
        subjects=len(people.subjects),
        names_found=request.names_found,
    )
    if acknowledge:
        acknowledging.owe_acknowledgement(session, request, cause=request_id, due_at=due.due_at, now=now, house=house)
    people.store(session)
    if channel is Channel.WEB:
        want_agency_confirmed(session, request, now=now)
    if request.urgency == "danger":
        alert_danger(session, request, now=now, house=house)
    return request


def _arrival(request: ServiceRequest, referrer: Referrer, answers: Answers, external_id: str, now: datetime) -> Arrival:
    sender = referrer.email  # opened once
    return Arrival(
        wall=Wall.OPEN,
        channel=request.channel,
        endpoint="form",
        external_id=external_id,
        sender=sender,
        sender_hash=sender.lower() if sender else None,
        raw=raw_of(answers),
        received_at=now,
        stored_at=now,
        disposition=Disposition.REQUEST,
        request_id=request.id,
    )


def _link_to_earlier(
    session: Session, request: ServiceRequest, draft: Draft, facts: RequestFacts, now: datetime
) -> None:
    """Link to the request whose link or reference it came by; the far side is shown to staff only (GL-1, GL-6, T7)."""
    if draft.completes_id is not None:
        earlier: ServiceRequest | None = get_for_holder(session, draft.completes_id)
    else:
        earlier = find_by_reference(session, facts.followed_call_reference or "")
    if earlier is None:
        return
    is_converted = earlier.kind == FormKind.IN_PRINCIPLE and request.kind != FormKind.IN_PRINCIPLE
    session.add(
        RequestLink(
            wall=Wall.OPEN,
            from_id=request.id,
            to_id=earlier.id,
            kind=LinkKind.CONVERTED_FROM if is_converted else LinkKind.FOLLOWS,
            at=now,
        )
    )
