"""The parts of a mail: found by their boundaries, level by level, without recursion and without copying.

Not by the standard library's parser: it asks each line of every boundary above it, calls itself for each level, and
holds each line as an object. Here a level is one search through the bytes between its ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from service_request.domain.mail.headers import Headers, Value, split_head
from service_request.domain.mail.limits import (
    MAX_HEAD,
    MAX_LEVELS,
    MAX_MARKS,
    MAX_PART_HEAD,
    MAX_PARTS,
    MAX_SCAN,
)
from service_request.domain.mail.types import MailNote

_SNIFFED = re.compile(
    rb"^--([^\s].{0,200}?)[ \t]*\r*\n(?:(content-[a-z-]+[ \t]*:)|\r*\n)", re.MULTILINE | re.IGNORECASE
)
_TAIL = re.compile(rb"(--)?[ \t]*\r*(?:\n|\Z)")
_SNIFF_BYTES = 64 * 1024
_SNIFF_BYTES_UNSAID = 4 * 1024  # where no header says that there are parts
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")


@dataclass
class Part:
    """One part: its headers, and where its body begins and ends."""

    headers: Headers
    start: int
    end: int
    parent: int = -1
    level: int = 0
    default: str = "text/plain"
    children: list[int] = field(default_factory=list)
    loose: tuple[tuple[int, int], ...] = ()  # of a part with parts: what stands before the first and after the last

    def __post_init__(self) -> None:
        self.type: Value = self.headers.value("content-type")
        self.disposition: Value = self.headers.value("content-disposition")
        self.content_type = _type_of(self.type, self.default)

    @property
    def is_multipart(self) -> bool:
        return self.content_type.startswith("multipart/")


@dataclass
class Structure:
    """A mail taken apart: its parts, each before those inside it, the whole mail first."""

    data: bytes
    parts: list[Part]
    notes: set[MailNote]

    def in_order(self) -> list[Part]:
        """Return the parts as somebody who reads the mail from above meets them."""
        met, left = list[Part](), [0]
        while left:
            part = self.parts[left.pop()]
            met.append(part)
            left.extend(reversed(part.children))
        return met


def take_apart(data: bytes) -> Structure:
    """Find the parts of a mail within the bounds; what is past them is said in the notes."""
    headers, body = split_head(data, 0, len(data), longest=MAX_HEAD)
    root = Part(headers, body, len(data))
    finder = _Finder(data, root)
    is_lost = "content-type" not in headers.first and finder.sniffed(root, _SNIFF_BYTES_UNSAID, is_sure=False)
    if is_lost or (not root.is_multipart and _is_divided(data, root)):
        root.content_type = "multipart/mixed"  # whatever it calls itself
    finder.find()
    return Structure(data, finder.parts, finder.notes)


class _Finder:
    def __init__(self, data: bytes, root: Part) -> None:
        self.data, self.parts, self.notes = data, [root], set[MailNote]()
        self.scanned = self.marks = 0

    def find(self) -> None:
        at = 0
        while at < len(self.parts):  # it grows while it is gone through
            if self.parts[at].is_multipart:
                self.divide(at)
            at += 1

    def divide(self, at: int) -> None:
        part = self.parts[at]
        boundary = part.type.get("boundary").strip().encode("utf-8", "replace")
        pieces = self.pieces(part, boundary) if boundary else []
        if not pieces and (sniffed := self.sniffed(part, _SNIFF_BYTES)):
            pieces = self.pieces(part, sniffed)
            self.notes.add(MailNote.BROKEN_STRUCTURE)
        if not pieces:  # nothing marks its parts: what it holds is read as text
            self.notes.add(MailNote.BROKEN_STRUCTURE)
            part.content_type = "text/plain"
            return
        default = "message/rfc822" if part.content_type == "multipart/digest" else "text/plain"
        for start, end in pieces:
            if len(self.parts) >= MAX_PARTS:
                self.notes.add(MailNote.TOO_MANY_PARTS)
                return
            headers, body = split_head(self.data, start, end, longest=MAX_PART_HEAD)
            child = Part(headers, body, end, at, part.level + 1, default)
            if child.is_multipart and (child.level > MAX_LEVELS or self.scanned + end - body > MAX_SCAN):
                self.notes.add(MailNote.TOO_DEEP)
                continue
            part.children.append(len(self.parts))
            self.parts.append(child)

    def pieces(self, part: Part, boundary: bytes) -> list[tuple[int, int]]:
        """Return where each part begins and ends; none where the boundary never stands."""
        found, begun, closed = list[tuple[int, int]](), -1, False
        mark = b"--" + boundary
        self.scanned += part.end - part.start
        at = part.start if self.data.startswith(mark, part.start) else self._next(mark, part.start, part.end)
        while at >= 0 and len(found) <= MAX_PARTS and self.marks < MAX_MARKS:
            self.marks += 1
            tail = _TAIL.match(self.data, at + len(mark), part.end)
            if tail is not None:
                if begun >= 0:
                    found.append((begun, max(begun, _before_line_end(self.data, at))))
                else:
                    before = (part.start, at)
                begun, closed = tail.end(), bool(tail[1])
                if closed:
                    break
            at = self._next(mark, at + len(mark), part.end)
        if begun < 0:
            return []
        if closed:
            part.loose = (before, (begun, part.end))
        else:
            self.notes.add(MailNote.TOO_MANY_PARTS if at >= 0 else MailNote.BROKEN_STRUCTURE)
            part.loose = (before,)
            if at < 0:
                found.append((begun, part.end))
        return found

    def sniffed(self, part: Part, far: int, *, is_sure: bool = True) -> bytes:
        """Return what looks like a boundary, above a line that looks like a part's header; b"" where nothing does."""
        for found in _SNIFFED.finditer(self.data, part.start, min(part.end, part.start + far)):
            if found[2] or (is_sure and not found[1].startswith(b"---")):
                return found[1]
        return b""

    def _next(self, mark: bytes, start: int, end: int) -> int:
        found = self.data.find(b"\n" + mark, start, end)
        return found + 1 if found >= 0 else -1


def _before_line_end(data: bytes, at: int) -> int:
    """Step back over the line end above a boundary, which belongs to the boundary."""
    at -= 1
    while at and data[at - 1 : at] == b"\r":
        at -= 1
    return at


def _is_divided(data: bytes, root: Part) -> bool:
    named = root.type.get("boundary")
    return bool(named) and data.startswith(f"--{named}".encode("utf-8", "replace"), root.start)


def _type_of(value: Value, default: str) -> str:
    if _TYPE.fullmatch(value.main):
        return value.main
    if "html" in value.main:
        return "text/html"
    if value.main.startswith("multipart") and value.get("boundary"):
        return "multipart/mixed"
    return default
