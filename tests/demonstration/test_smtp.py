"""The demonstration's mail server keeps what it says it took."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from demonstration.mailbook import in_parts, read_mail
from demonstration.smtp import MailKeeper, start_mail_server

HEAD = "From: a@westmarch.example\r\nTo: {to}\r\nSubject: Hello\r\nMessage-ID: <{id}@frontdoor>\r\n"
MAIL = HEAD + "\r\nFirst.\r\n.\r\nLast.\r\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Controller]:
    controller = start_mail_server(MailKeeper(tmp_path / "mail"))
    yield controller
    controller.stop()


def send(server: Controller, to: str, message_id: str = "one") -> None:
    with smtplib.SMTP("127.0.0.1", server.port) as client:
        client.sendmail("a@westmarch.example", [to], MAIL.format(to=to, id=message_id))


def test_a_mail_is_kept_whole_and_is_there_after_a_restart(tmp_path: Path) -> None:
    for message_id in ("one", "two"):
        server = start_mail_server(MailKeeper(tmp_path))
        send(server, "s.rahman@brookfield.example", message_id)
        server.stop()
    for message_id in ("one", "two"):
        kept = read_mail(tmp_path, f"<{message_id}@frontdoor>")
        assert kept is not None
        assert kept[0] == "a@westmarch.example"
        assert kept[1].split() == ["First.", ".", "Last."]


def test_the_same_mail_sent_twice_is_one_file_and_nothing_is_left_half_written(
    server: Controller, tmp_path: Path
) -> None:
    for message_id in ("one", "one", "two"):
        send(server, "s.rahman@brookfield.example", message_id)
    assert [path.suffix for path in (tmp_path / "mail").iterdir()] == [".eml", ".eml"]


@pytest.mark.parametrize(("to", "code"), [("jmarsh@mailbox.example", 550), ("attendance@larkfield.example", 452)])
def test_two_addresses_fail_as_real_ones_do(server: Controller, tmp_path: Path, to: str, code: int) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(server, to)
    assert refused.value.recipients[to][0] == code
    assert not list((tmp_path / "mail").iterdir())


def test_it_listens_on_loopback_only(server: Controller) -> None:
    assert {socket.getsockname()[0] for socket in server.server.sockets} == {"127.0.0.1"}


def test_a_mail_that_never_came_is_not_there(tmp_path: Path) -> None:
    assert read_mail(tmp_path, "<../../secrets@frontdoor>") is None


def test_links_are_told_from_words_and_lead_here_whatever_port_they_were_sent_from() -> None:
    assert in_parts("Open it:\r\nhttp://127.0.0.1:8000/o/abc?x=1\r\n\r\nGood bye") == [
        [[("Open it:", "")], [("http://127.0.0.1:8000/o/abc?x=1", "/o/abc?x=1")]],
        [[("Good bye", "")]],
    ]
    assert in_parts("https://elsewhere.example/a")[0][0][0][1] == "https://elsewhere.example/a"
