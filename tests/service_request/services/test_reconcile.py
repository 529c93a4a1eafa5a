"""What came while we were down stands in the carrier's lists: each is kept once, marked as late (F26, EV-1, EV-3)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.carrier.account import Account
from demonstration.carrier.webhooks import params_of
from infrastructure.database import Wall, utc_now
from infrastructure.house import House
from service_request.domain.inbound_text import read_text
from service_request.models import Arrival, ArrivalMedia, CarrierLook, Channel, Disposition, Task, TaskKind
from service_request.services.reconcile import CALLS, EVERY_SECONDS, TEXTS, Reconciling
from tests.factories import NOW
from tests.listening import logged
from tests.plugins.house import CARRIER_AT, SENDIASS_NUMBER, SOCIAL_CARE_NUMBER
from tests.texting import MOTHER, deliver
from tests.wall.stolen import Thief

pytestmark = [pytest.mark.storage, pytest.mark.threat("F26")]

DOWN = timedelta(minutes=10)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as found:
        yield found


class Worker:
    """A worker that reads the carrier's lists when told to."""

    def __init__(self, session: Session, house: House) -> None:
        self.session = session
        self.reading = Reconciling(house)

    def look(self, *which: UUID) -> None:
        for one in which or (TEXTS, CALLS):
            self.reading.run(self.session, one, now=utc_now())


@pytest.fixture
def worker(clock: time_machine.Traveller, carrier: Account, session: Session, house: House) -> Worker:
    """One that looked a moment before we went down."""
    made = Worker(session, house)
    made.look()
    return made


def rows(session: Session) -> list[Arrival]:
    session.rollback()
    return list(session.scalars(select(Arrival).order_by(Arrival.received_at)))


def tasks(session: Session) -> list[tuple[TaskKind, Wall]]:
    return [(task.kind, task.wall) for task in session.scalars(select(Task))]


@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-3")
def test_each_text_that_came_while_we_were_down_is_kept_once_in_its_time_and_marked_late(
    worker: Worker, carrier: Account, client: FlaskClient, session: Session, clock: time_machine.Traveller
) -> None:
    known = carrier.receive(MOTHER, SENDIASS_NUMBER, "the first", at=utc_now())
    deliver(client, params_of(carrier, known))
    carrier.send(SENDIASS_NUMBER, MOTHER, "our own answer", "")
    sent = [
        carrier.receive(MOTHER, SENDIASS_NUMBER, "school wont let him in", at=NOW + timedelta(minutes=1)),
        carrier.receive(f"whatsapp:{MOTHER}", f"whatsapp:{SENDIASS_NUMBER}", "😭", at=NOW + timedelta(minutes=2)),
        carrier.receive(MOTHER, SOCIAL_CARE_NUMBER, "next door again", at=NOW + timedelta(minutes=3)),
        carrier.receive(MOTHER, "+447700900199", "who is this", at=NOW + timedelta(minutes=4)),
    ]
    clock.shift(DOWN)
    worker.look()
    found = rows(session)
    assert [row.external_id for row in found] == [known.sid, *(one.sid for one in sent)]
    assert [row.is_late for row in found] == [False, True, True, True, True]
    assert [row.received_at for row in found[1:]] == [one.made_at for one in sent]
    assert {row.stored_at for row in found[1:]} == {NOW + DOWN}
    assert [read_text(row.raw or b"").body for row in found] == [known.body, *(one.body for one in sent)]
    assert [(row.channel, row.wall, row.disposition) for row in found[1:]] == [
        (Channel.SMS, Wall.SENDIASS, Disposition.KEPT),
        (Channel.WHATSAPP, Wall.SENDIASS, Disposition.KEPT),
        (Channel.SMS, Wall.OPEN, Disposition.KEPT),
        (Channel.SMS, Wall.SENDIASS, Disposition.HELD),
    ]
    assert [row.sender for row in found] == [MOTHER] * 5
    for _ in range(2):
        clock.shift(timedelta(minutes=10))
        worker.look()
    deliver(client, params_of(carrier, sent[0]))  # and its webhook, tried again at last
    assert len(rows(session)) == 5
    assert tasks(session) == [(TaskKind.UNROUTED, Wall.SENDIASS)]


@pytest.mark.rule("EV-1")
def test_a_picture_that_nobody_told_us_of_waits_to_be_fetched(
    worker: Worker, carrier: Account, session: Session, clock: time_machine.Traveller
) -> None:
    media = [carrier.add_file("image/jpeg", b"x", CARRIER_AT), carrier.add_file("application/pdf", b"x", CARRIER_AT)]
    text = carrier.receive(MOTHER, SENDIASS_NUMBER, "", media=media, at=utc_now())
    clock.shift(DOWN)
    worker.look(TEXTS)
    found = session.scalars(select(ArrivalMedia).order_by(ArrivalMedia.number)).all()
    assert [(one.content_type, one.wall) for one in found] == [(one.kind, Wall.SENDIASS) for one in media]
    assert [one.url for one in found if f"/Messages/{text.sid}/Media/" in (one.url or "")] == [one.url for one in found]
    assert [(one.url or "").rpartition("/")[2] for one in found] == [one.sid for one in media]


@pytest.mark.rule("EV-1")
@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "canceled", "completed"])
def test_a_call_that_nobody_took_waits_for_a_person_to_ring_back(
    status: str, worker: Worker, carrier: Account, session: Session, clock: time_machine.Traveller
) -> None:
    call = carrier.ring(MOTHER, SENDIASS_NUMBER, status=status, at=utc_now())
    if status == "completed":  # it was put through, and rang out there
        carrier.ring(SENDIASS_NUMBER, "+441632960140", status="no-answer", at=utc_now(), parent=call.sid)
    clock.shift(DOWN)
    for _ in range(2):
        worker.look(CALLS)
        clock.shift(DOWN)
    (row,) = rows(session)
    assert (row.channel, row.external_id, row.endpoint, row.sender) == (
        Channel.PHONE,
        call.sid,
        SENDIASS_NUMBER,
        MOTHER,
    )
    assert (row.wall, row.disposition, row.reason) == (Wall.SENDIASS, Disposition.HELD, "missed_call")
    assert (row.received_at, row.is_late) == (call.started_at, True)
    assert tasks(session) == [(TaskKind.CALL_BACK, Wall.SENDIASS)]
    assert read_text(row.raw or b"").said("CallStatus") == status


def test_a_call_to_the_council_is_the_desks_to_ring_back(
    worker: Worker, carrier: Account, session: Session, clock: time_machine.Traveller
) -> None:
    carrier.ring(MOTHER, SOCIAL_CARE_NUMBER, status="no-answer", at=utc_now())
    clock.shift(DOWN)
    worker.look(CALLS)
    assert tasks(session) == [(TaskKind.CALL_BACK, Wall.OPEN)]


def test_a_call_that_somebody_took_is_kept_and_is_nobodys_task(
    worker: Worker, carrier: Account, session: Session, clock: time_machine.Traveller
) -> None:
    call = carrier.ring(MOTHER, SENDIASS_NUMBER, at=utc_now())
    carrier.ring(SENDIASS_NUMBER, "+441632960140", at=utc_now(), parent=call.sid)
    carrier.ring(MOTHER, SENDIASS_NUMBER, status="in-progress", at=utc_now())
    clock.shift(DOWN)
    worker.look(CALLS)
    (row,) = rows(session)
    assert (row.external_id, row.disposition, row.reason) == (call.sid, Disposition.NOT_A_REQUEST, "answered_call")
    assert tasks(session) == []


@pytest.mark.rule("SE-5")
def test_of_a_late_call_or_text_to_sendiass_the_councils_keys_and_the_log_tell_nothing(
    worker: Worker, carrier: Account, session: Session, house: House, clock: time_machine.Traveller
) -> None:
    carrier.ring(MOTHER, SENDIASS_NUMBER, status="busy", at=utc_now())
    carrier.receive(MOTHER, SENDIASS_NUMBER, "my son is Tadhg", at=utc_now())
    clock.shift(DOWN)
    with logged() as log:
        worker.look()
    assert log.getvalue() == ""
    assert len(rows(session)) == 2
    thief = Thief(house.settings)
    assert not [place for place, said in thief.read(session) if MOTHER[1:] in said or "Tadhg" in said]
    assert thief.finds(session, MOTHER) == []


def test_a_text_whose_webhook_may_be_on_its_way_is_left_to_it(
    worker: Worker, carrier: Account, session: Session, clock: time_machine.Traveller
) -> None:
    clock.shift(DOWN)
    carrier.receive(MOTHER, SENDIASS_NUMBER, "just now", at=utc_now())
    worker.look()
    assert rows(session) == []
    clock.shift(DOWN)
    worker.look()
    assert len(rows(session)) == 1


def test_what_could_not_be_read_is_read_from_where_it_was_left_and_a_person_hears(
    worker: Worker, carrier: Account, session: Session, clock: time_machine.Traveller
) -> None:
    carrier.receive(MOTHER, SENDIASS_NUMBER, "in the dark", at=utc_now())
    for _ in range(2):
        carrier.faults.append("503_in_list")
        clock.shift(timedelta(hours=3))
        with logged() as log:
            worker.look(TEXTS)
        assert '"error": "503"' in log.getvalue()
        assert "dark" not in log.getvalue()
    assert rows(session) == []
    assert tasks(session) == [(TaskKind.ALERT, Wall.OPEN)]
    clock.shift(timedelta(hours=3))
    worker.look(TEXTS)
    assert [row.is_late for row in rows(session)] == [True]


def test_of_two_workers_one_looks_and_both_wait_for_the_next_time(
    worker: Worker, carrier: Account, session: Session, house: House, clock: time_machine.Traveller, monkeypatch: Any
) -> None:
    other = Worker(session, house)
    clock.shift(DOWN)
    worker.look()
    asked = len(carrier.asked)
    other.look()
    assert len(carrier.asked) == asked
    assert other.reading.list_due(session, utc_now()) == []
    later = time.monotonic() + EVERY_SECONDS + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert other.reading.list_due(session, utc_now()) == [TEXTS, CALLS]


def test_the_first_look_of_all_brings_no_history(
    carrier: Account, session: Session, house: House, clock: time_machine.Traveller
) -> None:
    carrier.receive(MOTHER, SENDIASS_NUMBER, "last year", at=NOW - timedelta(days=300))
    carrier.ring(MOTHER, SENDIASS_NUMBER, at=NOW - timedelta(days=2))
    Worker(session, house).look()
    assert rows(session) == []
    assert {look.until for look in session.scalars(select(CarrierLook))} == {NOW}


def test_a_long_list_is_read_whole(
    worker: Worker, carrier: Account, session: Session, clock: time_machine.Traveller, monkeypatch: Any
) -> None:
    monkeypatch.setattr("infrastructure.texting.listing.PAGE", 4)
    for number in range(11):
        carrier.receive(MOTHER, SENDIASS_NUMBER, str(number), at=NOW + timedelta(seconds=number))
    clock.shift(DOWN)
    worker.look(TEXTS)
    assert [read_text(row.raw or b"").body for row in rows(session)] == [str(number) for number in range(11)]
