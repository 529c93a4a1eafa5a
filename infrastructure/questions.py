"""How a question is asked, whatever the channel: plain words, choices with hints, and dates in three parts."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import Form
from wtforms.fields import Field
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # types-WTForms is at 3.2
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta
from wtforms.validators import StopValidation

MONTHS = "january february march april may june july august september october november december".split()
PARTS = ("day", "month", "year")
WHOLE_DATE = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s./-]+(\d{1,2}|[a-z]{3,9})[\s.,/-]+(\d{1,4})", re.IGNORECASE)
ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")

PLAIN_WORDS = {
    "Not a valid choice.": "Select one of the choices shown",
    "Invalid Choice: could not coerce.": "Select one of the choices shown",
    "Invalid choice(s): one or more data inputs could not be coerced.": "Select only from the choices shown",
    "'%(value)s' is not a valid choice for this field.": "Select only from the choices shown",
    "'%(value)s' are not valid choices for this field.": "Select only from the choices shown",
    "This field is required.": "Answer this question",
    "Invalid input.": "Check this answer",
    "Invalid email address.": "Enter an email address, like name@example.com",
    "Not a valid integer value.": "Enter a whole number, like 3",
    "Not a valid decimal value.": "Enter a number, like 3.5",
    "Not a valid date value.": "Enter a real date, for example 31 March 2017",
    "Not a valid time value.": "Enter a time, like 14:30",
    "Number must be at least %(min)s.": "Enter %(min)s or more",
    "Number must be at most %(max)s.": "Enter %(max)s or less",
    "Number must be between %(min)s and %(max)s.": "Enter a number from %(min)s to %(max)s",
    "Field must be at least %(min)d character long.": "Enter at least %(min)d character",
    "Field must be at least %(min)d characters long.": "Enter at least %(min)d characters",
    "Field cannot be longer than %(max)d character.": "Enter %(max)d character or fewer",
    "Field cannot be longer than %(max)d characters.": "Enter %(max)d characters or fewer",
    "Field must be exactly %(max)d character long.": "Enter exactly %(max)d character",
    "Field must be exactly %(max)d characters long.": "Enter exactly %(max)d characters",
    "Field must be between %(min)d and %(max)d characters long.": "Enter between %(min)d and %(max)d characters",
}


class PlainWords:
    """Say what to do, where WTForms would say that a value is not valid."""

    def gettext(self, string: str) -> str:
        return PLAIN_WORDS.get(string, string)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.gettext(singular if n == 1 else plural)


class PlainForm(Form):
    """A form whose every error says what to do. It knows no Flask: any channel can ask it."""

    class Meta(DefaultMeta):
        def get_translations(self, form: BaseForm) -> PlainWords:
            return PlainWords()


def choice(
    value: str, label: str, *, hint: str = "", reveals: str = "", divider: str = "", exclusive: bool = False
) -> Any:
    """Make a choice of a radio, checkbox or select field.

    `hint` stands under the label; `reveals` names the field of the same form that belongs to this choice;
    `divider` is a word that stands before it ("or"); `exclusive` unticks the others ("None of these").
    """
    extras = {"hint": hint, "reveals": reveals, "divider": divider, "exclusive": exclusive}
    return SelectChoice(value, label, render_kw={name: extra for name, extra in extras.items() if extra})


def revealed_by(field: Field) -> list[str]:
    """Return the names of the fields that choices of this field reveal."""
    choices = field.iter_choices() if hasattr(field, "iter_choices") else ()
    return [choice.render_kw["reveals"] for choice in choices if choice.render_kw.get("reveals")]


class DateParts(Field):
    """A date asked as day, month and year: three values of one name, in this order. All blank is no answer.

    `noun` begins the sentence of an error: "Birth date must include a year". One value alone ("31 March 2017",
    "2017-03-31") is read as a whole date, for channels that ask in a line.
    """

    data: date | None

    def __init__(
        self, label: str | None = None, validators: Sequence[Any] = (), *, noun: str = "The date", **kwargs: Any
    ) -> None:
        super().__init__(label, list(validators), **kwargs)
        self.noun = noun
        self.wrong_parts: frozenset[str] = frozenset()

    @property
    def parts(self) -> tuple[str, str, str]:
        """Return what was typed in each part, however many values were posted."""
        if self.raw_data:
            day, month, year = [*map(str, self.raw_data), "", "", ""][:3]
            return day, month, year
        if isinstance(self.data, date):
            return str(self.data.day), str(self.data.month), str(self.data.year)
        return "", "", ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read three values into a date, or raise ValueError with a sentence that says what to do."""
        self.data, self.wrong_parts = None, frozenset()
        if len(valuelist) == 1 and (whole := split_date(str(valuelist[0]))):
            self.raw_data = valuelist = list(whole)
        typed = dict(zip(PARTS, (part.strip() for part in self.parts), strict=True))
        missing = [name for name, text in typed.items() if not text]
        if len(missing) == len(PARTS):
            self.raw_data = [""] * len(PARTS)  # blanks alone are no answer, whoever asks
            return
        if missing:
            self.wrong_parts = frozenset(missing)
            raise ValueError(f"{self.noun} must include a {' and a '.join(missing)}")
        if typed["year"].isdecimal() and len(typed["year"]) != 4:
            self.wrong_parts = frozenset(["year"])
            raise ValueError(f"{self.noun} must have a year of 4 numbers, for example 2017")
        self.data = real_date(typed["day"], typed["month"], typed["year"])
        if self.data is None:
            self.wrong_parts = frozenset(PARTS)
            raise ValueError(f"{self.noun} must be a real date, for example 31 March 2017")

    def pre_validate(self, form: BaseForm) -> None:
        """Keep the sentence about a half-typed date: no later validator may take it for an empty one."""
        if self.process_errors:
            raise StopValidation

    def _value(self) -> str:
        return self.data.isoformat() if self.data else ""


def split_date(text: str) -> tuple[str, str, str] | None:
    """Split a date written in a line into day, month and year, as typed."""
    if found := ISO_DATE.fullmatch(text.strip()):
        year, month, day = found.groups()
        return day, month, year
    if found := WHOLE_DATE.fullmatch(text.strip()):
        day, month, year = found.groups()
        return day, month, year
    return None


def day_of(texts: Sequence[str]) -> date | None:
    """Return the date typed in three parts or in a line, its year whole; None where the calendar has none."""
    parts = [part.strip() for part in texts]
    if len(parts) == 1:
        parts = list(split_date(parts[0]) or ())
    return real_date(*parts) if len(parts) == len(PARTS) and len(parts[2]) == 4 else None


def real_date(day: str, month: str, year: str) -> date | None:
    """Return the date if the calendar has it; a month may be a number or an English name."""
    names = [number for number, name in enumerate(MONTHS, 1) if len(month) >= 3 and name.startswith(month.lower())]
    number = str(names[0]) if names else month
    if not all(part.isdecimal() and len(part) <= 4 for part in (day, number, year)):
        return None
    try:
        return date(int(year), int(number), int(day))
    except ValueError:
        return None
