"""What is asked when something crosses the wall: handing over inwards, and the deliberate share outwards (SE-5)."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import HiddenField, RadioField
from wtforms.validators import StopValidation

from helpdesk.web.forms import OneOf, Say, SayWhen, Versioned, one_line, one_of, words
from infrastructure.questions import DateParts, PlainForm, choice
from service_request.domain.consent import Told
from service_request.domain.typed import NAME_MAX, NOTE_MAX, REASON_MAX
from service_request.pathways.social_care.codes import URGENCY

KNOWS = (
    (Told.YES.value, "Yes, they know"),
    (Told.RISK.value, "No, telling them may put a child at further risk"),
    (Told.NOT_YET.value, "No, not yet"),
)


class HandOverForm(Versioned):
    """That somebody has read it and is sure whose it is."""

    sure = one_of(
        "Is this an enquiry for SENDIASS?",
        [("yes", "Yes, the family or young person asks for SENDIASS’s help"), ("no", "No, keep it here")],
        "Select whether this is for SENDIASS",
    )


class ShareForm(PlainForm):
    """What an adviser writes for a team outside; nothing of the enquiry is filled in (SE-5)."""

    share_id = HiddenField()
    team = RadioField(
        "Who must have it?", [OneOf("Select the team that must have it")], choices=[], validate_choice=False
    )
    urgency = one_of("Is a child in danger now?", URGENCY, "Select whether a child is in danger now")
    concern = words(
        "What do they need to know?",
        Say("Enter what they need to know"),
        hint="The least that keeps the child safe. They see these words, and nothing of the enquiry.",
        rows=8,
        most=NOTE_MAX,
    )
    child_name = one_line(
        "Child’s name", hint="Leave it empty if they do not need it.", autocomplete="off", most=NAME_MAX
    )
    birth_on = DateParts("Child’s birth date", noun="The birth date")
    told = RadioField(
        "Does the person you help know that you share this?",
        [OneOf("Select whether they know")],
        choices=[choice(code, label, reveals="risk_reason" if code == Told.RISK else "") for code, label in KNOWS],
        validate_choice=False,
    )
    risk_reason = words(
        "Why would telling them put a child at further risk?",
        SayWhen("told", (Told.RISK.value,), "Enter why telling them may put the child at further risk"),
        most=REASON_MAX,
    )
    reason = words(
        "Why do you share it?",
        Say("Enter why you share it"),
        hint="Kept inside SENDIASS. The team does not see this.",
        most=REASON_MAX,
    )

    def __init__(self, *args: Any, teams: list[tuple[Any, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team.choices = [choice(str(code), label) for code, label in teams]
        self.today = today

    def validate_birth_on(self, field: DateParts) -> None:
        """Refuse a day that has not come."""
        if field.data is not None and field.data > self.today:
            raise StopValidation("The birth date must be today or in the past")
