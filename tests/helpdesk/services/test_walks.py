"""Whatever people do, in whatever order, what must always hold does hold (data-model's invariants; T35, EV-7)."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import ENDED, AssignmentState, HandBackReason
from helpdesk.domain.closures import Closure, NotToldReason
from helpdesk.domain.scopes import Ask as AskedFor
from helpdesk.models import Assignment, Decision, DecisionLine, Referral
from helpdesk.services import assignments, telling, triage
from helpdesk.services.agreement import record_consent
from helpdesk.services.closing import close, ended
from helpdesk.services.decide import NewLine, decide
from helpdesk.services.held_back import held
from helpdesk.services.route import send_to_team
from helpdesk.services.watch import act_on_clock
from infrastructure.house import House
from infrastructure.identity.models import Membership, Role
from infrastructure.outbox import OutboxMessage, Result
from infrastructure.outbox.deliver import Carrier, deliver, list_due
from infrastructure.outbox.senders import Sent
from infrastructure.trail import Event, verify
from service_request.domain.consent import Agrees, Told
from service_request.domain.errors import DomainError
from service_request.domain.standing import ReferralKind
from service_request.domain.states import RequestState
from service_request.models import (
    Clock,
    ClockKind,
    Consent,
    Grant,
    Outcome,
    OutcomeState,
    ReferrerKind,
    ServiceRequest,
    Subject,
    Task,
)
from service_request.pathways.social_care.rules import LINE_CHOICES, UNDECIDED, RequestAct, SetAsideReason, Standing
from service_request.services.clocks import list_due_clocks
from service_request.services.delivery import late
from service_request.services.guarding import make_guard
from service_request.services.lock_order import lock_matter
from service_request.services.mail.answering import make_reached_at
from service_request.services.reports import opted_out
from service_request.services.sight.addressed import why_not
from tests.factories import CALLUM, NOW, OVERRIDE, RYAN, Child, County, make_decision, make_request
from tests.helpdesk.conftest import Ask

WALKS = 25 if os.environ.get("EFFORT") == "full" else 2
STEPS = 120 if os.environ.get("EFFORT") == "full" else 60


class Carries:
    """A carrier that takes most messages, and refuses some for good."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def send(self, parcel: Any) -> Sent:
        return Sent(Result.PERMANENT, "550") if self.chance.random() < 0.2 else Sent(Result.ACCEPTED, "250")


class Walk:
    """A few requests and everybody who may act on them, each step one act by chance."""

    def __init__(self, session: Session, house: House, county: County, ask: Ask, seed: int) -> None:
        self.session, self.house, self.county, self.ask = session, house, county, ask
        self.chance, self.now = random.Random(seed), NOW
        self.done: Counter[str] = Counter()
        chance = self.chance
        kinds = [ReferrerKind.PROFESSIONAL, ReferrerKind.FAMILY, ReferrerKind.PUBLIC]
        for _ in range(3):
            children = chance.choice([(CALLUM,), (CALLUM, RYAN), (CALLUM, Child(None))])
            make_request(
                session,
                children=children,
                area_id=chance.choice([county.teasel, county.aldermoor, None]),
                told=chance.choice([Told.YES, Told.NOT_ESTABLISHED, Told.RISK]),
                agrees=chance.choice(list(Agrees)),
                referrer={"kind": chance.choice(kinds), "safe": chance.choice(["yes", "unset", "no"])},
            )
        everybody = (
            county.officer,
            county.officer_two,
            county.manager,
            county.manager_aldermoor,
            county.service_manager,
            county.social_worker,
            county.locality_worker,
        )
        self.people = everybody

    @property
    def acts(self) -> dict[str, Callable[[], None]]:
        names = [name for name in dir(self) if name.startswith("act_")]
        return {name.removeprefix("act_"): getattr(self, name) for name in names}

    def step(self) -> None:
        name, act = self.chance.choice(sorted(self.acts.items()))
        try:
            act()
            self.done[name] += 1
        except DomainError:
            self.session.rollback()

    def common(self) -> dict[str, Any]:
        return {"by": self.chance.choice(self.people), "now": self.now, "house": self.house}

    def any_request(self) -> ServiceRequest:
        row: ServiceRequest = self.chance.choice(self.ask.all(ServiceRequest))
        return row

    def on_request(self, what: Callable[..., Any], **values: Any) -> None:
        what(self.session, request_id=self.any_request().id, **self.common(), **values)

    def on_assignment(self, what: Callable[..., Any], **values: Any) -> None:
        rows = self.ask.all(Assignment)
        if rows:
            row = self.chance.choice(rows)
            places = self.ask.all(Membership, Membership.team_id == row.team_id)
            own = [one for one in self.people if one.id in {place.user_id for place in places}]
            common = {**self.common(), "by": self.chance.choice(own or self.people)}
            what(self.session, assignment_id=row.id, **common, **values)

    def act_wait(self) -> None:
        self.now += timedelta(hours=self.chance.choice([1, 3, 12]))
        for clock_id in list_due_clocks(self.session, self.now):
            act_on_clock(self.session, clock_id, now=self.now, house=self.house)

    def act_deliver(self) -> None:
        carrier = Carrier(
            {"email": Carries(self.chance)},
            make_guard(self.house.settings),
            held,
            ended,
            late,
            why_not,
            opted_out,
            lock_matter,
            make_reached_at(self.house.settings),
        )
        for row_id in list_due(self.session, now=self.now):
            deliver(self.session, row_id, carrier, self.house.settings, lambda: self.now)

    def act_claim(self) -> None:
        self.on_request(triage.claim)

    def act_release(self) -> None:
        self.on_request(triage.release)

    def act_pass(self) -> None:
        self.on_request(triage.pass_to_manager)

    def act_pass_more(self) -> None:
        self.on_request(triage.pass_to_manager)

    def act_return(self) -> None:
        self.on_request(triage.return_to_desk, reason="More is needed.")

    def act_set_aside(self) -> None:
        self.on_request(triage.set_aside, reason=SetAsideReason.JUNK)

    def act_restore(self) -> None:
        self.on_request(triage.restore)

    def act_restore_more(self) -> None:
        self.on_request(triage.restore)

    def act_note(self) -> None:
        self.on_request(triage.add_note, words="A note.")

    def act_consent(self) -> None:
        told = self.chance.choice([Told.YES, Told.NOT_ESTABLISHED])
        agrees = self.chance.choice([Agrees.YES, Agrees.NO]) if told is Told.YES else Agrees.NOT_ASKED
        self.on_request(record_consent, told=told, agrees=agrees, agrees_who="parent")

    def act_decide(self) -> None:
        request = self.any_request()
        subjects = self.ask.subjects(request.id)
        chosen = self.chance.sample(subjects, self.chance.randint(1, len(subjects)))
        replaces = request.state in (RequestState.DECIDED, RequestState.CLOSED) or self.chance.random() < 0.1
        decision = make_decision(
            *(self.line(one) for one in chosen),
            override=self.chance.choice([None, None, OVERRIDE]),
            why_superseded="Something new came." if replaces else None,
        )
        decide(self.session, request_id=request.id, decision=decision, **self.common())

    act_decide_more = act_decide_most = act_decide

    def line(self, subject_id: Any) -> Any:
        choice = self.chance.choice(LINE_CHOICES)
        kind = self.chance.choice(list(ReferralKind)) if choice.standing is Standing.REFERRAL else None
        return NewLine(subject_id, choice.standing, choice.action, choice.contact_reason, kind)

    def act_acknowledge(self) -> None:
        self.on_assignment(assignments.acknowledge)

    def act_hand_back(self) -> None:
        self.on_assignment(assignments.hand_back, reason=HandBackReason.NO_CAPACITY)

    def act_finish(self) -> None:
        self.on_assignment(assignments.finish, words="Done.")

    def act_close_referral(self) -> None:
        closed_on = self.house.calendar.local_day(self.now)
        self.on_assignment(assignments.close_referral, closure=Closure.OTHER, closed_on=closed_on)

    def act_send_on(self) -> None:
        rows = self.ask.all(Subject)
        row = self.chance.choice(rows)
        team_id = self.chance.choice([self.county.assessment, self.county.locality, self.county.desk])
        send_to_team(self.session, request_id=row.request_id, subject_id=row.id, team_id=team_id, **self.common())

    def act_tell(self) -> None:
        rows = self.ask.all(Outcome)
        if rows:
            row, by = self.chance.choice(rows), self.chance.choice(self.people)
            values = {"outcome_id": row.id, "by": by, "now": self.now}
            if self.chance.random() < 0.5:
                telling.told_by_phone(self.session, words="Told.", **values)
            else:
                telling.not_deliverable(self.session, reason=NotToldReason.DECLINED, **values)

    def act_close(self) -> None:
        close(self.session, request_id=self.any_request().id, by=self.chance.choice(self.people), now=self.now)


def check_invariants(session: Session, ask: Ask) -> None:
    """Assert all that must hold on any path."""
    for request in ask.all(ServiceRequest):
        check_request(ask, request)
        check_clocks(ask, request)
        check_moves(ask, request)
    check_referrals(ask)
    check_assignments(ask)
    for (subject_id, is_current), count in Counter(
        (line.subject_id, line.current) for line in ask.all(DecisionLine)
    ).items():
        assert not is_current or count == 1, subject_id
    assert list(verify(session)) == []


def check_request(ask: Ask, request: ServiceRequest) -> None:
    subjects = ask.subjects(request.id)
    outcomes = ask.all(Outcome, Outcome.request_id == request.id)
    current = [line for subject in subjects for line in ask.current_lines(subject)]
    if request.state in (RequestState.DECIDED, RequestState.CLOSED):
        assert len(current) == len(subjects)
        assert outcomes  # no decision without an outcome, told or owed
    if request.state is RequestState.CLOSED:
        assert not {one.state for one in outcomes} & {OutcomeState.OWED, OutcomeState.FAILED}
        assert all(one.state in ENDED for one in ask.assignments(request.id))
        referrals = [one for subject in subjects for one in ask.referrals(subject)]
        assert all(one.closed_on or one.withdrawn_at for one in referrals)
        assert request.closed_at is not None
    else:
        assert request.closed_at is None


def check_clocks(ask: Ask, request: ServiceRequest) -> None:
    clocks = ask.all(Clock, Clock.request_id == request.id)
    running = [one for one in clocks if one.ended_at is None]
    decision = [one for one in clocks if one.kind is ClockKind.DECISION]
    assert len([one for one in decision if one.ended_at is None]) == (request.state in UNDECIDED)
    assert {one.due_at for one in decision} == {request.received_at + timedelta(hours=24)}
    assert request.next_due_at == min((one.due_at for one in running), default=None)
    assert all((one.next_act_at is None) or one.ended_at is None for one in clocks)


def check_moves(ask: Ask, request: ServiceRequest) -> None:
    acts = {*RequestAct, "receive"}
    events = ask.all(Event, Event.stream_id == request.id)
    moves = [event for event in events if event.act in acts and event.to_state]
    assert moves[-1].to_state == request.state
    for before, after in pairwise(moves):
        assert before.to_state == after.from_state
    for event in events:
        assert "Hartley" not in str(event.facts)


def check_referrals(ask: Ask) -> None:
    consents, decisions = ask.all(Consent), {one.id: one for one in ask.all(Decision)}
    subjects = {one.id: one for one in ask.all(Subject)}
    managers = {one.user_id for one in ask.all(Membership, Membership.role == Role.MANAGER)}
    for line in ask.all(DecisionLine):
        assert decisions[line.decision_id].by_id in managers
    for referral in ask.all(Referral):
        line = ask.one(DecisionLine, DecisionLine.id == referral.decision_line_id)
        decision, subject = decisions[line.decision_id], subjects[referral.subject_id]
        assert line.standing is Standing.REFERRAL
        assert not subject.is_anonymous
        assert latest_told(consents, subject.request_id, decision.at) & {Told.YES, Told.RISK, Told.OVERRIDE}
        assert line.current or referral.withdrawn_at is not None


def latest_told(consents: list[Consent], request_id: Any, at: datetime) -> set[Told]:
    """Return what was on record at a moment; several answers of one moment all count."""
    known = [one for one in consents if one.request_id == request_id and one.at <= at]
    last = max(one.at for one in known)
    return {one.told for one in known if one.at == last}


def check_assignments(ask: Ask) -> None:
    grants = {one.assignment_id: one for one in ask.all(Grant)}
    clocks = {one.owner_id: one for one in ask.all(Clock, Clock.kind == ClockKind.ACKNOWLEDGE)}
    consents = ask.all(Consent)
    for one in ask.all(Assignment):
        gone = one.state in (AssignmentState.WITHDRAWN, AssignmentState.HANDED_BACK)
        assert (grants[one.id].until is not None) is gone
        waits = one.state in (AssignmentState.SENT, AssignmentState.LAPSED)
        assert (clocks[one.id].ended_at is None) is waits
        if one.ask == AskedFor.EARLY_HELP:  # no route without agreement or an override on record
            known = [row for row in consents if row.request_id == one.request_id and row.at <= one.sent_at]
            last = max(row.at for row in known)
            assert any(row.agrees is Agrees.YES or row.told is Told.OVERRIDE for row in known if row.at == last)


@pytest.mark.storage
@pytest.mark.rule("GL-7")
@pytest.mark.rule("GL-14")
@pytest.mark.rule("EV-7")
@pytest.mark.parametrize("seed", range(WALKS))
def test_whatever_people_do_in_whatever_order_the_invariants_hold(
    session: Session, house: House, county: County, ask: Ask, seed: int
) -> None:
    walk = Walk(session, house, county, ask, seed)
    for _ in range(STEPS):
        walk.step()
        check_invariants(session, ask)
    assert len(ask.all(OutboxMessage)) == len({row.key for row in ask.all(OutboxMessage)})
    assert len(ask.all(Task)) == len({row.cause for row in ask.all(Task)})
    assert len(walk.done) > 8  # a walk that is refused everywhere proves nothing
