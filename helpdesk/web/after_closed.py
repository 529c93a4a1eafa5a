"""What came after a request had ended: one press says what it is (EV-1)."""

from __future__ import annotations

from uuid import UUID

from flask import redirect
from flask.typing import ResponseReturnValue

from helpdesk.services import after_closed
from helpdesk.web.acts import done, refused_on_page
from helpdesk.web.blueprint import ACTS, TAKES_CALLS, blueprint, me, page_of
from infrastructure.database import db, utc_now
from infrastructure.web.current import current_house
from infrastructure.web.guard import guarded


@blueprint.post("/requests/<uuid:request_id>/late/new")
@guarded(ACTS)
@refused_on_page
def keep_apart(request_id: UUID) -> ResponseReturnValue:
    """Say that it is a request of its own."""
    after_closed.keep_apart(db.session(), request_id=request_id, by=me(), now=utc_now())
    return done(request_id, "kept_apart")


@blueprint.post("/requests/<uuid:request_id>/late/add")
@guarded(TAKES_CALLS)
@refused_on_page
def add_to_earlier(request_id: UUID) -> ResponseReturnValue:
    """Put what came onto the request that had ended."""
    earlier = after_closed.add_to_earlier(db.session(), request_id=request_id, by=me(), now=utc_now())
    return redirect(page_of(earlier, done="added_late"))


@blueprint.post("/requests/<uuid:request_id>/late/noted")
@guarded(TAKES_CALLS)
@refused_on_page
def only_note(request_id: UUID) -> ResponseReturnValue:
    """Note it, and do no more."""
    after_closed.only_note(db.session(), request_id=request_id, by=me(), now=utc_now())
    return done(request_id, "noted")


@blueprint.post("/requests/<uuid:request_id>/late/<uuid:response_id>/open")
@guarded(TAKES_CALLS)
@refused_on_page
def open_anew(request_id: UUID, response_id: UUID) -> ResponseReturnValue:
    """Make a new request of a form that came after the end."""
    opened = after_closed.open_anew(
        db.session(), request_id=request_id, response_id=response_id, by=me(), now=utc_now(), house=current_house()
    )
    return redirect(page_of(opened, done="opened_anew"))


@blueprint.post("/requests/<uuid:request_id>/late/<uuid:task_id>/send-on")
@guarded(ACTS)
@refused_on_page
def send_on_late(request_id: UUID, task_id: UUID) -> ResponseReturnValue:
    """Give the teams what waited for the family's yes."""
    after_closed.send_on(
        db.session(), request_id=request_id, task_id=task_id, by=me(), now=utc_now(), house=current_house()
    )
    return done(request_id, "sent_on_late")
