"""A file on its way in: sealed into a file of this machine as it streams, weighed and looked at on the way."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from infrastructure.database import Wall, uuid7
from infrastructure.files.kinds import HEAD_BYTES, Kind, begins_as, is_plain, kind_by_name, kind_of_sent
from infrastructure.files.names import clean_name
from infrastructure.files.sealed_stream import SealingWriter
from infrastructure.files.stores import Store


class Refusal(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TOO_BIG = "too_big"
    WRONG_KIND = "wrong_kind"
    NOT_AS_NAMED = "not_as_named"
    TOO_MANY = "too_many"
    DAY_IS_FULL = "day_is_full"
    CUT_OFF = "cut_off"
    NOT_STORED = "not_stored"


@dataclass(frozen=True)
class Arrived:
    """A file that came whole: where it waits, sealed, and what is known of it."""

    id: UUID
    name: str
    kind: Kind
    size: int
    path: Path
    key: bytes
    content_hash: str


@dataclass(frozen=True)
class RefusedFile:
    """A file that is not taken, and why."""

    name: str
    why: Refusal


class Arrival:
    """One file while it arrives. `write` as it comes, then `end`; `drop` leaves nothing behind."""

    def __init__(self, raw_name: str, store: Store, wall: Wall, *, longest: int, is_sent: bool = False) -> None:
        """Begin a file; one that was `is_sent` by a text or a mail is kept whatever its kind (EV-1)."""
        self.id, self.name = uuid7(), clean_name(raw_name)
        self.kind = kind_of_sent(self.name) if is_sent else kind_by_name(self.name)
        self.longest = longest
        self.why: Refusal | None = None if self.kind else Refusal.WRONG_KIND
        self._head = b""
        self._path = store.incoming / f"{self.id.hex}.part"
        self._out: BinaryIO | None = None
        self._writer: SealingWriter | None = None
        self._wall = wall
        self.size = 0

    def write(self, part: bytes) -> None:
        """Take some more of the file, unless it is refused already: then the rest of it runs by."""
        self.size += len(part)
        if self.size > self.longest and self.why is None:
            self.refuse(Refusal.TOO_BIG)
        if self.why is not None or not part:
            return
        if len(self._head) < HEAD_BYTES:
            self._head = (self._head + part)[:HEAD_BYTES]
            if len(self._head) == HEAD_BYTES and not self._fits():
                return
        if (
            self.kind in (Kind.TEXT, Kind.CARD)
            and not self._head.startswith((b"\xff\xfe", b"\xfe\xff"))
            and not is_plain(part)
        ):
            self.refuse(Refusal.NOT_AS_NAMED)
            return
        try:
            self._open().write(part)
        except OSError:
            self.refuse(Refusal.NOT_STORED)

    def end(self) -> Arrived | RefusedFile:
        """Say what came of it."""
        if self.why is None and not self.size:
            self.refuse(Refusal.EMPTY)
        if self.why is None:
            self._fits()
        if self.why is not None or self.kind is None or self._writer is None or self._out is None:
            return RefusedFile(self.name, self.why or Refusal.NOT_STORED)
        try:
            content_hash = self._writer.close()
            self._out.close()
        except OSError:
            self.refuse(Refusal.NOT_STORED)
            return RefusedFile(self.name, Refusal.NOT_STORED)
        return Arrived(self.id, self.name, self.kind, self.size, self._path, self._writer.key, content_hash)

    def refuse(self, why: Refusal) -> None:
        """Refuse the file, and drop what came of it."""
        self.why = why
        self.drop()

    def drop(self) -> None:
        """Leave nothing of it behind."""
        if self._out is not None:
            with contextlib.suppress(OSError):  # a full disk also fails to close
                self._out.close()
            self._path.unlink(missing_ok=True)

    def _fits(self) -> bool:
        if self.kind is not None and begins_as(self.kind, self._head):
            return True
        self.refuse(Refusal.NOT_AS_NAMED)
        return False

    def _open(self) -> SealingWriter:
        if self._writer is None:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            self._out = os.fdopen(descriptor, "wb")
            self._writer = SealingWriter(self._out, self._wall)
        return self._writer


@contextlib.contextmanager
def dropped_at_last(arrived: Arrived) -> Iterator[Arrived]:
    """Remove the waiting file at the end, whether the store took it over or not."""
    try:
        yield arrived
    finally:
        with contextlib.suppress(OSError):
            arrived.path.unlink(missing_ok=True)


def arrive_from_bytes(
    name: str, content: bytes, store: Store, wall: Wall, *, longest: int, is_sent: bool = False
) -> Arrived | RefusedFile:
    """Take a file that is in memory already, by the same rules."""
    arrival = Arrival(name, store, wall, longest=longest, is_sent=is_sent)
    arrival.write(content)
    return arrival.end()
