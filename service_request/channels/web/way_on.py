"""Where a page leads: the next page of the form, the list of children, the task list, or what was asked for."""

from __future__ import annotations

from functools import cache

from service_request.asking.steps import questions
from service_request.channels.web.here import Here
from service_request.domain.consent import Told
from service_request.domain.danger import speak_of_danger
from service_request.pathways.social_care.codes import Urgency
from service_request.pathways.social_care.forms import FormKind, PlacedStep, steps_of, told_answer, typed_one
from service_request.pathways.social_care.steps import Answers

CHECK, LATER = "check", "later"  # what a page can be told to lead to, in place of the next page
LISTS = {"child": "children", "adult": "adults"}


def after_step(here: Here, placed: PlacedStep, then: str = "") -> str:
    """Return the address of the page that follows a saved step."""
    if then == LATER:
        return here.url("later")
    if placed.key == "told" and told_answer(here.answers) == Told.NOT_YET:
        return here.url("not_yet")  # GL-5
    if then == CHECK:
        return here.url("check", _anchor=anchor_of(placed.key))
    if ends_list(here, placed):
        return here.url(LISTS[str(placed.form_class.repeats)])
    if placed.key == "you" and not here.is_public and email_given(here) and not email_is_proven(here):
        return here.url("prove")
    return _next(here, placed)


def after_list(here: Here, what: str) -> str:
    """Return the address of the page that follows the children, or the adults."""
    last = [
        placed
        for placed in steps_of(here.kind, here.answers)
        if is_listed(placed) and placed.form_class.repeats == what
    ]
    return _next(here, last[-1]) if last else here.url("tasks")


def _next(here: Here, placed: PlacedStep) -> str:
    steps = steps_of(here.kind, here.answers)
    keys = [step.key for step in steps]
    following = steps[keys.index(placed.key) + 1 :] if placed.key in keys else []
    if not following:
        return here.url("check" if here.is_public else "tasks")
    upcoming = following[0]
    is_same = (upcoming.form_class.short, upcoming.number) == (placed.form_class.short, placed.number)
    if here.is_public or is_same or upcoming.key not in here.answers:
        return here.url("step", key=upcoming.key)
    return here.url("tasks")


def before_step(here: Here, placed: PlacedStep, then: str = "") -> tuple[str, str]:
    """Return the address and the words of the link back."""
    if then == CHECK:
        return here.url("check"), "Back to check your answers"
    if not here.is_public:
        return here.url("tasks"), "Back to the task list"
    keys = [step.key for step in steps_of(here.kind, here.answers)]
    place = keys.index(placed.key) if placed.key in keys else 0
    return (here.url("step", key=keys[place - 1]) if place else here.url("tasks")), "Back"


def is_listed(placed: PlacedStep) -> bool:
    """Tell the pages that say who a child or an adult is from those that ask what the child says."""
    return placed.form_class.repeats in LISTS and placed.form_class.slug != "views"


def ends_list(here: Here, placed: PlacedStep) -> bool:
    """Tell whether this was the last page about one child or adult: then more of them can be added."""
    if not is_listed(placed) or here.kind is FormKind.PUBLIC_CHILD:
        return False
    about = [
        step.key
        for step in steps_of(here.kind, here.answers)
        if is_listed(step) and (step.form_class.repeats, step.number) == (placed.form_class.repeats, placed.number)
    ]
    return not about or about[-1] == placed.key


def email_given(here: Here) -> str:
    """Return the work address that was typed on the page about the referrer."""
    return typed_one(here.answers, "you", "email")


def email_is_proven(here: Here) -> bool:
    """Tell whether the address typed is the one that a code proved (GL-14)."""
    proven = here.draft.proven_email
    return proven is not None and proven.lower() == email_given(here).lower()


def says_danger(answers: Answers, *keys: str) -> bool:
    """Tell whether any of these pages speaks of a child in danger now, in its choice or in words (W16, EV-10)."""
    if any(typed_one(answers, key, "urgency") == Urgency.DANGER for key in keys):
        return True
    harmless = _harmless_codes()  # most answers are one of them
    pages = (answers.get(key, {}) for key in keys)
    return speak_of_danger(
        text for page in pages for values in page.values() for text in values if text not in harmless
    )


@cache
def _harmless_codes() -> frozenset[str]:
    """Return the codes that our forms offer and that speak of no danger, so that they need not be read each time."""
    steps = (placed.form_class for kind in FormKind for placed in steps_of(kind, {}))
    codes = {code for step in steps for question in questions(step).values() for code in question.labels}
    return frozenset(code for code in codes if not speak_of_danger([code]))


def anchor_of(key: str) -> str:
    """Return the id that a page's answers have on the check page."""
    return "answers-" + key.replace(".", "-")
