"""A text is counted as the carrier counts it: one letter outside GSM 03.38 makes it short."""

from __future__ import annotations

import pytest

from infrastructure.texting.segments import count_segments


@pytest.mark.parametrize(
    ("text", "count", "units", "room", "encoding"),
    [
        ("", 1, 0, 160, "GSM-7"),
        ("a" * 160, 1, 160, 0, "GSM-7"),
        ("a" * 161, 2, 161, 145, "GSM-7"),
        ("a" * 306, 2, 306, 0, "GSM-7"),
        ("a" * 307, 3, 307, 152, "GSM-7"),
        ("€" * 80, 1, 160, 0, "GSM-7"),
        ("a" * 152 + "€" + "a" * 7, 2, 161, 144, "GSM-7"),  # the two units of € stay together
        ("’" + "a" * 69, 1, 70, 0, "UCS-2"),
        ("’" + "a" * 70, 2, 71, 63, "UCS-2"),
        ("😀" * 35, 1, 70, 0, "UCS-2"),
        ("a" * 66 + "😀" * 3, 2, 72, 61, "UCS-2"),  # nor is an emoji torn
        ("Dzień dobry", 1, 11, 59, "UCS-2"),
    ],
)
def test_parts_and_the_room_that_is_left(text: str, count: int, units: int, room: int, encoding: str) -> None:
    found = count_segments(text)
    assert (found.count, found.units, found.room, found.encoding) == (count, units, room, encoding)
