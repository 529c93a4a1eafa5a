"""For whom the service is (SE-2): an answer withheld or not known makes it unsure, and refuses nobody (SE-6)."""

from datetime import date

from service_request.domain.people import age_on
from service_request.domain.plain_words import plain_words
from service_request.domain.postcodes import district, tidy
from service_request.domain.postcodes import prefixes as prefixes_of
from service_request.pathways.sendiass.codes import Eligible, EnquirerKind, InArea

OWN_RIGHT_FROM = 16  # SE-2: from the 16th birthday
OVER_AT = 26  # until the 26th
_SELF = frozenset({EnquirerKind.CHILD, EnquirerKind.YOUNG_PERSON})
_SERVED = frozenset({EnquirerKind.PARENT, EnquirerKind.CARER}) | _SELF


def eligible(*, enquirer: EnquirerKind, age: str, birth_on: date | None, send: str, today: date) -> Eligible:
    """Tell whether the service is for them; a person decides on "no" and on "unsure" (SE-2).

    `age` is as it was said; a birth date tells more. `send` is yes, maybe, no or not_known.
    """
    years = _years(age, birth_on, today)
    if enquirer is EnquirerKind.PROFESSIONAL or send == "no" or (years is not None and years >= OVER_AT):
        return Eligible.NO
    is_young = years is not None or enquirer in _SELF  # a child or young person has said so by who they are
    if enquirer in _SERVED and is_young and send in ("yes", "maybe"):
        return Eligible.YES
    return Eligible.UNSURE


def in_own_right(*, age: str, birth_on: date | None, today: date) -> bool | None:
    """Tell whether a young person asks in their own right: from the 16th birthday until the 26th; None: not known."""
    years = _years(age, birth_on, today)
    return None if years is None else OWN_RIGHT_FROM <= years < OVER_AT


def in_area(*, postcode: str, place: str, prefixes: frozenset[str], areas: frozenset[str]) -> InArea:
    """Tell whether they live in the authority's area; what is not given or not known refuses nobody (SE-2).

    `prefixes` are those of the authority's postcodes ("WM4", "WM4 7"), `areas` the names of its places.
    """
    for text in (postcode, *_ends(place)):
        if prefixes and (outward := district(text)) is not None:
            if prefixes & set(prefixes_of(text)):
                return InArea.YES
            if any(one.startswith(f"{outward} ") for one in prefixes) and len(text.split()) == 1:
                continue  # a part of that district is ours: which part they did not say
            return InArea.NO
    said = f" {plain_words(place)} "
    if any(f" {plain_words(name)} " in said for name in areas if plain_words(name)):
        return InArea.YES
    return InArea.NOT_GIVEN


def _years(age: str, birth_on: date | None, today: date) -> int | None:
    if birth_on is not None:
        return age_on(birth_on, today) if birth_on <= today else None
    text = age.strip()
    return int(text) if text.isdecimal() and len(text) <= 3 else None


def _ends(place: str) -> tuple[str, ...]:
    """Return what is a postcode in a place: all of it ("WM4"), or a whole one at its end ("12 Mill Lane WM4 2QT")."""
    words = place.replace(",", " ").split()
    ends = (" ".join(words[-2:]), *words[-1:])
    return tuple(one for one in ends if tidy(one) or (len(words) == 1 and district(one)))
