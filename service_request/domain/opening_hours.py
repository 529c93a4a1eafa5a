"""When a person of SENDIASS or of the helpdesk answers, and what is said at other times (SE-7)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import Protocol

from infrastructure.calendar import OfficeCalendar
from infrastructure.web.say_time import public_clock, public_moment

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)  # any day outside summer time: only its hours are read
_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?\s*([ap])m"
_WEEK_DAYS = re.compile(rf"Monday to Friday,? (?:from )?{_CLOCK} to {_CLOCK}\.?", re.IGNORECASE)


class Hours(Protocol):
    """What the settings say of opening and of emergencies."""

    @property
    def sendiass_hours(self) -> str:
        """Return "09:00-17:00", by the clock on the wall."""

    @property
    def duty_line(self) -> str:
        """Return the number that is answered day and night."""


def read_hours(text: str) -> tuple[time, time]:
    """Return when the office opens and closes, from "09:00-17:00"; raise ValueError where that makes no day."""
    opens, closes = (time.fromisoformat(part.strip()) for part in text.split("-"))
    if not opens < closes:
        raise ValueError("the office must open before it closes")
    return opens, closes


def hours_in_words(settings: Hours) -> str:
    """Return "Monday to Friday, 9am to 5pm"."""
    opens, closes = (MONDAY.replace(hour=at.hour, minute=at.minute) for at in read_hours(settings.sendiass_hours))
    return f"Monday to Friday, {public_clock(opens)} to {public_clock(closes)}"


def opens_at(now: datetime, calendar: OfficeCalendar, settings: Hours) -> datetime | None:
    """Return when a person is next there, or None while the office is open: Monday to Friday but bank holidays."""
    return _next_open(now, calendar, *read_hours(settings.sendiass_hours))


def helpdesk_opens_at(now: datetime, calendar: OfficeCalendar, hours: str) -> datetime | None:
    """Return when the helpdesk opens again; None while it is open, or where its hours are told in other words."""
    said = _WEEK_DAYS.fullmatch(hours.strip())
    if said is None:
        return None
    found = said.groups()
    opens, closes = _time(*found[:3]), _time(*found[3:])
    if opens is None or closes is None or not opens < closes:
        return None
    return _next_open(now, calendar, opens, closes)


def _time(hour: str, minute: str | None, half: str) -> time | None:
    """Return 17:30 of "5", "30", "p"; None for what no clock shows."""
    if not 1 <= int(hour) <= 12 or int(minute or 0) > 59:
        return None
    return time(int(hour) % 12 + (12 if half.lower() == "p" else 0), int(minute or 0))


def _next_open(now: datetime, calendar: OfficeCalendar, opens: time, closes: time) -> datetime | None:
    local = calendar.local(now)
    day = local.date()
    if calendar.is_working_day(day) and opens <= local.time() < closes:
        return None
    if not calendar.is_working_day(day) or local.time() >= closes:
        day = calendar.next_working_day(day)
    return datetime.combine(day, opens, calendar.zone).astimezone(UTC)


def closed_words(now: datetime, calendar: OfficeCalendar, settings: Hours, *, emergency: bool = True) -> str:
    """Return what is said out of hours: from when to expect an answer, and whom to call; "" while we are open (SE-7).

    A message that has 999 and the duty line already leaves out the second half: it may be a text that costs.
    """
    moment = opens_at(now, calendar, settings)
    if moment is None:
        return ""
    words = f"We are closed now. Expect an answer from {public_moment(moment, calendar.zone)}."
    if not emergency:
        return words
    duty = f" If it is urgent, ring the duty line, day or night: {settings.duty_line}." if settings.duty_line else ""
    return f"{words} If a child is in immediate danger, call 999 now.{duty}"
