"""Which files are taken: a short list, by the extension and by what the bytes begin with, both (T17).

A form takes the short list alone. A phone or a mailbox sends what it has: sounds, films, stickers, contact cards are
kept from there as well, and what is of no kind we know is kept too and never handed out.

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
    WEBP = "webp"
    GIF = "gif"
    OGG = "ogg"
    AMR = "amr"
    MP3 = "mp3"
    M4A = "m4a"
    AAC = "aac"
    MP4 = "mp4"
    THREE_GP = "3gp"
    CARD = "vcf"
    OTHER = "bin"


@dataclass(frozen=True)
class KindFacts:
    """What a kind is called, how it is served, and whether a camera may have written a place into it."""

    words: str
    mime: str
    is_by_camera: bool = False
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
    Kind.JPEG: KindFacts("Photo", "image/jpeg", is_by_camera=True),
    Kind.PNG: KindFacts("Picture", "image/png", is_by_camera=True),
    Kind.HEIC: KindFacts("Photo", "image/heic", is_by_camera=True),
    Kind.TEXT: KindFacts("Text", "text/plain"),
    Kind.WEBP: KindFacts("Picture", "image/webp", is_by_camera=True),
    Kind.GIF: KindFacts("Picture", "image/gif"),
    Kind.OGG: KindFacts("Voice message", "audio/ogg"),
    Kind.AMR: KindFacts("Voice message", "audio/amr"),
    Kind.MP3: KindFacts("Sound", "audio/mpeg"),
    Kind.M4A: KindFacts("Sound", "audio/mp4", is_by_camera=True),
    Kind.AAC: KindFacts("Sound", "audio/aac"),
    Kind.MP4: KindFacts("Video", "video/mp4", is_by_camera=True),
    Kind.THREE_GP: KindFacts("Video", "video/3gpp", is_by_camera=True),
    Kind.CARD: KindFacts("Contact card", "text/vcard"),
    Kind.OTHER: KindFacts("File of another kind", "application/octet-stream"),
}
OF_A_FORM = (Kind.PDF, Kind.DOCX, Kind.XLSX, Kind.ODT, Kind.JPEG, Kind.PNG, Kind.HEIC, Kind.TEXT)
EXTENSIONS: dict[str, Kind] = {**{kind.value: kind for kind in OF_A_FORM}, "jpeg": Kind.JPEG, "heif": Kind.HEIC}
_MORE = {"oga": Kind.OGG, "opus": Kind.OGG, "mov": Kind.MP4, "m4v": Kind.MP4, "3g2": Kind.THREE_GP}
SENT_EXTENSIONS: dict[str, Kind] = {**{kind.value: kind for kind in Kind}, **EXTENSIONS, **_MORE}
_ALIASES = {
    "image/jpg": Kind.JPEG,
    "image/heif": Kind.HEIC,
    "audio/opus": Kind.OGG,
    "audio/amr-wb": Kind.AMR,
    "audio/mp3": Kind.MP3,
    "audio/x-m4a": Kind.M4A,
    "audio/m4a": Kind.M4A,
    "audio/x-aac": Kind.AAC,
    "audio/3gpp": Kind.THREE_GP,
    "video/3gpp2": Kind.THREE_GP,
    "video/quicktime": Kind.MP4,
    "text/x-vcard": Kind.CARD,
    "text/directory": Kind.CARD,
}
BY_MIME: dict[str, Kind] = {**{facts.mime: kind for kind, facts in FACTS.items()}, **_ALIASES}

# The attribute `accept` of the upload field: what the browser offers first. The server decides.
ACCEPT = ",".join(f".{extension}" for extension in EXTENSIONS)
IN_WORDS = "PDF, Word (.docx), Excel (.xlsx), OpenDocument (.odt), plain text, or a photo (JPG, PNG, HEIC)"

_LOCKED_PACKAGE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # Office puts a document with a password into one of these
_OPEN_PARTS = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"word/", b"xl/", b"customXml/", b"mimetype")
_ODT = b"mimetypeapplication/vnd.oasis.opendocument.text"
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_MARKUP = re.compile(rb"^[\xef\xbb\xbf\s]*<\s*(!|\?|html|head|body|svg|script|iframe|math|x?ml|style|img|a\s)", re.I)
_OTHER_TEXT = (b"%PDF-", b"{\\rtf", b"MZ", b"#!", b"\x7fELF", b"PK\x03\x04")
_FILM = re.compile(rb"isom|iso[2-9]|mp4[12]|avc1|dash|MSNV|mmp4|M4[ABV] |qt  |3g[p2].", re.DOTALL)
_BEGINNINGS: dict[Kind, tuple[bytes, ...]] = {
    Kind.PDF: (b"%PDF-1.", b"%PDF-2."),
    Kind.JPEG: (b"\xff\xd8\xff",),
    Kind.GIF: (b"GIF87a", b"GIF89a"),
    Kind.OGG: (b"OggS",),
    Kind.AMR: (b"#!AMR\n", b"#!AMR-WB\n"),
    Kind.MP3: (b"ID3", *(b"\xff" + bytes([after]) for after in (0xE2, 0xE3, 0xF2, 0xF3, 0xFA, 0xFB))),
    Kind.AAC: (b"\xff\xf1", b"\xff\xf9"),
}
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def kind_by_name(name: str) -> Kind | None:
    """Return the kind that a name's last extension promises, or None for one that no form takes."""
    _, dot, extension = name.rpartition(".")
    return EXTENSIONS.get(extension.lower()) if dot else None


def kind_of_sent(name: str) -> Kind:
    """Return the kind that a name promises of what came by a message: there nothing is turned away for its kind."""
    _, dot, extension = name.rpartition(".")
    return SENT_EXTENSIONS.get(extension.lower(), Kind.OTHER) if dot else Kind.OTHER


def kind_by_mime(content_type: str) -> Kind:
    """Return the kind that a carrier says a file is; what it cannot tell is kept, and never handed out."""
    return BY_MIME.get(content_type.partition(";")[0].strip().lower(), Kind.OTHER)


def begins_as(kind: Kind, head: bytes) -> bool:
    """Tell whether these first bytes are those of this kind. Nothing is unpacked: only a zip's first name is read."""
    if kind in _BEGINNINGS:
        return head.startswith(_BEGINNINGS[kind])
    if kind is Kind.PNG:
        return head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR"
    if kind is Kind.WEBP:
        return head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    if kind is Kind.HEIC:
        return head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS
    if kind in (Kind.MP4, Kind.M4A, Kind.THREE_GP):
        return head[4:8] == b"ftyp" and _FILM.fullmatch(head[8:12]) is not None
    if kind is Kind.TEXT:
        return _is_text(head)
    if kind is Kind.CARD:
        return _is_text(head) and head.removeprefix(b"\xef\xbb\xbf").lstrip().upper().startswith(b"BEGIN:VCARD")
    if kind is Kind.OTHER:
        return bool(head)
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
