"""Sending back: the referrer is asked once, chased on schedule, then it is up at the desk (GL-3, GL-17, EV-7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from helpdesk.domain.placeholders import PlaceholderLeftError
from helpdesk.services import asking as desk
from helpdesk.services import folding, triage
from helpdesk.services.decide import decide
from helpdesk.services.handing_over import hand_over
from infrastructure.database import Wall, db, transaction
from infrastructure.house import House
from infrastructure.identity.models import SecretLink
from infrastructure.outbox import OutboxMessage
from infrastructure.trail import Event, verify
from service_request.domain.lifecycle import TransitionRefusedError
from service_request.domain.states import RequestState
from service_request.models import (
    AskedFor,
    AskedKind,
    AskedState,
    Clock,
    ClockEnd,
    ClockKind,
    Referrer,
    ReferrerKind,
    Safe,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.services import asking
from service_request.services.log_call import log_call
from service_request.services.reasons import ReasonUnknownError
from service_request.services.refusals import StaleEditError
from tests.answers import typed
from tests.factories import NOW, County, keep, make_decision, make_request, make_waiting
from tests.helpdesk.conftest import Ask
from tests.plugins.house import Mailbox
from tests.wall.inside import make_adviser, take

pytestmark = [pytest.mark.storage, pytest.mark.rule("GL-3")]
TEACHER = "s.rahman@brookfield.example"
FIRST, SECOND, AT_DESK = (datetime(2026, 11, day, 9, tzinfo=UTC) for day in (18, 20, 23))
LATER = NOW + timedelta(minutes=20)
AskIt = Callable[..., AskedFor]


@pytest.fixture
def ask_it(session: Session, house: House, county: County) -> AskIt:
    """Ask the referrer of a request, as the officer."""

    def act(request_id: Any, **values: Any) -> AskedFor:
        given: dict[str, Any] = {"fields": ["child.1.where/gp"], "words": "Which surgery?", "by": county.officer}
        return desk.ask(session, request_id=request_id, house=house, **{**given, "now": NOW, **values})

    return act


@pytest.fixture
def chase_all(session: Session, house: House) -> Callable[[datetime], int]:
    """Chase what is due at a moment, as the worker does."""

    def act(now: datetime) -> int:
        due = asking.list_to_chase(session, now)
        for asked_id in due:
            asking.chase(session, asked_id, now=now, house=house)
        return len(due)

    return act


def letters(ask: Ask, template: str) -> list[str]:
    return [mail.to for mail in ask.all(OutboxMessage, OutboxMessage.template == template)]


@pytest.mark.rule("EV-7")
@pytest.mark.rule("GL-17")
def test_the_referrer_is_asked_in_one_mail_and_the_time_to_decide_runs_on(
    session: Session, county: County, ask: Ask, ask_it: AskIt
) -> None:
    request = make_request(session, area_id=county.teasel)
    due_at = request.next_due_at
    ask_it(request.id)
    row, asked = ask.one(ServiceRequest), ask.one(AskedFor)
    assert (row.state, row.assignee_id) == (RequestState.AWAITING_INFORMATION, county.officer.id)
    assert (asked.kind, asked.fields, asked.words) == (AskedKind.DETAILS, ["child.1.where/gp"], "Which surgery?")
    assert letters(ask, "asked") == [TEACHER]
    assert ask.one(SecretLink).expires_at == NOW + timedelta(days=28), "GL-17"
    assert "surgery" not in str(ask.one(OutboxMessage).body)
    clocks = {clock.kind: clock for clock in ask.all(Clock)}
    assert clocks[ClockKind.DECISION].ended_at is None and row.next_due_at == due_at
    assert (clocks[ClockKind.ANSWER].due_at, clocks[ClockKind.ANSWER].owner_id) == (AT_DESK, asked.id)
    assert [event.act for event in ask.all(Event)] == ["receive", "start", "ask", "owe_asking"]
    assert "surgery" not in str([event.facts for event in ask.all(Event)])
    assert list(verify(session)) == []


def test_what_is_nothing_or_no_question_of_the_form_or_asked_already_is_refused(
    session: Session, county: County, ask: Ask, ask_it: AskIt
) -> None:
    request = make_request(session, area_id=county.teasel)
    with pytest.raises(desk.NothingAskedError):
        ask_it(request.id, fields=["told/made_up", "nowhere/at_all"], words=" ")
    ask_it(request.id, fields=["child.1.where/gp", "child.1.where/gp", "nowhere/at_all"])
    assert ask.one(AskedFor).fields == ["child.1.where/gp"]
    with pytest.raises(desk.AskedAlreadyError):
        ask_it(request.id, now=LATER)
    with pytest.raises(StaleEditError) as stale:
        ask_it(request.id, version=1, words="And her sister?")
    assert stale.value.mine == {"words": "And her sister?"}
    waiting = make_waiting(session, county)
    with pytest.raises(TransitionRefusedError):
        ask_it(waiting.id)
    assert len(ask.all(AskedFor)) == 1


@pytest.mark.rule("GL-17")
def test_the_worker_chases_after_one_and_three_working_days_and_then_it_is_up_at_the_desk(
    app: Flask, session: Session, county: County, ask: Ask, ask_it: AskIt, mailbox: Mailbox, work: Callable[[], None]
) -> None:
    ask_it(make_request(session, area_id=county.teasel).id)
    session.rollback()
    subjects = []
    for at in (FIRST - timedelta(minutes=1), FIRST, SECOND - timedelta(minutes=1), SECOND, AT_DESK):
        with time_machine.travel(at, tick=False):
            work()
            work()  # a worker that looks twice reminds once
        subjects.append([str(mail["Subject"]).split(": ")[1] for mail in mailbox.to(TEACHER)])
    asked_once, again = "we need something more from you", "we still need something from you"
    assert subjects[0] == [asked_once]
    assert subjects[1] == subjects[2] == [asked_once, again]
    assert subjects[3] == subjects[4] == [asked_once, again, again]
    (task,) = ask.all(Task, Task.kind == TaskKind.CHASE)
    assert task.made_at == AT_DESK and task.done_at is None
    links = {mail.body["facts"]["link"] for mail in ask.all(OutboxMessage, OutboxMessage.template.startswith("asked"))}
    assert len(links) == 3
    assert ask.one(AskedFor).chased == 2 and ask.one(AskedFor).next_chase_at is None


@pytest.mark.rule("GL-17")
@pytest.mark.parametrize(
    ("asked_at", "first"),
    [
        ("2026-11-20T16:00", "2026-11-23T16:00"),  # a Friday: Monday at the same time
        ("2026-11-20T22:30", "2026-11-24T09:00"),  # a Friday night: its reminder waits for the office
        ("2026-12-24T10:00", "2026-12-29T10:00"),  # Christmas Eve: the Monday is a bank holiday
    ],
)
def test_reminders_go_in_office_hours(
    session: Session, county: County, ask: Ask, ask_it: AskIt, asked_at: str, first: str
) -> None:
    at, due = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (asked_at, first))
    ask_it(make_request(session, area_id=county.teasel, received_at=at).id, now=at)
    assert ask.one(AskedFor).next_chase_at == due


@pytest.mark.rule("GL-17")
def test_a_worker_that_comes_at_night_waits_for_the_morning_and_one_that_was_away_reminds_once(
    session: Session, county: County, ask: Ask, ask_it: AskIt, chase_all: Callable[[datetime], int]
) -> None:
    ask_it(make_request(session, area_id=county.teasel).id)
    chase_all(FIRST.replace(hour=23))
    assert letters(ask, "asked_again") == []
    assert ask.one(AskedFor).next_chase_at == datetime(2026, 11, 19, 9, tzinfo=UTC)
    chase_all(SECOND + timedelta(hours=1))  # both reminders were due meanwhile
    assert letters(ask, "asked_again") == [TEACHER] and chase_all(SECOND + timedelta(hours=2)) == 0


@pytest.mark.threat("W11")
def test_two_workers_and_one_that_dies_remind_once(
    app: Flask, session: Session, county: County, house: House, ask: Ask, ask_it: AskIt
) -> None:
    asked_id = ask_it(make_request(session, area_id=county.teasel).id).id
    session.rollback()

    def dies(*_: Any, **__: Any) -> Any:
        raise SystemExit

    with pytest.raises(SystemExit):
        asking.chase(session, asked_id, now=FIRST, house=replace(house, write=dies))
    session.rollback()
    start = Barrier(2)

    def chase() -> None:
        with app.app_context():
            start.wait()
            asking.chase(db.session(), asked_id, now=FIRST, house=app.extensions["house"])

    workers = [Thread(target=chase) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert letters(ask, "asked_again") == [TEACHER] and ask.one(AskedFor).chased == 1


def test_it_is_given_up_with_a_reason_from_the_list_and_can_be_asked_again(
    session: Session, county: County, house: House, ask: Ask, ask_it: AskIt, chase_all: Callable[[datetime], int]
) -> None:
    request = make_request(session, area_id=county.teasel)
    asked_id = ask_it(request.id).id

    def give_up(**values: Any) -> None:
        given: dict[str, Any] = {"reason": "no_answer", "by": county.officer, "now": LATER, **values}
        desk.give_up(session, request_id=request.id, asked_id=asked_id, house=house, **given)

    with pytest.raises(ReasonUnknownError):
        give_up(reason="tired of it")
    with pytest.raises(desk.WhyMissingError):
        give_up(reason="other")
    assert ask.one(ServiceRequest).state is RequestState.AWAITING_INFORMATION
    give_up()
    asked = ask.one(AskedFor)
    assert (asked.state, asked.reason_code, asked.ended_by_id) == (AskedState.GIVEN_UP, "no_answer", county.officer.id)
    assert ask.one(ServiceRequest).state is RequestState.IN_TRIAGE
    assert ask.one(Clock, Clock.kind == ClockKind.ANSWER).end is ClockEnd.WITHDRAWN
    assert chase_all(AT_DESK) == 0
    with pytest.raises(desk.NotAskedError):
        give_up()
    ask_it(request.id, now=LATER + timedelta(minutes=1))
    assert ask.one(ServiceRequest).state is RequestState.AWAITING_INFORMATION
    assert [event.act for event in ask.all(Event)][-4:] == ["end_asked", "give_up", "ask", "owe_asking"]


def test_an_officer_says_that_it_is_answered_and_the_task_at_the_desk_is_done(
    app: Flask, session: Session, county: County, house: House, ask: Ask, ask_it: AskIt, work: Callable[[], None]
) -> None:
    request_id = make_request(session, area_id=county.teasel).id
    asked_id = ask_it(request_id).id
    session.rollback()
    with time_machine.travel(AT_DESK, tick=False):
        work()
    assert ask.one(Task, Task.kind == TaskKind.CHASE).done_at is None
    later = AT_DESK + timedelta(hours=1)
    desk.mark_answered(session, request_id=request_id, asked_id=asked_id, by=county.officer_two, now=later, house=house)
    assert ask.one(ServiceRequest).state is RequestState.IN_TRIAGE
    assert (ask.one(AskedFor).state, ask.one(AskedFor).ended_by_id) == (AskedState.ANSWERED, county.officer_two.id)
    assert ask.one(Clock, Clock.kind == ClockKind.ANSWER).end is ClockEnd.MET
    assert ask.one(Task, Task.kind == TaskKind.CHASE).done_at == later


@pytest.mark.rule("EV-7")
def test_what_was_asked_ends_with_its_request_folded_and_is_asked_again_once_it_is_unfolded(
    session: Session, county: County, house: House, ask: Ask, ask_it: AskIt, chase_all: Callable[[datetime], int]
) -> None:
    request_id = make_request(session, area_id=county.teasel).id
    into_id = make_request(session, area_id=county.teasel).id
    ask_it(request_id)
    same = dict(zip(ask.subjects(request_id), ask.subjects(into_id), strict=True))
    by: dict[str, Any] = {"by": county.officer, "house": house}
    folding.fold(session, request_id=request_id, into_id=into_id, same=same, now=LATER, **by)
    assert ask.one(AskedFor).state is AskedState.WITHDRAWN and chase_all(FIRST) == 0
    folding.unfold(session, request_id=request_id, now=LATER + timedelta(minutes=5), **by)
    row = ask.one(ServiceRequest, ServiceRequest.id == request_id)
    assert (row.state, ask.one(AskedFor).state) == (RequestState.AWAITING_INFORMATION, AskedState.OPEN)
    running = ask.one(Clock, Clock.kind == ClockKind.ANSWER, Clock.ended_at.is_(None))
    assert running.due_at == AT_DESK
    assert chase_all(FIRST) == 1 and letters(ask, "asked_again") == [TEACHER]


@pytest.mark.rule("EV-7")
def test_what_was_asked_ends_with_its_request_set_aside_and_comes_back_with_it(
    session: Session, county: County, house: House, ask: Ask, ask_it: AskIt, chase_all: Callable[[datetime], int]
) -> None:
    request_id = make_request(session, area_id=county.teasel).id
    ask_it(request_id)
    values: dict[str, Any] = {"request_id": request_id, "by": county.officer, "house": house}
    triage.set_aside(session, reason="test", now=LATER, **values)
    assert ask.one(AskedFor).state is AskedState.WITHDRAWN and chase_all(FIRST) == 0
    triage.restore(session, now=LATER + timedelta(minutes=5), **values)
    assert ask.one(ServiceRequest).state is RequestState.AWAITING_INFORMATION
    assert ask.one(AskedFor).state is AskedState.OPEN
    running = ask.one(Clock, Clock.kind == ClockKind.ANSWER, Clock.ended_at.is_(None))
    assert running.due_at == AT_DESK
    assert chase_all(FIRST) == 1 and letters(ask, "asked_again") == [TEACHER]


def test_nobody_is_chased_for_what_is_decided(
    session: Session, county: County, house: House, ask: Ask, ask_it: AskIt, chase_all: Callable[[datetime], int]
) -> None:
    request_id = make_request(session, area_id=county.teasel).id
    ask_it(request_id)
    triage.pass_to_manager(session, request_id=request_id, by=county.officer, now=LATER, house=house)
    assert ask.one(AskedFor).state is AskedState.OPEN
    decision = make_decision(*(keep(subject) for subject in ask.subjects(request_id)))
    decide(session, request_id=request_id, decision=decision, by=county.manager, now=LATER, house=house)
    assert ask.one(AskedFor).state is AskedState.WITHDRAWN and chase_all(AT_DESK) == 0


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize(
    "referrer",
    [
        {"email": None},
        {"kind": ReferrerKind.FAMILY, "safe": Safe.UNSET},
        {"kind": ReferrerKind.PUBLIC, "safe": Safe.NO},
        {"kind": ReferrerKind.PROFESSIONAL, "safe": Safe.NO},
    ],
)
def test_whom_nobody_may_write_to_is_rung_and_the_logged_call_ends_the_task(
    session: Session, county: County, house: House, ask: Ask, ask_it: AskIt, referrer: dict[str, Any]
) -> None:
    request_id = make_request(session, area_id=county.teasel, referrer=referrer).id
    asked_id = ask_it(request_id).id
    assert ask.all(OutboxMessage) == [] and ask.one(AskedFor).next_chase_at is None
    assert ask.one(Task, Task.kind == TaskKind.CALL_BACK).about_id == asked_id
    values: dict[str, Any] = {"request_id": request_id, "by": county.officer, "house": house, "words": "Rang her."}
    triage.log_contact_attempt(session, reached=False, now=LATER, **values)
    assert ask.one(Task, Task.kind == TaskKind.CALL_BACK).done_at is None
    triage.log_contact_attempt(session, reached=True, now=LATER, **values)
    assert ask.one(Task, Task.kind == TaskKind.CALL_BACK).done_at == LATER
    assert ask.one(AskedFor).state is AskedState.OPEN


@pytest.mark.rule("EV-2")
def test_a_reminder_is_not_written_to_where_it_became_unsafe(
    session: Session, county: County, ask: Ask, ask_it: AskIt, chase_all: Callable[[datetime], int]
) -> None:
    family = {"kind": ReferrerKind.FAMILY, "safe": Safe.YES}
    ask_it(make_request(session, area_id=county.teasel, referrer=family).id)
    with transaction(session):
        session.execute(update(Referrer).values(safe=Safe.NO))
    chase_all(FIRST)
    assert letters(ask, "asked_again") == [] and len(ask.all(Task, Task.kind == TaskKind.CALL_BACK)) == 1


@pytest.mark.rule("GL-1")
@pytest.mark.rule("GL-17")
def test_the_written_form_after_a_call_is_chased_as_well(
    session: Session, county: County, house: House, ask: Ask, chase_all: Callable[[datetime], int]
) -> None:
    page = typed(narrative="She is cold.", caller="school", caller_name="Samina Rahman", email=TEACHER)
    log_call(session, call_id=uuid4(), typed=page, by=county.officer, now=NOW, house=house)
    asked = ask.one(AskedFor)
    assert (asked.kind, asked.next_chase_at, asked.asked_by_id) == (
        AskedKind.WRITTEN_FORM,
        FIRST,
        county.officer.id,
    )
    chase_all(FIRST)
    chase_all(SECOND)
    assert letters(ask, "form_wished_again") == [TEACHER, TEACHER]
    assert "/complete/" in ask.all(OutboxMessage)[-1].body["facts"]["link"]


@pytest.mark.rule("SE-5")
def test_what_is_handed_over_to_sendiass_is_asked_no_more_and_its_answer_goes_inside_with_it(
    session: Session, county: County, house: House, ask: Ask, ask_it: AskIt, chase_all: Callable[[datetime], int]
) -> None:
    make_adviser(session)
    request_id = take(session, county, house)
    ask_it(request_id, fields=[], words="Which school?")
    hand_over(session, request_id=request_id, by=county.officer, now=LATER, house=house)
    asked = ask.one(AskedFor)
    assert (asked.wall, asked.state) == (Wall.SENDIASS, AskedState.WITHDRAWN)
    assert chase_all(AT_DESK) == 0


def test_words_with_a_gap_to_fill_are_not_sent(session: Session, county: County, ask: Ask, ask_it: AskIt) -> None:
    request = make_request(session, area_id=county.teasel)
    with pytest.raises(PlaceholderLeftError):
        ask_it(request.id, words="Ring us before {promise}.")
    assert ask.all(AskedFor) == []
