"""Office time in England."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.calendar import OfficeCalendar, bank_holidays

LONDON = ZoneInfo("Europe/London")
OFFICE = OfficeCalendar()
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31), timezones=st.just(UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.rule("EV-7")
@pytest.mark.parametrize(
    "holiday",
    ["2026-01-01", "2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-25", "2026-12-28"],
)
def test_no_bank_holiday_of_england_is_worked_substitute_days_included(holiday):
    assert not OFFICE.is_working_day(date.fromisoformat(holiday))


@pytest.mark.rule("EV-7")
@given(days)
def test_no_saturday_and_no_sunday_is_worked(day):
    assert not (OFFICE.is_working_day(day) and day.strftime("%a") in ("Sat", "Sun"))


def test_scotlands_holidays_are_worked_in_england():
    assert OFFICE.is_working_day(date(2026, 11, 30))
    assert date(2026, 1, 2) not in bank_holidays(2026)


@pytest.mark.rule("EV-7")
def test_a_table_closes_and_opens_days():
    calendar = OfficeCalendar(
        closed=frozenset({date(2026, 11, 17)}), opened=frozenset({date(2026, 12, 25), date(2026, 11, 21)})
    )
    assert not calendar.is_working_day(date(2026, 11, 17))
    assert calendar.is_working_day(date(2026, 12, 25))
    assert calendar.is_working_day(date(2026, 11, 21))


def test_a_day_in_both_tables_is_closed():
    day = frozenset({date(2026, 11, 17)})
    assert not OfficeCalendar(closed=day, opened=day).is_working_day(date(2026, 11, 17))


@given(days)
def test_the_next_working_day_is_worked_and_none_between_is(day):
    following = OFFICE.next_working_day(day)
    assert following > day
    assert OFFICE.is_working_day(following)
    between = [day + timedelta(n) for n in range(1, (following - day).days)]
    assert not any(OFFICE.is_working_day(d) for d in between)


@given(days, st.integers(1, 30))
def test_exactly_so_many_working_days_are_counted(day, count):
    end = OFFICE.add_working_days(day, count)
    worked = [d for n in range(1, (end - day).days + 1) if OFFICE.is_working_day(d := day + timedelta(n))]
    assert len(worked) == count
    assert worked[-1] == end


def test_working_days_are_not_counted_backwards():
    with pytest.raises(ValueError, match="forwards"):
        OFFICE.add_working_days(date(2026, 11, 17), -1)


@pytest.mark.rule("GL-17")
@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-17T11:30", "2026-11-18T11:30"),  # Tuesday to Wednesday
        ("2026-11-20T16:05", "2026-11-23T16:05"),  # Friday to Monday
        ("2026-11-21T14:00", "2026-11-23T14:00"),  # Saturday to Monday, the same time
        ("2026-12-24T09:00", "2026-12-29T09:00"),  # over Christmas: 25th, weekend, 28th in lieu
        ("2026-10-23T09:00", "2026-10-26T09:00"),  # the clocks go back between: the office clock counts
        ("2026-03-27T09:00", "2026-03-30T09:00"),  # and forward
    ],
)
def test_one_working_day_ends_at_the_same_time_of_the_next(received, due):
    assert OFFICE.same_time_after(at(received), 1) == at(due)


@given(moments, st.integers(1, 10))
def test_the_same_time_later_is_later_worked_and_at_the_same_time_of_the_clock(received, count):
    due = OFFICE.same_time_after(received, count)
    assert due > received
    assert due.tzinfo is UTC
    assert OFFICE.is_working_day(OFFICE.local_day(due))
    assert OFFICE.local(due).time().replace(fold=0) == OFFICE.local(received).time().replace(fold=0)


def test_a_working_day_ends_at_five_by_the_wall_in_summer_and_winter():
    assert OFFICE.end_of_working_day(date(2026, 7, 1)) == datetime(2026, 7, 1, 16, tzinfo=UTC)
    assert OFFICE.end_of_working_day(date(2026, 11, 17)) == datetime(2026, 11, 17, 17, tzinfo=UTC)
    assert OFFICE.end_of_working_day(date(2026, 11, 17), time(16, 30)) == datetime(2026, 11, 17, 16, 30, tzinfo=UTC)


def test_a_day_that_is_not_worked_ends_with_the_next_that_is():
    assert OFFICE.end_of_working_day(date(2026, 11, 21)) == at("2026-11-23T17:00")


def test_a_moment_without_a_zone_is_a_mistake():
    with pytest.raises(ValueError, match="zone"):
        OFFICE.same_time_after(datetime(2026, 11, 17, 11), 1)
