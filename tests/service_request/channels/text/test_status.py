"""Reports on what we sent only move it forward, and reach a person where it never arrived (F27)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.carrier.account import Account
from demonstration.carrier.webhooks import report_of
from infrastructure.database import Wall, transaction, utc_now, uuid7
from infrastructure.outbox import DeliveryAttempt, Letter, MessageState, OutboxMessage, Result, owe_text
from service_request.models import Conversation, DeliveryReport, Safe, Silenced, Task, TaskKind
from tests.factories import NOW
from tests.plugins.house import SENDIASS_NUMBER
from tests.texting import deliver

MOTHER = "+447700900811"
STATUS = "/hooks/twilio/status"
pytestmark = [pytest.mark.storage, pytest.mark.threat("F27")]


@pytest.fixture
def message(session: Session, work: Callable[[], None]) -> OutboxMessage:
    """A text that went out from behind the wall."""
    owe_one(session)
    work()
    return the_message(session)


def owe_one(session: Session) -> None:
    with transaction(session):
        letter = Letter("reply", "", "We have your message.", {}, {"subject": [], "text": [(0, 21)]})
        owe_text(
            session, letter, channel="sms", endpoint=SENDIASS_NUMBER, to=MOTHER, cause=uuid7(),
            about=("user", uuid7()), now=utc_now(), wall=Wall.SENDIASS,
        )  # fmt: skip


def the_message(session: Session) -> OutboxMessage:
    session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.channel == "sms")
    return session.scalars(query.execution_options(populate_existing=True)).one()


def tell(client: FlaskClient, carrier: Account, status: str, code: int | None = None) -> None:
    answer = deliver(client, report_of(carrier, carrier.sent[-1], status, code), path=STATUS)
    assert (answer.status_code, answer.data) == (204, b"")


def tasks(session: Session) -> list[tuple[TaskKind, Wall]]:
    session.rollback()
    return [(task.kind, task.wall) for task in session.scalars(select(Task).order_by(Task.id))]


@pytest.mark.parametrize("order", list(permutations(["queued", "sent", "delivered"]))[::2])
def test_in_whatever_order_and_however_often_it_ends_where_it_arrived(
    message: OutboxMessage, order: tuple[str, ...], client: FlaskClient, carrier: Account, session: Session
) -> None:
    for status in [*order, *order]:
        tell(client, carrier, status)
    row = the_message(session)
    assert (row.state, row.delivered_at is not None, tasks(session)) == (MessageState.DELIVERED, True, [])
    reports = session.scalars(select(DeliveryReport)).all()
    assert sorted(one.status for one in reports) == sorted(order)
    assert all(one.applied_at is not None and one.wall is Wall.SENDIASS for one in reports)
    results = session.scalars(select(DeliveryAttempt.result).order_by(DeliveryAttempt.n)).all()
    assert results == [Result.ACCEPTED, Result.DELIVERED]


@pytest.mark.rule("EV-2")
def test_a_text_that_did_not_arrive_is_a_task_of_its_side_once_and_a_late_word_that_it_did_wins(
    message: OutboxMessage, client: FlaskClient, carrier: Account, session: Session
) -> None:
    tell(client, carrier, "undelivered", 30005)
    tell(client, carrier, "failed", 30005)
    tell(client, carrier, "sent")
    assert the_message(session).state is MessageState.FAILED
    assert tasks(session) == [(TaskKind.DELIVERY_FAILED, Wall.SENDIASS)]
    assert session.scalars(select(DeliveryAttempt.code).order_by(DeliveryAttempt.n.desc())).first() == "30005"
    tell(client, carrier, "delivered")
    assert the_message(session).state is MessageState.DELIVERED
    tell(client, carrier, "failed")
    assert the_message(session).state is MessageState.DELIVERED


@pytest.mark.threat("F24")
def test_a_report_that_they_left_our_number_ends_texts_to_them(
    message: OutboxMessage, client: FlaskClient, carrier: Account, session: Session, work: Callable[[], None]
) -> None:
    with transaction(session):
        session.add(
            Conversation(
                wall=Wall.SENDIASS, channel="sms", endpoint=SENDIASS_NUMBER, counterpart=MOTHER,
                counterpart_hash=MOTHER, safe=Safe.YES, heard_at=utc_now(),
            )
        )  # fmt: skip
    tell(client, carrier, "undelivered", 21610)
    session.rollback()
    thread = session.scalars(select(Conversation)).one()
    assert (thread.opted_out_at is not None, thread.silenced) == (True, Silenced.OPTED_OUT)
    owe_one(session)
    work()
    assert len(carrier.sent) == 1


def test_a_report_that_comes_before_we_have_noted_the_sending_is_applied_with_it(
    client: FlaskClient, carrier: Account, session: Session, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from infrastructure.outbox import deliver as outbox

    def at_once(name: str) -> None:
        tell(client, carrier, "delivered")

    owe_one(session)
    monkeypatch.setattr(outbox, "failpoint", at_once)
    work()
    assert the_message(session).state is MessageState.DELIVERED


def test_what_nobody_sent_is_parked_and_after_a_day_somebody_hears_once(
    client: FlaskClient, carrier: Account, session: Session, work: Callable[[], None]
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        carrier.send(SENDIASS_NUMBER, MOTHER, "Not ours", "")
        tell(client, carrier, "delivered")
        work()
        assert tasks(session) == []
        clock.shift(timedelta(hours=24, seconds=1))
        work()
        work()
    assert tasks(session) == [(TaskKind.ALERT, Wall.SENDIASS)]
    report = session.scalars(select(DeliveryReport)).one()
    assert (report.applied_at, report.alerted_at is not None) == (None, True)


def test_a_parked_report_whose_message_is_known_by_now_is_applied_by_the_worker(
    message: OutboxMessage, client: FlaskClient, carrier: Account, session: Session, work: Callable[[], None]
) -> None:
    with transaction(session):
        row = the_message(session)
        name, row.carrier_id = row.carrier_id, None
    tell(client, carrier, "delivered")
    work()
    assert the_message(session).state is MessageState.SENT
    with transaction(session):
        the_message(session).carrier_id = name
    work()
    assert the_message(session).state is MessageState.DELIVERED


@pytest.mark.threat("T3")
def test_a_forged_report_changes_nothing(
    message: OutboxMessage, client: FlaskClient, carrier: Account, session: Session
) -> None:
    params = report_of(carrier, carrier.sent[-1], "failed")
    assert deliver(client, params, path=STATUS, signed="AAAA").status_code == 403
    assert deliver(client, params, path=STATUS, signed="").status_code == 403
    assert the_message(session).state is MessageState.SENT
    assert session.scalars(select(DeliveryReport)).all() == []


@pytest.mark.rule("EV-1")
def test_a_report_is_never_taken_for_a_message_and_one_that_tells_of_nothing_is_nothing(
    message: OutboxMessage, client: FlaskClient, carrier: Account, session: Session
) -> None:
    params = [pair for pair in report_of(carrier, carrier.sent[-1], "sent") if pair[0] != "MessageStatus"]
    assert deliver(client, params, path=STATUS).status_code == 204
    assert session.scalars(select(DeliveryReport)).all() == []


def test_notify_tells_by_its_own_words(make_app: Callable[..., Flask], carrier: Account) -> None:
    token, key = "t" * 40, f"front-door-{'1b' * 4}-0000-4000-8000-{'2c' * 6}-{'3d' * 4}-0000-4000-8000-{'4e' * 6}"
    app = make_app(
        text_carrier="notify", text_numbers=f"sms:{SENDIASS_NUMBER}=sendiass", notify_api_key=key,
        notify_callback_token=token, notify_text_template=f"{'5f' * 4}-0000-4000-8000-{'6a' * 6}",
        twilio_api_base="", twilio_account_sid="", twilio_auth_token="",
    )  # fmt: skip
    said = {"id": "740e5834-3a29-46b4-9a6f-16142fde533a", "status": "permanent-failure", "to": MOTHER}
    with app.app_context():
        from infrastructure.database import db

        client, session = app.test_client(), db.session()
        owe_one(session)
        with transaction(session):
            row = the_message(session)
            row.state, row.next_at, row.carrier_id = MessageState.SENT, None, said["id"]
        assert client.post("/hooks/notify/status", json=said).status_code == 403
        headers = {"Authorization": f"Bearer {token}"}
        assert client.post("/hooks/notify/status", data=json.dumps(said), headers=headers).status_code == 204
        assert the_message(session).state is MessageState.FAILED
        assert tasks(session) == [(TaskKind.DELIVERY_FAILED, Wall.SENDIASS)]
