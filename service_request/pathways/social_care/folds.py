"""Answers that read better as one line: "Yes, their mother, by S. Rahman on 16 November 2026".

A fold returns the line and the fields it took. An answer that is missing, or says "not known", is never folded away:
it keeps a row of its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from service_request.asking.steps import FormContext, Typed
from service_request.domain.consent import Told
from service_request.domain.people import display_age
from service_request.pathways.social_care.codes import (
    AGE_BANDS,
    OTHER,
    RELATIONSHIPS,
    SCHOOL_YEARS,
    WHO_TOLD,
    label_of,
    lower_first,
)
from service_request.pathways.social_care.questions_child import is_unborn
from service_request.pathways.social_care.questions_start import WHO_AGREES, Agreement
from service_request.pathways.social_care.steps import (
    Answers,
    PlacedStep,
    child_label,
    numbers_of,
    step_values,
    told_answer,
)

Folded = tuple[str, set[str]]
NOTHING: Folded = ("", set())
NOT_KNOWN_WORDS = "Not known"

_AGREES = {"yes": "Yes", "no": "No", "not_asked": "Not asked"}
_RESPONSIBILITY = {"yes": "has parental responsibility", "no": "no parental responsibility"}
_HOUSEHOLD = {"yes": "same household", "no": "lives elsewhere"}
_SAFE = {"yes": "safe to ring or text", "no": "not safe to ring or text"}


@dataclass(frozen=True, slots=True)
class Folding:
    """Carry what a fold may read: its step's answers, and the others for a name."""

    placed: PlacedStep
    values: Typed
    answers: Answers
    context: FormContext


def in_words(day: date) -> str:
    """Return "16 November 2026"."""
    return f"{day.day} {day:%B} {day.year}"


def _told(folding: Folding) -> Folded:
    """Fold who was told, by whom and when into the answer of the gate."""
    if folding.values.text("told") != Told.YES:
        return NOTHING
    page = step_values(folding.answers, PlacedStep("agrees", Agreement))
    whom = " and ".join(lower_first(label_of(WHO_TOLD, code)) for code in page.all("who_told"))
    by, day = page.text("told_by"), page.day("told_on")
    line = ", ".join(filter(None, ("Yes", whom, f"by {by}" if by else "")))
    return (f"{line} on {in_words(day)}" if day else line), set()


def _told_above(name: str) -> Callable[[Folding], Folded]:
    """Say nothing twice: the gate's own row has this answer."""

    def fold(folding: Folding) -> Folded:
        is_said = folding.values.has(name) and (name != "told_on" or folding.values.day(name) is not None)
        return ("", {name}) if is_said and told_answer(folding.answers) == Told.YES else NOTHING

    return fold


def _agrees(folding: Folding) -> Folded:
    values = folding.values
    said = _AGREES.get(values.text("agrees"), "")
    if not said:
        return NOTHING
    took = {name for name in ("agrees_who", "agrees_detail") if values.has(name)}
    whose = lower_first(label_of(WHO_AGREES, values.text("agrees_who"))) if values.has("agrees_who") else ""
    more = ", ".join(filter(None, (whose, values.text("agrees_detail"))))
    return (f"{said}: {more}" if more else said), took


def _born(folding: Folding) -> Folded:
    """Fold the birth date with the age on the day, the expected date, or about how old the child is."""
    values = folding.values
    if is_unborn(values):
        day = values.day("expected_on")
        return (f"Not born yet, expected {in_words(day)}", {"expected_on"}) if day else ("Not born yet", set())
    born = values.day("birth_on")
    if born is not None:
        return f"{in_words(born)}, age {display_age(born, folding.context.today)}", {"birth_on"}
    if values.text("birth") == "date_not_known":
        band = values.code("age_band")
        about = f"{NOT_KNOWN_WORDS}, about {lower_first(label_of(AGE_BANDS, band))}"
        return (about, {"age_band"}) if band else (NOT_KNOWN_WORDS, set())
    return NOTHING


def _language(folding: Folding) -> Folded:
    other = folding.values.text("language_other")
    return (other, {"language_other"}) if other and folding.values.text("language") == OTHER else NOTHING


def _address(folding: Folding) -> Folded:
    values = folding.values
    lives = values.text("lives")
    if lives == "same":
        first = (numbers_of(folding.answers, "child") or [1])[0]
        return f"Same as {child_label(folding.answers, first)}", set()
    if lives in ("", "address") and values.has("address"):
        lines = [line.strip() for line in values.text("address").splitlines()]
        if values.has("postcode"):
            lines.append(values.text("postcode").upper())
        return "\n".join(filter(None, lines)), {"address", "postcode"} if values.has("postcode") else {"address"}
    return NOTHING


def _school(folding: Folding) -> Folded:
    school, year = folding.values.text("school"), folding.values.code("school_year")
    if not school or not year:
        return NOTHING
    return f"{school}, {lower_first(label_of(SCHOOL_YEARS, year))}", {"school_year"}


def _adult(folding: Folding) -> Folded:
    """Fold what an adult is to the children; their name is the row's label."""
    values = folding.values
    if not values.has("name"):
        return NOTHING
    relationship = values.code("relationship")
    parts = {
        "relationship": label_of(RELATIONSHIPS, relationship) if relationship else "",
        "relationship_detail": values.text("relationship_detail"),
        "same_household": _HOUSEHOLD.get(values.text("same_household"), ""),
        "parental_responsibility": _RESPONSIBILITY.get(values.text("parental_responsibility"), ""),
    }
    said = {name: words for name, words in parts.items() if words}
    line = ", ".join(said.values())
    return (line[:1].upper() + line[1:] or values.text("name")), set(said)


def _with(field: str, name: str, words: Mapping[str, str] | None = None) -> Callable[[Folding], Folded]:
    """Make a fold that sets one more answer behind the first."""

    def fold(folding: Folding) -> Folded:
        first, more = folding.values.text(field), folding.values.text(name)
        more = more if words is None else words.get(more, "")
        return (f"{first}, {more}", {name}) if first and more else NOTHING

    return fold


def _yes_with(field: str, name: str) -> Callable[[Folding], Folded]:
    """Make a fold of "Yes" with the words that belong to it."""

    def fold(folding: Folding) -> Folded:
        more = folding.values.text(name)
        return (f"Yes: {more}", {name}) if more and folding.values.text(field) == "yes" else NOTHING

    return fold


def _assessment(folding: Folding) -> Folded:
    values = folding.values
    day, lead = values.day("assessment_on"), values.text("assessment_lead")
    if values.text("assessment") != "yes" or not (day or lead):
        return NOTHING
    line = ", ".join(filter(None, ("Yes", in_words(day) if day else "", f"lead professional {lead}" if lead else "")))
    took = {name for name, there in (("assessment_on", day), ("assessment_lead", lead)) if there}
    return line, took


FOLDS: Mapping[tuple[str, str], Callable[[Folding], Folded]] = {
    ("safety", "already"): _yes_with("already", "call_reference"),
    ("told", "told"): _told,
    ("agrees", "who_told"): _told_above("who_told"),
    ("agrees", "told_by"): _told_above("told_by"),
    ("agrees", "told_on"): _told_above("told_on"),
    ("agrees", "agrees"): _agrees,
    ("who", "birth"): _born,
    ("who", "language"): _language,
    ("where", "lives"): _address,
    ("where", "school"): _school,
    ("adult", "name"): _adult,
    ("adult", "phone"): _with("phone", "safe_to_contact", _SAFE),
    ("tried", "assessment"): _assessment,
    ("risks", "risks"): _yes_with("risks", "risks_detail"),
    ("you", "name"): _with("name", "role"),
    ("you", "phone"): _with("phone", "best_time"),
}
