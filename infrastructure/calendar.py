"""Office time: which days are worked in England, and the moments counted from them (EV-7)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
OFFICE_CLOSES = time(17, 0)
_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=200)
def bank_holidays(year: int) -> frozenset[date]:
    """Return England's bank holidays of a year, substitute days included."""
    from holidays import country_holidays  # slow to load: only where days are counted, not before the first page

    return frozenset(country_holidays("GB", subdiv="ENG", years=year))


@dataclass(frozen=True)
class OfficeCalendar:
    """Count in working days: weekdays but bank holidays, corrected by a table of days closed and opened.

    A day in both tables is closed. Moments given must be aware; moments returned are aware UTC.
    """

    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()
    zone: ZoneInfo = LONDON

    def is_working_day(self, day: date) -> bool:
        """Tell whether the office works on this day."""
        if day in self.closed:
            return False
        if day in self.opened:
            return True
        return day.weekday() < _SATURDAY and day not in bank_holidays(day.year)

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
        return datetime.combine(day, local.time().replace(fold=0), self.zone).astimezone(UTC)

    def end_of_working_day(self, day: date, closes: time = OFFICE_CLOSES) -> datetime:
        """Return when the office closes on `day`, or on the next working day when that one is not worked."""
        return datetime.combine(self.add_working_days(day, 0), closes, self.zone).astimezone(UTC)

    def local(self, at: datetime) -> datetime:
        """Return the moment as the office clock shows it; a naive moment is a mistake in the program."""
        if at.utcoffset() is None:
            raise ValueError("a moment without a zone cannot be placed on the office clock")
        return at.astimezone(self.zone)

    def local_day(self, at: datetime) -> date:
        """Return the office's date at this moment."""
        return self.local(at).date()
