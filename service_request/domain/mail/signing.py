"""What mail programs and firms put below a mail that its sender did not write now: signatures, devices, disclaimers."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from service_request.domain.mail.quoting import LONGEST_LINE, plain

LONGEST_SIGNATURE = 30  # lines below "-- "
LONGEST_LOOSE_SIGNATURE = 8  # lines below "--", which people draw across a mail too
BOILERPLATE_FROM = 150  # characters: who asks us in a sentence to keep a mail confidential is no disclaimer

_WORDS = json.loads(Path(__file__).with_name("quoting_words.json").read_text(encoding="utf-8"))
_SENT_FROM = re.compile(rf"^(?:{'|'.join(_WORDS['sent_from'])})\s+(.+)$", re.IGNORECASE)
_SENT_WHOLE = re.compile(
    rf"^(?:{'|'.join(_WORDS['sent_whole'])})\s*(?:<https?://\S+>|\(https?://\S+\))?[.!]?$", re.IGNORECASE
)
_DEVICE_WORD = re.compile(rf"(?:{'|'.join(_WORDS['device_words'])})", re.IGNORECASE)
_LINK = re.compile(r"[<(\[]?\bhttps?://\S+[>)\]]?")
_ADDED = re.compile(rf"^(?:{'|'.join(_WORDS['added_by_programs'])})$", re.IGNORECASE)
_DISCLAIMING = [re.compile(word, re.IGNORECASE) for word in _WORDS["disclaiming"]]
_POSTSCRIPT = re.compile(r"^\s*p\.?\s?s\b", re.IGNORECASE)
_OUTSIDE_WARNING = re.compile(
    r"^[\[(*\s]*(?:caution|warning|external(?: e?-?mail)?|"
    r"this (?:e?-?mail|message) (?:originated|came|is) from (?:an )?(?:outside|external))"
    r".{0,200}(?:outside|external|do not click|sender).{0,200}$",
    re.IGNORECASE,
)
MOST_DEVICE_WORDS = 9


def is_device(line: str) -> bool:
    """ "Sent from my iPhone" and nothing more: words that somebody added to it are the sender's."""
    text = plain(line).strip("-–—*_ ")
    if not text or len(text) > LONGEST_LINE:
        return False
    if _SENT_WHOLE.match(text) or _ADDED.match(text):
        return True
    matched = _SENT_FROM.match(_LINK.sub(" ", text).strip())
    if not matched:
        return False
    words = [word.strip(".,!'’‘„“”\"()<>®™…-") for word in matched[1].split()]
    return len(words) <= MOST_DEVICE_WORDS and all(not word or _DEVICE_WORD.fullmatch(word) for word in words)


def is_outside_warning(line: str) -> bool:
    """What a receiving server writes on top of a mail from outside."""
    return len(line) < 2 * LONGEST_LINE and bool(_OUTSIDE_WARNING.match(plain(line)))


def signature_end(lines: Sequence[str], at: int, end: int) -> int | None:
    """Where the signature that this line begins ends, looking no further than `end`; None where it begins none."""
    line = lines[at].rstrip("\r")
    if line not in ("--", "-- ", "--\u00a0", "-- \u200b"):
        return None
    if end - at > 3 * LONGEST_SIGNATURE:
        return None  # no signature has so much below it
    stop = next((here for here in range(at + 1, end) if _POSTSCRIPT.match(lines[here])), end)
    below = [text for text in lines[at + 1 : stop] if text.strip()]
    if len(line) > 2 and len(below) <= LONGEST_SIGNATURE:
        return stop
    if len(below) <= LONGEST_LOOSE_SIGNATURE and not any(_is_said(text) for text in below):
        return stop
    return None


def _is_said(text: str) -> bool:
    """Whether a line below "--" looks like words to us rather than like a name, a post or a number."""
    words = text.split()
    return (
        text.rstrip().endswith(("?", "؟")) or len(words) > 9 or (len(words) > 4 and text.rstrip().endswith((".", "!")))
    )


def is_disclaimer(paragraph: str) -> bool:
    """A long paragraph in the words of firms; a person who asks us to keep a mail to ourselves writes a short one."""
    if not BOILERPLATE_FROM <= len(paragraph) <= 6_000:
        return False
    return sum(1 for sign in _DISCLAIMING if sign.search(paragraph)) >= 4
