"""Answers that come after a form was sent: a new row beside the old, and what they say becomes the record (GL-3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from infrastructure.calendar import LONDON
from infrastructure.house import House
from infrastructure.trail import Actor, Stream, record
from service_request.asking.steps import NOT_KNOWN_SUFFIX
from service_request.domain.consent import Agrees, Told
from service_request.domain.danger import speak_of_danger
from service_request.domain.facts import ConsentFacts, RequestFacts
from service_request.models import FormResponse, ServiceRequest
from service_request.pathways.social_care import forms
from service_request.pathways.social_care.facts import facts as read_facts
from service_request.pathways.social_care.forms import Answers, FormKind
from service_request.pathways.social_care.rules import UNDECIDED
from service_request.services import areas, recording
from service_request.services.agencies import want_agency_confirmed
from service_request.services.alerting import DANGER, alert_danger
from service_request.services.consents import add_consent, find_latest
from service_request.services.people_again import describe_again
from service_request.services.send_form import context_for
from service_request.services.sight.holder import latest_form


def add_answers(
    session: Session,
    request: ServiceRequest,
    changed: Answers,
    *,
    why: str,
    reason: str | None = None,
    words: str | None = None,
    by: Actor,
    now: datetime,
    house: House,
) -> FormResponse:
    """Add answers to a request that the caller has locked, in the caller's transaction; what was sent before stays.

    `changed` is {step: {field: [values]}} and holds only what is answered anew; `why` is "answer" or "amend", `reason`
    a code, `words` what they said about it. The record of people, area, what is missing and what lists show follows; a
    change of what the family was told or agrees to is a new record (GL-4); danger alerts a person (EV-10); no clock
    begins again (EV-7). The event names the fields, and no answer.
    """
    earlier = latest_form(session, request.id)
    kind = FormKind(earlier.kind if earlier else request.kind)
    before: Answers = (earlier.answers or {}) if earlier else {}
    after = overlaid(before, changed)
    context = context_for(session, kind, house, now)
    was, said = read_facts(kind, before, context), read_facts(kind, after, context)
    today = now.astimezone(LONDON).date()
    subjects = describe_again(session, request, was, said, on=today, now=now)
    _rewrite_referrer(session, request, was, said, now)
    request.headline = recording.headline_of(said, subjects)
    request.missing = [f"{gap.key}/{gap.field}" for gap in forms.gaps(kind, after, context)]
    request.worries = sorted({*request.worries, *said.worries})
    request.names_found = sum(len(found) for *_, found in forms.names_found(kind, after))
    _place_again(session, request, was, said)
    _hear_consent(session, request, was.consent, said.consent, by=by, now=now)
    form_version = earlier.form_version if earlier else request.form_version
    kept = recording.keep_answers(
        session,
        request,
        forms.of_kind(kind, after, version=form_version),
        kind=kind,
        form_version=form_version,
        by=by,
        now=now,
    )
    kept.supersedes_id, kept.note = (earlier.id if earlier else None), words or None
    record(
        session,
        Stream("request", request.id),
        "add_answers",
        by=by,
        now=now,
        why=why,
        reason=reason,
        fields=fields_changed(before, changed),
        told=request.told,
    )
    if _says_danger(kind, was, said, _anew(before, changed), words or ""):
        request.urgency = DANGER
        alert_danger(session, request, now=now, house=house)
    elif request.urgency != DANGER and said.urgency != was.urgency:
        request.urgency = said.urgency
    return kept


def overlaid(before: Answers, changed: Answers) -> dict[str, dict[str, list[str]]]:
    """Return the answers with what changed laid over them; a question and its "not known" are one."""
    after = {key: {name: list(values) for name, values in page.items()} for key, page in before.items()}
    for key, page in changed.items():
        kept = after.setdefault(key, {})
        for name in {name.removesuffix(NOT_KNOWN_SUFFIX) for name in page}:
            for one in (name, name + NOT_KNOWN_SUFFIX):
                kept.pop(one, None)
        kept.update({name: list(values) for name, values in page.items()})
    return after


def fields_changed(before: Answers, changed: Answers) -> list[str]:
    """Return "step/field" of each answer that is another than before."""
    nothing: Mapping[str, Any] = {}
    return sorted(
        f"{key}/{name}"
        for key, page in changed.items()
        for name, values in page.items()
        if list(before.get(key, nothing).get(name, [])) != list(values)
    )


def _rewrite_referrer(
    session: Session, request: ServiceRequest, was: RequestFacts, said: RequestFacts, now: datetime
) -> None:
    """Write who asks where that changed; a proof by code stays with its address (GL-14)."""
    if was.referrer == said.referrer:
        return
    row = request.referrer
    proven = (row.email, row.proven_at) if row.proof == "code" else (None, None)
    recording.update_referrer(session, row, said.referrer, proven_email=proven[0], proven_at=proven[1], now=now)
    request.agency_id = row.agency_id
    want_agency_confirmed(session, request, now=now)


def _place_again(session: Session, request: ServiceRequest, was: RequestFacts, said: RequestFacts) -> None:
    """Find the area anew where the address changed; a decided request stays with who decided it (GL-8)."""
    if request.state not in UNDECIDED or _where(was) == _where(said):
        return
    located = areas.locate(
        session, typed_postcodes=[child.postcode for child in said.children], chosen=said.area_code or ""
    )
    request.area_id, request.area_reason = located.area_id, located.reason


def _where(facts: RequestFacts) -> tuple[list[str], str]:
    return [child.postcode for child in facts.children], facts.area_code


def _hear_consent(
    session: Session, request: ServiceRequest, was: ConsentFacts, said: ConsentFacts, *, by: Actor, now: datetime
) -> None:
    """Write a new record where the answers about the family changed; what was heard since stays otherwise (GL-4)."""
    if was == said:
        return
    latest = find_latest(session, request.id)

    def now_said(name: str) -> Any:
        is_new = getattr(was, name) != getattr(said, name) or latest is None
        return getattr(said, name) if is_new else getattr(latest, name)

    told, agrees = now_said("told"), now_said("agrees")
    add_consent(
        session,
        request,
        told=Told(told) if told in set(Told) else Told.NOT_ESTABLISHED,
        agrees=Agrees(agrees or Agrees.NOT_ASKED),
        extra_code=now_said("extra_code") or None,
        who_told=now_said("who_told") or None,
        told_by=now_said("told_by") or None,
        told_on=now_said("told_on"),
        reason=now_said("reason") or None,
        agrees_who=now_said("agrees_who") or None,
        lawful_basis=now_said("lawful_basis") or None,
        by=by,
        now=now,
    )


def _anew(before: Answers, changed: Answers) -> Answers:
    """Return of what was sent only what is another than before: a page holds what stood there already as well."""
    new = set(fields_changed(before, changed))
    return {
        key: {name: values for name, values in page.items() if f"{key}/{name}" in new} for key, page in changed.items()
    }


def _says_danger(kind: FormKind, was: RequestFacts, said: RequestFacts, anew: Answers, words: str) -> bool:
    """Tell whether what is said now speaks of present danger; what was said before alerted somebody then."""
    chosen = said.urgency == DANGER and was.urgency != DANGER
    return chosen or speak_of_danger([words, *(text for *_, text in forms.free_texts(kind, anew))])
