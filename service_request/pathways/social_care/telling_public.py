"""What a member of the public tells plainly without being asked: how they know the child (GL-16)."""

from __future__ import annotations

import re
from datetime import date

from service_request.conversation.readings import Reading
from service_request.conversation.words import plain

SELF = "self"
_CHILD = r"(?:son|daughter|child|children|kids?|boys?|girls?|baby|babies|lad|twins|little one|toddler|newborn)s?"
_I_AM = r"\b(?:im|i m|i am|this is|as) (?:only |just )?(?:a |the |his |her |their )?"
_NO_AGE = r"(?! (?:weeks|months|days|miles|stone|minutes|hours))"
_RELATED = (
    r"(?:grandson|granddaughter|grandchild|grandchildren|grandkid|nephew|niece|cousin|brother|sister|brothers|sisters|"
    r"sons|daughters)s?"  # "my sisters kids", "my sons baby"
)
_OF_ANY_KIND = r"(?:(?:own|\d+|two|three|four|five|six|year|yr|old|little|eldest|youngest|oldest|autistic|disabled) )*"
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (SELF, re.compile(rf"{_I_AM}(?:(?:[5-9]|1[0-7])\b{_NO_AGE}|(?:kid|child|teenager)\b|in year \d)")),
    (
        "relative",
        re.compile(
            rf"\bmy (?:\w+ )?(?:grand|step)?{_RELATED} {_CHILD}\b|\bmy (?:\w+ )?(?:grand\w+|nephew|niece|cousin)s?\b"
            rf"|\bmy (?:little |big |baby )?(?:brother|sister)\b|{_I_AM}(?:nan|nana|gran\w*|auntie|aunt|uncle|cousin)\b"
        ),
    ),
    (
        "neighbour",
        re.compile(
            r"\bnext door\b|\bneighbou?r(?:s|ing)?\b"
            r"|\bli(?:ve|ves|ving) (?:above|below|opposite|across|upstairs|downstairs)\b"
        ),
    ),
    (
        "friend",
        re.compile(rf"\b(?:my|a) (?:\w+ )?friends? (?:{_CHILD}|has|is|and her|and his)\b|{_I_AM}(?:family )?friend\b"),
    ),
    (
        "parent",
        re.compile(
            rf"\b(?:my|our) {_OF_ANY_KIND}{_CHILD}\b(?! (?:friend|mate|cousin|{_CHILD})\b)"
            rf"|{_I_AM}(?:single )?(?:mum|mom|mother|dad|father|parent)\b(?! of (?:a|his|her|my) friend)"
        ),
    ),
)


def find_relationship(text: str, today: date) -> Reading | None:
    """Return how they know the child, where one thing is said plainly; two that differ are asked for."""
    whole = plain(text)
    found = [kind for kind, pattern in _KINDS if pattern.search(whole)]
    return Reading(found[0]) if len(found) == 1 else None
