"""What is told to a person beneath a message: how it was understood, so that a mistake is seen."""

from __future__ import annotations

from datetime import date

from service_request.conversation.days import say_day
from service_request.conversation.readings import Reading
from service_request.conversation.script import Question


def note(question: Question, reading: Reading) -> str:
    """Return "age 9, corrected from 8"; of words of theirs only "postcode: given", for they stand above."""
    if question.is_words:
        return f"{question.label}: given"
    corrected = f", corrected from {value_in_words(question, reading.instead_of)}" if reading.instead_of else ""
    gap = ": " if question.is_choice else " "
    return f"{question.label}{gap}{value_in_words(question, reading.value)}{corrected}"


def value_in_words(question: Question, value: str) -> str:
    """Return a value as it is read: a choice by its label, a day in words, everything else as it is."""
    if question.is_choice:
        label = question.labels.get(value, value)
        return label if label[1:2].isupper() else label[:1].lower() + label[1:]
    if question.is_day:
        return say_day(date.fromisoformat(value))
    return value
