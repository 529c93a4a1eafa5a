"""The forms about who may see a request: what they ask, and what they say when an answer is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import SelectField, SelectMultipleField
from wtforms.validators import StopValidation

from helpdesk.domain.sight_reasons import CONNECTED_LABELS, EMERGENCY_LABELS, GIVING_LABELS, RESTRICTING_LABELS
from helpdesk.web.forms import NoneOrOneOf, OneOf, Say, Versioned, one_line, one_of, words
from infrastructure.questions import DateParts, PlainForm, choice
from service_request.domain.typed import REASON_MAX
from service_request.services.sight.viewing import Part

PART_LABELS: dict[Part, str] = {
    Part.IDENTITY: "Who the children and adults are",
    Part.STORY: "The concerns, what was tried, their views",
    Part.HISTORY: "The family's history and other agencies",
    Part.RISKS: "Risks to visiting staff",
    Part.CONSENT: "What the family was told and agrees to",
    Part.REFERRER: "Who asked, and how to reach them",
    Part.NOTES: "Notes, calls and messages",
    Part.DECISION: "What was decided",
    Part.FILES: "Files",
}
WHY_HINT = "Whoever sees the request reads this."


def _why() -> Any:
    return words("Why?", Say("Enter why"), hint=WHY_HINT, rows=3, most=REASON_MAX)


def _several(label: str, **more: Any) -> SelectMultipleField:
    return SelectMultipleField(label, choices=[], validate_choice=False, **more)


class RestrictForm(Versioned):
    """Who keeps sight of a request, and who is connected with the family."""

    reason = one_of(
        "Why may only few people see it?", RESTRICTING_LABELS.items(), "Select why only few people may see it"
    )
    words = _why()
    keepers = _several(
        "Who keeps sight of it?",
        description="One of them must be a manager who decides for this area. Leave yourself out to lose sight of it.",
    )
    connected = SelectField(
        "Is a colleague connected with this family?",
        [NoneOrOneOf()],
        validate_choice=False,
        description="They are barred, whatever their role: they cannot open it in an emergency either.",
    )

    def validate_keepers(self, field: Any) -> None:
        """Ask for somebody, from the list."""
        if not field.data or not set(field.data) <= {option.value for option in field.choices}:
            raise StopValidation("Select who keeps sight of it")


class UnrestrictForm(Versioned):
    """Why everybody may see it again whose role shows it."""

    words = _why()


class BarForm(Versioned):
    """Who is connected with the family, and how."""

    person = SelectField(
        "Who is connected with this family?",
        [OneOf("Select who is connected with this family")],
        validate_choice=False,
        description="You can name yourself.",
    )
    reason = one_of("How?", CONNECTED_LABELS.items(), "Select how they are connected")
    words = _why()


class LiftForm(Versioned):
    """Why somebody is barred no longer."""

    words = _why()


class GiveForm(Versioned):
    """Who is given sight, of which parts, until when."""

    whom = SelectField("Who is to see it?", [OneOf("Select who is to see it")], validate_choice=False)
    reason = one_of("What for?", GIVING_LABELS.items(), "Select what they need it for")
    words = _why()
    parts = _several("Which parts?", description="Select the least that serves.")
    last_day = DateParts("What is the last day they may see it?", noun="The last day")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.parts.choices = [
            choice("all", "The whole request, on its own page"),
            *(choice(part.value, label) for part, label in PART_LABELS.items()),
        ]

    def validate_parts(self, field: Any) -> None:
        """Ask for some part."""
        if not field.data or not set(field.data) <= {option.value for option in field.choices}:
            raise StopValidation("Select which parts they may see")

    def validate_last_day(self, field: DateParts) -> None:
        """Ask for an end that has not passed."""
        if field.data is None:
            raise StopValidation("Enter the last day they may see it")
        if field.data < self.today:
            raise StopValidation("The last day must be today or later")


class GlassForm(PlainForm):
    """What must be opened now, and why."""

    reference = one_line(
        "Reference of the request", Say("Enter the reference"), hint="For example K7RM-4TXC", autocomplete="off"
    )
    reason = one_of("Why must you open it now?", EMERGENCY_LABELS.items(), "Select why you must open it now")
    words = words(
        "What has happened?",
        Say("Enter what has happened"),
        hint="A service manager reads this, and so does whoever sees the request.",
        rows=3,
        most=REASON_MAX,
    )


class ReviewForm(PlainForm):
    """Whether it was right to open it."""

    verdict = one_of(
        "Was it right to open it?",
        [("right", "Yes, it was right"), ("not_right", "No, it was not")],
        "Select whether it was right to open it",
    )
