"""What is asked about the hours of the office, a single day, and a turn of the rota."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from wtforms import RadioField, SelectField
from wtforms.validators import StopValidation

from helpdesk.domain.office import NewDay, NewTurn, OfficeHoursError, read_clock, read_day_hours, read_week
from helpdesk.web.forms import OneOf, Say, SayWhen, one_line
from helpdesk.web.trail_forms import GivenDay
from infrastructure.calendar import Hours, OfficeCalendar
from infrastructure.questions import DateParts, PlainForm, choice

CLOSED, OPEN, PART = "closed", "open", "part"


class AsAWeek:
    """Refuse hours that nobody could read."""

    def __call__(self, form: PlainForm, field: Any) -> None:
        try:
            read_week(field.data or "")
        except OfficeHoursError as refusal:
            raise StopValidation(refusal.sentence) from None


class AsAClock:
    """Refuse what no clock shows."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __call__(self, form: PlainForm, field: Any) -> None:
        if read_clock(field.data or "") is None:
            raise StopValidation(self.sentence)


class HoursForm(PlainForm):
    """The hours of the week in a line."""

    hours = one_line(
        "Hours of the office",
        Say("Enter the hours of the office"),
        AsAWeek(),
        hint="For example mon-thu 09:00-17:00; fri 09:00-16:30. A day that you leave out is not worked.",
        autocomplete="off",
        spellcheck="false",
    )

    @property
    def week(self) -> dict[int, Hours]:
        """Return what the checks have read."""
        return read_week(self.hours.data or "")


class DayForm(PlainForm):
    """A day that is not as its weekday says."""

    day = DateParts("Which day?", [GivenDay("Enter the day")], noun="The day")
    how = RadioField(
        "What is it?",
        [OneOf("Select whether the office works that day")],
        choices=[
            choice(CLOSED, "Closed"),
            choice(OPEN, "Open", hint="At the hours of its weekday, or nine to five"),
            choice(PART, "Open at other hours", hint="For example half a day", reveals="hours"),
        ],
        validate_choice=False,
    )
    hours = one_line(
        "From when to when?",
        SayWhen("how", (PART,), "Enter from when to when the office works that day"),
        hint="For example 09:00-12:00",
        most=11,
        width=10,
    )
    name = one_line(
        "Why?",
        Say("Enter why the day is another than usual"),
        hint="For example “Council closed between the years”. Whoever looks at how a due time was worked out reads it.",
        most=80,
    )

    @property
    def new(self) -> NewDay:
        """Return the day; raise DayHoursError where its hours make none."""
        assert self.day.data is not None
        hours = read_day_hours(self.hours.data or "") if self.how.data == PART else None
        return NewDay(self.day.data, self.how.data != CLOSED, self.name.data or "", hours)


class TurnForm(PlainForm):
    """Who is on duty, and from when to when."""

    person = SelectField("Who is on duty?", [OneOf("Select who is on duty")], choices=[], validate_choice=False)
    area = SelectField("For which area?", choices=[], validate_choice=False)
    since = DateParts("First day", [GivenDay("Enter the first day")], noun="The first day")
    starts = one_line(
        "From",
        AsAClock("Enter from when, for example 17:00"),
        hint="By the clock on the wall, for example 17:00",
        most=5,
        width=5,
    )
    until = DateParts("Last day", [GivenDay("Enter the last day")], noun="The last day")
    ends = one_line(
        "To",
        AsAClock("Enter to when, for example 09:00"),
        hint="By the clock on the wall, for example 09:00",
        most=5,
        width=5,
    )

    def offer(self, people: list[tuple[UUID, str, str]], areas: list[tuple[UUID, str]]) -> None:
        """Offer who may be on duty, and the areas."""
        self.person.choices = [
            choice("", "Choose a person"),
            *(choice(str(one), f"{name}, {email}") for one, name, email in people),
        ]
        self.area.choices = [choice("", "Every area"), *(choice(str(one), name) for one, name in areas)]
        if self.area.data not in {str(one) for one, _ in areas}:
            self.area.data = ""

    def new(self, calendar: OfficeCalendar) -> NewTurn:
        """Return the turn by the office clock."""
        return NewTurn(
            _moment(self.since.data, self.starts.data, calendar), _moment(self.until.data, self.ends.data, calendar)
        )

    @property
    def area_id(self) -> UUID | None:
        """Return the area, or None for every one."""
        return UUID(self.area.data) if self.area.data else None


def _moment(day: date | None, clock: str | None, calendar: OfficeCalendar) -> datetime:
    at = read_clock(clock or "")
    assert day is not None  # the checks have found both
    assert at is not None
    return calendar.at(day, at)
