"""Whoever acts on a request and whoever sends its messages lock in one order: neither waits for ever (EV-6, F27)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from helpdesk.jobs import list_jobs
from infrastructure.database import Wall, db, transaction
from infrastructure.house import House
from infrastructure.outbox import Letter, MessageState, OutboxMessage, owe, owe_text
from service_request.models import Conversation, Task, TaskKind
from service_request.services.reports import BLOCKED_BY_RECEIVER, take_report
from service_request.services.sight.crossing import list_belongings
from service_request.services.sight.system import lock_request
from tests.enquirers import MOTHER, make_open_enquiry, make_thread
from tests.factories import NOW, make_county, make_request
from tests.plugins.house import SENDIASS_NUMBER

pytestmark = [pytest.mark.storage, pytest.mark.threat("F27"), pytest.mark.rule("EV-6")]
PATIENCE = 5.0


def test_a_message_is_held_back_while_somebody_acts_on_its_request(app: Flask, session: Session, house: House) -> None:
    made = make_request(session, area_id=make_county(session).teasel)
    request_id = made.id
    with transaction(session):
        letter = Letter("assignment", "Request K7RM-4TXC", "Callum is sent to you.", {})
        about = ("request", request_id)
        row_id = owe(session, letter, to="team@westmarch.example", cause=uuid4(), about=about, now=NOW).id
    (job,) = [one for one in list_jobs(house, {}, lambda: NOW) if one.name == "deliver"]

    assert both(app, request_id, lambda: job.run(db.session(), row_id)) == []
    assert row(session).state is MessageState.HELD
    assert TaskKind.HELD_BACK in {task.kind for task in session.scalars(select(Task))}


def test_a_report_that_they_left_is_taken_while_somebody_acts_on_their_enquiry(
    app: Flask, session: Session, house: House
) -> None:
    request_id = make_open_enquiry(session, house)
    thread_id = make_thread(session, request_id)
    with transaction(session):
        letter = Letter("reply", "", "We have your message.", {}, {"subject": [], "text": [(0, 21)]})
        owe_text(
            session, letter, channel="sms", endpoint=SENDIASS_NUMBER, to=MOTHER, cause=uuid4(),
            about=("request", request_id), now=NOW, wall=Wall.SENDIASS,
        )  # fmt: skip
    with transaction(session):
        sent = row(session)
        sent.state, sent.next_at, sent.carrier_id, sent.sent_at = MessageState.SENT, None, "SM" + "a" * 32, NOW
        carrier_id = sent.carrier_id

    def tell() -> None:
        take_report(
            db.session(), carrier_id=carrier_id, status="undelivered", code=BLOCKED_BY_RECEIVER, wall=Wall.SENDIASS,
            now=NOW,
        )  # fmt: skip

    assert both(app, request_id, tell) == []
    assert row(session).state is MessageState.FAILED
    assert session.get_one(Conversation, thread_id, populate_existing=True).opted_out_at == NOW


def both(app: Flask, request_id: UUID, work: Callable[[], Any]) -> list[Exception]:
    """Have the worker begin while an act holds the request and then turns to its messages; return what broke."""
    locked, errors = threading.Event(), []

    def act() -> None:
        with app.app_context():
            try:
                with transaction(db.session()):
                    request = lock_request(db.session(), request_id)
                    locked.set()
                    wait_for_worker()
                    list_belongings(db.session(), request)
            except Exception as error:
                errors.append(error)
            finally:
                db.session.remove()

    def run() -> None:
        with app.app_context():
            locked.wait(PATIENCE)
            try:
                work()
            except Exception as error:
                errors.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=one) for one in (act, run)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def wait_for_worker() -> None:
    """Wait until the worker waits for a row of ours; on SQLite it waits before it reads anything."""
    if db.engine.dialect.name != "postgresql":
        return
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    end = time.monotonic() + PATIENCE
    with db.engine.connect() as watching:
        while time.monotonic() < end and not watching.scalar(waiting):
            watching.rollback()
            threading.Event().wait(0.01)


def row(session: Session) -> OutboxMessage:
    session.rollback()
    return session.scalars(select(OutboxMessage).execution_options(populate_existing=True)).one()
