"""The answers of an enquiry as a person reads them: each under its label, codes in words."""

from collections.abc import Mapping
from datetime import date
from functools import cache

from infrastructure.questions import DateParts
from service_request.asking.steps import Step, questions
from service_request.pathways.sendiass.questions import STEPS


@cache
def labels() -> Mapping[str, str]:
    """Return the short label of each question, in the order in which they are asked."""
    return {name: one.row for step in STEPS for name, one in questions(step).items()}


def words_of(name: str, value: str) -> str:
    """Return an answer in words: the label of its code, a date as it is written, anything else as it was typed."""
    for step in STEPS:
        question = questions(step).get(name)
        if question is None:
            continue
        if issubclass(question.type, DateParts) and value:
            return _day(value)
        return dict(question.choices).get(value, value)
    return value


def _day(value: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return value
    return f"{day.day} {day:%B %Y}"


def plain_answers(form: Step) -> dict[str, str]:
    """Return what a valid form says as the plain strings that facts are kept as; a date as ISO, nothing as nothing."""
    asked = labels()
    return {field.short_name: _plain(field.data) for field in form if field.short_name in asked}


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return value.strip() if isinstance(value, str) and value != "None" else ""
