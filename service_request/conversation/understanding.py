"""How one message is read: as the answer to the open question, and for what it says plainly beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from service_request.conversation.choices import Sense, choice_of, sense_of
from service_request.conversation.days import read_day
from service_request.conversation.readings import Reading
from service_request.conversation.script import Question, Script, fault
from service_request.conversation.state import Answers
from service_request.conversation.wishes import is_no_answer, is_question
from service_request.conversation.words import Words, plain
from service_request.domain.postcodes import tidy
from service_request.domain.typed import LINE_MAX, NARRATIVE_MAX, clean_typed

_POSTCODE = re.compile(r"\b([A-Z]{1,2}[0-9OIL][A-Z0-9]?)\s*([0-9OIL][A-Z]{2})\b", re.IGNORECASE)
_NAMED = re.compile(
    r"^(?:(?:my name is|my names|my name's|names|name is|i'?m|i am|im|it'?s|its|call me|this is)\s+)", re.IGNORECASE
)
_LONGEST_NAME = 6  # words


@dataclass(frozen=True)
class Answer:
    """What a message says to the open question: a reading that the form takes, a skip, or the form's own objection."""

    reading: Reading | None = None
    skips: bool = False
    fault: str = ""


NO_ANSWER = Answer()


def read_answer(question: Question, text: str, *, today: date, words: Words, all_said: str) -> Answer:
    """Read a message as the answer to a question, and hold it to the form's own validators."""
    text, _ = clean_typed(text)
    if is_no_answer(text) or is_question(text):
        return NO_ANSWER
    if question.is_words:
        return _in_words(question, text, today, words)
    sense = sense_of(text, words)
    if question.reads:
        reading = question.reads(text, today)
        if reading is None and question.is_choice and sense is Sense.NOT_SURE and question.unsure:
            reading = Reading(question.unsure)
    elif question.is_choice:
        reading = choice_of(text, question, words, all_said)
    else:
        reading = read_day(text, today)
    if reading is None:
        return Answer(
            skips=(sense in (Sense.NOT_SURE, Sense.NO) and not question.is_choice) or _is_unsure(question, sense)
        )
    return _held_to_form(question, reading, today)


def _is_unsure(question: Question, sense: Sense | None) -> bool:
    return sense is Sense.NOT_SURE and not question.unsure


def _in_words(question: Question, text: str, today: date, words: Words) -> Answer:
    sense = sense_of(text, words) if plain(text) in _all_senses(words) else None
    if sense in (Sense.NO, Sense.NOT_SURE) or plain(text) in words.heard("done"):
        return Answer(skips=True)
    if sense is Sense.YES or is_no_answer(text):
        return NO_ANSWER
    said = text.strip()
    if question.field == "name":
        said = _NAMED.sub("", said)
        if len(said.split()) > _LONGEST_NAME or not any(letter.isalpha() for letter in said) or tidy(said):
            return NO_ANSWER
    most = NARRATIVE_MAX if question.is_long else LINE_MAX
    return _held_to_form(question, Reading(said[:most].strip()), today)


def _all_senses(words: Words) -> frozenset[str]:
    return words.heard("yes") | words.heard("no") | words.heard("not_sure")


def _held_to_form(question: Question, reading: Reading, today: date) -> Answer:
    wrong = fault(question, [reading.value], today)
    if wrong or not reading.value:
        return Answer(fault=wrong)
    return Answer(reading)


def find_told(question: Question, text: str, today: date) -> Reading | None:
    """Return what a sentence says plainly to one question: "he hasn't got a plan"."""
    reading = question.finds(text, today) if question.finds else None
    return reading if reading is not None and not fault(question, [reading.value], today) else None


def find_plain(
    script: Script, text: str, *, today: date, beside: Iterable[str], answers: Answers
) -> dict[str, Reading]:
    """Return what a message says plainly, whatever was asked; `beside` are the questions it is an answer to."""
    text, _ = clean_typed(text)
    found: dict[str, Reading] = {}
    near = set(beside)
    for one in script.all_questions:
        if one.finds is None or (one.beside and one.beside not in near | found.keys()):
            continue
        reading = one.finds(text, today)
        if reading is not None and one.when({**answers, **_values(found)}) and not fault(one, [reading.value], today):
            found[one.key] = reading
    return found


def _values(found: dict[str, Reading]) -> dict[str, list[str]]:
    return {key: [reading.value] for key, reading in found.items()}


def find_postcode(text: str, today: date) -> Reading | None:
    """Return a whole postcode that stands in a message."""
    whole = [tidied for found in _POSTCODE.finditer(text) if (tidied := tidy(found.group()))]
    return Reading(whole[-1]) if whole else None
