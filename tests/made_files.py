"""Files as people send them, and as nobody should: made here byte by byte, so that no stranger's file is kept."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

# The test signature of every scanner, in two halves so that no scanner takes this file for it.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
LOCKED_PDF = PDF.replace(b"trailer<<", b"trailer<</Encrypt 5 0 R")
TEXT = "Ring me after school, please. Größe, naïve, ’quoted’.\n".encode()
EXE = b"MZ\x90\x00" + bytes(200)
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
PLACE = b"51/1,30/1,0/1 NORTH-OF-MILLBROOK"  # what stands for a camera's record of where it was
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def package(parts: Mapping[str, bytes], *, stored: tuple[str, ...] = ()) -> bytes:
    """Return a zip of these parts, in this order."""
    out = BytesIO()
    with ZipFile(out, "w") as made:
        for name, content in parts.items():
            info = ZipInfo(name, (2026, 11, 17, 9, 0, 0))
            made.writestr(info, content, ZIP_STORED if name in stored else ZIP_DEFLATED)
    return out.getvalue()


def docx(*, main: str = WORD, more: Mapping[str, bytes] | None = None) -> bytes:
    """Return a Word document of one line."""
    types = f'<?xml version="1.0"?><Types><Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
    parts = {
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": b"<Relationships/>",
        "word/document.xml": b"<w:document><w:body><w:p>Attendance</w:p></w:body></w:document>",
    }
    return package({**parts, **(more or {})})


def xlsx() -> bytes:
    """Return an Excel sheet without a cell."""
    types = f'<Types><Override PartName="/xl/workbook.xml" ContentType="{SHEET}"/></Types>'
    return package({"[Content_Types].xml": types.encode(), "xl/workbook.xml": b"<workbook/>"})


def odt(*, manifest: bytes = b"<manifest/>", more: Mapping[str, bytes] | None = None) -> bytes:
    """Return an OpenDocument text."""
    parts = {
        "mimetype": b"application/vnd.oasis.opendocument.text",
        "content.xml": b"<office/>",
        "META-INF/manifest.xml": manifest,
    }
    return package({**parts, **(more or {})}, stored=("mimetype",))


def locked_docx() -> bytes:
    """Return what Office makes of a document with a password: a container of another kind."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le") + bytes(600)


def jpeg(*, told: bool = True, after: bytes = b"", orientation: int = 6) -> bytes:
    """Return a photo; `told`: with what a phone writes into it, and a second picture after its end."""
    quantities = _segment(0xDB, bytes(65))
    frame = _segment(0xC0, b"\x08\x00\x01\x00\x01\x01\x01\x11\x00")
    table = _segment(0xC4, b"\x00" + bytes([1]) + bytes(15) + b"\x00")
    scan = _segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"
    told_parts = b""
    if told:
        entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
        exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(4) + PLACE
        told_parts = _segment(0xE1, exif) + _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + PLACE)
        told_parts += (
            _segment(0xED, b"Photoshop 3.0\0" + PLACE) + _segment(0xFE, PLACE) + _segment(0xE2, b"MPF\0" + PLACE)
        )
    jfif = _segment(0xE0, b"JFIF\0\x01\x02\x00\x00\x01\x00\x01\x00\x00")
    return b"\xff\xd8" + jfif + told_parts + quantities + frame + table + scan + b"\xff\xd9" + after


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def png(*, told: bool = True, width: int = 1, height: int = 1, after: bytes = b"") -> bytes:
    """Return a picture; `told`: with texts and Exif."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    more = b""
    if told:
        more = (
            _chunk(b"tEXt", b"Location\0" + PLACE)
            + _chunk(b"eXIf", b"II*\0" + PLACE)
            + _chunk(b"iTXt", b"XML:com.adobe.xmp\0" + PLACE)
        )
    data = _chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + more + data + _chunk(b"IEND", b"") + after


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def heic(*, told: bool = True, strange: bool = False) -> bytes:
    """Return a photo as a phone with HEIC writes it: the picture and its Exif are items, found by a table."""
    ftyp = _box(b"ftyp", b"heic" + bytes(4) + b"mif1heic")
    picture, exif = b"PIXELS" * 20, b"\0\0\0\6Exif\0\0" + PLACE
    items = [(1, b"hvc1", picture)] + ([(2, b"Exif", exif)] if told else [])
    meta_size = len(_meta(items, 0))
    return (
        ftyp
        + _meta(items, len(ftyp) + meta_size + 8)
        + _box(b"mdat", b"".join(content for *_, content in items))
        + (_box(b"moov", PLACE) if strange else b"")
    )


def _meta(items: list[tuple[int, bytes, bytes]], start: int) -> bytes:
    infos, places = b"", b""
    for number, kind, content in items:
        infos += _box(b"infe", struct.pack(">I", 2 << 24) + struct.pack(">HH", number, 0) + kind + b"\0")
        places += struct.pack(">HHHII", number, 0, 1, start, len(content))
        start += len(content)
    iinf = _box(b"iinf", bytes(4) + struct.pack(">H", len(items)) + infos)
    iloc = _box(b"iloc", bytes(4) + struct.pack(">HH", 0x4400, len(items)) + places)
    return _box(b"meta", bytes(4) + iinf + iloc)


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + kind + body


GOOD: dict[str, bytes] = {
    "letter.pdf": PDF,
    "report.docx": docx(),
    "attendance.xlsx": xlsx(),
    "minutes.odt": odt(),
    "IMG_0001.JPG": jpeg(),
    "IMG_0002.jpeg": jpeg(told=False),
    "screenshot.png": png(),
    "IMG_0003.HEIC": heic(),
    "note.txt": TEXT,
}


def webp(*, told: bool = True) -> bytes:
    """Return a sticker as a messenger sends it: a head with flags, the picture, and what the phone wrote about it."""
    flags = bytes([0x10 | (0x0C if told else 0)]) + bytes(9)
    parts = [(b"VP8X", flags), (b"VP8L", b"/PIXEL")] + ([(b"EXIF", PLACE + b"!"), (b"XMP ", PLACE)] if told else [])
    body = b"WEBP" + b"".join(kind + struct.pack("<I", len(part)) + part + bytes(len(part) % 2) for kind, part in parts)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def film(*, told: bool = True, brand: bytes = b"mp42") -> bytes:
    """Return a video as a phone records it, with the place in its user data."""
    place = _box(b"moov", _box(b"udta", _box(b"\xa9xyz", PLACE))) if told else _box(b"moov", b"TRACKS")
    return _box(b"ftyp", brand + bytes(4) + b"isom" + brand) + place + _box(b"mdat", b"PICTURES" * 20)


CARD = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Donna Hartley\r\nTEL;TYPE=CELL:+447700900312\r\nEND:VCARD\r\n"
# What a messenger sends and no form takes: its type as the carrier says it, and the name that it is kept under.
SENT: dict[str, tuple[str, bytes]] = {
    "sound-1.ogg": ("audio/ogg; codecs=opus", b"OggS\0\2" + bytes(20) + b"OpusHead"),
    "sound-1.amr": ("audio/amr", b"#!AMR\n" + bytes(40)),
    "sound-1.mp3": ("audio/mpeg", b"ID3\4" + bytes(40)),
    "sound-1.m4a": ("audio/x-m4a", film(told=False, brand=b"M4A ")),
    "sound-1.aac": ("audio/aac", b"\xff\xf1\x50\x80" + bytes(40)),
    "video-1.mp4": ("video/mp4", film(told=False)),
    "video-1.3gp": ("video/3gpp", film(told=False, brand=b"3gp5")),
    "picture-1.webp": ("image/webp", webp(told=False)),
    "picture-1.gif": ("image/gif", b"GIF89a" + bytes(40)),
    "file-1.vcf": ("text/x-vcard", CARD),
}
