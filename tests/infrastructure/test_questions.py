import ast
from datetime import date
from pathlib import Path

import pytest
import wtforms
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import fields, validators

from infrastructure.questions import PLAIN_WORDS, DateParts, PlainForm, choice, revealed_by


class Born(PlainForm):
    on = DateParts("Birth date", [validators.InputRequired("Enter a birth date")], noun="Birth date")


def born(*parts: str) -> Born:
    form = Born(MultiDict([("on", part) for part in parts]))
    form.validate()
    return form


@given(st.dates())
def test_every_day_of_the_calendar_is_read_as_itself(day: date) -> None:
    year = f"{day.year:04}"
    for form in (born(str(day.day), str(day.month), year), born(f"{day.day:02} ", f" {day:%B}", year)):
        assert form.on.data == day
        assert not form.errors
    assert born(day.isoformat()).on.data == day


@given(st.lists(st.text(max_size=12), max_size=6))
def test_whatever_is_posted_as_a_date_is_a_date_or_one_plain_sentence(parts: list[str]) -> None:
    form = born(*parts)
    assert isinstance(form.on.data, date) == (not form.errors)
    assert all(len(messages) == 1 for messages in form.errors.values())
    assert len(form.on.parts) == 3


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (("31", "2", "2017"), "Birth date must be a real date, for example 31 March 2017"),
        (("1_0", "2", "2017"), "Birth date must be a real date, for example 31 March 2017"),
        (("9" * 5000, "2", "2017"), "Birth date must be a real date, for example 31 March 2017"),
        (("0", "0", "0000"), "Birth date must be a real date, for example 31 March 2017"),
        (("1", "2", "17"), "Birth date must have a year of 4 numbers, for example 2017"),
        (("", "2", "2017"), "Birth date must include a day"),
        (("1", " ", ""), "Birth date must include a month and a year"),
        (("", "", ""), "Enter a birth date"),
        ((), "Enter a birth date"),
    ],
    ids=str,
)
def test_a_date_that_cannot_be_read_is_answered_by_what_to_do(parts: tuple[str, ...], sentence: str) -> None:
    assert born(*parts).errors == {"on": [sentence]}


def test_a_blank_date_is_no_answer_where_none_is_needed() -> None:
    class Perhaps(PlainForm):
        on = DateParts("When?")

    form = Perhaps(MultiDict([("on", "")] * 3))
    assert form.validate()
    assert form.on.data is None


def test_a_date_may_be_written_in_a_line() -> None:
    assert [born(text).on.data for text in ("31 March 2017", "31/3/2017", "31st mar 2017", "31-03-2017")] == [
        date(2017, 3, 31)
    ] * 4


def messages_of_wtforms() -> set[str]:
    """Every sentence that WTForms' fields and validators can say by themselves."""
    calls = [
        node
        for path in Path(wtforms.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and "gettext" in node.func.attr
    ]
    return {
        arg.value for call in calls for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
    }


def test_what_wtforms_would_say_of_our_fields_is_said_in_plain_words() -> None:
    spoken = messages_of_wtforms()
    unused = "IP Mac URL UUID week float datetime CSRF equal edited disabled None".split()
    unused += ["Date must", "field name", "Invalid value, "]
    assert len(spoken) > 30
    assert {m for m in spoken - set(PLAIN_WORDS) if not any(word in m for word in unused)} == set()
    assert not [words for words in PLAIN_WORDS.values() if "valid" in words or "lease" in words]


def test_a_forged_choice_is_answered_in_plain_words() -> None:
    class Pick(PlainForm):
        one = fields.RadioField("One?", choices=[choice("a", "A")])
        many = fields.SelectMultipleField("Many?", choices=[choice("a", "A")])

    form = Pick(MultiDict([("one", "z"), ("many", "%(s)s"), ("many", "y")]))
    assert not form.validate()
    assert form.errors == {
        "one": ["Select one of the choices shown"],
        "many": ["Select only from the choices shown"],
    }


def test_a_choice_tells_which_question_it_reveals() -> None:
    class Told(PlainForm):
        told = fields.RadioField("Told?", choices=[choice("yes", "Yes"), choice("risk", "No", reveals="reason")])
        reason = fields.TextAreaField("Why?")

    form = Told()
    assert [revealed_by(field) for field in form] == [["reason"], []]
