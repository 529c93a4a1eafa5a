"""Times in words."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.web.say_time import (
    clock_state,
    public_date,
    public_day,
    public_moment,
    public_moment_near,
    short_date,
    staff_moment,
    time_left,
)

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 17, 12, 55, tzinfo=LONDON)
moments = st.datetimes(datetime(2024, 1, 1), datetime(2034, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (190, "3 h 10 min"),
        (425, "7 h 05 min"),
        (180, "3 h"),
        (59, "59 min"),
        (0.5, "under 1 min"),
        (0, "under 1 min late"),
        (-25, "25 min late"),
        (-85, "1 h 25 min late"),
        (24 * 60, "1 day"),
        (24 * 60 - 1, "23 h 59 min"),
        (71 * 60, "2 days"),
        (-24 * 60, "1 day late"),
        (-80 * 60, "3 days late"),
    ],
)
def test_time_left_is_said_as_on_a_clock_face(minutes, words):
    assert time_left(NOW + timedelta(minutes=minutes), NOW) == words


@given(moments, moments, moments)
def test_a_clock_is_late_exactly_when_its_words_say_so(due, warn, now):
    late = clock_state(due, warn, now) == "late"
    assert late == time_left(due, now).endswith(" late") == (now >= due)


@pytest.mark.rule("EV-7")
def test_a_clock_runs_then_warns_then_is_late():
    warn, due = NOW - timedelta(hours=2), NOW
    assert clock_state(due, warn, warn - timedelta(seconds=1)) == "running"
    assert clock_state(due, warn, warn) == "soon"
    assert clock_state(due, warn, due) == "late"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-17T16:05", "today 16:05"),
        ("2026-11-17T00:00", "today 00:00"),
        ("2026-11-18T08:15", "Wed 08:15"),
        ("2026-11-16T16:06", "Mon 16:06"),
        ("2026-11-23T09:00", "Mon 09:00"),
        ("2026-11-24T09:00", "24 Nov 09:00"),
        ("2026-11-10T16:05", "10 Nov 16:05"),
        ("2027-02-03T16:05", "3 Feb 2027 16:05"),
    ],
)
def test_staff_read_a_moment_by_how_near_it_is(at, words):
    assert staff_moment(datetime.fromisoformat(at).replace(tzinfo=LONDON), NOW) == words


def test_moments_are_shown_in_the_zone_of_the_office():
    summer = datetime(2026, 7, 14, 23, 30, tzinfo=UTC)
    assert staff_moment(summer, summer) == "today 00:30"
    assert public_moment(summer) == "12:30am on Wednesday 15 July"
    assert public_moment(summer, ZoneInfo("UTC")) == "11:30pm on Tuesday 14 July"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-17T16:05", "4:05pm on Tuesday 17 November"),
        ("2026-11-17T09:00", "9am on Tuesday 17 November"),
        ("2026-11-17T12:00", "midday on Tuesday 17 November"),
        ("2026-11-17T12:30", "12:30pm on Tuesday 17 November"),
        ("2026-11-17T00:00", "midnight at the start of Tuesday 17 November"),
        ("2026-11-17T00:05", "12:05am on Tuesday 17 November"),
    ],
)
def test_the_public_reads_the_time_the_weekday_and_the_date(at, words):
    assert public_moment(datetime.fromisoformat(at).replace(tzinfo=LONDON)) == words


@pytest.mark.parametrize(
    ("at", "words"),
    [
        ("2026-11-17T16:05", "4:05pm today, Tuesday 17 November"),
        ("2026-11-18T16:05", "4:05pm tomorrow, Wednesday 18 November"),
        ("2026-11-19T16:05", "4:05pm on Thursday 19 November"),
    ],
)
def test_today_and_tomorrow_are_named_beside_the_date(at, words):
    assert public_moment_near(datetime.fromisoformat(at).replace(tzinfo=LONDON), NOW) == words


def test_dates_are_written_out_for_the_public_and_short_in_tables():
    assert public_date(date(2026, 11, 16)) == "16 November 2026"
    assert short_date(date(2017, 3, 14)) == "14 Mar 2017"
    assert public_day(date(2026, 11, 17)) == "Tuesday 17 November"
