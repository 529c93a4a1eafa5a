"""How mail programs mark what they quote: lines that say who wrote what follows, in the languages people here write.

The words stand in quoting_words.json. Each question looks at a few short lines, so that it is bounded in time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

LONGEST_LINE = 400  # characters: no mail program introduces a quote at greater length
LONGEST_BLOCK = 14  # lines of a block of From, Sent, To, Subject, with long lists of recipients in it
WRAPPED_OVER = 4  # lines over which a program breaks "On … wrote:"

_WORDS = json.loads(Path(__file__).with_name("quoting_words.json").read_text(encoding="utf-8"))


def _any_of(name: str) -> str:
    return "|".join(_WORDS[name])


_ROLES: dict[str, set[str]] = {}
for _role, _labels in _WORDS["labels"].items():
    for _label in _labels:
        _ROLES.setdefault(_label, set()).add(_role)

_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# Arabic, Persian and Urdu, Devanagari, Bengali and full-width digits, as ours.
_DIGITS = {zero + number: str(number) for zero in (0x660, 0x6F0, 0x966, 0x9E6, 0xFF10) for number in range(10)}
_MARK = re.compile(r"^\s{0,3}>")
_DEEP_MARK = re.compile(r"^\s{0,3}>\s?>")
_ADDRESS = re.compile(r"[^\s<>()\[\]\"@]{1,64}@[^\s<>()\[\]\"@]{2,255}")
_BRACKETED_AT_END = re.compile(r"@[^\s@]{2,255}(?:\s?<mailto:[^\s<>]{1,255}>)?[>)\]]\s*[\"”]?\s*[:：]$", re.IGNORECASE)
_DAY = re.compile(r"\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2,4}|(?<!\d)(?:19|20)\d\d(?!\d)")
_TIME = re.compile(r"(?<!\d)\d{1,2}\s?[:.h]\s?\d{2}(?!\d)")
_VERB_AT_END = re.compile(rf"(?:^|[\s>\"”)،,])(?:{_any_of('verbs_at_the_end')})\s*[:：]$", re.IGNORECASE)
_VERB_WITHIN = re.compile(rf"(?:^|\s)(?:{_any_of('verbs_within')})\s", re.IGNORECASE)
_BEGINS = re.compile(
    r"^(?:on|in a message dated|ar|w dniu|dnia|dn\.|wiadomość|pe|la|în|بتاریخ|في|يوم|على|em|no dia|às|"
    r"el|le|am|dňa|dne|den|op|il|"
    r"\w{2,12}\.?,|\w{2,5}\.(?=\s\d)|\d{1,4}[.,/-]?(?:\d|\s))(?:\s|$|(?<=\d))",
    re.IGNORECASE,
)
_WEEKDAY_ALONE = re.compile(r"^(?:on|am|le|el|em|pe|în|w|dnia|dne|dňa|ar|op|في|يوم)\s\S{2,14},$", re.IGNORECASE)
_ENDS_WITH_TIME = re.compile(
    r"\d{1,2}\s?[:.h]\s?\d{2}(?::\d{2})?\s?(?:[ap]\.?m\.?|Uhr|[A-Z]{2,4}|[+-]\d{4})?,?$", re.IGNORECASE
)
# "Thank you On Mon, 23 Nov …": their words stand on the program's line, so all of it stays visible.
_HAS_WORDS_BEFORE = re.compile(
    r"^[^@<]*[^@<\s][^@<]*?\b(?:On|Am|Le|El|Em|Pe|Dnia|Dne|Dňa|Ar)\s(?:\w{2,12}\.?,?\s){0,2}\d"
)
_NAMED = re.compile(r"^[^\W\d_][^<>@]{1,80}\s<[^<>\s]+@[^<>\s]+>", re.UNICODE)
_NAMED_FIRST = re.compile(rf"{_NAMED.pattern}(?:,|\s(?:{_any_of('verbs_within')})\s)", re.IGNORECASE)
_LABEL = re.compile(r"^[ \t*_]*([^\W\d_][^:：\n]{0,28}?)[ \t*_\u00a0]*[:：][*_]*(?:[ \t\u00a0]+(.*))?$")
_SEPARATOR = re.compile(
    rf"^[ \t]*[-_*=]{{2,}}[ \t]*(?:{_any_of('original_message')})(?:[ \t]+[-\w ]{{0,40}})?[ \t]*[-_*=]*[ \t]*$",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    rf"^[ \t>]*(?:[-_*=]{{2,}}[ \t]*(?:{_any_of('forwarded_message')})[ \t]*[-_*=]*|"
    rf"(?:{_any_of('forwarded_message')})[ \t]?[:：])[ \t]*$",
    re.IGNORECASE,
)
_DRAWN = ("--", "__", "**", "==")
_RULE = re.compile(r"^[ \t]*[-_*=]{5,}[ \t]*$")
_GROUPWISE = re.compile(r"^>>> .{1,200}\d{1,2}:\d{2}.{0,20}>>>\s*$")
_WROTE_RULE = re.compile(
    r"^-{3,}.{1,100}\s(?:wrote|schrieb|a écrit|escribió|escreveu|napisał\S*)\s?:\s?-{3,}\s*$", re.IGNORECASE
)


def plain(line: str) -> str:
    """A line as it is compared: nothing unseen in it, digits of every script as ours, one space for many."""
    bounded = _UNSEEN.sub("", line[: LONGEST_LINE * 2])
    if not bounded.isascii():
        bounded = bounded.translate(_DIGITS)
    return " ".join(bounded.split())


def is_marked(line: str) -> bool:
    """Whether a line carries the mark of what is quoted."""
    return bool(_MARK.match(line))


def is_marked_deep(line: str) -> bool:
    return bool(_DEEP_MARK.match(line))


def is_separator(line: str) -> bool:
    """ "-----Original Message-----" and its kin."""
    if len(line) > LONGEST_LINE or not line.lstrip().startswith(_DRAWN) or is_rule(line):
        return False
    return bool(_SEPARATOR.match(plain(line)) or _WROTE_RULE.match(plain(line)))


def is_forwarding(line: str) -> bool:
    """ "---------- Forwarded message ---------", "Begin forwarded message:" and their kin."""
    return len(line) < LONGEST_LINE and not is_rule(line) and bool(_FORWARD.match(plain(line)))


def is_rule(line: str) -> bool:
    """A line drawn across."""
    return bool(_RULE.match(line[:LONGEST_LINE]))


def is_groupwise(line: str) -> bool:
    return bool(_GROUPWISE.match(line[:LONGEST_LINE]))


def attribution_at(lines: Sequence[str], at: int) -> tuple[int, bool] | None:
    """Where "On … wrote:" that ends on this line begins, and whether it names an address; None where it is none."""
    last = plain(lines[at])
    if not last.endswith((":", "：")) or is_marked(lines[at]):
        return None
    window = ""
    for begin in range(at, max(-1, at - WRAPPED_OVER), -1):
        line = plain(lines[begin])
        if not line or is_marked(lines[begin]) or len(line) > LONGEST_LINE or (begin < at and line[-1] in ".!?:"):
            break
        window = f"{line} {window}".strip()
        if len(window) > LONGEST_LINE:
            break
        if _introduces(window) and (begin == at or _BEGINS.match(line) or _NAMED_FIRST.match(line)):
            return (
                None if _HAS_WORDS_BEFORE.match(line) else (_with_its_beginning(lines, begin), _holds_address(window))
            )
        if begin == at and _VERB_AT_END.search(line) and _NAMED.match(line):
            return _with_its_beginning(lines, begin), True
    if _VERB_AT_END.search(last) and len(last) < 120 and not _DAY.search(last):
        return at, False
    return None


def _holds_address(window: str) -> bool:
    return bool(_ADDRESS.search(window))


def _introduces(window: str) -> bool:
    has_address = bool(_ADDRESS.search(window))
    has_day, has_time = bool(_DAY.search(window)), bool(_TIME.search(window))
    has_verb = bool(_VERB_AT_END.search(window) or _VERB_WITHIN.search(window))
    if has_verb:
        return has_day and (has_time or has_address)
    return has_day and has_time and bool(_BRACKETED_AT_END.search(window))


def _with_its_beginning(lines: Sequence[str], begin: int) -> int:
    """A program breaks after "On Monday," too: that line belongs to it; any other may be the sender's last."""
    before = plain(lines[begin - 1]) if begin and not is_marked(lines[begin - 1]) else ""
    is_dated = _BEGINS.match(before) and _DAY.search(before) and _ENDS_WITH_TIME.search(before)
    if _WEEKDAY_ALONE.match(before) or (is_dated and not _DAY.search(plain(lines[begin]))):
        return begin - 1
    return begin


def block_at(lines: Sequence[str], at: int, *, is_sure: bool = True) -> int | None:
    """Where a block of From, Sent, To, Subject that begins on this line ends; None where it is none.

    Where it is not sure that the mail is an answer, it must hold an address and a time: people fill in such lines too.
    """
    if not _roles_of(lines[at]) & {"from", "date"}:
        return None
    found: set[str] = set()
    last: set[str] = set()
    has_address = has_time = False
    end = at
    for here in range(at, min(len(lines), at + LONGEST_BLOCK)):
        line = lines[here]
        if not line.strip():
            if here > end or {"from", "subject"} <= found:
                break  # one empty line may stand between two of them
            continue
        roles = _roles_of(line)
        goes_on = bool(last & {"to", "cc"} or _ADDRESS.search(line)) and not line.rstrip().endswith(":")
        goes_on = goes_on and not (_BEGINS.match(plain(line)) and _DAY.search(plain(line)))
        if is_marked(line) or not (roles or goes_on):
            break  # only lists of recipients go on below
        if len(roles) == 1 and roles & found & {"from", "date"}:
            return None  # the block begins further down, and this line is the sender's
        found |= roles if len(roles) == 1 else (roles - found or roles)
        last = roles or last
        has_address = has_address or bool(_ADDRESS.search(line))
        has_time = has_time or bool(_TIME.search(plain(line)))
        end = here + 1
    has_sign = (has_address or has_time) if is_sure else (has_address and has_time)
    is_block = "from" in found and len(found & {"date", "to", "subject"}) >= 2 and has_sign
    return end if is_block else None


def _roles_of(line: str) -> set[str]:
    matched = _LABEL.match(_UNSEEN.sub("", line[:LONGEST_LINE]))
    return _ROLES.get(matched[1].strip().lower(), set()) if matched else set()
