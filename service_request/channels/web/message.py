"""A message behind a link, read by its holder after the code (EV-6)."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from infrastructure.database import db, utc_now
from infrastructure.identity.attempts import TooManyAttemptsError
from infrastructure.identity.links import CodeRefusedError
from infrastructure.identity.models import LinkPurpose
from infrastructure.web.current import cookie_name, current_house, current_settings
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded
from service_request.channels.web.asked import CodeForm
from service_request.channels.web.blueprint import LINK_HOLDER, web
from service_request.channels.web.outcome import REFUSED, TOO_MANY
from service_request.services import outside
from service_request.services.behind_link import read_messages
from service_request.services.outside import NotProvenError

MESSAGE_COOKIE = "message"
OF = LinkPurpose.MESSAGE


@web.get("/message/<token>")
@guarded(LINK_HOLDER)
def message(token: str) -> ResponseReturnValue:
    """Show the message to a browser that proved itself, and to any other only what the link is about."""
    browser = request.cookies.get(cookie_name(MESSAGE_COOKIE))
    try:
        page = read_messages(db.session(), token=token, browser=browser, now=utc_now(), house=current_house())
    except NotProvenError:
        return _link_page(token)
    settings = current_settings()
    is_read = any(box.pathway != "sendiass" for box in settings.our_mailboxes)
    return render_template("web/message.html", page=page, idle_minutes=settings.referrer_idle_minutes, is_read=is_read)


@web.post("/message/<token>")
@guarded(LINK_HOLDER)
def ask_for_message_code(token: str) -> ResponseReturnValue:
    """Send a code to the address that the link was sent to."""
    try:
        outside.ask_outcome_code(db.session(), token=token, now=utc_now(), house=current_house(), purpose=OF)
    except TooManyAttemptsError:
        return _link_page(token, error=TOO_MANY)
    return redirect(url_for("web.message_code", token=token))


@web.get("/message/<token>/code")
@guarded(LINK_HOLDER)
def message_code(token: str) -> ResponseReturnValue:
    """Ask for the code."""
    return _code_page(token, CodeForm(meta=GOVUK))


@web.post("/message/<token>/code")
@guarded(LINK_HOLDER, keeps_words=True)
def take_message_code(token: str) -> ResponseReturnValue:
    """Take the code, once; a wrong one is told plainly and counted."""
    form = CodeForm(request.form, meta=GOVUK)
    if not csrf_holds():
        return _code_page(token, form, has_lapsed=True)
    if not form.validate():
        return _code_page(token, form)
    try:
        browser = outside.prove_outcome(
            db.session(), token=token, code=form.code.data or "", now=utc_now(), house=current_house(), purpose=OF
        )
    except CodeRefusedError:
        form.code.errors = [REFUSED]
        return _code_page(token, form)
    response = redirect(url_for("web.message", token=token))
    is_https = current_settings().is_https
    response.set_cookie(cookie_name(MESSAGE_COOKIE), browser, path="/", secure=is_https, httponly=True, samesite="Lax")
    return response


def _link_page(token: str, *, error: str = "") -> ResponseReturnValue:
    link = outside.look_at_link(db.session(), token=token, now=utc_now(), purpose=OF)
    minutes = current_settings().code_minutes
    return render_template(
        "web/message_link.html", link=link, token=token, error=error, has_errors=bool(error), minutes=minutes
    )


def _code_page(token: str, form: CodeForm, *, has_lapsed: bool = False) -> ResponseReturnValue:
    link = outside.look_at_link(db.session(), token=token, now=utc_now(), purpose=OF)
    return render_template(
        "web/message_code.html",
        link=link,
        token=token,
        form=form,
        has_errors=bool(form.errors),
        has_lapsed=has_lapsed,
        minutes=current_settings().code_minutes,
    )
