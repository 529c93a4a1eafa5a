"""SENDIASS's queue in words: the time left first, then who, what they said, and who holds it (SE-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from helpdesk.web.enquiry_saying import (
    LIES_NEAR,
    day_words,
    days_until,
    excerpt,
    local_day,
    who_it_is,
    working_days_left,
)
from helpdesk.web.enquiry_words import STATE_TAGS
from infrastructure.calendar import OfficeCalendar
from infrastructure.web.say_time import staff_moment
from service_request.pathways.sendiass.codes import DeadlineKind
from service_request.services.sight.enquiry_queue import EnquiryRank, EnquiryRow, EnquiryView

VIEWS: dict[EnquiryView, tuple[str, str]] = {  # the title, and what comes here when nothing does
    EnquiryView.OPEN: ("All open", "Nothing is open. Each new enquiry comes to this list, whatever way it came."),
    EnquiryView.DEADLINE: (
        "Deadline first",
        "No date that the law sets is running. An enquiry comes here when there is a letter with a time limit.",
    ),
    EnquiryView.TO_REACH: (
        "To reach",
        "Everybody was reached. An enquiry stays here until a person of ours has spoken with them.",
    ),
    EnquiryView.MINE: ("Mine", "You hold none. What you take comes to this list."),
    EnquiryView.WAITING: ("Waiting for them", "Nobody owes us an answer. An enquiry comes here when you reply."),
    EnquiryView.PROFESSIONAL: (
        "From professionals",
        "Everything was read. What a professional writes is set aside by itself and waits here to be read.",
    ),
    EnquiryView.CLOSED: ("Closed", "Nothing is closed, signposted or set aside yet."),
}
ONE_GROUP = {EnquiryView.CLOSED: "The latest first", EnquiryView.PROFESSIONAL: "To read, the oldest first"}
GROUPS: dict[EnquiryRank, str] = {
    EnquiryRank.DANGER: "Look now",
    EnquiryRank.DEADLINE: "A date that the law sets",
    EnquiryRank.TO_REACH: "To reach",
    EnquiryRank.OTHER: "Reached",
}


@dataclass(frozen=True)
class RowWords:
    """An enquiry as its row says it."""

    row: EnquiryRow
    left: str
    moment: str
    state: str  # running, soon, late
    title: str
    story: str
    tag: tuple[str, str]
    letter: str  # "Deadline Thu 3 Dec", or nothing


@dataclass(frozen=True)
class RowGroup:
    """Rows under one heading."""

    title: str
    rows: Sequence[RowWords]


def row_words(
    row: EnquiryRow, now: datetime, calendar: OfficeCalendar, holidays: Sequence[tuple[date, date]]
) -> RowWords:
    """Say a row: how much time is left, whose enquiry it is, and how it began."""
    left, moment, state = _time(row, now, calendar, holidays)
    return RowWords(
        row=row,
        left=left,
        moment=moment,
        state=state,
        title=who_it_is(row.enquirer, row.facts, row.children, row.asked_by),
        story=excerpt(row.facts.get("story", "")),
        tag=STATE_TAGS[row.state],
        letter=f"Deadline {day_words(row.deadline_on)}" if row.deadline_on else "",
    )


def group_rows(rows: Sequence[RowWords], view: EnquiryView) -> list[RowGroup]:
    """Put rows under headings in the order they came in; what has ended stands under one."""
    groups: dict[str, list[RowWords]] = {}
    for one in rows:
        title = ONE_GROUP.get(view) or GROUPS[one.row.rank]
        groups.setdefault(title, []).append(one)
    return [RowGroup(title, found) for title, found in groups.items()]


def _time(
    row: EnquiryRow, now: datetime, calendar: OfficeCalendar, holidays: Sequence[tuple[date, date]]
) -> tuple[str, str, str]:
    today = local_day(now)
    if row.read_by is not None:
        state = "late" if now >= row.read_by else "running"
        return f"Came {staff_moment(row.received_at, now)}", f"read by {staff_moment(row.read_by, now)}", state
    if row.deadline_on is not None:
        kind = DeadlineKind(row.facts["letter"]) if row.facts.get("letter") in set(DeadlineKind) else None
        days = (row.deadline_on - today).days
        state = "late" if days < 0 else "soon" if days <= LIES_NEAR else "running"
        return days_until(kind, row.deadline_on, today, calendar, holidays), f"by {day_words(row.deadline_on)}", state
    if row.due_at is not None:
        is_last_day = calendar.local_day(now) >= calendar.local_day(row.due_at)
        state = "late" if now >= row.due_at else "soon" if is_last_day else "running"
        moment = staff_moment(row.due_at, now)
        since = f"since {moment.removeprefix('today ')}" if now >= row.due_at else f"reach by {moment}"
        return working_days_left(row.due_at, now, calendar), since, state
    if row.reached_at is not None:
        return "Reached", staff_moment(row.reached_at, now), "running"
    return staff_moment(row.received_at, now), "received", "running"
