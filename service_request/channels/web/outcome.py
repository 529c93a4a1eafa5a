"""The outcome, read by the holder of the link after the code: what was decided and done, and the form back (GL-14)."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from infrastructure.calendar import LONDON
from infrastructure.database import db, utc_now
from infrastructure.identity.models import LinkPurpose
from infrastructure.web.current import current_house, current_settings
from infrastructure.web.guard import guarded
from service_request.channels.web.behind_code import BehindCode
from service_request.channels.web.blueprint import LINK_HOLDER, web
from service_request.services import outside
from service_request.services.outside import NotProvenError, OutcomePage

BEHIND = BehindCode(LinkPurpose.OUTCOME)


@web.get("/outcome/<token>")
@guarded(LINK_HOLDER)
def outcome(token: str) -> ResponseReturnValue:
    """Show the outcome to a browser that proved itself, and to any other only what the link is about."""
    try:
        page = outside.read_outcome(
            db.session(), token=token, browser=BEHIND.browser(), now=utc_now(), house=current_house()
        )
    except NotProvenError:
        return BEHIND.link_page(token)
    return render_template(
        f"web/outcome_{page.audience}.html",
        page=page,
        body=with_times(page),
        form_href=url_for("web.returned_form", token=token),
        sent_on=page.received_at.astimezone(LONDON).date(),
        idle_minutes=current_settings().referrer_idle_minutes,
    )


@web.post("/outcome/<token>")
@guarded(LINK_HOLDER)
def ask_for_code(token: str) -> ResponseReturnValue:
    """Send a code to the address that the link was sent to."""
    return BEHIND.ask(token)


@web.get("/outcome/<token>/code")
@guarded(LINK_HOLDER)
def outcome_code(token: str) -> ResponseReturnValue:
    """Ask for the code."""
    return BEHIND.code_page(token)


@web.post("/outcome/<token>/code")
@guarded(LINK_HOLDER, keeps_words=True)
def take_outcome_code(token: str) -> ResponseReturnValue:
    """Take the code, once; a wrong one is told plainly and counted."""
    return BEHIND.take(token)


@web.get("/outcome/<token>/form")
@guarded(LINK_HOLDER)
def returned_form(token: str) -> ResponseReturnValue:
    """Hand the form back with the actions recorded, to a proven professional only (GL-14)."""
    try:
        name, content = outside.read_form_file(
            db.session(), token=token, browser=BEHIND.browser(), now=utc_now(), house=current_house()
        )
    except NotProvenError:
        return redirect(url_for("web.outcome", token=token))
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name)


def with_times(page: OutcomePage) -> dict[str, Any]:
    """Return the body with its moments as moments."""
    body = dict(page.body)
    body["actions"] = [(datetime.fromisoformat(at), words) for at, words in body.get("actions", [])]
    if body.get("decided_at"):
        body["decided_at"] = datetime.fromisoformat(body["decided_at"])
    return body
