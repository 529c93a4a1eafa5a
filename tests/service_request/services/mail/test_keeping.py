"""A mail is kept once, whole, under a name made of its own bytes; when it was ours is never what it says of itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.house import House
from infrastructure.mailboxes import Mailbox
from service_request.models import Arrival, Channel, Disposition
from service_request.services.mail.keeping import BELIEVED_FOR, find_box, identity, keep_mail, message_id_of, wall_of
from tests.plugins.house import settings_for

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
DESK = Mailbox(address="help@westmarch.example", pathway="desk")
SENDIASS = Mailbox(address="advice@westmarch-sendiass.example", pathway="sendiass")
MAIL = (
    b"Message-ID: <one@surgery.example>\r\nFrom: Ines Calder <ines@surgery.example>\r\n"
    b"Date: Mon, 1 Jan 2001 00:00:00 +0000\r\nSubject: Two brothers\r\n\r\nPlease ring me.\r\n"
)


def rows(session: Session) -> list[Arrival]:
    return list(session.scalars(select(Arrival).order_by(Arrival.id)))


@pytest.mark.storage
@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-3")
def test_a_mail_is_kept_byte_for_byte_and_once(session: Session, house: House) -> None:
    raw = MAIL + bytes(range(256))
    first = keep_mail(session, DESK, raw, received_at=None, now=NOW, house=house)
    again = keep_mail(
        session, DESK, raw, received_at=NOW - timedelta(hours=1), now=NOW + timedelta(hours=1), house=house
    )
    assert (first.is_new, again.is_new, again.id) == (True, False, first.id)
    [row] = rows(session)
    assert (row.raw, row.channel, row.endpoint) == (raw, Channel.EMAIL, DESK.address)
    assert (row.disposition, row.sender, row.sender_hash, row.stored_at) == (Disposition.KEPT, None, None, NOW)


@pytest.mark.threat("E1")
@pytest.mark.rule("EV-1")
def test_two_mails_with_one_message_id_or_with_none_are_two(session: Session, house: House) -> None:
    nameless = MAIL.replace(b"Message-ID: <one@surgery.example>\r\n", b"")
    for raw in (MAIL, MAIL + b"And one thing more.\r\n", nameless, nameless + b"x"):
        assert keep_mail(session, DESK, raw, received_at=None, now=NOW, house=house).is_new
    assert len({row.external_id for row in rows(session)}) == 4


@pytest.mark.rule("SE-5")
def test_the_mailbox_says_on_which_side_of_the_wall_a_mail_stands(session: Session, house: House) -> None:
    for box in (DESK, SENDIASS):
        keep_mail(session, box, MAIL, received_at=None, now=NOW, house=house)
    assert [(row.endpoint, row.wall) for row in rows(session)] == [
        (DESK.address, Wall.OPEN),
        (SENDIASS.address, Wall.SENDIASS),
    ]
    assert identity(DESK, MAIL) != identity(SENDIASS, MAIL)
    assert wall_of(Mailbox(address="care@westmarch.example", pathway="social_care")) is Wall.OPEN


@pytest.mark.rule("GL-8")
@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (NOW - timedelta(minutes=40), NOW - timedelta(minutes=40)),
        (NOW - BELIEVED_FOR, NOW - BELIEVED_FOR),
        (NOW - BELIEVED_FOR - timedelta(seconds=1), NOW),
        (NOW + timedelta(seconds=1), NOW),
        (None, NOW),
    ],
)
def test_it_was_ours_when_our_own_server_had_it_and_never_when_it_says(
    session: Session, house: House, said: datetime | None, taken: datetime
) -> None:
    keep_mail(session, DESK, MAIL, received_at=said, now=NOW, house=house)
    assert rows(session)[0].received_at == taken


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"MESSAGE-Id : <a@b.example>\n\n", b"<a@b.example>"),
        (b"Subject: x\r\nMessage-ID:\r\n <a@b.example>\r\n\r\n", b"<a@b.example>"),
        (b"Message-ID: <a@b.example>\nMessage-ID: <c@d.example>\n\n", b"<a@b.example>"),
        (b"Subject: x\n\nMessage-ID: <a@b.example>\n", b""),
        (b"", b""),
        (b"Message-ID", b""),
        (b"\0\xff:\n\n", b""),
    ],
)
def test_a_message_id_is_taken_as_it_stands_in_the_header(head: bytes, name: bytes) -> None:
    assert message_id_of(head) == name


def test_a_mailbox_is_found_however_its_address_is_written(tmp_path) -> None:
    text = '[{"address": "help@westmarch.example", "pathway": "desk"}]'
    settings = settings_for("sqlite://", tmp_path, 25, mailboxes=text)
    found = find_box(settings, " Help@Westmarch.Example ")
    assert found is not None
    assert found.address == DESK.address
    assert find_box(settings, "other@westmarch.example") is None
