"""What the tests of the desk share: a county, and the questions they ask of the database."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.models import Assignment, DecisionLine, Referral
from service_request.models import Subject
from service_request.services.sight.viewing import SEES, Part, Viewer
from tests.factories import County, make_county


@pytest.fixture
def county(session: Session) -> County:
    """Teasel Vale and Aldermoor, with their people."""
    return make_county(session)


@pytest.fixture
def take_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Viewer, set[Part]], None]]:
    """Return a function that takes parts from a role in the table, and from what was put together by it before."""

    def forget() -> None:
        for name, module in list(sys.modules.items()):
            for kept in list(vars(module).values()) if name.startswith("service_request.services.sight.") else ():
                if hasattr(kept, "cache_clear"):
                    kept.cache_clear()

    def take(viewer: Viewer, parts: set[Part]) -> None:
        monkeypatch.setitem(SEES, viewer, SEES[viewer] - parts)
        forget()

    yield take
    forget()


class Ask:
    """Reads the database afresh, as another process would."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def all(self, model: Any, *conditions: Any) -> list[Any]:
        """Return the rows of a table, the oldest first (within a millisecond only events know their order)."""
        self.session.rollback()
        self.session.expire_all()
        return list(self.session.scalars(select(model).where(*conditions).order_by(getattr(model, "seq", model.id))))

    def one(self, model: Any, *conditions: Any) -> Any:
        """Return the only row there is."""
        (row,) = self.all(model, *conditions)
        return row

    def subjects(self, request_id: UUID) -> list[UUID]:
        """Return the ids of the subjects of a request, in order."""
        rows = self.all(Subject, Subject.request_id == request_id)
        return [row.id for row in sorted(rows, key=lambda row: row.number)]

    def assignments(self, request_id: UUID) -> list[Assignment]:
        """Return what was routed from a request."""
        return self.all(Assignment, Assignment.request_id == request_id)

    def current_lines(self, subject_id: UUID) -> list[DecisionLine]:
        """Return the lines that hold for a subject."""
        return self.all(DecisionLine, DecisionLine.subject_id == subject_id, DecisionLine.current)

    def referrals(self, subject_id: UUID) -> list[Referral]:
        """Return every referral of a subject."""
        return self.all(Referral, Referral.subject_id == subject_id)


@pytest.fixture
def ask(session: Session) -> Ask:
    """The database, asked afresh."""
    return Ask(session)
