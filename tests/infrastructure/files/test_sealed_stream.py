"""A stored file is ciphertext, and one changed byte does not open."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infrastructure.database import KeyRings, Wall, use_keys
from infrastructure.files.sealed_stream import MAGIC, PIECE, TAG, AlteredError, SealingWriter, unsealed
from tests.plugins.house import settings_for

SIZES = [0, 1, 100, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7]


@pytest.fixture(autouse=True)
def keys() -> None:
    use_keys(KeyRings.from_settings(settings_for("sqlite://", Path("instance"), 25)))


def sealed(content: bytes, wall: Wall = Wall.OPEN, step: int = 10_000) -> tuple[bytes, bytes, str]:
    """Return the stored bytes, the key and the content's keyed hash."""
    out = BytesIO()
    writer = SealingWriter(out, wall)
    for start in range(0, len(content), step):
        writer.write(content[start : start + step])
    return (lambda name: (out.getvalue(), writer.key, name))(writer.close())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step", [997, PIECE, 10 * PIECE])
def test_what_was_kept_is_what_is_read(size: int, step: int) -> None:
    content = bytes(n % 251 for n in range(size))
    stored, key, _ = sealed(content, step=step)
    assert b"".join(unsealed(BytesIO(stored), key)) == content
    assert stored.startswith(MAGIC)
    assert content[:50] not in stored or size < 2


def test_one_changed_byte_a_cut_tail_a_swapped_or_a_dropped_piece_and_another_key_are_each_found() -> None:
    content = bytes(n % 251 for n in range(3 * PIECE + 7))
    stored, key, _ = sealed(content)
    step, head = PIECE + TAG, len(MAGIC)
    pieces = [stored[head + n * step : head + (n + 1) * step] for n in range(4)]
    altered = {
        "first byte": b"X" + stored[1:],
        "one byte": stored[:1000] + bytes([stored[1000] ^ 1]) + stored[1001:],
        "cut": stored[:-1],
        "cut at a piece": stored[: head + 2 * step],
        "cut to nothing": MAGIC,
        "swapped": MAGIC + pieces[1] + pieces[0] + pieces[2] + pieces[3],
        "dropped": MAGIC + pieces[0] + pieces[2] + pieces[3],
        "longer": stored + b"x",
    }
    for what, bad in altered.items():
        with pytest.raises(AlteredError):
            b"".join(unsealed(BytesIO(bad), key))
            pytest.fail(what)
    with pytest.raises(AlteredError):
        b"".join(unsealed(BytesIO(stored), bytes(32)))


@pytest.mark.rule("SE-5")
def test_equal_files_on_both_sides_of_the_wall_have_hashes_that_cannot_be_compared() -> None:
    first, second = sealed(b"the same letter"), sealed(b"the same letter", Wall.SENDIASS)
    assert first[2] != second[2]
    assert first[2] == sealed(b"the same letter")[2]
    assert first[0] != sealed(b"the same letter")[0], "and the bytes are never the same twice"


@settings(max_examples=50)
@given(st.lists(st.binary(max_size=70_000), max_size=6))
def test_it_does_not_matter_in_which_pieces_a_file_comes(parts: list[bytes]) -> None:
    out = BytesIO()
    writer = SealingWriter(out, Wall.OPEN)
    for part in parts:
        writer.write(part)
    writer.close()
    out.seek(0)
    assert b"".join(unsealed(out, writer.key)) == b"".join(parts)
