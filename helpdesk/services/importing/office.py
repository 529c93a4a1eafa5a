"""The days on which the office works otherwise, and the rota, from tables (EV-7, A4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.office import DayHoursError, NewDay, NewTurn, read_clock, read_day_hours
from helpdesk.models import DutyTurn
from helpdesk.services.authority_rows import set_values
from helpdesk.services.importing.format import NO, YES, Bringing, Format
from helpdesk.services.importing.reading import Row
from helpdesk.services.office_days import make_day
from helpdesk.services.rota import list_able
from infrastructure.calendar import OfficeCalendar
from infrastructure.database import Wall
from infrastructure.identity.models import UserAccount
from infrastructure.office import CalendarDay
from service_request.domain.errors import DomainError
from service_request.models import Area

_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})/(\d{1,2})/(\d{4})")
_CLOCK = OfficeCalendar()  # only the clock on the wall is read: no day is counted


def _bring_days(doing: Bringing, rows: Sequence[Row]) -> None:
    """Let the coming days be as the file says; what is over stays as it was."""
    said = _read_days(doing, rows)
    if doing.faults:
        return
    today = _CLOCK.local_day(doing.now)
    known = {row.day: row for row in doing.session.scalars(select(CalendarDay))}
    for new in said:
        made = make_day(new, by=doing.by.id if doing.by else None, now=doing.now)
        old = known.pop(new.day, None)
        if old is None:
            doing.session.add(made)
            doing.changes.added += 1
        else:
            values = {"is_worked": made.is_worked, "opens": made.opens, "closes": made.closes, "name": made.name}
            set_values(old, doing.changes, **values)
    for row in known.values():
        if row.day >= today:
            doing.session.delete(row)
            doing.changes.ended += 1


def _read_days(doing: Bringing, rows: Sequence[Row]) -> list[NewDay]:
    said: list[NewDay] = []
    seen: set[object] = set()
    for row in rows:
        if not doing.needs(row, "day", "name"):
            continue
        day, is_worked = _day(row["day"]), doing.says_yes(row, "worked")
        if day is None:
            doing.fault(row, "day", "day_bad")
            continue
        doing.is_new(row, day, seen, "day", "row_twice")
        try:
            hours = read_day_hours(row["hours"]) if row["hours"] else None
        except DayHoursError:
            doing.fault(row, "hours", "day_hours_bad")
            continue
        if hours and not is_worked:
            doing.fault(row, "hours", "day_hours_closed")
        said.append(NewDay(day, is_worked, row["name"], hours))
    return said


def _list_days(session: Session, now: datetime) -> Iterator[Sequence[str]]:
    for row in session.scalars(select(CalendarDay).order_by(CalendarDay.day)):
        hours = f"{row.opens}-{row.closes}" if row.opens and row.closes else ""
        yield (row.day.isoformat(), YES if row.is_worked else NO, hours, row.name)


Said = tuple[UUID, UUID | None, datetime, datetime]


def _bring_rota(doing: Bringing, rows: Sequence[Row]) -> None:
    """Let the turns that run or are to come be those of the file, outside the wall; what is over stays."""
    people = {email.lower(): one for one, _, email in list_able(doing.session, wall=Wall.OPEN, now=doing.now)}
    areas = {row.code: row.id for row in doing.session.execute(select(Area.code, Area.id))}
    running = _running(doing.session, doing.now)
    kept: set[Said] = set()
    seen: set[object] = set()
    for row in rows:
        said = _read_turn(doing, row, people, areas)
        if said is None or not doing.is_new(row, said, seen, "since", "row_twice"):
            continue
        kept.add(said)
        if said not in running:
            _check_turn(doing, row, said)
    if doing.faults:
        return
    for user_id, area_id, since, until in sorted(kept - running.keys(), key=lambda one: one[2]):
        made_by = doing.by.id if doing.by else None
        turn = DutyTurn(
            wall=Wall.OPEN,
            user_id=user_id,
            area_id=area_id,
            since=since,
            until=until,
            made_by_id=made_by,
            made_at=doing.now,
        )
        doing.session.add(turn)
        doing.changes.added += 1
    for said in running.keys() - kept:
        running[said].ended_at = doing.now
        doing.changes.ended += 1


def _running(session: Session, now: datetime) -> dict[Said, DutyTurn]:
    query = select(DutyTurn).where(DutyTurn.wall == Wall.OPEN, DutyTurn.until > now, DutyTurn.ended_at.is_(None))
    return {(row.user_id, row.area_id, row.since, row.until): row for row in session.scalars(query)}


def _read_turn(doing: Bringing, row: Row, people: dict[str, UUID], areas: dict[str, UUID]) -> Said | None:
    if not doing.needs(row, "person", "since", "until"):
        return None
    person, area = people.get(row["person"].lower()), areas.get(row["area"])
    since, until = _moment(row["since"]), _moment(row["until"])
    for is_known, column, code in (
        (person is not None, "person", "person_unknown"),
        (area is not None or not row["area"], "area", "area_unknown"),
        (since is not None, "since", "moment_bad"),
        (until is not None, "until", "moment_bad"),
    ):
        if not is_known:
            doing.fault(row, column, code)
    if person is None or since is None or until is None or (row["area"] and area is None):
        return None
    return person, area, since, until


def _check_turn(doing: Bringing, row: Row, said: Said) -> None:
    try:
        NewTurn(said[2], said[3]).check(doing.now)
    except DomainError:
        doing.fault(row, "until", "turn_bad")


def _list_rota(session: Session, now: datetime) -> Iterator[Sequence[str]]:
    query = (
        select(UserAccount.email, Area.code, DutyTurn.since, DutyTurn.until)
        .join(UserAccount, UserAccount.id == DutyTurn.user_id)
        .outerjoin(Area, Area.id == DutyTurn.area_id)
        .where(DutyTurn.wall == Wall.OPEN, DutyTurn.until > now, DutyTurn.ended_at.is_(None))
        .order_by(DutyTurn.since, UserAccount.email)
    )
    for email, area, since, until in session.execute(query):
        yield (email, area or "", *(f"{_CLOCK.local(at):%Y-%m-%d %H:%M}" for at in (since, until)))


def _day(text: str) -> date | None:
    """Return the day of "2026-12-29", or of "29/12/2026" as a spreadsheet saves it."""
    said = _DAY.fullmatch(text)
    if said is None:
        return None
    parts = (said[1], said[2], said[3]) if said[1] else (said[6], said[5], said[4])
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    """Return the moment of "2026-11-20 17:00" by the clock on the wall."""
    day_said, _, clock_said = text.partition(" ")
    day, clock = _day(day_said), read_clock(clock_said)
    return _CLOCK.at(day, clock) if day and clock else None


CALENDAR_DAYS = Format(
    "calendar-days",
    "Days of the office",
    "One row for each day on which the office is closed (worked: no), works after all, or works at other hours.",
    ("day", "worked", "hours", "name"),
    _bring_days,
    _list_days,
    may_be_empty=True,
)
ROTA = Format(
    "rota",
    "Rota",
    "One row for each turn: the address of who is on duty, the area (an empty cell is every one), from when to when.",
    ("person", "area", "since", "until"),
    _bring_rota,
    _list_rota,
    may_be_empty=True,
)
