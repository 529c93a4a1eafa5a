"""Sign in, sign out, and the words that were typed while a session ran out (T22, T32, M10, W13)."""

from __future__ import annotations

import re
from typing import cast

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import Unauthorized

from helpdesk.web.blueprint import blueprint, home_of, me
from helpdesk.web.forms import SignInForm
from infrastructure.database import db, utc_now
from infrastructure.identity import signing_in
from infrastructure.identity.attempts import TooManyAttemptsError
from infrastructure.identity.signing_in import SignInRefusedError
from infrastructure.web.current import STAFF_COOKIE, cookie_name, current_settings, remote_address, staff_token
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import Everyone, csrf_holds, guarded

_LOCAL_PATH = re.compile(r"/(?:[A-Za-z0-9][A-Za-z0-9._~/?&=%-]*)?")
KEPT = "kept-"  # before the name of each field that was typed while the session ran out
KEPT_MOST = 400

REFUSED = "Enter the email address and password of your account. The two you entered do not belong together"
TOO_MANY = "You have tried 10 times. Wait 5 minutes, then try again. Your account is not locked"
STALE = "This page was open for too long. Enter your password again"


def local_path(text: str | None) -> str | None:
    """Return the path if it stays on this site, else None (M10)."""
    return text if text and _LOCAL_PATH.fullmatch(text) else None


CLEARED = '"cache", "storage"'  # not the cookies: a draft of somebody at the same computer may be among them (T27)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@guarded(Everyone("who comes here is not signed in yet; tries are counted"), keeps_words=True)
def sign_in() -> ResponseReturnValue:
    """Start a session, and lead to where the person was going or to the first page of their work."""
    form = SignInForm(request.form, meta=GOVUK)
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(home_of(me()))
        return _page(form)
    if not csrf_holds():
        return _page(form, STALE, 400)
    if not form.validate():
        return _page(form)
    try:
        token = signing_in.sign_in(
            db.session(),
            email=form.email.data or "",
            password=form.password.data or "",
            address=remote_address(),
            settings=current_settings(),
            now=utc_now(),
        )
    except SignInRefusedError:
        return _page(form, REFUSED)
    except TooManyAttemptsError:
        return _page(form, TOO_MANY, 429)
    return _signed_in(token)


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
    return _page(SignInForm(meta=GOVUK), "", 401, kept=kept[:KEPT_MOST], kept_for=request.path)


def _page(
    form: SignInForm,
    problem: str = "",
    status: int = 200,
    *,
    kept: list[tuple[str, str]] | None = None,
    kept_for: str | None = None,
) -> tuple[str, int]:
    if kept is None:
        kept, kept_for = _kept(), local_path(request.form.get("kept_for"))
    going = local_path(request.values.get("next"))
    page = render_template(
        "helpdesk/sign_in.html",
        form=form,
        problem=problem,
        going=going,
        kept=kept,
        kept_for=kept_for,
        KEPT=KEPT,
        left=request.args.get("left"),
    )
    return page, status


def _kept() -> list[tuple[str, str]]:
    return [
        (name.removeprefix(KEPT), value)
        for name, values in request.form.lists()
        if name.startswith(KEPT)
        for value in values
    ][:KEPT_MOST]


def _signed_in(token: str) -> Response:
    kept, kept_for = _kept(), local_path(request.form.get("kept_for"))
    if kept_for:
        page = render_template("helpdesk/kept.html", kept=kept, kept_for=kept_for)
        response = Response(page, mimetype="text/html")
    else:
        going = local_path(request.form.get("next"))
        response = cast(Response, redirect(going or url_for("desk.home")))
    response.set_cookie(
        cookie_name(STAFF_COOKIE), token, path="/", secure=current_settings().is_https, httponly=True, samesite="Lax"
    )
    return response
