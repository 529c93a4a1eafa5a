"""Acts of the desk in short, so that a test says what happens and not how."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from helpdesk.models import Decision
from helpdesk.services.decide import NewLine, decide
from infrastructure.house import House
from service_request.models import ServiceRequest
from tests.factories import NOW, County, accept, make_decision, make_waiting
from tests.helpdesk.conftest import Ask


@pytest.fixture
def save(session: Session, house: House, county: County) -> Callable[..., Decision]:
    """Save a decision as the manager of Teasel Vale, unless somebody else is named."""

    def save_it(request_id: UUID, decision: Any, **changes: Any) -> Decision:
        values: dict[str, Any] = {"by": county.manager, "now": NOW, "version": None, **changes}
        return decide(session, request_id=request_id, decision=decision, house=house, **values)

    return save_it


@pytest.fixture
def decided(session: Session, county: County, ask: Ask, save: Callable[..., Decision]) -> Callable[..., ServiceRequest]:
    """Make a request and decide it: one child, accepted for an initial assessment, unless said otherwise."""

    def make(choose: Callable[[UUID], NewLine] = accept, *, now: datetime = NOW, **changes: Any) -> ServiceRequest:
        request = make_waiting(session, county, **changes)
        save(request.id, make_decision(*(choose(subject) for subject in ask.subjects(request.id))), now=now)
        row: ServiceRequest = ask.one(ServiceRequest, ServiceRequest.id == request.id)
        return row

    return make
