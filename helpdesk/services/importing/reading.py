"""Read a spreadsheet's CSV as offices save it, into rows by column (A4)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from helpdesk.domain.import_faults import Fault
from infrastructure.spreadsheet import BEGINS_A_FORMULA

MOST_BYTES = 2_000_000
MOST_ROWS = 20_000
UTF_8, WINDOWS = "UTF-8", "Windows-1252"


@dataclass(frozen=True)
class Row:
    """One row, numbered as the spreadsheet numbers it; its cells by column, without spaces around them."""

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


@dataclass
class Sheet:
    """What could be read, and every fault of form."""

    rows: list[Row] = field(default_factory=list)
    read: int = 0  # rows with anything in them, those with a fault of form as well
    faults: list[Fault] = field(default_factory=list)
    encoding: str = UTF_8


def read_sheet(content: bytes, columns: Sequence[str], *, may_be_empty: bool = False) -> Sheet:
    """Return the rows under these columns, in any order of columns; what is wrong with the form is named at once."""
    sheet = Sheet()
    if len(content) > MOST_BYTES:
        sheet.faults.append(Fault(0, "", "too_large"))
        return sheet
    text = _decode(content, sheet)
    if text is None:
        sheet.faults.append(Fault(0, "", "not_text"))
        return sheet
    lines = _split(text, sheet)
    heads = _heads(lines[0] if lines else [], columns, sheet)
    if sheet.faults:
        return sheet
    for number, cells in enumerate(lines[1:], start=2):
        if any(cell.strip() for cell in cells):
            sheet.read += 1
            _take(sheet, number, cells, heads)
    if not sheet.rows and not sheet.faults and not may_be_empty:
        sheet.faults.append(Fault(0, "", "empty"))
    if len(sheet.rows) > MOST_ROWS:
        sheet.faults.append(Fault(0, "", "too_large"))
    return sheet


def _decode(content: bytes, sheet: Sheet) -> str | None:
    if b"\0" in content:  # UTF-16, or a workbook
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        sheet.encoding = WINDOWS
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return None


def _split(text: str, sheet: Sheet) -> list[list[str]]:
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    lines: list[list[str]] = []
    try:
        lines.extend(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        sheet.faults.append(Fault(len(lines) + 1, "", "not_csv"))
    return lines


def _heads(cells: list[str], columns: Sequence[str], sheet: Sheet) -> list[str]:
    heads = ["_".join(cell.lower().replace("-", " ").replace("_", " ").split()) for cell in cells]
    while heads and not heads[-1]:
        heads.pop()
    for place, head in enumerate(heads, start=1):
        if head not in columns:
            sheet.faults.append(Fault(1, f"column {place}", "column_unknown"))
        elif head in heads[: place - 1]:
            sheet.faults.append(Fault(1, head, "column_twice"))
    sheet.faults += [Fault(1, column, "column_missing") for column in columns if column not in heads]
    return heads


def _take(sheet: Sheet, number: int, cells: list[str], heads: list[str]) -> None:
    if len(cells) < len(heads):
        sheet.faults.append(Fault(number, heads[len(cells)], "short"))
        return
    if any(cell.strip() for cell in cells[len(heads) :]):
        sheet.faults.append(Fault(number, "", "long"))
        return
    texts = [_text(cell) for cell in cells[: len(heads)]]
    sheet.faults += [Fault(number, head, "formula") for head, text in zip(heads, texts, strict=True) if text is None]
    if None not in texts:
        sheet.rows.append(Row(number, {head: text or "" for head, text in zip(heads, texts, strict=True)}))


def _text(cell: str) -> str | None:
    """Return what a cell says, without our own apostrophe; None where a spreadsheet would compute it."""
    text = " ".join(cell.split())
    if text[:1] == "'" and text[1:2] in BEGINS_A_FORMULA:
        return text[1:]
    return None if text[:1] in BEGINS_A_FORMULA and text else text
