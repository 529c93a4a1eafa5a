"""Dates as people type them: "3rd of may 2012", "12th of nov", "3/5/12", "last friday". The past is preferred."""

from __future__ import annotations

import re
from datetime import date, datetime, time

from service_request.conversation.readings import Reading
from service_request.conversation.taking_back import split_taken_back

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:(?:19|20)\d{2}|'?\d{2}(?!\s*(?:am|pm|:|\d)))"
_WEEKDAY = (
    r"(?:mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun|tuesday|wednesday|thursday|saturday|monday|friday|sunday)"
)
_DATES = (
    r"(?:19|20)\d{2}-\d{1,2}-\d{1,2}",
    rf"\d{{1,2}}[/.\-]\d{{1,2}}[/.\-]{_YEAR}",
    rf"{_DAY}\s*(?:of\s+|fo\s+)?{_MONTH}\b\.?(?:[\s,]*{_YEAR}\b)?",
    rf"{_MONTH}\.?\s+(?:the\s+)?{_DAY}(?!\s*(?:am|pm|:))\b(?:[\s,]*(?:19|20)\d{{2}}\b)?",
)
_NEAR = (
    r"yesterday",
    r"today",
    rf"(?:last\s+|on\s+|this\s+)?{_WEEKDAY}",
    r"(?:\d{1,2}|a|one|two|three|four|five|six)\s+(?:days?|weeks?)\s+ago",
)
_SHORT = (r"\d{1,2}/\d{1,2}", r"\d{1,2}(?:st|nd|rd|th)")  # plain only where a date was asked for
_WHOLE = re.compile(rf"(?<![\w/])(?:{'|'.join(_DATES)})(?![\w/])")
_ANY = re.compile(rf"(?<![\w/])(?:{'|'.join((*_DATES, *_NEAR, *_SHORT))})(?![\w/])")
_TELLING = re.compile(rf"(?<![\w/])(?:{'|'.join((*_DATES, *_NEAR[:1]))})(?![\w/])")
_HAS_YEAR = re.compile(r"(?:19|20)\d{2}|\d[/.\-]\d{1,2}[/.\-]\d{2}")
_UNITS = "first second third fourth fifth sixth seventh eighth ninth".split()
_TEENS = "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split()
_ORDINALS = {
    **{word: number for number, word in enumerate([*_UNITS, *_TEENS, "twentieth"], 1)},
    **{f"twenty {word}": 20 + number for number, word in enumerate(_UNITS, 1)},
    "thirtieth": 30,
    "thirty first": 31,
}
_SPELT = "|".join(sorted((word.replace(" ", "[ -]") for word in _ORDINALS), key=len, reverse=True))
_ORDINAL = re.compile(rf"\b({_SPELT})\s+(?:of\s+)?(?=[a-z]{{3}})")
_LONG_WORD = re.compile(r"[a-z]{5,10}")
_SURE = 80  # of 100: "novemeber" and "septmber" are months, "remember" is none
_MOST = 400  # characters looked at: a date asked for stands early


def read_day(text: str, today: date) -> Reading | None:
    """Return the date that answers a question for one; of several the earliest, since it is the safer deadline."""
    now, before = split_taken_back(text)
    found = _days_in(now, today, _ANY)
    if not found:
        return None
    earlier = _days_in(before, today, _ANY)
    return Reading(min(found).isoformat(), earlier[-1].isoformat() if earlier and earlier[-1] != min(found) else "")


def find_day(text: str, today: date) -> Reading | None:
    """Return a date that stands plainly in any message, if there is only one."""
    found = set(_days_in(text, today, _TELLING))
    return Reading(found.pop().isoformat()) if len(found) == 1 else None


def find_dated(text: str, today: date) -> date | None:
    """Return the one whole date with its year, such as a birth date; else None."""
    found = [found.group() for found in _WHOLE.finditer(_spelled(text)) if _HAS_YEAR.search(found.group())]
    return _day(found[0], today) if len(found) == 1 else None


def say_day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _days_in(text: str, today: date, pattern: re.Pattern[str]) -> list[date]:
    days = (_day(found.group(), today) for found in pattern.finditer(_spelled(text)))
    return [day for day in days if day is not None]


def _day(text: str, today: date) -> date | None:
    import dateparser  # heavy, and only where somebody wrote a date

    read = dateparser.parse(
        re.sub(r"\bfo\b", "of", text.replace("'", "")),
        languages=["en"],
        settings={
            "DATE_ORDER": "DMY",
            "PREFER_DATES_FROM": "past",
            "RELATIVE_BASE": datetime.combine(today, time(12)),
        },
    )
    return read.date() if read is not None else None


def _spelled(text: str) -> str:
    """Return the text in small letters with the months spelled as they should be."""
    small = text[:_MOST].casefold().replace("’", "'")
    numbered = _ORDINAL.sub(lambda found: f"{_ORDINALS[found[1].replace('-', ' ')]} ", small)
    return _LONG_WORD.sub(lambda found: _month_like(found.group()), numbered)


def _month_like(word: str) -> str:
    from rapidfuzz import fuzz, process

    if word[:3] not in {month[:3] for month in _MONTHS}:
        return word
    near = process.extractOne(word, _MONTHS, scorer=fuzz.ratio, score_cutoff=_SURE)
    return near[0] if near else word
