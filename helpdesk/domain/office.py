"""Hours of the office and turns of the rota: how they are written, and why one is refused (EV-7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from helpdesk.domain.team_hours import DAYS, TeamHoursError, read_hours
from infrastructure.calendar import Hours
from service_request.domain.errors import DomainError

LONGEST_TURN = timedelta(days=31)
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


class OfficeHoursError(DomainError):
    """Refuse hours of the office that nobody could read."""

    sentence = "Write hours like mon-thu 09:00-17:00; fri 09:00-16:30"


class DayHoursError(DomainError):
    """Refuse hours of a day that do not make one."""

    sentence = "Enter from when to when the office works that day, for example 09:00-12:00"


class DayPastError(DomainError):
    """Refuse to change a day that is over: no due time is worked out anew."""

    sentence = "Enter a day from today on"


class DayNamedError(DomainError):
    """Refuse a second word on a day that has one."""

    sentence = "This day is in the calendar already. Take it out first."


class TurnBackwardsError(DomainError):
    """Refuse a turn that ends before it begins."""

    sentence = "The turn must end after it begins"


class TurnTooLongError(DomainError):
    """Refuse a turn that nobody keeps."""

    sentence = "A turn is 31 days at most. Check both days."


class TurnOverError(DomainError):
    """Refuse a turn that is over already."""

    sentence = "This turn is over already. Check both days."


class NotOnRotaError(DomainError):
    """Refuse somebody who could not open what is late."""

    sentence = "Choose somebody who works here and sees requests"


@dataclass(frozen=True)
class NewDay:
    """A day that is to be another than its weekday says; `hours` where it is worked at other times."""

    day: date
    is_worked: bool
    name: str
    hours: Hours | None = None


@dataclass(frozen=True)
class NewTurn:
    """From when to when somebody is to be on duty."""

    since: datetime
    until: datetime

    def check(self, now: datetime) -> None:
        """Raise the refusal of a turn that cannot be kept."""
        if self.until <= self.since:
            raise TurnBackwardsError
        if self.until - self.since > LONGEST_TURN:
            raise TurnTooLongError
        if self.until <= now:
            raise TurnOverError


def read_week(text: str) -> dict[int, Hours]:
    """Return the hours of each weekday (0: Monday) as they are written in a line, or raise OfficeHoursError."""
    try:
        return read_hours(text)
    except TeamHoursError:
        raise OfficeHoursError from None


def write_week(week: Mapping[int, Hours]) -> str:
    """Return the line that `read_week` reads: "mon-fri 09:00-17:00; sat 10:00-12:00"."""
    parts: list[tuple[int, int, Hours]] = []
    for day in sorted(week):
        hours = week[day]
        if parts and parts[-1][1] == day - 1 and parts[-1][2] == hours:
            parts[-1] = (parts[-1][0], day, hours)
        else:
            parts.append((day, day, hours))
    return "; ".join(
        f"{DAYS[first]}{f'-{DAYS[last]}' if last > first else ''} {opens:%H:%M}-{closes:%H:%M}"
        for first, last, (opens, closes) in parts
    )


def read_clock(text: str) -> time | None:
    """Return the time of "9:00" or "17:30"; None for what no clock shows."""
    said = _CLOCK.fullmatch(text.strip())
    return time(int(said[1]), int(said[2])) if said else None


def read_day_hours(text: str) -> Hours:
    """Return the hours of a single day, "09:00-12:00", or raise DayHoursError."""
    opens, _, closes = text.partition("-")
    since, until = read_clock(opens), read_clock(closes)
    if since is None or until is None or not since < until:
        raise DayHoursError
    return since, until
