"""What leaves the box of the seals, and how it is read again: one line a day, in a file or in a mail."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.trail.seals import Anchor, Road, Seal, SealKind
from infrastructure.trail.verify import AnchorLine

MAILED = re.compile(r"\bSeal (\d{1,18}): ([0-9a-f]{64})\b")  # as templates/messages/email/anchor.txt says it
SHORT = 16  # hexadecimal digits of the digest of each seal between two anchors


@dataclass(frozen=True)
class Head:
    """The head of the seals: its number and digest, and how many acts and looks are under them all."""

    seq: int
    hash: str
    events: int
    looks: int

    def line(self, now: datetime, *, since: dict[str, str] | None = None) -> str:
        """Return the head as one line of JSON, with how each seal `since` the last line begins.

        No count stands in it: the digest is over them, and a sum over both sides of the wall is a hint (SE-5).
        """
        said: dict[str, Any] = {"day": now.date().isoformat(), "seq": self.seq, "hash": self.hash}
        return json.dumps(said | ({"since": since} if since else {}), separators=(",", ":"))


def find_head(session: Session) -> Head | None:
    """Return the head of the seals, or None before the first one."""
    last = session.execute(select(Seal.seq, Seal.hash).order_by(Seal.seq.desc()).limit(1)).one_or_none()
    if last is None:
        return None
    counts = {row[0]: row[1] for row in session.execute(select(Seal.kind, func.sum(Seal.count)).group_by(Seal.kind))}
    return Head(last.seq, last.hash, counts.get(SealKind.EVENT, 0), counts.get(SealKind.ACCESS, 0))


def seals_since(session: Session, road: Road, head: Head) -> dict[str, str]:
    """Return how the digest of each seal begins, from the last anchor on this road up to the head."""
    last = session.scalars(select(func.max(Anchor.seq)).where(Anchor.road == road)).one() or 0
    query = select(Seal.seq, Seal.hash).where(Seal.seq > last, Seal.seq < head.seq).order_by(Seal.seq)
    return {str(seq): digest[:SHORT] for seq, digest in session.execute(query)}


def add_line(path: Path, line: str) -> None:
    """Add one line to the file off the box, and see it written; raise OSError where that fails."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())


class AnchorFile:
    """The seals that a file names: an anchor file, saved anchor mails, or our own log; other lines are passed over."""

    def __init__(self, path: Path) -> None:
        self.path, self.count = path, 0

    def __iter__(self) -> Iterator[AnchorLine]:
        """Read the file line by line; it may be long."""
        with self.path.open(encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                for found in self._read(line, number):
                    self.count += 1
                    yield found

    def _read(self, line: str, number: int) -> Iterator[AnchorLine]:
        if found := MAILED.search(line):
            yield AnchorLine(int(found[1]), found[2], f"{self.path.name}, line {number}")
            return
        try:
            said = json.loads(line[line.index("{") :])
            seq, digest, since = int(said["seq"]), str(said["hash"]), dict(said.get("since", {}))
        except (ValueError, KeyError, TypeError):
            return
        day = said.get("day") or said.get("timestamp") or "no day"
        where = f"{self.path.name}, line {number} ({day})"
        for one, short in since.items():
            yield AnchorLine(int(one), str(short), where)
        yield AnchorLine(seq, digest, where)
