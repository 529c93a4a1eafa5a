"""Danger told in any channel of the public desk reaches a named person at once (EV-10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.carrier.account import Account
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.outbox import OutboxMessage
from service_request.domain.references import format_reference
from service_request.models import Arrival, Channel, ServiceRequest, Task, TaskKind
from service_request.services.alerting import ONE_BY_ONE, TOGETHER, alert_danger, alert_held
from service_request.services.log_call import log_call
from service_request.services.tasks import mark_done, need_task
from tests.answers import typed
from tests.factories import NOW, County, make_county, make_request
from tests.plugins.house import Mailbox
from tests.wall.inside import CALL, make_adviser

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


@pytest.mark.rule("SE-10")
def test_danger_that_is_said_after_somebody_has_seen_to_the_last_is_another_alert(
    session: Session, county: County, house: House
) -> None:
    made = make_request(session).id
    told = []
    for minutes in (0, 2, 4, 6):
        with transaction(session):
            request = session.scalars(select(ServiceRequest).where(ServiceRequest.id == made)).one()
            told.append(alert_danger(session, request, now=NOW + timedelta(minutes=minutes), house=house))
        if minutes == 2:
            with transaction(session):
                mark_done(session, session.scalars(select(Task)).one(), county.officer.actor, NOW)
    assert told == [True, False, True, False]


# ---------------------------------------------------------------- a flood

DUTY, DUTY_PHONE = "duty@westmarch.example", "+447700900191"


def say_danger(session: Session, house: House, *, now: datetime = NOW, **changes: Any) -> UUID:
    """Let danger be said in a new contact, of somebody whom nobody knows unless `changes` say so."""
    values = {"channel": Channel.WEB, "referrer": {"proof": None}, **changes}
    made = make_request(session, **values).id
    with transaction(session):
        request = session.scalars(select(ServiceRequest).where(ServiceRequest.id == made)).one()
        assert alert_danger(session, request, now=now, house=house)
    return made


def told(session: Session, template: str = "danger_alert", wall: Wall = Wall.OPEN) -> int:
    session.rollback()
    by_mail = (OutboxMessage.template == template, OutboxMessage.channel == "email", OutboxMessage.wall == wall)
    return len(session.scalars(select(OutboxMessage.id).where(*by_mail)).all())


@pytest.mark.rule("SE-10")
def test_in_a_flood_every_child_stands_in_the_list_and_is_told_of_within_minutes_and_the_pager_is_not_drowned(
    session: Session, county: County, house: House, work: Callable[[], None], mailbox: Mailbox, carrier: Account
) -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(ONE_BY_ONE):
            say_danger(session, house)
        work()
        assert (told(session), told(session, "danger_many")) == (ONE_BY_ONE, 0)
        say_danger(session, house)  # the first beyond them is told of at once
        work()
        (mail,) = [one for one in mailbox.to(DUTY) if "many messages" in str(one["Subject"])]
        (text,) = [one for one in carrier.sent_to(DUTY_PHONE) if "more messages" in one.body]
        assert "1 more since the last alert" in " ".join(mailbox.words(mail).split()) and "in 1 more" in text.body
        assert "/staff/queue" in mailbox.words(mail) and "/staff/queue" in text.body
        for minutes in (0, 1, 3):
            clock.move_to(NOW + timedelta(minutes=minutes))
            say_danger(session, house, now=NOW + timedelta(minutes=minutes))
            work()
        assert told(session, "danger_many") == 1
        clock.move_to(NOW + timedelta(minutes=5))
        work()
        work()
        last = [one for one in mailbox.to(DUTY) if "many messages" in str(one["Subject"])][-1]
        assert "3 more since the last alert" in " ".join(mailbox.words(last).split())
        assert (told(session), told(session, "danger_many")) == (ONE_BY_ONE, 2)
        assert len(tasks(session)) == ONE_BY_ONE + 4
        clock.shift(timedelta(hours=1))
        work()
        assert told(session, "danger_many") == 2  # each was told of once


def test_whoever_is_known_is_told_of_by_themselves_whatever_strangers_do(session: Session, house: House) -> None:
    for _ in range(ONE_BY_ONE + 2):
        say_danger(session, house)
    assert told(session) == ONE_BY_ONE
    say_danger(session, house, referrer={"proof": "code"})
    say_danger(session, house, channel=Channel.PHONE)
    say_danger(session, house, channel=Channel.SMS)  # another way in: no flood has come by it
    assert told(session) == ONE_BY_ONE + 3
    say_danger(session, house, referrer={"proof": "agency_domain"})  # anybody can type such an address
    assert told(session) == ONE_BY_ONE + 3


def test_what_somebody_has_seen_to_is_no_flood(session: Session, county: County, house: House) -> None:
    for _ in range(ONE_BY_ONE):
        say_danger(session, house)
    with transaction(session):
        for task in session.scalars(select(Task)):
            mark_done(session, task, county.officer.actor, NOW)
    say_danger(session, house)
    assert told(session) == ONE_BY_ONE + 1


@pytest.mark.rule("SE-5")
def test_a_flood_on_one_side_of_the_wall_changes_nothing_on_the_other(
    session: Session, county: County, house: House, work: Callable[[], None]
) -> None:
    for _ in range(ONE_BY_ONE + 1):
        say_danger(session, house)
    make_adviser(session)
    inside = {"wall": Wall.SENDIASS, "channel": Channel.WEB}
    say_danger(session, house, **inside)
    assert told(session, wall=Wall.SENDIASS) == 1
    with time_machine.travel(NOW, tick=False):
        work()
    assert (told(session, "danger_many"), told(session, "danger_many", Wall.SENDIASS)) == (1, 0)


@pytest.mark.rule("SE-5")
@pytest.mark.rule("SE-10")
def test_what_waits_on_one_side_keeps_nobody_waiting_on_the_other(
    session: Session, county: County, house: House, work: Callable[[], None]
) -> None:
    make_adviser(session)
    with time_machine.travel(NOW, tick=False) as clock:
        for _ in range(ONE_BY_ONE + 1):
            say_danger(session, house)
        work()
        assert told(session, "danger_many") == 1
        for number in range(120):  # more than are looked through at once, and not told of before five minutes have gone
            need_task(
                session, TaskKind.DANGER, cause=f"{TOGETHER}{number}", due_at=NOW, now=NOW + timedelta(seconds=number)
            )
        session.commit()
        clock.move_to(NOW + timedelta(minutes=3))
        for _ in range(ONE_BY_ONE + 1):
            say_danger(session, house, wall=Wall.SENDIASS, channel=Channel.WEB, now=NOW + timedelta(minutes=3))
        work()
    assert (told(session, "danger_many"), told(session, "danger_many", Wall.SENDIASS)) == (1, 1)


def test_what_is_held_in_a_flood_is_told_of_together(
    session: Session, county: County, house: House, work: Callable[[], None]
) -> None:
    def hold() -> None:
        with transaction(session):
            arrival = Arrival(
                wall=Wall.OPEN, channel=Channel.SMS, endpoint="sms", external_id=str(uuid4()), raw=b"He is hitting him",
                received_at=NOW, stored_at=NOW, disposition="held",
            )  # fmt: skip
            session.add(arrival)
            session.flush()
            assert alert_held(session, arrival, now=NOW, house=house, words="He is hitting him right now")
            need_task(session, TaskKind.UNREADABLE, cause=f"arrival:{arrival.id}", about_id=arrival.id, now=NOW)

    for _ in range(ONE_BY_ONE + 3):
        hold()
    assert told(session, "danger_held") == ONE_BY_ONE
    assert len(tasks(session)) == 3
    with time_machine.travel(NOW, tick=False):
        work()
    assert told(session, "danger_many") == 1
