"""The daily care of the trail: an anchor leaves the box, all of it is read, and nothing fails in silence (EV-5, T36)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from helpdesk.services import trail_keeping
from infrastructure.database import db, transaction, uuid7
from infrastructure.outbox import MessageState, OutboxMessage
from infrastructure.trail import SYSTEM, Access, Anchor, Road, Seal, Stream, TrailCheck, log_access, record, verify
from infrastructure.trail.anchors import AnchorFile
from service_request.models import Task, TaskKind
from tests.factories import NOW
from tests.infrastructure.tampering import tamper
from tests.plugins.house import Mailbox

pytestmark = [pytest.mark.storage, pytest.mark.rule("EV-5"), pytest.mark.threat("T36")]

KEEPER = "records@audit.example"


class Box:
    """An installation whose trail is cared for, and the days that go by in it."""

    def __init__(self, app: Flask, clock: time_machine.Traveller) -> None:
        self.app, self.clock, self.now = app, clock, NOW

    def act(self) -> None:
        """Let something happen."""
        with self.app.app_context():
            with transaction(db.session()):
                record(db.session(), Stream("request", uuid7()), "receive", by=SYSTEM, now=self.now)
            log_access(db.session(), Access.VIEW, by=SYSTEM, now=self.now)

    def work(self, **later: float) -> None:
        """Let time go by, then let the worker do all that is due."""
        self.now += timedelta(**later)
        self.clock.move_to(self.now, tick=False)
        self.app.extensions["worker"].run_all_due()

    def all(self, model: Any) -> list[Any]:
        with self.app.app_context():
            order = next(getattr(model, name) for name in ("seq", "day", "id") if hasattr(model, name))
            return list(db.session.scalars(select(model).order_by(order)))

    def alerts(self) -> list[str]:
        return [task.cause for task in self.all(Task) if task.kind is TaskKind.ALERT]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.fixture
def make_box(make_app: Callable[..., Flask], clock: time_machine.Traveller) -> Callable[..., Box]:
    return lambda **changes: Box(make_app(**changes), clock)


@pytest.fixture
def off_the_box(tmp_path: Path) -> Path:
    folder = tmp_path / "mount"
    folder.mkdir()
    return folder / "anchors.jsonl"


def test_the_head_of_the_seals_leaves_by_mail_and_by_file_once_a_day(
    make_box: Callable[..., Box], off_the_box: Path, mailbox: Mailbox, tmp_path: Path
) -> None:
    box = make_box(anchor_email=KEEPER, anchor_file=str(off_the_box))
    box.act()
    box.work()
    box.act()
    box.work(minutes=5)
    box.work(hours=1)
    assert len(off_the_box.read_text().splitlines()) == 1
    assert [anchor.road for anchor in box.all(Anchor)].count(Road.MAIL) == 1
    (mail,) = mailbox.to(KEEPER)
    head = box.all(Seal)[1]
    assert f"Seal {head.seq}: {head.hash}" in Mailbox.words(mail)
    box.work(days=1)
    assert len(off_the_box.read_text().splitlines()) == len(mailbox.to(KEEPER)) == 2
    saved = tmp_path / "saved.txt"
    saved.write_text("\n".join(Mailbox.words(one) for one in mailbox.to(KEEPER)))
    with box.app.app_context():
        for path in (saved, off_the_box):
            lines = AnchorFile(path)
            assert list(verify(db.session(), lines)) == []
            assert lines.count >= 2
        db.session.remove()


def test_the_second_anchor_says_how_each_seal_since_the_first_begins(
    make_box: Callable[..., Box], off_the_box: Path
) -> None:
    box = make_box(anchor_file=str(off_the_box))
    for _ in range(3):
        box.act()
        box.work(minutes=5)
    box.work(days=1)
    lines = list(AnchorFile(off_the_box))
    seals = box.all(Seal)
    assert [line.seq for line in lines] == [1, 2, 3, 4, 5, 6]
    assert all(seal.hash.startswith(line.hash) for seal, line in zip(seals, lines, strict=True))


def test_no_count_leaves_the_box(make_box: Callable[..., Box], off_the_box: Path) -> None:
    """A sum over both sides of the wall would be a hint (SE-5)."""
    box = make_box(anchor_file=str(off_the_box))
    box.act()
    box.work()
    assert '"acts"' not in off_the_box.read_text() and '"looks"' not in off_the_box.read_text()


def test_a_file_that_cannot_be_written_is_a_task_and_is_tried_again(
    make_box: Callable[..., Box], off_the_box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail_keeping, "TRY_AGAIN_SECONDS", 0.0)
    off_the_box.parent.rmdir()
    box = make_box(anchor_file=str(off_the_box))
    box.act()
    box.work()
    assert [cause.split(":")[:2] for cause in box.alerts()] == [["job", "anchor"]]
    assert box.all(Anchor) == []
    off_the_box.parent.mkdir()
    box.work(minutes=20)
    assert len(box.all(Anchor)) == 1 and len(AnchorFile(off_the_box).path.read_text().splitlines()) == 1


def test_a_mail_that_is_refused_is_a_task(make_box: Callable[..., Box], mailbox: Mailbox) -> None:
    box = make_box(anchor_email=KEEPER)
    mailbox.answers[KEEPER] = ["550 No such mailbox"]
    box.act()
    box.work()
    (message,) = box.all(OutboxMessage)
    assert message.state is MessageState.FAILED
    assert [task.kind for task in box.all(Task)] == [TaskKind.DELIVERY_FAILED]


def test_that_anchors_go_nowhere_is_said_at_the_start(
    make_box: Callable[..., Box], capsys: pytest.CaptureFixture[str]
) -> None:
    for changes, said in (({}, 1), ({"anchor_email": KEEPER}, 0)):
        box = make_box(**changes)
        capsys.readouterr()
        trail_keeping.say_where_anchors_go(box.app.extensions["house"].settings)
        assert capsys.readouterr().err.count("anchors_go_nowhere") == said


def test_the_whole_trail_is_read_every_day_and_found_whole(make_box: Callable[..., Box]) -> None:
    box = make_box()
    box.act()
    box.work()
    assert box.all(TrailCheck) == [], "in the first hour there is nothing to read"
    for _ in range(3):
        box.act()
        box.work(days=1)
    checks = box.all(TrailCheck)
    assert [(check.faults, check.ended_at is not None) for check in checks] == [(0, True)] * 3
    assert (checks[-1].acts, checks[-1].looks, checks[-1].seals) == (4, 4, 8)
    assert box.alerts() == []


def test_what_was_altered_is_found_by_the_worker_and_is_a_task_every_day_until_it_is_seen_to(
    make_box: Callable[..., Box], capsys: pytest.CaptureFixture[str]
) -> None:
    box = make_box()
    box.act()
    box.work()
    with box.app.app_context():
        tamper(lambda do: do("UPDATE access_log SET act = 'list'"))
    for days in (1, 2):
        box.work(days=1)
        assert len(box.alerts()) == days
    assert all(cause.startswith("trail:2026-11-") for cause in box.alerts())
    assert "was altered after it was sealed" in capsys.readouterr().err


def test_a_trail_written_anew_is_found_by_the_file_off_the_box(make_box: Callable[..., Box], off_the_box: Path) -> None:
    box = make_box(anchor_file=str(off_the_box))
    box.act()
    box.work()
    off_the_box.write_text(off_the_box.read_text().replace('"hash":"', '"hash":"0'))
    box.work(days=1)
    assert len(box.alerts()) == 1


def test_rows_that_wait_too_long_for_their_seal_are_a_task(
    make_box: Callable[..., Box], monkeypatch: pytest.MonkeyPatch
) -> None:
    box = make_box()
    box.act()
    box.work()
    del box.app.extensions["worker"].jobs["seal"]
    box.act()
    box.work(days=1)
    assert len(box.alerts()) == 1
    assert [check.faults for check in box.all(TrailCheck)] == [1]


def test_a_long_trail_is_read_in_slices_from_where_the_last_one_ended(
    make_box: Callable[..., Box], monkeypatch: pytest.MonkeyPatch
) -> None:
    box = make_box()
    for _ in range(4):
        box.act()
        box.work(minutes=5)
    monkeypatch.setattr(trail_keeping, "SLICE_SECONDS", 0.0)
    checking = trail_keeping.Checking(box.app.extensions["house"])
    later: datetime = NOW + timedelta(days=1)
    rounds = 0
    with box.app.app_context():
        monkeypatch.setattr(trail_keeping, "SLICE_SECONDS", -1.0)
        checking.run(db.session(), now=later)
        assert db.session.scalars(select(TrailCheck)).one().ended_at is None
        monkeypatch.setattr(trail_keeping, "SLICE_SECONDS", 0.001)
        while checking.list_due(db.session(), later) and rounds < 100:
            checking.run(db.session(), now=later)
            rounds += 1
        check = db.session.scalars(select(TrailCheck)).one()
        assert (check.acts, check.looks, check.seals, check.faults) == (4, 4, 8, 0)
        db.session.remove()
    assert rounds >= 1
