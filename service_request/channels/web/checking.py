"""The page that shows every answer before sending: what is missing first, then a card for each child."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from service_request.channels.web.here import Here
from service_request.channels.web.way_on import (
    CHECK,
    anchor_of,
    email_given,
    email_is_proven,
    says_danger,
)
from service_request.domain.consent import Told
from service_request.pathways.social_care.forms import Gap, Problem, gaps, problems, told_answer
from service_request.pathways.social_care.reading import AnswerState, ReadRow, read_back
from service_request.services.send_form import answers_digest

FEW = 8  # missing answers that are listed one by one
ANY_KEY = "*"  # stands for the key of a page in its address: a key has letters, numbers and full stops
BREAK = Markup("<br>")


class Line(NamedTuple):
    """One answer with its label, and the way to change it: unpacked on the page, which has many of them."""

    label: str
    answer: Markup
    missing: bool
    href: str
    change: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Card:
    """The answers under one heading."""

    id: str
    title: str
    rows: Sequence[Line]


def check_page(
    here: Here,
    *,
    problems: Sequence[Problem] = (),
    notice: str = "",
    has_lapsed: bool = False,
) -> ResponseReturnValue:
    """Show the answers with a fresh token and the digest of what is shown (W12, W13)."""
    stopped = problems or stopped_by(here)
    lacking = gaps(here.kind, here.answers, here.context)
    return here.show(
        "check",
        sections=sections(here),
        missing=len(lacking),
        gaps=_gaps(here, lacking),
        stopped=[_linked(here, problem) for problem in stopped],
        has_errors=bool(problems),
        is_not_yet=told_answer(here.answers) == Told.NOT_YET,
        is_danger=says_danger(here.answers, *here.answers),
        digest=answers_digest(here.draft.answers),
        notice=notice,
        has_lapsed=has_lapsed,
        email=email_given(here),
        is_proven=email_is_proven(here),
    )


def stopped_by(here: Here) -> list[Problem]:
    """Return what stops sending, each with its place."""
    return problems(here.kind, here.answers, here.context)


def _gaps(here: Here, lacking: Sequence[Gap]) -> list[dict[str, str]]:
    """Return a link to each missing answer; where they are many, to each page, naming what it lacks."""
    if len(lacking) <= FEW:
        return [_gap(here, gap, gap.label) for gap in lacking]
    pages: dict[str, list[Gap]] = {}
    for gap in lacking:
        pages.setdefault(gap.key, []).append(gap)
    return [
        _gap(here, page[0], ", ".join([page[0].label, *(_small(gap.short) for gap in page[1:])]))
        for page in pages.values()
    ]


def _gap(here: Here, gap: Gap, text: str) -> dict[str, str]:
    return {"text": text, "href": here.url("step", key=gap.key, then=CHECK, _anchor=gap.field)}


def _small(words: str) -> str:
    """Return the words as they stand in a sentence; an abbreviation keeps its capitals."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def _linked(here: Here, problem: Problem) -> dict[str, str]:
    about = f"{problem.about}: " if problem.about else ""
    href = here.url("step", key=problem.key, then=CHECK, _anchor=problem.field)
    return {"text": f"{about}{problem.message}", "href": href}


def sections(here: Here) -> list[Card]:
    """Return the answers in cards, each row with its link to the page that asks it."""
    cards = []
    any_page = here.url("step", key=ANY_KEY, then=CHECK)
    pages: dict[str, str] = {}
    for section in read_back(here.kind, here.answers, here.context):
        rows = []
        for row in section.rows:
            anchor = "" if row.step_key in pages else anchor_of(row.step_key)
            page = pages.setdefault(row.step_key, any_page.replace(ANY_KEY, row.step_key))
            rows.append(_line(here, row, section.title, f"{page}#{row.field}", anchor))
        cards.append(Card(anchor_of(section.key) + "-card", section.title, rows))
    return cards


def _line(here: Here, row: ReadRow, title: str, href: str, anchor: str) -> Line:
    answer = BREAK.join(row.lines) if "\n" in row.value else escape(row.value)
    if row.step_key == "you" and row.field == "email" and row.value and email_is_proven(here):
        answer = escape(f"{row.value}, proven by code")
    is_missing = row.state is AnswerState.MISSING
    return Line(row.label, answer, is_missing, href, f"{row.label}, {title}", anchor)
