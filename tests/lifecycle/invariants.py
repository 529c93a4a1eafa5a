"""What holds on any path (data-model.md), each said once and looked at after every act."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from helpdesk.domain.assignments import ENDED, AssignmentState
from helpdesk.domain.scopes import Ask
from helpdesk.models import Assignment, Decision, DecisionLine, Referral
from infrastructure.database import Wall
from infrastructure.outbox import OutboxMessage
from infrastructure.trail import Event
from service_request.domain.clocks import CHASE_AFTER_DAYS
from service_request.domain.consent import Agrees, Told
from service_request.domain.states import RequestState
from service_request.models import (
    AskedFor,
    AskedKind,
    AskedState,
    Clock,
    ClockKind,
    Consent,
    Grant,
    LinkKind,
    Outcome,
    OutcomeState,
    RequestLink,
    ServiceRequest,
    Similarity,
    Subject,
    Task,
)
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.rules import UNDECIDED, RequestAct, Standing
from tests.lifecycle.records import Records

NAMES = ("Hartley", "Callum", "Rahman", "Tanners", "hungry")  # what was typed: none of it belongs in a trail
ONCE = ("acknowledgement", "call_received")  # letters that a request sends at most once


def check_all(records: Records, *, inside: UUID, now: datetime) -> None:
    """Assert all that must hold on any path."""
    for request in records.requests():
        if request.id == inside:
            check_inside(records, request)
            continue
        check_state(records, request)
        check_decision_clock(records, request)
        check_clocks(records, request, now)
        check_moves(records, request)
        check_asked(records, request)
        check_folded(records, request)
    check_lines(records)
    check_referrals(records)
    check_assignments(records)
    check_once(records)
    check_wall(records, inside)


def check_state(records: Records, request: ServiceRequest) -> None:
    """GL-9, GL-14: decided means every child has its line, and no request closes without an outcome that was told."""
    outcomes = records.all(Outcome, request.id)
    subjects = records.all(Subject, request.id)
    assert subjects, "somebody must be decided about"
    was_withdrawn = request.ended_why is not None
    if request.state in (RequestState.DECIDED, RequestState.CLOSED) and not was_withdrawn:
        assert len(records.current_lines(request.id)) == len(subjects)
        assert request.decided_at is not None
    if request.state in (RequestState.DECIDED, RequestState.CLOSED):
        assert outcomes, "no close without an outcome"
    if request.state is RequestState.CLOSED:
        assert request.closed_at is not None
        if not was_withdrawn:
            assert not {one.state for one in outcomes} & {OutcomeState.OWED, OutcomeState.FAILED}
        assert all(one.state in ENDED for one in records.all(Assignment, request.id))
        ids = {row.id for row in subjects}
        referrals = [row for row in records.all(Referral) if row.subject_id in ids]
        assert all(row.closed_on or row.withdrawn_at for row in referrals)
    else:
        assert request.closed_at is None
    if request.state is RequestState.SET_ASIDE:
        assert request.set_aside_reason and request.before_set_aside in UNDECIDED
    else:
        assert request.set_aside_reason is None and request.before_set_aside is None


def check_decision_clock(records: Records, request: ServiceRequest) -> None:
    """GL-8, EV-7: the 24 hours run from the receipt until all are decided, and no due time is ever later than it was."""
    decision = [row for row in records.all(Clock, request.id) if row.kind is ClockKind.DECISION]
    running = [row for row in decision if row.ended_at is None]
    assert len(running) == (request.state in UNDECIDED), "an open request has a running clock, and no other has"
    own = request.received_at + timedelta(hours=24)
    assert decision and max(row.due_at for row in decision) == own
    for row in decision:
        assert row.due_at == own or row.from_clock_id is not None, "a due time that nobody gave"
    if running:
        earliest = min(row.received_at for row in [request, *_folded_into(records, request.id)])
        assert running[0].due_at == earliest + timedelta(hours=24), "the survivor keeps the earliest due time"


def _folded_into(records: Records, request_id: UUID) -> list[ServiceRequest]:
    """Return what is folded into a request, and into those."""
    found = [row for row in records.requests([RequestState.FOLDED]) if row.folded_into_id == request_id]
    return [*found, *(deeper for row in found for deeper in _folded_into(records, row.id))]


def check_clocks(records: Records, request: ServiceRequest, now: datetime) -> None:
    """EV-7: the request shows the earliest due time of what runs; what ended calls nobody; one of a kind runs."""
    clocks = records.all(Clock, request.id)
    running = [row for row in clocks if row.ended_at is None]
    assert request.next_due_at == min((row.due_at for row in running), default=None)
    assert all(row.next_act_at is None or row.ended_at is None for row in clocks)
    assert all((row.end is None) == (row.ended_at is None) for row in clocks)
    owned = Counter((row.owner_kind, row.owner_id, row.kind) for row in running)
    assert not owned or max(owned.values()) == 1
    assert all(row.warn_at <= row.due_at <= row.escalate_at for row in clocks)


def check_moves(records: Records, request: ServiceRequest) -> None:
    """EV-5: the trail tells every state there was, without a gap, and no word of anybody."""
    acts = {*RequestAct, "receive"}
    events = records.all(Event, request.id)
    moves = [event for event in events if event.act in acts and event.to_state]
    assert moves[-1].to_state == request.state
    for before, after in pairwise(moves):
        assert before.to_state == after.from_state
    for before, after in pairwise(events):
        assert after.seq == before.seq + 1 and after.prev == before.hash and after.at >= before.at
    assert not any(name in str(event.facts) for event in events for name in NAMES)


def check_asked(records: Records, request: ServiceRequest) -> None:
    """GL-3, GL-17: what was asked is open, answered, given up or withdrawn; a request waits for what is open, or not."""
    asked = records.all(AskedFor, request.id)
    for row in asked:
        assert (row.state is AskedState.OPEN) == (row.ended_at is None)
        assert row.state is AskedState.OPEN or row.next_chase_at is None, "what ended is not chased"
        assert row.state is not AskedState.GIVEN_UP or row.reason_code
        assert row.chased <= len(CHASE_AFTER_DAYS), "nobody is reminded more often than was said"
    open_details = [row for row in asked if row.state is AskedState.OPEN and row.kind is AskedKind.DETAILS]
    assert len(open_details) <= 1
    if request.state is RequestState.AWAITING_INFORMATION:
        assert open_details, "it waits for something"
    if request.state in (RequestState.CLOSED, RequestState.FOLDED, RequestState.SET_ASIDE):
        assert not [row for row in asked if row.state is AskedState.OPEN], "nobody is chased for what ended"


def check_folded(records: Records, request: ServiceRequest) -> None:
    """GL-14, EV-7: what is folded says into what, is linked to it, and no way leads round in a ring."""
    is_folded = request.state is RequestState.FOLDED
    assert is_folded == (request.folded_into_id is not None) == (request.before_folded is not None)
    links = [
        row
        for row in records.all(RequestLink)
        if row.kind is LinkKind.SAME_ASK and row.from_id == request.id and row.undone_at is None
    ]
    assert [row.to_id for row in links] == ([request.folded_into_id] if is_folded else [])
    seen, here = {request.id}, request
    while here.folded_into_id is not None:
        here = records.by_id[here.folded_into_id]
        assert here.id not in seen and here.wall is request.wall
        seen.add(here.id)


def check_lines(records: Records) -> None:
    """GL-9: one line holds for a child, and a decision that replaces another says so and why."""
    current = Counter(line.subject_id for line in records.all(DecisionLine) if line.current)
    assert not current or max(current.values()) == 1
    for row in records.all(Decision):
        assert (row.supersedes_id is None) == (row.why_superseded is None)
        if row.supersedes_id is not None:
            assert records.by_id[row.supersedes_id].request_id == row.request_id


def check_referrals(records: Records) -> None:
    """GL-6, GL-7: no referral of a child without a name, or whose family was not told and no manager overrode it."""
    for line in records.all(DecisionLine):
        assert records.by_id[line.decision_id].by_id is not None
    for referral in records.all(Referral):
        line, subject = records.by_id[referral.decision_line_id], records.by_id[referral.subject_id]
        decision = records.by_id[line.decision_id]
        assert line.standing is Standing.REFERRAL
        assert not subject.is_anonymous or referral.withdrawn_at is not None
        assert records.by_id[subject.request_id].kind != FormKind.IN_PRINCIPLE or referral.withdrawn_at is not None
        assert _told_at(records, subject.request_id, decision.at) & {Told.YES, Told.RISK, Told.OVERRIDE}
        assert line.current or referral.withdrawn_at is not None


def _told_at(records: Records, request_id: UUID, at: datetime) -> set[Told]:
    """Return what was on record at a moment; several answers of one moment all count."""
    known = [row for row in records.all(Consent, request_id) if row.at <= at]
    last = max(row.at for row in known)
    return {row.told for row in known if row.at == last}


def check_assignments(records: Records) -> None:
    """GL-12, GL-17: a team sees what it has and no longer; early help needs a yes; nobody's clock runs for nothing."""
    grants = {row.assignment_id: row for row in records.all(Grant) if row.assignment_id is not None}
    clocks: dict[Any, Any] = {}
    for row in records.all(Clock):
        if row.kind is ClockKind.ACKNOWLEDGE and (row.owner_id not in clocks or row.ended_at is None):
            clocks[row.owner_id] = row
    for one in records.all(Assignment):
        gone = one.state in (AssignmentState.WITHDRAWN, AssignmentState.HANDED_BACK)
        assert (grants[one.id].until is not None) is gone
        waits = one.state in (AssignmentState.SENT, AssignmentState.LAPSED)
        assert (clocks[one.id].ended_at is None) is waits
        if one.ask == Ask.EARLY_HELP:
            known = [row for row in records.all(Consent, one.request_id) if row.at <= one.sent_at]
            last = max(row.at for row in known)
            assert any(row.agrees is Agrees.YES or row.told is Told.OVERRIDE for row in known if row.at == last)


def check_once(records: Records) -> None:
    """EV-2, EV-3: nothing is owed twice, no task made twice, and one decision has one outcome."""
    letters = records.all(OutboxMessage)
    assert len(letters) == len({row.key for row in letters})
    once = Counter((row.template, row.about_id, row.to_hash) for row in letters if row.template in ONCE)
    assert not once or max(once.values()) == 1
    tasks = records.all(Task)
    assert len(tasks) == len({row.cause for row in tasks})
    outcomes = Counter((row.decision_id, row.request_id) for row in records.all(Outcome) if row.decision_id is not None)
    assert not outcomes or max(outcomes.values()) == 1


def check_inside(records: Records, request: ServiceRequest) -> None:
    """SE-5: what stands inside the wall is as it was: nothing of the desk has touched it."""
    assert request.wall is Wall.SENDIASS and request.state is RequestState.RECEIVED
    assert [event.act for event in records.all(Event, request.id)[:1]] == ["receive"]


def check_wall(records: Records, inside: UUID) -> None:
    """SE-5: no hint, link, sight, task or letter joins the two sides."""
    for row in records.all(Similarity):
        assert inside not in (row.request_id, row.earlier_request_id)
    for row in records.all(RequestLink):
        assert inside not in (row.from_id, row.to_id)
    assert not records.all(Grant, inside)
    assert all(row.wall is Wall.SENDIASS for row in records.all(Task, inside))
