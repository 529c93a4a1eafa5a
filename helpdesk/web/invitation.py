"""Set a password, from the link that an administrator handed over."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField

from helpdesk.web.blueprint import blueprint
from helpdesk.web.forms import Say
from infrastructure.database import db, utc_now
from infrastructure.identity.changed import LETTER
from infrastructure.identity.links import LinkRefusedError
from infrastructure.identity.passwords import WeakPasswordError, look_at_invitation, set_password
from infrastructure.questions import PlainForm
from infrastructure.web.current import current_house, current_settings
from infrastructure.web.fields import GOVUK
from infrastructure.web.guard import Everyone, guarded


class PasswordForm(PlainForm):
    """One new password."""

    password = PasswordField(
        "New password",
        [Say("Enter a password")],
        description="12 characters or more. Three words that you will remember do well.",
        render_kw={"autocomplete": "new-password"},
    )


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
@guarded(Everyone("only the holder of the link comes in, once"))
def invitation(token: str) -> ResponseReturnValue:
    """Show whose account it is, and set its password; the link is used up by the post."""
    form = PasswordForm(request.form, meta=GOVUK)
    try:
        email = look_at_invitation(db.session(), token, now=utc_now())
        db.session.rollback()
        if request.method == "POST" and form.validate():
            password = form.password.data or ""
            letter = current_house().write(LETTER)
            set_password(
                db.session(),
                token=token,
                password=password,
                letter=letter,
                settings=current_settings(),
                now=utc_now(),
            )
            return redirect(url_for("desk.sign_in", set="1"))
    except WeakPasswordError as weak:
        form.password.errors = [weak.sentence]
    except LinkRefusedError:
        db.session.rollback()
        return render_template("helpdesk/invitation_ended.html"), 404
    return render_template("helpdesk/invitation.html", form=form, email=email)
