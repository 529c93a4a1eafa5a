"""What a mail server answers, as values: which mails there are, how large, and one of them byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_BODY = re.compile(rb'\bBODY\[\](?:<\d+>)? (?:(NIL)|"((?:[^"\\]|\\.)*)"|~?\{\d+\}$)', re.IGNORECASE | re.DOTALL)
_SINCE = re.compile(
    rb'\bINTERNALDATE "([ \d]\d)-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-(\d{4}) '
    rb'(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"',
    re.IGNORECASE,
)
_MONTHS = (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec")
_NEW = re.compile(rb"\d+ \(")  # how an answer of one mail begins


@dataclass(frozen=True)
class Fetched:
    """One mail as the server holds it, and since when; None where it does not say."""

    raw: bytes
    received_at: datetime | None


def list_uids(data: Iterable[bytes | None]) -> set[int]:
    """Return the UIDs of a search; a server may give them in several lines."""
    return {int(word) for line in data if line for word in line.split() if word.isdigit()}


def find_sizes(data: Iterable[Any]) -> dict[int, int]:
    """Return the size of each mail by its UID."""
    found = {}
    for words, _ in _answers(data):
        uid, size = _UID.search(words), _SIZE.search(words)
        if uid and size:
            found[int(uid[1])] = int(size[1])
    return found


def find_body(data: Iterable[Any], uid: int) -> Fetched | None:
    """Return the mail of that UID and of no other, among whatever else the server tells at that moment."""
    for words, literal in _answers(data):
        named, body = _UID.search(words), _BODY.search(words) if literal is None else True
        if named is None or int(named[1]) != uid or not body:
            continue
        if literal is None:
            assert not isinstance(body, bool)
            literal = re.sub(rb"\\(.)", rb"\1", body[2] or b"", flags=re.DOTALL)
        return Fetched(literal, _moment(words))
    return None


def _answers(data: Iterable[Any]) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield for each mail what was said of it in words, and its literal: the words may stand on both sides of it."""
    words, literal = b"", None
    for part in data:
        if part is None:
            continue
        is_new = isinstance(part, tuple) or _NEW.match(part) is not None
        if is_new and words:
            yield words, literal
            words, literal = b"", None
        if isinstance(part, tuple):
            words, literal = part[0], part[1]
        else:
            words = words + b" " + part
    if words:
        yield words, literal


def _moment(words: bytes) -> datetime | None:
    """Return when the server had a mail (INTERNALDATE); None for what is no time."""
    said = _SINCE.search(words)
    if said is None:
        return None
    day, month, year, hour, minute, second, sign, hours, minutes = said.groups()
    away = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == b"-" else 1)
    try:
        zone = timezone(away)
        found = datetime(
            int(year), _MONTHS.index(month.lower()) + 1, int(day), int(hour), int(minute), min(int(second), 59), 0, zone
        )
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
