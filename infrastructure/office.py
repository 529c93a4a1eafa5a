"""The office calendar as data: hours of each weekday, days closed and opened (EV-7)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import date, datetime
from datetime import time as clock_time
from uuid import UUID

from sqlalchemy import Date, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.calendar import WEEK, Hours, OfficeCalendar
from infrastructure.database import Entity, db

KEPT_SECONDS = 30.0  # what one process changed, the others know after this long


class OfficeHours(Entity):
    """From when to when the office works on one weekday (0: Monday); a weekday without a row is not worked.

    Without any row the office works as it would without this table: Monday to Friday, nine to five.
    """

    __tablename__ = "office_hours"
    __table_args__ = (UniqueConstraint("weekday"),)

    weekday: Mapped[int] = mapped_column()
    opens: Mapped[str] = mapped_column()  # "09:00", by the clock on the wall
    closes: Mapped[str] = mapped_column()


class CalendarDay(Entity):
    """A day that is not as its weekday says: a holiday of our own, a closure, half a day, or one worked after all."""

    __tablename__ = "calendar_day"
    __table_args__ = (UniqueConstraint("day"),)

    day: Mapped[date] = mapped_column(Date())
    is_worked: Mapped[bool] = mapped_column()
    opens: Mapped[str | None] = mapped_column()  # where it is worked from or to another time than its weekday
    closes: Mapped[str | None] = mapped_column()
    name: Mapped[str] = mapped_column()
    by_id: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column()


class Office:
    """The office calendar as its tables say, read when it is asked for and kept for half a minute at most.

    It is read on a connection of its own, so that asking for it inside a transaction changes nothing of it.
    """

    def __init__(self, closed: Iterable[date] = ()) -> None:
        self.closed = frozenset(closed)  # by settings
        self.kept: tuple[float, OfficeCalendar] | None = None

    def calendar(self) -> OfficeCalendar:
        """Return the calendar that holds now."""
        kept = self.kept
        if kept is not None and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        found = self._read()
        self.kept = (time.monotonic(), found)
        return found

    def forget(self) -> None:
        """Read it anew when it is next asked for: something was changed."""
        self.kept = None

    def _read(self) -> OfficeCalendar:
        with db.engine.connect() as connection:
            hours = connection.execute(select(OfficeHours.weekday, OfficeHours.opens, OfficeHours.closes)).all()
            days = connection.execute(
                select(CalendarDay.day, CalendarDay.is_worked, CalendarDay.opens, CalendarDay.closes, CalendarDay.name)
            ).all()
        by_weekday = {weekday: _hours(opens, closes) for weekday, opens, closes in hours}
        return OfficeCalendar(
            closed=self.closed | {one.day for one in days if not one.is_worked},
            opened=frozenset(one.day for one in days if one.is_worked),
            week=tuple(by_weekday.get(weekday) for weekday in range(7)) if by_weekday else WEEK,
            day_hours={one.day: _hours(one.opens, one.closes) for one in days if one.opens and one.closes},
            names={one.day: one.name for one in days},
        )


def _hours(opens: str, closes: str) -> Hours:
    return clock_time.fromisoformat(opens), clock_time.fromisoformat(closes)
