"""Recognise a child seen before, to be offered to a person and never merged (EV-4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, permutations
from typing import Literal

from stdnum.gb import nhs

from service_request.domain import names, postcodes

HINT_FROM = 70  # points: what two agreeing facts make, and one with a slip does not
DUE_WINDOW = timedelta(days=42)  # between the day a child was expected and the day of birth

MatchKey = tuple[str, str]
DateLikeness = Literal["same", "swapped", "slip", "near", "differs", "unknown"]


@dataclass(frozen=True)
class PersonFacts:
    """What is known of a person for matching; empty where it is not."""

    name: str
    birth_on: date | None = None
    expected_on: date | None = None
    postcode: str = ""
    nhs_number: str = ""
    upn: str = ""
    also_known: str = ""


@dataclass(frozen=True)
class Likeness:
    """How two people compare: codes only, so that it can be stored. The score orders, and is never shown."""

    is_hint: bool
    score: int
    agrees: list[str]
    differs: list[str]


_NAME_POINTS: dict[names.NameLikeness, int] = {
    "same": 45, "order": 45, "spacing": 43, "more": 43, "sound": 40, "slip": 38, "part": 25, "differs": 0,
}  # fmt: skip
_BORN_POINTS: dict[DateLikeness, int] = {
    "same": 40, "swapped": 34, "slip": 32, "near": 30, "unknown": 10, "differs": 0,
}  # fmt: skip
_POSTCODE, _DISTRICT, _OTHER_PLACE, _OTHER_NUMBER = 15, 5, -1, -10
_PLACE_UNKNOWN = 5  # as good as the same district: nothing speaks against it
_CHECKED_NUMBER = 95


def match_keys(person: PersonFacts) -> set[MatchKey]:
    """Return what this person is kept under, as (kind, text) to be keyed and hashed.

    Always pairs of facts, unless a number is unique: a name alone or a birth date alone is no key. Of two people that
    differ by spelling, order, a short form or one slip in name or date each is sought by a key of the other.
    """
    return {*_shared_keys(person), *_month_keys("born_month" if person.birth_on else "due_month", person)}


def sought_keys(person: PersonFacts) -> set[MatchKey]:
    """Return what finds this person again: its own keys, but of a sound and a month those of the other side of birth.

    Two born children share a sound and a month by the hundred; only a child who was expected must be found by them.
    """
    kinds = ("due_month",) if person.birth_on else ("due_month", "born_month")
    return {*_shared_keys(person), *(key for kind in kinds for key in _month_keys(kind, person))}


def _shared_keys(person: PersonFacts) -> Iterator[MatchKey]:
    return ((kind, text) for kind, text in _keys(person) if text)


def _month_keys(kind: str, person: PersonFacts) -> Iterator[MatchKey]:
    """Yield each sound with the month of birth, or with the months around the day a child is expected."""
    months = [f"{person.birth_on:%Y-%m}"] if person.birth_on else []
    if not months and person.expected_on:
        months = _months_around(person.expected_on)
    for heard in _sounds(_all_tokens(person)):
        for month in months:
            yield kind, f"{heard}|{month}"


def _keys(person: PersonFacts) -> Iterator[MatchKey]:
    yield "nhs", _nhs(person)
    yield "upn", _upn(person)
    words = _all_tokens(person)
    postcode = postcodes.tidy(person.postcode) or ""
    if postcode:
        for heard in _sounds(words):
            yield "sound_postcode", f"{heard}|{postcode}"
    if person.birth_on is not None:
        yield from _keys_with_birth(words, person.birth_on, postcode)
    elif person.expected_on is not None and postcode:
        yield "expected_postcode", f"{person.expected_on}|{postcode}"


def _keys_with_birth(words: list[str], born: date, postcode: str) -> Iterator[MatchKey]:
    sounds = _sounds(words)
    yield "name_birth", f"{' '.join(sorted(words))}|{born}" if words else ""
    if postcode:
        yield "birth_postcode", f"{born}|{postcode}"
    for heard in sounds:
        yield "sound_birth", f"{heard}|{born}"
    for word in words:
        yield "initial_birth", f"{names.initial(word)}|{born}"
    if len(words) == 1:  # nothing else is left to find it by when its first letter is the one that slipped
        yield "final_birth", f"{words[0][-1]}|{born}"
    for word, other in permutations(words, 2):  # a slip in a name and one in the day; it spares one end of the name
        yield "sound_initial_month", f"{names.sound(word)} {names.initial(other)}|{born:%Y-%m}"
        yield "sound_final_month", f"{names.sound(word)} {other[-1]}|{born:%Y-%m}"
    pairs = [f"{a} {b}" for a, b in combinations(sounds, 2)] if len(sounds) > 1 else sounds
    for pair in pairs:
        yield "pair_month_day", f"{pair}|{born:%m-%d}"
        yield "pair_year_day", f"{pair}|{born:%Y--%d}"
        yield "pair_year_month", f"{pair}|{born:%Y-%m}"
        low, high = sorted((born.day, born.month))
        yield "pair_swapped", f"{pair}|{born.year}:{low}:{high}"


def compare(a: PersonFacts, b: PersonFacts) -> Likeness:
    """Compare two people, and say in codes what agrees and what differs (EV-4)."""
    agrees: list[str] = []
    differs: list[str] = []
    number = _compare_numbers(a, b, agrees, differs)
    name = _best_name(a, b)
    born = compare_dates(a, b)
    if born != "unknown":
        (differs if born == "differs" else agrees).append(f"born_{born}")
    (differs if name == "differs" else agrees).append(f"name_{name}")
    place = _compare_places(a, b, agrees, differs)
    score = _NAME_POINTS[name] + _BORN_POINTS[born] + place
    if any(code in {"nhs_number_differs", "upn_differs"} for code in differs):
        score += _OTHER_NUMBER
    if born == "differs" or (name == "differs" and not number):
        score = min(score, HINT_FROM - 1)
    score = max(0, min(100, max(score, number)))
    return Likeness(is_hint=score >= HINT_FROM, score=score, agrees=agrees, differs=differs)


def compare_dates(a: PersonFacts, b: PersonFacts) -> DateLikeness:
    """Tell how two birth dates are alike; a child expected then may be the one born now."""
    if a.birth_on and b.birth_on:
        return _compare_births(a.birth_on, b.birth_on)
    one, other = a.birth_on or a.expected_on, b.birth_on or b.expected_on
    if one is None or other is None:
        return "unknown"
    return "near" if abs(one - other) <= DUE_WINDOW else "differs"


def _compare_births(a: date, b: date) -> DateLikeness:
    if a == b:
        return "same"
    if a.year == b.year and (a.day, a.month) == (b.month, b.day):
        return "swapped"
    parts = [(x, y) for x, y in ((a.day, b.day), (a.month, b.month), (a.year, b.year)) if x != y]
    if len(parts) > 1:
        return "differs"
    ((one, other),) = parts
    return "slip" if abs(one - other) == 1 or names.is_slip(f"{one:04}", f"{other:04}") else "differs"


def _compare_numbers(a: PersonFacts, b: PersonFacts, agrees: list[str], differs: list[str]) -> int:
    """Return the points of a number that only one person has, and note each that both give."""
    points = 0
    for code, one, other in (("nhs_number", _nhs(a), _nhs(b)), ("upn", _upn(a), _upn(b))):
        if one and other:
            (agrees if one == other else differs).append(f"{code}_{'same' if one == other else 'differs'}")
            points = _CHECKED_NUMBER if one == other else points
    return points


def _compare_places(a: PersonFacts, b: PersonFacts, agrees: list[str], differs: list[str]) -> int:
    one, other = postcodes.tidy(a.postcode), postcodes.tidy(b.postcode)
    if one is None or other is None:
        return _PLACE_UNKNOWN
    if one == other:
        agrees.append("postcode_same")
        return _POSTCODE
    if postcodes.district(one) == postcodes.district(other):
        agrees.append("district_same")
        return _DISTRICT
    differs.append("postcode_differs")
    return _OTHER_PLACE


def _best_name(a: PersonFacts, b: PersonFacts) -> names.NameLikeness:
    spellings = [
        names.compare_names(one, other)
        for one in (a.name, a.also_known)
        for other in (b.name, b.also_known)
        if one and other
    ]
    return max(spellings, key=lambda likeness: _NAME_POINTS[likeness], default="differs")


def _all_tokens(person: PersonFacts) -> list[str]:
    """Return each word of the name and the other name, once, in order."""
    return list(dict.fromkeys([*names.tokens(person.name), *names.tokens(person.also_known)]))[: names.MAX_TOKENS]


def _sounds(words: list[str]) -> list[str]:
    return sorted({names.sound(word) for word in words})


def _nhs(person: PersonFacts) -> str:
    return str(nhs.compact(person.nhs_number)) if person.nhs_number and nhs.is_valid(person.nhs_number) else ""


def _upn(person: PersonFacts) -> str:
    plain = "".join(c for c in person.upn.upper() if c.isalnum())
    return plain if len(plain) == 13 else ""


def _months_around(day: date) -> list[str]:
    middle = day.replace(day=15)
    return sorted({f"{middle + timedelta(days=days):%Y-%m}" for days in (-61, -30, 0, 30, 61)})
