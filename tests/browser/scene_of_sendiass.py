"""What was sent to SENDIASS by its own form, who is asked how it went, and a year of answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from infrastructure.house import House
from service_request.services.enquiries.evaluation_answers import answer_evaluation, decline_evaluation
from tests.evaluating import ALL_FIVES, make_asked, make_evaluation, make_results


def make_asked_of_sendiass(session: Session, house: House, *, now: datetime) -> dict[str, Any]:
    """Make one of everything that opens by a link; return the links by name."""
    ids: dict[str, Any] = {
        "receipt": make_asked(session, house, now=now),
        "receipt_danger": make_asked(session, house, now=now, story="He has a knife and says he will kill himself"),
        "receipt_unsafe": make_asked(session, house, now=now, safe="no"),
        "receipt_worker": make_asked(session, house, now=now, enquirer="professional"),
    }
    for name in ("how_it_went", "how_it_went_said", "how_it_went_no"):
        ids[name] = make_evaluation(session, house, now=now, email=f"{name}@homes.example")
    answer_evaluation(session, token=ids["how_it_went_said"], answers=ALL_FIVES, with_name=False, now=now, house=house)
    decline_evaluation(session, token=ids["how_it_went_no"], now=now)
    ids["year"] = now.year - 1
    told = [ALL_FIVES] * 31 + [{**ALL_FIVES, "reach": "4", "difference": "3"}] * 12
    make_results(session, ids["year"], told + [{**ALL_FIVES, "reach": "2", "neutral": "4"}] * 3)
    make_results(session, ids["year"] - 1, told)
    return ids
