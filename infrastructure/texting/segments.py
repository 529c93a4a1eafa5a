"""How many texts a text is: 160 letters of GSM 03.38, or 70 once one is not among them; fewer in each when joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("\f^{}\\[~]|€")  # each goes out behind an escape
ALONE = {"GSM-7": 160, "UCS-2": 70}
JOINED = {"GSM-7": 153, "UCS-2": 67}  # a header says which part of how many


@dataclass(frozen=True)
class Segments:
    """What a text comes to: `room` is how many units are left in its last part."""

    count: int
    units: int
    room: int
    encoding: Literal["GSM-7", "UCS-2"]


def count_segments(text: str) -> Segments:
    """Count the parts of a text as the carrier does: a letter that takes two units is never torn."""
    encoding: Literal["GSM-7", "UCS-2"] = "GSM-7" if set(text) <= GSM | GSM_TWICE else "UCS-2"
    sizes = [_size(letter, encoding) for letter in text]
    units = sum(sizes)
    if units <= ALONE[encoding]:
        return Segments(1, units, ALONE[encoding] - units, encoding)
    count, used = 1, 0
    for size in sizes:
        if used + size > JOINED[encoding]:
            count, used = count + 1, 0
        used += size
    return Segments(count, units, JOINED[encoding] - used, encoding)


def _size(letter: str, encoding: str) -> int:
    if encoding == "GSM-7":
        return 2 if letter in GSM_TWICE else 1
    return 2 if ord(letter) > 0xFFFF else 1
