"""What an attacker found by text: each was so once, and is no more (EV-1, EV-2, EV-10, SE-3, SE-8, SE-10)."""

from __future__ import annotations

import pytest

from helpdesk.services.enquiries import replying
from infrastructure.database import Wall, transaction, utc_now
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.outbox import MessageState, OutboxMessage
from infrastructure.outbox.models import Result
from infrastructure.outbox.senders import Parcel, Sent
from infrastructure.texting.twilio import TwilioSender
from service_request.domain.states import RequestState
from service_request.models import Channel, Clock, Evaluation, EvaluationState, Safe
from service_request.services.enquiries.opening import Opening, open_enquiry
from service_request.services.understanding import understand
from tests.service_request.services.understanding.conftest import STORY, Phone
from tests.texting import deliver, whatsapp
from tests.wall.inside import make_adviser

pytestmark = pytest.mark.storage
DANGER = "he is hitting him now with a belt, a boy in my class"
A_DAY = 86_400


def reply(phone: Phone, house: House, adviser: User, words: str) -> None:
    """Write to her as an adviser, and let it leave."""
    phone.session.rollback()
    replying.reply(phone.session, request_id=phone.request.id, words=words, by=adviser, now=utc_now(), house=house)
    phone.wait(1)
    phone.work()


@pytest.mark.rule("EV-10")
def test_help_by_whatsapp_is_answered_with_999(phone: Phone) -> None:
    deliver(phone.client, whatsapp("HELP"))
    phone.wait(1)
    phone.work()
    (row,) = phone.owed()
    assert "999" in row.body["text"]


@pytest.mark.rule("EV-1")
def test_a_place_shared_by_whatsapp_is_read_by_whoever_reads_the_thread(phone: Phone) -> None:
    deliver(phone.client, whatsapp("", Latitude="53.43", Longitude="-1.35", Address="8 Wharf Lane"))
    phone.wait(1)
    phone.work()
    assert phone.said()[0] == ("in", "Shared location: 53.43, -1.35, 8 Wharf Lane")


@pytest.mark.rule("SE-10")
def test_what_tells_of_danger_is_not_set_aside_by_a_machine(phone: Phone) -> None:
    phone.say(DANGER)
    phone.say("1")
    phone.say("im his teacher")
    assert phone.enquiry.facts["enquirer"] == "professional"
    assert phone.request.state is not RequestState.SET_ASIDE
    assert [clock.ended_at for clock in phone.rows(Clock)] == [None]


@pytest.mark.rule("SE-3")
def test_to_leave_by_the_carriers_word_is_not_to_be_reached(phone: Phone, house: House) -> None:
    adviser = make_adviser(phone.session)
    phone.say(STORY)
    phone.say("1")
    reply(phone, house, adviser, "We can ring on any weekday.")
    phone.wait(60)
    phone.say("STOP")
    assert [clock.ended_at for clock in phone.rows(Clock)] == [None] and phone.enquiry.reached_at is None


@pytest.mark.rule("EV-2")
def test_a_number_said_to_be_unsafe_on_the_phone_gets_no_reply_by_text(phone: Phone, house: House) -> None:
    call = Opening(
        channel=Channel.PHONE, received_at=utc_now(), story="He reads my phone.", phone=phone.number, safe=Safe.NO
    )
    with transaction(phone.session):
        open_enquiry(phone.session, call, now=utc_now(), house=house)
    phone.say(STORY)
    assert [row.state for row in phone.owed()] == [MessageState.CANCELLED]


@pytest.mark.rule("EV-2")
def test_what_waited_to_leave_when_they_asked_us_to_stop_does_not(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(sender: TwilioSender, parcel: Parcel) -> Sent:
        return Sent(Result.TEMPORARY, "503")

    with monkeypatch.context() as patched:
        patched.setattr(TwilioSender, "send", away)
        phone.say(STORY)
        phone.say("dont text this number")
    phone.wait(7200)
    phone.work()
    assert [row.state for row in phone.owed()] == [MessageState.CANCELLED]


@pytest.mark.rule("SE-8")
def test_an_answer_to_an_adviser_is_not_taken_for_one_of_how_it_went(phone: Phone, house: House) -> None:
    adviser = make_adviser(phone.session)
    phone.say(STORY)
    phone.say("1")
    reply(phone, house, adviser, "We can ring on any weekday.")
    phone.say("yes please do")
    phone.wait(95 * A_DAY)
    phone.work()
    (asked,) = phone.rows(Evaluation)
    assert asked.state is EvaluationState.SENT
    phone.wait(60)
    reply(phone, house, adviser, "Shall we book a meeting? There are two days.")
    phone.wait(60)
    phone.say("go on")
    assert ("in", "go on") in phone.said()


@pytest.mark.rule("SE-10")
@pytest.mark.parametrize("way", ["withheld", "unrouted", "unreadable"])
def test_danger_in_what_is_held_alerts_a_named_person(phone: Phone, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "withheld":
        phone.number = "anonymous"
    if way == "unreadable":
        monkeypatch.setattr(understand, "take", _fail)
    more = {"To": "+447700900999"} if way == "unrouted" else {}
    phone.say("he is going to kill Tadhg tonight", **more)
    assert phone.arrivals() == ["held"]
    (mail,) = [row for row in phone.rows(OutboxMessage) if row.template == "danger_held" and row.channel == "email"]
    assert (mail.state, mail.wall) == (MessageState.SENT, Wall.SENDIASS)
    assert "Tadhg" not in str(mail.body) and "kill" not in str(mail.body)
    phone.work()
    assert len([row for row in phone.rows(OutboxMessage) if row.id == mail.id]) == 1


def test_what_is_held_and_tells_of_no_danger_alerts_nobody(phone: Phone) -> None:
    phone.say(STORY, To="+447700900999")
    assert phone.arrivals() == ["held"] and phone.rows(OutboxMessage) == []


def _fail(*args: object) -> None:
    raise RuntimeError
