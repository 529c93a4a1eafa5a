"""Office documents are zips: their lists of parts are read, and of the parts only small ones, each within a bound."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass

from infrastructure.inspection.verdicts import FoundError

LIST_BYTES, PARTS, PART_BYTES, RELATIONS = 2_000_000, 5_000, 1_000_000, 300
UNPACKED_BYTES = 500_000_000  # what a document says it would unpack to
END = b"PK\x05\x06"
LOCKED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROGRAMS = re.compile(r"(vbaproject\.bin|vbadata\.xml|/macrosheets/|/activex/|embeddings/oleobject[^/]*\.bin)", re.I)
_FETCHED = re.compile(
    rb"<[^>]*(attachedTemplate|oleObject|subDocument|/frame|externalLinkPath)[^>]*TargetMode\s*=\s*[\"']External[^>]*>"
    rb"|<[^>]*TargetMode\s*=\s*[\"']External[^>]*(attachedTemplate|oleObject|subDocument|/frame)[^>]*>"
)
MAIN = {"docx": b"wordprocessingml.document.main+xml", "xlsx": b"spreadsheetml.sheet.main+xml"}


@dataclass(frozen=True)
class Part:
    """An entry of the list at the end of a zip."""

    name: str
    flags: int
    method: int
    packed: int
    size: int
    offset: int


def check_office(kind: str, data: bytes) -> None:
    """Raise FoundError for a Word or Excel file that is locked, carries or fetches a program, or is something else."""
    if data.startswith(LOCKED):
        raise FoundError("password" if "EncryptedPackage".encode("utf-16-le") in data else "not_as_named")
    parts = list_parts(data)
    types = _read(data, _part(parts, "[Content_Types].xml"))
    if b"macroEnabled" in types or any(_PROGRAMS.search(name) for name in parts):
        raise FoundError("macros")
    if MAIN[kind] not in types:
        raise FoundError("not_as_named")
    relations = [part for name, part in parts.items() if name.endswith(".rels")]
    if len(relations) > RELATIONS:
        raise FoundError("too_complex")
    if any(_FETCHED.search(_read(data, part)) for part in relations):
        raise FoundError("macros")


def check_opendocument(data: bytes) -> None:
    """Raise FoundError for an OpenDocument text that is locked, carries a program, or is something else."""
    parts = list_parts(data)
    _part(parts, "content.xml")
    if b"encryption-data" in _read(data, _part(parts, "META-INF/manifest.xml")):
        raise FoundError("password")
    if any(name.startswith(("Basic/", "Scripts/")) for name in parts):
        raise FoundError("macros")


def list_parts(data: bytes) -> dict[str, Part]:
    """Return the parts by name; raise FoundError for what no office program writes."""
    end = data.rfind(END, max(0, len(data) - 65_557))
    if end < 0 or len(data) < end + 22:
        raise FoundError("not_as_named")
    _, _, _, count, size, start, comment = struct.unpack("<HHHHIIH", data[end + 4 : end + 22])
    if count > PARTS or size > LIST_BYTES:
        raise FoundError("too_complex")
    if start + size != end or end + 22 + comment != len(data):  # something stands before, between or after
        raise FoundError("not_as_named")
    parts: dict[str, Part] = {}
    place = start
    while place < end:
        if data[place : place + 4] != b"PK\x01\x02" or place + 46 > end:
            raise FoundError("not_as_named")
        flags, method = struct.unpack("<HH", data[place + 8 : place + 12])
        packed, unpacked, name_length, extra, note = struct.unpack("<IIHHH", data[place + 20 : place + 34])
        offset = struct.unpack("<I", data[place + 42 : place + 46])[0]
        name = data[place + 46 : place + 46 + name_length].decode("utf-8", "replace")
        if name in parts:
            raise FoundError("not_as_named")
        parts[name] = Part(name, flags, method, packed, unpacked, offset)
        place += 46 + name_length + extra + note
    if len(parts) > PARTS or sum(part.size for part in parts.values()) > UNPACKED_BYTES:
        raise FoundError("too_complex")
    if any(part.flags & 1 for part in parts.values()):
        raise FoundError("password")
    return parts


def _part(parts: dict[str, Part], name: str) -> Part:
    if name not in parts:
        raise FoundError("not_as_named")
    return parts[name]


def _read(data: bytes, part: Part) -> bytes:
    """Unpack one small part; one that turns out larger than its bound is not read on."""
    head = data[part.offset : part.offset + 30]
    if len(head) < 30 or head[:4] != b"PK\x03\x04":
        raise FoundError("not_as_named")
    name_length, extra = struct.unpack("<HH", head[26:30])
    start = part.offset + 30 + name_length + extra
    packed = data[start : start + part.packed]
    if part.method == 0:
        content = packed[: PART_BYTES + 1]
    elif part.method == 8:
        try:
            content = zlib.decompressobj(-15).decompress(packed, PART_BYTES + 1)
        except zlib.error:
            raise FoundError("not_as_named") from None
    else:
        raise FoundError("not_as_named")
    if len(content) > PART_BYTES:
        raise FoundError("too_complex")
    return content
