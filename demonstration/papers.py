"""Files that people of the stories add: a letter, a list and a photo, made here so that none is anybody's."""

from __future__ import annotations

import struct
import zlib

Paper = tuple[str, bytes]  # name and content

ATTENDANCE = (
    "Brookfield Primary School: attendance since the start of term",
    "",
    "Callum: 31 sessions late of 84, 9 missed. No reason given for 7 of them.",
    "Ryan: 29 sessions late of 84, 6 missed. No reason given for 5 of them.",
    "",
    "Breakfast club: both boys on 10 of 10 mornings in the last two weeks.",
    "Printed from the register by the school office.",
)
HOSPITAL = (
    "Westmarch General Hospital, children's ward",
    "",
    "Ellis was with us twice this winter with his chest, three nights each time.",
    "We ask whether his home can be made dry before the cold months.",
)
FOOD_DIARY = (
    "Kitchen notes, as told by our cook",
    "",
    "Monday: Callum asked for seconds, then for thirds.",
    "Tuesday: both had no breakfast at home. Ryan said there was no bread.",
    "Thursday: Callum asked for food to take home for his brother.",
)


def letter(name: str, lines: tuple[str, ...]) -> Paper:
    """Return a page of text as a PDF."""
    shown = "".join(f"({_plain(line)}) Tj T*\n" for line in lines)
    stream = f"BT /F1 12 Tf 60 780 Td 18 TL\n{shown}ET".encode("latin-1")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length " + str(len(stream)).encode() + b">>\nstream\n" + stream + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n".encode() + one + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer<</Size {len(objects) + 1}/Root 1 0 R>>\n"
    return name, body + end.encode() + f"startxref\n{len(body)}\n%%EOF\n".encode()


def note(name: str, lines: tuple[str, ...]) -> Paper:
    """Return a text as somebody typed it."""
    return name, "\n".join(lines).encode() + b"\n"


def photo(name: str) -> Paper:
    """Return a picture of a damp corner, more or less, with a record of where it was taken that must not be served."""
    width, height = 480, 320
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            stain = max(0, 90 - ((x - 90) ** 2 + (y - 60) ** 2) // 160)
            rows.append(max(40, 225 - y // 6 - stain))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    place = b"Location\0Signal Cottages, Saltby"
    chunks = [(b"IHDR", head), (b"tEXt", place), (b"IDAT", zlib.compress(bytes(rows))), (b"IEND", b"")]
    return name, b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks))


def _chunk(one: tuple[bytes, bytes]) -> bytes:
    kind, content = one
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _plain(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
