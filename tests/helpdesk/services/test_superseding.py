"""The manager who learns at noon that she was wrong at nine: both decisions stay, and all who must know are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import AssignmentState
from helpdesk.services.assignments import acknowledge
from helpdesk.services.on_record import list_decided
from infrastructure.house import House
from infrastructure.outbox import OutboxMessage
from infrastructure.trail import verify
from service_request.domain.states import RequestState
from service_request.models import Clock, ClockKind, Grant, Outcome, OutcomeState, ServiceRequest, Task, TaskKind
from service_request.pathways.social_care.rules import ReferralAction
from service_request.services.returned_form import content_of
from service_request.services.sight.system_files import FormToReturn
from tests.factories import CALLUM, NOW, RYAN, Child, County, accept, keep, make_decision, make_waiting
from tests.helpdesk.conftest import Ask
from tests.plugins.house import Mailbox

pytestmark = pytest.mark.storage

HOUR = timedelta(hours=1)
TEACHER = "s.rahman@brookfield.example"
WHY = "The nurse rang at noon: she had mixed up two boys."
IVY = Child("Ivy Hartley")


@pytest.mark.rule("GL-9")
@pytest.mark.rule("GL-14")
@pytest.mark.rule("EV-7")
def test_from_closed_and_twice_each_corrected_outcome_is_owed_and_named_and_no_clock_starts(
    session: Session, county: County, ask: Ask, save: Any, work: Callable[[], None], mailbox: Mailbox
) -> None:
    request = make_waiting(session, county)
    (callum,) = ask.subjects(request.id)
    save(request.id, make_decision(accept(callum, ReferralAction.NONE)))
    work()
    assert ask.one(ServiceRequest).state is RequestState.CLOSED
    for n, line in enumerate((keep(callum), accept(callum, ReferralAction.NONE)), 1):
        save(request.id, make_decision(line, why_superseded=WHY, reason=f"Reason {n}."), now=NOW + n * HOUR)
        assert ask.one(ServiceRequest).state is RequestState.DECIDED
        work()
        assert ask.one(ServiceRequest).state is RequestState.CLOSED
    assert [one.state for one in ask.all(Outcome)] == [OutcomeState.SENT] * 3
    words = [Mailbox.words(one) for one in mailbox.to(TEACHER)]
    assert ["corrected outcome" in one for one in words] == [False, True, True]
    assert all(WHY not in one and "Callum" not in one for one in words)
    clocks = ask.all(Clock, Clock.kind == ClockKind.DECISION)
    assert len(clocks) == 1
    assert ask.one(ServiceRequest).next_due_at is None
    decided = list_decided(session, request.id, county.officer)
    assert [one.why_superseded for one in decided] == [WHY, WHY, None]
    assert [[line.is_current for line in one.lines] for one in decided] == [[True], [False], [False]]
    assert list(verify(session)) == []


@pytest.mark.rule("GL-9")
@pytest.mark.rule("GL-14")
@pytest.mark.rule("EV-5")
def test_one_child_of_three_is_decided_anew_and_only_its_team_is_told_and_sees_no_more(
    session: Session, county: County, ask: Ask, save: Any, house: House
) -> None:
    request = make_waiting(session, county, children=(CALLUM, RYAN, IVY))
    callum, ryan, ivy = ask.subjects(request.id)
    save(request.id, make_decision(accept(callum), accept(ryan), keep(ivy)))
    first, other = sorted(ask.assignments(request.id), key=lambda row: row.subject_id != callum)
    first_id, other_id = first.id, other.id
    acknowledge(session, assignment_id=first_id, by=county.social_worker, now=NOW + HOUR / 2, house=house)
    save(request.id, make_decision(keep(callum), why_superseded=WHY), now=NOW + 3 * HOUR)
    states = {row.id: row.state for row in ask.assignments(request.id)}
    assert states == {first_id: AssignmentState.WITHDRAWN, other_id: AssignmentState.SENT}
    ended = {row.assignment_id: row.until for row in ask.all(Grant, Grant.request_id == request.id)}
    assert ended == {first_id: NOW + 3 * HOUR, other_id: None}
    told = ask.all(OutboxMessage, OutboxMessage.template == "assignment_withdrawn")
    assert [one.to for one in told] == ["assessment-teasel-vale@westmarch.example"]
    outcome = max(ask.all(Outcome), key=lambda row: row.owed_at)
    assert outcome.body["is_corrected"] is True
    assert [row["decision"] for row in outcome.body["rows"]] == [
        "Kept as a contact",
        "Accepted as a referral",
        "Kept as a contact",
    ]
    assert len(ask.current_lines(callum)) == len(ask.current_lines(ryan)) == len(ask.current_lines(ivy)) == 1


@pytest.mark.rule("GL-14")
def test_the_form_returned_says_that_it_is_a_corrected_outcome(
    session: Session, county: County, ask: Ask, save: Any, house: House
) -> None:
    request = make_waiting(session, county)
    (callum,) = ask.subjects(request.id)
    save(request.id, make_decision(accept(callum, ReferralAction.NONE)))
    save(request.id, make_decision(keep(callum), why_superseded=WHY), now=NOW + HOUR)
    outcome = max(ask.all(Outcome), key=lambda row: row.owed_at)
    form = FormToReturn(
        outcome.id, request.id, NOW, request.reference, NOW, outcome.body, "full", request.form_version, {}
    )
    assert "Corrected outcome" in content_of(form, areas=(), settings=house.settings, now=NOW + HOUR).lead


@pytest.mark.rule("GL-14")
def test_what_was_owed_to_be_rung_is_rung_once_more_and_not_twice(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county, referrer={"email": None})
    (callum,) = ask.subjects(request.id)
    save(request.id, make_decision(accept(callum, ReferralAction.NONE)))
    save(request.id, make_decision(keep(callum), why_superseded=WHY), now=NOW + HOUR)
    states = {row.owed_at: row.state for row in ask.all(Outcome)}
    assert states == {NOW: OutcomeState.NOT_DELIVERABLE, NOW + HOUR: OutcomeState.OWED}
    assert [one.done_at for one in ask.all(Task, Task.kind == TaskKind.CALL_BACK)].count(None) == 1
