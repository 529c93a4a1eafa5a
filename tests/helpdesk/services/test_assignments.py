"""What a team answers, and what becomes of the request (GL-12 to GL-14, GL-17)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import AssignmentState, HandBackReason
from helpdesk.domain.closures import Closure
from helpdesk.domain.refusals import (
    ClosedOnWrongError,
    NoReferralError,
    NotAgreedError,
    NothingToSendError,
    TeamClosedError,
    WordsMissingError,
)
from helpdesk.models import Assignment, Referral
from helpdesk.services import assignments
from helpdesk.services.agreement import record_consent
from helpdesk.services.destinations import list_destinations
from helpdesk.services.route import send_to_team
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.models import Team, TeamKind
from infrastructure.outbox import OutboxMessage
from service_request.domain.consent import Agrees, ContradictoryConsentError, RiskReasonMissingError, Told
from service_request.domain.lifecycle import TransitionRefusedError
from service_request.models import Clock, ClockEnd, ClockKind, Consent, Grant, Outcome, ServiceRequest, Task, TaskKind
from service_request.pathways.social_care.rules import ContactReason, ReferralAction
from service_request.services.refusals import NotYoursError, StaleEditError
from tests.factories import NOW, County, accept, keep, make_decision, make_rule, make_team, make_waiting
from tests.helpdesk.conftest import Ask

pytestmark = pytest.mark.storage

LATER = NOW + timedelta(hours=1)


def criteria(subject_id: Any) -> Any:
    return keep(subject_id, ContactReason.CRITERIA)


@pytest.fixture
def do(session: Session, house: House, county: County, ask: Ask) -> Callable[..., None]:
    """Answer the latest assignment as the social worker, unless somebody else is named."""

    def act(what: Callable[..., None], **values: Any) -> None:
        values = {"by": county.social_worker, "now": LATER, **values}
        values.setdefault("assignment_id", ask.all(Assignment)[-1].id)
        what(session, house=house, **values)

    return act


@pytest.mark.rule("GL-17")
def test_a_team_takes_it_on_and_its_clock_ends(decided: Any, ask: Ask, county: County, do: Any) -> None:
    decided()
    do(assignments.acknowledge)
    row = ask.one(Assignment)
    assert (row.state, row.acknowledged_at) == (AssignmentState.ACCEPTED, LATER)
    assert row.acknowledged_by_id == county.social_worker.id
    clock = ask.one(Clock, Clock.kind == ClockKind.ACKNOWLEDGE)
    assert (clock.end, clock.ended_at) == (ClockEnd.MET, LATER)
    assert ask.one(Outcome).body["actions"][-1] == [LATER.isoformat(), "Assessment Teasel Vale took it on."]
    do(assignments.acknowledge)  # a second press changes nothing


@pytest.mark.rule("EV-5")
def test_nobody_outside_the_team_answers_for_it(decided: Any, county: County, do: Any) -> None:
    decided()
    for user in (county.locality_worker, county.officer, county.service_manager, county.manager_aldermoor):
        with pytest.raises(NotYoursError):
            do(assignments.acknowledge, by=user)


def test_a_stale_answer_of_a_team_is_refused_with_its_words(decided: Any, ask: Ask, do: Any) -> None:
    decided()
    opened = ask.one(Assignment).version
    do(assignments.acknowledge, version=opened)
    with pytest.raises(StaleEditError) as refused:
        do(assignments.hand_back, reason=HandBackReason.OTHER, words="Not ours.", version=opened)
    assert refused.value.mine == {"words": "Not ours."}


@pytest.mark.rule("EV-7")
def test_what_is_handed_back_is_the_desks_at_once_and_no_clock_starts_again(decided: Any, ask: Ask, do: Any) -> None:
    decided()
    with pytest.raises(WordsMissingError):
        do(assignments.hand_back, reason=HandBackReason.OTHER)
    do(assignments.hand_back, reason=HandBackReason.NOT_OUR_AREA)
    assert ask.one(Assignment).state is AssignmentState.HANDED_BACK
    assert ask.one(Grant).until == LATER
    assert ask.one(Task).kind is TaskKind.HANDED_BACK
    assert [clock.ended_at is not None for clock in ask.all(Clock)] == [True, True]
    assert ask.one(ServiceRequest).next_due_at is None


@pytest.mark.rule("GL-14")
def test_what_a_team_did_stands_in_the_outcome_and_the_form_is_made_anew(decided: Any, ask: Ask, do: Any) -> None:
    decided()
    do(assignments.acknowledge)
    do(assignments.finish, words="A social worker rang Donna. An assessment has begun.", now=LATER + timedelta(hours=1))
    body, row = ask.one(Outcome).body, ask.one(Outcome)
    assert body["actions"][-1][1] == "Assessment Teasel Vale: A social worker rang Donna. An assessment has begun."
    assert body["actions_plain"][-1][1] == "Assessment Teasel Vale finished its part."
    assert row.pdf_wanted_at == LATER + timedelta(hours=1)
    with pytest.raises(TransitionRefusedError):
        do(assignments.finish, words="Again.")


@pytest.mark.rule("GL-13")
def test_a_finished_team_is_chased_for_the_end_of_its_referral(decided: Any, ask: Ask, county: County, do: Any) -> None:
    decided()
    do(assignments.acknowledge)
    do(assignments.finish, words="Assessed.")
    task = ask.one(Task)
    assert (task.kind, task.team_id, task.done_at) == (TaskKind.CHASE, county.assessment, None)
    assert task.due_at == LATER + timedelta(days=3)  # Tuesday to Friday
    do(assignments.close_referral, closure=Closure.HELP_GIVEN, closed_on=date(2026, 11, 17))
    referral = ask.one(Referral)
    assert (referral.closed_on, referral.closure) == (date(2026, 11, 17), "help_given")
    assert ask.one(Task).done_at == LATER


@pytest.mark.rule("GL-13")
@pytest.mark.parametrize("wrong", [date(2026, 11, 16), date(2026, 11, 18)])
def test_a_referral_closes_between_its_acceptance_and_today(decided: Any, ask: Ask, do: Any, wrong: date) -> None:
    decided()
    do(assignments.acknowledge)
    with pytest.raises(ClosedOnWrongError):
        do(assignments.close_referral, closure=Closure.OTHER, closed_on=wrong)
    assert ask.one(Referral).closed_on is None


@pytest.mark.rule("GL-13")
def test_a_contact_has_no_referral_to_close(decided: Any, county: County, do: Any) -> None:
    decided(criteria, agrees=Agrees.YES)
    do(assignments.acknowledge, by=county.locality_worker)
    with pytest.raises(NoReferralError):
        do(
            assignments.close_referral,
            closure=Closure.OTHER,
            closed_on=date(2026, 11, 17),
            by=county.locality_worker,
        )


@pytest.mark.rule("GL-12")
def test_the_desk_sends_on_what_came_back(
    session: Session, house: House, decided: Any, ask: Ask, county: County, do: Any
) -> None:
    request = decided()
    (callum,) = ask.subjects(request.id)
    send = {"request_id": request.id, "subject_id": callum, "by": county.officer, "house": house}
    with pytest.raises(NothingToSendError):
        send_to_team(session, team_id=county.assessment_aldermoor, now=LATER, **send)
    do(assignments.hand_back, reason=HandBackReason.NOT_OUR_AREA)
    old = ask.one(Assignment)
    new_id = send_to_team(session, team_id=county.assessment_aldermoor, now=LATER + timedelta(hours=1), **send)
    rows = {row.id: row for row in ask.all(Assignment)}
    assert rows[old.id].state is AssignmentState.WITHDRAWN
    assert (rows[new_id].state, rows[new_id].supersedes_id) == (AssignmentState.SENT, old.id)
    assert ask.one(Task).done_by_id == county.officer.id
    assert [grant.until for grant in ask.all(Grant, Grant.team_id == county.assessment_aldermoor)] == [None]


@pytest.mark.rule("GL-10")
def test_work_for_a_team_that_is_closed_is_refused_with_the_nearest_that_is_open(
    session: Session, house: House, decided: Any, ask: Ask, county: County, do: Any
) -> None:
    closed = make_team(session, "Old locality team", TeamKind.LOCALITY, open_to=NOW - timedelta(days=1))
    request = decided()
    do(assignments.hand_back, reason=HandBackReason.NO_CAPACITY)
    for team_id in (closed.id, county.desk):
        with pytest.raises(TeamClosedError, match="Assessment Teasel Vale"):
            send_to_team(
                session,
                request_id=request.id,
                subject_id=ask.subjects(request.id)[0],
                team_id=team_id,
                by=county.officer,
                now=LATER,
                house=house,
            )
    assert closed.name not in {team.name for team in list_destinations(session, now=LATER)}


@pytest.mark.rule("GL-10")
def test_a_rule_for_the_area_is_stronger_than_one_for_all_and_a_closed_team_is_passed_over(
    session: Session, ask: Ask, county: County, decided: Any
) -> None:
    anywhere = make_team(session, "County duty team", TeamKind.ASSESSMENT)
    make_rule(session, anywhere.id, accept(county.desk).standing, ReferralAction.INITIAL_ASSESSMENT)
    decided()
    assert ask.one(Assignment).team_id == county.assessment
    with transaction(session):
        session.get_one(Team, county.assessment).open_to = NOW - timedelta(days=1)
    second = decided()
    (assignment,) = ask.assignments(second.id)
    assert assignment.team_id == anywhere.id


@pytest.mark.rule("GL-4")
def test_a_later_answer_is_a_new_record_that_undoes_nothing(
    session: Session, house: House, decided: Any, ask: Ask, county: County
) -> None:
    request = decided()
    values = {"request_id": request.id, "by": county.officer, "now": LATER, "house": house}
    record_consent(session, told=Told.NOT_ESTABLISHED, agrees=Agrees.NO, **values)
    assert [row.told for row in ask.all(Consent)] == [Told.YES, Told.NOT_ESTABLISHED]
    assert ask.one(ServiceRequest).told is Told.NOT_ESTABLISHED
    assert ask.one(Referral).withdrawn_at is None
    assert ask.one(Assignment).state is AssignmentState.SENT  # an assessment needs no agreement
    with pytest.raises(RiskReasonMissingError):
        record_consent(session, told=Told.RISK, agrees=Agrees.NOT_ASKED, **values)
    with pytest.raises(ContradictoryConsentError):
        record_consent(session, told=Told.NOT_YET, agrees=Agrees.YES, agrees_who="parent", **values)


@pytest.mark.rule("GL-4")
def test_a_withdrawn_agreement_stops_early_help(
    session: Session, house: House, decided: Any, ask: Ask, county: County, do: Any
) -> None:
    request = decided(criteria, agrees=Agrees.YES)
    do(assignments.acknowledge, by=county.locality_worker)
    record_consent(
        session,
        request_id=request.id,
        told=Told.YES,
        agrees=Agrees.NO,
        by=county.officer,
        now=LATER,
        house=house,
    )
    row = ask.one(Assignment)
    assert (row.state, row.reason_code) == (AssignmentState.WITHDRAWN, "agreement_withdrawn")
    assert ask.one(Grant).until == LATER
    mail = ask.one(OutboxMessage, OutboxMessage.template == "assignment_withdrawn")
    assert "Stop work" in mail.body["text"]
    assert "stopped" in ask.one(Outcome).body["actions"][-1][1]


@pytest.mark.rule("GL-12")
def test_a_yes_that_comes_later_sends_early_help_on(
    session: Session, house: House, decided: Any, ask: Ask, county: County
) -> None:
    request = decided(criteria, agrees=Agrees.NOT_ASKED)
    send = {"request_id": request.id, "by": county.officer, "now": LATER, "house": house}
    with pytest.raises(NotAgreedError):
        send_to_team(session, subject_id=ask.subjects(request.id)[0], team_id=county.locality, **send)
    assert ask.all(Assignment) == []
    record_consent(session, told=Told.YES, agrees=Agrees.YES, agrees_who="parent", **send)
    assert ask.one(Assignment).team_id == county.locality
    assert ask.one(Task).done_at == LATER


@pytest.mark.rule("GL-12")
def test_a_yes_that_comes_later_sends_early_help_to_the_locality_team_for_the_address(
    session: Session, house: House, save: Any, ask: Ask, county: County
) -> None:
    theirs = make_team(session, "Aldermoor locality team", TeamKind.LOCALITY).id
    request = make_waiting(session, county, area_id=county.aldermoor)
    make_rule(session, theirs, criteria(county.desk).standing, ContactReason.CRITERIA, county.aldermoor)
    save(request.id, make_decision(criteria(ask.subjects(request.id)[0])), by=county.manager_aldermoor)
    yes = {"told": Told.YES, "agrees": Agrees.YES, "agrees_who": "parent"}
    record_consent(session, request_id=request.id, **yes, by=county.officer, now=LATER, house=house)
    assert ask.one(Assignment).team_id == theirs


@pytest.mark.rule("GL-12")
def test_an_area_without_a_team_for_early_help_leaves_a_task_when_the_yes_comes(
    session: Session, house: House, ask: Ask, county: County, save: Any
) -> None:
    request = make_waiting(session, county, area_id=county.aldermoor)
    save(request.id, make_decision(criteria(ask.subjects(request.id)[0])), by=county.manager_aldermoor)
    record_consent(
        session,
        request_id=request.id,
        told=Told.YES,
        agrees=Agrees.YES,
        by=county.officer,
        now=LATER,
        house=house,
    )
    assert {task.kind: task.done_at for task in ask.all(Task)} == {
        TaskKind.ASK_AGREEMENT: LATER,
        TaskKind.NO_DESTINATION: None,
    }
