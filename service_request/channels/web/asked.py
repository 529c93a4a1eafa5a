"""The few questions that only the web asks: who you are, with names or without, and an address with its code."""

from __future__ import annotations

from wtforms import EmailField, Field, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, StopValidation

from infrastructure.questions import PlainForm, choice
from service_request.asking.checks import AtMost, Enter, email_address
from service_request.domain.typed import LINE_MAX
from service_request.pathways.social_care.forms import FormKind, steps_of

CODE_LENGTH = 6
NAMED, WITHOUT_NAMES = "named", "without_names"
SENDIASS = "sendiass"
REMEMBER = "shift"
EMAIL_KEYBOARD = {"autocomplete": "email", "inputmode": "email", "spellcheck": "false"}


def how_many(kind: FormKind) -> int:
    """Return how many pages of questions a form has when it is begun."""
    return len(steps_of(kind, {}))


class WhoForm(PlainForm):
    """GL-16: a professional takes the whole form, everyone else a short one."""

    who = RadioField(
        "Who are you?",
        [InputRequired("Select who you are")],
        description="Your answer decides which questions we ask. Nothing is sent yet.",
        choices=[
            choice(
                "work",
                "I work with children or families",
                hint="For example in a school, surgery, hospital, police station or charity. "
                "About 10 minutes. You can save it and come back.",
            ),
            choice(
                FormKind.PUBLIC_FAMILY,
                "I am a parent or carer, and my family needs help",
                hint=f"{how_many(FormKind.PUBLIC_FAMILY)} short questions. You can skip any of them.",
            ),
            choice(
                FormKind.PUBLIC_CHILD,
                "I am a child or young person",
                hint=f"You can tell us as much or as little as you like. {how_many(FormKind.PUBLIC_CHILD)} questions.",
            ),
            choice(
                FormKind.PUBLIC_WORRIED,
                "I am worried about a child I know",
                hint="As a relative, neighbour or friend. You do not have to give your name.",
            ),
            choice(
                SENDIASS,
                "I want advice about special educational needs or a disability",
                hint="This goes to SENDIASS, which is confidential and impartial. "
                "Schools and social care cannot see it. We share it only if a child may be at risk.",
                divider="or",
            ),
        ],
    )


class NamesForm(PlainForm):
    """GL-6: the fork that stands before any page that asks for a name."""

    names = RadioField(
        "Will you name the children?",
        [InputRequired("Select whether you will name the children")],
        description="We ask this first, so that nobody is named who need not be.",
        choices=[
            choice(
                NAMED,
                "Yes, this is a request about named children",
                hint="The family knows, or telling them may put a child at further risk. We ask about that next.",
            ),
            choice(
                WITHOUT_NAMES,
                "No, I want to talk it through first, without names",
                hint="We will not ask for names, birth dates, addresses or schools. "
                "It stays a discussion: nobody can accept a referral from it.",
                divider="or",
            ),
        ],
    )


class EmailForm(PlainForm):
    """An address that a code, or a link to drafts, is sent to (W9)."""

    email = EmailField(
        "Work email address",
        [Enter("Enter your work email address"), email_address],
        render_kw=EMAIL_KEYBOARD,
    )


class CodeForm(PlainForm):
    """The code that came by mail."""

    code = StringField(
        "6-digit code",
        [Enter("Enter the code from the email")],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false", "width": "5"},
    )

    def validate_code(self, field: Field) -> None:
        """Tell a slip of typing from a wrong code, before a try is counted."""
        digits = [character for character in field.data or "" if character.isdigit()]
        if len(digits) != CODE_LENGTH:
            raise StopValidation(f"Enter the {CODE_LENGTH} numbers of the code")


class ShiftForm(CodeForm):
    """The code, and whether this device is to know them for a shift."""

    remember = SelectMultipleField(
        "On this device",
        choices=[
            choice(
                REMEMBER,
                "Keep me signed in on this device for this shift",
                hint="Only on a device that others do not use. Sign out when your shift ends.",
            )
        ],
        render_kw={"hide_label": True},
    )


class OwnWordsForm(PlainForm):
    """What is said beside the form's own questions, and by whom: several people may read one mailbox."""

    words = TextAreaField("Your answer in your own words", [AtMost()], render_kw={"rows": 6})
    name = StringField(
        "Your name",
        [AtMost(LINE_MAX)],
        description="If you are not the person who sent the request. We keep it with your answer",
        render_kw={"autocomplete": "name"},
    )
