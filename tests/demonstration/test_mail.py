"""The mailbox of the demonstration, as a visitor holds it: by SMTP to a mail server, fetched by IMAP, answered by SMTP."""

from __future__ import annotations

import html
import imaplib
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from demonstration import post, web_mail
from demonstration.imap import MailServer, MailStore
from demonstration.places import MAIL
from demonstration.smtp import MailKeeper, start_mail_server
from demonstration.westmarch import MAIL_SERVER, MAILBOXES, mailboxes
from infrastructure.database import db
from infrastructure.mailboxes import read_mailboxes
from service_request.domain.mail.types import MailKind
from service_request.models import Arrival, Mail, ServiceRequest
from tests.plugins.house import free_port

HELP, INSIDE = "help@westmarch.example", "advice@westmarch-sendiass.example"
MOTHER, GP = "claire.dunstan@mailbox.example", "reception@st-hildas-surgery.example"
HALF_A_MINUTE = 30.0


@dataclass
class Door:
    """A front door with its worker, and the mail server that its mailboxes lie on."""

    app: Flask
    client: FlaskClient
    smtp: Controller
    folder: Path

    def look(self, box: str = INSIDE, writer: str = MOTHER, more: str = "") -> str:
        """Open the mailbox."""
        answer = self.client.get(f"/demo/mail?writer={writer}&box={box}{more}")
        assert answer.status_code == 200
        return html.unescape(answer.text)

    def send(self, box: str = INSIDE, writer: str = MOTHER, **typed: str) -> str:
        """Send what stands in the form, and read the page that it leads to."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.look(box, writer))
        assert token is not None
        posted = {"csrf_token": token[1], "writer": writer, "box": box, **typed}
        answer = self.client.post("/demo/mail", data=posted, follow_redirects=True)
        return html.unescape(answer.text)

    def has_ended(self, box: str, writer: str) -> bool:
        """Tell whether all that will happen to their last mail by itself has happened."""
        with self.app.app_context():
            between = post.find_correspondence(self.app.extensions["house"].settings, writer, box)
            mine = [one for one in post.list_posted(self.folder, between) if one.is_theirs]
            return post.is_answered(db.session(), mine[-1])

    def mails(self) -> list[Mail]:
        """Return what was understood, in the order in which it came."""
        with self.app.app_context():
            return list(db.session.scalars(select(Mail).order_by(Mail.id)))

    def counts(self) -> tuple[int, int]:
        """Return how many mails were kept, and how many requests there are."""
        with self.app.app_context():
            kept, made = select(Arrival.id).where(Arrival.channel == "email"), select(ServiceRequest.id)
            return len(list(db.session.scalars(kept))), len(list(db.session.scalars(made)))


@pytest.fixture
def door(make_app: Callable[..., Flask], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    port = free_port()
    ours = mailboxes(port, "a password for this test")
    imap = MailServer(MailStore(tmp_path / "mailboxes", read_mailboxes(ours)), port)
    smtp = start_mail_server(MailKeeper(tmp_path / MAIL, imap.store))
    app = make_app(
        mailboxes=ours, mail_server_name=MAIL_SERVER, mail_poll_seconds=0.2, sweep_seconds=0.1, smtp_port=smtp.port
    )
    monkeypatch.setattr(web_mail, "WAITS", HALF_A_MINUTE)  # a busy machine
    worker = app.extensions["worker"]
    worker.start()
    yield Door(app, app.test_client(), smtp, tmp_path)
    worker.stop()
    if smtp._thread is not None:  # a test may have stopped it
        smtp.stop()
    imap.stop()


@pytest.mark.rule("EV-3")
def test_a_mother_writes_to_sendiass_is_answered_answers_that_and_is_one_enquiry(door: Door) -> None:
    assert "My son Toby is 9" in door.look()
    page = door.send(subject="School", words="My son Toby is 9 and the school sends him home.")
    steps = page[page.index("What the front door did") :]
    for step in ("Our mail server took it", "Fetched by IMAP", "written by a person. Enquiry", "Reply taken by"):
        assert step in steps, steps
    key = re.search(r"answers=([0-9a-f]{40})", page)
    assert key is not None
    answering = door.look(more=f"&answers={key[1]}")
    assert "advice+" in answering and 'value="Re: ' in answering
    page = door.send(answers=key[1], subject="Re: School", words="yes")
    assert "Added to enquiry" in page
    assert door.counts() == (2, 1)
    assert all(one.is_verified for one in door.mails())
    assert "It is there once" in door.send(hard="again")
    assert [one.wall.value for one in door.mails()] == ["sendiass", "sendiass"]


def test_a_gp_practice_writes_to_the_desk_and_what_a_machine_or_a_forger_writes_is_told_apart(door: Door) -> None:
    page = door.send(HELP, GP, subject="A child", words="We saw a girl of 6. No heating.", paper="yes")
    assert "written by a person. Request" in page and "Reply taken by" in page
    (key,) = re.findall(r"answers=([0-9a-f]{40})", page)
    page = door.send(HELP, GP, answers=key, subject="Re: A child", words="She goes to Brookfield.")
    assert "Added to request" in page and "Reply owed" not in page
    assert door.has_ended(HELP, GP)  # who is answered once is not waited for
    page = door.send(HELP, GP, hard="away")
    assert "an automatic reply, filed and never answered" in page
    door.send(HELP, GP, hard="forged")
    kinds = [(one.kind, one.is_verified) for one in door.mails()]
    first, later = (MailKind.PERSON, True), (MailKind.PERSON, True)
    assert kinds == [first, later, (MailKind.AUTO_REPLY, True), (MailKind.PERSON, False)]


def test_while_the_mail_server_does_not_answer_the_words_stay_in_the_form(door: Door) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', door.look())
    assert token is not None
    door.smtp.stop()
    posted = {"csrf_token": token[1], "words": "are you there <b>"}
    answer = door.client.post("/demo/mail", data=posted)
    assert answer.status_code == 503 and "The mail server of the demonstration does not answer" in answer.text
    assert "are you there &lt;b&gt;</textarea>" in answer.text


def test_an_address_made_by_hand_shows_the_mailbox_all_the_same(make_app: Callable[..., Flask]) -> None:
    client = make_app(mailboxes=mailboxes()).test_client()
    for asked in ("?writer=nobody", "?box=%00", "?answers=../../secrets", "?hard=nonsense", ""):
        assert client.get(f"/demo/mail{asked}").status_code == 200
    without = make_app().test_client().get("/demo/mail").text
    assert "front-door@westmarch.example" in without


def test_what_lies_in_a_mailbox_is_there_after_a_restart_under_the_same_numbers(tmp_path: Path) -> None:
    port = free_port()
    boxes = read_mailboxes(mailboxes(port, "one password"))
    store = MailStore(tmp_path, boxes)
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
    store.put(boxes[0], b"From: a@b.example\r\nSubject: one\r\n\r\nHello\r\n", at)
    seen = []
    for _ in range(2):
        server = MailServer(store, port)
        line = imaplib.IMAP4("127.0.0.1", port)
        line.login(boxes[0].user, "one password")
        line.select()
        _, found = line.uid("FETCH", "1:*", "(UID INTERNALDATE BODY.PEEK[])")
        when = datetime.fromtimestamp(imaplib_time(found[0][0]), UTC)
        seen.append((line.response("UIDVALIDITY"), found[0][1].replace(b"\r\n", b"\n"), when))
        line.logout()
        server.stop()
    assert seen[0] == seen[1] and seen[0][1].endswith(b"Hello\n") and seen[0][2] == at


def test_nobody_reads_a_mailbox_without_its_password_and_it_is_reached_from_this_machine_alone(tmp_path: Path) -> None:
    port = free_port()
    boxes = read_mailboxes(mailboxes(port, "one password"))
    server = MailServer(MailStore(tmp_path, boxes), port)
    line = imaplib.IMAP4("127.0.0.1", port)
    with pytest.raises(imaplib.IMAP4.error):
        line.login(boxes[0].user, "another")
    line.shutdown()
    server.stop()
    assert "imap" not in {thread.name for thread in threading.enumerate()}
    kept = "".join(path.read_text() for path in tmp_path.glob("pymap-etc-*"))
    assert "one password" not in kept and set(MAILBOXES) == {box.address for box in boxes}


def imaplib_time(head: bytes) -> float:
    """Return when a mail came, as the server tells it."""
    found = imaplib.Internaldate2tuple(head)
    assert found is not None
    return time.mktime(found)
