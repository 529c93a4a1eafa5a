"""The queue: every request of a view, the least time left first (look 07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from helpdesk.web.blueprint import READS, blueprint, me
from helpdesk.web.words import DONE_VIEWS, DONE_WORDS, REQUEST_VIEWS, TASK_WORDS, TOLD_SHORT, VIEW_EMPTY, VIEW_TITLES
from infrastructure.calendar import LONDON
from infrastructure.database import db, utc_now
from infrastructure.trail import Access, log_access
from infrastructure.web.guard import guarded
from infrastructure.web.say_time import clock_state, staff_moment, time_left
from service_request.models import ClockKind
from service_request.pathways.social_care.codes import WORRY_TAGS, label_of
from service_request.services.sight.queue import QueueRow, list_queue
from service_request.services.sight.queue_views import NO_AREA, Place, Rank, View
from service_request.services.sight.waiting import COUNT_CAP, count_waiting, last_received_at

WORRIES_SHOWN = 3
DUE_FOR: dict[ClockKind, str] = {
    ClockKind.ACKNOWLEDGE: "to acknowledge",
    ClockKind.WRITTEN_FORM: "for the written form",
    ClockKind.ANSWER: "for an answer",
}


@dataclass(frozen=True)
class Group:
    """Rows under one heading."""

    title: str
    rows: Sequence[QueueRow]


@blueprint.get("/queue")
@guarded(READS)
def queue() -> ResponseReturnValue:
    """Show a page of a view of the queue, and log what was listed."""
    view = _view(request.args.get("view"))
    area = request.args.get("area") or None
    after = Place.parse(request.args.get("after", ""))
    session, user, now = db.session(), me(), utc_now()
    page = list_queue(session, user, view=view, area=area, after=after)
    waiting = count_waiting(session, user, area=area)
    last_at = None if page.rows else last_received_at(session, user, view=view)
    log_access(session, Access.LIST, by=user.actor, now=now, ids=[row.id for row in page.rows])
    return render_template(
        "helpdesk/queue.html",
        view=view,
        groups=group_rows(page.rows, view, now),
        summary=summary_of(page.rows, waiting.views[view], view, now, is_first=after is None),
        next_place=page.next_place,
        is_later=after is not None,
        waiting=waiting,
        area=area,
        NO_AREA=NO_AREA,
        last_at=last_at,
        user=user,
        capped=capped,
        due_words=due_words,
        clock_of=clock_of,
        worries_of=worries_of,
        told_short=TOLD_SHORT,
        due_for=DUE_FOR,
        titles=VIEW_TITLES,
        empty=VIEW_EMPTY[view],
        request_views=REQUEST_VIEWS,
        done_views=DONE_VIEWS,
        task_words=TASK_WORDS,
        done=DONE_WORDS.get(request.args.get("done", "")),
    )


def capped(count: int) -> str:
    """Return the figure, or "200+" where nobody counted further."""
    return f"{COUNT_CAP}+" if count > COUNT_CAP else str(count)


def group_rows(rows: Sequence[QueueRow], view: View, now: datetime) -> list[Group]:
    """Put the rows under headings, in the order they came in: danger, overdue, today, tomorrow, later, no clock."""
    groups: dict[str, list[QueueRow]] = {}
    for row in rows:
        groups.setdefault(_heading(row, view, now), []).append(row)
    return [Group(title, found) for title, found in groups.items()]


def _heading(row: QueueRow, view: View, now: datetime) -> str:
    if view in (View.CLOSED, View.SET_ASIDE):
        return "The latest first"
    if row.rank is Rank.DANGER:
        return "Look now"
    if row.due_at is None:
        return "No clock running"
    if row.due_at <= now:
        return "Overdue"
    day, today = row.due_at.astimezone(LONDON).date(), now.astimezone(LONDON).date()
    if day == today:
        return "Due today"
    return "Due tomorrow" if day == today + timedelta(days=1) else "Later"


def summary_of(rows: Sequence[QueueRow], count: int, view: View, now: datetime, *, is_first: bool) -> str:
    """Return how many, in which order, and what is worst, in one line."""
    noun = "request" if count == 1 else "requests"
    if view in (View.CLOSED, View.SET_ASIDE):
        return f"{capped(count)} {noun}, the latest first."
    words = f"{capped(count)} {noun}, the least time left first."
    late = sum(1 for row in rows if row.due_at is not None and row.due_at <= now)
    danger = sum(1 for row in rows if row.rank is Rank.DANGER)
    worst = [f"{late} overdue" if late else "", f"{danger} to look at now" if danger else ""]
    said = ", ".join(part for part in worst if part)
    return f"{words} {said}." if said and is_first else words


def due_words(row: QueueRow, now: datetime) -> tuple[str, str]:
    """Return the time left and the moment, ("3 h 10 min", "today 16:05"), or when it came where no clock runs."""
    if row.due_at is None:
        return staff_moment(row.received_at, now), "received"
    moment = staff_moment(row.due_at, now)
    if row.due_at <= now:
        return time_left(row.due_at, now), f"since {moment.removeprefix('today ')}"
    return time_left(row.due_at, now), moment


def clock_of(row: QueueRow, now: datetime) -> str:
    """Return running, soon or late."""
    if row.due_at is None:
        return "running"
    return clock_state(row.due_at, row.warn_at or row.due_at, now)


def worries_of(row: QueueRow) -> str:
    """Return the worries as short words: "Neglect; parent's health", and how many more."""
    if not row.worries:
        return "Not sorted yet"
    labels = [label_of(WORRY_TAGS, code) for code in row.worries[:WORRIES_SHOWN]]
    more = len(row.worries) - WORRIES_SHOWN
    return "; ".join([labels[0], *(label[:1].lower() + label[1:] for label in labels[1:])]) + (
        f"; {more} more" if more > 0 else ""
    )


def _view(text: str | None) -> View:
    try:
        return View(text or View.OPEN)
    except ValueError:
        return View.OPEN
