"""The outcome, read by the holder of the link after the code: what was decided and done, and the form back (GL-14)."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

from flask import redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from infrastructure.calendar import LONDON
from infrastructure.database import db, utc_now
from infrastructure.identity.attempts import TooManyAttemptsError
from infrastructure.identity.links import CodeRefusedError
from infrastructure.web.current import cookie_name, current_house, current_settings
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.channels.web.asked import CodeForm
from service_request.channels.web.blueprint import LINK_HOLDER, web
from service_request.services import outside
from service_request.services.outside import NotProvenError, OutcomePage

OUTCOME_COOKIE = "outcome"
REFUSED = "That is not the code we sent last, or it has run out. Check the email, or ask for a new code"
TOO_MANY = "You have asked for too many codes. Wait an hour, then ask again"


@web.get("/outcome/<token>")
@guarded(LINK_HOLDER)
def outcome(token: str) -> ResponseReturnValue:
    """Show the outcome to a browser that proved itself, and to any other only what the link is about."""
    try:
        page = outside.read_outcome(db.session(), token=token, browser=_browser(), now=utc_now(), house=current_house())
    except NotProvenError:
        return _link_page(token)
    return render_template(
        f"web/outcome_{page.audience}.html",
        page=page,
        body=_with_times(page),
        token=token,
        sent_on=page.received_at.astimezone(LONDON).date(),
        idle_minutes=current_settings().referrer_idle_minutes,
    )


@web.post("/outcome/<token>")
@guarded(LINK_HOLDER)
def ask_for_code(token: str) -> ResponseReturnValue:
    """Send a code to the address that the link was sent to."""
    try:
        outside.ask_outcome_code(db.session(), token=token, now=utc_now(), house=current_house())
    except TooManyAttemptsError:
        return _link_page(token, error=TOO_MANY)
    return redirect(url_for("web.outcome_code", token=token))


@web.get("/outcome/<token>/code")
@guarded(LINK_HOLDER)
def outcome_code(token: str) -> ResponseReturnValue:
    """Ask for the code."""
    return _code_page(token, CodeForm(meta=GOVUK))


@web.post("/outcome/<token>/code")
@guarded(LINK_HOLDER, keeps_words=True)
def take_outcome_code(token: str) -> ResponseReturnValue:
    """Take the code, once; a wrong one is told plainly and counted."""
    form = CodeForm(request.form, meta=GOVUK)
    if not csrf_holds():
        return _code_page(token, form, has_lapsed=True)
    if not form.validate():
        return _code_page(token, form)
    try:
        browser = outside.prove_outcome(
            db.session(), token=token, code=form.code.data or "", now=utc_now(), house=current_house()
        )
    except CodeRefusedError:
        form.code.errors = [REFUSED]
        return _code_page(token, form)
    response = redirect(url_for("web.outcome", token=token))
    is_https = current_settings().is_https
    response.set_cookie(cookie_name(OUTCOME_COOKIE), browser, path="/", secure=is_https, httponly=True, samesite="Lax")
    return response


@web.get("/outcome/<token>/form")
@guarded(LINK_HOLDER)
def returned_form(token: str) -> ResponseReturnValue:
    """Hand the form back with the actions recorded, to a proven professional only (GL-14)."""
    try:
        name, content = outside.read_form_file(
            db.session(), token=token, browser=_browser(), now=utc_now(), house=current_house()
        )
    except NotProvenError:
        return redirect(url_for("web.outcome", token=token))
    return send_file(BytesIO(content), mimetype="application/pdf", as_attachment=True, download_name=name)


def _browser() -> str | None:
    return request.cookies.get(cookie_name(OUTCOME_COOKIE))


def _link_page(token: str, *, error: str = "") -> ResponseReturnValue:
    link = outside.look_at_link(db.session(), token=token, now=utc_now())
    return render_template(
        "web/outcome_link.html",
        link=link,
        token=token,
        error=error,
        has_errors=bool(error),
        minutes=current_settings().code_minutes,
    )


def _code_page(token: str, form: CodeForm, *, has_lapsed: bool = False) -> ResponseReturnValue:
    link = outside.look_at_link(db.session(), token=token, now=utc_now())
    return render_template(
        "web/outcome_code.html",
        link=link,
        token=token,
        form=form,
        has_errors=bool(form.errors),
        has_lapsed=has_lapsed,
        minutes=current_settings().code_minutes,
    )


def _with_times(page: OutcomePage) -> dict[str, Any]:
    """Return the body with its moments as moments."""
    body = dict(page.body)
    body["actions"] = [(datetime.fromisoformat(at), words) for at, words in body.get("actions", [])]
    if body.get("decided_at"):
        body["decided_at"] = datetime.fromisoformat(body["decided_at"])
    return body
