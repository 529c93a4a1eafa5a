"""Routing that is data: need, area and rules beside; what needs agreement, and what is asked (GL-7, GL-10, GL-12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import AssignmentState, HandBackReason
from helpdesk.domain.closures import Closure
from helpdesk.domain.refusals import AgreementWithdrawnError, NotAgreedError, NothingToSendError
from helpdesk.models import Assignment, Decision
from helpdesk.services import assignments
from helpdesk.services.after_closed import send_on
from helpdesk.services.agreement import follow_answer, list_answered, record_consent
from helpdesk.services.chasing_closure import chase_closure, list_to_close
from helpdesk.services.closing import close
from helpdesk.services.deciding import prepare
from helpdesk.services.route import send_to_team
from helpdesk.services.telling import told_by_phone
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.models import TeamKind
from infrastructure.outbox import OutboxMessage
from infrastructure.trail import SYSTEM
from service_request.domain.consent import Agrees, Told
from service_request.domain.states import RequestState
from service_request.models import (
    AskedFor,
    AskedKind,
    AskedState,
    Clock,
    ClockKind,
    Grant,
    Outcome,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.pathways.social_care.rules import ContactReason, LineChoice, ReferralAction, Standing
from service_request.services.asking import end_one
from service_request.services.consents import add_consent
from service_request.services.refusals import NotYoursError
from service_request.services.sight.system import lock_request
from tests.factories import NOW, County, accept, keep, make_decision, make_rule, make_team, make_waiting
from tests.helpdesk.conftest import Ask

pytestmark = pytest.mark.storage

LATER = NOW + timedelta(hours=1)
Save = Callable[..., Any]


def criteria(subject_id: Any, **changes: Any) -> Any:
    return keep(subject_id, ContactReason.CRITERIA, **changes)


def given(ask: Ask, request_id: Any) -> set[Any]:
    return {one.team_id for one in ask.assignments(request_id) if one.state is not AssignmentState.WITHDRAWN}


@pytest.fixture
def referrer_says(session: Session) -> Callable[..., None]:
    """Write down what the referrer answered about agreement, as their page does: nothing of the desk is done."""

    def say(request_id: Any, agrees: Agrees, *, now: Any) -> None:
        with transaction(session):
            request = lock_request(session, request_id)
            add_consent(session, request, told=Told.YES, agrees=agrees, agrees_who="parent", by=SYSTEM, now=now)

    return say


@pytest.fixture
def work(session: Session, house: House) -> Callable[..., int]:
    """Do what the worker does about answers, and say how many requests that was."""

    def run(now: Any) -> int:
        found = list_answered(session, now)
        for request_id in found:
            follow_answer(session, request_id, now=now, house=house)
        return len(found)

    return run


@pytest.mark.rule("GL-10")
def test_a_rule_for_a_need_goes_before_one_for_an_area_and_both_before_one_for_all(
    session: Session, ask: Ask, county: County, decided: Any
) -> None:
    carers = make_team(session, "Young carers", TeamKind.ASSESSMENT).id
    missing = make_team(session, "Missing children", TeamKind.ASSESSMENT).id
    anywhere = make_team(session, "County duty team", TeamKind.ASSESSMENT).id
    here = make_team(session, "Carers of the Vale", TeamKind.ASSESSMENT).id
    option = (Standing.REFERRAL, ReferralAction.OTHER)
    make_rule(session, anywhere, *option)
    make_rule(session, carers, *option, need="young_carer")
    make_rule(session, missing, *option, need="missing")
    make_rule(session, here, *option, county.teasel, need="young_carer")

    def goes_to(*worries: str) -> set[Any]:
        line = lambda one: accept(one, ReferralAction.OTHER)  # noqa: E731
        return given(ask, decided(line, worries=list(worries)).id)

    assert goes_to("housing") == {county.assessment}  # the rule for the area
    assert goes_to("young_carer") == {here}
    assert goes_to("young_carer", "missing") == {missing}  # the first of the form's list
    assert goes_to("missing", "housing") == {missing}


@pytest.mark.rule("GL-10")
def test_a_rule_beside_gives_the_child_to_several_teams_each_with_its_own_clock_sight_and_end(
    session: Session, house: House, ask: Ask, county: County, decided: Any
) -> None:
    school = make_team(session, "Education welfare", TeamKind.ASSESSMENT).id
    make_rule(session, school, Standing.REFERRAL, ReferralAction.INITIAL_ASSESSMENT, need="school", is_beside=True)
    request = decided(worries=["school"])
    both = {one.team_id: one for one in ask.assignments(request.id)}
    assert both.keys() == {county.assessment, school}
    clocks = ask.all(Clock, Clock.kind == ClockKind.ACKNOWLEDGE)
    assert {clock.owner_id for clock in clocks} == {one.id for one in both.values()}
    assert {grant.team_id for grant in ask.all(Grant)} == both.keys()
    act = {"assignment_id": both[county.assessment].id, "by": county.social_worker, "now": LATER, "house": house}
    assignments.hand_back(session, reason=HandBackReason.NO_CAPACITY, **act)
    assert {grant.team_id for grant in ask.all(Grant, Grant.until.is_(None))} == {school}
    send = {"request_id": request.id, "subject_id": ask.subjects(request.id)[0], "by": county.officer, "house": house}
    send_to_team(session, team_id=county.assessment_aldermoor, now=LATER + timedelta(hours=1), **send)
    states = {one.team_id: one.state for one in ask.assignments(request.id)}
    assert states == {
        county.assessment: AssignmentState.WITHDRAWN,
        school: AssignmentState.SENT,
        county.assessment_aldermoor: AssignmentState.SENT,
    }


@pytest.mark.rule("GL-10")
def test_the_desk_gives_a_child_to_one_more_team_only_when_it_says_so(
    session: Session, house: House, ask: Ask, county: County, decided: Any
) -> None:
    request = decided()
    send = {"request_id": request.id, "subject_id": ask.subjects(request.id)[0], "by": county.officer, "house": house}
    with pytest.raises(NothingToSendError):
        send_to_team(session, team_id=county.assessment_aldermoor, now=LATER, **send)
    send_to_team(session, team_id=county.assessment_aldermoor, beside=True, now=LATER, **send)
    assert given(ask, request.id) == {county.assessment, county.assessment_aldermoor}
    with pytest.raises(NothingToSendError):  # a second press
        send_to_team(session, team_id=county.assessment_aldermoor, beside=True, now=LATER, **send)


@pytest.mark.rule("GL-7")
@pytest.mark.parametrize("kind", [TeamKind.LOCALITY, TeamKind.PROVIDER])
def test_a_locality_team_or_provider_waits_for_agreement_whatever_was_decided_and_nobody_else_does(
    session: Session, house: House, ask: Ask, county: County, decided: Any, work: Any, referrer_says: Any,
    kind: TeamKind,
) -> None:  # fmt: skip
    help_ = make_team(session, "Family help", kind).id
    make_rule(session, help_, Standing.REFERRAL, ReferralAction.INITIAL_ASSESSMENT, is_beside=True)
    request = decided(agrees=Agrees.NOT_ASKED)
    assert given(ask, request.id) == {county.assessment}  # an assessment waits for nobody
    task = ask.one(Task)
    assert (task.kind, task.done_at) == (TaskKind.ASK_AGREEMENT, None)
    asked = ask.one(AskedFor)
    assert (asked.kind, asked.fields, asked.state) == (AskedKind.AGREEMENT, ["agrees/agrees"], AskedState.OPEN)
    assert len(ask.all(OutboxMessage, OutboxMessage.template == "asked")) == 1
    subject = ask.subjects(request.id)[0]
    send = {"request_id": request.id, "subject_id": subject, "by": county.officer, "house": house}
    with pytest.raises(NotAgreedError):
        send_to_team(session, team_id=help_, beside=True, now=LATER, **send)
    assert work(LATER) == 0
    referrer_says(request.id, Agrees.YES, now=LATER)
    assert work(LATER + timedelta(minutes=1)) == 1
    assert given(ask, request.id) == {county.assessment, help_}
    assert ask.one(Task).done_at is not None
    assert ask.one(AskedFor).state is AskedState.ANSWERED
    assert work(LATER + timedelta(minutes=2)) == 0
    referrer_says(request.id, Agrees.NO, now=LATER + timedelta(minutes=3))
    assert work(LATER + timedelta(minutes=4)) == 1
    assert given(ask, request.id) == {county.assessment}
    referrer_says(request.id, Agrees.YES, now=LATER + timedelta(minutes=5))


@pytest.mark.rule("GL-7")
def test_a_provider_takes_nothing_on_after_the_familys_no(
    session: Session, house: House, ask: Ask, county: County, decided: Any, referrer_says: Any
) -> None:
    make_rule(session, county.locality, Standing.REFERRAL, ReferralAction.INITIAL_ASSESSMENT, is_beside=True)
    request = decided(agrees=Agrees.YES)
    theirs = next(one for one in ask.assignments(request.id) if one.team_id == county.locality)
    referrer_says(request.id, Agrees.NO, now=LATER)
    with pytest.raises(AgreementWithdrawnError):
        assignments.acknowledge(session, assignment_id=theirs.id, by=county.locality_worker, now=LATER, house=house)


@pytest.mark.rule("GL-12")
def test_a_yes_after_a_no_gives_it_to_the_same_team_again(
    session: Session, house: House, ask: Ask, county: County, decided: Any
) -> None:
    request = decided(criteria, agrees=Agrees.YES)
    values = {"request_id": request.id, "told": Told.YES, "agrees_who": "parent", "by": county.officer, "house": house}
    record_consent(session, agrees=Agrees.NO, now=LATER, **values)
    assert given(ask, request.id) == set()
    record_consent(session, agrees=Agrees.YES, now=LATER + timedelta(hours=1), **values)
    assert given(ask, request.id) == {county.locality}


@pytest.mark.rule("GL-12")
def test_a_caf_is_asked_of_the_professional_and_the_answer_ends_the_task(
    session: Session, house: House, ask: Ask, county: County, decided: Any, work: Any, save: Save
) -> None:
    request = decided(lambda one: criteria(one, ask_caf=True), agrees=Agrees.YES)
    (asked,) = ask.all(AskedFor)
    assert (asked.kind, asked.subject_id) == (AskedKind.CAF, ask.subjects(request.id)[0])
    assert asked.next_chase_at is not None  # chased as anything asked is (GL-17)
    assert ask.one(Task).kind is TaskKind.ASK_CAF
    with transaction(session):
        lock_request(session, request.id)
        end_one(session, session.get_one(AskedFor, asked.id), state=AskedState.ANSWERED, by=SYSTEM, now=LATER)
    assert work(LATER) == 1
    assert ask.one(Task).done_at == LATER
    assert work(LATER) == 0


@pytest.mark.rule("GL-12")
def test_a_decision_that_replaces_another_takes_back_what_it_asked(
    session: Session, ask: Ask, county: County, decided: Any, save: Save
) -> None:
    request = decided(criteria, agrees=Agrees.NOT_ASKED)
    assert ask.one(AskedFor).state is AskedState.OPEN
    (callum,) = ask.subjects(request.id)
    save(request.id, make_decision(accept(callum), why_superseded="New information."), now=LATER)
    assert ask.one(AskedFor).state is AskedState.WITHDRAWN


@pytest.mark.rule("GL-10")
def test_the_manager_sees_where_each_decision_goes_before_it_is_saved(
    session: Session, house: House, county: County
) -> None:
    school = make_team(session, "Education welfare", TeamKind.ASSESSMENT).id
    make_rule(session, school, Standing.REFERRAL, ReferralAction.INITIAL_ASSESSMENT, need="school", is_beside=True)
    request = make_waiting(session, county, worries=["school"])
    prepared = prepare(session, request.id, county.manager, now=NOW, calendar=house.calendar)
    assess = LineChoice(Standing.REFERRAL, action=ReferralAction.INITIAL_ASSESSMENT)
    assert prepared.destinations[assess] == "Assessment Teasel Vale and Education welfare"


@pytest.mark.rule("GL-13")
def test_two_teams_hold_a_request_open_until_both_have_ended(
    session: Session, house: House, ask: Ask, county: County, decided: Any
) -> None:
    request = decided()
    (callum,) = ask.subjects(request.id)
    send_to_team(
        session, request_id=request.id, subject_id=callum, team_id=county.assessment_aldermoor, beside=True,
        by=county.officer, now=LATER, house=house,
    )  # fmt: skip
    first, second = sorted(ask.assignments(request.id), key=lambda one: one.sent_at)
    act = {"by": county.social_worker, "house": house}
    assignments.acknowledge(session, assignment_id=first.id, now=LATER, **act)
    assignments.finish(session, assignment_id=first.id, words="Done.", now=LATER + timedelta(hours=1), **act)
    assert [one.state for one in ask.all(Assignment, Assignment.id == second.id)] == [AssignmentState.SENT]


@pytest.mark.rule("GL-13")
def test_a_team_that_is_done_is_reminded_to_say_when_the_referral_closed_until_it_does(
    session: Session, house: House, ask: Ask, county: County, decided: Any
) -> None:
    request = decided()
    (row,) = ask.assignments(request.id)
    act = {"assignment_id": row.id, "by": county.social_worker, "house": house}
    assignments.acknowledge(session, now=LATER, **act)
    assignments.finish(session, words="An assessment was done.", now=LATER + timedelta(minutes=5), **act)
    done_at = LATER + timedelta(minutes=5)

    def remind(at: Any) -> int:
        for task_id in list_to_close(session, at):
            chase_closure(session, task_id, now=at, house=house)
            chase_closure(session, task_id, now=at, house=house)  # the other worker
        return len(ask.all(OutboxMessage, OutboxMessage.template == "close_asked"))

    assert remind(done_at + timedelta(days=2)) == 0
    first = house.calendar.same_time_after(done_at, 3)
    assert remind(first) == 1
    second = house.calendar.same_time_after(first, 3)
    assert remind(second - timedelta(minutes=1)) == 1
    assert remind(second) == 2
    closed = house.calendar.local_day(second)
    assignments.close_referral(session, closure=Closure.OTHER, closed_on=closed, now=second, **act)
    assert remind(second + timedelta(days=30)) == 2


@pytest.fixture
def closed(session: Session, ask: Ask, county: County, decided: Any) -> Callable[..., Any]:
    """A child whose family had not agreed to early help when the request was closed by hand."""

    def make(line: Any = criteria, agrees: Agrees = Agrees.NO) -> Any:
        request = decided(line, agrees=agrees)
        for outcome in ask.all(Outcome, Outcome.request_id == request.id):
            told_by_phone(session, outcome_id=outcome.id, words="Told all of it.", by=county.officer, now=LATER)
        if state_of(ask, request.id) is not RequestState.CLOSED:
            close(session, request_id=request.id, by=county.officer, now=LATER)
        return request

    return make


def state_of(ask: Ask, request_id: Any) -> RequestState:
    row: ServiceRequest = ask.one(ServiceRequest, ServiceRequest.id == request_id)
    return row.state


def news(ask: Ask) -> list[Task]:
    rows: list[Task] = ask.all(Task, Task.kind == TaskKind.NEW_INFORMATION, Task.done_at.is_(None))
    return rows


@pytest.mark.rule("GL-7")
@pytest.mark.rule("GL-12")
def test_a_yes_after_the_end_comes_up_at_the_desk_and_one_press_passes_it_on(
    session: Session, house: House, ask: Ask, county: County, closed: Any, save: Save
) -> None:
    request = closed()
    late = LATER + timedelta(hours=1)
    heard = {"request_id": request.id, "told": Told.YES, "by": county.officer, "house": house}
    record_consent(session, agrees=Agrees.NOT_ASKED, now=late, **heard)
    assert news(ask) == []
    record_consent(session, agrees=Agrees.YES, agrees_who="parent", now=late, **heard)
    (task,) = news(ask)
    assert (state_of(ask, request.id), given(ask, request.id)) == (RequestState.CLOSED, set()), "nothing by itself"
    press = {"request_id": request.id, "task_id": task.id, "by": county.officer, "now": late, "house": house}
    with pytest.raises(NotYoursError):
        send_on(session, **{**press, "by": county.locality_worker})
    send_on(session, **press)
    assert given(ask, request.id) == {county.locality}
    row = ask.one(ServiceRequest)
    assert (row.state, row.closed_at, news(ask)) == (RequestState.DECIDED, None, [])
    assert len(ask.all(Decision)) == 1, "the decision stands"
    assert [one.kind for one in ask.all(Clock, Clock.ended_at.is_(None))] == [ClockKind.ACKNOWLEDGE]
    with pytest.raises(NothingToSendError):
        send_on(session, **press)


@pytest.mark.rule("GL-7")
@pytest.mark.rule("GL-12")
def test_nothing_is_passed_on_after_the_end_without_a_yes_or_where_nothing_waited_for_one(
    session: Session, house: House, ask: Ask, county: County, closed: Any
) -> None:
    settled = closed(lambda one: keep(one, ContactReason.SIGNPOST))
    said: dict[str, Any] = {"told": Told.YES, "agrees": Agrees.YES, "agrees_who": "parent", "house": house}
    record_consent(session, request_id=settled.id, by=county.officer, now=LATER, **said)
    assert news(ask) == []
    request = closed()
    press = {"request_id": request.id, "task_id": request.id, "by": county.officer, "now": LATER, "house": house}
    with pytest.raises(NothingToSendError):
        send_on(session, **press)
    assert state_of(ask, request.id) is RequestState.CLOSED


@pytest.mark.rule("GL-17")
def test_who_closes_a_request_ends_what_the_referrer_is_still_asked(
    session: Session, house: House, ask: Ask, county: County, decided: Any, work: Callable[..., int]
) -> None:
    request = decided(lambda one: criteria(one, ask_caf=True), agrees=Agrees.NOT_ASKED)
    assert {one.kind for one in ask.all(AskedFor)} == {AskedKind.AGREEMENT, AskedKind.CAF}
    for outcome in ask.all(Outcome):
        told_by_phone(session, outcome_id=outcome.id, words="Told all of it.", by=county.officer, now=LATER)
    close(session, request_id=request.id, by=county.officer, now=LATER)
    assert {(one.state, one.next_chase_at) for one in ask.all(AskedFor)} == {(AskedState.WITHDRAWN, None)}
