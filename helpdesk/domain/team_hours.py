"""When a team is there: hours by weekday, as they are written in the table of teams (GL-17)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

from infrastructure.calendar import OfficeCalendar
from service_request.domain.errors import DomainError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = re.compile(r"([a-z]{3})(?:\s*-\s*([a-z]{3}))?\s+(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")
_LONGEST_LOOK = 28  # days in which a team is there at least once, or its hours say nothing

Hours = dict[int, tuple[time, time]]


class TeamHoursError(DomainError):
    """Refuse hours that nobody could read."""

    sentence = "Write hours like mon-fri 09:00-17:00; sat 10:00-12:00"


def read_hours(text: str) -> Hours:
    """Return from when to when a team is there on each weekday (0: Monday), or raise TeamHoursError."""
    found: Hours = {}
    for part in text.lower().split(";"):
        said = _PART.fullmatch(part.strip())
        if said is None or said[1] not in DAYS or (said[2] or said[1]) not in DAYS:
            raise TeamHoursError
        first, last = DAYS.index(said[1]), DAYS.index(said[2] or said[1])
        try:
            opens, closes = time.fromisoformat(said[3].zfill(5)), time.fromisoformat(said[4].zfill(5))
        except ValueError:
            raise TeamHoursError from None
        days = range(first, last + 1)
        if not opens < closes or not days or any(day in found for day in days):
            raise TeamHoursError
        found.update(dict.fromkeys(days, (opens, closes)))
    return found


def next_there(text: str | None, now: datetime, calendar: OfficeCalendar) -> datetime | None:
    """Return when a team with these hours is there again; None while it is, or where no hours are said.

    A day on which the office is closed is none of theirs; a Saturday that they name is.
    """
    if not text:
        return None
    hours, local = read_hours(text), calendar.local(now)
    for ahead in range(_LONGEST_LOOK):
        day = local.date() + timedelta(days=ahead)
        if day.weekday() not in hours or (day.weekday() < DAYS.index("sat") and not calendar.is_working_day(day)):
            continue
        opens, closes = (datetime.combine(day, at, calendar.zone) for at in hours[day.weekday()])
        if local < opens:
            return opens.astimezone(UTC)
        if local < closes:
            return None
    return None
