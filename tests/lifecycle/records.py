"""All that stands in the database, read at once: what the invariants are judged by, and what an act may be tried on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models import Assignment, Decision, DecisionLine, Referral
from infrastructure.outbox import OutboxMessage
from infrastructure.trail import Event
from service_request.domain.states import RequestState
from service_request.models import (
    AskedFor,
    Clock,
    Consent,
    FormResponse,
    Grant,
    Message,
    Outcome,
    Referrer,
    RequestLink,
    ServiceRequest,
    Similarity,
    Subject,
    Task,
)

TABLES: tuple[type[Any], ...] = (
    AskedFor,
    Assignment,
    Clock,
    Consent,
    Decision,
    DecisionLine,
    Event,
    FormResponse,
    Grant,
    Message,
    Outcome,
    OutboxMessage,
    Referral,
    Referrer,
    RequestLink,
    ServiceRequest,
    Similarity,
    Subject,
    Task,
)


class Records:
    """Every row of the tables that the rules speak of, as another process would read them now."""

    def __init__(self, session: Session) -> None:
        session.rollback()
        self.rows: dict[type[Any], list[Any]] = {
            model: list(session.scalars(select(model).order_by(getattr(model, "seq", model.id)))) for model in TABLES
        }
        self.of_request: dict[tuple[type[Any], UUID], list[Any]] = defaultdict(list)
        for model in TABLES:
            if hasattr(model, "request_id"):
                for row in self.rows[model]:
                    self.of_request[model, row.request_id].append(row)
        for event in self.rows[Event]:
            self.of_request[Event, event.stream_id].append(event)
        self.by_id = {row.id: row for rows in self.rows.values() for row in rows}
        session.expunge_all()  # what was read stays as it was read
        session.rollback()

    def all(self, model: type[Any], request_id: UUID | None = None) -> list[Any]:
        """Return the rows of a table, or those of one request."""
        return self.rows[model] if request_id is None else self.of_request[model, request_id]

    def requests(self, states: Iterable[RequestState] | None = None) -> list[Any]:
        """Return the requests in the order they came, or those that stand in one of these states."""
        came = sorted(self.rows[ServiceRequest], key=lambda row: (row.received_at, row.id))
        return came if states is None else [row for row in came if row.state in tuple(states)]

    def current_lines(self, request_id: UUID) -> list[Any]:
        """Return the lines that hold for the children of a request."""
        subjects = {row.id for row in self.all(Subject, request_id)}
        return [row for row in self.rows[DecisionLine] if row.current and row.subject_id in subjects]

    def trace(self) -> tuple[Any, ...]:
        """Return what changes with every act that does anything at all."""
        versions = tuple((row.id, row.version) for row in self.rows[ServiceRequest])
        return len(self.rows[Event]), versions, *(len(self.rows[model]) for model in TABLES)
