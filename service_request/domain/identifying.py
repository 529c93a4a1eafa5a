"""Find what may identify somebody in a text that should name nobody (GL-6): it marks, it never blocks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from stdnum.gb import nhs

from service_request.domain.days_in_words import any_day_in_words, any_year_in_words
from service_request.domain.identifying_names import find_names


class Kind(StrEnum):
    """What a marked word looks like."""

    NAME = "name"
    BIRTH_DATE = "birth_date"
    PHONE = "phone"
    POSTCODE = "postcode"
    NHS_NUMBER = "nhs_number"
    UPN = "upn"
    EMAIL = "email"
    ADDRESS = "address"


@dataclass(frozen=True)
class Found:
    """Words of a text that may identify somebody: where, what they look like, and what could stand instead."""

    start: int
    end: int
    kind: Kind
    words: str
    why: str
    instead: str


_INSTEAD: dict[Kind, str] = {
    Kind.NAME: "who it is to the child: the boy, his mother, a friend",
    Kind.BIRTH_DATE: "an age, or how long ago",
    Kind.PHONE: "nothing, or “the family’s phone”",
    Kind.POSTCODE: "nothing: you have chosen the area",
    Kind.NHS_NUMBER: "nothing",
    Kind.UPN: "nothing",
    Kind.EMAIL: "nothing",
    Kind.ADDRESS: "nothing, or “school”, “home”",
}
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = rf"(?:[0-3]?\d(?:st|nd|rd|th)?|{any_day_in_words()})"
_YEAR = rf"(?:(?:19|20)\d{{2}}|['’]\d{{2}}|{any_year_in_words()})"
_OF = r"(?:\s+day)?(?:\s+of)?"
_BORN = r"(?:born|birthday|birth|d\.?o\.?b\.?)\W{1,4}(?:(?:is|was|on|in|the|of)\W+){0,3}"
_RING = r"(?:ring|call|phone|tel|mob|mobile|number|text)"
_ORDINAL = r"(?:st|nd|rd|th)\b"
_STREET = r"(?:road|street|avenue|lane|crescent|terrace|cottages|gardens|drive|rd|ave)"

# The order matters: what is found first is not looked at again. A group called `is` is the part to mark.
_PATTERNS: tuple[tuple[Kind, str, str], ...] = (
    (Kind.EMAIL, "an email address", r"(?<![\w.+'-])[\w.+'-]{1,64}@[\w.-]{1,200}\.\w{2,}"),
    (Kind.EMAIL, "an account name", r"(?<![\w@])@[A-Za-z_][\w.]{2,}"),
    (Kind.UPN, "a unique pupil number", r"(?<!\w)[A-Z]\d{11}[0-9A-Z](?!\w)"),
    (Kind.UPN, "a unique pupil number", r"\bupn\W{1,4}(?:is\W+)?(?P<is>\w{6,13})\b"),
    (Kind.NHS_NUMBER, "an NHS number", r"\bnhs\W{1,4}(?:(?:no|number|num|is)\W{1,4}){0,2}(?P<is>\d(?:[\s-]?\d){5,11})"),
    (Kind.BIRTH_DATE, "a birth date", rf"\b{_DAY}{_OF}[\s.-]+{_MONTH}[\s.,-]+{_YEAR}\b"),
    (Kind.BIRTH_DATE, "a birth date", rf"\b{_MONTH}\s+(?:the\s+)?{_DAY},?\s+{_YEAR}\b"),
    (Kind.BIRTH_DATE, "a birth date", r"(?<![\d/.-])[0-3]?\d\s?[/.-]\s?[01]?\d\s?[/.-]\s?(?:\d{4}|\d{2})(?![\d/-])"),
    (Kind.BIRTH_DATE, "a birth date", r"(?<![\d/.-])(?:19|20)\d{2}[/.-][01]?\d[/.-][0-3]?\d(?![\d/-])"),
    (
        Kind.BIRTH_DATE,
        "a birth date",
        rf"\b{_BORN}(?P<is>{_DAY}{_OF}\s+{_MONTH}|{_MONTH}(?:\s+{_DAY})?(?:\s+{_YEAR})?|(?:19|20)\d{{2}}"
        r"|[0-3]?\d[/.-][01]?\d)(?!\w)",
    ),
    (Kind.NHS_NUMBER, "an NHS number", r"(?<![\d+])[1-9]\d{2}[\s-]?\d{3}[\s-]?\d{4}(?!\d)"),
    (Kind.PHONE, "a phone number", r"(?<![\w+])(?:\+\s?44|0044|0|o)(?:[\s().-]{0,2}\d){9,11}(?!\d)"),
    (Kind.PHONE, "a phone number", r"(?<![\w+])\+\d(?:[\s().-]?\d){7,14}(?!\d)"),
    (Kind.PHONE, "a phone number", rf"\b{_RING}\W{{1,4}}(?:is\W+)?(?P<is>\d(?:[\s-]?\d){{4,}})"),
    (Kind.POSTCODE, "a postcode", rf"(?<![A-Z\d])[A-Z]{{1,2}}\d[A-Z\d]?\s{{0,2}}\d(?!{_ORDINAL})[A-Z]{{2}}(?![A-Z\d])"),
    (Kind.ADDRESS, "an address", rf"\b\d{{1,4}}[a-z]?,?\s+(?:[^\W\d]+\s+){{1,2}}{_STREET}\b"),
    (Kind.ADDRESS, "an address", r"\b(?:flat|apartment|caravan)\s+\d+[a-z]?\b"),
)  # fmt: skip
_LIMIT = 500  # marks on one page: past that, a person has seen enough


def find_identifying(text: str) -> list[Found]:
    """Return what may be a name, date, number or place, in order and apart; false alarms are expected (GL-6)."""
    found: list[Found] = []
    taken = bytearray(len(text))
    for start, end, kind, why in _all(text):
        if start < end and not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            found.append(Found(start, end, kind, text[start:end], why, _INSTEAD[kind]))
    return sorted(found, key=lambda f: f.start)[:_LIMIT]


def marked(text: str, found: Sequence[Found]) -> list[tuple[str, Found | None]]:
    """Cut a text into what is marked and what is not, to show it back whole; the pieces joined are the text."""
    pieces: list[tuple[str, Found | None]] = []
    at = 0
    for mark in sorted(found, key=lambda f: f.start):
        if mark.start < at:
            continue
        if mark.start > at:
            pieces.append((text[at : mark.start], None))
        pieces.append((text[mark.start : mark.end], mark))
        at = mark.end
    if at < len(text):
        pieces.append((text[at:], None))
    return pieces


@cache  # when a process first looks for them, not when it starts
def _compiled() -> list[tuple[Kind, str, re.Pattern[str]]]:
    return [(kind, why, re.compile(pattern, re.IGNORECASE)) for kind, why, pattern in _PATTERNS]


def _all(text: str) -> Iterator[tuple[int, int, Kind, str]]:
    for kind, why, pattern in _compiled():
        for match in pattern.finditer(text):
            group: str | int = "is" if "is" in pattern.groupindex else 0
            if kind is Kind.NHS_NUMBER and group == 0 and not nhs.is_valid(match.group()):
                continue
            yield match.start(group), match.end(group), kind, why
    for name in find_names(text):
        kind = Kind.ADDRESS if name.is_place else Kind.NAME
        yield name.start, name.end, kind, name.why
