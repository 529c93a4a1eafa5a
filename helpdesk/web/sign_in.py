"""Sign in, sign out, and the words that were typed while a session ran out (T22, T32, M10, W13)."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import Unauthorized

from helpdesk.web.blueprint import blueprint, home_of, me
from helpdesk.web.coming_in import (
    KEPT_MOST,
    STALE,
    TOO_MANY,
    lead_on,
    let_in,
    remember_browser,
    sign_in_page,
    this_browser,
)
from helpdesk.web.forms import SignInForm
from helpdesk.web.second import ask_second
from infrastructure.database import db, utc_now
from infrastructure.identity import signing_in
from infrastructure.identity.attempts import TooManyAttemptsError
from infrastructure.identity.signing_in import SignInRefusedError
from infrastructure.web.current import STAFF_COOKIE, cookie_name, current_settings, staff_token
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import Everyone, csrf_holds, guarded

REFUSED = "Enter the email address and password of your account. The two you entered do not belong together"
CLEARED = '"cache", "storage"'  # not the cookies: a draft of somebody at the same computer may be among them (T27)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@guarded(Everyone("who comes here is not signed in yet; tries are counted"), keeps_words=True)
def sign_in() -> ResponseReturnValue:
    """Start a session, and lead to where the person was going or to the first page of their work."""
    form = SignInForm(request.form, meta=GOVUK)
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(home_of(me()))
        return sign_in_page(form)
    if not csrf_holds():
        return sign_in_page(form, STALE, 400)
    if not form.validate():
        return sign_in_page(form)
    try:
        entry = signing_in.sign_in(
            db.session(),
            email=form.email.data or "",
            password=form.password.data or "",
            browser=this_browser(),
            settings=current_settings(),
            now=utc_now(),
        )
    except SignInRefusedError:
        return sign_in_page(form, REFUSED)
    except TooManyAttemptsError:
        return sign_in_page(form, TOO_MANY, 429)
    if before := staff_token():
        signing_in.sign_out(db.session(), token=before, now=utc_now())  # one browser holds one session
    if entry.is_pending:
        return let_in(ask_second(entry.token), entry.token)
    return remember_browser(let_in(lead_on(), entry.token), form.email.data or "")


@blueprint.post("/sign-out")
@guarded(Everyone("a session that has run out can be left as well"))
def sign_out() -> ResponseReturnValue:
    """End the session for good, on the server too."""
    token = staff_token()
    if token:
        signing_in.sign_out(db.session(), token=token, now=utc_now())
    response = redirect(url_for("desk.sign_in", left="1"))
    response.headers["Clear-Site-Data"] = CLEARED
    response.delete_cookie(cookie_name(STAFF_COOKIE), path="/", secure=current_settings().is_https, httponly=True)
    return response


@blueprint.get("/")
@guarded(Everyone("it only leads on: to the first page of one's work, or to sign in"))
def home() -> ResponseReturnValue:
    """Lead everyone to the first page of their work."""
    return redirect(home_of(me()) if current_user.is_authenticated else url_for("desk.sign_in"))


@blueprint.get("/no-place")
@guarded(Everyone("it says nothing but whom to ask"))
def no_place() -> ResponseReturnValue:
    """Tell somebody who holds no place that serves here whom to ask."""
    return render_template("helpdesk/no_place.html")


@blueprint.errorhandler(Unauthorized)
def _session_over(_: Unauthorized) -> ResponseReturnValue:
    """Ask to sign in again and keep every word that was on its way (W13)."""
    kept = [
        (name, value)
        for name, values in request.form.lists()
        if name not in ("csrf_token", "password")
        for value in values
    ]
    return sign_in_page(SignInForm(meta=GOVUK), "", 401, kept=kept[:KEPT_MOST], kept_for=request.path)
