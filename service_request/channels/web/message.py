"""A message behind a link, read by its holder after the code (EV-6)."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from infrastructure.database import db, utc_now
from infrastructure.identity.models import LinkPurpose
from infrastructure.web.current import current_house, current_settings
from infrastructure.web.guard import guarded
from service_request.channels.web.behind_code import BehindCode
from service_request.channels.web.blueprint import LINK_HOLDER, web
from service_request.services.behind_link import read_messages
from service_request.services.outside import NotProvenError

BEHIND = BehindCode(LinkPurpose.MESSAGE)


@web.get("/message/<token>")
@guarded(LINK_HOLDER)
def message(token: str) -> ResponseReturnValue:
    """Show the message to a browser that proved itself, and to any other only what the link is about."""
    session, house = db.session(), current_house()
    try:
        page = read_messages(session, token=token, browser=BEHIND.browser(), now=utc_now(), house=house)
    except NotProvenError:
        return BEHIND.link_page(token)
    settings = current_settings()
    is_read = any(box.pathway != "sendiass" for box in settings.our_mailboxes)
    return render_template("web/message.html", page=page, idle_minutes=settings.referrer_idle_minutes, is_read=is_read)


@web.post("/message/<token>")
@guarded(LINK_HOLDER)
def ask_for_message_code(token: str) -> ResponseReturnValue:
    """Send a code to the address that the link was sent to."""
    return BEHIND.ask(token)


@web.get("/message/<token>/code")
@guarded(LINK_HOLDER)
def message_code(token: str) -> ResponseReturnValue:
    """Ask for the code."""
    return BEHIND.code_page(token)


@web.post("/message/<token>/code")
@guarded(LINK_HOLDER, keeps_words=True)
def take_message_code(token: str) -> ResponseReturnValue:
    """Take the code, once; a wrong one is told plainly and counted."""
    return BEHIND.take(token)
