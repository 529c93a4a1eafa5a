"""Dates that the law sets, against a slow count by hand."""

import calendar as months
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.calendar import OfficeCalendar
from service_request.pathways.sendiass.codes import DeadlineKind
from service_request.pathways.sendiass.deadlines import parse_holidays, work_out

OFFICE = OfficeCalendar()
CHRISTMAS = parse_holidays("2026-12-21/2027-01-01, 2027-02-15/2027-02-19")
days = st.dates(date(2024, 1, 1), date(2029, 12, 31))
holidays = st.lists(
    st.tuples(days, st.integers(0, 20)).map(lambda one: (one[0], one[0] + timedelta(days=one[1]))), max_size=4
)


def slow_school_day(letter_on, number, breaks):
    """Write down every school day after the letter and read off the one with this number."""
    after = (letter_on + timedelta(days=n) for n in range(1, 400))
    free = {first + timedelta(days=n) for first, last in breaks for n in range((last - first).days + 1)}
    return [day for day in after if OFFICE.is_working_day(day) and day not in free][number - 1]


def slow_months_later(day, number):
    """Turn the pages of a calendar: the same day of a later month, or its last where it has no such day."""
    year, month = day.year, day.month
    for _ in range(number):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(day.day, months.monthrange(year, month)[1]))


@pytest.mark.rule("SE-3")
@pytest.mark.parametrize(
    ("kind", "letter_on", "due_on"),
    [
        (DeadlineKind.EXCLUSION, date(2026, 11, 12), date(2026, 12, 3)),
        (DeadlineKind.EXCLUSION, date(2026, 12, 10), date(2027, 1, 14)),  # over Christmas
        (DeadlineKind.EXCLUSION_REVIEW, date(2026, 11, 20), date(2026, 12, 11)),
        (DeadlineKind.APPEAL, date(2026, 11, 12), date(2027, 1, 12)),
        (DeadlineKind.APPEAL, date(2026, 12, 31), date(2027, 2, 28)),
        (DeadlineKind.MEDIATION, date(2026, 11, 12), date(2026, 12, 12)),
        (DeadlineKind.DRAFT_PLAN, date(2026, 11, 12), date(2026, 11, 26)),  # its own day is day 1
    ],
)
def test_a_letter_has_its_deadline(kind, letter_on, due_on):
    assert work_out(kind, letter_on, OFFICE, CHRISTMAS).due_on == due_on


@pytest.mark.rule("SE-3")
@pytest.mark.parametrize("kind", [DeadlineKind.EXCLUSION, DeadlineKind.EXCLUSION_REVIEW])
@given(letter_on=days, breaks=holidays)
def test_fifteen_school_days_are_those_counted_by_hand(kind, letter_on, breaks):
    assert work_out(kind, letter_on, OFFICE, breaks).due_on == slow_school_day(letter_on, 15, breaks)


@pytest.mark.rule("SE-3")
@given(letter_on=days, certificate_on=st.none() | days)
def test_an_appeal_has_two_months_or_one_from_the_certificate_whichever_is_later(letter_on, certificate_on):
    by_hand = slow_months_later(letter_on, 2)
    if certificate_on is not None:
        by_hand = max(by_hand, slow_months_later(certificate_on, 1))
    assert work_out(DeadlineKind.APPEAL, letter_on, OFFICE, certificate_on=certificate_on).due_on == by_hand


@pytest.mark.rule("SE-3")
@given(letter_on=days)
def test_a_draft_plan_leaves_fifteen_days_with_its_own(letter_on):
    worked = work_out(DeadlineKind.DRAFT_PLAN, letter_on, OFFICE)
    assert len([letter_on + timedelta(days=n) for n in range((worked.due_on - letter_on).days + 1)]) == 15


@pytest.mark.rule("SE-3")
@pytest.mark.parametrize("kind", list(DeadlineKind))
def test_every_date_says_how_it_was_worked_out_and_that_a_person_must_check(kind):
    worked = work_out(kind, date(2026, 12, 10), OFFICE, CHRISTMAS)
    if kind in (DeadlineKind.ANNUAL_REVIEW, DeadlineKind.OTHER):
        assert worked is None  # no date follows from such a letter: a person enters it
        return
    lines = dict(worked.working)
    assert lines["Last day"] == f"{worked.due_on.day} {worked.due_on:%B %Y}"
    assert "adviser must read the letter" in lines["Check the date"]
    assert lines["Source"]
    assert lines["Time limit"]


def test_the_holidays_left_out_are_named_and_their_lack_is_said():
    with_holidays = dict(work_out(DeadlineKind.EXCLUSION, date(2026, 12, 10), OFFICE, CHRISTMAS).working)
    assert "21 December 2026 to 1 January 2027" in with_holidays["Not counted"]
    assert "February" not in with_holidays["Not counted"]
    without = dict(work_out(DeadlineKind.EXCLUSION, date(2026, 12, 10), OFFICE).working)
    assert "No school holidays are set" in without["Not counted"]


@pytest.mark.parametrize("text", ["soon", "2026-12-21/never", "2027-01-01/2026-12-21", "2026-13-01/2026-13-02"])
def test_holidays_that_are_no_dates_are_refused_by_name(text):
    with pytest.raises(ValueError, match=text.split("/")[0]):
        parse_holidays(text)


def test_one_day_off_is_a_holiday_too():
    assert parse_holidays(" 2027-05-07 ,") == ((date(2027, 5, 7), date(2027, 5, 7)),)
