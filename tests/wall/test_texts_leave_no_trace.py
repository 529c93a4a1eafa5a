"""Of a text to SENDIASS no line of the log tells: not its words, its number, its reference, nor that it is there (SE-5)."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from infrastructure.house import House
from service_request.conversation import engine
from service_request.domain.references import format_reference
from service_request.models import Arrival, Conversation, Message
from tests.factories import NOW
from tests.listening import logged
from tests.service_request.services.understanding.conftest import Phone
from tests.texting import MOTHER
from tests.wall.stolen import Thief

pytestmark = pytest.mark.rule("SE-5")
STORY = "school wont let Tadhg Corrigan in, he is hitting me now"
MARKED = ("Tadhg", "Corrigan", "hitting", MOTHER, MOTHER[3:])


@pytest.fixture
def phone(client: FlaskClient, session: Session) -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield Phone(client, session, clock, MOTHER)


def test_what_is_understood_and_what_is_held_leave_no_line(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt(*_: Any) -> Any:
        raise RuntimeError(STORY)

    with logged() as lines:
        phone.say(STORY)
        phone.say("1", "HELP", "STOP")
        monkeypatch.setattr(engine, "hear", spoilt)
        phone.say("START", "Tadhg again")
    assert "held" in phone.arrivals()
    said = lines.getvalue()
    assert "trail_sealed" in said
    ids = [str(row.id) for model in (Arrival, Conversation, Message) for row in phone.rows(model)]
    reference = format_reference(phone.request.reference)
    for word in (*MARKED, *ids, reference, phone.request.reference, str(phone.request.id)):
        assert word not in said


def test_who_steals_the_councils_keys_reads_and_finds_nothing_of_it(phone: Phone, house: House) -> None:
    phone.say(STORY)
    phone.say("1", "hes 9")
    thief = Thief(house.settings)
    assert [said for _, said in thief.read(phone.session) if any(word in said for word in MARKED)] == []
    assert thief.finds(phone.session, MOTHER) == []
