"""What a message about a request may not say outside, and where one says it all the same (EV-6): pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from service_request.domain.bare_words import SHORTEST, bare, readings, squeezed, words_in
from service_request.domain.days_in_words import day_in_words, year_in_words
from service_request.domain.identifying import Kind as Marked
from service_request.domain.identifying import find_identifying
from service_request.domain.identifying_words import COMMON, INSTITUTIONS, STREETS, TITLES
from service_request.domain.look_alikes import drawn

LONGEST_STORY = 20_000  # characters of one text that is searched for names; its words are all read
LONG = 6  # letters and digits of a run that is found inside others: a shorter one must stand by itself
TELLING = 4  # letters of a word of a story that is compared: shorter ones say nothing by themselves
_LINK = re.compile(r"(?:https?://|www\.|mailto:|tel:|sms:)[^\s<>\"]+", re.IGNORECASE)
_MONTHS = "january february march april may june july august september october november december".split()
_GENERIC = INSTITUTIONS | STREETS | {"the", "and", "near", "flat", "floor", "not", "known", "none"}
_BORN = r"(?:born|birth|b\.|d\.?\s?o\.?\s?b\.?)\D{0,20}"


class Where(StrEnum):
    """A part of a message."""

    SUBJECT = "subject"
    TEXT = "text"
    LINK = "link"
    FILE_NAME = "file_name"


class Telling(StrEnum):
    """What a term tells."""

    NAME = "name"
    BIRTH = "birth"
    NUMBER = "number"
    ADDRESS = "address"
    CONTACT = "contact"
    PLACE = "place"
    STORY = "story"


@dataclass(frozen=True)
class Part:
    """A part of a message; `own` are the words of it that our template says by itself, with nothing put in."""

    where: Where
    text: str
    own: str = ""


@dataclass(frozen=True)
class Caught:
    """A term that a message says."""

    where: Where
    telling: Telling
    words: str


@dataclass
class Terms:
    """What must not be said: words, sequences of letters and digits, and dates in their usual notations."""

    words: dict[str, Telling] = field(default_factory=dict)
    runs: dict[str, Telling] = field(default_factory=dict)
    days: dict[date, re.Pattern[str]] = field(default_factory=dict)

    def add_name(self, name: str, telling: Telling = Telling.NAME) -> None:
        """Take each word of a name, and the whole of it where its words are short or stand without gaps.

        A name of another script is taken as Latin letters would draw it, too.
        """
        if (seen := drawn(name)) != name:
            self.add_name(seen, telling)
        for word in words_in(name):
            if telling is Telling.NAME or word not in _GENERIC:
                self._word(word, telling)
        run = squeezed(name)
        if len(run) >= SHORTEST and (len(name.split()) > 1 or not run.isascii()) and not run.isdigit():
            self.runs.setdefault(run, telling)

    def add_number(self, number: str, telling: Telling) -> None:
        """Take a number or a postcode, however it is grouped; of a phone number what stands behind 0 or +44."""
        run = squeezed(number)
        if telling is Telling.CONTACT and run.isdigit():
            run = run.removeprefix("00").removeprefix("44").removeprefix("0")
        if len(run) >= 5:
            self.runs.setdefault(run, telling)

    def add_day(self, day: date) -> None:
        """Take a birth date, or the day on which a child is expected."""
        self.days.setdefault(day, _notations(day))

    def add_story(self, text: str) -> None:
        """Take the names and numbers of a text in somebody's own words, and its words that are not everyday ones."""
        for found in find_identifying(text[:LONGEST_STORY]):
            if found.kind is Marked.NAME:
                self.add_name(found.words)
            elif found.kind is not Marked.BIRTH_DATE:
                self.add_number(found.words, _MARKED.get(found.kind, Telling.NUMBER))
        for word in words_in(text):
            if len(word) >= TELLING and word not in COMMON:
                self._word(word, Telling.STORY)

    def add_concern(self, label: str) -> None:
        """Take the words of a concern's name: they may tell more than a name does."""
        for word in words_in(label):
            if len(word) >= TELLING and word not in _OF_MANY_CONCERNS:
                self._word(word, Telling.STORY)

    def without_story(self) -> Terms:
        """Return the terms without the everyday words of a story: names, numbers and dates alone."""
        words: dict[str, Telling] = {}
        words.update((word, telling) for word, telling in self.words.items() if telling is not Telling.STORY)
        return Terms(words, dict(self.runs), dict(self.days))

    def _word(self, word: str, telling: Telling) -> None:
        if word not in TITLES:
            self.words.setdefault(word, telling)


_MARKED = {Marked.PHONE: Telling.CONTACT, Marked.POSTCODE: Telling.ADDRESS, Marked.ADDRESS: Telling.ADDRESS}
_OF_MANY_CONCERNS = frozenset("child parent family other something else someone home their with about team".split())


def terms_of(
    people: Iterable[tuple[str | None, Mapping[str, object]]],
    *,
    names: Iterable[str | None] = (),
    contacts: Iterable[str | None] = (),
    stories: Iterable[str] = (),
    concerns: Iterable[str] = (),
) -> Terms:
    """Return the terms of a request: of everybody it names, with their facts; of who asked; of what was told."""
    terms = Terms()
    for name, facts in people:
        _add_person(terms, name, facts)
    for name in filter(None, names):
        terms.add_name(name)
    for contact in filter(None, contacts):
        terms.add_number(contact, Telling.CONTACT)
    for story in stories:
        terms.add_story(story)
    for label in concerns:
        terms.add_concern(label)
    return terms


def _add_person(terms: Terms, name: str | None, facts: Mapping[str, object]) -> None:
    said = {key: str(value) for key, value in facts.items() if isinstance(value, str) and value}
    for text in filter(None, (name, said.get("also_known"))):
        terms.add_name(text)
    for key, telling in _PLACES.items():
        if key in said:
            terms.add_name(said[key], telling)
    for key, telling in _NUMBERS.items():
        if key in said:
            terms.add_number(said[key], telling)
    for key in ("birth_on", "expected_on"):
        if key in said:
            terms.add_day(date.fromisoformat(said[key]))
    for key in _STORIES:
        if key in said:
            terms.add_story(said[key])


_PLACES = {
    "address": Telling.ADDRESS,
    "previous_address": Telling.ADDRESS,
    "current_place": Telling.ADDRESS,
    "school": Telling.PLACE,
    "gp": Telling.PLACE,
}
_NUMBERS = {
    "postcode": Telling.ADDRESS,
    "phone": Telling.CONTACT,
    "nhs_number": Telling.NUMBER,
    "upn": Telling.NUMBER,
}
_STORIES = ("needs_detail", "communication", "gender_note", "lives_with", "needs", "religion", "legal_status")


def catch(parts: Iterable[Part], terms: Terms, *, is_secure: bool = False) -> list[Caught]:
    """Return each term that a part says, beyond what our own template says there.

    An address marked secure may be told more in the text of a message; never in its subject, a link or a file name.
    """
    found: dict[Caught, None] = {}
    for part in _with_links(parts):
        if is_secure and part.where is Where.TEXT:
            continue
        for said, own in dict.fromkeys(zip(readings(part.text), readings(part.own), strict=True)):
            for telling, words in _said(said, own, terms):
                found.setdefault(Caught(part.where, telling, words))
    return list(found)


def _with_links(parts: Iterable[Part]) -> Iterable[Part]:
    for part in parts:
        yield part
        if part.where is Where.TEXT and (links := _LINK.findall(part.text)):
            yield Part(Where.LINK, " ".join(links), " ".join(_LINK.findall(part.own)))


def _said(text: str, own: str, terms: Terms) -> Iterable[tuple[Telling, str]]:
    words, ours = words_in(text), words_in(own)
    for word in words:
        term = word if word in terms.words else _owner_of(word, terms)
        if term and words[word] > ours[word]:
            yield terms.words[term], term
    plain, our_plain = bare(text), bare(own)
    run, our_run = squeezed(text), squeezed(own)
    for term, telling in terms.runs.items():
        if len(term) >= LONG or not term.isascii():
            is_said = run.count(term) > our_run.count(term)
        else:
            apart = re.compile(rf"(?<![^\W_]){'[^a-z0-9]*'.join(term)}(?![^\W_])")
            is_said = len(apart.findall(plain)) > len(apart.findall(our_plain))
        if is_said:
            yield telling, term
    for day, pattern in terms.days.items():
        if len(pattern.findall(plain)) > len(pattern.findall(our_plain)):
            yield Telling.BIRTH, day.isoformat()


def _owner_of(word: str, terms: Terms) -> str:
    """Return the name that a word holds as people text it: "Tadhgs school" with no apostrophe."""
    name = word.removesuffix("s")
    return name if name != word and word not in COMMON and terms.words.get(name) is Telling.NAME else ""


def _notations(day: date) -> re.Pattern[str]:
    """Return what finds a day however it is usually written; its year alone where a birth is spoken of."""
    d = rf"(?:0?{day.day}(?:st|nd|rd|th)?|{day_in_words(day.day)})"
    m, y = rf"0?{day.month}", rf"(?:{day.year}|['’]?{day.year % 100:02}|{year_in_words(day.year)})"
    month = rf"{_MONTHS[day.month - 1][:3]}(?:{_MONTHS[day.month - 1][3:]}|t)?"
    sep, gap = r"\s?[/.\-–\s]\s?", r"[\s,.\-/]{0,3}(?:(?:the\s|in\s)?(?:day\s)?of\s|the\s|in\s)?"
    ways = [
        rf"{d}{sep}{m}{sep}{y}", rf"{m}{sep}{d}{sep}{y}", rf"{day.year}{sep}{m}{sep}{d}",
        rf"{d}{gap}{month}{gap}{y}", rf"{month}{gap}{d}{gap}{y}", rf"{day.year}{gap}{month}{gap}{d}",
        f"{day:%d%m%Y}", f"{day:%d%m%y}", f"{day:%Y%m%d}", rf"{_BORN}{day.year}",
    ]  # fmt: skip
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(ways)})(?![^\W_])")
