"""Office time: which days are worked in England, from when to when, and the moments counted from them (EV-7)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
OFFICE_OPENS = time(9, 0)
OFFICE_CLOSES = time(17, 0)
Hours = tuple[time, time]  # from when to when, by the clock on the wall
WEEK_DAY: Hours = (OFFICE_OPENS, OFFICE_CLOSES)
WEEK: tuple[Hours | None, ...] = (*[WEEK_DAY] * 5, None, None)  # Monday to Sunday
_ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=200)
def bank_holidays(year: int) -> Mapping[date, str]:
    """Return England's bank holidays of a year with their names, substitute days included."""
    from holidays import country_holidays  # slow to load: only where days are counted, not before the first page

    return dict(country_holidays("GB", subdiv="ENG", years=year))


@dataclass(frozen=True)
class OfficeCalendar:
    """Count in working days: the days of the week that have hours, but bank holidays, corrected by single days.

    A day both closed and opened is closed. `day_hours` are those of single days, `names` says why a day is as it is.
    Moments given must be aware; moments returned are aware UTC.
    """

    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()
    zone: ZoneInfo = LONDON
    week: tuple[Hours | None, ...] = WEEK
    day_hours: Mapping[date, Hours] = field(default_factory=dict, hash=False)
    names: Mapping[date, str] = field(default_factory=dict, hash=False)

    def is_working_day(self, day: date) -> bool:
        """Tell whether the office works on this day."""
        if day in self.closed:
            return False
        if day in self.opened:
            return True
        return self.week[day.weekday()] is not None and day not in bank_holidays(day.year)

    def hours_on(self, day: date) -> Hours | None:
        """Return from when to when the office works on this day, or None where it does not."""
        if not self.is_working_day(day):
            return None
        return self.day_hours.get(day) or self.week[day.weekday()] or WEEK_DAY

    def name_of(self, day: date) -> str:
        """Return why a day is not as its weekday says: "Christmas Day", or what the table calls it; "" for none."""
        return self.names.get(day) or bank_holidays(day.year).get(day, "")

    def next_working_day(self, day: date) -> date:
        """Return the first working day strictly after `day`."""
        day += _ONE_DAY
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day

    def add_working_days(self, day: date, days: int) -> date:
        """Return the working day that is `days` after `day`; the day after is day 1.

        With 0 it is the day itself, or the next working day when that one is not worked.
        """
        if days < 0:
            raise ValueError("working days are counted forwards only")
        if days == 0 and not self.is_working_day(day):
            return self.next_working_day(day)
        for _ in range(days):
            day = self.next_working_day(day)
        return day

    def same_time_after(self, at: datetime, days: int) -> datetime:
        """Return the same time by the office clock, `days` working days later (GL-17).

        What is received on a Saturday at 14:00 is due on Monday at 14:00 for one day: the words of GL-17, "by the
        same time of the next working day", are taken literally, and the day of receipt is never day 1.
        """
        local = self.local(at)
        day = self.add_working_days(local.date(), days)
        return self.at(day, local.time().replace(fold=0))

    def start_of_working_day(self, day: date) -> datetime:
        """Return when the office opens on `day`, or on the next working day when that one is not worked."""
        day = self.add_working_days(day, 0)
        return self.at(day, (self.hours_on(day) or WEEK_DAY)[0])

    def end_of_working_day(self, day: date, closes: time | None = None) -> datetime:
        """Return when the office closes on `day`, or on the next working day when that one is not worked."""
        day = self.add_working_days(day, 0)
        return self.at(day, closes or (self.hours_on(day) or WEEK_DAY)[1])

    def is_open(self, at: datetime) -> bool:
        """Tell whether the office is open at this moment."""
        local = self.local(at)
        hours = self.hours_on(local.date())
        return hours is not None and hours[0] <= local.time() < hours[1]

    def in_office_hours(self, at: datetime) -> datetime:
        """Return the moment itself while the office is open, else when it opens next."""
        if self.is_open(at):
            return at.astimezone(UTC)
        local = self.local(at)
        hours = self.hours_on(local.date())
        is_later_today = hours is not None and local.time() < hours[0]
        return self.start_of_working_day(local.date() if is_later_today else self.next_working_day(local.date()))

    def halfway(self, start: datetime, end: datetime) -> datetime:
        """Return when half of the office time from `start` to `end` has gone; where there is none, the end."""
        spans = list(self._open_between(start.astimezone(UTC), end.astimezone(UTC)))
        left = sum((until - since for since, until in spans), timedelta()) / 2
        for since, until in spans:
            if until - since >= left:
                return since + left
            left -= until - since
        return end.astimezone(UTC)

    def _open_between(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        day, last = self.local_day(start), self.local_day(end)
        while day <= last:
            hours = self.hours_on(day)
            if hours is not None:
                since, until = max(start, self.at(day, hours[0])), min(end, self.at(day, hours[1]))
                if since < until:
                    yield since, until
            day += _ONE_DAY

    def not_worked(self, after: date, until: date) -> list[date]:
        """Return the days that are not worked, after one day and up to another."""
        days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
        return [day for day in days if not self.is_working_day(day)]

    def at(self, day: date, clock: time) -> datetime:
        """Return the moment at which the clock on the wall shows this time on this day; twice: the first."""
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def local(self, at: datetime) -> datetime:
        """Return the moment as the office clock shows it; a naive moment is a mistake in the program."""
        if at.utcoffset() is None:
            raise ValueError("a moment without a zone cannot be placed on the office clock")
        return at.astimezone(self.zone)

    def local_day(self, at: datetime) -> date:
        """Return the office's date at this moment."""
        return self.local(at).date()
