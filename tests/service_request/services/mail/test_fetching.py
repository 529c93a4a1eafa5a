"""Mailboxes are read once each, by one worker at a time; of one that cannot be read a person hears in time, on its side."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, utc_now
from infrastructure.house import House
from infrastructure.mailboxes import Mailbox
from service_request.models import Arrival, Disposition, MailLook, Task, TaskKind
from service_request.services.mail import fetching
from service_request.services.mail.fetching import SILENT, TELL_AFTER, Fetching, is_delayed, look_id
from tests.factories import NOW, County
from tests.helpdesk.web.walking import Staff
from tests.infrastructure.inbox.test_imap import mail
from tests.listening import logged
from tests.plugins.imap_script import PASSWORD, USER, ImapScript
from tests.wall.inside import make_adviser

pytestmark = pytest.mark.storage
IN_TIME = timedelta(minutes=5)
WORDS = "Mail intake delayed"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.fixture
def at(house: House, imap: ImapScript, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., House]:
    """Give the installation mailboxes at the scripted server, and return the house with them."""

    def with_boxes(*boxes: Mailbox, **changes: Any) -> House:
        plain = [box.model_dump(mode="json") | {"password": box.password.get_secret_value()} for box in boxes]
        update = {"mailboxes": SecretStr(json.dumps(plain)), "mail_timeout_seconds": 1.0, **changes}
        made = replace(house, settings=house.settings.model_copy(update=update))
        monkeypatch.setitem(app.extensions, "house", made)
        return made

    return with_boxes


def work(session: Session, worker: Fetching) -> int:
    """Do what is due, and return how much that was."""
    due = worker.list_due(session, utc_now())
    for one in due:
        worker.run(session, one)
    return len(due)


def kept(session: Session) -> list[tuple[bytes | None, Wall, datetime]]:
    session.rollback()
    rows = session.scalars(select(Arrival).where(Arrival.disposition == Disposition.KEPT))
    return sorted(((row.raw, row.wall, row.received_at) for row in rows), key=lambda row: row[0] or b"")


def delays(session: Session, *, is_done: bool = False) -> list[tuple[Wall, Any]]:
    session.rollback()
    query = select(Task).where(Task.kind == TaskKind.MAIL_DELAYED, Task.done_at.is_not(None) == is_done)
    return [(task.wall, task.about_id) for task in session.scalars(query)]


@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-3")
@pytest.mark.rule("GL-8")
@pytest.mark.threat("F33")
def test_everything_delivered_three_times_and_shuffled_is_kept_once_in_its_time(
    at: Callable[..., House], imap: ImapScript, session: Session, clock: time_machine.Traveller
) -> None:
    worker = Fetching(at(imap.box()), utc_now)
    raws = [mail(f"{number}") for number in range(5)]
    moments = {raw: NOW - timedelta(minutes=10 - place) for place, raw in enumerate(raws)}
    for turn in range(3):
        imap.folders["INBOX"].clear()
        imap.uid_validity, imap.uid_next, imap.cut_after = 7 + turn // 2, 1, (900, None, None)[turn]
        for raw in random.Random(turn).sample(raws, 5):
            imap.put(raw, at=moments[raw])
        work(session, worker)
        clock.shift(timedelta(minutes=6))
    assert kept(session) == [(raw, Wall.OPEN, moments[raw]) for raw in raws]
    assert (work(session, worker), work(session, worker)) == (1, 0)  # it is not read again before its time
    row = session.scalars(select(MailLook)).one()
    assert (row.id, row.error, row.failures, row.failing_since, row.ok_at) == (
        look_id(imap.box()),
        None,
        0,
        None,
        utc_now(),
    )


@pytest.mark.threat("F31")
@pytest.mark.parametrize("hurt", ["refuses_sign_in", "hangs"])
def test_a_mailbox_that_cannot_be_read_reaches_a_person_within_five_minutes_and_ends_when_it_is_read(
    at: Callable[..., House], imap: ImapScript, session: Session, clock: time_machine.Traveller, hurt: str
) -> None:
    house = at(imap.box(), mail_timeout_seconds=0.05)
    worker = Fetching(house, utc_now)
    work(session, worker)
    imap.put(raw := mail("waits"))
    setattr(imap, hurt, True)
    clock.shift(timedelta(seconds=31))
    failed_at, tries = utc_now(), 0
    while not delays(session):
        assert utc_now() - failed_at <= IN_TIME
        tries += work(session, worker)
        clock.shift(timedelta(seconds=3))
    assert utc_now() - failed_at >= TELL_AFTER  # a moment's silence is nobody's business
    assert 3 <= tries <= 9  # it is asked again, and not hammered
    assert delays(session) == [(Wall.OPEN, look_id(imap.box()))]
    for _ in range(200):
        work(session, worker)
        clock.shift(timedelta(seconds=3))
    assert len(delays(session)) == 1
    setattr(imap, hurt, False)
    clock.shift(IN_TIME + timedelta(minutes=2))
    work(session, worker)
    assert (delays(session), len(delays(session, is_done=True))) == ([], 1)
    assert [row[0] for row in kept(session)] == [raw]
    assert not is_delayed(session, house.settings, Wall.OPEN, now=utc_now())


def test_the_longer_it_fails_the_longer_the_wait_with_a_little_chance_in_it(
    at: Callable[..., House], imap: ImapScript, session: Session, clock: time_machine.Traveller
) -> None:
    worker, waits = Fetching(at(imap.box()), utc_now), []
    imap.refuses_sign_in = True
    for _ in range(8):
        work(session, worker)
        session.rollback()
        next_at = session.scalars(select(MailLook.next_at)).one()
        waits.append((next_at - utc_now()).total_seconds())
        clock.move_to(next_at)
    ratios = [wait / meant for wait, meant in zip(waits, (*fetching.WAITS, 300, 300), strict=True)]
    assert all(0.8 <= ratio <= 1.2 for ratio in ratios)
    assert len(set(ratios)) == 8


@pytest.mark.rule("SE-5")
@pytest.mark.threat("F31")
@pytest.mark.parametrize("wall", list(Wall))
def test_staff_are_told_on_each_page_on_the_side_of_that_mailbox_alone(
    at: Callable[..., House],
    imap: ImapScript,
    session: Session,
    app: Flask,
    county: County,
    clock: time_machine.Traveller,
    wall: Wall,
) -> None:
    pathway = "sendiass" if wall is Wall.SENDIASS else "desk"
    house = at(imap.box(pathway=pathway))
    worker, adviser = Fetching(house, utc_now), make_adviser(session)
    imap.refuses_sign_in = True
    with logged() as lines:
        for _ in range(5):
            work(session, worker)
            clock.shift(timedelta(minutes=1, seconds=15))
    assert ("sign_in" in lines.getvalue()) == (wall is Wall.OPEN)
    assert not [word for word in (USER, PASSWORD, "localhost") if word in lines.getvalue()]
    assert delays(session) == [(wall, look_id(imap.box(pathway=pathway)))]
    inside, outside = (Staff(app).signed_in(session, house, user) for user in (adviser, county.officer))
    assert (WORDS in inside.get("/staff/enquiries").words) == (wall is Wall.SENDIASS)
    assert (USER in inside.get("/staff/enquiries").words) == (wall is Wall.SENDIASS)
    for path in ("/staff/queue", "/staff/tasks/mail_delayed"):
        assert (WORDS in outside.get(path).words) == (wall is Wall.OPEN)
    assert (USER in outside.get("/staff/tasks/mail_delayed").words) == (wall is Wall.OPEN)
    imap.refuses_sign_in = False
    clock.shift(IN_TIME)
    work(session, worker)
    pages = [one.get(path).words for one, path in ((inside, "/staff/enquiries"), (outside, "/staff/queue"))]
    assert not [words for words in pages if WORDS in words]


def test_mail_that_no_worker_reads_is_told_of_as_well(
    at: Callable[..., House], imap: ImapScript, session: Session, clock: time_machine.Traveller
) -> None:
    house = at(imap.box())
    assert not is_delayed(session, house.settings, Wall.OPEN, now=utc_now())
    work(session, Fetching(house, utc_now))
    clock.shift(SILENT)
    assert not is_delayed(session, house.settings, Wall.OPEN, now=utc_now())
    clock.shift(timedelta(minutes=1))
    assert is_delayed(session, house.settings, Wall.OPEN, now=utc_now())
    assert not is_delayed(session, house.settings, Wall.SENDIASS, now=utc_now())


def test_one_worker_reads_at_a_time_and_the_word_of_one_that_slept_over_its_lease_is_not_taken(
    at: Callable[..., House],
    imap: ImapScript,
    session: Session,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = at(imap.box())
    slow, other = Fetching(house, utc_now), Fetching(house, utc_now)
    imap.put(mail("a"))
    real, seen = fetching.read_mailbox, []

    def sleeps(*args: Any, **named: Any) -> Any:
        seen.append(other.list_due(session, utc_now()))
        other.run(session, look_id(imap.box()))
        monkeypatch.setattr(fetching, "read_mailbox", real)
        clock.shift(timedelta(seconds=house.settings.lease_seconds + 1))
        seen.append(work(session, other))
        return replace(real(*args, **named), error="sign_in")

    monkeypatch.setattr(fetching, "read_mailbox", sleeps)
    work(session, slow)
    assert seen == [[], 1]
    session.rollback()
    row = session.scalars(select(MailLook)).one()
    assert (row.fence, row.error, row.last_uid) == (2, None, 1)
    assert len(kept(session)) == 1


@pytest.mark.threat("E3")
def test_a_mail_that_is_too_large_is_a_task_once_and_holds_up_nothing(
    at: Callable[..., House], imap: ImapScript, session: Session, clock: time_machine.Traveller
) -> None:
    house = at(imap.box())
    worker = Fetching(house, utc_now)
    imap.sizes = {imap.put(mail("large")): 80_000_001}
    imap.put(raw := mail("next"))
    for _ in range(3):
        work(session, worker)
        clock.shift(timedelta(seconds=31))
    [(wall, about)] = delays(session)
    assert (wall, fetching.name_delays(house.settings, Wall.OPEN)[about]) == (
        Wall.OPEN,
        f"{USER}: a mail that is too large to be fetched",
    )
    assert [row[0] for row in kept(session)] == [raw]


def test_a_mailbox_filled_by_a_pipe_is_not_read(at: Callable[..., House], imap: ImapScript, session: Session) -> None:
    house = at(imap.box(host="", user="", password=""))
    assert Fetching(house, utc_now).list_due(session, utc_now()) == []
    assert not is_delayed(session, house.settings, Wall.OPEN, now=utc_now())


@pytest.mark.threat("F31")
@pytest.mark.parametrize("instead", ["another", "a pipe", "none"])
def test_what_was_to_be_done_about_a_mailbox_ends_when_it_is_ours_no_more(
    at: Callable[..., House], imap: ImapScript, session: Session, clock: time_machine.Traveller, instead: str
) -> None:
    imap.refuses_sign_in = True
    old = Fetching(at(imap.box()), utc_now)
    while not delays(session):
        work(session, old)
        clock.shift(timedelta(seconds=30))
    imap.refuses_sign_in = False
    piped = imap.box(host="", user="", password="")
    boxes = {"another": [imap.box(address="new@westmarch.example")], "a pipe": [piped], "none": []}[instead]
    work(session, Fetching(at(*boxes), utc_now))
    assert (delays(session), len(delays(session, is_done=True))) == ([], 1)
    clock.shift(timedelta(hours=1))
    while not delays(session):  # it is ours again, and cannot be read again: that is another task
        imap.refuses_sign_in = True
        work(session, old)
        clock.shift(timedelta(seconds=30))
    assert len(delays(session)) == 1
