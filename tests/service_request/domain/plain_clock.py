"""Promises worked out the slow way: day by day, and minute by minute of the clock on the wall (EV-7).

Written by itself: it knows the bank holidays and the rules of summer time in its own words, and shares no line with what
it is compared with. Moments are minutes in UTC without a zone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Gov.uk, "bank holidays in England and Wales", 2024 to 2028; and the days themselves where one falls on a weekend.
HOLIDAYS = {
    date.fromisoformat(day)
    for day in """
    2024-01-01 2024-03-29 2024-04-01 2024-05-06 2024-05-27 2024-08-26 2024-12-25 2024-12-26
    2025-01-01 2025-04-18 2025-04-21 2025-05-05 2025-05-26 2025-08-25 2025-12-25 2025-12-26
    2026-01-01 2026-04-03 2026-04-06 2026-05-04 2026-05-25 2026-08-31 2026-12-25 2026-12-28
    2027-01-01 2027-03-26 2027-03-29 2027-05-03 2027-05-31 2027-08-30 2027-12-27 2027-12-28
    2028-01-03 2028-04-14 2028-04-17 2028-05-01 2028-05-29 2028-08-28 2028-12-25 2028-12-26
    """.split()
} | {date(year, month, day) for year in range(2024, 2029) for month, day in ((1, 1), (12, 25), (12, 26))}


@dataclass
class PlainOffice:
    """The same words that the calendar is given: hours in minutes of the day, by weekday and by single days."""

    week: dict[int, tuple[int, int]] = field(default_factory=lambda: dict.fromkeys(range(5), (540, 1020)))
    closed: set[date] = field(default_factory=set)
    opened: set[date] = field(default_factory=set)
    own: dict[date, tuple[int, int]] = field(default_factory=dict)
    known: dict[date, tuple[int, int] | None] = field(default_factory=dict, repr=False)

    def hours(self, day: date) -> tuple[int, int] | None:
        if day not in self.known:
            self.known[day] = self._hours(day)
        return self.known[day]

    def _hours(self, day: date) -> tuple[int, int] | None:
        if day in self.closed:
            return None
        if day in self.opened:
            return self.own.get(day) or self.week.get(day.weekday()) or (540, 1020)
        if day in HOLIDAYS or day.weekday() not in self.week:
            return None
        return self.own.get(day) or self.week[day.weekday()]

    def working_day(self, after: date, number: int) -> date:
        """Walk day by day: the day after is day 1."""
        day = after
        while number > 0:
            day += DAY
            if self.hours(day) is not None:
                number -= 1
        return day

    def is_open(self, at: datetime) -> bool:
        wall = on_the_wall(at)
        hours = self.hours(wall.date())
        return hours is not None and hours[0] <= wall.hour * 60 + wall.minute < hours[1]

    def closes(self, day: date) -> datetime:
        hours = self.hours(day)
        assert hours is not None
        return shown(day, hours[1])

    def opens(self, day: date) -> datetime:
        hours = self.hours(day)
        assert hours is not None
        return shown(day, hours[0])

    def next_open(self, at: datetime) -> datetime:
        while not self.is_open(at):
            at += MINUTE
        return at

    def half_of_open_time(self, start: datetime, end: datetime) -> datetime | None:
        """Count every open minute, then walk to the middle one; None where there is none."""
        minutes = [start + MINUTE * n for n in range((end - start) // MINUTE)]
        opened = [minute for minute in minutes if self.is_open(minute)]
        if not opened:
            return None
        whole, odd = divmod(len(opened), 2)
        last = opened[whole - 1] + MINUTE if not odd and whole else opened[whole]
        return last + MINUTE / 2 if odd else last


@lru_cache
def last_sunday(year: int, month: int) -> date:
    """Walk back from the end of a month of 31 days."""
    day = date(year, month, 31)
    while day.strftime("%a") != "Sun":
        day -= DAY
    return day


def on_the_wall(at: datetime) -> datetime:
    """An hour ahead from 1:00 UTC on the last Sunday of March to 1:00 UTC on that of October."""
    spring, autumn = changes(at.year)
    return at + HOUR if spring <= at < autumn else at


@lru_cache
def changes(year: int) -> tuple[datetime, datetime]:
    spring, autumn = (datetime.combine(last_sunday(year, month), datetime.min.time()) + HOUR for month in (3, 10))
    return spring, autumn


def shown(day: date, minute_of_day: int) -> datetime:
    """The first minute at which the wall shows this time; in the hour that is left out, as long after midnight."""
    midnight = datetime.combine(day, datetime.min.time()) - HOUR
    while on_the_wall(midnight) < datetime.combine(day, datetime.min.time()):
        midnight += MINUTE
    wanted, at = datetime.combine(day, datetime.min.time()) + MINUTE * minute_of_day, midnight
    while on_the_wall(at).date() == day:
        if on_the_wall(at) == wanted:
            return at
        at += MINUTE
    return midnight + MINUTE * minute_of_day


def same_time(office: PlainOffice, at: datetime, days: int) -> datetime:
    """The same time on the wall, so many working days later."""
    wall = on_the_wall(at)
    return shown(office.working_day(wall.date(), days), wall.hour * 60 + wall.minute)
