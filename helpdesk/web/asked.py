"""What was asked of a referrer, in words for the page of its request (GL-3)."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from helpdesk.web.blueprint import me
from infrastructure.database import db
from infrastructure.web.say_time import staff_moment
from service_request.models import AskedKind, AskedState, ReasonKind
from service_request.pathways.social_care.asked_pages import labels_of
from service_request.pathways.social_care.codes import FormKind
from service_request.services.reasons import label_reasons
from service_request.services.sight.asked_for import AskedFacts, list_asked
from service_request.services.sight.desk import RequestFacts
from service_request.services.sight.parts import ResponseFacts

KINDS: dict[AskedKind, str] = {
    AskedKind.DETAILS: "More about the request",
    AskedKind.AGREEMENT: "The family’s agreement to early help",
    AskedKind.CAF: "A common assessment (CAF)",
    AskedKind.WRITTEN_FORM: "The written form",
}


@dataclass(frozen=True)
class AskedWords:
    """One asking as the page of its request says it."""

    asked: AskedFacts
    title: str
    labels: tuple[str, ...]
    state: str
    may_end: bool


def _in_words(
    rows: Sequence[AskedFacts], responses: Sequence[ResponseFacts], missing: Set[str], now: datetime
) -> list[AskedWords]:
    """Say of each asking what was asked, how often it was chased, and what became of it."""
    reasons = label_reasons(db.session(), ReasonKind.GIVE_UP) if any(one.reason for one in rows) else {}
    form = responses[0] if responses else None
    return [
        AskedWords(
            one,
            KINDS[one.kind],
            tuple(labels_of(FormKind(form.kind), form.answers, one.fields)) if form and one.fields else (),
            _state(one, reasons, now) + _still_missing(one, missing),
            one.is_open and one.kind is not AskedKind.WRITTEN_FORM,
        )
        for one in rows
    ]


def _state(one: AskedFacts, reasons: dict[str, str], now: datetime) -> str:
    if one.is_open:
        times = {0: "", 1: " Reminded once."}.get(one.chased, f" Reminded {one.chased} times.")
        again = f" Next reminder {staff_moment(one.next_chase_at, now)}." if one.next_chase_at else ""
        return f"Waits since {staff_moment(one.asked_at, now)}.{times}{again}"
    when = staff_moment(one.ended_at, now) if one.ended_at else ""
    if one.state is AskedState.ANSWERED:
        return f"Said to be answered by {one.ended_by}, {when}." if one.ended_by else f"Answered {when}."
    if one.state is AskedState.GIVEN_UP:
        why = reasons.get(one.reason or "", "")
        return f"Given up by {one.ended_by}, {when}{f': {why[:1].lower()}{why[1:]}' if why else ''}."
    return f"Not asked any more since {when}."


def _still_missing(one: AskedFacts, missing: Set[str]) -> str:
    """Say how much of an answer is not one: who answers half is not said to have answered all of it."""
    left = len(missing & set(one.fields)) if one.state is AskedState.ANSWERED else 0
    return f" Of {len(one.fields)} things asked, {left} {'is' if left == 1 else 'are'} still missing." if left else ""


def read_asked(
    facts: RequestFacts, responses: Sequence[ResponseFacts], missing: Set[str], now: datetime
) -> list[AskedWords]:
    """Return what was asked in a request, for its page; one in which nothing was asked is not read for it."""
    return _in_words(list_asked(db.session(), facts.id, me()), responses, missing, now) if facts.has_asked else []
