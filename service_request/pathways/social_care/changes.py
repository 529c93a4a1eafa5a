"""Two tellings of one form, laid side by side: only what differs, in words (GL-3)."""

from __future__ import annotations

from dataclasses import dataclass

from service_request.asking.steps import FormContext
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.reading import NOT_ANSWERED, AnswerState, ReadRow, read_back
from service_request.pathways.social_care.steps import FORM_VERSION, Answers


@dataclass(frozen=True)
class ChangedRow:
    """One answer, as it was and as it is."""

    section: str
    label: str
    was: tuple[str, ...]
    now: tuple[str, ...]
    step_key: str
    field: str


Read = dict[tuple[str, str], tuple[str, ReadRow]]


def list_changes(
    kind: FormKind,
    before: Answers,
    after: Answers,
    context: FormContext,
    *,
    before_kind: FormKind | None = None,
    versions: tuple[str, str] = (FORM_VERSION, FORM_VERSION),
) -> list[ChangedRow]:
    """Return the answers that are others than before, in the order of the form; what was taken out stands last."""
    old, new = _read(before_kind or kind, before, context, versions[0]), _read(kind, after, context, versions[1])
    found = []
    for place in [*new, *(place for place in old if place not in new)]:
        was, now = _lines(old.get(place)), _lines(new.get(place))
        if was != now:
            section, row = new.get(place) or old[place]
            found.append(ChangedRow(section, row.label, was, now, row.step_key, row.field))
    return found


def _read(kind: FormKind, answers: Answers, context: FormContext, version: str) -> Read:
    sections = read_back(kind, answers, context, version=version)
    return {(row.step_key, row.field): (section.title, row) for section in sections for row in section.rows}


def _lines(found: tuple[str, ReadRow] | None) -> tuple[str, ...]:
    if found is None or found[1].state is AnswerState.MISSING:
        return (NOT_ANSWERED,)
    return found[1].lines
