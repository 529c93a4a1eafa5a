"""Change one's own password, with the one before asked for (T32)."""

from __future__ import annotations

from typing import cast

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from helpdesk.web.blueprint import WORKS_HERE, blueprint, me
from helpdesk.web.coming_in import TOO_MANY, let_in, this_browser
from helpdesk.web.own_sign_in import NOT_YOURS, STALE_PAGE
from helpdesk.web.second_forms import NewPasswordForm
from infrastructure.database import db, utc_now
from infrastructure.identity.attempts import TooManyAttemptsError
from infrastructure.identity.changed import LETTER
from infrastructure.identity.passwords import WeakPasswordError, change_password
from infrastructure.identity.second_factor import standing_of
from infrastructure.identity.signing_in import SignInRefusedError, enter_again
from infrastructure.web.current import current_house, current_settings, staff_token
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import csrf_holds, guarded


@blueprint.route("/own-sign-in/password", methods=["GET", "POST"])
@guarded(WORKS_HERE, keeps_words=True)
def own_password() -> ResponseReturnValue:
    """Take the new password; every other session of the account ends."""
    form, user, now = NewPasswordForm(request.form, meta=GOVUK), me(), utc_now()
    session, settings = db.session(), current_settings()
    if not standing_of(session, user.id).has_password:
        return redirect(url_for("desk.own_sign_in"))
    if request.method == "GET":
        return _page(form)
    if not csrf_holds():
        return _page(form, STALE_PAGE, 400)
    if not form.validate():
        return _page(form)
    try:
        enter_again(
            session,
            user_id=user.id,
            password=form.password.data or "",
            browser=this_browser(),
            settings=settings,
            now=now,
        )
        token = change_password(
            session,
            user_id=user.id,
            token=staff_token() or "",
            password=form.new_password.data or "",
            letter=current_house().write(LETTER),
            settings=settings,
            now=now,
        )
    except SignInRefusedError:
        return _page(form, NOT_YOURS)
    except TooManyAttemptsError:
        return _page(form, TOO_MANY, 429)
    except WeakPasswordError as weak:
        form.new_password.errors = [weak.sentence]
        return _page(form)
    return let_in(cast(Response, redirect(url_for("desk.own_sign_in", done="password"))), token)


def _page(form: NewPasswordForm, problem: str = "", status: int = 200) -> tuple[str, int]:
    return render_template("helpdesk/new_password.html", form=form, problem=problem), status
