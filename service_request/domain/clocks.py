"""Promises with a due time, and how each was worked out (GL-8, GL-17, EV-7)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from infrastructure.calendar import LONDON, WEEK_DAY, OfficeCalendar

DECISION_TIME = timedelta(hours=24)  # GL-8
WARN_BEFORE = timedelta(hours=2)  # the manager hears at 22 hours
WRITTEN_FORM_TIME = timedelta(hours=24)  # GL-17
FIRST_CONTACT_DAYS = 5  # SE-3
WARN_STATUTORY_DAYS = 5
CHASE_AFTER_DAYS = (1, 3)  # GL-17


class DecisionPromise(StrEnum):
    """Which promise an authority makes for a decision."""

    HOURS_24 = "24_hours"
    WORKING_DAY = "working_day"
    EARLIER_OF_BOTH = "earlier_of_both"


@dataclass(frozen=True)
class Due:
    """When a promise falls due, when somebody is warned and when the next person is told.

    `working` is "how this is worked out": label and value, line by line.
    """

    due_at: datetime
    warn_at: datetime
    escalate_at: datetime
    working: list[tuple[str, str]]


@dataclass(frozen=True)
class Chase:
    """When a referrer who was asked is chased, and when the desk gets it back."""

    chase_at: tuple[datetime, ...]
    desk_at: datetime


def decision_due(received_at: datetime, promise: DecisionPromise, calendar: OfficeCalendar) -> Due:
    """Return when the decision is due: 24 hours are 24 hours, nights and weekends count (GL-8)."""
    received_at = _utc(received_at)
    hours = received_at + DECISION_TIME
    next_day = calendar.next_working_day(calendar.local_day(received_at))
    day = calendar.end_of_working_day(next_day)
    if promise is DecisionPromise.HOURS_24:
        due_at, words = hours, "24 hours, nights and weekends count"
    elif promise is DecisionPromise.WORKING_DAY:
        due_at, words = day, "End of the next working day"
    else:
        due_at, words = min(hours, day), "24 hours or the end of the next working day, whichever is earlier"
    counted = due_at if due_at == day else None
    return _due("Received", received_at, due_at, max(received_at, due_at - WARN_BEFORE), words, calendar, counted)


def acknowledge_due(at: datetime, days: int, calendar: OfficeCalendar) -> Due:
    """Return when a team must have acknowledged: the same time, `days` working days on (GL-17).

    Warned when half of the office time until then has gone, so that the reminder comes while somebody is there.
    """
    at = _utc(at)
    due_at = calendar.same_time_after(at, days)
    words = f"{say_working_days(days)}, the same time"
    return _due("Sent", at, due_at, calendar.halfway(at, due_at), words, calendar, due_at)


def written_form_due(at: datetime, calendar: OfficeCalendar | None = None) -> Due:
    """Return when the written form must follow an urgent call: 24 hours, whatever the day (GL-17).

    Whoever holds the request is warned two hours before, or while the office is still open where it is closed then.
    """
    at, calendar = _utc(at), calendar or OfficeCalendar(zone=LONDON)
    due_at = at + WRITTEN_FORM_TIME
    before = due_at - WARN_BEFORE
    warn_at = before if calendar.is_open(before) else calendar.halfway(at, due_at)
    return _due("Call taken", at, due_at, warn_at, "24 hours, nights and weekends count", calendar)


def first_contact_due(received_at: datetime, calendar: OfficeCalendar, days: int = FIRST_CONTACT_DAYS) -> Due:
    """Return when a person must have reached an enquirer: the end of day 5, the day after receipt being 1 (SE-3).

    Warned on the morning of that day, so that somebody still has it.
    """
    received_at = _utc(received_at)
    last = calendar.add_working_days(calendar.local_day(received_at), days)
    due_at = calendar.end_of_working_day(last)
    words = f"{say_working_days(days)}; the day after receipt is day 1"
    return _due("Received", received_at, due_at, calendar.start_of_working_day(last), words, calendar, due_at)


def statutory_due(due_on: date, working: Sequence[tuple[str, str]], calendar: OfficeCalendar) -> Due:
    """Return the clock of a date that the law sets: that very day, worked or not: it moves for nobody (SE-3).

    Warned five working days before, and told to the next person one working day before: afterwards it is too late.
    """
    closes = (calendar.hours_on(due_on) or WEEK_DAY)[1]
    due_at = calendar.at(due_on, closes)
    warn_at = calendar.start_of_working_day(_working_days_before(due_on, WARN_STATUTORY_DAYS, calendar))
    last_day = calendar.start_of_working_day(_working_days_before(due_on, 1, calendar))
    lines = [
        *working,
        ("Due", _moment(due_at, calendar)),
        ("Warns", _moment(warn_at, calendar)),
        ("Escalates", _moment(last_day, calendar)),
    ]
    return Due(due_at, warn_at, last_day, lines)


def _working_days_before(day: date, days: int, calendar: OfficeCalendar) -> date:
    while days > 0:
        day -= timedelta(days=1)
        days -= calendar.is_working_day(day)
    return day


def chases(asked_at: datetime, calendar: OfficeCalendar, days: Sequence[int] = CHASE_AFTER_DAYS) -> Chase:
    """Return when to chase a referrer, and when it comes up at the desk: one working day after the last (GL-17).

    Each at the same time of the day as it was asked, or when the office opens next where it is closed then.
    """
    ordered = sorted(days)

    def after(day: int) -> datetime:
        return calendar.in_office_hours(calendar.same_time_after(asked_at, day))

    return Chase(tuple(after(day) for day in ordered), after((ordered[-1] if ordered else 0) + 1))


def answer_due(asked_at: datetime, calendar: OfficeCalendar, days: Sequence[int] = CHASE_AFTER_DAYS) -> Due:
    """Return when an answer is missed at the desk; the reminders before it go to the referrer (GL-17)."""
    chase = chases(asked_at, calendar, days)
    working = [
        ("Asked", _moment(asked_at, calendar)),
        ("Promise", "A working day after the last reminder" if chase.chase_at else "1 working day"),
        *((f"Reminder {n}", _moment(at, calendar)) for n, at in enumerate(chase.chase_at, 1)),
        ("Due", _moment(chase.desk_at, calendar)),
    ]
    return Due(chase.desk_at, chase.desk_at, chase.desk_at, working)


def say_working_days(days: int) -> str:
    """Return "1 working day" or "3 working days"."""
    return "1 working day" if days == 1 else f"{days} working days"


def _due(
    start: str,
    started_at: datetime,
    due_at: datetime,
    warn_at: datetime,
    promise: str,
    on: OfficeCalendar,
    counted_to: datetime | None = None,
) -> Due:
    """Put the working together; where working days were `counted_to` the end, it says which days were left out."""
    working = [
        (start, _moment(started_at, on)),
        ("Promise", promise),
        *([] if counted_to is None else _counted(on.local_day(started_at), on.local_day(counted_to), on)),
        ("Due", _moment(due_at, on)),
        ("Warns", _moment(warn_at, on)),
        ("Escalates", _moment(due_at, on)),
    ]
    return Due(due_at=due_at, warn_at=warn_at, escalate_at=due_at, working=working)


def _counted(first: date, last: date, calendar: OfficeCalendar) -> Iterator[tuple[str, str]]:
    """Say in the calendar's own words which days did not count, and on which the office has hours of its own."""
    if left_out := calendar.not_worked(first, last):
        yield "Not counted", ", ".join(_named_day(day, calendar) for day in left_out)
    hours = calendar.hours_on(last)
    if hours is not None and last in calendar.day_hours:
        yield "Open", f"{_named_day(last, calendar)}, {hours[0]:%H:%M} to {hours[1]:%H:%M}"


def _named_day(day: date, calendar: OfficeCalendar) -> str:
    name = calendar.name_of(day)
    return f"{day:%a} {day.day} {day:%b}" + (f" ({name})" if name else "")


def _utc(at: datetime) -> datetime:
    """Return the moment in UTC, where adding 24 hours adds 24 hours whatever the clocks on the wall do."""
    if at.utcoffset() is None:
        raise ValueError("a clock cannot start at a moment without a zone")
    return at.astimezone(UTC)


def _moment(at: datetime, calendar: OfficeCalendar) -> str:
    local = calendar.local(at)
    return f"{local:%a} {local.day} {local:%b %H:%M}"
