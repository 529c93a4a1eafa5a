"""Reasons that may be chosen, as data: an authority's own by import, or those built in (GL-8, GL-17)."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from service_request.domain.errors import DomainError
from service_request.models import CodedReason, ReasonKind

OTHER = "other"  # in every list that has it, a reason that needs words beside it
# What is offered while an authority has imported none of the kind: code and words, in order.
BUILT_IN: dict[ReasonKind, tuple[tuple[str, str], ...]] = {
    ReasonKind.SET_ASIDE: (
        ("junk", "Junk or advertising"),
        ("wrong_number", "Wrong number or meant for someone else"),
        ("machine", "Sent by a machine"),
        ("test", "A test"),
    ),
    ReasonKind.HAND_BACK: (
        ("not_our_area", "Not in our area"),
        ("not_our_work", "Not work for our team"),
        ("already_working", "We already work with this family"),
        ("no_capacity", "No capacity before it is needed"),
        (OTHER, "Something else"),
    ),
    ReasonKind.WITHDRAW: (
        ("sent_twice", "I sent it twice"),
        ("by_mistake", "I sent it by mistake"),
        ("help_found", "The family has the help it needs"),
        ("family_asked", "The family asked me to"),
        (OTHER, "Another reason"),
    ),
    ReasonKind.AMEND: (
        ("mistake", "Something I wrote was wrong"),
        ("left_out", "I left something out"),
        ("changed", "Something has changed since"),
        (OTHER, "Another reason"),
    ),
    ReasonKind.GIVE_UP: (
        ("no_answer", "The referrer did not answer"),
        ("cannot_answer", "The referrer cannot find it out"),
        ("heard_elsewhere", "We learned it another way"),
        ("not_needed", "It is not needed to decide"),
        (OTHER, "Another reason"),
    ),
    ReasonKind.BREACH: (
        ("waiting_for_referrer", "We waited for the referrer"),
        ("waiting_for_agency", "We waited for another agency"),
        ("came_late_to_us", "It reached us late"),
        ("not_enough_people", "Not enough people on duty"),
        ("overlooked", "It was overlooked"),
        ("system", "The system was not working"),
        (OTHER, "Another reason"),
    ),
}


class ReasonUnknownError(DomainError):
    """Refuse a reason that is not, or not any more, on the list."""

    sentence = "Select a reason from the list"


def list_reasons(session: Session, kind: ReasonKind) -> tuple[tuple[str, str], ...]:
    """Return what may be chosen now as (code, words), in order; with nothing imported, what is built in."""
    rows = _rows(session, kind)
    if not rows:
        return BUILT_IN[kind]
    return tuple((row.code, row.label) for row in rows if row.until is None)


def check_reason(session: Session, kind: ReasonKind, code: str) -> str:
    """Return the words of a reason that may be chosen now, or raise ReasonUnknownError."""
    try:
        return dict(list_reasons(session, kind))[code]
    except KeyError:
        raise ReasonUnknownError from None


def label_reasons(session: Session, kind: ReasonKind) -> dict[str, str]:
    """Return the words of every reason of this kind that was ever offered, so that what is recorded stays readable."""
    return {**dict(BUILT_IN[kind]), **{row.code: row.label for row in _rows(session, kind)}}


def find_labels(session: Session, given: Collection[tuple[ReasonKind, str]]) -> dict[tuple[ReasonKind, str], str]:
    """Return the words of these reasons, those that an authority imported before those built in; one query, or none."""
    if not given:
        return {}
    known = {(kind, code): BUILT_IN[kind] for kind, code in given}
    labels = {key: dict(built_in)[key[1]] for key, built_in in known.items() if key[1] in dict(built_in)}
    codes = {code for _, code in given}
    rows = session.scalars(select(CodedReason).where(CodedReason.code.in_(codes)))
    return {**labels, **{(row.kind, row.code): row.label for row in rows if (row.kind, row.code) in known}}


def _rows(session: Session, kind: ReasonKind) -> list[CodedReason]:
    query = select(CodedReason).where(CodedReason.kind == kind).order_by(CodedReason.position, CodedReason.code)
    return list(session.scalars(query))
