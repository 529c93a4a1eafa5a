"""Find what may be a name in a text, with no list of all names: capitals, titles, "called", and common first names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from service_request.domain.identifying_words import (
    ACRONYMS,
    COMMON,
    FIRST_NAMES,
    INSTITUTIONS,
    MONTH_NAMES,
    RELATIONS,
    STREETS,
    TITLES,
)
from service_request.domain.look_alikes import drawn

_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_GAP_IN_NAME = re.compile(r"(?:['’]s)?[ \t\u00a0]{1,2}|\. ")
_SENTENCE_END = re.compile(r"(?:^|[.!?:;\n•*>]|[.!?:]\s*[\"“‘'(]|\n\s*[\"“‘'(-])\s*[\"“”‘’'()\-]*\s*$")
_HOUSE_NUMBER = re.compile(r"\b\d{1,4}[a-z]?,? $")
_ENDING = re.compile(r"['’](?:s|ll|re|ve|d|m|t)$", re.IGNORECASE)
_INTRODUCES = frozenset({"called", "named", "nicknamed", "aka", "name", "surname", "nickname"})
_FILLERS = frozenset({"is", "was", "s", "known", "as", "by", "the", "full", "first", "last"})
_AFTER_NAME_WORDS = """
says said tells told has had is was came comes lives lived went goes seems looks looked does did can will would hasn isn
wasn doesn didn gets got and wants feels felt tried asked stays stayed cried left loves likes moved needs
"""
_AFTER_NAME = frozenset(_AFTER_NAME_WORDS.split())
_AFTER_MONTH = frozenset({"will", "can", "is", "was", "and", "has", "had"})
_BEFORE_MONTH = frozenset(
    {"in", "since", "last", "early", "late", "of", "until", "till", "from", "this", "next", "mid", "by", "during", "to"}
)
# A name in lower case is caught only when it is no word besides.
_ONLY_NAMES = FIRST_NAMES - COMMON - {"mo", "max", "ray", "jean", "penny", "rob", "sue", "dale", "eve", "val", "jay"}
_PLAIN_TITLES = frozenset({"mr", "mrs", "ms", "mx", "dr"})
_SHOUTING = 0.6  # of the letters: then a capital says nothing
_LATIN = 0.5


@dataclass(frozen=True)
class FoundName:
    """Where a name may stand, and what kind of name it looks like."""

    start: int
    end: int
    is_place: bool
    why: str


@dataclass(frozen=True)
class _Word:
    start: int
    end: int
    text: str
    base: str  # folded, without a possessive or a contraction
    opens: bool  # a sentence

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


def find_names(text: str) -> Iterator[FoundName]:
    """Yield what may be names; words that run together are one name."""
    words = [_word(text, match) for match in _WORD.finditer(text)]
    letters = [c for c in text if c.isalpha()]
    shouting = len(letters) > 3 and sum(c.isupper() for c in letters) > _SHOUTING * len(letters)
    latin = sum("a" <= c.lower() <= "z" for c in letters) > _LATIN * len(letters)
    seen = {w.base for w in words if w.capital and not w.opens and not shouting and not _is_allowed(w.base)}
    suspects = [_suspect(words, i, seen, shouting=shouting, latin=latin) for i in range(len(words))]
    at = 0
    while at < len(words):
        if not suspects[at]:
            at += 1
            continue
        first = last = at
        while last + 1 < len(words) and _joined(text, words[last], words[last + 1], suspects[last + 1]):
            last += 1
        yield _named(text, words[first : last + 1])
        at = last + 1


def _word(text: str, match: re.Match[str]) -> _Word:
    start, end = match.span()
    ending = _ENDING.search(match.group())
    if ending:
        end = start + ending.start()
    opens = bool(_SENTENCE_END.search(text[max(0, start - 12) : start])) or not text[:start].strip(" \t\"“‘'(")
    return _Word(start, end, text[start:end], drawn(text[start:end]).casefold(), opens)


def _is_allowed(base: str) -> bool:
    if base in FIRST_NAMES:
        return False
    return base in ACRONYMS or base in TITLES or base in COMMON or base.removesuffix("s") in COMMON or base == "i"


def _suspect(words: list[_Word], at: int, seen: set[str], *, shouting: bool, latin: bool) -> bool:
    word = words[at]
    before = words[at - 1].base if at else ""
    if _introduced(words, at) or (_after_title(words, at) and word.base not in COMMON):
        return True
    if latin and not any(c.islower() or c.isupper() for c in word.text):
        return True  # a word in another script
    if word.base in MONTH_NAMES and (before in _BEFORE_MONTH or (word.opens and not _speaks(words, at))):
        return False
    if word.base in _ONLY_NAMES:
        return True
    if shouting or not word.capital or _is_allowed(word.base) or len(word.text) == 1:
        return False
    if word.text.isupper():
        return len(word.text) > 3 or word.base in FIRST_NAMES
    if not word.opens:
        return True
    return _opens_with_name(words, at, seen)


def _opens_with_name(words: list[_Word], at: int, seen: set[str]) -> bool:
    """A capital that opens a sentence proves nothing: look at what follows, and at the rest of the text."""
    word = words[at]
    following = words[at + 1] if at + 1 < len(words) else None
    if word.base in seen:
        return True
    if word.base in COMMON:  # Will, Mark, Grace: only as "Will Hartley" or "Mark says"
        is_name = _speaks(words, at) or (following is not None and _stands_as_name(following))
        return word.base in FIRST_NAMES and is_name
    if word.base in FIRST_NAMES:
        return True
    return following is None or _stands_as_name(following) or following.base in _AFTER_NAME


def _speaks(words: list[_Word], at: int) -> bool:
    """Tell whether somebody of this name does something next, in a word that does not follow a month."""
    return at + 1 < len(words) and words[at + 1].base in _AFTER_NAME - _AFTER_MONTH


def _stands_as_name(word: _Word) -> bool:
    return word.capital and not word.opens and not _is_allowed(word.base)


def _introduced(words: list[_Word], at: int) -> bool:
    """After "called", "named", "name is", "known as": any word that is not an everyday one, capital or not."""
    word = words[at]
    if word.base in COMMON and not (word.capital and word.base in FIRST_NAMES):
        return False
    if word.base in _FILLERS or len(word.text) < 2:
        return False
    back = at - 1
    while back >= 0 and at - back <= 3 and words[back].base in _FILLERS and not words[back + 1].opens:
        if words[back].base == "as" and back and words[back - 1].base == "known":
            return True
        back -= 1
    return back >= 0 and not words[back + 1].opens and words[back].base in _INTRODUCES


def _after_title(words: list[_Word], at: int) -> bool:
    title = words[at - 1] if at else None
    if title is None or title.base not in TITLES:
        return False
    return title.base in _PLAIN_TITLES or (title.capital and not words[at].opens)


def _joined(text: str, one: _Word, other: _Word, suspect: bool) -> bool:
    gap = text[one.end : other.start]
    if not _GAP_IN_NAME.fullmatch(gap) or (other.opens and gap.strip()):
        return False
    return suspect or (other.capital and (other.base in STREETS or other.base in INSTITUTIONS))


def _named(text: str, words: list[_Word]) -> FoundName:
    start, end = words[0].start, words[-1].end
    bases = [word.base for word in words]
    if len(words) > 1 and (bases[-1] in STREETS or bases[-1] in INSTITUTIONS):
        number = _HOUSE_NUMBER.search(text[max(0, start - 8) : start])
        start -= len(number.group()) if number else 0
        return FoundName(start, end, is_place=True, why="a school or another place" if not number else "an address")
    title = re.search(r"([^\W\d_]+)\.? $", text[max(0, start - 12) : start])
    called = title.group(1).casefold() if title else ""
    if title and called in TITLES and (title.group(1)[0].isupper() or called in _PLAIN_TITLES):
        why = "a name" if called in RELATIONS else "a surname"
        return FoundName(start - len(title.group()), end, is_place=False, why=why)
    if bases[0] in FIRST_NAMES:
        return FoundName(start, end, is_place=False, why="a first name" if len(words) == 1 else "a name")
    return FoundName(start, end, is_place=False, why="a name of a person or a place")
