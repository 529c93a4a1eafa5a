"""The acts of the desk, of managers, teams, referrers and the worker, as a machine that draws them in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar
from uuid import uuid4

import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from helpdesk.domain.assignments import AssignmentState, HandBackReason
from helpdesk.domain.closures import Closure, NotToldReason, OpenCase
from helpdesk.models import Assignment, Referral
from helpdesk.services import assignments, telling, triage
from helpdesk.services.agreement import record_consent
from helpdesk.services.closing import close
from helpdesk.services.decide import NewLine, decide
from helpdesk.services.route import send_to_team
from infrastructure.identity.users import User
from infrastructure.trail import verify
from service_request.domain.consent import Agrees, Told
from service_request.domain.standing import ReferralKind
from service_request.domain.states import RequestState
from service_request.models import Outcome, OutcomeState, ServiceRequest, Similarity, SimilarityState, Subject
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.rules import LINE_CHOICES, UNDECIDED, SetAsideReason, Standing
from service_request.services.matching import answer_similarity
from tests.factories import NOW, OVERRIDE, make_decision
from tests.lifecycle import forms_sent
from tests.lifecycle.records import Records
from tests.lifecycle.town import Ground, Town

WHICH = st.integers(0, 11)
WHO = st.integers(0, 9)  # mostly who should; the last two: anybody at all
# Mostly nobody dies; else before some statement, at the commit, or just after it.
DIES = st.sampled_from([None] * 12 + ["1", "4", "9", "14", "commit", "committed"])
KINDS = sorted(forms_sent.SENT)
LINES = st.lists(st.sampled_from(LINE_CHOICES), min_size=3, max_size=3)
DECIDED = (RequestState.DECIDED, RequestState.CLOSED)
NOT_TAKEN = (AssignmentState.SENT, AssignmentState.LAPSED)
MOST_REQUESTS = 5


def while_any(*states: RequestState) -> Callable[..., Any]:
    """Draw this act while a request stands in one of these states: most acts are done, a few are refused."""
    return precondition(lambda self: bool(self.requests(states)))


class Desk(RuleBasedStateMachine):
    """What the product does today; the other parts of the lifecycle are added to it."""

    ground: ClassVar[Ground]

    def __init__(self) -> None:
        super().__init__()
        self.clock = time_machine.travel(NOW, tick=False)
        self.town = Town(self.ground, self.clock.start())
        self.sent: list[tuple[Any, str, str]] = []

    def teardown(self) -> None:
        """Let a night go by with nobody there but the worker; then the trail must be whole."""
        try:
            self.town.wait(15)
            assert list(verify(self.town.session)) == []
            self.town.session.rollback()
        finally:
            self.clock.stop()

    @property
    def records(self) -> Records:
        """Return all that stands there now."""
        return self.town.records

    def requests(self, states: Iterable[RequestState] | None = None) -> list[Any]:
        """Return the desk's requests in these states."""
        return [row for row in self.records.requests(states) if row.id != self.town.inside]

    def one(self, which: int, *states: RequestState) -> ServiceRequest:
        """Return one of the requests in these states; now and then one that is in none of them."""
        fitting = self.requests(states) if states and which < 10 else []
        rows = fitting or self.requests()
        row: ServiceRequest = rows[which % len(rows)]
        return row

    def who(self, number: int, *fitting: User) -> User:
        """Return who should do it, mostly."""
        return fitting[number % len(fitting)] if number < 8 else self.town.people[(number * 3) % len(self.town.people)]

    def officer(self, number: int) -> User:
        """Return an officer of the desk, mostly."""
        return self.who(number, self.town.county.officer, self.town.county.officer_two)

    def manager_of(self, number: int, request: ServiceRequest) -> User:
        """Return the manager who decides it, mostly."""
        c = self.town.county
        return self.who(number, c.manager_aldermoor if request.area_id == c.aldermoor else c.manager)

    def act(self, name: str, what: Callable[..., Any], dies: str | None, /, **values: Any) -> Any:
        """Do it with what every service is handed."""
        return self.town.do(name, what, dies, **{"house": self.town.house, **values})

    # At the door.

    @initialize(kinds=st.lists(st.sampled_from(KINDS), min_size=3, max_size=3), lines=LINES)
    def begin(self, kinds: list[str], lines: list[Any]) -> None:
        """Before anything else there are a request, one that waits for its decision, and one that is decided."""
        for what in kinds:
            self.submit(what, None)
        self.send_again(0)
        self.town.wait(0.1)
        came = [row.id for row in self.requests()]
        for request_id in came[1:]:
            self.act("pass", triage.pass_to_manager, None, request_id=request_id, by=self.town.county.officer)
        self.answer_hints(came[2])
        self.decide_it(self.records.by_id[came[2]], lines, override=True)

    @precondition(lambda self: len(self.requests()) < MOST_REQUESTS)
    @rule(what=st.sampled_from(KINDS), dies=DIES)
    def send_a_form(self, what: str, dies: str | None) -> None:
        self.submit(what, dies)

    def submit(self, what: str, dies: str | None) -> None:
        """Fill in a form and press Send; who saw no answer presses again, and it is one request."""
        draft, digest = forms_sent.fill(self.town.session, what, now=self.town.now, house=self.town.house)
        before = len(self.requests())
        values = {"draft": draft, "digest": digest}
        receipt = dies and self.act("submit", forms_sent.send, dies, **values)
        receipt = receipt or self.act("submit", forms_sent.send, None, must=True, **values)
        assert len(self.requests()) == before + 1
        self.sent.append((draft, digest, receipt.reference))

    def send_again(self, which: int) -> None:
        """EV-3: the same form sent again is the same request, and nothing new."""
        draft, digest, reference = self.sent[which % len(self.sent)]
        before = self.records.trace()
        receipt = self.act("resubmit", forms_sent.send, None, draft=draft, digest=digest)
        assert receipt.reference == reference and self.records.trace() == before

    @precondition(lambda self: len(self.requests()) < MOST_REQUESTS)
    @rule(who=WHO, dies=DIES)
    def take_a_call(self, who: int, dies: str | None) -> None:
        """GL-1, GL-7: a call, saved again where the process died under it."""
        values = {"call_id": uuid4(), "by": self.officer(who)}
        before = len(self.requests())
        if dies:
            self.act("call", forms_sent.call, dies, **values)
        self.act("call", forms_sent.call, None, must=True, **values)
        assert len(self.requests()) == before + 1

    @precondition(lambda self: any(row.kind == FormKind.CALL for row in self.requests()))
    @rule(which=WHICH, dies=DIES)
    def write_the_form_of_a_call(self, which: int, dies: str | None) -> None:
        """GL-1: the written form completes that same request, whatever became of it."""
        called = [row for row in self.requests() if row.kind == FormKind.CALL]
        row = called[which % len(called)]
        what = ("one child", "two brothers")[which % 2]
        draft, digest = forms_sent.fill(
            self.town.session, what, completes=row.id, now=self.town.now, house=self.town.house
        )
        before = len(self.requests())
        self.act("complete", forms_sent.send, dies, draft=draft, digest=digest)
        assert len(self.requests()) == before

    # At the desk.

    @while_any(RequestState.RECEIVED, RequestState.IN_TRIAGE)
    @rule(which=WHICH, who=WHO, dies=DIES)
    def claim(self, which: int, who: int, dies: str | None) -> None:
        row = self.one(which, RequestState.RECEIVED, RequestState.IN_TRIAGE)
        self.act("claim", triage.claim, dies, request_id=row.id, by=self.officer(who))

    @rule(which=WHICH, who=WHO, what=st.sampled_from(["release", "ring", "note", "confirm", "check_open_case"]))
    def do_something_small(self, which: int, who: int, what: str) -> None:
        """Nothing of this moves a request, whatever state it is in."""
        service, values = {
            "release": (triage.release, {}),
            "ring": (triage.log_contact_attempt, {"reached": who < 5, "words": "Rang the school."}),
            "note": (triage.add_note, {"words": "A note."}),
            "confirm": (triage.confirm_referrer_by_phone, {}),
            "check_open_case": (triage.record_open_case_check, {"found": OpenCase.NONE}),
        }[what]
        self.act(what, service, None, request_id=self.one(which).id, by=self.officer(who), **values)

    @while_any(*UNDECIDED)
    @rule(which=WHICH, who=WHO, dies=DIES)
    def pass_on(self, which: int, who: int, dies: str | None) -> None:
        row = self.one(which, RequestState.RECEIVED, RequestState.IN_TRIAGE, RequestState.AWAITING_INFORMATION)
        self.act("pass", triage.pass_to_manager, dies, request_id=row.id, by=self.officer(who))

    @while_any(RequestState.AWAITING_DECISION)
    @rule(which=WHICH, who=WHO, dies=DIES)
    def give_back(self, which: int, who: int, dies: str | None) -> None:
        row = self.one(which, RequestState.AWAITING_DECISION)
        values = {"reason": "More is needed.", "by": self.manager_of(who, row)}
        self.act("return", triage.return_to_desk, dies, request_id=row.id, **values)

    @while_any(*UNDECIDED)
    @rule(which=WHICH, who=WHO, dies=DIES)
    def set_aside(self, which: int, who: int, dies: str | None) -> None:
        values = {"reason": SetAsideReason.JUNK, "by": self.officer(who)}
        self.act("set_aside", triage.set_aside, dies, request_id=self.one(which, *UNDECIDED).id, **values)

    @while_any(RequestState.SET_ASIDE)
    @rule(which=WHICH, who=WHO, dies=DIES)
    def restore(self, which: int, who: int, dies: str | None) -> None:
        row = self.one(which, RequestState.SET_ASIDE)
        self.act("restore", triage.restore, dies, request_id=row.id, by=self.officer(who))

    @rule(which=WHICH, who=WHO, told=st.sampled_from([Told.YES, Told.NOT_ESTABLISHED]), agrees=st.booleans(), dies=DIES)
    def hear_of_the_family(self, which: int, who: int, told: Told, agrees: bool, dies: str | None) -> None:
        answer = (Agrees.YES if agrees else Agrees.NO) if told is Told.YES else Agrees.NOT_ASKED
        values = {"told": told, "agrees": answer, "agrees_who": "parent", "by": self.officer(who)}
        self.act("consent", record_consent, dies, request_id=self.one(which).id, **values)

    def answer_hints(self, request_id: Any, same: bool = True) -> None:
        """EV-4: a person says of each hint whether it is the same child."""
        for row in self.records.all(Similarity, request_id):
            if row.state is SimilarityState.OPEN:
                values = {"similarity_id": row.id, "same": same, "by": self.town.county.officer}
                self.act("answer_hint", of_house(answer_similarity), None, **values)

    @precondition(lambda self: bool(self.records.all(Similarity)))
    @rule(which=WHICH, same=st.booleans())
    def think_again_about_a_hint(self, which: int, same: bool) -> None:
        rows = self.records.all(Similarity)
        values = {"similarity_id": rows[which % len(rows)].id, "same": same, "by": self.officer(which)}
        self.act("answer_hint", of_house(answer_similarity), None, **values)

    # Decided.

    @while_any(RequestState.AWAITING_DECISION)
    @rule(which=WHICH, who=WHO, lines=LINES, only=st.booleans(), override=st.booleans(), dies=DIES)
    def decide(self, which: int, who: int, lines: list[Any], only: bool, override: bool, dies: str | None) -> None:
        """GL-8 to GL-11: some or all of the children."""
        row = self.one(which, RequestState.AWAITING_DECISION)
        self.answer_hints(row.id, same=override)
        self.decide_it(row, lines, who, only=only, override=override, dies=dies)

    @while_any(*DECIDED)
    @rule(which=WHICH, who=WHO, lines=LINES, only=st.booleans(), override=st.booleans(), dies=DIES)
    def supersede(self, which: int, who: int, lines: list[Any], only: bool, override: bool, dies: str | None) -> None:
        """Decide anew what was decided, or for one child of it; what was closed is open again."""
        self.decide_it(self.one(which, *DECIDED), lines, who, only=only, override=override, dies=dies)

    def decide_it(
        self,
        row: Any,
        lines: list[Any],
        who: int = 0,
        *,
        only: bool = False,
        override: bool = False,
        dies: str | None = None,
    ) -> None:
        """Write the record of a decision, and what it replaces if it replaces one."""
        subjects = sorted(self.records.all(Subject, row.id), key=lambda one: one.number)
        chosen = subjects[-1:] if only else subjects
        current = {line.subject_id for line in self.records.current_lines(row.id)}
        replaces = bool(current & {subject.id for subject in chosen})
        decision = make_decision(
            *(_line(subject.id, choice) for subject, choice in zip(chosen, lines, strict=False)),
            override=OVERRIDE if override else None,
            why_superseded="Something new came." if replaces else None,
        )
        name = "supersede" if row.state in DECIDED else "decide"
        self.act(name, decide, dies, request_id=row.id, decision=decision, by=self.manager_of(who, row))

    def to_route(self) -> list[Any]:
        """Return the children that were decided and are with no team, by whatever road."""
        held = {row.subject_id for row in self.with_teams(AssignmentState.SENT, AssignmentState.ACCEPTED)}
        decided = [one for row in self.requests([RequestState.DECIDED]) for one in self.records.all(Subject, row.id)]
        return [one for one in decided if one.id not in held]

    @precondition(lambda self: bool(self.to_route()))
    @rule(which=WHICH, who=WHO, team=st.sampled_from(["assessment", "locality", "desk"]), dies=DIES)
    def send_on(self, which: int, who: int, team: str, dies: str | None) -> None:
        one = self.to_route()[which % len(self.to_route())]
        values = {"subject_id": one.id, "team_id": getattr(self.town.county, team), "by": self.officer(who)}
        self.act("route", send_to_team, dies, request_id=one.request_id, **values)

    # With a team.

    def with_teams(self, *states: AssignmentState) -> list[Any]:
        """Return what teams have in one of these states."""
        return [row for row in self.records.all(Assignment) if row.state in states]

    def answer_for(
        self, row: Any, name: str, what: Callable[..., Any], who: int, dies: str | None, **values: Any
    ) -> None:
        """Let somebody of the team answer, mostly."""
        own = {self.town.county.assessment: self.town.county.social_worker}
        by = self.who(who, own.get(row.team_id, self.town.county.locality_worker))
        self.act(name, what, dies, assignment_id=row.id, by=by, **values)

    @precondition(lambda self: bool(self.with_teams(*NOT_TAKEN)))
    @rule(which=WHICH, who=WHO, dies=DIES)
    def acknowledge(self, which: int, who: int, dies: str | None) -> None:
        rows = self.with_teams(*NOT_TAKEN)
        self.answer_for(rows[which % len(rows)], "acknowledge", assignments.acknowledge, who, dies)

    @precondition(lambda self: bool(self.with_teams(*NOT_TAKEN, AssignmentState.ACCEPTED)))
    @rule(which=WHICH, who=WHO, dies=DIES)
    def hand_back(self, which: int, who: int, dies: str | None) -> None:
        rows = self.with_teams(*NOT_TAKEN, AssignmentState.ACCEPTED)
        reason = HandBackReason.NO_CAPACITY
        self.answer_for(rows[which % len(rows)], "hand_back", assignments.hand_back, who, dies, reason=reason)

    @precondition(lambda self: bool(self.with_teams(AssignmentState.ACCEPTED)))
    @rule(which=WHICH, who=WHO, dies=DIES)
    def finish(self, which: int, who: int, dies: str | None) -> None:
        rows = self.with_teams(AssignmentState.ACCEPTED)
        self.answer_for(rows[which % len(rows)], "finish", assignments.finish, who, dies, words="Done.")

    def open_referrals(self) -> list[Any]:
        """Return what teams have of referrals that nobody closed."""
        still = {row.decision_line_id for row in self.records.all(Referral) if not (row.closed_on or row.withdrawn_at)}
        taken = self.with_teams(AssignmentState.ACCEPTED, AssignmentState.DONE)
        return [row for row in taken if row.decision_line_id in still]

    @precondition(lambda self: bool(self.open_referrals()))
    @rule(which=WHICH, who=WHO, dies=DIES)
    def close_referral(self, which: int, who: int, dies: str | None) -> None:
        rows = self.open_referrals()
        values = {"closure": Closure.OTHER, "closed_on": self.town.house.calendar.local_day(self.town.now)}
        self.answer_for(rows[which % len(rows)], "close_referral", assignments.close_referral, who, dies, **values)

    # Told, and closed.

    @precondition(lambda self: any(row.state in (OutcomeState.OWED, OutcomeState.FAILED) for row in self.owed()))
    @rule(which=WHICH, who=WHO, by_phone=st.booleans(), dies=DIES)
    def tell(self, which: int, who: int, by_phone: bool, dies: str | None) -> None:
        rows = self.owed()
        given: dict[str, Any] = {"words": "Told."} if by_phone else {"reason": NotToldReason.DECLINED}
        service: Callable[..., Any] = telling.told_by_phone if by_phone else telling.not_deliverable
        self.act("tell", of_house(service), dies, outcome_id=rows[which % len(rows)].id, by=self.officer(who), **given)

    def owed(self) -> list[Any]:
        """Return the outcomes that somebody must still be told."""
        return [row for row in self.records.all(Outcome) if row.state in (OutcomeState.OWED, OutcomeState.FAILED)]

    @while_any(RequestState.DECIDED)
    @rule(which=WHICH, who=WHO, dies=DIES)
    def close(self, which: int, who: int, dies: str | None) -> None:
        row = self.one(which, RequestState.DECIDED)
        self.act("close", of_house(close), dies, request_id=row.id, by=self.officer(who))

    # Nobody there.

    @rule(hours=st.sampled_from([1, 12, 26, 80]), dies=DIES)
    def wait(self, hours: float, dies: str | None) -> None:
        self.town.wait(hours, dies)

    @rule(hours=st.sampled_from([0.1, 1]), is_gone=st.booleans())
    def wait_a_little(self, hours: float, is_gone: bool) -> None:
        """GL-14: what came back from a mailbox that is gone is owed still."""
        if is_gone:
            self.ground.mailbox.answers[forms_sent.ADDRESS] = ["550 no such user"]
        self.town.wait(hours)
        self.ground.mailbox.answers.clear()


def of_house(service: Callable[..., Any]) -> Callable[..., Any]:
    """Give a service that asks for no house what it asks for."""
    return lambda session, house, **values: service(session, **values)


def _line(subject_id: Any, choice: Any) -> NewLine:
    kind = ReferralKind.REFERRAL if choice.standing is Standing.REFERRAL else None
    return NewLine(subject_id, choice.standing, choice.action, choice.contact_reason, kind)
