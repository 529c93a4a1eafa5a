"""SE-7: when a person of SENDIASS answers, and what is said at other times."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from infrastructure.calendar import OfficeCalendar
from service_request.domain.opening_hours import (
    closed_words,
    helpdesk_opens_at,
    hours_in_words,
    opens_at,
    read_hours,
)

pytestmark = pytest.mark.rule("SE-7")


@dataclass(frozen=True)
class Told:
    sendiass_hours: str = "09:00-17:00"
    duty_line: str = "01632 960 120"


CALENDAR = OfficeCalendar()


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)  # in November London's clock is UTC


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        (at(16, 8, 59), at(16, 9)),  # Monday, a minute before
        (at(16, 17), at(17, 9)),  # at five it is over
        (at(20, 17, 1), at(23, 9)),  # Friday evening: Monday
        (at(21, 12), at(23, 9)),  # Saturday
        (at(24, 20, month=12), at(29, 9, month=12)),  # Christmas, and Boxing Day's substitute on the Monday
    ],
)
def test_out_of_hours_somebody_is_there_from_the_next_opening(now: datetime, opens: datetime) -> None:
    assert opens_at(now, CALENDAR, Told()) == opens


@pytest.mark.parametrize("now", [at(16, 9), at(16, 16, 59), at(20, 12)])
def test_in_hours_nothing_is_said(now: datetime) -> None:
    assert opens_at(now, CALENDAR, Told()) is None
    assert closed_words(now, CALENDAR, Told()) == ""


def test_what_is_said_names_the_day_the_time_and_whom_to_call() -> None:
    assert closed_words(at(20, 22), CALENDAR, Told()) == (
        "We are closed now. Expect an answer from 9am on Monday 23 November. "
        "If a child is in immediate danger, call 999 now. "
        "If it is urgent, ring the duty line, day or night: 01632 960 120."
    )


def test_a_text_that_has_the_numbers_already_says_only_when() -> None:
    words = closed_words(at(20, 22), CALENDAR, Told(), emergency=False)
    assert words == "We are closed now. Expect an answer from 9am on Monday 23 November."


def test_in_summer_the_hours_are_those_of_the_clock_on_the_wall() -> None:
    assert closed_words(datetime(2026, 7, 6, 8, 30, tzinfo=UTC), CALENDAR, Told()) == ""  # half past nine in London
    assert closed_words(datetime(2026, 7, 6, 16, 30, tzinfo=UTC), CALENDAR, Told()) != ""


def test_a_day_that_the_authority_closes_is_closed() -> None:
    calendar = OfficeCalendar(closed=frozenset({date(2026, 11, 16)}))
    assert opens_at(at(16, 12), calendar, Told()) == at(17, 9)


def test_the_hours_stand_on_a_page_in_words() -> None:
    assert hours_in_words(Told()) == "Monday to Friday, 9am to 5pm"
    assert hours_in_words(Told("08:30-16:30")) == "Monday to Friday, 8:30am to 4:30pm"


@pytest.mark.parametrize("text", ["", "9-17", "17:00-09:00", "09:00", "from nine"])
def test_hours_that_make_no_day_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_hours(text)


@pytest.mark.parametrize(
    ("now", "hours", "opens"),
    [
        (at(20, 16, 59), "Monday to Friday, 8:30am to 5pm", None),
        (at(20, 17), "Monday to Friday, 8:30am to 5pm", at(23, 8, 30)),
        (at(16, 7), "monday to friday 9 am to 5.30 pm.", at(16, 9)),
        (at(25, 12, month=12), "Monday to Friday, 12pm to 4pm", at(29, 12, month=12)),
        (at(21, 12), "Every day, 8am to 8pm", None),  # in other words: we do not know better
        (at(21, 12), "Monday to Friday, 25am to 5pm", None),
        (at(21, 12), "Monday to Friday, 5pm to 8am", None),
    ],
)
def test_the_helpdesk_opens_by_the_calendar_where_its_hours_are_those_of_an_office(
    now: datetime, hours: str, opens: datetime | None
) -> None:
    assert helpdesk_opens_at(now, CALENDAR, hours) == opens
