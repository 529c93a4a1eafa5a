"""Tables for a spreadsheet: a cell is what was said, never a formula (T11)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

BOM = "\ufeff"  # so that Excel reads UTF-8
# What makes a spreadsheet compute: the first characters of formulas, their full-width forms, and what is skipped
# before one (OWASP, CSV injection).
BEGINS_A_FORMULA = frozenset("=+-@\t\r\n\0\u00a0\ufeff＝＋－＠")


def cell(value: object) -> str:
    """Return a value as a cell holds it: with an apostrophe before what a spreadsheet would compute, without NUL."""
    text = "" if value is None else str(value)
    bare = text.lstrip()
    is_formula = text[:1] in BEGINS_A_FORMULA or bare[:1] in BEGINS_A_FORMULA
    text = text.replace("\0", "")
    return f"'{text}" if is_formula else text


def write_table(rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """Give the rows as CSV in UTF-8, every cell in quotes, one piece a row."""
    yield BOM.encode()
    for row in rows:
        line = io.StringIO()
        csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([cell(one) for one in row])
        yield line.getvalue().encode("utf-8", "replace")
