"""What machines say in mails that carry no header of their trade, in the languages that people here write.

The phrases stand in machine_words.json, each a piece of a regular expression.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

_SHARE_A_CAPITAL = str.maketrans("ıſςµ", "isσμ")
_PHRASES: dict[str, list[str]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


def _any_of(name: str, before: str = "", after: str = "") -> re.Pattern[str]:
    return re.compile(f"{before}(?:{'|'.join(_PHRASES[name])}){after}", re.IGNORECASE)


def _any_in_small(name: str) -> re.Pattern[str]:
    """Put together what is looked for at every place of a text in small letters, in a third of the time."""
    return re.compile(small("|".join(_PHRASES[name])))


def small(text: str) -> str:
    """Return a text in small letters, each at its place; those that share a capital are one."""
    return text.replace("\u0130", "i").lower().translate(_SHARE_A_CAPITAL)


DAEMONS = _any_of("daemons", "^", r"(?:[+-][^@]*)?(?:@|\s|$)")
POSTMASTERS = _any_of("postmasters", "^", r"(?:[+-][^@]*)?@")
DAEMON_NAMES = _any_of("daemon_names")
NO_REPLIES = _any_of("no_replies", "^")
ANSWERED_OR_PASSED_ON = _any_of("answered", r"^\s*(?:\[[^\]]{1,40}\]\s*)?", r"\s*(?:\[\d+\])?\s*[:：]")
PASSED_ON = _any_of("passed_on", r"^\s*(?:\[[^\]]{1,40}\]\s*)?", r"\s*(?:\[\d+\])?\s*[:：]")

RETURNED_SUBJECTS = _any_of("returned_subjects", r"^\s*(?:\[?\*{2,}spam\*{2,}\]?\s*)?")
RETURNED_TEXT = _any_in_small("returned_text")
WAITING = _any_of("waiting")
GAVE_UP = _any_of("gave_up")
ARRIVED_SUBJECTS = _any_of("arrived_subjects", r"^\s*", r"\b")
ARRIVED_TEXT = _any_of("arrived_text")

# "Automatic reply: …" and its kin: no person begins a subject so.
AUTOMATIC_SUBJECTS = _any_of("automatic_subjects", r"^\s*[\[(*]?\s*", r"(?:[\])]\s|\s*[\])*]?\s*(?:[:：]|\s[-–—]\s|$))")
# "Out of office: …": a machine's form that people use too, so the text or a header must agree.
ABSENT_SUBJECTS = _any_of("absent_subjects", r"^\s*[\[(*]?\s*")
THANKING_SUBJECTS = _any_of("thanking_subjects", r"^\s*(?:\[[^\]]{1,40}\]\s*)?")
# A mail that says of itself, where a line or a sentence begins, that nobody wrote it.
SAYS_AUTOMATIC = _any_of("says_automatic", r"(?:^|[\n.!*>(\[]\s*)(?:please note[:,]? (?:that )?)?")
AWAY = _any_in_small("away")
COMES_BACK = _any_in_small("comes_back")
