"""The forms of the staff pages: what they ask, and what they say when an answer is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import (
    EmailField,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import Field
from wtforms.validators import Length, StopValidation

from helpdesk.domain.closures import CLOSURE_LABELS, NOT_TOLD_LABELS, TEAM_CLOSURES
from infrastructure.questions import DateParts, PlainForm, choice
from service_request.domain.typed import LINE_MAX, NOTE_MAX, REASON_MAX, clean_typed
from service_request.pathways.social_care.codes import AGREES, LAWFUL_BASES
from service_request.pathways.social_care.questions_start import WHO_AGREES


class Say:
    """Refuse an empty answer with a sentence that says what to do."""

    field_flags = {"required": True}

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __call__(self, form: PlainForm, field: Field) -> None:
        if not str(field.data or "").strip() or field.data == "None":
            raise StopValidation(self.sentence)


class OneOf:
    """Refuse what is not among the choices, an empty answer first of all."""

    field_flags = {"required": True}

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __call__(self, form: PlainForm, field: Any) -> None:
        if not field.data or field.data not in {option.value for option in field.choices if option.value}:
            raise StopValidation(self.sentence)


class NoneOrOneOf:
    """Refuse what is not among the choices; no answer is one."""

    def __call__(self, form: PlainForm, field: Any) -> None:
        if field.data and field.data not in {option.value for option in field.choices}:
            raise StopValidation("Select one of the choices shown")


class SayWhen:
    """Refuse an empty answer where another field says that it is needed."""

    def __init__(self, other: str, values: tuple[str, ...], sentence: str) -> None:
        self.other, self.values, self.sentence = other, values, sentence

    def __call__(self, form: PlainForm, field: Field) -> None:
        needed = form[self.other].data in self.values
        if needed and not str(field.data or "").strip():
            field.errors = []
            raise StopValidation(self.sentence)
        if not needed and not str(field.data or "").strip():
            raise StopValidation


def clean(text: str | None) -> str | None:
    """Take out what no database can hold; every word stays as typed."""
    return clean_typed(text)[0] if isinstance(text, str) else text


def words(label: str, *checks: Any, hint: str = "", rows: int = 3, most: int = NOTE_MAX) -> TextAreaField:
    """Make a question that is answered in sentences."""
    too_long = Length(max=most, message=f"Shorten this to {most:,} characters or fewer")
    return TextAreaField(label, [*checks, too_long], filters=[clean], description=hint, render_kw={"rows": rows})


def one_line(label: str, *checks: Any, hint: str = "", most: int = LINE_MAX, **attributes: Any) -> StringField:
    """Make a question that is answered in a line."""
    too_long = Length(max=most, message=f"Shorten this to {most} characters or fewer")
    return StringField(label, [*checks, too_long], filters=[clean], description=hint, render_kw=attributes or None)


def one_of(label: str, choices: Any, sentence: str, hint: str = "", **more: Any) -> RadioField:
    """Make a question with one answer out of several; nothing is chosen at first."""
    listed = [choice(str(code), text) for code, text in choices]
    return RadioField(label, [OneOf(sentence)], choices=listed, description=hint, validate_choice=False, **more)


class Versioned(PlainForm):
    """A form that says which state of the request it was written on."""

    version = HiddenField()

    @property
    def written_on(self) -> int | None:
        """Return the version that the page showed, or None when it said none."""
        text = str(self.version.data or "")
        return int(text) if text.isdecimal() and len(text) < 10 else None


class SignInForm(PlainForm):
    """Who you are, for people who work here."""

    email = EmailField(
        "Email address",
        [Say("Enter your email address")],
        render_kw={"autocomplete": "username", "spellcheck": "false"},
    )
    password = PasswordField("Password", [Say("Enter your password")], render_kw={"autocomplete": "current-password"})


class NoteForm(Versioned):
    """A note between staff."""

    words = words("Add a note", Say("Enter your note"), hint="Staff only. A note is never sent.")


class FileNoteForm(Versioned):
    """What a file is that staff add."""

    words = words(
        "What is it?",
        Say("Enter what the file is"),
        hint="For example “School’s attendance letter, by post”. Everyone who sees the request reads it.",
        rows=2,
    )


class CallForm(Versioned):
    """A call that was made to the one who asked."""

    reached = one_of(
        "Did you speak to them?",
        [("yes", "Yes"), ("no", "No, nobody answered or they could not talk")],
        "Select whether you spoke to them",
    )
    words = words(
        "What was said",
        SayWhen("reached", ("yes",), "Enter what was said"),
        hint="Staff only. Say whom you spoke to and what you agreed.",
        rows=5,
    )


class SetAsideForm(Versioned):
    """Why something is no request (GL-8)."""

    reason = one_of("Why is this not a request?", (), "Select why this is not a request")  # by the authority's own


class ReturnForm(Versioned):
    """What the desk must do before a decision can be made."""

    reason = words(
        "What does the helpdesk need to do?",
        Say("Enter what the helpdesk needs to do"),
        hint="Staff only. The 24 hours do not begin again.",
        most=REASON_MAX,
    )


class OpenCaseForm(Versioned):
    """What the case system said, looked up by a person (GL-13)."""

    found = one_of(
        "What did you find in the case system?",
        [("none", "No open case"), ("open_elsewhere", "A case is open already")],
        "Select what you found in the case system",
    )


class ConfirmReferrerForm(Versioned):
    """How a professional was confirmed by phone (GL-14)."""

    checked = SelectMultipleField(
        "Before you confirm",
        choices=[
            choice("rang", "I rang the agency on a number that I found myself, not one from the form"),
            choice("knows", "The person I spoke to confirmed this name and this email address"),
        ],
        description="The form may then go back to this address. It holds all that the referrer wrote.",
    )

    def validate_checked(self, field: Field) -> None:
        """Ask for both, since either alone proves nothing."""
        if set(field.data or ()) != {"rang", "knows"}:
            raise StopValidation("Select both, or leave this referrer unconfirmed")


TOLD_LATER = (
    ("yes", "Yes, the family has been told"),
    ("risk", "No, telling them may put a child at further risk"),
    ("not_yet", "Not yet"),
    ("not_established", "We do not know"),
)


class ConsentForm(Versioned):
    """A later answer about telling and agreement: a new record that undoes nothing (GL-4)."""

    told = RadioField(
        "Has the family been told about this request?",
        [OneOf("Select whether the family has been told")],
        choices=[choice(code, label, reveals="reason" if code == "risk" else "") for code, label in TOLD_LATER],
        validate_choice=False,
    )
    reason = words(
        "Why would telling them put a child at further risk?",
        SayWhen("told", ("risk",), "Enter why telling the family may put the child at further risk"),
        most=REASON_MAX,
    )
    who_told = RadioField(
        "Who was told?",
        [NoneOrOneOf()],
        choices=[choice(code, label) for code, label in WHO_AGREES],
        validate_choice=False,
    )
    told_by = one_line("Who told them?", hint="A name. Leave it empty if you do not know.", autocomplete="off")
    told_on = DateParts("When were they told?", noun="The date they were told")
    agrees = one_of("Does the family agree to a service?", AGREES, "Select whether the family agrees to a service")
    agrees_who = RadioField(
        "Whose answer is that?",
        [NoneOrOneOf()],
        choices=[choice(code, label) for code, label in WHO_AGREES],
        validate_choice=False,
    )
    lawful_basis = RadioField(
        "On what lawful basis is this shared?",
        [NoneOrOneOf()],
        choices=[choice(code, label) for code, label in LAWFUL_BASES],
        validate_choice=False,
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def validate_told_on(self, field: DateParts) -> None:
        """Refuse a day that has not come."""
        if field.data is not None and field.data > self.today:
            raise StopValidation("The date they were told must be today or in the past")

    def validate_agrees_who(self, field: Field) -> None:
        """Ask whose answer it is, where there is one."""
        if self.agrees.data in ("yes", "no") and not field.data:
            raise StopValidation("Select whose answer that is")


class CannotTellForm(PlainForm):
    """Why nobody can be told the outcome (GL-14)."""

    reason = one_of("Why can nobody be told?", NOT_TOLD_LABELS.items(), "Select why nobody can be told")


class ToldByPhoneForm(PlainForm):
    """That the outcome was said over the phone (GL-14)."""

    words = words(
        "Whom did you speak to, and what did you tell them?",
        Say("Enter whom you spoke to and what you told them"),
        hint="Staff only.",
        rows=4,
    )


class ReleaseForm(PlainForm):
    """That a message held back may go as it is (EV-6)."""

    reason = words(
        "Why can it be sent as it is?",
        Say("Enter why it can be sent as it is"),
        hint="Staff only. Your name and your reason are kept with the request.",
        rows=2,
    )


class CancelForm(PlainForm):
    """That a message held back is never sent."""

    reason = words(
        "How are they told instead?",
        Say("Enter how they are told instead"),
        hint="Staff only. An outcome must still be told by phone.",
        rows=2,
    )


class HandBackForm(Versioned):
    """Why a team gives something back."""

    reason = one_of(  # by the authority's own list
        "Or hand it back",
        (),
        "Select why you hand it back",
        hint="It goes to the helpdesk at once. No clock starts again.",
    )
    words = words(
        "What should the helpdesk know?",
        SayWhen("reason", ("other",), "Enter what the helpdesk should know"),
        rows=2,
        most=REASON_MAX,
    )


class FinishForm(Versioned):
    """What a team did."""

    words = words(
        "What was done",
        Say("Enter what was done: the referrer reads it"),
        hint="The referrer reads this, in these words.",
        most=REASON_MAX,
    )


class CloseReferralForm(Versioned):
    """When a referral closed, and why (GL-13)."""

    closure = one_of(
        "Why did it close?", [(code, CLOSURE_LABELS[code]) for code in TEAM_CLOSURES], "Select why the referral closed"
    )
    closed_on = DateParts("When did it close?", noun="The date it closed", description="For example 27 3 2027")

    def validate_closed_on(self, field: DateParts) -> None:
        """Ask for the day, which tells a re-referral from a first one."""
        if field.data is None:
            raise StopValidation("Enter the date it closed")


class SendForm(Versioned):
    """Which team is to have it."""

    team = SelectField("Team", [OneOf("Select a team")], validate_choice=False)
