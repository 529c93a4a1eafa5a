"""The results of a year that is over, as anybody may read them: counts, and no small ones (SE-5, SE-8, SE-9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.calendar import LONDON
from infrastructure.database import Wall
from infrastructure.house import House
from service_request.domain.results import Published, publish
from service_request.models import Evaluation, EvaluationState
from service_request.pathways.sendiass.evaluation import Asked
from service_request.services.enquiries.evaluation_answers import wording_of

INSIDE = Wall.SENDIASS


@dataclass(frozen=True)
class Result:
    """One question with what was answered to it."""

    asked: Asked
    published: Published


@dataclass(frozen=True)
class Results:
    """One year; `others` are the further years that can be read."""

    year: int
    questions: tuple[Result, ...]
    others: tuple[int, ...]


def read_results(session: Session, year: int | None, *, now: datetime, house: House) -> Results | None:
    """Return the results of a year, or of the last one; None where there is none that may be published.

    The year that runs has none: whoever read it before and after one answer would know that answer.
    """
    this_year = now.astimezone(LONDON).year
    by_year: dict[int, list[dict[str, Any]]] = {}
    for answered_on, answers in _answered(session, this_year):
        by_year.setdefault(answered_on.year, []).append(answers)
    ready = {one: _results(answers, house) for one, answers in sorted(by_year.items(), reverse=True)}
    years = [one for one, questions in ready.items() if any(q.published.total is not None for q in questions)]
    if not years or (year is not None and year not in years):
        return None
    chosen = years[0] if year is None else year
    return Results(chosen, ready[chosen], tuple(one for one in years if one != chosen))


def _results(answers: Sequence[dict[str, Any]], house: House) -> tuple[Result, ...]:
    smallest = house.settings.results_smallest
    found = []
    for asked in wording_of(house).questions:
        said = Counter(one.get(asked.code) for one in answers)
        found.append(Result(asked, publish({code: said[code] for code, _ in asked.scale}, smallest)))
    return tuple(found)


def _answered(session: Session, before: int) -> list[tuple[date, dict[str, Any]]]:
    query = select(Evaluation).where(
        Evaluation.wall == INSIDE,
        Evaluation.state == EvaluationState.ANSWERED,
        Evaluation.answered_on < date(before, 1, 1),
        Evaluation.answers_sealed.is_not(None),
    )
    return [(row.answered_on, row.answers) for row in session.scalars(query) if row.answered_on and row.answers]
