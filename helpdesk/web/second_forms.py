"""The forms of the second factor."""

from __future__ import annotations

from wtforms import HiddenField, PasswordField, StringField

from helpdesk.web.forms import Say
from infrastructure.questions import PlainForm

ONE_TIME = {"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "none"}


class CodeForm(PlainForm):
    """A code of the authenticator, or one on paper."""

    code = StringField(
        "Code",
        [Say("Enter the code from your app")],
        description="6 digits. Without your phone, enter one of your recovery codes: 12 letters and digits.",
        render_kw=ONE_TIME,
    )


class FirstCodeForm(PlainForm):
    """The first code of an authenticator, which proves that it holds the key."""

    key = HiddenField()
    code = StringField(
        "Code that the app shows",
        [Say("Enter the code that the app shows")],
        description="6 digits. A new one comes every 30 seconds.",
        render_kw={**ONE_TIME, "inputmode": "numeric"},
    )


class PasswordAgainForm(PlainForm):
    """One's own password once more, before the way in is changed."""

    password = PasswordField(
        "Your password", [Say("Enter your password")], render_kw={"autocomplete": "current-password"}
    )


class AnotherAppForm(FirstCodeForm, PasswordAgainForm):
    """An authenticator set up by somebody who is signed in."""


class NewPasswordForm(PasswordAgainForm):
    """One's own password, and the one that takes its place."""

    new_password = PasswordField(
        "New password",
        [Say("Enter a new password")],
        description="12 characters or more. Three words that you will remember do well.",
        render_kw={"autocomplete": "new-password"},
    )
