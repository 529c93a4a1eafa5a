"""What was packed for the journey, unpacked: base64, quoted-printable, uuencode, however spoilt."""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass

from service_request.domain.mail.limits import MAX_UU_LINES

_NOT_BASE64 = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_WORDS = re.compile(rb"\S[ \t]+\S")
_UU_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} ([^\r\n]{1,300}?)[ \t]*\r?\n", re.MULTILINE)
_UU_NAMES = {"x-uuencode", "uuencode", "x-uue", "uue"}


@dataclass(frozen=True)
class UuFile:
    """One file written into a text: where it stood, and what it is."""

    start: int
    end: int
    name: bytes
    content: bytes


def unpack(data: bytes, encoding: str) -> tuple[bytes, bool]:
    """Return what a part holds, and whether it was packed as its header says; what can't be unpacked stays as it is."""
    encoding = encoding.strip().lower()
    if encoding in ("base64", "b"):
        return base64(data)
    if encoding in ("quoted-printable", "q", "quoted_printable", "quotedprintable"):
        return binascii.a2b_qp(data), True
    if encoding in _UU_NAMES:
        files = uu_files(data, most=1)
        return (files[0].content, True) if files else (data, False)
    return data, encoding in ("", "7bit", "8bit", "binary", "7-bit", "8-bit")


def base64(data: bytes) -> tuple[bytes, bool]:
    """Unpack base64 with strange signs in it, without its end, or several one after another; leave what is none."""
    lines = data[:10_000].splitlines()
    if sum(bool(_WORDS.search(line.strip())) for line in lines) * 2 > len(lines):
        return data, False  # words with spaces between them: somebody lied about the packing
    packed = data.translate(None, _NOT_BASE64)
    head, pad, rest = packed.partition(b"=")
    pieces, is_whole = [_quads(head)], True
    if pad and rest.strip(b"="):
        end = data.index(b"=")
        is_whole = False
        if not _WORDS.search(data[end:]):  # a second piece, and not what a mailing list wrote below
            pieces += [_quads(piece) for piece in rest.split(b"=", 1_000)[:1_000] if piece]
        else:
            after = data[end:].lstrip(b"=\r\n")
            pieces.append(b"\n" + after if _reads_as_text(pieces[0]) else b"")
    return b"".join(pieces), is_whole


def uu_files(data: bytes, *, most: int) -> list[UuFile]:
    """Find the files that stand uuencoded in a text, without what only begins like one ("begin 2005 with…")."""
    found: list[UuFile] = []
    at = 0
    while len(found) < most and (begin := _UU_BEGIN.search(data, at)):
        end, content = _uu_lines(data, begin.end())
        if content is None:
            at = begin.end()
            continue
        found.append(UuFile(begin.start(), end, begin[1], content))
        at = end
    return found


def _uu_lines(data: bytes, at: int) -> tuple[int, bytes | None]:
    pieces: list[bytes] = []
    while at < len(data) and len(pieces) < MAX_UU_LINES:
        stop = data.find(b"\n", at)
        stop = len(data) if stop < 0 else stop
        line = data[at : min(stop, at + 200)].rstrip(b"\r\n")
        at = stop + 1
        if line in (b"end", b"`", b" ", b"") and pieces:
            if line == b"end":
                break
            continue
        piece = _uu_line(line)
        if piece is None:
            if pieces:
                at = stop - len(line)  # the text goes on here without an "end"
            break
        pieces.append(piece)
    return min(at, len(data)), b"".join(pieces) if pieces else None


def _uu_line(line: bytes) -> bytes | None:
    if not line or len(line) > 100:
        return None
    length = (line[0] - 32) & 63
    needed = (length + 2) // 3 * 4
    if not length or not needed - 3 <= len(line) - 1 <= needed + 2 or max(line) > 96 or min(line) < 32:
        return None
    try:
        return binascii.a2b_uu(line[: needed + 1])
    except binascii.Error:
        return None


def _quads(packed: bytes) -> bytes:
    whole = len(packed) - (len(packed) % 4 == 1)  # one sign alone holds six bits: no byte
    try:
        return binascii.a2b_base64(packed[:whole] + b"=" * (-whole % 4))
    except binascii.Error:
        return b""


def _reads_as_text(content: bytes) -> bool:
    return b"\0" not in content[:1_000]
