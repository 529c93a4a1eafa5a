"""Read the answers back, for check answers, the staff page and the form returned: one section a child (GL-2, GL-3).

Whatever was typed is on a row: a page that folds two answers into one line says which ones it took.
"""

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from wtforms import BooleanField, SelectField

from infrastructure.questions import DateParts
from service_request.asking.steps import FormContext, Question, Step, Typed, is_not_known, questions, within
from service_request.pathways.social_care.codes import FormKind, lower_first
from service_request.pathways.social_care.folds import FOLDS, NOT_KNOWN_WORDS, Folded, Folding, in_words
from service_request.pathways.social_care.forms import about
from service_request.pathways.social_care.questions_family import Adult
from service_request.pathways.social_care.steps import (
    FORM_VERSION,
    Answers,
    PlacedStep,
    child_label,
    of_kind,
    step_values,
)

NOT_ANSWERED = "Not answered"
GATE = ("told", "told")  # the row that says who was told, by whom and when, where it is read at all

Asked = Set[tuple[str, str]]  # (step, field)


class AnswerState(StrEnum):
    """Say whether a row is answered; "not known" is an answer and looks like one."""

    ANSWERED = "answered"
    NOT_KNOWN = "not_known"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One answer in words; a value may have several lines."""

    label: str
    value: str
    state: AnswerState
    step_key: str
    field: str

    @property
    def lines(self) -> tuple[str, ...]:
        """Return the value line by line, as plain text."""
        return tuple(self.value.split("\n"))


@dataclass(frozen=True, slots=True)
class ReadSection:
    """Rows under one heading; `number` is the child's, where a section is a child's."""

    key: str
    title: str
    rows: tuple[ReadRow, ...]
    number: int | None = None


# Which section a step is read in, by its group and slug; a child's own pages stand in a section of that child.
_SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("safety", "Are the children safe now", ("safety",)),
    ("told", "Does the family know", ("told", "agrees")),
    ("children", "", ("who", "where", "needs", "band", "brief")),
    ("family", "Family and household", ("adult", "household", "agencies")),
    ("concerns", "Your concerns", ("concerns", "harm", "background", "tried", "views", "risks")),
    ("home", "Where", ("home",)),
    ("you", "You", ("you", "reach")),
    ("call", "The call", ("call",)),
)
_PUBLIC_TITLES = {"safety": "Is anyone in danger", "concerns": "In your words", "you": "How to reach you"}


def read_back(
    kind: FormKind,
    answers: Answers,
    context: FormContext,
    *,
    version: str = FORM_VERSION,
    asked: Asked | None = None,
) -> list[ReadSection]:
    """Return the answers in words, with the labels of the version they were given on; `asked` reads those alone."""
    answers = of_kind(kind, answers, version=version)
    placed = [step for step, _ in answers.pages]
    public = placed[0].form_class.group == "public"
    sections: list[ReadSection] = []
    for key, title, slugs in _SECTIONS:
        here = [step for step in placed if step.form_class.slug in slugs]
        if key == "children":
            sections += [
                ReadSection(
                    f"child.{number}", _child_title(kind, answers, number), _rows(mine, answers, context, asked), number
                )
                for number in dict.fromkeys(step.number for step in here)
                if number is not None and (mine := [step for step in here if step.number == number])
            ]
        elif here:
            said = _PUBLIC_TITLES.get(key, title) if public else title
            sections.append(ReadSection(key, said, _rows(here, answers, context, asked)))
    return [section for section in sections if section.rows]


def _child_title(kind: FormKind, answers: Answers, number: int) -> str:
    return "About you" if kind is FormKind.PUBLIC_CHILD else child_label(answers, number)


def _rows(placed: list[PlacedStep], answers: Answers, context: FormContext, asked: Asked | None) -> tuple[ReadRow, ...]:
    return tuple(row for step in placed for row in _step_rows(step, answers, context, asked))


def _step_rows(placed: PlacedStep, answers: Answers, context: FormContext, asked: Asked | None) -> Iterator[ReadRow]:
    form_class = placed.form_class
    values = within(form_class, step_values(answers, placed), context, as_kept=True)
    wanted = set(form_class.wants(values))
    whom = about(placed, answers)
    folded: set[str] = set()
    folding = Folding(placed, values, answers, context)
    for name, question, fold in _rows_of(form_class):
        if name in folded or (asked is not None and (placed.key, name) not in asked):
            continue
        said: tuple[str, AnswerState] | None = None
        if fold is not None:
            text, took = fold(folding)
            folded |= took
            if text:
                said = text, AnswerState.NOT_KNOWN if text == NOT_KNOWN_WORDS else AnswerState.ANSWERED
            elif name in took and (asked is None or GATE in asked):
                continue  # another row has it
        said = said or _said(question, values, context, placed, wanted=name in wanted)
        if said is not None:
            yield ReadRow(_label(question, values, whom, form_class), *said, placed.key, name)


@cache
def _rows_of(form_class: type[Step]) -> tuple[tuple[str, Question, Callable[[Folding], Folded] | None], ...]:
    """Return the questions of a step that have rows, each with what folds others into its own."""
    return tuple(
        (name, question, FOLDS.get((form_class.slug, name)))
        for name, question in questions(form_class).items()
        if not is_not_known(name)
    )


def _label(question: Question, values: Typed, whom: str, form_class: type[Step]) -> str:
    if form_class is Adult:
        is_named = question.name == "name" and values.has("name")
        return whom if is_named else f"{whom}: {lower_first(question.row)}"
    return question.row.replace("{child}", whom)


def _said(
    question: Question, values: Typed, context: FormContext, placed: PlacedStep, *, wanted: bool
) -> tuple[str, AnswerState] | None:
    """Return the answer to one question in words, or nothing where an optional one was left."""
    if not values.answered(question.name):
        return (NOT_ANSWERED, AnswerState.MISSING) if wanted else None
    if values.known_not(question.name):
        return NOT_KNOWN_WORDS, AnswerState.NOT_KNOWN
    return plain_answer(question, values, placed, context), AnswerState.ANSWERED


def plain_answer(question: Question, values: Typed, placed: PlacedStep, context: FormContext) -> str:
    """Return an answer as a person would read it: labels for codes, a date in words, text as it was typed."""
    name = question.name
    if issubclass(question.type, DateParts):
        day = values.day(name)
        return in_words(day) if isinstance(day, date) else " ".join(values.getlist(name))
    if issubclass(question.type, SelectField):
        offered = dict(placed.form_class.offers(context).get(name, ())) or question.labels
        return "\n".join([offered.get(code, code) for code in values.all(name)])
    if issubclass(question.type, BooleanField):
        return "Yes"
    return values.text(name)


def missing_of(sections: list[ReadSection]) -> list[ReadRow]:
    """Return the rows that are missing, in order."""
    return [row for section in sections for row in section.rows if row.state is AnswerState.MISSING]
