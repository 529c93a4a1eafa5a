"""The demonstration's outside world: every message that went out, and who can sign in. Not there in production."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Flask, abort, render_template, request
from flask.typing import ResponseReturnValue

from demonstration import mailbook
from demonstration.commands import demonstration
from demonstration.people import STAFF
from demonstration.web_mail import add_mail
from demonstration.web_phone import add_phone
from infrastructure.database import db, utc_now
from infrastructure.outbox import MessageState
from infrastructure.web.current import current_settings
from infrastructure.web.guard import Everyone, guarded

OUTSIDE = Everyone("the demonstration's outside world: made-up people, on this machine only")

blueprint = Blueprint("demonstration", __name__, url_prefix="/demo")
add_phone(blueprint, OUTSIDE)
add_mail(blueprint, OUTSIDE)


def register(app: Flask) -> None:
    """Add the demonstration's pages and commands; called in demonstration mode only."""
    app.register_blueprint(blueprint)
    app.cli.add_command(demonstration)


@blueprint.get("")
@guarded(OUTSIDE)
def messages() -> ResponseReturnValue:
    """Show every message that was sent or tried, the latest first, and open the latest of them."""
    return _messages(None)


@blueprint.get("/messages/<uuid:message_id>")
@guarded(OUTSIDE)
def message(message_id: UUID) -> ResponseReturnValue:
    """Show the same list with one message open."""
    return _messages(message_id)


@blueprint.get("/sign-ins")
@guarded(OUTSIDE)
def sign_ins() -> ResponseReturnValue:
    """Show who works in Westmarch and how to sign in as them."""
    return render_template("demonstration/sign_ins.html", staff=STAFF, now=utc_now())


def _messages(message_id: UUID | None) -> ResponseReturnValue:
    session = db.session()
    state, to, page = _state(), request.args.get("to", "").strip(), max(1, request.args.get("page", 1, type=int))
    listed = mailbook.list_messages(session, state=state, to=to, page=page)
    if message_id is None and listed.lines:
        message_id = listed.lines[0].id
    opened = None
    if message_id is not None:
        opened = mailbook.find_message(session, message_id, folder=current_settings().instance_dir)
        if opened is None:
            abort(404)
    return render_template(
        "demonstration/messages.html",
        listed=listed,
        opened=opened,
        parts=mailbook.in_parts(opened.text) if opened else [],
        states=mailbook.STATES,
        channels=mailbook.CHANNELS,
        addresses=mailbook.list_addresses(session),
        chosen={"state": state.value if state else "", "to": to},
        now=utc_now(),
    )


def _state() -> MessageState | None:
    typed = request.args.get("state", "")
    return MessageState(typed) if typed in set(MessageState) else None
