"""What the engine says and hears, by language: files of phrases that an authority can replace (SE-1, SE-6)."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from infrastructure.calendar import LONDON
from infrastructure.web.say_time import public_moment
from service_request.conversation.languages import is_in_latin_letters
from service_request.domain.plain_words import plain_words

ENGLISH = "en"
SHIPPED = Path(__file__).with_name("words")
# What the settings, a clock or chance made: the outgoing guard need not read it (EV-6).
_OWN_FACTS = frozenset({"service", "reference", "by_when", "duty_line", "phone", "write_to", "options"})
# Phrases of other languages alone: English says a date, and "1 answer" and "2 answers", by its own rules.
_NOT_ENGLISH = {"moment": {"clock", "day", "date", "month"}, "counted": {"value"}}
_CODE = re.compile(r"[a-z]{2,3}")
_SHADES = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")  # a thumb of any colour is a thumb


@dataclass(frozen=True)
class Said:
    """Words ready to send; `own` is where in them stands what is ours, from and to, for the outgoing guard."""

    text: str
    own: tuple[tuple[int, int], ...] = ()


class Words:
    """The phrases of one language; one that it lacks is said in English, phrase by phrase."""

    def __init__(
        self, language: str, phrases: Mapping[str, str], heard: Mapping[str, frozenset[str]], folder: Path | None
    ) -> None:
        self.language = language
        self._phrases = phrases
        self._heard = heard
        self._folder = folder

    def in_language(self, code: str | None) -> Words:
        """Return the words of another language from the same folder; these, where nobody holds words for it."""
        if code is None or code == self.language or code not in languages_held(self._folder):
            return self
        return read_words(code, self._folder)

    def in_latin_letters(self) -> Words:
        """Return the words for those who write this language in Latin letters: theirs are heard, English is said.

        Whoever writes "mera beta" may not read another script, and those who do not read English have an interpreter.
        """
        if is_in_latin_letters(self._phrases["thanks"]):
            return self
        return Words(self.language, read_words(ENGLISH, self._folder)._phrases, self._heard, self._folder)

    def has(self, key: str) -> bool:
        """Tell whether there is such a phrase, in this language or in English."""
        return key in self._phrases

    def say(self, key: str, **facts: str | Said) -> Said:
        """Return a phrase with its facts put in; raise KeyError for a phrase or a fact that is not there."""
        return _filled(self._phrases[key], facts)

    def ask(self, field: str, english: str, **facts: str | Said) -> Said:
        """Return a question in this language, or in the English of its form where nobody has put it into another."""
        return _filled(self._phrases.get(f"ask.{field}", english), facts)

    @property
    def is_abroad(self) -> bool:
        """Tell whether what is said is no English: then what only the forms say in English is left out of a reply."""
        return self.has("counted")

    def moment(self, at: datetime) -> str:
        """Return a date and time as it is said in this language, in English where nobody has put it into another."""
        if not self.has("moment"):
            return public_moment(at)
        local = at.astimezone(LONDON)
        return self._phrases["moment"].format(
            clock=f"{local:%H:%M}",
            day=self._phrases["days"].split(",")[local.weekday()],
            date=local.day,
            month=self._phrases["months"].split(",")[local.month - 1],
        )

    def heard(self, meaning: str) -> frozenset[str]:
        """Return the whole messages, made plain, that mean "yes", "skip" and so on: theirs and English ones."""
        return self._heard.get(meaning, frozenset())


def join(*said: Said, by: str = " ") -> Said:
    """Put several one after the other, leaving out what is empty; what stands between them is ours."""
    text, own = "", []
    for one in said:
        if not one.text:
            continue
        if text:
            own.append((len(text), len(text) + len(by)))
            text += by
        own += [(start + len(text), end + len(text)) for start, end in one.own]
        text += one.text
    return Said(text, _merged(own))


def plain(text: str) -> str:
    """Fold case, accents and marks away, so that "Pomiń!" is "pomin"; what is nothing but signs stays: "👍", "?"."""
    return plain_words(text) or _SHADES.sub("", text).strip()


@lru_cache(maxsize=64)
def read_words(language: str | None = None, folder: Path | None = None) -> Words:
    """Return the words of a language; the files of `folder` (the authority's own) win over those shipped.

    Raise ValueError, with the name of the file, where one of its phrases asks for a fact that the English one has not.
    """
    english = _merged_files(ENGLISH, folder)
    code = language if language and _CODE.fullmatch(language) else ENGLISH
    theirs = english if code == ENGLISH else _merged_files(code, folder)
    phrases = {**english["phrases"], **theirs["phrases"]}
    for key, text in theirs["phrases"].items():
        known = _facts_of(english["phrases"][key]) if key in english["phrases"] else set()
        known |= _NOT_ENGLISH.get(key, set())
        if not key.startswith("ask.") and _facts_of(text) - known:
            raise ValueError(f"words/{code}.json: {key} asks for {sorted(_facts_of(text) - known)}")
    meanings = english["heard"].keys() | theirs["heard"].keys()
    heard = {
        meaning: frozenset(plain(one) for file in (english, theirs) for one in file["heard"].get(meaning, ()))
        for meaning in meanings
    }
    return Words(code, phrases, heard, folder)


def faults_in(folder: Path) -> list[str]:
    """Return what is wrong with the authority's own words, a sentence for each file: a start is refused over it."""
    faults = []
    for code in languages_held(folder):
        try:
            read_words(code, folder)
        except ValueError as error:
            faults.append(str(error))
    return faults


@lru_cache(maxsize=4)
def languages_held(folder: Path | None = None) -> tuple[str, ...]:
    """Return the languages that have a file, shipped or the authority's own."""
    folders = [SHIPPED] if folder is None else [SHIPPED, folder]
    return tuple(sorted({path.stem for one in folders for path in one.glob("*.json")}))


def _merged_files(code: str, folder: Path | None) -> dict[str, dict[str, Any]]:
    merged: dict[str, dict[str, Any]] = {"phrases": {}, "heard": {}}
    for where in (SHIPPED, folder):
        path = where / f"{code}.json" if where is not None else None
        if path is not None and path.is_file():
            held = _read(path)
            for part, kept in merged.items():
                kept.update(held.get(part, {}))
    return merged


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        phrases, heard = dict(held.get("phrases", {})), dict(held.get("heard", {}))
        sound = all(isinstance(text, str) for text in phrases.values()) and all(
            isinstance(words, list) and all(isinstance(one, str) for one in words) for words in heard.values()
        )
        for text in phrases.values():
            _facts_of(text)
    except (OSError, ValueError, AttributeError, TypeError):
        sound = False
    if not sound:
        raise ValueError(f"words/{path.name} is no file of phrases")
    return {"phrases": phrases, "heard": heard}


def _facts_of(phrase: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name}


def _filled(phrase: str, facts: Mapping[str, str | Said]) -> Said:
    text, own = "", []
    for piece, is_own, inner in _pieces(phrase, facts):
        if inner is not None:
            own += [(start + len(text), end + len(text)) for start, end in inner]
        elif is_own and piece:
            own.append((len(text), len(text) + len(piece)))
        text += piece
    return Said(text, _merged(own))


def _pieces(
    phrase: str, facts: Mapping[str, str | Said]
) -> Iterator[tuple[str, bool, tuple[tuple[int, int], ...] | None]]:
    for words, name, _, _ in string.Formatter().parse(phrase):
        yield words, True, None
        if name is None:
            continue
        fact = facts[name]
        if isinstance(fact, Said):
            yield fact.text, False, fact.own
        else:
            yield fact, name in _OWN_FACTS, None


def _merged(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return tuple(merged)
