"""Pictures are counted and fetched for the enquiry they belong to; WhatsApp is a thread of its own (SE-1, SE-5)."""

from __future__ import annotations

import pytest

from demonstration.carrier.account import Account
from infrastructure.database import Wall
from service_request.models import ArrivalMedia, Conversation, File, ServiceRequest
from tests.plugins.house import CARRIER_AT
from tests.service_request.services.understanding.conftest import STORY, Phone
from tests.texting import deliver, whatsapp

pytestmark = [pytest.mark.storage, pytest.mark.rule("SE-1")]
PICTURE = b"\x89PNG\r\n\x1a\n" + b"\0" * 200


@pytest.mark.threat("S1")
def test_a_picture_with_a_text_belongs_to_its_enquiry_and_is_told_beside_the_words(
    phone: Phone, carrier: Account
) -> None:
    media = carrier.add_file("image/png", PICTURE, CARRIER_AT)
    (reply,) = phone.say(
        "this is the letter they sent", NumMedia="1", MediaUrl0=media.url, MediaContentType0="image/png"
    )
    assert "999" in reply
    (row,) = phone.rows(ArrivalMedia)
    assert (row.wall, row.request_id) == (Wall.SENDIASS, phone.request.id)
    assert {file.owner_id for file in phone.rows(File)} <= {phone.request.id}


@pytest.mark.rule("SE-5")
def test_whatsapp_and_texts_of_one_person_are_two_threads_inside_the_wall(phone: Phone, carrier: Account) -> None:
    phone.say(STORY)
    phone.wait(60)
    deliver(phone.client, whatsapp("hello its me on whatsapp"))
    phone.wait(1)
    phone.work()
    assert sorted(row.channel.value for row in phone.rows(Conversation)) == ["sms", "whatsapp"]
    assert sorted(row.channel.value for row in phone.rows(ServiceRequest)) == ["sms", "whatsapp"]
    assert phone.sides() == {Wall.SENDIASS}
    assert len(carrier.sent_to(f"whatsapp:{phone.number}") or carrier.sent_to(phone.number)) >= 1
