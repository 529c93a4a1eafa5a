"""Who asked by a request that was folded is told the outcome of the other one: their own part, and once (GL-14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models import Assignment, Decision, DecisionLine, Referral
from infrastructure.database import Wall
from infrastructure.house import House
from infrastructure.identity.models import Team, UserAccount
from infrastructure.trail import Actor
from service_request.domain.states import RequestState
from service_request.models import Audience, Referrer, ServiceRequest, Subject
from service_request.pathways.social_care.outcome import DecidedRow, Done, OutcomeWords
from service_request.pathways.social_care.rules import ContactReason, LineChoice
from service_request.services.outcomes import add_action, list_done, owe_outcome, take_back, was_told, way_to
from service_request.services.sight.system import list_calls_reached, list_folded_into, list_subjects

TITLE = "manager"  # which team it is, is said to whoever asked by the request that was decided


def tell_folded(
    session: Session,
    survivor: ServiceRequest,
    decision: Decision,
    *,
    is_corrected: bool,
    by: Actor,
    now: datetime,
    house: House,
) -> None:
    """Owe the outcome to all who asked by what was folded into a decided request, inside its transaction (GL-14).

    Each by the proof of their own address, of their own children and in their own words; nobody is told twice.
    """
    members = list_folded_into(session, survivor)
    _tell(session, survivor, members, members, decision, is_corrected=is_corrected, by=by, now=now, house=house)


def tell_late(
    session: Session, survivor: ServiceRequest, own: ServiceRequest, *, by: Actor, now: datetime, house: House
) -> None:
    """Owe it to who asked by what was folded into a request that was decided already."""
    if survivor.state is not RequestState.DECIDED:
        return
    query = select(Decision).where(Decision.wall == Wall.OPEN, Decision.request_id == survivor.id)
    decision = session.scalars(query.order_by(Decision.at.desc(), Decision.id.desc()).limit(1)).one()
    late = [own, *list_folded_into(session, own)]
    every = list_folded_into(session, survivor)
    _tell(session, survivor, every, late, decision, is_corrected=False, by=by, now=now, house=house)


def take_back_untold(session: Session, own: ServiceRequest, *, by: Actor, now: datetime) -> None:
    """Take back what was owed by the fold alone, since these requests are decided by themselves again."""
    for one in (own, *list_folded_into(session, own)):
        take_back(session, one.id, by=by, now=now)


def add_done(session: Session, request: ServiceRequest, subject_id: UUID, done: Done, *, now: datetime) -> None:
    """Add what was done for a child to the outcome, and to that of each request folded in that is about this child.

    Where a request is about several children its own name for the child stands before it: "Callum Hartley, 9: ".
    """
    members = list_folded_into(session, request)
    own = [(one, one.id) for one in list_subjects(session, request.id)]
    for request_id, children in {request.id: own, **_children(session, request, members)}.items():
        for child, theirs in children:
            if theirs == subject_id:
                named = f"{child.label or f'Child {child.number}'}: " if len(children) > 1 else ""
                add_action(session, request_id, replace(done, words=named + done.words), now=now)


def _tell(
    session: Session,
    survivor: ServiceRequest,
    every: list[ServiceRequest],
    these: list[ServiceRequest],
    decision: Decision,
    *,
    is_corrected: bool,
    by: Actor,
    now: datetime,
    house: House,
) -> None:
    ids = {one.id for one in these}
    told = _hears(survivor.referrer)
    for one in every:
        if one.id not in ids:
            told |= _hears(one.referrer)
    name = session.scalars(select(UserAccount.name).where(UserAccount.id == decision.by_id)).one()
    children = _children(session, survivor, every)
    for one in these:
        reached = _reached(one.referrer)
        mine = children[one.id]
        was_corrected = is_corrected or was_told(session, one.id)
        words = OutcomeWords(
            rows=tuple(_row(session, subject, theirs) for subject, theirs in mine),
            why=decision.reason or "",
            decided_at=decision.at,
            decided_by=name,
            decided_by_title=TITLE,
            is_corrected=was_corrected,
            actions=tuple(_actions(session, one, mine, decision, now, is_corrected=is_corrected)),
        )
        owe_outcome(
            session,
            one,
            words,
            decision_id=decision.id,
            audience=None if mine else Audience.PUBLIC,
            with_another=bool(reached & told),
            by=by,
            now=now,
            house=house,
        )
        told |= _hears(one.referrer)


def _hears(referrer: Referrer) -> set[str]:
    """Return by what somebody hears of their own outcome: nobody does by a way that is not safe (EV-2, GL-14)."""
    return set() if way_to(referrer).reason else _reached(referrer)


def _reached(referrer: Referrer) -> set[str]:
    """Return by what somebody is known to be the same reader: the address, and only where there is none the number."""
    address = (referrer.email or "").strip().lower()
    number = "".join(one for one in referrer.phone or "" if one.isdigit())
    return {address} if address else {number} if number else set()


Children = list[tuple[Subject, UUID]]  # each child of a folded request, and which of the decided one it is


def _children(session: Session, survivor: ServiceRequest, members: Iterable[ServiceRequest]) -> dict[UUID, Children]:
    of_member = {one.id: list_subjects(session, one.id) for one in members}
    into = {one.id: one.folded_into_id for found in of_member.values() for one in found}
    decided = {one.id for one in list_subjects(session, survivor.id)}
    found: dict[UUID, Children] = {}
    for member_id, subjects in of_member.items():
        found[member_id] = []
        for subject in subjects:
            theirs = _end_of(subject.id, into)
            if theirs in decided:
                found[member_id].append((subject, theirs))
    return found


def _end_of(subject_id: UUID, into: Mapping[UUID, UUID | None]) -> UUID:
    while (following := into.get(subject_id)) is not None:
        subject_id = following
    return subject_id


def _row(session: Session, subject: Subject, theirs: UUID) -> DecidedRow:
    line = session.scalars(
        select(DecisionLine).where(
            DecisionLine.wall == Wall.OPEN, DecisionLine.subject_id == theirs, DecisionLine.current
        )
    ).one()
    choice = LineChoice(line.standing, line.action, line.contact_reason)
    kind = select(Referral.kind).where(Referral.wall == Wall.OPEN, Referral.decision_line_id == line.id)
    sent = select(Assignment.id).where(Assignment.wall == Wall.OPEN, Assignment.decision_line_id == line.id).limit(1)
    is_sent = session.scalars(sent).first() is not None
    return DecidedRow(
        number=subject.number,
        label=subject.label or f"Child {subject.number}",
        choice=choice,
        kind=session.scalars(kind).one_or_none(),
        with_locality=choice.contact_reason is ContactReason.CRITERIA and is_sent,
    )


def _actions(
    session: Session,
    request: ServiceRequest,
    children: Children,
    decision: Decision,
    now: datetime,
    *,
    is_corrected: bool,
) -> list[Done]:
    """Return what was done that is theirs to read: their own request and calls, and the teams of their own children."""
    if is_corrected:
        done = [*list_done(session, request.id), Done(now, "A new decision replaced the earlier one.")]
    else:
        done = [Done(request.received_at, "Your request received.")]
        done += [Done(at, "We spoke to you by phone.") for at in list_calls_reached(session, request.id)]
        done.append(Done(decision.at, "Decided."))
    query = (
        select(Team.name, Assignment.sent_at)
        .join(Assignment, Assignment.team_id == Team.id)
        .where(
            Assignment.wall == Wall.OPEN,
            Assignment.subject_id.in_([theirs for _, theirs in children]),
            Assignment.sent_at >= decision.at,
        )
        .order_by(Assignment.sent_at, Team.name)
    )
    passed = dict.fromkeys((at, f"Passed to {name}.") for name, at in session.execute(query))
    return [*done, *(Done(at, words) for at, words in passed)]
