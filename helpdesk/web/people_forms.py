"""The forms of an administrator: somebody new, and one more place."""

from __future__ import annotations

from wtforms import EmailField, SelectField, StringField
from wtforms.validators import Length

from helpdesk.web.forms import OneOf, Say
from infrastructure.questions import PlainForm
from service_request.asking.checks import email_address
from service_request.domain.typed import LINE_MAX


class PlaceForm(PlainForm):
    """A role in a team."""

    team = SelectField("Team", validators=[OneOf("Select a team")], validate_choice=False)
    role = SelectField("Role", validators=[OneOf("Select a role")], validate_choice=False)


class InviteForm(PlaceForm):
    """Somebody new, with their first place."""

    name = StringField(
        "Full name",
        [Say("Enter their name"), Length(max=LINE_MAX, message=f"Enter a name of {LINE_MAX} characters or fewer")],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    email = EmailField(
        "Work email address",
        [Say("Enter their email address"), email_address],
        description="The link to set a password goes there, and nowhere else.",
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
