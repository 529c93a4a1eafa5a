"""A cell of a table is what was said, never a formula (T11)."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.spreadsheet import cell, write_table

STARTS = list("=+-@\t\r\0＝＋－＠")
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.builds(lambda start, rest: start + rest, st.sampled_from([*STARTS, " =", "\n@", "\0="]), st.text()),
)


def read_back(table: bytes) -> list[list[str]]:
    assert table.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")))


@pytest.mark.threat("T11")
@given(st.lists(st.lists(texts, min_size=1, max_size=4), max_size=4))
def test_no_cell_begins_with_what_a_spreadsheet_would_compute(rows: list[list[str]]) -> None:
    back = read_back(b"".join(write_table(rows)))
    assert len(back) == len(rows)
    for written, found in zip(rows, back, strict=True):
        assert len(found) == len(written)
        for said, one in zip(written, found, strict=True):
            assert one.lstrip()[:1] not in STARTS and one[:1] not in STARTS
            assert "\0" not in one
            assert one.removeprefix("'") == said.replace("\0", "").removeprefix("'")  # and nothing is lost


@pytest.mark.threat("T11")
@pytest.mark.parametrize("start", STARTS)
def test_each_first_character_of_a_formula_is_quoted(start: str) -> None:
    assert cell(f"{start}cmd|' /C calc'!A0").startswith("'")


def test_plain_values_stay_as_they_are() -> None:
    assert [cell(one) for one in ("K7RM-4TXC", 12, None, "it's", "2026-11-17")] == [
        "K7RM-4TXC",
        "12",
        "",
        "it's",
        "2026-11-17",
    ]
