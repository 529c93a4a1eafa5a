"""Promises, and when they fall due."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.calendar import OfficeCalendar
from service_request.domain.clocks import (
    DecisionPromise,
    acknowledge_due,
    chases,
    decision_due,
    written_form_due,
)

LONDON = ZoneInfo("Europe/London")
OFFICE = OfficeCalendar()
moments = st.datetimes(datetime(2024, 1, 1), datetime(2034, 12, 31), timezones=st.sampled_from([UTC, LONDON]))
promises = st.sampled_from(DecisionPromise)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.rule("GL-8")
@given(moments)
def test_a_decision_is_due_24_elapsed_hours_after_receipt_whatever_the_day_or_the_clocks_do(received):
    due = decision_due(received, DecisionPromise.HOURS_24, OFFICE)
    assert due.due_at.timestamp() - received.timestamp() == 24 * 3600


@pytest.mark.rule("EV-7")
@given(moments)
def test_the_manager_is_warned_at_22_hours_and_the_next_told_at_24(received):
    due = decision_due(received, DecisionPromise.HOURS_24, OFFICE)
    assert due.warn_at.timestamp() - received.timestamp() == 22 * 3600
    assert due.escalate_at == due.due_at


@pytest.mark.rule("GL-8")
@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-16T16:05", "2026-11-17T17:00"),  # Monday: end of Tuesday
        ("2026-11-16T00:30", "2026-11-17T17:00"),  # the smallest hour of Monday is Monday
        ("2026-11-20T09:00", "2026-11-23T17:00"),  # Friday: end of Monday
        ("2026-11-21T09:00", "2026-11-23T17:00"),  # Saturday: end of Monday
        ("2026-12-24T09:00", "2026-12-29T17:00"),  # over Christmas
    ],
)
def test_one_working_day_is_the_end_of_the_next_working_day_after_the_day_of_receipt(received, due):
    assert decision_due(at(received), DecisionPromise.WORKING_DAY, OFFICE).due_at == at(due)


@pytest.mark.rule("GL-8")
def test_a_day_in_the_override_table_moves_the_working_day():
    calendar = OfficeCalendar(closed=frozenset({date(2026, 11, 17)}))
    due = decision_due(at("2026-11-16T16:05"), DecisionPromise.WORKING_DAY, calendar)
    assert due.due_at == at("2026-11-18T17:00")


@given(moments)
def test_the_earlier_of_both_is_never_later_than_either(received):
    both, hours, day = (
        decision_due(received, promise, OFFICE).due_at
        for promise in (DecisionPromise.EARLIER_OF_BOTH, DecisionPromise.HOURS_24, DecisionPromise.WORKING_DAY)
    )
    assert both == min(hours, day)


@given(moments, promises)
def test_a_clock_never_warns_after_it_is_due_nor_before_it_starts(received, promise):
    due = decision_due(received, promise, OFFICE)
    assert received < due.due_at
    assert received <= due.warn_at <= due.due_at <= due.escalate_at
    assert {moment.tzinfo for moment in (due.due_at, due.warn_at, due.escalate_at)} == {UTC}


@pytest.mark.rule("EV-7")
def test_a_clock_says_how_it_was_worked_out_in_the_office_time():
    due = decision_due(datetime(2026, 7, 14, 15, 5, tzinfo=UTC), DecisionPromise.HOURS_24, OFFICE)
    assert due.working == [
        ("Received", "Tue 14 Jul 16:05"),
        ("Promise", "24 hours, nights and weekends count"),
        ("Due", "Wed 15 Jul 16:05"),
        ("Warns", "Wed 15 Jul 14:05"),
        ("Escalates", "Wed 15 Jul 16:05"),
    ]


@pytest.mark.rule("GL-17")
@pytest.mark.parametrize(
    ("sent", "warned", "due"),
    [
        ("2026-11-17T11:30", "2026-11-17T15:30", "2026-11-18T11:30"),  # Tuesday: four of the eight hours have gone
        ("2026-11-17T16:30", "2026-11-18T12:30", "2026-11-18T16:30"),
        (
            "2026-11-17T21:00",
            "2026-11-18T13:00",
            "2026-11-18T21:00",
        ),  # sent in the evening, and nobody is rung at night
        ("2026-11-20T16:05", "2026-11-23T12:05", "2026-11-23T16:05"),  # Friday to Monday
        ("2026-11-21T08:00", "2026-11-23T08:00", "2026-11-23T08:00"),  # no hour of the office lies between
    ],
)
def test_a_team_acknowledges_by_the_same_time_of_the_next_working_day_and_is_warned_at_half_of_the_office_time(
    sent, warned, due
):
    made = acknowledge_due(at(sent), 1, OFFICE)
    assert made.due_at == made.escalate_at == at(due)
    assert made.warn_at == at(warned)
    assert ("Promise", "1 working day, the same time") in made.working


@pytest.mark.rule("EV-7")
def test_the_working_names_the_days_that_did_not_count_and_hours_of_a_days_own():
    calendar = OfficeCalendar(
        closed=frozenset({date(2026, 12, 29)}),
        opened=frozenset({date(2026, 12, 30)}),
        day_hours={date(2026, 12, 30): (time(10), time(12))},
        names={date(2026, 12, 29): "Heating repaired", date(2026, 12, 30): "Short day"},
    )
    due = decision_due(at("2026-12-24T15:00"), DecisionPromise.WORKING_DAY, calendar)
    assert due.due_at == at("2026-12-30T12:00")
    said = dict(due.working)
    assert said["Not counted"] == (
        "Fri 25 Dec (Christmas Day), Sat 26 Dec (Boxing Day), Sun 27 Dec, Mon 28 Dec (Boxing Day (observed)),"
        " Tue 29 Dec (Heating repaired)"
    )
    assert said["Open"] == "Wed 30 Dec (Short day), 10:00 to 12:00"


@pytest.mark.rule("GL-17")
@given(moments)
def test_a_written_form_follows_an_urgent_call_within_24_hours(called):
    due = written_form_due(called, OFFICE)
    assert due.due_at.timestamp() - called.timestamp() == 24 * 3600
    assert due.warn_at == due.due_at or OFFICE.is_open(due.warn_at - timedelta(microseconds=1))
    assert called < due.warn_at <= due.due_at


@pytest.mark.rule("GL-17")
def test_a_referrer_is_chased_after_1_and_3_working_days_and_then_it_comes_up_at_the_desk():
    chase = chases(at("2026-11-19T10:20"), OFFICE)
    assert chase.chase_at == (at("2026-11-20T10:20"), at("2026-11-24T10:20"))
    assert chase.desk_at == at("2026-11-25T10:20")


def test_a_clock_does_not_start_at_a_moment_without_a_zone():
    naive = datetime(2026, 11, 17, 12)
    with pytest.raises(ValueError, match="zone"):
        written_form_due(naive)
    with pytest.raises(ValueError, match="zone"):
        decision_due(naive, DecisionPromise.HOURS_24, OFFICE)
