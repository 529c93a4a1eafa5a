"""The pages on which a referrer answers what was asked: the form's own questions, and no others (GL-3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service_request.asking.steps import (
    NOT_KNOWN_SUFFIX,
    FormContext,
    Getlist,
    Typed,
    belong_with,
    is_not_known,
    questions,
    typed,
)
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.forms import about, gap_labels, gaps, page_title
from service_request.pathways.social_care.reading import ReadSection, read_back
from service_request.pathways.social_care.steps import Answers, PlacedStep, steps_of

Typing = Mapping[str, Mapping[str, list[str]]]
# What is no answer without another: who agrees, and after "the family knows" who told them, and what they say (GL-4).
AGREED = ("agrees/agrees", "agrees/agrees_who", "agrees/agrees_detail")
TOGETHER: dict[str, tuple[str, ...]] = {
    "agrees/agrees": AGREED,
    "told/told": ("agrees/who_told", "agrees/told_by", "agrees/told_on", "agrees/lawful_basis", *AGREED),
}
NAMES = frozenset({"name", "also_known", "relationship"})  # by which a child or an adult is called on a page


@dataclass(frozen=True, slots=True)
class AskedPage:
    """One page of the form, with the fields of it that are asked."""

    placed: PlacedStep
    names: frozenset[str]

    @property
    def key(self) -> str:
        return self.placed.key

    def own(self, posted: Getlist) -> Typed:
        """Return what was typed on the asked fields, and nothing else that was posted (W14)."""
        whole = typed(self.placed.form_class, posted)
        kept = Typed({name: values for name, values in whole.items() if name in self.names})
        kept.changed = tuple(name for name in whole.changed if name in self.names)
        return kept

    def said(self, page: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """Return what is an answer: a field that was left says nothing, a tick beside an answer neither."""
        values = Typed({name: list(one) for name, one in page.items() if name in self.names})
        found = {name: one for name, one in values.items() if not is_not_known(name) and values.has(name)}
        ticks = {name: one for name, one in values.items() if is_not_known(name) and values.ticked(name)}
        return {
            **found,
            **{name: one for name, one in ticks.items() if name.removesuffix(NOT_KNOWN_SUFFIX) not in found},
        }


def pages_asked(kind: FormKind, answers: Answers, fields: Iterable[str]) -> list[AskedPage]:
    """Return the pages of these fields ("step/field"), in the order of the form; what is asked no more is left out."""
    wanted: dict[str, set[str]] = {}
    for asked in fields:
        for one in (asked, *TOGETHER.get(asked, ())):
            key, _, name = one.partition("/")
            wanted.setdefault(key, set()).add(name)
    pages = [
        AskedPage(placed, belong_with(placed.form_class, frozenset(wanted[placed.key])))
        for placed in steps_of(kind, answers)
        if placed.key in wanted
    ]
    return [page for page in pages if page.names]


@dataclass(frozen=True, slots=True)
class Askable:
    """A question that can be asked: its place, its label, and whether it is a gap."""

    field: str
    label: str
    whole: str  # the same with the child or adult it is about: "Ryan Hartley: GP surgery"
    is_missing: bool


@dataclass(frozen=True, slots=True)
class AskableGroup:
    """The questions of one page, or of one child's page."""

    title: str
    fields: tuple[Askable, ...]


def list_askable(kind: FormKind, answers: Answers, context: FormContext) -> list[AskableGroup]:
    """Return every question of a form by page and child, those that were left out marked (GL-3)."""
    missing = {f"{gap.key}/{gap.field}" for gap in gaps(kind, answers, context)}
    groups = []
    for placed in steps_of(kind, answers):
        form_class = placed.form_class
        title = page_title(placed, answers)
        whom = about(placed, answers)
        if whom and whom not in title:
            title = f"{whom}: {title[:1].lower()}{title[1:]}"
        found = tuple(
            Askable(
                f"{placed.key}/{name}",
                _first_upper(gap_labels(placed, answers, name)[1]),
                _first_upper(gap_labels(placed, answers, name)[0]),
                f"{placed.key}/{name}" in missing,
            )
            for name in questions(form_class)
            if not is_not_known(name)
        )
        groups.append(AskableGroup(title, found))
    return groups


def labels_of(kind: FormKind, answers: Answers, fields: Iterable[str]) -> list[str]:
    """Return what each field is called, with the child or adult it is about: "Ryan Hartley: GP surgery"."""
    wanted = list(fields)
    found = {
        f"{placed.key}/{name}": gap_labels(placed, answers, name)[0]
        for placed in steps_of(kind, answers)
        if any(one.startswith(f"{placed.key}/") for one in wanted)
        for name in questions(placed.form_class)
        if f"{placed.key}/{name}" in wanted
    }
    return [found[one] for one in wanted if one in found]


def read_asked(
    kind: FormKind, answers: Answers, context: FormContext, pages: Iterable[AskedPage], *, version: str
) -> list[ReadSection]:
    """Return the asked answers in words, a section a child, and of the form nothing else: each of them is on a row."""
    asked = frozenset((page.key, name) for page in pages for name in page.names)
    return read_back(kind, answers, context, version=version, asked=asked)


def without_what_was_said(answers: Answers, pages: Iterable[AskedPage]) -> dict[str, dict[str, list[str]]]:
    """Return the answers for somebody to whom the form may not go back: who is called how, and what was answered on
    the asked fields, is not among them (GL-14)."""
    asked = {page.key: page.names for page in pages}
    return {
        key: {
            name: list(values)
            for name, values in page.items()
            if name not in asked.get(key, frozenset()) and not (key.startswith(("child.", "adult.")) and name in NAMES)
        }
        for key, page in answers.items()
    }


def _first_upper(words: str) -> str:
    return words[:1].upper() + words[1:]
