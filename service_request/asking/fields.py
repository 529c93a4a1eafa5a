"""The short ways to write a field. What a person writes is never refused for its letters, only for its length."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wtforms import BooleanField, EmailField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import TelField

from infrastructure.questions import DateParts, choice
from service_request.asking.checks import AtMost, Check
from service_request.asking.code_sets import Codes
from service_request.domain.typed import LINE_MAX

TICKED = "yes"


def choices_of(
    codes: Iterable[tuple[str, str]],
    *,
    hints: Mapping[str, str] | None = None,
    reveals: Mapping[str, str] | None = None,
    dividers: Mapping[str, str] | None = None,
    exclusive: Sequence[str] = (),
) -> list[Any]:
    """Make the choices of a field from a code set."""
    hints, reveals, dividers = hints or {}, reveals or {}, dividers or {}
    return [
        choice(
            str(code),
            label,
            hint=hints.get(code, ""),
            reveals=reveals.get(code, ""),
            divider=dividers.get(code, ""),
            exclusive=code in exclusive,
        )
        for code, label in codes
    ]


def grouped(headed: Iterable[tuple[str, Codes]]) -> list[Any]:
    """Make the choices of a long list, under headings."""
    blank = [choice("", "Select one")]
    for heading, codes in headed:
        for one in choices_of(codes):
            one.optgroup = heading
            blank.append(one)
    return blank


def radios(label: str, choices: list[Any], *checks: Check, hint: str = "", **more: Any) -> RadioField:
    return RadioField(label, [*checks], choices=choices, description=hint, validate_choice=False, **more)


def checkboxes(label: str, choices: list[Any], *checks: Check, hint: str = "") -> SelectMultipleField:
    return SelectMultipleField(label, [*checks], choices=choices, description=hint, validate_choice=False)


def drop_down(label: str, choices: list[Any], *checks: Check, hint: str = "") -> SelectField:
    if not choices or choices[0].value:
        choices = [choice("", "Select one"), *choices]
    return SelectField(label, [*checks], choices=choices, description=hint, validate_choice=False)


def line(label: str, *checks: Check, hint: str = "", most: int = LINE_MAX, **attributes: Any) -> StringField:
    return StringField(label, [*checks, AtMost(most)], description=hint, render_kw=attributes or None)


def email(label: str, *checks: Check, hint: str = "", own: bool = True) -> EmailField:
    """Ask for an address; a browser may fill in its owner's, but never as somebody else's (`own=False`)."""
    attributes = {"autocomplete": "email" if own else "off", "spellcheck": "false", "inputmode": "email"}
    return EmailField(label, [*checks], description=hint, render_kw=attributes)


def phone(label: str, *checks: Check, hint: str = "", own: bool = True) -> TelField:
    """Ask for a number; the same holds as for an address."""
    attributes = {"autocomplete": "tel" if own else "off", "inputmode": "tel"}
    return TelField(label, [*checks], description=hint, render_kw=attributes)


def prose(label: str, *checks: Check, hint: str = "", rows: int = 5) -> TextAreaField:
    return TextAreaField(label, [*checks, AtMost()], description=hint, render_kw={"rows": rows})


def day(label: str, *checks: Check, noun: str, hint: str = "") -> DateParts:
    return DateParts(label, [*checks], noun=noun, description=hint)


def tick(label: str = "Not known") -> BooleanField:
    return BooleanField(label, render_kw={"value": TICKED})
