"""What the desk does before a decision (GL-3, GL-8, GL-13, GL-14, EV-7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from helpdesk.domain.closures import OpenCase
from helpdesk.domain.refusals import (
    DeskOnlyError,
    HeldByAnotherError,
    PartlyDecidedError,
    ReferrerNotProfessionalError,
    TooLongError,
    WordsMissingError,
)
from helpdesk.services import triage
from helpdesk.services.closing import close
from helpdesk.services.decide import decide
from infrastructure.database import db
from infrastructure.house import House
from infrastructure.outbox import OutboxMessage
from infrastructure.trail import Event, verify
from service_request.domain.lifecycle import TransitionRefusedError
from service_request.domain.states import RequestState
from service_request.models import Clock, ClockEnd, Direction, Message, Outcome, ReferrerKind, ServiceRequest
from service_request.pathways.social_care.rules import SetAsideReason
from service_request.services.reasons import ReasonUnknownError
from service_request.services.refusals import NotYoursError, StaleEditError
from tests.factories import CALLUM, NOW, RYAN, County, keep, make_decision, make_request, make_waiting
from tests.helpdesk.conftest import Ask

pytestmark = pytest.mark.storage


@pytest.fixture
def do(session: Session, house: House, county: County) -> Callable[..., None]:
    """Do one act of triage as the officer, unless somebody else is named."""

    def act(what: Callable[..., None], request: ServiceRequest, **values: Any) -> None:
        what(session, request_id=request.id, house=house, **{"by": county.officer, "now": NOW, **values})

    return act


def test_a_claim_takes_the_request_out_of_everybody_elses_hands(
    session: Session, county: County, ask: Ask, do: Any
) -> None:
    request = make_request(session, area_id=county.teasel)
    do(triage.claim, request)
    row = ask.one(ServiceRequest)
    assert (row.state, row.assignee_id) == (RequestState.IN_TRIAGE, county.officer.id)
    do(triage.claim, request)  # a second press changes nothing
    with pytest.raises(HeldByAnotherError):
        do(triage.claim, request, by=county.officer_two)
    do(triage.release, request, by=county.officer_two)
    do(triage.claim, request, by=county.officer_two)
    assert ask.one(ServiceRequest).assignee_id == county.officer_two.id
    assert [event.act for event in ask.all(Event)] == ["receive", "start", "release", "claim"]
    assert list(verify(session)) == []


def test_two_officers_claim_at_once_and_one_of_them_has_it(
    app: Flask, session: Session, county: County, ask: Ask
) -> None:
    request_id = make_request(session, area_id=county.teasel).id
    session.rollback()
    house, start, held = app.extensions["house"], Barrier(2), []

    def claim(user: Any) -> None:
        with app.app_context():
            start.wait()
            try:
                triage.claim(db.session(), request_id=request_id, by=user, now=NOW, house=house)
                held.append(user.id)
            except HeldByAnotherError:
                pass
            finally:
                db.session.remove()

    threads = [Thread(target=claim, args=(user,)) for user in (county.officer, county.officer_two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert held == [ask.one(ServiceRequest).assignee_id]
    assert len(ask.all(Event, Event.act == "start")) == 1


def test_a_stale_act_is_refused(session: Session, county: County, ask: Ask, do: Any) -> None:
    request = make_request(session, area_id=county.teasel)
    opened = request.version
    do(triage.claim, request, version=opened)
    with pytest.raises(StaleEditError) as refused:
        do(triage.pass_to_manager, request, version=opened)
    assert "Somebody else changed this" in refused.value.sentence
    waiting = make_waiting(session, county)
    opened = waiting.version
    do(triage.return_to_desk, waiting, reason="More is needed.", by=county.manager, version=opened)
    with pytest.raises(StaleEditError) as refused:
        do(triage.return_to_desk, waiting, reason="My own words.", by=county.manager, version=opened)
    assert refused.value.mine == {"reason": "My own words."}


@pytest.mark.rule("EV-3")
@pytest.mark.parametrize("act", ["claim", "set_aside", "restore", "open_case", "close"])
def test_what_a_colleague_changed_since_is_looked_at_before_anything_is_done(
    session: Session, county: County, ask: Ask, do: Any, act: str
) -> None:
    request = make_request(session, area_id=county.teasel)
    old, was = request.version, RequestState.RECEIVED
    do(triage.set_aside, request, reason=SetAsideReason.JUNK)
    if act == "restore":
        was = RequestState.SET_ASIDE
    else:
        do(triage.restore, request)
    with pytest.raises(StaleEditError):
        if act == "claim":
            do(triage.claim, request, version=old)
        elif act == "set_aside":
            do(triage.set_aside, request, version=old, reason=SetAsideReason.TEST)
        elif act == "restore":
            do(triage.restore, request, version=old)
        elif act == "open_case":
            do(triage.record_open_case_check, request, version=old, found=OpenCase.OPEN_ELSEWHERE)
        else:
            close(session, request_id=request.id, version=old, by=county.officer, now=NOW)
    row = ask.one(ServiceRequest)
    assert (row.state, row.open_case_check) == (was, None)


def test_a_note_is_kept_sealed_and_has_no_way_out(session: Session, county: County, ask: Ask, do: Any) -> None:
    request = make_request(session, area_id=county.teasel)
    do(triage.add_note, request, words="Rang the school nurse: weights are fine.")
    row = ask.one(Message)
    assert (row.direction, row.body) == (Direction.NOTE, "Rang the school nurse: weights are fine.")
    assert b"nurse" not in row.body_sealed
    assert ask.all(OutboxMessage) == []
    with pytest.raises(WordsMissingError, match="Enter a note"):
        do(triage.add_note, request, words=" \n ")
    with pytest.raises(TooLongError, match="5,000"):
        do(triage.add_note, request, words="a" * 5001)


@pytest.mark.parametrize(("reached", "kind"), [(True, "call_reached"), (False, "call_not_reached")])
def test_a_call_to_the_referrer_is_logged_reached_or_not(
    session: Session, county: County, ask: Ask, do: Any, reached: bool, kind: str
) -> None:
    request = make_request(session, area_id=county.teasel)
    do(triage.log_contact_attempt, request, reached=reached, words="Nobody told the mother yet.")
    row = ask.one(Message)
    assert (row.direction, row.kind) == (Direction.CALL, kind)
    assert ask.one(Event, Event.act == "contact_attempt").facts["reached"] is reached


@pytest.mark.rule("GL-7")
def test_a_manager_passes_to_themselves_what_nobody_has_claimed(
    session: Session, county: County, ask: Ask, do: Any
) -> None:
    request = make_request(session, area_id=county.teasel)
    do(triage.pass_to_manager, request, by=county.manager)
    row = ask.one(ServiceRequest)
    assert (row.state, row.passed_by_id, row.passed_at) == (RequestState.AWAITING_DECISION, county.manager.id, NOW)
    assert [event.act for event in ask.all(Event)] == ["receive", "start", "pass"]


@pytest.mark.rule("EV-7")
def test_a_return_to_the_desk_restarts_no_clock(session: Session, county: County, ask: Ask, do: Any) -> None:
    request = make_waiting(session, county)
    due_at = ask.one(Clock).due_at
    do(triage.return_to_desk, request, reason="Ask for the GP.", by=county.manager)
    clock = ask.one(Clock)
    assert (clock.due_at, clock.ended_at) == (due_at, None)
    assert ask.one(ServiceRequest).state is RequestState.IN_TRIAGE
    assert ask.one(Message).body == "Ask for the GP."


@pytest.mark.rule("GL-8")
def test_junk_is_set_aside_with_a_reason_and_comes_back_with_its_own_clock(
    session: Session, county: County, ask: Ask, do: Any
) -> None:
    request = make_request(session, area_id=county.teasel)
    do(triage.claim, request)
    due_at = ask.one(Clock).due_at
    do(triage.set_aside, request, reason=SetAsideReason.JUNK)
    row = ask.one(ServiceRequest)
    assert (row.state, row.set_aside_reason, row.next_due_at) == (RequestState.SET_ASIDE, "junk", None)
    assert ask.one(Clock).end is ClockEnd.WITHDRAWN
    later = NOW + timedelta(hours=20)
    do(triage.restore, request, now=later)
    row = ask.one(ServiceRequest)
    assert (row.state, row.next_due_at) == (RequestState.IN_TRIAGE, due_at)
    (running,) = [clock for clock in ask.all(Clock) if clock.ended_at is None]
    assert running.due_at == due_at
    assert running.next_act_at == due_at - timedelta(hours=2)


@pytest.mark.rule("GL-8")
def test_only_a_reason_that_is_offered_sets_aside_and_only_the_desk_brings_back(
    session: Session, county: County, ask: Ask, do: Any
) -> None:
    request = make_request(session, area_id=county.teasel)
    with pytest.raises(ReasonUnknownError):
        do(triage.set_aside, request, reason="not_my_cup_of_tea")
    assert ask.one(ServiceRequest).state is RequestState.RECEIVED
    do(triage.set_aside, request, reason=SetAsideReason.JUNK)
    with pytest.raises(DeskOnlyError):
        do(triage.restore, request, by=county.manager)
    do(triage.restore, request)
    row = ask.one(ServiceRequest)
    assert (row.state, row.set_aside_reason, row.before_set_aside) == (RequestState.RECEIVED, None, None)


@pytest.mark.rule("GL-8")
def test_a_manager_sets_nothing_aside_and_nothing_decided_is_set_aside(
    session: Session, county: County, ask: Ask, do: Any
) -> None:
    request = make_waiting(session, county)
    with pytest.raises(DeskOnlyError):
        do(triage.set_aside, request, reason=SetAsideReason.TEST, by=county.manager)
    decided = make_waiting(session, county, state=RequestState.DECIDED)
    with pytest.raises(TransitionRefusedError):
        do(triage.set_aside, decided, reason=SetAsideReason.TEST)


def test_a_team_member_and_another_areas_manager_find_nothing_there(session: Session, county: County, do: Any) -> None:
    request = make_request(session, area_id=county.teasel)
    for user in (county.social_worker, county.locality_worker, county.manager_aldermoor, county.administrator):
        with pytest.raises(NotYoursError):
            do(triage.claim, request, by=user)


@pytest.mark.rule("GL-14")
def test_an_officer_confirms_a_professional_by_phone_and_the_form_may_go_back(
    session: Session, county: County, ask: Ask, do: Any, decided: Any
) -> None:
    request = decided(referrer={"proof": None})
    before = ask.one(Outcome).pdf_wanted_at
    later = NOW + timedelta(hours=1)
    do(triage.confirm_referrer_by_phone, request, words="Rang the school's own number.", now=later)
    referrer = ask.one(type(request.referrer))
    assert (referrer.proof, referrer.proven_at, referrer.proven_by_id) == ("phone", later, county.officer.id)
    assert before == NOW
    assert ask.one(Outcome).pdf_wanted_at == later
    do(triage.confirm_referrer_by_phone, request, by=county.officer_two, now=later + timedelta(hours=1))
    referrer = ask.one(type(request.referrer))  # who rang first, and when, stays on record
    assert (referrer.proven_at, referrer.proven_by_id) == (later, county.officer.id)
    assert [event.act for event in ask.all(Event)].count("confirm_referrer") == 1


@pytest.mark.rule("GL-14")
def test_nobody_but_a_professional_is_confirmed_by_phone(session: Session, county: County, do: Any) -> None:
    request = make_request(session, area_id=county.teasel, referrer={"kind": ReferrerKind.FAMILY})
    with pytest.raises(ReferrerNotProfessionalError):
        do(triage.confirm_referrer_by_phone, request)


@pytest.mark.rule("GL-13")
def test_a_case_open_elsewhere_is_an_officers_recorded_check(
    session: Session, county: County, ask: Ask, do: Any
) -> None:
    request = make_request(session, area_id=county.teasel)
    do(triage.record_open_case_check, request, found=OpenCase.OPEN_ELSEWHERE)
    row = ask.one(ServiceRequest)
    assert (row.open_case_check, row.open_case_checked_at) == ("open_elsewhere", NOW)
    assert row.open_case_checked_by_id == county.officer.id
    (event,) = [event for event in ask.all(Event) if event.act == "check_open_case"]
    assert (event.at, event.facts["found"]) == (NOW, "open_elsewhere")


@pytest.mark.rule("GL-8")
@pytest.mark.rule("GL-14")
def test_what_holds_a_decision_is_not_set_aside(
    session: Session, house: House, county: County, ask: Ask, do: Any
) -> None:
    request = make_waiting(session, county, children=(CALLUM, RYAN))
    first = make_decision(keep(ask.subjects(request.id)[0]))
    decide(session, request_id=request.id, decision=first, by=county.manager, now=NOW, house=house)
    with pytest.raises(PartlyDecidedError):
        do(triage.set_aside, request, reason=SetAsideReason.TEST)
    assert ask.one(ServiceRequest).state is RequestState.AWAITING_DECISION
    assert ask.one(Clock).ended_at is None
