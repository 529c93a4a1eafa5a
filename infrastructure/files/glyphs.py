"""What the fonts we ship can show, so that no character ever stops a document or vanishes from it."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# They draw nothing, and could make a line read in another order than it was written.
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# A character with what hangs on it: marks, selectors, joiners and the character that a joiner brings.
_JOINERS = "\u200c\u200d"
_TAGS = "".join(map(chr, range(0xE0020, 0xE0080)))  # the end of the flags of England, Scotland and Wales
_NEEDS_NO_GLYPH = frozenset("\n\u00ad\u034f\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff" + _TAGS)
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_HANGING = frozenset(_JOINERS + _SKIN_TONES + _TAGS)
_STANDS_ALONE = frozenset({"Cc", "Cs", "Co", "Cn"})

Covered = frozenset[int]


@cache
def covered_by(folder: Path) -> tuple[Covered, ...]:
    """Return for each font in `folder` the characters it has, read from the files themselves."""
    return tuple(frozenset(_characters_of(path.read_bytes())) for path in sorted(folder.glob("*.ttf")))


def printable(text: str, fonts: Iterable[Covered]) -> str:
    """Return the text with its lines ended by a newline and what no font can show written out, as "[U+A980]".

    A character and the marks on it must come from one font, which is how they are drawn.
    """
    if text.isascii() and text.isprintable():
        return text
    fonts = tuple(fonts)
    plain = _DIRECTIONS.sub("", _LINE_ENDS.sub("\n", text)).replace("\t", " ")
    shown: dict[str, str] = {}  # a long text has few different characters
    return "".join(
        shown[cluster] if cluster in shown else shown.setdefault(cluster, _shown(cluster, fonts))
        for cluster in _clusters(unicodedata.normalize("NFC", plain))
    )


def reads_from_right(text: str) -> bool:
    """Tell the direction of a paragraph by its first letter that has one (Unicode annex 9, P2 and P3)."""
    sides = (unicodedata.bidirectional(character) for character in text)
    return next((side != "L" for side in sides if side in {"L", "R", "AL"}), False)


def breakable(text: str, longest: int) -> str:
    """Let a run of characters without a space be broken, so that it can't leave the page."""
    return re.sub(rf"\S{{{longest + 1},}}", lambda run: _with_breaks(run.group(), longest), text)


def _with_breaks(run: str, longest: int) -> str:
    parts, size = [], 0
    for cluster in _clusters(run):
        if size >= longest:
            parts.append("\u200b")
            size = 0
        parts.append(cluster)
        size += 1
    return "".join(parts)


def _clusters(text: str) -> Iterator[str]:
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or not _hangs(text[place], text[place - 1]):
            yield text[start:place]
            start = place


def _hangs(character: str, before: str) -> bool:
    if before == "\n" or character == "\n":
        return False
    return character in _HANGING or before in _JOINERS or unicodedata.category(character)[0] == "M"


def _shown(cluster: str, fonts: tuple[Covered, ...]) -> str:
    wanted = {ord(character) for character in cluster if character not in _NEEDS_NO_GLYPH}
    if not _STANDS_ALONE & {unicodedata.category(character) for character in cluster if character != "\n"} and any(
        wanted <= font for font in fonts
    ):
        return cluster
    if len(cluster) > 1:  # what hangs on it is the trouble: show the parts one by one
        return "".join(_shown(part, fonts) if unicodedata.category(part)[0] != "M" else _code(part) for part in cluster)
    return _code(cluster)


def _code(character: str) -> str:
    return f"[U+{ord(character):04X}]"


def _characters_of(font: bytes) -> Iterator[int]:
    """Read the character map of a TrueType font (OpenType specification, cmap, formats 4 and 12)."""
    tables = struct.unpack_from(">H", font, 4)[0]
    for number in range(tables):
        tag, _, place, _ = struct.unpack_from(">4sLLL", font, 12 + 16 * number)
        if tag == b"cmap":
            break
    else:
        raise ValueError("the font has no character map")
    for number in range(struct.unpack_from(">H", font, place + 2)[0]):
        start = place + struct.unpack_from(">HHL", font, place + 4 + 8 * number)[2]
        kind = struct.unpack_from(">H", font, start)[0]
        if kind == 4:
            yield from _from_segments(font, start)
        elif kind == 12:
            yield from _from_groups(font, start)


def _from_segments(font: bytes, start: int) -> Iterator[int]:
    count = struct.unpack_from(">H", font, start + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", font, start + 14)
    starts, deltas, offsets = (
        struct.unpack_from(f">{count}H", font, start + 16 + 2 * count * part) for part in (1, 2, 3)
    )
    for segment in range(count):
        for character in range(starts[segment], ends[segment] + 1):
            glyph = character
            if offsets[segment]:
                here = start + 16 + 2 * count * 3 + 2 * segment
                glyph = struct.unpack_from(">H", font, here + offsets[segment] + 2 * (character - starts[segment]))[0]
                if glyph == 0:
                    continue
            if (glyph + deltas[segment]) & 0xFFFF and character != 0xFFFF:
                yield character


def _from_groups(font: bytes, start: int) -> Iterator[int]:
    for group in range(struct.unpack_from(">L", font, start + 12)[0]):
        first, last, glyph = struct.unpack_from(">LLL", font, start + 16 + 12 * group)
        yield from range(first + (glyph == 0), last + 1)
