"""Who lives with whom and what a visitor should know, in a few rows under the children (look 08).

What stands here is taken from the form as it is read back: whatever has no row here keeps its row in the whole form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service_request.pathways.social_care.reading import AnswerState, ReadRow, ReadSection
from service_request.services.sight.parts import ResponseFacts, SubjectFacts

VISITING = "risks"
AT_HOME = ("siblings", "others")
PARENTAL_RESPONSIBILITY = "has parental responsibility"


@dataclass(frozen=True)
class HomeRow:
    """One short row: an address, an adult, what a visitor should know."""

    label: str
    lines: tuple[str, ...]
    is_missing: bool = False


def rows_at_home(sections: Sequence[ReadSection], subjects: Sequence[SubjectFacts]) -> list[HomeRow]:
    """Return where the children live, each adult with a phone number, who else is at home, and the risk to visitors."""
    every = [row for section in sections for row in section.rows]
    home = [HomeRow("Others at home" if row.field == "others" else row.label, row.lines) for row in every
            if row.step_key == "household" and row.field in AT_HOME and row.state is AnswerState.ANSWERED]  # fmt: skip
    risks = [row for row in every if is_for_visitors(row)]
    visiting = [
        HomeRow(
            "Visiting staff: risk" if row.field == VISITING else row.label,
            row.lines,
            row.state is AnswerState.MISSING,
        )
        for row in risks
    ]
    return [*_addresses(subjects), *_adults(every), *home, *visiting]


def is_for_visitors(row: ReadRow) -> bool:
    """Tell whether a row says what a visitor should know."""
    return row.step_key == VISITING


def without_visiting(section: ReadSection) -> ReadSection:
    """Return a section without the rows about visitors, which stand under the children."""
    return replace(section, rows=tuple(row for row in section.rows if not is_for_visitors(row)))


def agreed_for(response: ResponseFacts | None, agrees: str, others: Sequence[str] = ()) -> str:
    """Return who agreed and for which children, as the form has it: "Donna Hartley, for both children".

    Nothing is returned where the answer on record is another one, or where it names a child among `others`.
    """
    page = response.answers.get("agrees", {}) if response else {}
    words = " ".join((page.get("agrees_detail") or [""])[0].split())
    if not words or (page.get("agrees") or [""])[0] != agrees:
        return ""
    said = words.casefold()
    return "" if any(part in said for name in others for part in name.casefold().split()[:1]) else words


def _addresses(subjects: Sequence[SubjectFacts]) -> list[HomeRow]:
    where = {subject.label: _address(subject) for subject in subjects}
    if len(set(where.values())) == 1:
        return [HomeRow("Address", (next(iter(where.values())),))]
    return [HomeRow(f"Address of {label}", (words,)) for label, words in where.items()]


def _address(subject: SubjectFacts) -> str:
    if subject.facts.get("no_fixed_address"):
        return "No fixed address"
    typed = [*subject.facts.get("address", "").splitlines(), subject.facts.get("postcode", "")]
    return ", ".join(part.strip() for part in typed if part.strip()) or "Not known"


def _adults(rows: Sequence[ReadRow]) -> list[HomeRow]:
    """Return each adult in a row, those with parental responsibility first; the rest about them is in the form."""
    steps = dict.fromkeys(row.step_key for row in rows if row.step_key.split(".")[0] == "adult")
    found = []
    for step in steps:
        mine = {row.field: row for row in rows if row.step_key == step}
        said = [mine[name] for name in ("name", "phone") if name in mine]
        if not said or said[0].field != "name":
            continue
        told = [row.value.replace("\n", ", ") for row in said if row.state is not AnswerState.MISSING]
        found.append(HomeRow(said[0].label, (". ".join(told),), is_missing=not told))
    return sorted(found, key=lambda row: not any(PARENTAL_RESPONSIBILITY in line for line in row.lines))
