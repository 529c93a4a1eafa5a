"""The second step of signing in: a code, or the set-up of an authenticator by somebody who has none yet (T32)."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.web.blueprint import blueprint
from helpdesk.web.coming_in import (
    TOO_MANY,
    lead_on,
    let_in,
    on_the_way,
    remember_browser,
    sign_in_page,
    this_browser,
)
from helpdesk.web.forms import SignInForm
from helpdesk.web.second_forms import CodeForm, FirstCodeForm
from infrastructure.database import db, utc_now
from infrastructure.identity import second_factor
from infrastructure.identity.attempts import TooManyAttemptsError
from infrastructure.identity.changed import LETTER
from infrastructure.identity.second_factor import CodeNotRightError, NotPendingError, Pending, find_pending
from infrastructure.web.current import current_house, current_settings, staff_token
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import Everyone, csrf_holds, guarded

NOT_RIGHT = "Enter the 6 digits that your app shows now, or a recovery code that you have not used. Each works once"
NOT_FIRST = "Enter the 6 digits that your app shows for this key now"
STALE_CODE = "This page was open for too long. Enter the code that your app shows now"
TOO_LATE = "This page was open for too long. Scan the new picture, and enter its code"


@blueprint.route("/sign-in/second", methods=["GET", "POST"])
@guarded(Everyone("it serves whoever entered a right password just now; tries are counted"), keeps_words=True)
def second() -> ResponseReturnValue:
    """Take the code and let the person in, or help them to set up an authenticator first."""
    token, now = staff_token() or "", utc_now()
    pending = find_pending(db.session(), token, now=now)
    db.session.rollback()
    if pending is None:
        return _start_again()
    if not pending.has_second:
        return _set_up(pending, token)
    form = CodeForm(request.form, meta=GOVUK)
    if request.method == "GET" or not csrf_holds():
        return _page(form, STALE_CODE if request.method == "POST" else "")
    if not form.validate():
        return _page(form)
    try:
        whole = second_factor.prove_second(
            db.session(),
            token=token,
            typed=form.code.data or "",
            browser=this_browser(),
            settings=current_settings(),
            now=now,
        )
    except CodeNotRightError:
        return _page(form, NOT_RIGHT)
    except TooManyAttemptsError:
        return _page(form, TOO_MANY, 429)
    except NotPendingError:
        return _start_again()
    return remember_browser(let_in(lead_on(), whole), pending.email)


def ask_second(token: str) -> Response:
    """Return the page that asks for the second factor, in answer to a right password; what was kept goes along."""
    pending = find_pending(db.session(), token, now=utc_now())
    db.session.rollback()
    if pending is None:
        return Response(status=401)
    if pending.has_second:
        return Response(_page(CodeForm(meta=GOVUK))[0], mimetype="text/html")
    return Response(_set_up_page(FirstCodeForm(meta=GOVUK), pending)[0], mimetype="text/html")


def _set_up(pending: Pending, token: str) -> ResponseReturnValue:
    form, now = FirstCodeForm(request.form, meta=GOVUK), utc_now()
    if request.method == "GET":
        return _set_up_page(form, pending)
    if not csrf_holds():
        return _set_up_page(form, pending, TOO_LATE)
    secret = second_factor.offered(form.key.data or "", pending.user_id, now=now)
    if secret is None:
        return _set_up_page(form, pending, TOO_LATE)
    if not form.validate():
        return _set_up_page(form, pending, secret=secret)
    try:
        enrolled = second_factor.enrol(
            db.session(),
            user_id=pending.user_id,
            email=pending.email,
            token=token,
            secret=secret,
            typed=form.code.data or "",
            browser=this_browser(),
            letter=current_house().write(LETTER),
            settings=current_settings(),
            now=now,
        )
    except CodeNotRightError:
        return _set_up_page(form, pending, NOT_FIRST, secret=secret)
    except TooManyAttemptsError:
        return _set_up_page(form, pending, TOO_MANY, 429, secret=secret)
    except NotPendingError:
        return _start_again()
    page = render_template("helpdesk/recovery_codes.html", codes=enrolled.codes, **on_the_way())
    return remember_browser(let_in(Response(page, mimetype="text/html"), enrolled.token), pending.email)


def _start_again() -> ResponseReturnValue:
    """Lead back to the first step; what was kept goes along."""
    if request.method == "GET":
        return redirect(url_for("desk.sign_in"))
    return sign_in_page(SignInForm(meta=GOVUK), "Too much time has passed. Enter your password again", 401)


def _page(form: CodeForm, problem: str = "", status: int = 200) -> tuple[str, int]:
    form.code.data = ""
    return render_template("helpdesk/second.html", form=form, problem=problem, **on_the_way()), status


def _set_up_page(
    form: FirstCodeForm, pending: Pending, problem: str = "", status: int = 200, *, secret: str | None = None
) -> tuple[str, int]:
    """Show the key as a picture and in words; the page gives it back sealed, so that a mistyped code costs no scan."""
    page = render_template(
        "helpdesk/set_up_second.html",
        form=form,
        problem=problem,
        action=url_for("desk.second"),
        is_signing_in=True,
        **shown_key(form, pending.user_id, pending.email, secret),
        **on_the_way(),
    )
    return page, status


def shown_key(form: FirstCodeForm, user_id: UUID, email: str, secret: str | None) -> dict[str, object]:
    """Return what a set-up page shows of the key, and put its sealed form into the page's own form."""
    if secret is None:
        secret, form.key.data = second_factor.offer(user_id, now=utc_now())
    form.code.data = ""
    address = second_factor.address_of(secret, email=email, issuer=current_settings().product_name)
    groups = [secret[at : at + 4] for at in range(0, len(secret), 4)]
    return {"picture": second_factor.picture_of(address), "groups": groups, "address": address}
