"""Forms filled in every field with marked words, so that a word that leaks is known by its mark."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

from stdnum.gb import nhs, upn
from wtforms import BooleanField, EmailField, RadioField, SelectField, SelectMultipleField
from wtforms.fields import TelField

from infrastructure.questions import DateParts
from service_request.asking.code_sets import NOT_KNOWN_CODES
from service_request.asking.steps import FormContext, Question, questions
from service_request.pathways.social_care.codes import OTHER, FormKind
from service_request.pathways.social_care.forms import Answers, PlacedStep, steps_of

MONTHS = ("January February March April May June July August September October November December").split()
BIRTHS = {"birth_on", "child_2_birth_on", "child_3_birth_on"}
MORE = {FormKind.FULL: ["child.2.who", "adult.2"], FormKind.IN_PRINCIPLE: ["child.2.band"]}
OFFICE_DATES = {"told_on"}  # the day somebody told the family: a date of the office's record, counted in figures


@dataclass
class Marks:
    """Gives out marked values, each once, and keeps every way in which one may be written."""

    said: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)  # of those who asked: a mail must carry theirs in its To
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def word(self) -> str:
        """Return a word that nobody else says: Zqaaab."""
        n = next(self._numbers)
        letters = "".join(chr(97 + n // 26**place % 26) for place in (3, 2, 1, 0))
        return self._keep(f"Zq{letters}x")

    def name(self) -> str:
        return f"{self.word()} {self.word()}"

    def text(self) -> str:
        return f"{self.word()} {self.word()} {self.word()}"

    def email(self) -> str:
        address = f"{self.word().lower()}@marked.example"
        self.addresses.add(address)
        return address

    def phone(self) -> str:
        number = f"07700 900{next(self._numbers) % 1000:03}"
        self.said |= {number, number.replace(" ", ""), "+44" + number[1:].replace(" ", "")}
        return number

    def postcode(self) -> str:
        n = next(self._numbers)
        code = f"WM{n % 80 + 10} {n % 9 + 1}{chr(65 + n % 20)}Q"
        self.said |= {code, code.replace(" ", "")}
        return code

    def nhs_number(self) -> str:
        for n in self._numbers:
            for check in "0123456789":
                if nhs.is_valid(number := f"999{n:06}{check}"):
                    self.said |= {number, nhs.format(number)}
                    return number
        raise AssertionError("unreachable")

    def upn(self) -> str:
        rest = f"801{2000:04}{next(self._numbers):05}"
        number = next(f"{c}{rest}" for c in "ABCDEFGHJKLMNPQRTUVWXYZ" if upn.is_valid(f"{c}{rest}"))
        return self._keep(number)

    def day(self, start: date, within: int = 1000) -> list[str]:
        """Return a date as typed, some days after `start`."""
        day = start + timedelta(days=40 + next(self._numbers) * 3 % within)
        month = MONTHS[day.month - 1]
        self.said |= {
            day.isoformat(), f"{day.day} {month} {day.year}", f"{day.day} {month[:3]} {day.year}",
            f"{day.day}/{day.month}/{day.year}", f"{day:%d/%m/%Y}",
        }  # fmt: skip
        return [str(day.day), str(day.month), str(day.year)]

    def _keep(self, value: str) -> str:
        self.said.add(value)
        return value

    def found_in(self, text: str) -> list[str]:
        """Return the marks that a text holds, whatever their case."""
        return sorted(set(self._pattern().findall(text.casefold())))

    def written_in(self, text: str) -> list[str]:
        """Return the marks that a text holds as somebody writes them: a megabyte of cipher spells any word in some case."""
        forms = {form for one in self.said for form in (one, one.lower(), one.upper(), one.title(), one.casefold())}
        pattern = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))
        return sorted(set(pattern.findall(text)))

    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(re.escape(one.casefold()) for one in sorted(self.said, key=len, reverse=True)))


def fill(kind: FormKind, marks: Marks, context: FormContext, today: date, **chosen: str) -> Answers:
    """Fill every field of every page that a form comes to ask, two children and two adults where it can."""
    answers: Answers = {"told": {"told": [chosen["told"]]}} if "told" in chosen else {}
    begun = set(answers)  # pages of which only the answer that leads on is there
    more = MORE.get(kind, [])[:]
    while True:
        todo = [placed for placed in steps_of(kind, answers) if placed.key not in answers or placed.key in begun]
        if todo:
            begun.discard(todo[0].key)
            answers[todo[0].key] = fill_page(todo[0], marks, context, today, chosen)
        elif more:
            begun.add(more[0])
            answers[more.pop(0)] = {"name": ["x"]}
        else:
            break
    return answers


def fill_page(
    placed: PlacedStep, marks: Marks, context: FormContext, today: date, chosen: dict[str, str]
) -> dict[str, list[str]]:
    """Fill one page."""
    form = placed.form_class(meta={"context": context})
    form.offer(context)
    page: dict[str, list[str]] = {}
    for name, question in questions(placed.form_class).items():
        if name not in form:
            continue
        value = _value(name, question, form[name], marks, today, placed, chosen)
        if value:
            page[name] = value
    return page


def _value(
    name: str, question: Question, bound: Any, marks: Marks, today: date, placed: PlacedStep, chosen: dict[str, str]
) -> list[str]:
    kind = question.type
    if name in chosen and (name != "birth" or placed.number == 1):
        return [chosen[name]] if chosen[name] else []
    if issubclass(kind, BooleanField):
        return []
    if issubclass(kind, SelectMultipleField):
        exclusive = {one.value for one in bound.choices if one.render_kw.get("exclusive")}
        return [one.value for one in bound.choices if one.value not in exclusive | NOT_KNOWN_CODES]
    if issubclass(kind, (RadioField, SelectField)):
        return [_choice(name, bound)]
    if issubclass(kind, DateParts):
        return _date(name, marks, today, placed)
    if issubclass(kind, EmailField):
        return [marks.email()]
    if issubclass(kind, TelField):
        return [marks.phone()]
    special = {"postcode": marks.postcode, "nhs_number": marks.nhs_number, "upn": marks.upn, "call_reference": str}
    return [made] if (made := special.get(name, marks.text if "name" not in name else marks.name)()) else []


def _choice(name: str, bound: Any) -> str:
    offered = [one for one in bound.choices if one.value and one.value not in NOT_KNOWN_CODES]
    if name == "language":
        return str(OTHER)
    if name == "birth":
        return "unborn"  # of a second child: a first one is said to be born
    reveals = [one.value for one in offered if (one.render_kw or {}).get("reveals")]
    return str((reveals or [one.value for one in offered])[0])


def _date(name: str, marks: Marks, today: date, placed: PlacedStep) -> list[str]:
    if name in OFFICE_DATES:
        return [str(today.day), str(today.month), str(today.year)]
    if name == "expected_on":
        return marks.day(today + timedelta(days=20), within=150)  # past every time of our own
    if name in BIRTHS:
        return marks.day(date(1980, 1, 1) if placed.form_class.repeats == "adult" else date(2012, 1, 1))
    return marks.day(date(2023, 1, 1))
