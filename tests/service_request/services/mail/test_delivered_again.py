"""Everything delivered three times in any order is the same as once (F33); two of us never thank each other on (T8)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import timedelta
from email import policy
from email.parser import BytesParser
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from infrastructure.database import db, utc_now
from infrastructure.outbox import OutboxMessage
from service_request.models import Arrival, Mail, Message, ServiceRequest, Task
from tests.factories import make_county
from tests.plugins.house import Mailbox, Postgresql, Sqlite
from tests.posting import CARE, DESK, SENDIASS, Post, write


def batch() -> list[tuple[str, bytes]]:
    """Return a morning's mail: to each desk, copies, answers, an absence, a list."""
    first = write("One", subject="One", Message_ID="<1@corrigan.example>")
    return [
        (DESK, first),
        (CARE, b"Received: by another\r\n" + first),
        (DESK, write("More of one", subject="Re: One", References="<1@corrigan.example>", Message_ID="<2@c.example>")),
        (SENDIASS, write("School again", subject="Plan", Message_ID="<3@corrigan.example>")),
        (SENDIASS, write("And more", subject="Re: Plan", References="<3@corrigan.example>", Message_ID="<4@c.example>")),
        (DESK, write("Away", Auto_Submitted="auto-replied", Message_ID="<5@c.example>")),
        (DESK, write("Whose?", by="aunt@elsewhere.example", References="<1@corrigan.example>", Message_ID="<6@e.example>")),
        (CARE, first),
    ]  # fmt: skip


def state_of(post: Post) -> list[tuple[Any, ...]]:
    """Return what came of it, told without ids and references."""
    arrived = {row.id: row.external_id for row in post.rows(Arrival)}
    requests = {row.id: None for row in post.rows(ServiceRequest)}
    for mail in sorted(post.rows(Mail), key=lambda row: row.at):
        requests[mail.request_id] = requests.get(mail.request_id) or arrived[mail.arrival_id]
    mails = [
        ("mail", arrived[row.arrival_id], row.wall, row.kind, requests.get(row.request_id), arrived.get(row.copy_of_id),
         requests.get(row.possible_id), tuple(row.notes))
        for row in post.rows(Mail)
    ]  # fmt: skip
    said = [
        ("said", requests[row.request_id], row.direction, row.kind, row.body if row.direction == "in" else "")
        for row in post.rows(Message)
    ]
    owed = [("owed", requests.get(row.about_id), row.template, row.to, row.state) for row in post.rows(OutboxMessage)]
    tasks = [("task", row.kind, row.wall, requests.get(row.request_id)) for row in post.rows(Task)]
    came = [("came", row.external_id, row.disposition, requests.get(row.request_id)) for row in post.rows(Arrival)]
    stand = [("request", requests[row.id], row.wall, row.state, row.received_at) for row in post.rows(ServiceRequest)]
    return sorted((*mails, *said, *owed, *tasks, *came, *stand), key=repr)


@pytest.mark.storage
@pytest.mark.rule("EV-3")
@pytest.mark.threat("F33")
def test_everything_delivered_three_times_and_shuffled_is_the_same_as_once(
    post: Post, database: Sqlite | Postgresql
) -> None:
    began, states = utc_now(), []
    mails = [(box, raw, began + timedelta(seconds=number)) for number, (box, raw) in enumerate(batch())]
    post.wait(timedelta(hours=1).total_seconds())
    for turn in range(3):
        if turn:
            begin_anew(post, database)
        deliveries = random.Random(turn).sample(mails * 3, len(mails) * 3) if turn else mails
        for box, raw, at in deliveries:
            post.keep(raw, box, received_at=at)
        post.work()
        states.append(state_of(post))
    assert states[1] == states[0]
    assert states[2] == states[0]
    assert (len(post.rows(ServiceRequest)), len(post.rows(Arrival))) == (3, len(mails))


def begin_anew(post: Post, database: Sqlite | Postgresql) -> None:
    """Give the same installation an empty database."""
    db.session.remove()
    db.engine.dispose()
    database.fresh("post")
    post.session = db.session()
    make_county(post.session)


class House:
    """An installation of its own, with one mailbox, that sends to the other by SMTP."""

    def __init__(self, app: Flask, box: str, other: str, mailbox: Mailbox, clock: Any) -> None:
        self.app, self.box, self.other, self.mailbox, self.clock = app, box, other, mailbox, clock
        with app.app_context():
            make_county(db.session())

    def take(self, raws: list[bytes]) -> list[bytes]:
        """Take these mails, do all that is due, and return what it sent to the other."""
        self.mailbox.clear()
        with self.app.app_context():
            post = Post(self.app, db.session(), self.clock)
            for raw in raws:
                post.keep(raw, self.box)
            post.wait(1)
            post.work()
            db.session.remove()
        return [message.as_bytes() for message in self.mailbox.to(self.other)]

    def thanks(self) -> int:
        """Count how often it thanked anybody."""
        with self.app.app_context():
            rows = db.session().scalars(select(OutboxMessage.template)).all()
            found = len([name for name in rows if name.startswith("mail_received")])
            db.session.remove()
        return found


@pytest.mark.rule("EV-2")
@pytest.mark.threat("T8")
@pytest.mark.parametrize("server", ["honest", "strips_what_tells_a_machine"])
def test_two_installations_that_mail_each_other_stop_after_one_thanks_each(
    make_app: Callable[..., Flask], mailbox: Mailbox, clock: Any, server: str
) -> None:
    ours, theirs = "help@westmarch.example", "help@eastmarch.example"
    first, second = (
        House(_app(make_app, box), box, other, mailbox, clock) for box, other in ((ours, theirs), (theirs, ours))
    )
    going = [write("A council forwards by hand", by=theirs, to=ours)]
    for house in (first, second) * 4:
        going = house.take([_on_the_way(raw, server) for raw in going])
    assert going == []
    assert (first.thanks(), second.thanks()) == ((1, 0) if server == "honest" else (1, 1))


def _app(make_app: Callable[..., Flask], box: str) -> Flask:
    return make_app(mailboxes=json.dumps([{"address": box, "pathway": "desk"}]), mail_from=box)


def _on_the_way(raw: bytes, server: str) -> bytes:
    mail = BytesParser(policy=policy.default).parsebytes(raw)
    if server != "honest":
        for name in ("Auto-Submitted", "X-Auto-Response-Suppress", "Precedence"):
            del mail[name]
    return mail.as_bytes()
