"""The written form that follows a call or a mail completes that same request (GL-1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.calendar import LONDON
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.links import find_link
from infrastructure.identity.models import LinkPurpose
from infrastructure.trail import Actor, Stream, record
from service_request.domain.consent import Told
from service_request.domain.facts import ChildFacts, RequestFacts
from service_request.domain.states import RequestState
from service_request.models import (
    AskedKind,
    AskedState,
    ClockEnd,
    ClockKind,
    Draft,
    FormResponse,
    Person,
    ReferrerKind,
    ServiceRequest,
    Subject,
)
from service_request.pathways.social_care import forms
from service_request.pathways.social_care.forms import FormKind
from service_request.services import acknowledging, recording
from service_request.services.agencies import want_agency_confirmed
from service_request.services.alerting import alert_danger
from service_request.services.asking import end_asked
from service_request.services.clocks import end_clock
from service_request.services.drafts import StartedDraft, begin, find_completing
from service_request.services.holding import Held
from service_request.services.late_news import come_up
from service_request.services.sight.holder import (
    find_by_reference,
    first_mailed,
    get_for_holder,
    list_subjects_for_holder,
)

UNWATCHED = (  # nobody would see it come
    RequestState.DECIDED,
    RequestState.CLOSED,
    RequestState.SET_ASIDE,
    RequestState.FOLDED,
)


def begins_by_mail(session: Session, *, token: str, now: datetime) -> bool:
    """Tell whether a link's form follows a mail or a call, using nothing up; raise LinkRefusedError when it is over."""
    link = find_link(session, token, LinkPurpose.COMPLETE, now=now)
    return first_mailed(session, link.about_id) is not None


def start_completing(session: Session, *, token: str, device: str | None, now: datetime, house: House) -> StartedDraft:
    """Begin the written form that follows a call; the link opens as often as wished until it runs out."""
    with transaction(session):
        link = find_link(session, token, LinkPurpose.COMPLETE, now=now, lock=True)
        answers = _begun_by_mail(session, link.about_id)
        return begin(
            session,
            kind=FormKind.FULL,
            device=device,
            completes=link.about_id,
            answers=answers,
            now=now,
            house=house,
        )


def begin_for_holder(
    session: Session, request: ServiceRequest, *, held: Held, device: str | None, now: datetime, house: House
) -> StartedDraft:
    """Begin the written form for whoever proved the address, inside the caller's transaction; no link leads to it.

    It is that address's own from the first page on: signing out closes it on this device, as it does an answer (EV-6).
    """
    begun = find_completing(session, request.id, address=held.address, device=device, now=now)
    if begun is not None:
        return StartedDraft(begun, device or "")
    record(session, Stream("request", request.id), "begin_form", by=held.actor, now=now)
    return begin(
        session,
        kind=FormKind.FULL,
        device=device,
        completes=request.id,
        answers=_begun_by_mail(session, request.id),
        owner=held.address,
        now=now,
        house=house,
    )


def _begun_by_mail(session: Session, request_id: UUID) -> dict[str, dict[str, list[str]]] | None:
    """Return the answers that a mail gave already: its sender's own words, and nothing that anybody added (EV-6)."""
    said = first_mailed(session, request_id)
    if said is None:
        return None
    places = {"caller_name": "name", "agency": "agency", "caller": "agency_kind", "email": "email"}
    you = {place: said[name] for name, place in places.items() if said.get(name)}
    return {"concerns": {"narrative": said["narrative"]}, **({"you": you} if you else {})}


def find_completed(session: Session, draft: Draft, facts: RequestFacts, *, now: datetime) -> ServiceRequest | None:
    """Return the request that this form completes, locked: by its link, or by reference and proven address.

    A reference alone completes nothing (T7): the address proven by code must be the one given in the call. A talk
    without names completes nothing either: it is a request of its own (GL-6).
    """
    if draft.kind != FormKind.FULL:
        return None
    if draft.completes_id is not None:
        return get_for_holder(session, draft.completes_id, lock=True)
    called = find_by_reference(session, facts.followed_call_reference or "") if draft.proven_email else None
    if called is None or called.kind != FormKind.CALL or not called.referrer.email:
        return None
    if called.referrer.email.lower() != (draft.proven_email or "").lower() or _has_written_form(session, called.id):
        return None
    return get_for_holder(session, called.id, lock=True)


def _has_written_form(session: Session, request_id: UUID) -> bool:
    found = session.scalars(
        select(FormResponse.id)
        .where(
            FormResponse.wall == Wall.OPEN, FormResponse.request_id == request_id, FormResponse.kind == FormKind.FULL
        )
        .limit(1)
    )
    return found.one_or_none() is not None


def complete(
    session: Session,
    request: ServiceRequest,
    draft: Draft,
    facts: RequestFacts,
    missing: list[str],
    *,
    by: Actor,
    now: datetime,
    house: House,
) -> ServiceRequest:
    """Add the written form to the request of the call; its 24 hours do not begin again (GL-1, EV-7)."""
    answers = forms.of_kind(FormKind.FULL, draft.answers or {})
    is_another = _has_written_form(session, request.id)
    proven = (draft.proven_email, draft.proven_at)
    form = Form(FormKind.FULL, draft.form_version, answers, missing)
    kept = add_what_is_told(session, request, facts, form, proven=proven, by=by, now=now)
    recording.record_consent(session, request.id, facts.consent, by=by, now=now)
    end_clock(session, ("request", request.id), ClockKind.WRITTEN_FORM, ClockEnd.MET, now=now)
    end_asked(session, request, kinds={AskedKind.WRITTEN_FORM}, state=AskedState.ANSWERED, by=by, now=now)
    if request.urgency == "danger":
        alert_danger(session, request, now=now, house=house)
    record(session, Stream("request", request.id), "complete", by=by, now=now, told=request.told, draft=draft.id)
    if request.state in UNWATCHED or is_another:
        come_up(session, request, cause=f"completed:{draft.id}", about_id=kept.id, by=by, now=now)
    acknowledging.owe_acknowledgement(
        session,
        request,
        cause=draft.id,
        due_at=request.next_due_at or now,
        now=now,
        house=house,
        template="form_received",
    )
    return request


@dataclass(frozen=True)
class Form:
    """The answers that are added to a request, as they are kept beside those before them."""

    kind: FormKind
    version: str
    answers: forms.Answers
    missing: list[str]
    supersedes: UUID | None = None  # the answers that these take the place of; both stay


def add_what_is_told(
    session: Session,
    request: ServiceRequest,
    facts: RequestFacts,
    form: Form,
    *,
    proven: tuple[str | None, datetime | None],
    by: Actor,
    now: datetime,
) -> FormResponse:
    """Write what later answers say into a request that is there: who asks, the children, worries, urgency, told.

    In the caller's transaction; its 24 hours do not begin again, and danger that was said is not taken back (EV-7).
    """
    today = now.astimezone(LONDON).date()
    request.referrer.kind = ReferrerKind(facts.referrer.kind)  # a caller of whom nobody had asked what they are
    email, at = proven
    recording.update_referrer(session, request.referrer, facts.referrer, proven_email=email, proven_at=at, now=now)
    known = list_subjects_for_holder(session, request.id)
    fresh = _fill_in(known, facts, now=now, on=today)
    people = recording.describe_people(request.id, fresh, kind=form.kind, on=today, now=now)
    people.store(session)
    request.headline = recording.headline_of(facts, [*known, *people.subjects])
    request.kind, request.form_version, request.missing = form.kind, form.version, form.missing
    request.worries = sorted({*request.worries, *facts.worries})
    request.agency_id = request.referrer.agency_id
    want_agency_confirmed(session, request, now=now)
    if recording.urgency_of(facts, form.kind, form.answers) == "danger":
        request.urgency = "danger"
    request.told = Told(facts.consent.told) if facts.consent.told in set(Told) else request.told
    kept = recording.keep_answers(
        session, request, form.answers, kind=form.kind, form_version=form.version, by=by, now=now
    )
    kept.supersedes_id = form.supersedes
    return kept


def _fill_in(known: list[Subject], facts: RequestFacts, *, now: datetime, on: date) -> RequestFacts:
    """Give the children of the call what the form says of them; return the facts with only the others left."""
    open_places = {subject.number: subject for subject in known}
    left: list[ChildFacts] = []
    for child in facts.children:
        subject = _same_child(open_places, child)
        if subject is None or subject.person is None:
            left.append(child)
            continue
        del open_places[subject.number]
        _describe_again(subject, subject.person, child, now=now, on=on)
    highest = max((subject.number for subject in known), default=0)
    numbered = tuple(replace(child, number=highest + n) for n, child in enumerate(left, 1))
    return replace(facts, children=numbered)


def _same_child(places: dict[int, Subject], child: ChildFacts) -> Subject | None:
    name = child.name.casefold().split() if child.name else []
    for subject in places.values():
        known = (subject.person.name or "").casefold().split() if subject.person else []
        if known and sorted(known) == sorted(name):
            return subject
    return next((s for s in places.values() if s.person is not None and not s.person.name), None)


def _describe_again(subject: Subject, person: Person, child: ChildFacts, *, now: datetime, on: date) -> None:
    person.name = child.name or person.name
    person.facts = {**(person.facts or {}), **recording.plain(child)}
    person.nhs_hash = child.nhs_number or person.nhs_hash
    person.upn_hash = child.upn or person.upn_hash
    person.match_wanted_at = now
    subject.label = recording.label_of(child, on)
