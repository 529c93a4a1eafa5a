"""What the referrer is told of a decision: owed with it, told when the mail server took it (GL-14, EV-2, EV-6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.house import House
from infrastructure.identity.links import make_link
from infrastructure.identity.models import LinkPurpose
from infrastructure.outbox import MessageState, OutboxMessage, owe
from infrastructure.trail import Actor, Stream, record
from infrastructure.trail.events import SYSTEM
from service_request.domain.references import format_reference
from service_request.models import (
    Audience,
    Outcome,
    OutcomeState,
    Referrer,
    ReferrerKind,
    ServiceRequest,
    TaskKind,
)
from service_request.pathways.social_care.outcome import (
    Done,
    OutcomeWords,
    body_for_family,
    body_for_professional,
    body_for_public,
    with_action,
    without_the_form,
)
from service_request.services.kept_letters import keep_letter
from service_request.services.sight.mail_threads import find_thread
from service_request.services.sight.system import lock_request
from service_request.services.tasks import finish_tasks, need_task

AUDIENCES = {
    ReferrerKind.PROFESSIONAL: Audience.PROFESSIONAL,
    ReferrerKind.STAFF: Audience.PROFESSIONAL,
    ReferrerKind.FAMILY: Audience.FAMILY,
    ReferrerKind.CHILD: Audience.FAMILY,
    ReferrerKind.PUBLIC: Audience.PUBLIC,
}
BODIES = {
    Audience.PROFESSIONAL: body_for_professional,
    Audience.FAMILY: body_for_family,
    Audience.PUBLIC: body_for_public,
}
LETTERS = {
    Audience.PROFESSIONAL: "outcome_professional",
    Audience.FAMILY: "outcome_public",
    Audience.PUBLIC: "outcome_public",
}
OWED = (OutcomeState.OWED, OutcomeState.FAILED)
TOLD_TOGETHER = "told_together"  # by the outcome of the request that this one was folded into
STOPPABLE = (MessageState.WAITING, MessageState.TRYING_AGAIN, MessageState.HELD)


@dataclass(frozen=True)
class Way:
    """How somebody can be told: by mail, by a call that a person makes, or not at all and why."""

    by_mail: bool = False
    by_call: bool = False
    reason: str | None = None


def way_to(referrer: Referrer) -> Way:
    """Return the way that is safe (EV-2): nothing unprompted unless it was said to be safe, nothing at all after no."""
    is_professional = AUDIENCES[referrer.kind] is Audience.PROFESSIONAL
    if referrer.safe == "no" and not is_professional:
        return Way(reason="unsafe")
    if not referrer.email and not referrer.phone:
        return Way(reason="no_address")
    may_write = is_professional or referrer.safe == "yes"
    return Way(by_mail=True) if referrer.email and may_write else Way(by_call=True)


def owe_outcome(
    session: Session,
    request: ServiceRequest,
    words: OutcomeWords,
    *,
    decision_id: UUID | None,
    by: Actor,
    now: datetime,
    house: House,
    audience: Audience | None = None,
    with_another: bool = False,
) -> Outcome:
    """Owe the outcome inside the caller's transaction, in the way that is safe; a later one replaces what failed.

    `with_another`: the same reader is told by another request that this one was folded with, and not twice (EV-3).
    Without a row it tells that the request was taken back as they asked, and no form goes with it.
    """
    _replace_untold(session, request.id, by=by, now=now)
    audience = audience or AUDIENCES[request.referrer.kind]
    way = Way(reason=TOLD_TOGETHER) if with_another else way_to(request.referrer)
    outcome = Outcome(
        wall=request.wall,
        request_id=request.id,
        decision_id=decision_id,
        audience=audience,
        body=BODIES[audience](words),
        state=OutcomeState.NOT_DELIVERABLE if way.reason else OutcomeState.OWED,
        reason=way.reason,
        owed_at=now,
        pdf_wanted_at=now if audience is Audience.PROFESSIONAL and words.rows else None,
    )
    session.add(outcome)
    session.flush()
    if way.by_mail:
        _owe_letter(session, request, outcome, now, house, is_corrected=words.is_corrected)
    elif way.by_call:
        need_task(
            session,
            TaskKind.CALL_BACK,
            cause=f"outcome:{outcome.id}",
            request_id=request.id,
            about_id=outcome.id,
            now=now,
        )
    record(
        session,
        Stream("request", request.id),
        "owe_outcome",
        by=by,
        now=now,
        moved=(None, outcome.state),
        outcome=outcome.id,
        audience=audience,
        corrected=words.is_corrected,
    )
    return outcome


def _owe_letter(
    session: Session, request: ServiceRequest, outcome: Outcome, now: datetime, house: House, *, is_corrected: bool
) -> None:
    address = request.referrer.email or ""
    link = make_link(
        session,
        LinkPurpose.OUTCOME,
        about=("request", request.id),
        address=address,
        now=now,
        days=house.settings.link_days,
        wall=request.wall,
    )
    letter = house.write(
        LETTERS[outcome.audience],
        reference=format_reference(request.reference),
        link=house.link("web.outcome", token=link.token),
        days=str(house.settings.link_days),
        corrected="yes" if is_corrected else "",
    )
    row = owe(
        session,
        letter,
        to=address,
        cause=outcome.id,
        about=("request", request.id),
        now=now,
        wall=request.wall,
        thread=find_thread(session, request.id, address, wall=request.wall),
    )
    outcome.outbox_id = row.id
    keep_letter(session, request, row, "outcome", now=now)


def _replace_untold(session: Session, request_id: UUID, *, by: Actor, now: datetime) -> None:
    """Let a corrected outcome stand for an earlier one that reached nobody and is on its way to nobody.

    Nobody rings about that one any more: they are told once, of what holds now.
    """
    query = select(Outcome).where(Outcome.wall == Wall.OPEN, Outcome.request_id == request_id, Outcome.state.in_(OWED))
    for earlier in session.scalars(query):
        if earlier.state is OutcomeState.FAILED or earlier.outbox_id is None:
            earlier.state, earlier.reason = OutcomeState.NOT_DELIVERABLE, "superseded"
            _finish_telling(session, earlier, by=by, now=now)


def take_back(session: Session, request_id: UUID, *, by: Actor, now: datetime) -> None:
    """Take back what is still owed of a locked request, and stop its letter, since it is decided by itself again.

    A letter that is on its way is not stopped: then they were told, and what comes later is named as corrected.
    """
    query = select(Outcome).where(Outcome.wall == Wall.OPEN, Outcome.request_id == request_id, Outcome.state.in_(OWED))
    for outcome in session.scalars(query).all():
        letter = _lock_letter(session, outcome)
        if letter is not None and letter.lease_until is not None and letter.lease_until >= now:
            continue
        if letter is not None and letter.state in STOPPABLE:
            letter.state, letter.next_at = MessageState.CANCELLED, None
        _finish_telling(session, outcome, by=by, now=now)
        outcome.pdf_wanted_at = None
        set_told(session, outcome, OutcomeState.NOT_DELIVERABLE, by=by, now=now, reason="unfolded")


def _finish_telling(session: Session, outcome: Outcome, *, by: Actor, now: datetime) -> None:
    """Finish what the desk was to do so that an outcome is told."""
    kinds = frozenset({TaskKind.CALL_BACK, TaskKind.DELIVERY_FAILED, TaskKind.HELD_BACK})
    for about_id in (outcome.id, outcome.outbox_id):
        if about_id is not None:
            finish_tasks(session, request_id=outcome.request_id, kinds=kinds, about_id=about_id, by=by, now=now)


def _lock_letter(session: Session, outcome: Outcome) -> OutboxMessage | None:
    query = select(OutboxMessage).where(OutboxMessage.wall == outcome.wall, OutboxMessage.id == outcome.outbox_id)
    return session.scalars(query.with_for_update(of=OutboxMessage)).one_or_none() if outcome.outbox_id else None


def was_told(session: Session, request_id: UUID) -> bool:
    """Tell whether an outcome of this request was told, or is on its way: what comes after it is a corrected one."""
    told = (Outcome.state.in_((OutcomeState.SENT, OutcomeState.OWED)), Outcome.reason == TOLD_TOGETHER)
    query = select(Outcome.id).where(Outcome.wall == Wall.OPEN, Outcome.request_id == request_id, or_(*told))
    return session.scalars(query.limit(1)).first() is not None


def count_owed(session: Session, request_id: UUID) -> int:
    """Return how many tellings are still owed; a request for which none was ever written owes one."""
    query = (
        select(Outcome.state, func.count())
        .where(Outcome.wall == Wall.OPEN, Outcome.request_id == request_id)
        .group_by(Outcome.state)
    )
    counts = {row[0]: row[1] for row in session.execute(query)}
    return sum(counts.get(state, 0) for state in OWED) if counts else 1


def mark_told(session: Session, row: OutboxMessage, now: datetime) -> UUID | None:
    """Mark the outcome that this mail tells as told, inside the delivery's transaction: the mail server took it.

    Return its request, or None when the mail tells no outcome.
    """
    return _mark(session, row, OutcomeState.SENT, now)


def mark_failed(session: Session, row: OutboxMessage, now: datetime) -> UUID | None:
    """Mark the outcome that this mail was to tell as failed: it is owed still, and somebody must act."""
    return _mark(session, row, OutcomeState.FAILED, now)


def _mark(session: Session, row: OutboxMessage, state: OutcomeState, now: datetime) -> UUID | None:
    found = session.execute(
        select(Outcome.id, Outcome.request_id).where(Outcome.wall == row.wall, Outcome.outbox_id == row.id)
    ).one_or_none()
    if found is None:
        return None
    lock_request(session, found.request_id)
    outcome = session.get_one(Outcome, found.id, populate_existing=True)
    if outcome.state not in OWED:
        return None
    set_told(session, outcome, state, by=SYSTEM, now=now)
    return outcome.request_id


def set_told(
    session: Session, outcome: Outcome, state: OutcomeState, *, by: Actor, now: datetime, reason: str | None = None
) -> None:
    """Write how far the telling has come, with its event, inside the caller's transaction (the request is locked)."""
    before, outcome.state = outcome.state, state
    outcome.reason = reason or outcome.reason
    if state is OutcomeState.SENT:
        outcome.told_at = now
    record(
        session,
        Stream("request", outcome.request_id),
        "tell_outcome",
        by=by,
        now=now,
        moved=(before, state),
        outcome=outcome.id,
        reason=reason,
    )


def add_action(session: Session, request_id: UUID, done: Done, *, now: datetime) -> None:
    """Add what a team did to the latest outcome, inside the caller's transaction, and have the form made anew."""
    latest = _latest_for_professional(session, request_id)
    if latest is None or latest.body is None:
        return
    latest.body = with_action(latest.body, done)
    latest.pdf_wanted_at = now


def want_form_again(session: Session, request_id: UUID, *, now: datetime) -> None:
    """Have the form returned made anew, inside the caller's transaction, since more may now be read of it."""
    latest = _latest_for_professional(session, request_id)
    if latest is not None:
        latest.pdf_wanted_at = now


def list_done(session: Session, request_id: UUID) -> list[Done]:
    """Return the actions that the latest outcome tells, for the one that corrects it."""
    latest = _latest_for_professional(session, request_id)
    body = (latest.body or {}) if latest is not None else {}
    pairs = zip(body.get("actions", []), body.get("actions_plain", []), strict=True)
    return [Done(datetime.fromisoformat(full[0]), full[1], plain[1]) for full, plain in pairs]


def _latest_for_professional(session: Session, request_id: UUID) -> Outcome | None:
    query = select(Outcome).where(
        Outcome.wall == Wall.OPEN, Outcome.request_id == request_id, Outcome.audience == Audience.PROFESSIONAL
    )
    return session.scalars(query.order_by(Outcome.owed_at.desc(), Outcome.id.desc()).limit(1)).one_or_none()


def body_for_reader(outcome: Outcome, *, may_see_form: bool) -> dict[str, Any]:
    """Return what this reader may see: without a proof of the address, what was done and no more (GL-14)."""
    body: dict[str, Any] = outcome.body or {}
    if outcome.audience is Audience.PROFESSIONAL and not may_see_form:
        return without_the_form(body)
    return body
