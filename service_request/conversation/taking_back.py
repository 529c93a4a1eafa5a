"""How people take back what they wrote: "8 sorry 9", "i meant 2", "*9", "no wait, yes"."""

from __future__ import annotations

import re

_TAKEN_BACK = re.compile(
    r"\b(?:sorry|soz|sry|srry|no,? wait|wait|i mean|i meant|meant|actually|oops|whoops|ooops|correction|typo|or rather"
    r"|make that|scrub that|scratch that|should be|should say|should have said|change (?:it|that) to)\b[\s,.:!\-]*|\*"
)
_BEFORE = re.compile(
    r"\b(?:i mean|i meant|meant|oops|whoops|ooops|correction|typo|should be|should say|should have said|change)\b|"
    r"^\s*\*"
)


def split_taken_back(text: str) -> tuple[str, str]:
    """Return what holds now and what was said before it: ("9", "8") of "8 sorry 9", and (text, "") of most."""
    folded = text.casefold().replace("’", "'")
    marks = [mark for mark in _TAKEN_BACK.finditer(folded) if folded[mark.end() :].strip(" .,!*")]
    if not marks:
        return folded.strip("* "), ""
    return folded[marks[-1].end() :].strip(), folded[: marks[-1].start()].strip(" .,*")


def takes_back(text: str) -> bool:
    """Tell whether something said before is taken back at all."""
    return bool(_TAKEN_BACK.search(text.casefold().replace("’", "'")))


def takes_back_the_last(text: str) -> bool:
    """Tell whether the words point at the answer before, and not at the question that is open."""
    return bool(_BEFORE.search(text.casefold().replace("’", "'")))
