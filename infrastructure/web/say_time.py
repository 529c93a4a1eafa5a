"""Times in words, for staff and for the public: `now` and the zone are given, nothing is read from a clock."""

import re
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MINUTES_A_DAY = 24 * 60
_WEEK = 7

ClockState = Literal["running", "soon", "late"]


def time_left(due: datetime, now: datetime) -> str:
    """Return "3 h 10 min", "25 min late", and from 24 hours on "2 days": never more than is left, never more late."""
    late = now >= due
    minutes = abs(due - now) // timedelta(minutes=1)
    days, (hours, rest) = minutes // _MINUTES_A_DAY, divmod(minutes, 60)
    if days:
        words = f"{days} day{'' if days == 1 else 's'}"
    elif hours:
        words = f"{hours} h {rest:02} min" if rest else f"{hours} h"
    else:
        words = f"{minutes} min" if minutes else "under 1 min"
    return f"{words} late" if late else words


def clock_state(due: datetime, warn: datetime, now: datetime) -> ClockState:
    """Return how a clock is marked: running, soon from its warning on, late from its due time on."""
    if now >= due:
        return "late"
    return "soon" if now >= warn else "running"


def staff_moment(at: datetime, now: datetime, zone: ZoneInfo = LONDON) -> str:
    """Return "today 16:05", "Wed 08:15" within six days either way, else "16 Nov 16:05", with the year if another."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    clock = f"{local.hour:02}:{local.minute:02}"
    day = local.date()
    if day == today:
        return f"today {clock}"
    if abs((day - today).days) < _WEEK:
        return f"{_DAYS[day.weekday()][:3]} {clock}"
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {_MONTHS[day.month - 1][:3]}{year} {clock}"


def public_clock(at: datetime, zone: ZoneInfo = LONDON) -> str:
    """Return "4:05pm", "4pm", "midday" or "midnight"."""
    local = at.astimezone(zone)
    if local.minute == 0 and local.hour in {0, 12}:
        return "midday" if local.hour else "midnight at the start"
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'am' if local.hour < 12 else 'pm'}"


def public_moment(at: datetime, zone: ZoneInfo = LONDON) -> str:
    """Return "4:05pm on Tuesday 17 November"; midnight says at which end of the day it is."""
    join = "of" if public_clock(at, zone).startswith("midnight") else "on"
    return f"{public_clock(at, zone)} {join} {public_day(at.astimezone(zone).date())}"


def public_moment_near(at: datetime, now: datetime, zone: ZoneInfo = LONDON) -> str:
    """Return "4:05pm tomorrow, Tuesday 17 November", "4:05pm today, …", or the plain moment when it is further off."""
    day = at.astimezone(zone).date()
    near = {0: "today", 1: "tomorrow"}.get((day - now.astimezone(zone).date()).days)
    clock = public_clock(at, zone)
    if near is None or clock.startswith("midnight"):
        return public_moment(at, zone)
    return f"{clock} {near}, {public_day(day)}"


def public_day(day: date) -> str:
    """Return "Tuesday 17 November"."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def public_date(day: date) -> str:
    """Return "16 November 2026"."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """Return "14 Mar 2017", for tables."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]} {day.year}"


_DATE = re.compile(rf"\d{{1,2}} (?:{'|'.join(_MONTHS)}) \d{{4}}")
_MOMENT = re.compile(
    rf"(?:(?:midday|\d{{1,2}}(?::\d\d)?[ap]m) on|midnight at the start of) (?:{'|'.join(_DAYS)})"
    rf" \d{{1,2}} (?:{'|'.join(_MONTHS)})"
)


def is_public_date(words: str) -> bool:
    """Tell whether the words are a date as `public_date` says it, and nothing besides."""
    return _DATE.fullmatch(words) is not None


def is_public_moment(words: str) -> bool:
    """Tell whether the words are a moment as `public_moment` says it, and nothing besides."""
    return _MOMENT.fullmatch(words) is not None
