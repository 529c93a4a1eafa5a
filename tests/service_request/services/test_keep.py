"""Stored and committed before it is understood, once, on its side of the wall from the first byte (EV-1, EV-3, SE-5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, digest
from infrastructure.house import House
from service_request.domain.inbound_text import read_text, write_raw
from service_request.models import Arrival, ArrivalMedia, Channel, Disposition, MediaState, Task, TaskKind
from service_request.services.keep import NewArrival, NewMedia, WhyHeld, keep
from tests.factories import NOW
from tests.wall.stolen import Thief

pytestmark = pytest.mark.storage

SENDER, WORDS = "+447700900811", "school wont let my son Tadhg in"
TEXT = NewArrival(
    channel=Channel.SMS,
    endpoint="+447700900180",
    external_id="SM" + "a" * 32,
    sender=SENDER,
    raw=write_raw("twilio", [("Body", WORDS), ("From", SENDER), ("ProfileName", "Mairead")]),
    received_at=NOW,
    wall=Wall.SENDIASS,
)
PICTURE = NewMedia("https://api.twilio.example/ME1-Mairead", "image/jpeg")


def rows(session: Session) -> list[Arrival]:
    session.rollback()
    return list(session.scalars(select(Arrival).order_by(Arrival.id)))


@pytest.mark.rule("EV-1")
@pytest.mark.threat("S2")
def test_a_text_is_kept_whole_and_waits_to_be_understood(session: Session) -> None:
    body = "é 😀 ‘curly’ \x00" * 200
    raw = write_raw("twilio", [("Body", body)])
    kept = keep(session, replace(TEXT, raw=raw), now=NOW + timedelta(seconds=1))
    (row,) = rows(session)
    assert (kept.id, kept.is_new) == (row.id, True)
    assert (row.disposition, row.reason, row.is_late) == (Disposition.KEPT, None, False)
    assert (row.received_at, row.stored_at) == (NOW, NOW + timedelta(seconds=1))
    assert (row.raw, row.sender) == (raw, SENDER)
    assert read_text(raw).body == body


@pytest.mark.rule("EV-3")
@pytest.mark.threat("S5")
def test_a_text_delivered_twice_finds_the_first_receipt(session: Session) -> None:
    new = replace(TEXT, media=(PICTURE,), held=WhyHeld.UNROUTED)
    first = keep(session, new, now=NOW)
    again = keep(session, replace(new, raw=b"{}", sender="", wall=Wall.OPEN), now=NOW)
    assert (again.id, again.is_new) == (first.id, False)
    assert len(rows(session)) == 1
    assert len(session.scalars(select(ArrivalMedia)).all()) == 1
    assert len(session.scalars(select(Task)).all()) == 1


@pytest.mark.rule("EV-3")
def test_the_same_name_by_another_channel_is_another_thing(session: Session) -> None:
    assert keep(session, TEXT, now=NOW).is_new
    assert keep(session, replace(TEXT, channel=Channel.WHATSAPP), now=NOW).is_new
    assert len(rows(session)) == 2


@pytest.mark.rule("EV-1")
@pytest.mark.parametrize(
    ("held", "kind"),
    [
        (WhyHeld.UNROUTED, TaskKind.UNROUTED),
        (WhyHeld.INCOMPLETE, TaskKind.UNREADABLE),
        (WhyHeld.MISSED_CALL, TaskKind.CALL_BACK),
    ],
)
@pytest.mark.parametrize("wall", Wall)
def test_what_no_machine_can_place_waits_for_a_person_of_its_side(
    session: Session, held: WhyHeld, kind: TaskKind, wall: Wall
) -> None:
    kept = keep(session, replace(TEXT, held=held, wall=wall), now=NOW)
    (row,) = rows(session)
    (task,) = session.scalars(select(Task))
    assert (row.disposition, row.reason) == (Disposition.HELD, held)
    assert (task.kind, task.about_id, task.wall) == (kind, kept.id, wall)


@pytest.mark.rule("EV-1")
def test_pictures_wait_at_the_carrier_in_their_order(session: Session) -> None:
    other = NewMedia("https://api.twilio.example/ME2", "application/pdf")
    kept = keep(session, replace(TEXT, media=(PICTURE, other)), now=NOW)
    found = session.scalars(select(ArrivalMedia).order_by(ArrivalMedia.number)).all()
    assert [(one.number, one.url, one.content_type) for one in found] == [(0, *_of(PICTURE)), (1, *_of(other))]
    assert {(one.arrival_id, one.state, one.next_at, one.wall) for one in found} == {
        (kept.id, MediaState.WAITING, NOW, Wall.SENDIASS)
    }


def _of(media: NewMedia) -> tuple[str, str]:
    return media.url, media.content_type


@pytest.mark.rule("SE-5")
def test_a_thief_with_the_councils_keys_learns_nothing_of_a_text_to_sendiass(session: Session, house: House) -> None:
    keep(session, replace(TEXT, media=(PICTURE,)), now=NOW)
    thief = Thief(house.settings)
    said = " ".join(text for _, text in thief.read(session))
    assert not any(word in said for word in ("Tadhg", "school wont", SENDER, SENDER[1:], "Mairead"))
    assert thief.finds(session, SENDER) == []
    assert Thief(house.settings, Wall.SENDIASS).finds(session, SENDER) == ["arrival.sender_hash"]
    assert bytes(rows(session)[0].sender_hash or b"") == digest("address", SENDER, Wall.SENDIASS)


def test_a_text_to_the_council_opens_with_its_own_keys(session: Session, house: House) -> None:
    keep(session, replace(TEXT, wall=Wall.OPEN), now=NOW)
    assert Thief(house.settings).finds(session, SENDER) == ["arrival.sender_hash"]
    assert rows(session)[0].raw == TEXT.raw
