"""Promises come due with nobody signed in (GL-8, GL-17, EV-7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import AssignmentState
from helpdesk.models import Assignment
from helpdesk.services import triage
from helpdesk.services.assignments import acknowledge
from helpdesk.services.watch import act_on_clock
from infrastructure.calendar import OfficeCalendar
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.models import Role, Team, UserAccount
from infrastructure.outbox import OutboxMessage
from infrastructure.outbox.senders import Parcel
from infrastructure.trail import Event, verify
from service_request.domain.clocks import written_form_due
from service_request.domain.states import RequestState
from service_request.models import Clock, ClockEnd, ClockKind, Person, ServiceRequest, Task, TaskKind
from service_request.pathways.social_care.rules import SetAsideReason
from service_request.services.clocks import list_due_clocks, start_clock
from service_request.services.guarding import make_guard
from service_request.services.sight.system import lock_request
from tests.factories import NOW, County, keep, make_decision, make_request, make_user, make_waiting
from tests.helpdesk.conftest import Ask
from tests.plugins.house import Mailbox

pytestmark = pytest.mark.storage


@pytest.fixture
def sweep(session: Session, house: House) -> Callable[[datetime], int]:
    """Act on every clock that is due at a moment, as the worker does."""

    def act(now: datetime) -> int:
        due = list_due_clocks(session, now)
        for clock_id in due:
            act_on_clock(session, clock_id, now=now, house=house)
        return len(due)

    return act


def told(ask: Ask, template: str) -> list[str]:
    return sorted(mail.to for mail in ask.all(OutboxMessage, OutboxMessage.template == template))


@pytest.mark.rule("GL-8")
@pytest.mark.rule("EV-7")
def test_with_nobody_signed_in_the_manager_hears_at_22_hours_and_the_next_in_line_at_24(
    app: Flask, session: Session, county: County, ask: Ask, mailbox: Mailbox, work: Callable[[], None]
) -> None:
    received = datetime(2026, 11, 21, 16, 5, tzinfo=UTC)  # a Saturday: nights and weekends count
    request = make_request(session, area_id=county.teasel, received_at=received)
    for hours, to in ((21.9, None), (22, county.manager.email), (23.9, None), (24, county.service_manager.email)):
        mailbox.clear()
        with time_machine.travel(received + timedelta(hours=hours), tick=False):
            work()
        assert [str(mail["To"]) for mail in mailbox.messages] == ([to] if to else []), hours
        for mail in mailbox.messages:
            said = Mailbox.words(mail) + str(mail["Subject"])
            assert request.reference[:4] in said
            assert "4:05pm on Sunday 22 November" in said
            assert "Hartley" not in said
    with time_machine.travel(received + timedelta(hours=48), tick=False):
        work()
    assert ask.one(Clock).ended_at is None
    assert [event.act for event in ask.all(Event)] == ["receive", "warn_clock", "escalate_clock"]
    assert list(verify(session)) == []


@pytest.mark.rule("GL-8")
def test_a_request_of_no_area_warns_the_default_areas_manager(
    session: Session, county: County, ask: Ask, sweep: Any
) -> None:
    make_request(session, area_id=None, area_reason="outside")
    sweep(NOW + timedelta(hours=21))
    assert told(ask, "clock_warning") == [county.manager.email]


@pytest.mark.rule("GL-8")
def test_a_manager_of_another_kind_of_team_for_the_area_is_not_warned(
    session: Session, county: County, ask: Ask, sweep: Any
) -> None:
    make_user(session, "Lena Frost", (session.get_one(Team, county.locality), Role.MANAGER))
    make_request(session, area_id=county.teasel)
    sweep(NOW + timedelta(hours=21))
    assert told(ask, "clock_warning") == [county.manager.email]


@pytest.mark.rule("EV-7")
def test_where_no_manager_is_left_the_next_in_line_hears_and_then_the_desk(
    session: Session, county: County, ask: Ask, sweep: Any
) -> None:
    def disable(user_id: Any) -> None:
        with transaction(session):
            session.get_one(UserAccount, user_id).disabled_at = NOW

    make_request(session, area_id=county.teasel)
    disable(county.manager.id)
    sweep(NOW + timedelta(hours=21))
    assert told(ask, "clock_warning") == [county.service_manager.email]
    disable(county.service_manager.id)
    sweep(NOW + timedelta(hours=23))
    assert told(ask, "clock_escalation") == []
    assert sorted(task.kind for task in ask.all(Task)) == [TaskKind.ALERT, TaskKind.WHY_LATE]


@pytest.mark.rule("EV-7")
def test_a_worker_that_was_down_warns_and_escalates_at_once_and_once(
    session: Session, county: County, ask: Ask, house: House, sweep: Any
) -> None:
    make_request(session, area_id=county.teasel)
    (clock_id,) = list_due_clocks(session, NOW + timedelta(days=2))
    for _ in range(2):  # two workers that found the same row
        act_on_clock(session, clock_id, now=NOW + timedelta(days=2), house=house)
    assert told(ask, "clock_warning") == [county.manager.email]
    assert told(ask, "clock_escalation") == [county.service_manager.email]
    assert sweep(NOW + timedelta(days=3)) == 0


@pytest.mark.rule("EV-7")
def test_no_act_but_the_decision_ends_the_decision_clock(
    session: Session, county: County, ask: Ask, house: House, save: Any
) -> None:
    request = make_request(session, area_id=county.teasel)
    due_at = ask.one(Clock).due_at
    values = {"request_id": request.id, "now": NOW, "house": house}
    triage.claim(session, by=county.officer, **values)
    triage.log_contact_attempt(session, reached=True, words="Spoke.", by=county.officer, **values)
    triage.pass_to_manager(session, by=county.officer, **values)
    triage.return_to_desk(session, reason="Ask more.", by=county.manager, **values)
    triage.pass_to_manager(session, by=county.officer, **values)
    triage.release(session, by=county.officer, **values)
    clock = ask.one(Clock)
    assert (clock.ended_at, clock.due_at, ask.one(ServiceRequest).next_due_at) == (None, due_at, due_at)
    save(request.id, make_decision(*(keep(one) for one in ask.subjects(request.id))), now=due_at + timedelta(hours=1))
    assert ask.one(Clock).end is ClockEnd.MET
    assert ask.one(Clock).ended_at == due_at + timedelta(hours=1)


@pytest.mark.rule("EV-7")
def test_what_was_set_aside_past_its_warning_is_warned_of_when_it_comes_back(
    session: Session, county: County, ask: Ask, house: House, sweep: Any
) -> None:
    request = make_request(session, area_id=county.teasel)
    values = {"request_id": request.id, "by": county.officer, "house": house}
    triage.set_aside(session, reason=SetAsideReason.WRONG_NUMBER, now=NOW, **values)
    assert sweep(NOW + timedelta(hours=22, minutes=30)) == 0
    triage.restore(session, now=NOW + timedelta(hours=22, minutes=30), **values)
    assert sweep(NOW + timedelta(hours=22, minutes=31)) == 1
    assert told(ask, "clock_warning") == [county.manager.email]


@pytest.mark.rule("EV-7")
def test_what_comes_back_late_goes_up_the_chain_from_where_it_was(
    session: Session, county: County, ask: Ask, house: House, sweep: Any
) -> None:
    request = make_request(session, area_id=county.teasel)
    due_at = ask.one(Clock).due_at
    values = {"request_id": request.id, "by": county.officer, "house": house}
    sweep(due_at - timedelta(hours=2))
    sweep(due_at)
    assert told(ask, "clock_escalation") == [county.service_manager.email]
    triage.set_aside(session, reason=SetAsideReason.WRONG_NUMBER, now=due_at + timedelta(minutes=1), **values)
    triage.restore(session, now=due_at + timedelta(minutes=2), **values)
    sweep(due_at + timedelta(minutes=3))
    again = ask.one(Clock, Clock.ended_at.is_(None))
    assert (again.due_at, again.escalated_at, again.level) == (due_at, due_at, 2)
    assert told(ask, "clock_escalation") == [county.service_manager.email], "nobody is woken a second time"
    assert len(ask.all(Event, Event.act == "escalate_clock")) == 1


@pytest.mark.rule("GL-17")
def test_a_team_is_reminded_at_half_time_and_at_the_end_the_work_is_the_desks_again(
    session: Session, decided: Any, county: County, ask: Ask, sweep: Any, house: House
) -> None:
    decided()
    sweep(NOW + timedelta(hours=3, minutes=59))
    assert told(ask, "assignment_reminder") == []
    sweep(NOW + timedelta(hours=4))  # of the eight hours that the office is open until then, half have gone
    assert told(ask, "assignment_reminder") == sorted([county.social_worker.email, county.manager.email])
    assert ask.one(Assignment).state is AssignmentState.SENT
    sweep(NOW + timedelta(hours=24))
    assert ask.one(Assignment).state is AssignmentState.LAPSED
    assert ask.one(Task, Task.kind != TaskKind.WHY_LATE).kind is TaskKind.NOT_ACKNOWLEDGED
    assert told(ask, "clock_escalation") == [county.service_manager.email]
    clock = ask.one(Clock, Clock.kind == ClockKind.ACKNOWLEDGE)
    assert clock.ended_at is None
    at = NOW + timedelta(hours=30)
    acknowledge(session, assignment_id=ask.one(Assignment).id, by=county.social_worker, now=at, house=house)
    assert ask.one(Clock, Clock.kind == ClockKind.ACKNOWLEDGE).ended_at == at
    assert ask.one(Task, Task.kind == TaskKind.NOT_ACKNOWLEDGED).done_at == at


@pytest.mark.rule("GL-17")
def test_an_acknowledged_assignment_is_left_alone(
    session: Session, decided: Any, county: County, ask: Ask, sweep: Any, house: House
) -> None:
    decided()
    acknowledge(session, assignment_id=ask.one(Assignment).id, by=county.social_worker, now=NOW, house=house)
    assert sweep(NOW + timedelta(days=3)) == 0
    assert ask.all(Task) == []


@pytest.mark.rule("GL-17")
def test_a_written_form_that_does_not_follow_a_call_comes_up_at_the_desk(
    session: Session, county: County, ask: Ask, sweep: Any
) -> None:
    request = make_waiting(session, county, assignee_id=county.officer.id, state=RequestState.IN_TRIAGE)
    with transaction(session):
        locked = lock_request(session, request.id)
        start_clock(
            session,
            owner=("request", locked.id),
            request=locked,
            kind=ClockKind.WRITTEN_FORM,
            due=written_form_due(NOW, OfficeCalendar()),
            now=NOW,
        )
    sweep(NOW + timedelta(hours=4))  # two hours before it is due nobody is there: half of the office time before then
    assert told(ask, "clock_warning") == [county.officer.email]
    sweep(NOW + timedelta(hours=24))
    assert ask.one(Task, Task.kind != TaskKind.WHY_LATE).kind is TaskKind.CHASE
    why = ask.one(Task, Task.kind == TaskKind.WHY_LATE)
    assert why.about_id == ask.one(Clock, Clock.kind == ClockKind.DECISION).id, "the form is no promise of ours"


@pytest.mark.rule("EV-6")
def test_no_letter_of_the_desk_is_held_back_by_the_guard_for_words_of_its_own(
    session: Session, county: County, ask: Ask, sweep: Any, decided: Any, house: House
) -> None:
    decided()
    make_request(session, area_id=county.teasel)
    with transaction(session):
        for person in session.query(Person):
            person.facts = {
                **(person.facts or {}),
                "school": "The Team Decision Form College",
                "address": "1 The Start, By An Answer Street",
            }
    sweep(NOW + timedelta(days=2))
    rows = ask.all(OutboxMessage)
    assert {row.template for row in rows} >= {"assignment", "assignment_reminder", "clock_warning", "clock_escalation"}
    guard = make_guard(house.settings)
    for row in rows:
        parcel = Parcel(row.to, row.body["subject"], row.body["text"], row.message_id)
        assert guard(session, row, parcel) == [], row.template
