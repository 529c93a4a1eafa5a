"""The queue in words: the time left first, then who, why, and where it stands (look 07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from helpdesk.web.words import TOLD_SHORT
from infrastructure.calendar import LONDON
from infrastructure.web.say_time import clock_state, staff_moment, time_left
from service_request.models import ClockKind
from service_request.pathways.social_care.codes import WORRY_TAGS, label_of
from service_request.services.sight.queue import QueueRow
from service_request.services.sight.queue_views import Rank, View
from service_request.services.sight.waiting import COUNT_CAP

WORRIES_SHOWN = 3
DUE_FOR: dict[ClockKind, str] = {
    ClockKind.ACKNOWLEDGE: "to acknowledge",
    ClockKind.WRITTEN_FORM: "for the written form",
    ClockKind.ANSWER: "for an answer",
}
BY_RECEIPT = (View.CLOSED, View.SET_ASIDE)


class RowWords(NamedTuple):
    """A request as its row says it; a tuple, since a page makes so many."""

    row: QueueRow
    left: str
    moment: str
    clock: str  # running, soon, late
    due: str  # for the script that keeps the time left right; nothing where no clock runs
    warn: str
    due_for: str
    worries: str
    told: str
    waits_since: str
    heard: tuple[str, str]  # who was told that the time runs out, and when


@dataclass(frozen=True)
class Group:
    """Rows under one heading."""

    title: str
    rows: Sequence[RowWords]


def row_words(row: QueueRow, now: datetime) -> RowWords:
    """Say a row: how much time is left, what worries, whether the family knows, who was told that time runs out."""
    left, moment = _due_words(row, now)
    warn_at = row.warn_at or row.due_at
    clock: str = clock_state(row.due_at, warn_at, now) if row.due_at and warn_at else "running"
    heard = ("", "")
    if row.escalated_at:
        heard = ("next in line told", staff_moment(row.escalated_at, now))
    elif row.warned_at:
        heard = ("warned", staff_moment(row.warned_at, now))
    return RowWords(
        row,
        left,
        moment,
        clock,
        row.due_at.isoformat() if row.due_at else "",
        warn_at.isoformat() if warn_at else "",
        DUE_FOR.get(row.due_kind, "") if row.due_kind and row.due_at and not row.due_is_decision else "",
        _worries(row.worries),
        TOLD_SHORT[row.told],
        staff_moment(row.waits_since, now) if row.waits_since else "",
        heard,
    )


def group_rows(rows: Sequence[QueueRow], view: View, now: datetime) -> list[Group]:
    """Put the rows under headings, in the order they came in: danger, overdue, today, tomorrow, later, no clock."""
    groups: dict[str, list[RowWords]] = {}
    today = now.astimezone(LONDON).date()
    for row in rows:
        groups.setdefault(_heading(row, view, now, today), []).append(row_words(row, now))
    return [Group(title, found) for title, found in groups.items()]


def _heading(row: QueueRow, view: View, now: datetime, today: date) -> str:
    if view in BY_RECEIPT:
        return "The latest first"
    if row.rank is Rank.DANGER:
        return "Look now"
    if row.due_at is None:
        return "No clock running"
    if row.due_at <= now:
        return "Overdue"
    day = row.due_at.astimezone(LONDON).date()
    if day == today:
        return "Due today"
    return "Due tomorrow" if day == today + timedelta(days=1) else "Later"


def summary_of(rows: Sequence[QueueRow], count: int, view: View, now: datetime, *, is_first: bool) -> str:
    """Return how many, in which order, and what is worst, in one line."""
    noun = "request" if count == 1 else "requests"
    if view in BY_RECEIPT:
        return f"{capped(count)} {noun}, the latest first."
    words = f"{capped(count)} {noun}, the least time left first."
    late = sum(1 for row in rows if row.due_at is not None and row.due_at <= now)
    danger = sum(1 for row in rows if row.rank is Rank.DANGER)
    worst = [f"{late} overdue" if late else "", f"{danger} to look at now" if danger else ""]
    said = ", ".join(part for part in worst if part)
    return f"{words} {said}." if said and is_first else words


def capped(count: int) -> str:
    """Return the figure, or "200+" where nobody counted further."""
    return f"{COUNT_CAP}+" if count > COUNT_CAP else str(count)


def _due_words(row: QueueRow, now: datetime) -> tuple[str, str]:
    """Return the time left and the moment, ("3 h 10 min", "today 16:05"), or when it came where no clock runs."""
    if row.due_at is None:
        return staff_moment(row.received_at, now), "received"
    moment = staff_moment(row.due_at, now)
    if row.due_at <= now:
        return time_left(row.due_at, now), f"since {moment.removeprefix('today ')}"
    return time_left(row.due_at, now), moment


@lru_cache(maxsize=512)  # codes alone, of a closed list
def _worries(codes: tuple[str, ...]) -> str:
    """Return the worries as short words: "Neglect; parent's health", and how many more."""
    if not codes:
        return "Not sorted yet"
    labels = [label_of(WORRY_TAGS, code) for code in codes[:WORRIES_SHOWN]]
    more = len(codes) - WORRIES_SHOWN
    return "; ".join([labels[0], *(label[:1].lower() + label[1:] for label in labels[1:])]) + (
        f"; {more} more" if more > 0 else ""
    )
