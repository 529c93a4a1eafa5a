"""The office calendar as administrators keep it: the hours of the week, and days that are not as their weekday (EV-7).

No due time of a promise that runs is worked out anew: what was promised stays promised.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from helpdesk.domain.office import DayNamedError, DayPastError, NewDay
from infrastructure.calendar import Hours, OfficeCalendar, bank_holidays
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.office import CalendarDay, OfficeHours
from infrastructure.trail import Stream, record

STREAM = Stream("setting", uuid5(UUID(int=0), "office_hours"))
SHOWN_DAYS = 400  # a year, and the bank holidays of the next January


@dataclass(frozen=True)
class DayShown:
    """A day that is not as its weekday says; without an id it is a bank holiday that nobody has to keep."""

    id: UUID | None
    day: date
    name: str
    hours: Hours | None  # None: closed


def list_days(session: Session, calendar: OfficeCalendar, *, today: date) -> list[DayShown]:
    """Return the coming days that are not as their weekday says, in order: bank holidays, and what was set here."""
    until = today + timedelta(days=SHOWN_DAYS)
    query = select(CalendarDay).where(CalendarDay.day >= today, CalendarDay.day <= until)
    ours = {row.day: row for row in session.scalars(query)}
    found = {row.day: DayShown(row.id, row.day, row.name, calendar.hours_on(row.day)) for row in ours.values()}
    for year in range(today.year, until.year + 1):
        for day, name in bank_holidays(year).items():
            if today <= day <= until and day not in found:
                found[day] = DayShown(None, day, name, None)
    return sorted(found.values(), key=lambda one: one.day)


def set_hours(session: Session, *, week: Mapping[int, Hours], by: User, now: datetime, house: House) -> None:
    """Let the office work these hours on these weekdays (0: Monday), and on no other."""
    with transaction(session):
        known = {row.weekday: row for row in session.scalars(select(OfficeHours).with_for_update())}
        for weekday in known.keys() - week.keys():
            session.delete(known[weekday])
        for weekday, (opens, closes) in week.items():
            row = known.get(weekday) or OfficeHours(weekday=weekday)
            row.opens, row.closes = f"{opens:%H:%M}", f"{closes:%H:%M}"
            session.add(row)
        record(session, STREAM, "office_hours", by=by.actor, now=now, weekdays=sorted(week))
    house.office.forget()


def set_day(session: Session, *, new: NewDay, by: User, now: datetime, house: House) -> UUID:
    """Close or open a day; raise DayPastError, or DayNamedError where it was set before."""
    if new.day < house.calendar.local_day(now):
        raise DayPastError
    row = make_day(new, by=by.id, now=now)
    try:
        with transaction(session):
            session.add(row)
            session.flush()
            stream = Stream("calendar_day", row.id)
            record(
                session,
                stream,
                "set_day",
                by=by.actor,
                now=now,
                is_first=True,
                day=new.day.isoformat(),
                worked=new.is_worked,
            )
            row_id = row.id
    except IntegrityError:
        raise DayNamedError from None
    house.office.forget()
    return row_id


def make_day(new: NewDay, *, by: UUID | None, now: datetime) -> CalendarDay:
    """Return the row of a day."""
    opens, closes = (f"{at:%H:%M}" for at in new.hours) if new.hours else (None, None)
    return CalendarDay(
        day=new.day, is_worked=new.is_worked, opens=opens, closes=closes, name=new.name.strip(), by_id=by, at=now
    )


def take_out_day(session: Session, *, day_id: UUID, by: User, now: datetime, house: House) -> None:
    """Let a day be as its weekday says again; a second press changes nothing."""
    with transaction(session):
        row = session.scalars(select(CalendarDay).where(CalendarDay.id == day_id).with_for_update()).one_or_none()
        if row is None:
            return
        stream, day = Stream("calendar_day", row.id), row.day.isoformat()
        record(session, stream, "take_out_day", by=by.actor, now=now, day=day, worked=row.is_worked)
        session.delete(row)
    house.office.forget()
