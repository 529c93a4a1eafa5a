"""One's own sign-in: where one is signed in, authenticator, recovery codes, and staying signed in (T28, T32)."""

from __future__ import annotations

from uuid import UUID

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.web.blueprint import WORKS_HERE, blueprint, me
from helpdesk.web.coming_in import TOO_MANY, let_in, remember_browser, this_browser
from helpdesk.web.second import NOT_FIRST, TOO_LATE, shown_key
from helpdesk.web.second_forms import AnotherAppForm, PasswordAgainForm
from infrastructure.database import db, utc_now
from infrastructure.identity import second_factor
from infrastructure.identity.attempts import TooManyAttemptsError
from infrastructure.identity.changed import LETTER
from infrastructure.identity.own_sessions import end_own, list_sessions
from infrastructure.identity.second_factor import CodeNotRightError, NotPendingError, standing_of
from infrastructure.identity.signing_in import SignInRefusedError, enter_again
from infrastructure.web.current import current_house, current_settings, staff_token
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded

NOT_YOURS = "Enter the password that you sign in with"
STALE_PAGE = "This page was open for too long. Enter your password again"
HOW: dict[str, str] = {
    "password": "Password",
    "totp": "Password and code",
    "recovery": "Password and recovery code",
    "oidc": "Your organisation's sign-in",
}
DONE: dict[str, str] = {
    "ended": "Signed out there.",
    "none": "That session had ended already.",
    "password": "Your password is changed.",
}


@blueprint.get("/own-sign-in")
@guarded(WORKS_HERE)
def own_sign_in() -> ResponseReturnValue:
    """Show where one is signed in, and how the second step stands."""
    return _page(PasswordAgainForm(meta=GOVUK))


@blueprint.post("/own-sign-in/end")
@guarded(WORKS_HERE)
def end_sessions() -> ResponseReturnValue:
    """End one of one's own sessions, or all but this one."""
    user, chosen = me(), _id(request.form.get("session"))
    if chosen is not None:
        ended = end_own(db.session(), user.id, now=utc_now(), only=chosen)
    else:
        ended = end_own(db.session(), user.id, now=utc_now(), but=user.session_id)
    return redirect(url_for("desk.own_sign_in", done="ended" if ended else "none"))


@blueprint.route("/own-sign-in/authenticator", methods=["GET", "POST"])
@guarded(WORKS_HERE, keeps_words=True)
def authenticator() -> ResponseReturnValue:
    """Set up an authenticator, or another one in its place; one's own password is asked for."""
    form, user, now = AnotherAppForm(request.form, meta=GOVUK), me(), utc_now()
    session, settings = db.session(), current_settings()
    if not standing_of(session, user.id).has_password:
        return redirect(url_for("desk.own_sign_in"))
    if request.method == "GET":
        return _set_up_page(form)
    secret = second_factor.offered(form.key.data or "", user.id, now=now) if csrf_holds() else None
    if secret is None:
        return _set_up_page(form, TOO_LATE)
    if not form.validate():
        return _set_up_page(form, secret=secret)
    try:
        enter_again(
            session,
            user_id=user.id,
            password=form.password.data or "",
            browser=this_browser(),
            settings=settings,
            now=now,
        )
        enrolled = second_factor.enrol(
            session,
            user_id=user.id,
            email=user.email,
            token=staff_token() or "",
            secret=secret,
            typed=form.code.data or "",
            browser=this_browser(),
            letter=current_house().write(LETTER),
            settings=settings,
            now=now,
        )
    except SignInRefusedError:
        return _set_up_page(form, NOT_YOURS, secret=secret)
    except CodeNotRightError:
        return _set_up_page(form, NOT_FIRST, secret=secret)
    except TooManyAttemptsError:
        return _set_up_page(form, TOO_MANY, 429, secret=secret)
    except NotPendingError:
        return redirect(url_for("desk.sign_in"))
    page = render_template("helpdesk/recovery_codes.html", codes=enrolled.codes, going=url_for("desk.own_sign_in"))
    return remember_browser(let_in(Response(page, mimetype="text/html"), enrolled.token), user.email)


@blueprint.post("/own-sign-in/recovery-codes")
@guarded(WORKS_HERE, keeps_words=True)
def recovery_codes() -> ResponseReturnValue:
    """Make ten recovery codes anew, and show them this once; one's own password is asked for."""
    form, user, now = PasswordAgainForm(request.form, meta=GOVUK), me(), utc_now()
    if not csrf_holds():
        return _page(form, STALE_PAGE, 400)
    if not form.validate():
        return _page(form)
    session, settings = db.session(), current_settings()
    try:
        enter_again(
            session,
            user_id=user.id,
            password=form.password.data or "",
            browser=this_browser(),
            settings=settings,
            now=now,
        )
        letter = current_house().write(LETTER)
        codes = second_factor.make_recovery_codes(session, user_id=user.id, letter=letter, settings=settings, now=now)
    except SignInRefusedError:
        return _page(form, NOT_YOURS)
    except TooManyAttemptsError:
        return _page(form, TOO_MANY, 429)
    except NotPendingError:
        return redirect(url_for("desk.own_sign_in"))
    return render_template("helpdesk/recovery_codes.html", codes=codes, going=url_for("desk.own_sign_in"))


@blueprint.post("/stay")
@guarded(WORKS_HERE)
def stay() -> ResponseReturnValue:
    """Stay signed in: that somebody is still there is written down by the guard's own reading of the session."""
    return Response(status=204)


def _page(form: PasswordAgainForm, problem: str = "", status: int = 200) -> tuple[str, int]:
    session, settings, user = db.session(), current_settings(), me()
    page = render_template(
        "helpdesk/own_sign_in.html",
        form=form,
        problem=problem,
        rows=list_sessions(session, user.id, settings=settings, now=utc_now()),
        standing=standing_of(session, user.id),
        here=user.session_id,
        is_required=settings.needs_second_factor,
        hours=settings.staff_session_hours,
        minutes=settings.staff_idle_minutes,
        how=HOW,
        done=DONE.get(request.args.get("done", "")),
    )
    return page, status


def _set_up_page(
    form: AnotherAppForm, problem: str = "", status: int = 200, *, secret: str | None = None
) -> tuple[str, int]:
    page = render_template(
        "helpdesk/set_up_second.html",
        form=form,
        problem=problem,
        action=url_for("desk.authenticator"),
        is_signing_in=False,
        **shown_key(form, me().id, me().email, secret),
    )
    return page, status


def _id(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
