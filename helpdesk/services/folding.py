"""Fold a request into another about the same child, and unfold it; the earliest due time rules (EV-4, EV-7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.decision import said
from helpdesk.domain.folding import (
    HasFoldedError,
    NotOpenError,
    PartlyDecidedFoldError,
    SameRequestError,
    WhyNotSameDayError,
    WithoutNamesError,
    check_children,
)
from helpdesk.models import Decision
from helpdesk.services.acting import lock_for, move, note
from helpdesk.services.folded_sight import check_same_sight, end_folded_sight, let_deciders_see
from helpdesk.services.restricting import bar_from_both
from helpdesk.services.telling_folded import take_back_untold, tell_late
from infrastructure.calendar import LONDON
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.trail import Stream, record
from service_request.domain.errors import DomainError
from service_request.domain.references import format_reference
from service_request.domain.typed import REASON_MAX
from service_request.models import (
    AskedState,
    Clock,
    ClockEnd,
    ClockKind,
    LinkKind,
    RequestLink,
    ServiceRequest,
    Subject,
)
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.rules import LIFECYCLE, OPEN, RequestAct
from service_request.services.alerting import DANGER
from service_request.services.asking import end_asked, resume_asked
from service_request.services.clocks import end_all_clocks, give_back_due, own_clock, running_clock, take_over_due
from service_request.services.matching import confirm_same
from service_request.services.refusals import NotYoursError
from service_request.services.sight.system import list_folded_into, list_subjects, lock_survivor
from service_request.services.sight.visible import get_request


def fold(
    session: Session,
    *,
    request_id: UUID,
    into_id: UUID,
    same: Mapping[UUID, UUID],
    why: str = "",
    version: int | None = None,
    into_version: int | None = None,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Fold one request into another that is open; `same` says of each child which child of the other one it is.

    Both are locked and looked at again. Raise NotYoursError, StaleEditError, or a DomainError that says what stands in
    the way: another day without a reason, a child left out, a talk without names, a restriction, a decision.
    """
    if request_id == into_id:
        raise SameRequestError
    with transaction(session):
        locked = {one: get_request(session, one, by, lock=True, lasting=True) for one in sorted((request_id, into_id))}
        own, other = locked[request_id], locked[into_id]
        lock_for(session, own.id, by, version=version, mine={"why": why})
        lock_for(session, other.id, by, version=into_version, mine={"why": why})
        _check(session, own, other)
        children = [one.id for one in list_subjects(session, own.id)]
        others = [one.id for one in list_subjects(session, other.id)]
        check_children(children, others, same)
        text = said(why, most=REASON_MAX) if why.strip() else ""
        if not came_on_one_day(own, other) and not text:
            raise WhyNotSameDayError
        if text:
            note(session, own, "folded", text, by=by, now=now)
        fold_into(session, own, other, same, by=by, now=now, house=house)


def fold_into(
    session: Session,
    own: ServiceRequest,
    other: ServiceRequest,
    same: Mapping[UUID, UUID],
    *,
    by: User,
    now: datetime,
    house: House,
) -> None:
    """Fold a locked request into another locked one inside the caller's transaction; nothing of it is lost (EV-1).

    Its clock ends, the other one is due when the earlier of both was, whoever decides about that one sees this one too,
    and who asked is told the outcome of that one, once.
    """
    before = own.state
    end_asked(session, own, state=AskedState.WITHDRAWN, by=by.actor, now=now)
    children = [f"{mine} {theirs}" for mine, theirs in same.items()]
    move(session, own, RequestAct.FOLD, by=by.actor, now=now, into=other.id, children=children)
    own.before_folded, own.folded_into_id = before, other.id
    _say_same(session, own, other, same, by, now)
    session.add(RequestLink(wall=own.wall, from_id=own.id, to_id=other.id, kind=LinkKind.SAME_ASK, by_id=by.id, at=now))
    record(session, Stream("request", other.id), "take_in", by=by.actor, now=now, folded=own.id)
    end_all_clocks(session, own, ClockEnd.FOLDED, now)
    let_deciders_see(session, own, other, by, now)
    session.flush()
    bar_from_both(session, own, other, by, now)
    survivor = lock_survivor(session, other)
    if own.urgency == DANGER:  # it stays first in the queue, also where it is unfolded later (EV-10)
        survivor.urgency = DANGER
    keep_earliest_due(session, survivor, now)
    tell_late(session, survivor, own, by=by.actor, now=now, house=house)


def unfold(
    session: Session, *, request_id: UUID, version: int | None = None, by: User, now: datetime, house: House
) -> None:
    """Let a folded request stand by itself again: where it stood, with its own clock and due time (EV-7)."""
    with transaction(session):
        own = lock_for(session, request_id, by, version=version)
        LIFECYCLE.next_state(own.state, RequestAct.UNFOLD, before=own.before_folded)
        other = get_request(session, own.folded_into_id or own.id, by, lock=True)
        survivor = lock_survivor(session, other)
        link = live_link(session, own, other)
        folded_at, link.undone_at = link.at, now
        move(session, own, RequestAct.UNFOLD, by=by.actor, now=now, before=own.before_folded, out_of=other.id)
        own.before_folded, own.folded_into_id = None, None
        for subject in list_subjects(session, own.id):
            subject.folded_into_id = None
        record(session, Stream("request", other.id), "let_out", by=by.actor, now=now, folded=own.id)
        session.flush()
        give_back_folded(session, own, folded_at, now)
        keep_earliest_due(session, own, now)
        resume_asked(session, own, ended_at=folded_at, by=by.actor, now=now)
        keep_earliest_due(session, survivor, now)
        end_folded_sight(session, own, by, now)
        take_back_untold(session, own, by=by.actor, now=now)


def keep_earliest_due(
    session: Session, request: ServiceRequest, now: datetime, *, kind: ClockKind = ClockKind.DECISION
) -> None:
    """Let a locked request's promise be due when the earliest of all that is folded into it was (EV-7, SE-3).

    A promise that was kept before the fold was kept, and is nobody's due time any more.
    """
    running, own = (find(session, request, kind) for find in (running_clock, own_clock))
    if running is None or own is None:
        return
    earliest, whose = own, request
    for one in list_folded_into(session, request):
        clock = own_clock(session, one, kind)
        if clock is not None and clock.end is ClockEnd.FOLDED and clock.due_at < earliest.due_at:
            earliest, whose = clock, one
    if running.due_at == earliest.due_at:
        return
    if whose is request:
        give_back_due(session, request, kind, now)
        return
    line = ("Taken over", f"from {format_reference(whose.reference)}, which was folded into this one and is due first")
    take_over_due(session, request, earliest, line=line, now=now)


def check_nothing_folded_in(session: Session, request: ServiceRequest) -> None:
    """Refuse to set aside, withdraw or hand over what holds another request: it would go with it unseen (EV-1)."""
    if list_folded_into(session, request):
        raise HasFoldedError


def came_on_one_day(one: ServiceRequest, other: ServiceRequest) -> bool:
    """Tell whether two requests came on the same day, as the clock on the wall has it."""
    return one.received_at.astimezone(LONDON).date() == other.received_at.astimezone(LONDON).date()


def may_fold(session: Session, own: ServiceRequest, other: ServiceRequest) -> bool:
    """Tell whether a locked request may be folded into another locked one, whatever its children."""
    try:
        _check(session, own, other)
    except DomainError:
        return False
    return True


def why_not(session: Session, request_id: UUID, into_id: UUID, by: User) -> str:
    """Return the sentence of what stands in the way of folding one request into another, whatever its children."""
    try:
        _check(session, get_request(session, request_id, by), get_request(session, into_id, by))
    except NotYoursError:
        raise
    except DomainError as refusal:
        return refusal.sentence
    return ""


def _check(session: Session, own: ServiceRequest, other: ServiceRequest) -> None:
    LIFECYCLE.next_state(own.state, RequestAct.FOLD)
    if other.state not in OPEN or other.wall is not own.wall or own.wall is not Wall.OPEN:
        raise NotOpenError
    if FormKind.IN_PRINCIPLE in (own.kind, other.kind):
        raise WithoutNamesError
    check_same_sight(session, own, other)
    decided = select(Decision.id).where(Decision.wall == Wall.OPEN, Decision.request_id == own.id).limit(1)
    if session.scalars(decided).first() is not None:
        raise PartlyDecidedFoldError


def _say_same(
    session: Session, own: ServiceRequest, other: ServiceRequest, same: Mapping[UUID, UUID], by: User, now: datetime
) -> None:
    """Note for each child which child of the other request it is, and confirm that it is the same one (EV-4)."""
    theirs: dict[UUID, Subject] = {one.id: one for one in list_subjects(session, other.id)}
    for subject in list_subjects(session, own.id):
        chosen = same.get(subject.id)
        if chosen is None:
            continue
        subject.folded_into_id = chosen
        mine, their = subject.person_id, theirs[chosen].person_id
        if mine is not None and their is not None:
            confirm_same(session, mine, their, by=by, now=now)


def give_back_folded(session: Session, own: ServiceRequest, folded_at: datetime, now: datetime) -> None:
    """Let what a request had promised itself, and folding ended, run again with the due time it had (EV-7)."""
    ended = select(Clock.kind).where(
        Clock.wall == own.wall,
        Clock.request_id == own.id,
        Clock.owner_id == own.id,
        Clock.end == ClockEnd.FOLDED,
        Clock.ended_at == folded_at,
    )
    for kind in session.scalars(ended.distinct()).all():
        give_back_due(session, own, kind, now)
    session.flush()


def live_link(session: Session, own: ServiceRequest, other: ServiceRequest) -> RequestLink:
    """Return what says into which request a folded one went."""
    query = select(RequestLink).where(
        RequestLink.wall == own.wall,
        RequestLink.from_id == own.id,
        RequestLink.to_id == other.id,
        RequestLink.kind == LinkKind.SAME_ASK,
        RequestLink.undone_at.is_(None),
    )
    return session.scalars(query.order_by(RequestLink.at.desc()).limit(1)).one()
