"""What is asked before the trail is exported."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from wtforms import RadioField, SelectField
from wtforms.validators import StopValidation

from helpdesk.domain.investigations import REASON_LABELS
from helpdesk.models import About
from helpdesk.web.forms import OneOf, SayWhen, one_line, one_of
from infrastructure.questions import DateParts, PlainForm, choice


class GivenDay:
    """Refuse a day that was not given."""

    field_flags = {"required": True}

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def __call__(self, form: PlainForm, field: Any) -> None:
        if field.data is None or not 2000 <= field.data.year <= 9000:
            raise StopValidation(self.sentence)


class ChosenPerson:
    """Refuse a colleague who is not among those offered, where the export is about one."""

    def __call__(self, form: PlainForm, field: Any) -> None:
        if form["about"].data == About.PERSON and field.data not in {value for value, *_ in field.choices if value}:
            raise StopValidation("Select the person it is about")


class AskForm(PlainForm):
    """About what, for which days, and why."""

    about = RadioField(
        "What is it about?",
        [OneOf("Select what it is about")],
        choices=[
            choice(About.REQUEST.value, "One request", reveals="reference"),
            choice(About.PERSON.value, "One person who works here", reveals="person"),
        ],
        validate_choice=False,
    )
    reference = one_line(
        "Reference",
        SayWhen("about", (About.REQUEST.value,), "Enter the reference of the request"),
        hint="For example K7RM-4TXC",
        autocomplete="off",
        spellcheck="false",
    )
    person = SelectField("Who", [ChosenPerson()], choices=[], validate_choice=False)
    since = DateParts("First day", [GivenDay("Enter the first day")], noun="The first day")
    until = DateParts("Last day", [GivenDay("Enter the last day")], noun="The last day")
    reason = one_of("Why is it needed?", REASON_LABELS.items(), "Select why it is needed")

    def offer(self, people: list[tuple[UUID, str, str]]) -> None:
        """Offer the people who work or worked on this side."""
        self.person.choices = [
            ("", "Choose a person"),
            *((str(one), f"{name}, {email}") for one, name, email in people),
        ]

    @property
    def first_day(self) -> date:
        """Return the first day, which the checks have found."""
        assert self.since.data is not None
        return self.since.data

    @property
    def last_day(self) -> date:
        """Return the last day, which the checks have found."""
        assert self.until.data is not None
        return self.until.data
