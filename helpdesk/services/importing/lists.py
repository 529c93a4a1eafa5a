"""Lists to choose from: reasons, and the checks that the desk makes (GL-8, GL-13, GL-17)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services.authority_rows import set_values
from helpdesk.services.checks import list_checks
from helpdesk.services.importing.format import Bringing, Format
from helpdesk.services.importing.localities import CODE
from helpdesk.services.importing.reading import Row
from service_request.models import CodedReason, ReasonKind, ScreeningCheck
from service_request.services.reasons import list_reasons


def _bring_reasons(doing: Bringing, rows: Sequence[Row]) -> None:
    """Make each list that the file names hold what it says, in its order; a list that it does not name stays."""
    said: dict[ReasonKind, list[Row]] = {}
    seen: set[object] = set()
    for row in rows:
        if not doing.needs(row, "kind", "code", "label"):
            continue
        if row["kind"] not in set(ReasonKind):
            doing.fault(row, "kind", "reason_kind", ", ".join(ReasonKind))
            continue
        _check_code(doing, row)
        if doing.is_new(row, (row["kind"], row["code"]), seen, "code", "code_twice"):
            said.setdefault(ReasonKind(row["kind"]), []).append(row)
    if doing.faults:
        return
    for kind, chosen in said.items():
        if tuple((row["code"], row["label"]) for row in chosen) != list_reasons(doing.session, kind):
            _bring_kind(doing, kind, chosen)


def _bring_kind(doing: Bringing, kind: ReasonKind, chosen: Sequence[Row]) -> None:
    known = {row.code: row for row in doing.session.scalars(select(CodedReason).where(CodedReason.kind == kind))}
    for position, row in enumerate(chosen):
        old = known.pop(row["code"], None)
        if old is None:
            doing.session.add(CodedReason(kind=kind, code=row["code"], label=row["label"], position=position))
            doing.changes.added += 1
        else:
            set_values(old, doing.changes, label=row["label"], position=position, until=None)
    for gone in known.values():
        if gone.until is None:
            gone.until = doing.now
            doing.changes.ended += 1


def _list_reasons(session: Session, now: datetime) -> Iterator[Sequence[str]]:
    for kind in ReasonKind:
        for code, label in list_reasons(session, kind):
            yield (kind.value, code, label)


def _bring_checks(doing: Bringing, rows: Sequence[Row]) -> None:
    seen: set[object] = set()
    for row in rows:
        if doing.needs(row, "code", "label"):
            _check_code(doing, row)
            doing.is_new(row, row["code"], seen, "code", "code_twice")
    said = tuple((row["code"], row["label"], row["hint"]) for row in rows)
    if doing.faults or said == tuple(_list_checks(doing.session, doing.now)):
        return
    known = {row.code: row for row in doing.session.scalars(select(ScreeningCheck))}
    for position, row in enumerate(rows):
        old, hint = known.pop(row["code"], None), row["hint"] or None
        if old is None:
            doing.session.add(ScreeningCheck(code=row["code"], label=row["label"], hint=hint, position=position))
            doing.changes.added += 1
        else:
            set_values(old, doing.changes, label=row["label"], hint=hint, position=position, until=None)
    for gone in known.values():
        if gone.until is None:
            gone.until = doing.now
            doing.changes.ended += 1


def _list_checks(session: Session, now: datetime) -> Iterator[Sequence[str]]:
    for one in list_checks(session):
        yield (one.code, one.label, one.hint)


def _check_code(doing: Bringing, row: Row) -> None:
    if CODE.fullmatch(row["code"]) is None:
        doing.fault(row, "code", "code_bad")


REASONS = Format(
    "reasons",
    "Reasons",
    "One row for each reason, in the order in which it is offered. A list that the file does not name stays as it is.",
    ("kind", "code", "label"),
    _bring_reasons,
    _list_reasons,
    keeps_other_lists=True,
)
CHECKS = Format(
    "checks",
    "Checks",
    "One row for each check that the desk makes, in the order in which it is asked for.",
    ("code", "label", "hint"),
    _bring_checks,
    _list_checks,
)
