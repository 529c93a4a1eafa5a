"""Danger told in any channel of the public desk reaches a named person at once (EV-10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.carrier.account import Account
from infrastructure.database import transaction
from infrastructure.house import House
from service_request.domain.references import format_reference
from service_request.models import ServiceRequest, Task, TaskKind
from service_request.services.alerting import alert_danger
from service_request.services.log_call import log_call
from tests.answers import typed
from tests.factories import NOW, County, make_county, make_request
from tests.plugins.house import Mailbox
from tests.wall.inside import CALL

pytestmark = [pytest.mark.rule("EV-10"), pytest.mark.storage]


@pytest.fixture
def county(session: Session) -> County:
    return make_county(session)


def tasks(session: Session) -> list[TaskKind]:
    session.rollback()
    return [row.kind for row in session.scalars(select(Task).where(Task.kind == TaskKind.DANGER))]


@pytest.mark.parametrize("changes", [{"urgency": "danger"}, {"narrative": "He is hitting him right now"}])
def test_a_call_that_tells_of_danger_alerts_the_duty_desk_by_mail_and_text(
    session: Session, county: County, house: House, work: Callable[[], None], mailbox: Mailbox, carrier: Account,
    changes: dict[str, str],
) -> None:  # fmt: skip
    page = typed(**{**CALL, **changes})
    receipt = log_call(session, call_id=uuid4(), typed=page, by=county.officer, now=NOW, house=house)
    work()
    assert tasks(session) == [TaskKind.DANGER]
    (mail,) = mailbox.to("duty@westmarch.example")
    (text,) = carrier.sent_to("+447700900191")
    for said in (str(mail["Subject"]), text.body):
        assert format_reference(receipt.reference) in said
    for word in ("Tadhg", "Corrigan", "hitting", "school"):
        assert word not in mailbox.words(mail) and word not in text.body


def test_a_call_without_danger_alerts_nobody(
    session: Session, county: County, house: House, work: Callable[[], None], mailbox: Mailbox
) -> None:
    log_call(session, call_id=uuid4(), typed=typed(**CALL), by=county.officer, now=NOW, house=house)
    work()
    assert tasks(session) == [] and mailbox.to("duty@westmarch.example") == []


@pytest.mark.rule("SE-10")
def test_one_burst_is_one_alert_and_the_next_danger_another(session: Session, house: House) -> None:
    made = make_request(session)
    told = []
    for minutes in (0, 5, 14, 40):
        with transaction(session):
            request = session.scalars(select(ServiceRequest).where(ServiceRequest.id == made.id)).one()
            told.append(alert_danger(session, request, now=NOW + timedelta(minutes=minutes), house=house))
    assert told == [True, False, False, True]
    assert len(tasks(session)) == 2
