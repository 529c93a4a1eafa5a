"""Several workers at once: at most one open enquiry in a thread, each text once, and each batch one reply (EV-3)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from infrastructure.database import Wall, db, utc_now
from service_request.domain.inbound_text import write_raw
from service_request.models import Arrival, Channel, Conversation, Disposition, Enquiry, Message, ServiceRequest
from service_request.services.keep import NewArrival, keep
from service_request.services.understanding.understand import understand
from tests.plugins.house import SENDIASS_NUMBER
from tests.texting import MOTHER, new_sid, text

pytestmark = [pytest.mark.storage, pytest.mark.rule("EV-3"), pytest.mark.rule("EV-1")]
WORKERS, TEXTS = 4, 8


def test_workers_who_take_one_number_at_the_same_time_open_one_enquiry(app: Flask) -> None:
    house, session, errors = app.extensions["house"], db.session(), []
    now = utc_now()
    ids = [kept(session, f"text {number}", now + timedelta(milliseconds=number)) for number in range(TEXTS)]
    start = threading.Barrier(WORKERS)

    def work(mine: list[Any]) -> None:
        with app.app_context():
            start.wait()
            try:
                for arrival_id in mine:
                    understand(db.session(), arrival_id, now=utc_now(), house=house)
            except Exception as error:  # a worker tries again with the next sweep
                errors.append(error)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=work, args=(ids[number:] + ids[:number],)) for number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    rows: Callable[[Any], list[Any]] = lambda model: db.session().query(model).all()  # noqa: E731
    assert [len(rows(model)) for model in (ServiceRequest, Enquiry, Conversation)] == [1, 1, 1]
    assert {row.disposition for row in rows(Arrival)} == {Disposition.REQUEST, Disposition.MESSAGE}
    said = [row for row in rows(Message) if row.arrival_id]
    assert sorted(row.body for row in said) == [f"text {number}" for number in range(TEXTS)]
    assert len([row for row in rows(Message) if row.outbox_id]) == 1


def kept(session: Any, body: str, at: Any) -> Any:
    sid = new_sid()
    raw = write_raw("twilio", text(body, sid=sid))
    return keep(session, NewArrival(Channel.SMS, SENDIASS_NUMBER, sid, MOTHER, raw, at, Wall.SENDIASS), now=at).id
