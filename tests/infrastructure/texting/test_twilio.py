"""Twilio's own client against a carrier that behaves as Twilio does, on its bad days too (F22 to F24)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from demonstration.carrier.account import Account
from infrastructure.database import utc_now
from infrastructure.house import House
from infrastructure.outbox import Result
from infrastructure.outbox.senders import OPTED_OUT, Parcel, Sent
from infrastructure.texting.twilio import TwilioSender, make_client
from tests.plugins.house import ACCOUNT, SENDIASS_NUMBER

MOTHER = "+447700900811"
WORDS = "We have your message. Your reference is K7RM-4TXC. We’ll answer by 5pm on Tuesday 24 November."
Send = Callable[[Parcel], Sent]


@pytest.fixture
def send(app: Flask, house: House) -> Send:
    return TwilioSender(house.settings.model_copy(update={"text_timeout_seconds": 0.3})).send


def parcel(**changes: Any) -> Parcel:
    values = {"channel": "sms", "endpoint": SENDIASS_NUMBER, "owed_at": utc_now(), **changes}
    return Parcel(MOTHER, "", WORDS, "<1@frontdoor>", **values)


def unsure(*ago: int, **changes: Any) -> Parcel:
    """A text that was tried so many seconds ago, with ends that nobody knows."""
    return parcel(unsure=tuple(utc_now() - timedelta(seconds=one) for one in ago), **changes)


def test_a_text_leaves_from_our_number_in_its_words_and_is_known_by_the_carriers_name(
    send: Send, carrier: Account
) -> None:
    sent = send(parcel())
    (text,) = carrier.sent
    assert (sent.result, sent.carrier_id) == (Result.ACCEPTED, text.sid)
    assert (text.sender, text.to, text.body) == (SENDIASS_NUMBER, MOTHER, WORDS)
    assert text.callback == "http://localhost/hooks/twilio/status"


def test_a_whatsapp_message_says_so_before_both_numbers(send: Send, carrier: Account) -> None:
    assert send(parcel(channel="whatsapp")).result is Result.ACCEPTED
    assert (carrier.sent[0].sender, carrier.sent[0].to) == (f"whatsapp:{SENDIASS_NUMBER}", f"whatsapp:{MOTHER}")


@pytest.mark.threat("F22")
def test_a_limit_is_waited_for_as_long_as_it_says(send: Send, carrier: Account) -> None:
    carrier.faults.append("429")
    carrier.retry_after = 7
    sent = send(parcel())
    assert (sent.result, sent.again_in, carrier.sent) == (Result.TEMPORARY, timedelta(seconds=7), [])


@pytest.mark.threat("F23")
@pytest.mark.parametrize("fault", ["500_after_sending", "hang"])
def test_what_was_taken_with_an_error_is_found_and_not_sent_again(send: Send, carrier: Account, fault: Any) -> None:
    carrier.faults.append(fault)
    assert send(parcel()).result is Result.UNKNOWN
    sent = send(unsure(1))
    assert (sent.result, sent.code, sent.carrier_id) == (Result.ACCEPTED, "found", carrier.sent[0].sid)
    assert len(carrier.sent) == 1


@pytest.mark.threat("F23")
def test_what_was_not_taken_is_sent_after_it_was_looked_for(send: Send, carrier: Account) -> None:
    carrier.faults.append("500")
    assert send(parcel()).result is Result.UNKNOWN
    assert send(unsure(1)).result is Result.ACCEPTED
    assert [method for method, _ in carrier.asked] == ["POST", "GET", "POST"]
    assert len(carrier.sent) == 1


@pytest.mark.threat("F23")
def test_while_nobody_can_look_nothing_is_sent(send: Send, carrier: Account) -> None:
    carrier.faults.append("503_in_list")
    sent = send(unsure(1))
    assert (sent.result, carrier.sent) == (Result.TEMPORARY, [])


@pytest.mark.threat("F23")
def test_while_their_list_lags_one_copy_more_leaves_and_never_a_third(send: Send, carrier: Account) -> None:
    carrier.faults += ["not_listed", "not_listed"]
    send(parcel())
    send(unsure(30))
    assert len(carrier.sent) == 2
    for _ in range(3):
        sent = send(unsure(60, 30))
        assert (sent.result, sent.again_in) == (Result.TEMPORARY, timedelta(minutes=5))
    assert send(unsure(360, 301)) == Sent(Result.PERMANENT, "in_doubt")  # a person hears
    assert len(carrier.sent) == 2
    carrier.unlisted.clear()
    assert send(unsure(360, 301)).code == "found"
    assert len(carrier.sent) == 2


@pytest.mark.threat("F23")
def test_the_same_words_of_another_message_of_ours_or_of_an_earlier_day_are_not_this_one(
    send: Send, carrier: Account
) -> None:
    other = send(parcel())
    assert other.carrier_id is not None
    assert send(unsure(1, known_ids=frozenset({other.carrier_id}))).code == "201"
    assert len(carrier.sent) == 2
    late = unsure(1, owed_at=utc_now() + timedelta(minutes=10))
    assert send(late).code == "201"


@pytest.mark.threat("F24")
def test_who_left_our_number_is_told_apart_from_every_other_refusal(send: Send, carrier: Account) -> None:
    carrier.blocked.add((SENDIASS_NUMBER, MOTHER))
    assert send(parcel()) == Sent(Result.PERMANENT, OPTED_OUT)
    assert send(replace(parcel(), to="60777")) == Sent(Result.PERMANENT, "21211")
    assert send(replace(parcel(), to="+447700900812", text="a" * 1601)) == Sent(Result.PERMANENT, "21617")
    assert carrier.sent == []


def test_a_wrong_token_and_a_carrier_that_is_away_pass(send: Send, house: House, carrier: Account) -> None:
    wrong = house.settings.model_copy(update={"twilio_account_sid": f"AC{'0' * 32}"})
    assert TwilioSender(wrong).send(parcel()) == Sent(Result.TEMPORARY, "20003")
    away = house.settings.model_copy(update={"twilio_api_base": "http://127.0.0.1:9"})
    assert TwilioSender(away).send(parcel()) == Sent(Result.TEMPORARY, "ConnectionError")  # nobody took it: no doubt


@pytest.mark.threat("T26")
def test_no_number_and_no_word_of_a_text_is_in_any_log_or_result(
    send: Send, carrier: Account, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("twilio.http_client").setLevel(logging.DEBUG)
    carrier.blocked.add((SENDIASS_NUMBER, "+447700900812"))
    results = [
        send(parcel()),
        send(unsure(1)),
        send(replace(parcel(), to="+447700900812")),
        send(replace(parcel(), text="a" * 1601)),
    ]
    said = "\n".join(record.getMessage() for record in caplog.records if record.name != "urllib3.connectionpool")
    for hidden in (MOTHER, MOTHER[1:], "K7RM", "Authorization"):
        assert hidden not in said
        assert all(hidden not in str(one) for one in results)


def test_our_client_lists_calls_reads_texts_and_turns_the_pages_of_the_carrier(
    app: Flask, house: House, carrier: Account
) -> None:
    since = datetime(2026, 11, 17, 9, tzinfo=utc_now().tzinfo)
    for minute in range(120):
        carrier.receive(MOTHER, SENDIASS_NUMBER, f"text {minute}", at=since + timedelta(minutes=minute))
    carrier.ring(MOTHER, SENDIASS_NUMBER, at=since)
    client = make_client(house.settings)
    found = client.messages.list(to=SENDIASS_NUMBER, date_sent_after=since + timedelta(minutes=10), page_size=50)
    assert [one.body for one in found] == [f"text {minute}" for minute in range(119, 9, -1)]
    assert {one.direction for one in found} == {"inbound"}
    assert client.messages(found[0].sid).fetch().body == "text 119"
    assert [call._from for call in client.calls.list(to=SENDIASS_NUMBER, start_time_after=since)] == [MOTHER]
    assert all(f"/Accounts/{ACCOUNT}/" in path for _, path in carrier.asked)
    client.http_client.session.close()
