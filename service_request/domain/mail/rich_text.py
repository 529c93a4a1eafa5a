"""RTF as Outlook packs it (MS-OXRTFCP): unpacked and made text."""

from __future__ import annotations

import re
from struct import unpack_from

from service_request.domain.mail.charsets import decode
from service_request.domain.mail.limits import MAX_HTML

_BEGUN_WITH = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20"
    b"\\b\\i\\u\\tab\\tx"
)
_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,9})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.IGNORECASE
)
_UNSEEN = {b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"header", b"footer", b"object", b"themedata"}
_SIGNS = {
    b"par": "\n",
    b"line": "\n",
    b"row": "\n",
    b"tab": "\t",
    b"cell": "  ",
    b"emdash": "—",
    b"endash": "–",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"bullet": "•",
}


def text_of_compressed_rtf(packed: bytes) -> str:
    """Return the words of compressed RTF, "" where it is none."""
    if len(packed) < 16:
        return ""
    _, size, kind = unpack_from("<II4s", packed)
    if kind == b"MELA":
        return text_of_rtf(packed[16 : 16 + size])
    return text_of_rtf(_unpacked(packed[16:], min(size, MAX_HTML))) if kind == b"LZFu" else ""


def text_of_rtf(data: bytes) -> str:
    """Return the words of RTF without how they look."""
    said, codepage = list[str](), "cp1252"
    groups: list[tuple[bool, int]] = []
    is_unseen, skipped_after, to_skip, run = False, 1, 0, b""
    for word, number, coded, sign, brace, plain in _TOKEN.findall(data[:MAX_HTML]):
        if coded or plain:
            piece = bytes([int(coded, 16)]) if coded else plain
            if to_skip:  # what stands in for a letter that the \\u before it has said
                drop = min(to_skip, len(piece))
                piece, to_skip = piece[drop:], to_skip - drop
            run += piece if not is_unseen else b""
            if len(run) < 4096:
                continue
        if run:
            said.append(decode(run, codepage)[0])
            run = b""
        if brace == b"{":
            groups.append((is_unseen, skipped_after))
        elif brace:
            is_unseen, skipped_after = groups.pop() if groups else (False, 1)
            to_skip = 0
        elif sign == b"*" or word in _UNSEEN:
            is_unseen = True
        elif word == b"ansicpg" and number:
            codepage = f"cp{int(number)}"
        elif word == b"uc" and number:
            skipped_after = min(max(int(number), 0), 10)
        elif word == b"u" and number and not is_unseen:
            said.append(chr(int(number) % 0x10000))
            to_skip = skipped_after
        elif not is_unseen:
            said.append(_SIGNS.get(word, "") or (sign.decode("latin-1") if sign in (b"\\", b"{", b"}") else ""))
            if sign == b"~":
                said.append(" ")
    said.append(decode(run, codepage)[0] if run else "")
    whole = (
        "".join(said).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    )  # halves of a letter joined
    return whole.strip()


def _unpacked(data: bytes, size: int) -> bytes:
    dictionary = bytearray(_BEGUN_WITH) + bytearray(4096 - len(_BEGUN_WITH))
    write, out, at = len(_BEGUN_WITH), bytearray(), 0
    while at < len(data) and len(out) < size:
        control, at = data[at], at + 1
        for bit in range(8):
            if not control >> bit & 1:
                if at >= len(data):
                    break
                pieces, at = data[at : at + 1], at + 1
            else:
                if at + 2 > len(data):
                    return bytes(out)
                pair, at = data[at] << 8 | data[at + 1], at + 2
                offset, length = pair >> 4, (pair & 15) + 2
                if offset == write:
                    return bytes(out)
                pieces = b""
                for step in range(length):  # it may read what it has just written
                    sign = dictionary[(offset + step) % 4096]
                    dictionary[(write + step) % 4096] = sign
                    pieces += bytes([sign])
                out += pieces
                write = (write + length) % 4096
                continue
            dictionary[write] = pieces[0]
            write = (write + 1) % 4096
            out += pieces
    return bytes(out)
