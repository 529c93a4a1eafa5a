"""Which steps a form has, in which order, for the answers so far; by version, so that old answers stay readable."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from service_request.asking.steps import Step, Typed, shown, typed_of
from service_request.domain.consent import Told
from service_request.domain.errors import DomainError
from service_request.pathways.social_care.codes import RELATIONSHIPS, FormKind, label_of
from service_request.pathways.social_care.questions_call import CALLED_CHILDREN, CallForm
from service_request.pathways.social_care.questions_child import (
    ChildBand,
    ChildNeeds,
    ChildViews,
    ChildWhere,
    ChildWho,
    FirstChildWhere,
    FirstUnbornWhere,
    UnbornWhere,
    is_unborn,
)
from service_request.pathways.social_care.questions_concerns import (
    Background,
    BandConcerns,
    BandTried,
    Concerns,
    FamilyViews,
    Harm,
    Tried,
)
from service_request.pathways.social_care.questions_family import Adult, Agencies, Household, StaffRisks
from service_request.pathways.social_care.questions_public import (
    AboutMe,
    ChildHome,
    ChildReach,
    ChildSafety,
    ChildStory,
    FamilyChild,
    FamilyHome,
    FamilySafety,
    FamilyStory,
    FamilyYou,
    Reach,
    WorriedChild,
    WorriedHome,
    WorriedSafety,
    WorriedStory,
    WorriedYou,
)
from service_request.pathways.social_care.questions_referrer import Referrer, ReferrerInPrinciple
from service_request.pathways.social_care.questions_start import Agreement, FamilyTold, LawfulBasis, Safety

FORM_VERSION = "2026-11"
MOST_OF_A_KIND = 20  # children, or adults, in one request

Answers = Mapping[str, Mapping[str, list[str]]]
_PAGE = (dict, Mapping)  # whatever a hand may have made of a draft; a dict, as nearly always, is known at once
Repeated = Literal["child", "adult"]

_NUMBERED = re.compile(r"(?:(child)\.([1-9]\d?)\.(?:who|where|needs|views|band|brief))|(?:(adult)\.([1-9]\d?))")


class FormVersionUnknownError(DomainError):
    """Refuse to read answers with the labels of another version."""

    sentence = "These answers were given on a version of the form that this service does not know"


@dataclass(frozen=True, slots=True)
class PlacedStep:
    """Place a step in a form: its key in the answers, and which child or adult it is about."""

    key: str
    form_class: type[Step]
    number: int | None = None


def step_values(answers: Answers, placed: PlacedStep) -> Typed:
    """Return what was typed on a step: only its own fields, only choices it offers."""
    page = answers.get(placed.key)
    if isinstance(answers, Sent) and isinstance(page, Typed):
        return Typed(page)  # it was looked through already
    return typed_of(placed.form_class, page.get) if isinstance(page, _PAGE) else Typed()


def numbers_of(answers: Answers, what: Repeated) -> list[int]:
    """Return the numbers of the children or adults that have a page in the answers, or a place on what is sent."""
    if isinstance(answers, Sent):
        return answers.numbers[what]
    mine = (key for key in answers if isinstance(key, str) and key.startswith(what))
    found = {numbered[1] for key in mine if (numbered := _numbered(key))}
    return sorted(found)[:MOST_OF_A_KIND]


def _numbered(key: str) -> tuple[Repeated, int] | None:
    """Read "child.2.who" as the second child; any other key as nothing."""
    match = _NUMBERED.fullmatch(key)
    if match is None:
        return None
    return ("child", int(match[2])) if match[1] else ("adult", int(match[4]))


def next_number(answers: Answers, what: Repeated) -> int:
    """Return the number of one more; the first is always on the form, and numbers in use keep their meaning."""
    return max(numbers_of(answers, what), default=1) + 1


def can_add(answers: Answers, what: Repeated) -> bool:
    """Tell whether one more fits into one request."""
    return len(numbers_of(answers, what)) < MOST_OF_A_KIND and next_number(answers, what) < 100


def without_child(answers: Answers, number: int) -> dict[str, Mapping[str, list[str]]]:
    """Return the answers without a child; the others keep their numbers."""
    return {key: page for key, page in answers.items() if not key.startswith(f"child.{number}.")}


def without_adult(answers: Answers, number: int) -> dict[str, Mapping[str, list[str]]]:
    """Return the answers without an adult; the others keep their numbers."""
    return {key: page for key, page in answers.items() if key != f"adult.{number}"}


def told_answer(answers: Answers) -> str:
    """Return the answer of the gate as typed, before any rule looked at it."""
    return typed_one(answers, "told", "told")


def typed_one(answers: Answers, key: str, field: str) -> str:
    """Return the first value typed in a field, without the space around it."""
    page = answers.get(key)
    values: object = page.get(field) if isinstance(page, _PAGE) else None
    if not isinstance(values, list):
        return ""
    return next((value.strip() for value in values if isinstance(value, str)), "")


def steps_of(kind: FormKind, answers: Answers, *, version: str = FORM_VERSION) -> list[PlacedStep]:
    """Return the steps of a form, in order: at least one child, and a page more where an answer calls for it."""
    try:
        layout = _LAYOUTS[version][kind]
    except KeyError:
        raise FormVersionUnknownError from None
    return list(layout(answers))


def find_step(kind: FormKind, answers: Answers, key: str) -> PlacedStep | None:
    """Return the step of this key, also for a child or an adult about to be added; None when there is none."""
    placed = next((placed for placed in steps_of(kind, answers) if placed.key == key), None)
    numbered = _numbered(key)
    if placed is not None or numbered is None:
        return placed
    what, number = numbered
    if number != next_number(answers, what) or not can_add(answers, what):
        return None
    with_it = {**answers, key: {}}
    return next((placed for placed in steps_of(kind, with_it) if placed.key == key), None)


class Sent(dict[str, dict[str, list[str]]]):
    """Hold only what one form asks, page by page, as it is sent; reading it twice costs nothing more."""

    def __init__(self, kind: FormKind, version: str, pages: list[tuple[PlacedStep, Typed]], answers: Answers) -> None:
        super().__init__({placed.key: values for placed, values in pages if values or placed.key in answers})
        self.kind, self.version, self.pages = kind, version, pages
        self.numbers = {what: _numbers_placed(pages, what) for what in ("child", "adult")}


def _numbers_placed(pages: list[tuple[PlacedStep, Typed]], what: str) -> list[int]:
    numbers = (placed.number for placed, _ in pages if placed.form_class.repeats == what)
    return list(dict.fromkeys(number for number in numbers if number is not None))


def of_kind(kind: FormKind, answers: Answers, *, version: str = FORM_VERSION) -> Sent:
    """Return only what this form asks, and what its choices leave in sight: this is what is sent and kept.

    Names typed before the fork are not part of a discussion without them (GL-6); nor is a reason beside another answer.
    """
    if isinstance(answers, Sent) and (answers.kind, answers.version) == (kind, version):
        return answers
    steps = steps_of(kind, answers, version=version)
    pages = [(placed, shown(placed.form_class, step_values(answers, placed))) for placed in steps]
    return Sent(kind, version, pages, answers)


def _full(answers: Answers) -> Iterator[PlacedStep]:
    yield PlacedStep("safety", Safety)
    yield PlacedStep("told", FamilyTold)
    told = told_answer(answers)
    if told == Told.YES:
        yield PlacedStep("agrees", Agreement)
    elif told not in ("", Told.NOT_YET, Told.IN_PRINCIPLE):
        yield PlacedStep("agrees", LawfulBasis)
    children = numbers_of(answers, "child") or [1]
    unborn = {number for number in children if child_is_unborn(answers, number)}
    for number in children:
        first = number == children[0]
        yield PlacedStep(f"child.{number}.who", ChildWho, number)
        if number in unborn:
            yield PlacedStep(f"child.{number}.where", FirstUnbornWhere if first else UnbornWhere, number)
            continue
        yield PlacedStep(f"child.{number}.where", FirstChildWhere if first else ChildWhere, number)
        yield PlacedStep(f"child.{number}.needs", ChildNeeds, number)
    yield from (PlacedStep(f"adult.{number}", Adult, number) for number in numbers_of(answers, "adult") or [1])
    yield PlacedStep("household", Household)
    yield PlacedStep("agencies", Agencies)
    yield PlacedStep("concerns", Concerns)
    yield PlacedStep("harm", Harm)
    yield PlacedStep("background", Background)
    yield PlacedStep("tried", Tried)
    yield PlacedStep("views", FamilyViews)
    yield from (PlacedStep(f"child.{number}.views", ChildViews, number) for number in children if number not in unborn)
    yield PlacedStep("risks", StaffRisks)
    yield PlacedStep("you", Referrer)


def _in_principle(answers: Answers) -> Iterator[PlacedStep]:
    """GL-6: the fork stands before any page that asks for a name, and none of those pages is on this form."""
    yield PlacedStep("safety", Safety)
    yield PlacedStep("told", FamilyTold)
    for number in numbers_of(answers, "child") or [1]:
        yield PlacedStep(f"child.{number}.band", ChildBand, number)
    yield PlacedStep("concerns", BandConcerns)
    yield PlacedStep("tried", BandTried)
    yield PlacedStep("you", ReferrerInPrinciple)


def _public_family(answers: Answers) -> Iterator[PlacedStep]:
    yield PlacedStep("safety", FamilySafety)
    yield PlacedStep("concerns", FamilyStory)
    for number in numbers_of(answers, "child") or [1]:
        yield PlacedStep(f"child.{number}.brief", FamilyChild, number)
    yield PlacedStep("home", FamilyHome)
    yield PlacedStep("you", FamilyYou)
    yield PlacedStep("reach", Reach)


def _public_child(answers: Answers) -> Iterator[PlacedStep]:
    yield PlacedStep("safety", ChildSafety)
    yield PlacedStep("concerns", ChildStory)
    yield PlacedStep("child.1.brief", AboutMe, 1)
    if answers.get("home"):  # told by text, before or after they said that it is about themselves
        yield PlacedStep("home", ChildHome)
    yield PlacedStep("reach", ChildReach)


def _public_worried(answers: Answers) -> Iterator[PlacedStep]:
    yield PlacedStep("safety", WorriedSafety)
    yield PlacedStep("concerns", WorriedStory)
    for number in numbers_of(answers, "child") or [1]:
        yield PlacedStep(f"child.{number}.brief", WorriedChild, number)
    yield PlacedStep("home", WorriedHome)
    yield PlacedStep("you", WorriedYou)
    yield PlacedStep("reach", Reach)


def _call(answers: Answers) -> Iterator[PlacedStep]:
    yield PlacedStep("call", CallForm)


# A new version adds its own row and leaves the old one, so that what was sent is read with the labels it was sent with.
_LAYOUTS: Mapping[str, Mapping[FormKind, Callable[[Answers], Iterator[PlacedStep]]]] = {
    FORM_VERSION: {
        FormKind.FULL: _full,
        FormKind.IN_PRINCIPLE: _in_principle,
        FormKind.PUBLIC_FAMILY: _public_family,
        FormKind.PUBLIC_CHILD: _public_child,
        FormKind.PUBLIC_WORRIED: _public_worried,
        FormKind.CALL: _call,
    }
}


def child_is_unborn(answers: Answers, number: int) -> bool:
    """Tell whether a child of the full form is not born yet."""
    return is_unborn(step_values(answers, PlacedStep(f"child.{number}.who", ChildWho, number)))


def child_label(answers: Answers, number: int) -> str:
    """Return what to call a child on a page: the name, else "Unborn child", else "Child 2"."""
    called = {1: "child_name", 2: "child_2_name", 3: "child_3_name"}.get(number, "")
    name = (
        typed_one(answers, f"child.{number}.who", "name")
        or typed_one(answers, f"child.{number}.brief", "name")
        or typed_one(answers, "call", called)
    )
    if name:
        return name
    unnamed = [
        other
        for other in numbers_of(answers, "child")
        if child_is_unborn(answers, other) and not typed_one(answers, f"child.{other}.who", "name")
    ]
    if number in unnamed:
        return "Unborn child" if len(unnamed) == 1 else f"Unborn child {unnamed.index(number) + 1}"
    return f"Child {number}"


def adult_label(answers: Answers, number: int) -> str:
    """Return what to call an adult on a page: the name, else the relationship, else "Adult 2"."""
    name = typed_one(answers, f"adult.{number}", "name")
    relationship = typed_one(answers, f"adult.{number}", "relationship")
    known = dict(RELATIONSHIPS)
    if name or relationship not in known or relationship in ("other", "not_known"):
        return name or f"Adult {number}"
    return label_of(RELATIONSHIPS, relationship)


def called_children() -> range:
    """Return the numbers of the children that a logged call has room for."""
    return range(1, CALLED_CHILDREN + 1)
