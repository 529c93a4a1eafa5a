"""The worker dies between a text's sending and its note: it is looked for at the carrier, and not doubled (F23)."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select

from demonstration.carrier.account import Account
from infrastructure.database import Wall, db, transaction, utc_now, uuid7
from infrastructure.outbox import DeliveryAttempt, Letter, MessageState, OutboxMessage, owe_text
from tests.enquirers import MOTHER, make_open_enquiry, make_thread
from tests.plugins.house import SENDIASS_NUMBER
from tests.plugins.server import Installation

pytestmark = [pytest.mark.storage, pytest.mark.fault]
QUICK = {"lease_seconds": 5, "smtp_timeout_seconds": 2, "scanner_timeout_seconds": 2, "sweep_seconds": 0.2}
LONGEST = 40.0


@pytest.mark.rule("EV-2")
@pytest.mark.rule("EV-3")
@pytest.mark.threat("F23")
def test_the_worker_killed_between_sending_a_text_and_marking_it_finds_it_again(
    installation: Installation, inside: Callable[[], AbstractContextManager[Any]], carrier: Account
) -> None:
    with inside():
        house, session = current_app.extensions["house"], db.session()
        request_id = make_open_enquiry(session, house, now=utc_now())
        make_thread(session, request_id, now=utc_now())
        with transaction(session):
            letter = Letter("reply", "", "We have your message.", {}, {"subject": [], "text": [(0, 21)]})
            owe_text(
                session, letter, channel="sms", endpoint=SENDIASS_NUMBER, to=MOTHER, cause=uuid7(),
                about=("request", request_id), now=utc_now(), wall=Wall.SENDIASS,
            )  # fmt: skip
        close()
    dying = installation.worker(failpoint="after_send:exit9", **QUICK)
    dying.popen.wait(LONGEST)
    assert len(carrier.sent) == 1
    worker = installation.worker(**QUICK)
    began = time.monotonic()
    with inside():
        while time.monotonic() - began < LONGEST:
            row = db.session.scalars(select(OutboxMessage).execution_options(populate_existing=True)).one()
            if row.state is MessageState.SENT:
                break
            db.session.rollback()
            time.sleep(0.2)
        tried = db.session.execute(
            select(DeliveryAttempt.result, DeliveryAttempt.code).order_by(DeliveryAttempt.n)
        ).all()
        found = (row.state, row.carrier_id, [(str(result), code) for result, code in tried])
        close()
    worker.stop()
    assert found == (MessageState.SENT, carrier.sent[0].sid, [("unknown", "lease"), ("accepted", "found")]), (
        installation.logs()
    )
    assert len(carrier.sent) == 1


def close() -> None:
    db.session.remove()
    db.engine.dispose()
