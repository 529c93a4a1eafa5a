"""What is asked when an adviser acts on an enquiry: levels, ends, dates, and who else it is about (SE-1 to SE-4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import HiddenField, RadioField
from wtforms.validators import StopValidation

from helpdesk.services.enquiries.signposting import SIGNPOST_LABELS, Told
from helpdesk.web.forms import NoneOrOneOf, OneOf, Say, Versioned, one_line, one_of, words
from infrastructure.questions import DateParts, choice
from service_request.asking.checks import email_address, phone_number
from service_request.domain.typed import EMAIL_MAX, NAME_MAX, NARRATIVE_MAX, PHONE_MAX, REASON_MAX
from service_request.pathways.sendiass.codes import LEVEL_LABELS, DeadlineKind, Level
from service_request.pathways.sendiass.questions import LETTERS, SAFE
from service_request.pathways.sendiass.rules import (
    CLOSE_LABELS,
    NOT_AN_ENQUIRY_LABELS,
    REOPEN_LABELS,
    NotAnEnquiry,
)

KINDS_OF_DEADLINE = tuple((code, label) for code, label in LETTERS if code in set(DeadlineKind))
IN_THEIR_WORDS = "In their own words, as they said it to you."


class RiseForm(Versioned):
    """A level above the one reached, why, and what came of the one before (SE-4)."""

    level = RadioField("Which level is it now?", [OneOf("Select the level")], choices=[], validate_choice=False)
    reason = words("Why does it rise?", Say("Enter why the level rises"), hint="Staff only.", most=REASON_MAX)
    outcome = words("What has come of it so far?", hint=IN_THEIR_WORDS, most=REASON_MAX)

    def __init__(self, *args: Any, levels: tuple[Level, ...], needs_outcome: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.level.choices = [choice(level.value, LEVEL_LABELS[level]) for level in levels]
        self.needs_outcome = needs_outcome

    def validate_outcome(self, field: Any) -> None:
        """Ask for what came of the level that it leaves (SE-4)."""
        if self.needs_outcome and not (field.data or "").strip():
            raise StopValidation("Enter what has come of it so far, in their own words")


class FinishForm(Versioned):
    """What came of it (SE-4)."""

    outcome = words(
        "What came of it?",
        Say("Enter what came of it, in their own words"),
        hint=IN_THEIR_WORDS,
        rows=5,
        most=REASON_MAX,
    )


class CloseForm(Versioned):
    """Why an enquiry ends without its outcome (SE-3)."""

    reason = one_of("Why does it end?", CLOSE_LABELS.items(), "Select why it ends")
    words = words("What else should be known?", hint="Staff only. You can leave it empty.", most=REASON_MAX)


class ReopenForm(Versioned):
    """Why what was closed goes on."""

    reason = one_of("Why do you open it again?", REOPEN_LABELS.items(), "Select why you open it again")
    words = words("What else should be known?", hint="Staff only. You can leave it empty.", most=REASON_MAX)


class SignpostForm(Versioned):
    """Where somebody can go whom this service is not for (SE-2)."""

    reason = one_of("Why is it not for SENDIASS here?", SIGNPOST_LABELS.items(), "Select why it is not for us")
    where = words(
        "Where can they go?",
        Say("Enter where they can go"),
        hint="Name the service and how to reach it. They read these words, so name no child and no school.",
        rows=4,
        most=REASON_MAX,
    )
    told = one_of(
        "How do they hear of it?",
        [
            (Told.SEND, "Send these words now, by the way they came"),
            (Told.SPOKEN, "I spoke with them and told them"),
        ],
        "Select how they hear of it",
    )


class ProfessionalForm(Versioned):
    """The words that a professional can pass on to the family (SE-1)."""

    words = words(
        "Words to pass on",
        Say("Enter the words to pass on"),
        hint="They are sent by the way that it came. Then it is set aside: it is kept, and not counted as an enquiry.",
        rows=6,
        most=REASON_MAX,
    )


class AsideForm(Versioned):
    """Why it is no enquiry (SE-1)."""

    reason = one_of(
        "Why is this not an enquiry?",
        [(code, label) for code, label in NOT_AN_ENQUIRY_LABELS.items() if code is not NotAnEnquiry.MACHINE],
        "Select why this is not an enquiry",
    )


class DeadlineForm(Versioned):
    """What a letter says that the law sets a date by (SE-3)."""

    kind = one_of("What is the letter about?", KINDS_OF_DEADLINE, "Select what the letter is about")
    letter_on = DateParts(
        "What date is on the letter?", noun="The date on the letter", description="The deadline is counted from it."
    )
    due_on = DateParts(
        "Does the letter name the deadline itself?",
        noun="The deadline",
        description="Enter that date, and it holds instead. Leave it empty to let it be counted.",
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def validate_letter_on(self, field: DateParts) -> None:
        """Refuse a letter of a day that has not come, and one without any date."""
        if field.data is not None and field.data > self.today:
            raise StopValidation("The date on the letter must be today or in the past")
        if field.data is None and self.due_on.data is None and not self.due_on.process_errors:
            raise StopValidation("Enter the date on the letter, or the deadline that it names")


class SplitForm(Versioned):
    """What the second enquiry is about (SE-1)."""

    split_id = HiddenField()
    story = words(
        "What is the second enquiry about?",
        Say("Enter what the second enquiry is about"),
        hint="In their own words, as far as you can. The messages stay with the first.",
        rows=5,
        most=NARRATIVE_MAX,
    )
    who = RadioField(
        "Who asks?",
        [OneOf("Select who asks")],
        choices=[
            choice("same", "The same person, about another child"),
            choice("other", "Another person who uses the same number or address"),
        ],
        validate_choice=False,
    )
    name = one_line("What may we call the other person?", autocomplete="off", most=NAME_MAX)
    phone = one_line(
        "Their own phone number",
        phone_number,
        hint="Leave it empty if they have none.",
        autocomplete="off",
        most=PHONE_MAX,
    )
    email = one_line("Their own email address", email_address, autocomplete="off", spellcheck="false", most=EMAIL_MAX)
    safe = RadioField(
        "Is it safe to reach them there?",
        [NoneOrOneOf()],
        choices=[choice(code, label) for code, label in SAFE],
        validate_choice=False,
    )
    age = one_line("How old is the child or young person?", inputmode="numeric", autocomplete="off", most=3)

    def validate_age(self, field: Any) -> None:
        """Refuse what is no age."""
        if (field.data or "").strip() and not (field.data or "").strip().isdecimal():
            raise StopValidation("Enter the age in years, like 9")
