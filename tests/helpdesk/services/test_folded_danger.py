"""Danger said in a request that was folded puts the one first that it was folded into (EV-10, EV-1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from helpdesk.services import folding
from infrastructure.database import transaction
from infrastructure.house import House
from service_request.models import ServiceRequest, Task, TaskKind
from service_request.services.alerting import alert_danger
from service_request.services.sight.system import lock_request
from tests.factories import NOW, County, make_request, make_waiting
from tests.helpdesk.conftest import Ask

pytestmark = [pytest.mark.storage, pytest.mark.rule("EV-10")]
Fold = Callable[..., tuple[UUID, UUID]]


@pytest.fixture
def fold(session: Session, county: County, house: House, ask: Ask) -> Fold:
    """The nurse's request about Callum, folded into the teacher's."""

    def fold_them(urgency: str = "routine") -> tuple[UUID, UUID]:
        early = make_request(session, area_id=county.teasel, received_at=NOW - timedelta(hours=3), urgency=urgency).id
        late = make_waiting(session, county).id
        same = dict(zip(ask.subjects(early), ask.subjects(late), strict=True))
        folding.fold(session, request_id=early, into_id=late, same=same, by=county.officer, now=NOW, house=house)
        return early, late

    return fold_them


def test_a_request_in_danger_does_not_lose_its_place_by_being_folded(fold: Fold, ask: Ask) -> None:
    _, late = fold("danger")
    assert ask.one(ServiceRequest, ServiceRequest.id == late).urgency == "danger"


def test_danger_that_is_said_later_puts_the_one_first_that_is_worked_on(
    session: Session, fold: Fold, ask: Ask, house: House
) -> None:
    early, late = fold()
    assert ask.one(ServiceRequest, ServiceRequest.id == late).urgency == "routine"
    with transaction(session):
        request = lock_request(session, early)
        request.urgency = "danger"
        alert_danger(session, request, now=NOW, house=house)
    assert ask.one(ServiceRequest, ServiceRequest.id == late).urgency == "danger"
    assert ask.one(Task, Task.kind == TaskKind.DANGER).request_id == early
