"""Thirty written dialogues, one a file: who writes, what and when, and what must come of it by whatever channel."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

STARTS = datetime(2026, 11, 17, 12, 31, tzinfo=UTC)  # a Tuesday, in office hours
_GAP = 2  # minutes between two messages, where none are said


@dataclass(frozen=True)
class Sent:
    """One message: the question that it answers, if it is meant for one, and what the carrier makes of it."""

    text: str
    at: datetime
    to: str = ""
    pictures: int = 0
    carrier: str = ""  # STOP or START
    with_last: bool = False  # it came before anybody had understood the last one


@dataclass(frozen=True)
class Written:
    """One dialogue and what is expected of it."""

    name: str
    temper: str
    messages: tuple[Sent, ...]
    expect: dict[str, Any]

    def batches(self) -> list[list[Sent]]:
        """Return the messages as they are understood: those that came at once, together."""
        found: list[list[Sent]] = []
        for one in self.messages:
            if one.with_last:
                found[-1].append(one)
            else:
                found.append([one])
        return found


def _read(path: Path) -> Written:
    held = json.loads(path.read_text(encoding="utf-8"))
    at, messages = STARTS, []
    for number, one in enumerate(held["messages"]):
        known = {name: one[name] for name in ("to", "pictures", "carrier", "with_last") if name in one}
        at += timedelta(
            seconds=1 if one.get("with_last") else 0,
            minutes=0 if one.get("with_last") or not number else one.get("after", _GAP),
        )
        messages.append(Sent(one["text"], at, **known))
    return Written(held["name"], held["temper"], tuple(messages), held["expect"])


WRITTEN = tuple(_read(path) for path in sorted(Path(__file__).parent.glob("*.json")))
