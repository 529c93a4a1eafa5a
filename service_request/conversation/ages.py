"""Ages as people type them: "8 sorry 9", "hes nine", "my 9 yr old", "nearly 10", "18 months". Year 4 is a class."""

from __future__ import annotations

import re
from datetime import date

from dateutil.relativedelta import relativedelta

from service_request.conversation.days import find_dated
from service_request.conversation.readings import Reading
from service_request.conversation.taking_back import split_taken_back, takes_back

_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
NUMBER_WORDS = {word: number for number, word in enumerate(_NUMBERS)} | {
    f"twenty{gap}{_NUMBERS[ones]}": 20 + ones for gap in (" ", "-", "") for ones in range(1, 6)
}
_WORDED = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_NUMBER = rf"(?:\d{{1,3}}|{_WORDED})"
_SURE_NUMBER = rf"(?P<n>\d{{1,2}}|{'|'.join(sorted(set(NUMBER_WORDS) - {'zero', 'one'}, key=len, reverse=True))})"
_CLASS = re.compile(r"\b(?:year|yr|yrs|y|class|grade|key stage|ks)\s?(?:\d{1,2}|r)\b(?!\s*(?:old|yrs|years))")
_CLOCK = re.compile(r"\b\d{1,2}(?:[:.]\d{2})?\s?(?:am|pm|o'?clock)\b|\b\d{1,2}:\d{2}\b")
_MONTHS_OLD = re.compile(rf"({_NUMBER})\s*(months?|mths?|mnths?|weeks?|wks?)\b")
_NOT_YET = re.compile(
    rf"\b(?:nearly|almost|turning|soon|will be|going on)\s+({_NUMBER})\b|\b({_NUMBER}) (?:next|in a)\b"
)
_NOT = re.compile(rf"\b({_NUMBER})\b[\s,]*not\s+({_NUMBER})\b")
_NOT_FIRST = re.compile(
    rf"\bnot\s+({_NUMBER})\b[\s,.]*(?:(?:but|he|she|they|its|it'?s|hes|shes|is|'s)\s+)*({_NUMBER})\b"
)
_NO = re.compile(rf"^\W*({_NUMBER})\W+no\W+({_NUMBER})\W*$")
_ANY = re.compile(rf"(?<![\w.])({_NUMBER})(?:\.\d|½)?(?:ish)?(?!\w)")

_CHILD = (
    r"(?:son|daughter|child|boy|girl|lad|kid|lass|grandson|granddaughter|grandchild|nephew|niece|brother|"
    r"sister|foster child)"
)
_ON = (
    r"(?=\s*(?:$|[.,;:!?)\-\n&+]|(?:and|not|but|now|with|who|sorry|so|years?|yrs?|yo|y/o|he|she|they|at|has|is|"
    r"in|on|pls|please|x+|tho|though|btw|actually|today|this)\b))"
)
_NO_UNIT = r"(?!\s*(?:years?|yrs?)\s+(?:behind|ahead|ago|late|of|into|since|without|on))"
_SAID = tuple(
    re.compile(rf"{start}{_SURE_NUMBER}{_NO_UNIT}{_ON}")
    for start in (
        r"\b(?:he|she|they|who)(?:'s|s|'re|re| is| are| has turned| just turned| turned)?\s+(?:(?:only|just|now|"
        r"actually|about|age|aged|turned)\s+)*",
        rf"\b(?:my|our|the|a)\s+(?:\w+\s+){{0,2}}{_CHILD}(?:'s|s|(?: \w+)? is| age| aged|,| \()?\s*"
        rf"(?:(?:is|only|just|now|age|aged|who is|whos|who's)\s+)*",
        r"\baged?:?\s+(?:is\s+)?",
    )
)
_OLD = re.compile(rf"\b{_SURE_NUMBER}\s*-?\s*(?:years?|yrs?|yr)?\s*-?\s*(?:old\b|yo\b|y/o\b|y\.o)")
_MYSELF = re.compile(rf"\b(?:i'?m|i am|im)\s+(?:only\s+|just\s+)?(?:a\s+)?{_SURE_NUMBER}{_ON}")
_HAS_CHILD = re.compile(rf"\bmy (?:\w+ ){{0,2}}{_CHILD}\b|\b(?:mum|mom|dad|parent|mother|father|carer) (?:of|to)\b")
_BORN = re.compile(r"\b(?:dob|d\.o\.b\.?|date of birth|born(?: on)?)\b[:\s(-]*(?P<day>[^\n)]{6,24})", re.IGNORECASE)
_OLDEST_SELF = 25


def read_age(text: str, today: date) -> Reading | None:
    """Return the age in years that answers a question for it; None where there is none, or more than one."""
    now, before = split_taken_back(text)
    told = _not_that(now)
    if told is not None:
        return told
    age = _age_in(now, today)
    if age is None:
        return find_age(text, today)
    earlier = _age_in(before, today) if before else None
    return Reading(str(age), str(earlier) if earlier is not None and earlier != age else "")


def find_age(text: str, today: date) -> Reading | None:
    """Return an age that is told plainly in any message; None where there are two of them."""
    born = {day for found in _BORN.finditer(text) if (day := find_dated(found["day"], today)) and day <= today}
    if len(born) == 1:
        return Reading(str(relativedelta(today, born.pop()).years))
    plain = _without_classes(text)
    ages = [_number(found["n"]) for pattern in (*_SAID, _OLD) for found in pattern.finditer(plain)]
    if not ages and not _HAS_CHILD.search(plain):
        ages = [age for found in _MYSELF.finditer(plain) if (age := _number(found["n"])) <= _OLDEST_SELF]
    told = _not_that(plain) if takes_back(text) or ages or len(plain) < 30 else None
    if told is not None:
        return told
    if takes_back(text) and len(ages) > 1:
        now, _ = split_taken_back(plain)
        last = find_age(now, today) if now != plain else None
        return last or read_age(now, today)
    return Reading(str(ages[0])) if len(set(ages)) == 1 else None


def ages_told(text: str) -> set[int]:
    """Return every age that is told plainly: two of them are two children, or one corrected."""
    plain = _without_classes(text)
    return {_number(found["n"]) for pattern in (*_SAID, _OLD) for found in pattern.finditer(plain)}


def _not_that(text: str) -> Reading | None:
    if found := _NOT.search(text):
        return Reading(str(_number(found[1])), str(_number(found[2])))
    if found := _NOT_FIRST.search(text) or _NO.search(text):
        return Reading(str(_number(found[2])), str(_number(found[1])))
    return None


def _age_in(text: str, today: date) -> int | None:
    born = find_dated(text, today)
    if born is not None and born <= today:
        return relativedelta(today, born).years or None
    plain = _without_classes(text)
    small = list(_MONTHS_OLD.finditer(plain))
    plain = _MONTHS_OLD.sub(" ", plain)
    found = {_number(one[1]) for one in _ANY.finditer(plain)}
    if not found and len(small) == 1:
        number, unit = _number(small[0][1]), small[0][2]
        return number // 12 if unit.startswith("m") else 0
    if len(found) != 1:
        return None
    age = found.pop()
    return max(age - 1, 0) if _NOT_YET.search(plain) else age


def _without_classes(text: str) -> str:
    return _CLOCK.sub(" ", _CLASS.sub(" ", text.casefold().replace("’", "'")))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else NUMBER_WORDS[text]
