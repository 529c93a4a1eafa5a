"""Choices as people answer them: "2", "2.", "the second", "two pls", "yeah", "suspnded"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from service_request.conversation.ages import NUMBER_WORDS
from service_request.conversation.readings import Reading
from service_request.conversation.script import Question
from service_request.conversation.taking_back import split_taken_back
from service_request.conversation.words import Words, plain


class Sense(StrEnum):
    """What a short answer says, whatever the question."""

    YES = "yes"
    NO = "no"
    NOT_SURE = "not_sure"


_NEGATIONS = frozenset(
    "not no never isnt isn wasnt wasn hasnt hasn havent haven didnt didn dont don arent aren without aint nor".split()
)
_FILLERS = frozenset(
    "number no nr num option answer its it s is the please pls plz thanks thank you ta i think id say choose go "
    "with for x xx xxx "
    "reply my would be probably um er just d guess m im going ill ll pick have".split()
)  # fmt: skip
_ORDINALS = {
    word: number
    for number, words in enumerate(
        "first 1st,second 2nd,third 3rd,fourth 4th,fifth 5th,sixth 6th,seventh 7th,eighth 8th,ninth 9th".split(","), 1
    )
    for word in words.split()
}  # fmt: skip
_LEADING = re.compile(
    r"^\W*(\d{1,2})\s*(?:[.):,\-]\s*|\s+)(?=\S)(?!(?:days?|weeks?|months?|years?|yrs?|kids|children|letters|times|"
    r"of|boys|girls|hours|or|and|\d))"
)
_WEAK_YES = frozenset("ok okay k kk fine sure it ya na n y safe unsafe never all of si correct".split())
_LONGEST_SENSE = 4  # words at the start of a message that may say yes or no
_NEAR, _NEAR_PART, _SHORT, _PART = 82, 83, 40, 6


def sense_of(text: str, words: Words) -> Sense | None:
    """Return yes, no or not sure: all that is said, or what it begins with ("yes pls its from the head")."""
    whole = plain(text)
    for sense in (Sense.NOT_SURE, Sense.NO, Sense.YES):
        if whole in words.heard(sense.value):
            return sense
    tokens = whole.split()
    for length in range(min(_LONGEST_SENSE, len(tokens)), 0, -1):
        start = " ".join(tokens[:length])
        if start in _WEAK_YES:
            continue
        for sense in (Sense.NOT_SURE, Sense.NO, Sense.YES):
            if start in words.heard(sense.value):
                return sense
    return None


def number_chosen(text: str, most: int) -> int | None:
    """Return the number of a choice: "2.", "two", "the second one", "number 2 pls"; None where there is none."""
    tokens = plain(text).split()
    ordinals = [_ORDINALS[token] for token in tokens if token in _ORDINALS]
    rest = [token for token in tokens if token not in _FILLERS and token not in _ORDINALS]
    if len(ordinals) == 1 and rest in ([], ["one"], ["choice"], ["answer"], ["option"]):
        return ordinals[0] if ordinals[0] <= most else None
    if ordinals or len(rest) != 1:
        return None
    number = int(rest[0]) if rest[0].isdecimal() and rest[0].isascii() else NUMBER_WORDS.get(rest[0])
    return number if number is not None and 1 <= number <= most else None


def choice_of(text: str, question: Question, words: Words, all_said: str) -> Reading | None:
    """Return the code that an answer means, and the one it took back; None when it could be none or several."""
    now, before = split_taken_back(text)
    code = _one_choice(now, question, words, all_said)
    if code is None:
        return None
    earlier = _one_choice(before, question, words, all_said) if before else None
    return Reading(code, earlier if earlier and earlier != code else "")


def _one_choice(text: str, question: Question, words: Words, all_said: str) -> str | None:
    codes = [code for code, _ in question.choices]
    number = number_chosen(text, len(codes))
    if number is not None:
        return codes[number - 1]
    named = _named(text, question, words)
    if (led := _LEADING.match(text)) and 1 <= int(led[1]) <= len(codes):
        chosen = codes[int(led[1]) - 1]
        besides = _named(_without(text, question.says_little), question, words)
        return chosen if besides <= {chosen} else None
    sense = sense_of(text, words)
    if len(named) == 1:
        (code,) = named
        contradicts = (
            {Sense.YES: question.means_no, Sense.NO: question.means_yes(all_said)}.get(sense) if sense else None
        )
        return None if contradicts == code else code
    if named or sense is None:
        return None if named else _nearest(text, question, words)
    return {Sense.YES: question.means_yes(all_said), Sense.NO: question.means_no, Sense.NOT_SURE: question.unsure}[
        sense
    ] or None


@dataclass(frozen=True)
class _Named:
    code: str
    start: int
    end: int


def _without(text: str, phrases: Sequence[str]) -> str:
    """Take out what is said beside a number and names no other choice: "2 got a letter" is the second one."""
    whole = f" {plain(text)} "
    for phrase in phrases:
        whole = whole.replace(f" {phrase} ", " ")
    return whole


def _named(text: str, question: Question, words: Words) -> set[str]:
    """Return the choices named in a text; one inside a longer one, or denied, is not named."""
    tokens = plain(text).split()
    found = [
        _Named(code, start, start + len(phrase))
        for code, phrase in _phrases(question, words)
        for start in range(len(tokens) - len(phrase) + 1)
        if tokens[start : start + len(phrase)] == phrase
    ]
    longest = [
        one
        for one in found
        if not any(
            other.start <= one.start and one.end <= other.end and other.end - other.start > one.end - one.start
            for other in found
        )
    ]
    return {one.code for one in longest if not _is_denied(tokens, one.start)}


def _is_denied(tokens: Sequence[str], start: int) -> bool:
    return tokens[start] not in _NEGATIONS and bool(_NEGATIONS & set(tokens[max(0, start - 3) : start]))


def _phrases(question: Question, words: Words) -> Iterator[tuple[str, list[str]]]:
    for code, label in question.choices:
        yield from ((code, phrase.split()) for phrase in sorted(words.heard(f"{question.key}.{code}")))
        for phrase in (label, *question.means.get(code, ())):
            tokens = plain(phrase).split()
            if phrase is not label or len(tokens) > 1 or code not in ("yes", "no"):
                yield code, tokens


def _nearest(text: str, question: Question, words: Words) -> str | None:
    """Return the choice whose name is spelled nearly like this, if one stands out."""
    from rapidfuzz import fuzz

    whole = plain(text)
    if not whole or len(whole) > _SHORT or _NEGATIONS & set(whole.split()):
        return None
    best: dict[str, float] = {}
    for code, phrase in _phrases(question, words):
        name = " ".join(phrase)
        score = fuzz.ratio(whole, name) if len(name) > 3 else 0.0
        if len(name) >= _PART and max(fuzz.ratio(word, name) for word in whole.split()) >= _NEAR_PART:
            score = max(score, float(_NEAR))
        best[code] = max(best.get(code, 0.0), score)
    ranked = sorted(best.items(), key=lambda one: one[1], reverse=True)
    if not ranked or ranked[0][1] < _NEAR or (len(ranked) > 1 and ranked[1][1] >= ranked[0][1]):
        return None
    return ranked[0][0]
