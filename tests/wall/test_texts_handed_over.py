"""What a family texted to the council's own number goes inside with its thread when the desk hands it over (SE-5)."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services.handing_over import hand_over
from infrastructure.database import Wall, utc_now
from infrastructure.house import House
from infrastructure.outbox import OutboxMessage
from service_request.models import Arrival, Conversation, Message, ServiceRequest, Silenced
from tests.factories import NOW, County, make_county
from tests.plugins.house import SENDIASS_NUMBER, SOCIAL_CARE_NUMBER
from tests.service_request.services.understanding.conftest import Phone
from tests.texting import MOTHER
from tests.wall.inside import make_adviser
from tests.wall.stolen import Thief

pytestmark = [pytest.mark.rule("SE-5"), pytest.mark.storage]
STORY = "school wont let Tadhg in and nobody answers about his plan"


@pytest.fixture
def phone(client: FlaskClient, session: Session) -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield Phone(client, session, clock, MOTHER)


@pytest.fixture
def county(phone: Phone) -> County:
    return make_county(phone.session)


def texted(phone: Phone, county: County, house: House) -> ServiceRequest:
    """Text the council's number, and let the desk hand it over."""
    make_adviser(phone.session)
    for body in (STORY, "1", "3", "1"):
        phone.say(body, To=SOCIAL_CARE_NUMBER)
    phone.wait(60)
    (request,) = phone.rows(ServiceRequest)
    hand_over(phone.session, request_id=request.id, by=county.officer, now=utc_now(), house=house)
    return phone.request


@pytest.mark.rule("SE-3")
def test_every_word_and_the_thread_go_inside_and_the_five_days_run_from_receipt(
    phone: Phone, county: County, house: House
) -> None:
    request = texted(phone, county, house)
    for model in (ServiceRequest, Conversation, Message, Arrival, OutboxMessage):
        assert {row.wall for row in phone.rows(model)} == {Wall.SENDIASS}, model
    assert phone.enquiry.facts["story"] == STORY and phone.enquiry.enquirer == "parent"
    assert [body for way, body in phone.said() if way == "in"] == [STORY, "1", "3", "1"]
    assert (phone.thread.counterpart, phone.thread.request_id) == (MOTHER, request.id)
    assert phone.thread.silenced is Silenced.PERSON_TOOK
    thief = Thief(house.settings)
    assert [said for _, said in thief.read(phone.session) if "Tadhg" in said] == []
    assert thief.finds(phone.session, MOTHER) == []


def test_what_they_text_to_sendiass_belongs_to_it_and_what_they_text_to_the_council_does_not(
    phone: Phone, county: County, house: House
) -> None:
    inside = texted(phone, county, house).id
    assert phone.thread.endpoint == SENDIASS_NUMBER  # an answer to an adviser must not land outside
    phone.say("when will somebody ring")
    phone.say("my neighbour is hurt", To=SOCIAL_CARE_NUMBER)
    found = {row.body: (row.wall, row.request_id == inside) for row in phone.rows(Message) if row.arrival_id}
    assert found["when will somebody ring"] == (Wall.SENDIASS, True)
    assert found["my neighbour is hurt"] == (Wall.OPEN, False)


def test_who_writes_to_both_keeps_one_thread_inside(phone: Phone, county: County, house: House) -> None:
    phone.say("hello are you sendiass")
    inside = phone.request.id
    for body in (STORY, "1", "3", "1"):
        phone.say(body, To=SOCIAL_CARE_NUMBER)
    make_adviser(phone.session)
    phone.wait(60)
    other = next(row.id for row in phone.rows(ServiceRequest) if row.id != inside)
    hand_over(phone.session, request_id=other, by=county.officer, now=utc_now(), house=house)
    (thread,) = phone.session.scalars(select(Conversation)).all()
    assert (thread.wall, thread.request_id) == (Wall.SENDIASS, inside)
    assert {row.wall for row in phone.rows(Message)} == {Wall.SENDIASS}
