"""The mail server that takes what we send says no, hangs, dies after the last dot, or offers no TLS (F16 to F20)."""

from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from infrastructure.database import db, transaction, utc_now, uuid7
from infrastructure.outbox import DeliveryAttempt, Letter, MessageState, OutboxMessage, owe
from service_request.models import Task, TaskKind
from tests.plugins.imap_script import Certificates

pytestmark = [pytest.mark.rule("EV-2")]
TO = "samina@brookfield.example"
TIMEOUT = 0.3
SLOWLY: dict[str, Any] = {"smtp_timeout_seconds": TIMEOUT, "retry_first_seconds": 30}


class SmtpScript:
    """A mail server on loopback that does what a test tells it."""

    def __init__(self) -> None:
        self.greeting, self.answers = "220 here", {"RCPT": "250 ok", "DATA": "354 go on", ".": "250 kept"}
        self.hangs_at = self.cuts_at = ""
        self.offers = "250 here"
        self.context: Any = None
        self.taken: list[bytes] = []
        self.said: list[str] = []
        self.server = _Server(("127.0.0.1", 0), _Talk)
        self.server.script = self
        self.port = int(self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    script: SmtpScript


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        with suppress(OSError, ValueError):
            self._talk(self.server.script)  # type: ignore[attr-defined]

    def _talk(self, script: SmtpScript) -> None:
        self._say(script, "connect", script.greeting)
        while line := self.rfile.readline():
            word = line.decode().split()[0].upper()
            script.said.append(word)
            if word == "STARTTLS":
                self._say(script, word, "220 begin")
                self.connection = script.context.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
                continue
            self._say(script, word, {"EHLO": script.offers}.get(word) or script.answers.get(word) or "250 ok")
            if word == "DATA" and script.answers["DATA"].startswith("354"):
                mail = b""
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    mail += line
                if line:
                    script.taken.append(mail)
                    self._say(script, ".", script.answers["."])

    def _say(self, script: SmtpScript, at: str, answer: str) -> None:
        if at == script.hangs_at:
            time.sleep(TIMEOUT * 2)
        if at == script.cuts_at:
            self.connection.shutdown(socket.SHUT_RDWR)
            raise OSError
        self.wfile.write(f"{answer}\r\n".encode())


@pytest.fixture
def server() -> Iterator[SmtpScript]:
    made = SmtpScript()
    yield made
    made.stop()


@pytest.fixture
def out(make_app: Callable[..., Flask], server: SmtpScript) -> Iterator[Flask]:
    """An installation that sends by this server."""
    app = make_app(smtp_port=server.port, **SLOWLY)
    with app.app_context():
        yield app


def owe_one(to: str = TO) -> None:
    session = db.session()
    with transaction(session):
        letter = Letter("acknowledgement", "Request K7RM-4TXC: we have it", "We have it.\n", domain="localhost")
        owe(session, letter, to=to, cause=uuid7(), about=("user", uuid7()), now=utc_now())


def try_now(app: Flask, *, owed: timedelta = timedelta(0)) -> list[OutboxMessage]:
    """Let the worker try what waits, and return how it stands."""
    session = db.session()
    with transaction(session):
        for row in session.scalars(select(OutboxMessage).where(OutboxMessage.next_at.is_not(None))):
            row.next_at, row.owed_at = utc_now(), row.owed_at - owed
    app.extensions["worker"].run_all_due()
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def codes() -> list[tuple[str, str | None]]:
    rows = db.session().scalars(select(DeliveryAttempt).order_by(DeliveryAttempt.n))
    return [(str(row.result), row.code) for row in rows]


@pytest.mark.storage
@pytest.mark.threat("F16")
@pytest.mark.parametrize("at", ["connect", "."])
def test_a_server_that_is_busy_is_tried_again_later_and_told_of_after_a_quarter_of_an_hour(
    at: str, out: Flask, server: SmtpScript
) -> None:
    owe_one()
    before = server.greeting, dict(server.answers)
    if at == "connect":
        server.greeting = "421 too busy"
    else:
        server.answers[at] = "450 later"
    (row,) = try_now(out)
    assert row.state is MessageState.TRYING_AGAIN and row.next_at is not None and row.next_at > row.owed_at
    assert db.session().scalars(select(Task)).all() == []
    try_now(out, owed=timedelta(minutes=16))
    assert [task.kind for task in db.session().scalars(select(Task))] == [TaskKind.ALERT]
    server.greeting, server.answers = before
    (row,) = try_now(out)
    assert row.state is MessageState.SENT
    assert Counter(result for result, _ in codes()) == {"temporary": 2, "accepted": 1}


@pytest.mark.threat("F17")
def test_an_address_that_is_refused_for_good_is_not_tried_again_and_a_person_hears_at_once(
    out: Flask, server: SmtpScript
) -> None:
    owe_one()
    server.answers["RCPT"] = "550 no such person"
    (row,) = try_now(out)
    assert (row.state, row.next_at, codes()) == (MessageState.FAILED, None, [("permanent", "550")])
    assert [task.kind for task in db.session().scalars(select(Task))] == [TaskKind.DELIVERY_FAILED]


@pytest.mark.threat("F18")
@pytest.mark.parametrize("at", ["connect", "DATA", "."])
def test_a_server_that_hangs_is_left_after_its_time_and_other_mail_goes_on(
    at: str, out: Flask, server: SmtpScript
) -> None:
    owe_one()
    server.hangs_at = at
    began = time.monotonic()
    (row,) = try_now(out)
    assert time.monotonic() - began < 15
    assert row.state is MessageState.TRYING_AGAIN
    assert all(result == "unknown" for result, _ in codes())
    server.hangs_at = ""
    owe_one("other@brookfield.example")
    rows = try_now(out)
    assert [one.state for one in rows] == [MessageState.SENT] * 2


@pytest.mark.storage
@pytest.mark.rule("EV-3")
@pytest.mark.threat("F19")
def test_a_line_that_is_cut_after_the_last_dot_is_tried_again_under_the_same_name(
    out: Flask, server: SmtpScript
) -> None:
    owe_one()
    server.cuts_at = "."
    (row,) = try_now(out)
    assert row.state is MessageState.TRYING_AGAIN and codes() == [("unknown", "disconnected")]
    server.cuts_at = ""
    (row,) = try_now(out)
    assert row.state is MessageState.SENT
    names = [message_from_bytes(one)["Message-ID"] for one in server.taken]
    assert names == [row.message_id] * 2, "one copy more for one cut, and whoever reads it can tell that it is the same"


@pytest.mark.threat("F20")
def test_nothing_leaves_in_clear_where_tls_was_taken_away(make_app: Callable[..., Flask], server: SmtpScript) -> None:
    app = make_app(smtp_port=server.port, smtp_starttls=True, **SLOWLY)
    with app.app_context():
        owe_one()
        try_now(app)
        (row,) = try_now(app, owed=timedelta(minutes=16))
        assert row.state is MessageState.TRYING_AGAIN and codes() == [("temporary", "no_starttls")] * 2
        assert [task.kind for task in db.session().scalars(select(Task))] == [TaskKind.ALERT]
    assert server.taken == [] and not {"MAIL", "RCPT", "DATA", "AUTH"} & set(server.said)


@pytest.mark.threat("F20")
def test_nothing_leaves_over_a_line_whose_certificate_nobody_vouches_for(
    make_app: Callable[..., Flask], server: SmtpScript, tmp_path: Any
) -> None:
    server.offers, server.context = "250-here\r\n250 STARTTLS", Certificates(tmp_path, "localhost").context()
    app = make_app(
        smtp_port=server.port,
        smtp_starttls=True,
        smtp_user="us",
        smtp_password="made up",
        **{**SLOWLY, "smtp_timeout_seconds": 5},
    )
    with app.app_context():
        owe_one()
        (row,) = try_now(app)
        assert row.state is MessageState.TRYING_AGAIN and codes() == [("temporary", "certificate")]
    assert server.taken == [] and not {"MAIL", "RCPT", "DATA", "AUTH"} & set(server.said)
