"""With nobody signed in and only time moved, the right person has the right message at the right minute (EV-7, GL-8).

The worker's own jobs run, the mails are read from a mail server, and the clock is all that changes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import HandBackReason
from helpdesk.domain.office import NewDay, NewTurn
from helpdesk.domain.sight_reasons import Connected
from helpdesk.services import restricting, rota, triage
from helpdesk.services.assignments import hand_back
from helpdesk.services.decide import decide
from helpdesk.services.folding import fold, unfold
from helpdesk.services.office_days import set_day
from helpdesk.services.watch import act_on_clock
from infrastructure.database import db, transaction
from infrastructure.house import House
from infrastructure.identity.models import Role, Team, UserAccount
from infrastructure.identity.users import User
from infrastructure.outbox import OutboxMessage
from service_request.domain.clocks import written_form_due
from service_request.models import Clock, ClockKind, ServiceRequest, Task, TaskKind
from service_request.services.clocks import list_due_clocks, start_clock
from service_request.services.sight.system import lock_request
from tests.factories import CALLUM, County, accept, keep, make_decision, make_request, make_user, make_waiting
from tests.helpdesk.conftest import Ask
from tests.plugins.house import Mailbox
from tests.wall.inside import make_adviser, make_enquiry

pytestmark = [pytest.mark.rule("EV-7"), pytest.mark.storage]
HOUR = timedelta(hours=1)
FRIDAY = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
HELEN, IAN, GRACE = (f"{name}@westmarch.example" for name in ("helen.prosser", "ian.castell", "grace.oyelaran"))
Night = Callable[[datetime], list[tuple[str, str]]]


@pytest.fixture
def at(work: Callable[[], None], mailbox: Mailbox) -> Night:
    """Let the worker run at a moment; return who has which message then: (address, what it is)."""

    def run(moment: datetime) -> list[tuple[str, str]]:
        mailbox.clear()
        with time_machine.travel(moment, tick=False):
            work()
        return sorted((str(mail["To"]), kind_of(mail)) for mail in mailbox.messages)

    return run


def kind_of(mail: Any) -> str:
    """Return what a mail to staff is, by its subject, and why they hear of it."""
    subject, words = str(mail["Subject"]), Mailbox.words(mail)
    what = "late" if "the time has run out" in subject else "warned" if "due by" in subject else subject
    return f"{what}, on duty" if "you are on duty" in words else what


@pytest.fixture
def on_duty(session: Session, county: County) -> Callable[..., UUID]:
    """Put somebody on duty."""

    def put(user: User, since: datetime, hours: float = 62, area_id: UUID | None = None) -> UUID:
        new, by = NewTurn(since, since + hours * HOUR), county.service_manager
        return rota.add_turn(session, user_id=user.id, area_id=area_id, new=new, by=by, now=since - HOUR)

    return put


@pytest.mark.rule("GL-8")
def test_on_a_friday_evening_the_manager_and_the_officer_on_duty_are_warned_then_she_is_woken_then_the_next(
    session: Session, county: County, at: Night, on_duty: Any, ask: Ask
) -> None:
    on_duty(county.officer, FRIDAY - 5 * HOUR)
    make_request(session, area_id=county.teasel, received_at=FRIDAY - 24 * HOUR)
    minute = timedelta(minutes=1)
    assert at(FRIDAY - 2 * HOUR - minute) == []
    assert at(FRIDAY - 2 * HOUR) == [(GRACE, "warned, on duty"), (HELEN, "warned")]
    assert at(FRIDAY - minute) == []
    assert at(FRIDAY) == [(GRACE, "late, on duty")]
    assert at(FRIDAY + 59 * minute) == []
    assert at(FRIDAY + HOUR) == [(IAN, "late")]
    assert at(FRIDAY + 12 * HOUR) == []
    assert ask.one(Clock).ended_at is None, "it runs on, late"
    assert ask.one(Task).kind is TaskKind.WHY_LATE


def test_with_nobody_on_duty_the_next_in_line_hears_at_once(session: Session, county: County, at: Night) -> None:
    make_request(session, area_id=county.teasel, received_at=FRIDAY - 24 * HOUR)
    assert at(FRIDAY - 2 * HOUR) == [(HELEN, "warned")]
    assert at(FRIDAY) == [(IAN, "late")]
    assert at(FRIDAY + HOUR) == []


def test_who_is_on_duty_for_the_area_comes_before_who_is_for_every_one_and_a_turn_ends_to_the_minute(
    session: Session, county: County, at: Night, on_duty: Any
) -> None:
    on_duty(county.officer, FRIDAY - HOUR, hours=2)
    on_duty(county.officer_two, FRIDAY - HOUR, hours=1.5, area_id=county.teasel)
    make_request(session, area_id=county.teasel, received_at=FRIDAY - 24 * HOUR)
    make_request(session, area_id=county.aldermoor, received_at=FRIDAY - 24 * HOUR)
    at(FRIDAY - 2 * HOUR)
    assert at(FRIDAY) == [(GRACE, "late, on duty"), (county.officer_two.email, "late, on duty")]
    make_request(session, area_id=county.teasel, received_at=FRIDAY - 23 * HOUR)
    assert at(FRIDAY + HOUR - timedelta(minutes=1)) == [(GRACE, "warned, on duty"), (HELEN, "warned")]
    assert at(FRIDAY + HOUR) == [(IAN, "late")] * 3, "both turns are over"


def test_who_left_is_taken_out_or_is_barred_is_not_woken_though_they_were_put_on_the_rota(
    session: Session, county: County, at: Night, on_duty: Any
) -> None:
    request = make_request(session, area_id=county.teasel, received_at=FRIDAY - 24 * HOUR)
    left = make_user(session, "Lena Frost", (session.get_one(Team, county.desk), Role.OFFICER))
    on_duty(left, FRIDAY - HOUR)
    on_duty(county.officer, FRIDAY - HOUR)
    turn = on_duty(county.officer_two, FRIDAY - HOUR)
    session.get_one(UserAccount, left.id).disabled_at = FRIDAY
    session.commit()
    rota.end_turn(session, turn_id=turn, by=county.service_manager, now=FRIDAY - HOUR)
    values = {"user_id": county.officer.id, "reason": Connected.KNOWS_THEM, "words": "A neighbour."}
    restricting.bar(session, request_id=request.id, by=county.service_manager, now=FRIDAY - HOUR, **values)
    at(FRIDAY - 2 * HOUR)
    assert at(FRIDAY) == [(IAN, "late")]


def test_where_nobody_at_all_can_hear_it_is_a_task(session: Session, county: County, at: Night, ask: Ask) -> None:
    for user in (county.manager, county.service_manager):
        session.get_one(UserAccount, user.id).disabled_at = FRIDAY
    session.commit()
    make_request(session, area_id=county.teasel, received_at=FRIDAY - 24 * HOUR)
    assert at(FRIDAY) == []
    assert sorted(task.kind for task in ask.all(Task)) == [TaskKind.ALERT, TaskKind.WHY_LATE]


@pytest.mark.rule("GL-8")
def test_christmas_day_is_24_hours_long_for_a_decision(
    session: Session, county: County, at: Night, on_duty: Any
) -> None:
    due = datetime(2026, 12, 25, 22, 30, tzinfo=UTC)
    on_duty(county.officer, due - 10 * HOUR)
    make_request(session, area_id=county.teasel, received_at=due - 24 * HOUR)
    assert at(due - 2 * HOUR) == [(GRACE, "warned, on duty"), (HELEN, "warned")]
    assert at(due) == [(GRACE, "late, on duty")]
    assert at(due + HOUR) == [(IAN, "late")]


@pytest.mark.rule("GL-8")
@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
def test_across_a_change_of_the_hour_24_hours_are_24_hours(
    change: date, session: Session, county: County, at: Night
) -> None:
    received = datetime.combine(change, datetime.min.time(), UTC) - 8 * HOUR
    make_request(session, area_id=county.teasel, received_at=received)
    assert at(received + 22 * HOUR - timedelta(minutes=1)) == []
    assert at(received + 22 * HOUR) == [(HELEN, "warned")]
    assert at(received + 24 * HOUR - timedelta(minutes=1)) == []
    assert at(received + 24 * HOUR) == [(IAN, "late")]


@pytest.mark.rule("GL-17")
def test_a_team_is_reminded_and_its_silence_told_of_in_office_hours_only_over_christmas(
    session: Session, county: County, at: Night, house: House, ask: Ask
) -> None:
    eve = datetime(2026, 12, 23, 22, 0, tzinfo=UTC)  # decided late in the evening before Christmas Eve
    half = NewDay(date(2026, 12, 24), is_worked=True, name="Christmas Eve", hours=None)
    set_day(session, new=half, by=county.administrator, now=eve - 9 * HOUR, house=house)
    request = make_waiting(session, county, received_at=eve - HOUR)
    lines = [accept(one) for one in ask.subjects(request.id)]
    with time_machine.travel(eve, tick=False):
        decide(
            session,
            request_id=request.id,
            decision=make_decision(*lines),
            version=None,
            by=county.manager,
            now=eve,
            house=house,
        )
    at(eve)
    at_one = datetime(2026, 12, 24, 13, 0, tzinfo=UTC)
    assert at(at_one - timedelta(minutes=1)) == []
    assert {who for who, _ in at(at_one)} == {county.social_worker.email, HELEN}
    due = datetime(2026, 12, 24, 22, 0, tzinfo=UTC)
    assert at(due) == [], "the work is the desk's again, and nobody is woken"
    assert TaskKind.NOT_ACKNOWLEDGED in {task.kind for task in ask.all(Task)}
    for day in (25, 26, 27, 28):
        assert at(datetime(2026, 12, day, 12, 0, tzinfo=UTC)) == []
    assert at(datetime(2026, 12, 29, 9, 0, tzinfo=UTC)) == [(IAN, "late")], "when the office opens"


@pytest.mark.rule("GL-17")
def test_a_promise_that_runs_through_a_weekend_alone_writes_to_nobody_at_night(
    session: Session, county: County, at: Night, house: House, ask: Ask
) -> None:
    saturday = datetime(
        2026, 11, 21, 18, 0, tzinfo=UTC
    )  # no office hour lies between, so nobody can be reminded before
    called = make_request(session, area_id=county.teasel, assignee_id=county.officer.id, received_at=saturday)
    with transaction(session):
        locked = lock_request(session, called.id)
        of_form = {"owner": ("request", locked.id), "kind": ClockKind.WRITTEN_FORM, "due": written_form_due(saturday)}
        start_clock(session, request=locked, now=saturday, **of_form)
    assert at(saturday + 22 * HOUR) == [(HELEN, "warned")]
    assert at(saturday + 24 * HOUR) == [(IAN, "late")], "the decision; of the form nobody is written to"
    assert TaskKind.CHASE in {task.kind for task in ask.all(Task)}, "it is up at the desk to the minute all the same"
    sunday = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
    given = make_waiting(session, county, received_at=sunday - HOUR)
    lines = [accept(one) for one in ask.subjects(given.id)]
    with time_machine.travel(sunday, tick=False):
        decide(session, request_id=given.id, decision=make_decision(*lines), by=county.manager, now=sunday, house=house)
    at(sunday)
    clock = ask.one(Clock, Clock.kind == ClockKind.ACKNOWLEDGE)
    with transaction(session):  # sent on a Sunday, due on Monday before the office opens
        moved = session.get_one(Clock, clock.id)
        moved.warn_at = moved.due_at = moved.escalate_at = moved.next_act_at = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    assert at(datetime(2026, 11, 23, 6, 0, tzinfo=UTC)) == [], "no reminder of what is late in the same minute"
    assert TaskKind.NOT_ACKNOWLEDGED in {task.kind for task in ask.all(Task)}


def test_a_folded_request_wakes_nobody_and_the_survivor_wakes_at_the_earliest_due_time(
    session: Session, county: County, at: Night, ask: Ask, house: House
) -> None:
    early = make_request(session, area_id=county.teasel, received_at=FRIDAY - 24 * HOUR)
    later = make_request(session, area_id=county.teasel, received_at=FRIDAY - 20 * HOUR, children=(CALLUM,))
    same = dict(zip(ask.subjects(early.id), ask.subjects(later.id), strict=True))
    now = FRIDAY - 19 * HOUR
    for one in (early, later):
        triage.claim(session, request_id=one.id, by=county.officer, now=now, house=house)
    fold(
        session,
        request_id=early.id,
        into_id=later.id,
        same=same,
        why="One evening.",
        by=county.officer,
        now=now,
        house=house,
    )
    assert at(FRIDAY - 2 * HOUR) == [(HELEN, "warned")]
    assert at(FRIDAY) == [(IAN, "late")]
    references = [row.about_id for row in ask.all(OutboxMessage, OutboxMessage.template == "clock_escalation")]
    assert references == [later.id]
    unfold(session, request_id=early.id, by=county.officer, now=FRIDAY + HOUR, house=house)
    assert at(FRIDAY + 1.5 * HOUR) == [(HELEN, "warned"), (IAN, "late")], "its own clock, with its own due time"
    assert at(FRIDAY + 2 * HOUR) == [(HELEN, "warned")], "and that of the other"
    assert at(FRIDAY + 4 * HOUR) == [(IAN, "late")]


@pytest.mark.rule("GL-8")
def test_a_hand_back_and_a_new_decision_start_no_24_hours_anew(
    session: Session, county: County, at: Night, ask: Ask, house: House
) -> None:
    request = make_waiting(session, county, received_at=FRIDAY - 12 * HOUR)
    now = FRIDAY - 8 * HOUR  # two in the afternoon

    def decided(line: Any, when: datetime, why: str | None = None) -> None:
        lines = [line(one) for one in ask.subjects(request.id)]
        with time_machine.travel(when, tick=False):
            decide(
                session,
                request_id=request.id,
                decision=make_decision(*lines, why_superseded=why),
                version=None,
                by=county.manager,
                now=when,
                house=house,
            )

    decided(accept, now)
    at(now)
    (assignment,) = ask.assignments(request.id)
    reason = HandBackReason.NO_CAPACITY
    hand_back(session, assignment_id=assignment.id, reason=reason, by=county.social_worker, now=now + HOUR, house=house)
    decided(keep, now + 2 * HOUR, "The team has no room.")
    at(now + 2 * HOUR)
    for hours in (14, 16, 22, 24, 40, 72, 96):
        assert at(FRIDAY - 12 * HOUR + hours * HOUR) == [], hours
    clock = ask.one(Clock, Clock.request_id == request.id, Clock.kind == ClockKind.DECISION)
    assert clock.ended_at == now


@pytest.mark.rule("SE-5")
def test_inside_the_wall_its_own_rota_is_woken_and_nobody_outside(
    session: Session, county: County, house: House, at: Night, on_duty: Any, ask: Ask
) -> None:
    adviser = make_adviser(session)
    enquiry = make_enquiry(session, county, house)
    clock = ask.one(Clock, Clock.request_id == enquiry, Clock.kind == ClockKind.FIRST_CONTACT)
    on_duty(county.officer, clock.due_at - 3 * HOUR)
    new = NewTurn(clock.due_at - 3 * HOUR, clock.due_at + 9 * HOUR)
    rota.add_turn(session, user_id=adviser.id, area_id=None, new=new, by=adviser, now=clock.due_at - 4 * HOUR)
    at(clock.warn_at)
    assert at(clock.due_at) == [(adviser.email, "late, on duty")]


def test_two_workers_at_once_wake_each_person_once(
    app: Flask, session: Session, county: County, house: House, on_duty: Any, ask: Ask
) -> None:
    on_duty(county.officer, FRIDAY - HOUR)
    make_request(session, area_id=county.teasel, received_at=FRIDAY - 24 * HOUR)
    (clock_id,) = list_due_clocks(session, FRIDAY)
    session.rollback()
    ready, failed = threading.Barrier(2), []

    def worker() -> None:
        with app.app_context():
            try:
                ready.wait(5)
                act_on_clock(db.session(), clock_id, now=FRIDAY, house=house)
            except Exception as error:
                failed.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert failed == []
    late = [row.to for row in ask.all(OutboxMessage, OutboxMessage.template == "clock_escalation")]
    assert late == [GRACE]
    assert ask.one(ServiceRequest).next_due_at == FRIDAY
