"""The queue: every request of a view, the least time left first (look 07)."""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.web.blueprint import READS, blueprint, me
from helpdesk.web.queue_rows import capped, group_rows, summary_of
from helpdesk.web.words import DONE_VIEWS, DONE_WORDS, REQUEST_VIEWS, TASK_WORDS, VIEW_EMPTY, VIEW_TITLES
from infrastructure.database import db, utc_now
from infrastructure.trail import Access, log_access
from infrastructure.web.guard import guarded
from service_request.services.sight.queue import list_queue
from service_request.services.sight.queue_views import NO_AREA, Place, View
from service_request.services.sight.waiting import count_waiting, last_received_at

A_REQUEST = UUID(int=0)


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
    last_at = None if page.rows else last_received_at(session, user)
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
        address=url_for("desk.request_page", request_id=A_REQUEST).removesuffix(str(A_REQUEST)),
        titles=VIEW_TITLES,
        empty=VIEW_EMPTY[view],
        request_views=REQUEST_VIEWS,
        done_views=DONE_VIEWS,
        task_words=TASK_WORDS,
        done=DONE_WORDS.get(request.args.get("done", "")),
    )


def _view(text: str | None) -> View:
    try:
        return View(text or View.OPEN)
    except ValueError:
        return View.OPEN
