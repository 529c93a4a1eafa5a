"""What the worker reads to make the form returned: the outcome, the request, its latest answers. No user is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.trail import Event
from service_request.models import FormResponse, Outcome, ServiceRequest

MADE, FAILED = "form_returned_made", "form_returned_failed"


@dataclass(frozen=True)
class FormToReturn:
    """What is said of a decision and what the form said, read once, so that no connection is held while it is set."""

    outcome_id: UUID
    request_id: UUID
    wanted_at: datetime
    reference: str
    received_at: datetime
    outcome: dict[str, Any] | None  # None: erased
    kind: str
    form_version: str
    answers: dict[str, dict[str, list[str]]] | None


def list_outcomes_wanting_form(session: Session, *, now: datetime, most: int = 50) -> list[UUID]:
    """Return the outcomes whose form is to be made by now, the longest waiting first."""
    query = (
        select(Outcome.id)
        .where(Outcome.wall == Wall.OPEN, Outcome.pdf_wanted_at <= now)
        .order_by(Outcome.pdf_wanted_at)
        .limit(most)
    )
    found = list(session.scalars(query))
    session.rollback()
    return found


def find_form_to_return(session: Session, outcome_id: UUID) -> FormToReturn | None:
    """Return what the form returned is made of, or None when it is not wanted (any more)."""
    row = session.execute(
        select(Outcome, ServiceRequest)
        .join(ServiceRequest, ServiceRequest.id == Outcome.request_id)
        .where(Outcome.wall == Wall.OPEN, ServiceRequest.wall == Outcome.wall, Outcome.id == outcome_id)
    ).one_or_none()
    found = None
    wanted_at = row[0].pdf_wanted_at if row is not None else None
    if row is not None and wanted_at is not None:
        outcome, request = row
        sent = _latest_answers(session, request.id)
        found = FormToReturn(
            outcome_id=outcome.id,
            request_id=request.id,
            wanted_at=wanted_at,
            reference=request.reference,
            received_at=request.received_at,
            outcome=outcome.body,
            kind=sent.kind if sent else request.kind,
            form_version=sent.form_version if sent else request.form_version,
            answers=sent.answers if sent else None,
        )
    session.rollback()
    return found


def count_failures(session: Session, request_id: UUID, outcome_id: UUID) -> int:
    """Return how often making this form has failed since it was last made."""
    query = (
        select(Event.act, Event.facts)
        .where(Event.stream_kind == "request", Event.stream_id == request_id, Event.act.in_((MADE, FAILED)))
        .order_by(Event.seq.desc())
    )
    failures = 0
    for act, facts in session.execute(query):
        if facts.get("outcome") == str(outcome_id):
            if act == MADE:
                break
            failures += 1
    return failures


def _latest_answers(session: Session, request_id: UUID) -> FormResponse | None:
    return session.scalars(
        select(FormResponse)
        .where(FormResponse.wall == Wall.OPEN, FormResponse.request_id == request_id)
        .order_by(FormResponse.at.desc(), FormResponse.id.desc())
        .limit(1)
    ).one_or_none()
