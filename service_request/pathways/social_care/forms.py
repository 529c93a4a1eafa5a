"""The forms of pathway GL as one thing: bound for a page, checked before sending, and what is missing (GL-2 to GL-6).

A draft keeps what was typed, never what was read from it (P16), so that the gate and every check can run again where it
is sent: `problems()` is the same for a page, a crafted post, the API and a hand-edited draft.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service_request.asking.steps import (
    FormContext,
    Getlist,
    Step,
    Typed,
    free_text_questions,
    questions,
    typed,
    within,
)
from service_request.asking.validity import wrong_answers
from service_request.domain.consent import RiskReasonMissingError, Told, check_may_send
from service_request.domain.errors import DomainError
from service_request.domain.identifying import Found, find_identifying
from service_request.pathways.social_care.codes import PUBLIC_KINDS, FormKind, lower_first
from service_request.pathways.social_care.questions_child import ChildWho
from service_request.pathways.social_care.steps import (
    FORM_VERSION,
    Answers,
    PlacedStep,
    Sent,
    adult_label,
    can_add,
    child_label,
    find_step,
    next_number,
    numbers_of,
    of_kind,
    step_values,
    steps_of,
    told_answer,
    typed_one,
    without_adult,
    without_child,
)

__all__ = [
    "FORM_VERSION",
    "Answers",
    "FormContext",
    "FormKind",
    "Gap",
    "PlacedStep",
    "Problem",
    "Step",
    "Typed",
    "adult_label",
    "bind",
    "bind_posted",
    "can_add",
    "child_label",
    "find_step",
    "free_text_fields",
    "free_texts",
    "gaps",
    "kind_for",
    "names_found",
    "next_number",
    "numbers_of",
    "of_kind",
    "page_title",
    "plain_titles",
    "problems",
    "step_values",
    "steps_of",
    "told_answer",
    "typed",
    "typed_one",
    "without_adult",
    "without_child",
]

NO_CHILD = "Enter the child's name, or say that you do not know it"
NO_BAND = "Select about how old the child is"
NOTHING_SAID = "Tell us what is happening, or how we can reach you to ask"
ENOUGH = (("concerns", "narrative"), ("reach", "email"), ("reach", "phone"))  # GL-16: any of these will do
NOT_IN_PRINCIPLE = 'Select "without names" again, or make this a named request'


@dataclass(frozen=True, slots=True)
class Gap:
    """Name an answer that is missing; nobody is stopped by one (GL-3)."""

    key: str
    field: str
    label: str
    short: str = ""  # the same beside the child's or adult's name: "GP surgery"


@dataclass(frozen=True, slots=True)
class Problem:
    """Name what stops sending, with the sentence that says what to do; `about` is the child or adult it concerns."""

    key: str
    field: str
    message: str
    about: str = ""


def bind_posted(
    placed: PlacedStep, posted: Getlist, context: FormContext, *, meta: Mapping[str, Any] | None = None
) -> Step:
    """Bind a step to what was just posted; forged, repeated and foreign fields never reach it (W14).

    `meta` is the channel's own: how it renders a field. `step.changed` names fields that lost a control character.
    """
    values = within(placed.form_class, typed(placed.form_class, posted), context)
    form = placed.form_class(formdata=values, meta={**(meta or {}), "context": context})
    form.offer(context)
    form.changed = values.changed
    return form


def bind(placed: PlacedStep, answers: Answers, context: FormContext, *, meta: Mapping[str, Any] | None = None) -> Step:
    """Bind a step to what the draft keeps of it."""
    return bind_posted(placed, step_values(answers, placed), context, meta=meta)


def page_title(placed: PlacedStep, answers: Answers) -> str:
    """Return the h1 of a step, with the child's name where it has a place for it: of two children, which one it is."""
    form_class = placed.form_class
    is_named = form_class.named and typed_one(answers, placed.key, "name")
    title = form_class.named if is_named else form_class.title
    return title.replace("{child}", about(placed, answers) or "the child")


def plain_titles(kind: FormKind, keys: Sequence[str]) -> list[str]:
    """Return what these pages are called without anybody's name: of the children and adults only their numbers."""
    pages: Answers = {key: {} for key in keys}
    placed = [one for one in (find_step(kind, pages, key) for key in keys) if one is not None]
    return [_with_whom(page_title(one, pages), about(one, pages)) for one in placed]


def _with_whom(title: str, whom: str) -> str:
    return title if not whom or whom in title else f"{whom}: {lower_first(title)}"


def about(placed: PlacedStep, answers: Answers) -> str:
    """Return the child or adult a step is about, and nothing for the others."""
    if placed.number is None:
        return ""
    is_adult = placed.form_class.repeats == "adult"
    return adult_label(answers, placed.number) if is_adult else child_label(answers, placed.number)


def kind_for(kind: FormKind, answers: Answers) -> FormKind:
    """Return the form that the gate's answer leads to: the fork stands before any question for a name (GL-6)."""
    if kind not in (FormKind.FULL, FormKind.IN_PRINCIPLE):
        return kind
    told = told_answer(answers)
    if told == Told.IN_PRINCIPLE:
        return FormKind.IN_PRINCIPLE
    return FormKind.FULL if told else kind


def gaps(kind: FormKind, answers: Answers, context: FormContext) -> list[Gap]:
    """Return the answers that are missing, in the order of the form; "not known" is an answer (GL-3).

    What must be answered is not among them: that is a problem, and stops sending.
    """
    answers = of_kind(kind, answers)
    found = []
    for placed, values in answers.pages:
        asked = questions(placed.form_class)
        values = within(placed.form_class, values, context)
        wanted = set(placed.form_class.wants(values))
        found += [
            Gap(placed.key, name, *gap_labels(placed, answers, name))
            for name, question in asked.items()
            if name in wanted and not question.is_required and not values.answered(name)
        ]
    return found + _mothers_missing(kind, answers)


def gap_labels(placed: PlacedStep, answers: Answers, name: str) -> tuple[str, str]:
    """Return the label of a missing answer with and without the name: "Ryan Hartley: GP surgery", "GP surgery"."""
    row = questions(placed.form_class)[name].row
    whom = about(placed, answers)
    if "{child}" in row:
        both = row.replace("{child}", whom)
        return both, both
    return (f"{whom}: {lower_first(row)}" if whom else row), row


def _mothers_missing(kind: FormKind, answers: Sent) -> list[Gap]:
    """Ask for a mother who is a child to be added as a child of her own, when the request is about her too (GL-18)."""
    if kind is not FormKind.FULL:
        return []
    pages = {placed.number: values for placed, values in answers.pages if placed.form_class is ChildWho}
    if any(page.text("is_parent") in ("mother", "pregnant") for page in pages.values()):
        return []
    return [
        Gap(
            f"child.{number}.who",
            "young_mother",
            f"{child_label(answers, number)}: the mother, as a child of her own",
            "The mother, as a child of her own",
        )
        for number, page in pages.items()
        if number is not None and page.text("young_mother") == "yes_worried"
    ]


def problems(kind: FormKind, answers: Answers, context: FormContext) -> list[Problem]:
    """Return what stops sending: a wrong answer on any step, no child at all, and the gate of GL-5."""
    answers = of_kind(kind, answers)
    found = [
        Problem(placed.key, field, message, about(placed, answers))
        for placed, values in answers.pages
        for field, message in wrong_answers(placed.form_class, within(placed.form_class, values, context), context)
    ]
    return found + _no_child(kind, answers) + _stopped_by_gate(kind, answers, context, found)


def _stopped_by_gate(kind: FormKind, answers: Answers, context: FormContext, found: list[Problem]) -> list[Problem]:
    if kind in PUBLIC_KINDS or kind is FormKind.CALL or any(problem.key == "told" for problem in found):
        return []  # GL-7: a channel that can't force the answer is never refused; and nothing is said twice
    told, reason = told_answer(answers), typed_one(answers, "told", "risk_reason")
    extra = {code for code, _ in context.extra_exceptions}
    try:
        check_may_send(told, reason, extra, named=kind is FormKind.FULL)
    except DomainError as refused:
        field = "risk_reason" if isinstance(refused, RiskReasonMissingError) else "told"
        return [Problem("told", field, refused.sentence)]
    if kind is FormKind.IN_PRINCIPLE and told != Told.IN_PRINCIPLE:
        return [Problem("told", "told", NOT_IN_PRINCIPLE)]
    return []


def _no_child(kind: FormKind, answers: Answers) -> list[Problem]:
    """Refuse a form about nobody; the public may leave even that out, as long as something is said (GL-16)."""
    if kind is FormKind.FULL and not any(_says(answers, f"child.{n}.who") for n in numbers_of(answers, "child")):
        return [Problem(first_child_key(answers, "who"), "name", NO_CHILD)]
    if kind is FormKind.IN_PRINCIPLE and not any(
        _says(answers, f"child.{n}.band") for n in numbers_of(answers, "child")
    ):
        return [Problem(first_child_key(answers, "band"), "age_band", NO_BAND)]
    if kind in PUBLIC_KINDS and not any(typed_one(answers, key, field) for key, field in ENOUGH):
        return [Problem("concerns", "narrative", NOTHING_SAID)]
    return []


def first_child_key(answers: Answers, slug: str) -> str:
    """Return the key of a page of the first child."""
    return f"child.{(numbers_of(answers, 'child') or [1])[0]}.{slug}"


def _says(answers: Answers, key: str) -> bool:
    """Tell whether anything at all stands on a page."""
    return any(value.strip() for values in answers.get(key, {}).values() for value in values)


def free_text_fields(kind: FormKind) -> tuple[tuple[str, str], ...]:
    """Return (slug, field) of every text that must be read for names: those of a discussion without them (GL-6)."""
    if kind is not FormKind.IN_PRINCIPLE:
        return ()
    return tuple(
        (placed.form_class.slug, question.name)
        for placed in steps_of(kind, {})
        for question in questions(placed.form_class).values()
        # The referrer's own page is theirs to be named on; a reference is checked by its check character.
        if question.is_free_text and placed.form_class.slug != "you" and question.name != "call_reference"
    )


def names_found(kind: FormKind, answers: Answers) -> list[tuple[str, str, str, str, list[Found]]]:
    """Return (key, field, label, text, what was found) for every text that seems to say who it is about (GL-6)."""
    scanned = set(free_text_fields(kind))
    texts = free_texts(kind, answers) if scanned else []
    read = [
        (placed.key, name, label, text, find_identifying(text))
        for placed, name, label, text in texts
        if (placed.form_class.slug, name) in scanned
    ]
    return [one for one in read if one[4]]


def free_texts(kind: FormKind, answers: Answers) -> list[tuple[PlacedStep, str, str, str]]:
    """Return (step, field, label, text) of everything written in a person's own words (W16 reads it)."""
    return [
        (placed, name, question.row, values.text(name))
        for placed, values in of_kind(kind, answers).pages
        for name, question in free_text_questions(placed.form_class).items()
        if values.has(name)
    ]
