"""Which files are taken: a short list, by the extension and by what the bytes begin with, both (T17).

Not on the list, and why: older Office formats (.doc, .xls) and .rtf carry programs and objects that cannot be seen
without opening them; .docm says that it carries a program; SVG and HTML run in a browser; a zip hides what is in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

HEAD_BYTES = 1024  # how much of a file decides what it is


class Kind(StrEnum):
    """A kind of file that is taken; the value is the extension it is handed out with."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    ODT = "odt"
    JPEG = "jpg"
    PNG = "png"
    HEIC = "heic"
    TEXT = "txt"


@dataclass(frozen=True)
class KindFacts:
    """What a kind is called, how it is served, and whether a camera may have written a place into it."""

    words: str
    mime: str
    is_picture: bool = False
    is_package: bool = False  # a zip inside, which only the worker looks into


FACTS: dict[Kind, KindFacts] = {
    Kind.PDF: KindFacts("PDF", "application/pdf"),
    Kind.DOCX: KindFacts(
        "Word document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", is_package=True
    ),
    Kind.XLSX: KindFacts(
        "Excel sheet", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", is_package=True
    ),
    Kind.ODT: KindFacts("OpenDocument text", "application/vnd.oasis.opendocument.text", is_package=True),
    Kind.JPEG: KindFacts("Photo", "image/jpeg", is_picture=True),
    Kind.PNG: KindFacts("Picture", "image/png", is_picture=True),
    Kind.HEIC: KindFacts("Photo", "image/heic", is_picture=True),
    Kind.TEXT: KindFacts("Text", "text/plain"),
}
EXTENSIONS: dict[str, Kind] = {**{kind.value: kind for kind in Kind}, "jpeg": Kind.JPEG, "heif": Kind.HEIC}

# The attribute `accept` of the upload field: what the browser offers first. The server decides.
ACCEPT = ",".join(f".{extension}" for extension in EXTENSIONS)
IN_WORDS = "PDF, Word (.docx), Excel (.xlsx), OpenDocument (.odt), plain text, or a photo (JPG, PNG, HEIC)"

_LOCKED_PACKAGE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Office puts a document with a password into one of these
_OPEN_PARTS = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/", b"customXml/", b"mimetype")
_ODT = b"mimetypeapplication/vnd.oasis.opendocument.text"
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_MARKUP = re.compile(rb"^[\xef\xbb\xbf\s]*<\s*(!|\?|html|head|body|svg|script|iframe|math|x?ml|style|img|a\s)", re.I)
_OTHER_TEXT = (b"%PDF-", b"{\\rtf", b"MZ", b"#!", b"\x7fELF", b"PK\x03\x04")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def kind_by_name(name: str) -> Kind | None:
    """Return the kind that a name's last extension promises, or None for one that is not taken."""
    _, dot, extension = name.rpartition(".")
    return EXTENSIONS.get(extension.lower()) if dot else None


def begins_as(kind: Kind, head: bytes) -> bool:
    """Tell whether these first bytes are those of this kind. Nothing is unpacked: only a zip's first name is read."""
    if kind is Kind.PDF:
        return head.startswith((b"%PDF-1.", b"%PDF-2."))
    if kind is Kind.JPEG:
        return head.startswith(b"\xff\xd8\xff")
    if kind is Kind.PNG:
        return head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR"
    if kind is Kind.HEIC:
        return head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS
    if kind is Kind.TEXT:
        return _is_text(head)
    return _is_package(kind, head)


def _is_package(kind: Kind, head: bytes) -> bool:
    if head.startswith(_LOCKED_PACKAGE):
        return kind in (Kind.DOCX, Kind.XLSX)  # the worker tells a password from an older format
    if not head.startswith(b"PK\x03\x04") or len(head) < 30:
        return False
    name_end = 30 + int.from_bytes(head[26:28], "little")
    if kind is Kind.ODT:
        extra = int.from_bytes(head[28:30], "little")
        return head[30:name_end] + head[name_end + extra :][: len(_ODT) - 8] == _ODT
    return head[30:name_end].startswith(_OPEN_PARTS[:-1])


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # Notepad's "Unicode"
        codec = "utf-16-le" if head[0] == 0xFF else "utf-16-be"
        plain = head[2:].decode(codec, "replace").encode("utf-8", "replace")
        return is_plain(plain) and not _MARKUP.match(plain)
    return is_plain(head) and not _MARKUP.match(head) and not head.startswith(_OTHER_TEXT)


def is_plain(part: bytes) -> bool:
    """Tell whether a part of a text file holds nothing but what people type, in any 8-bit writing."""
    return _CONTROLS.search(part) is None
