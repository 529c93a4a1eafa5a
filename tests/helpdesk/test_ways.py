"""By which way an enquirer may be written to, as a function of what they said (EV-2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.domain.ways import BY_TEXT, SENTENCES, NoWay, ways_to
from service_request.models import Channel, Safe, Silenced
from service_request.services.sight.conversations import ThreadFacts
from tests.factories import NOW

pytestmark = pytest.mark.rule("EV-2")
OURS = "+447700900180"
TEXTS = ThreadFacts(uuid4(), Channel.SMS, OURS, "+447700900461", Safe.YES, None, None, None, NOW, True, None)


def ways(
    *threads: ThreadFacts, safe: str = "yes", email: str | None = None, phone: str | None = None, waiting: bool = True
):  # type: ignore[no-untyped-def]
    return ways_to(safe=safe, email=email, phone=phone, threads=threads, text_from=OURS, is_waiting=waiting, now=NOW)


def test_an_answer_goes_where_they_wrote_last() -> None:
    whatsapp = replace(TEXTS, channel=Channel.WHATSAPP, heard_at=NOW + timedelta(minutes=1))
    assert [way.channel for way in ways(TEXTS, whatsapp).open] == [Channel.WHATSAPP, Channel.SMS]


def test_no_means_nothing_by_any_way() -> None:
    unsafe = replace(TEXTS, safe=Safe.NO, counterpart="+447700900462")
    found = ways(TEXTS, unsafe, email="a@homes.example")
    assert (found.open, found.refused, found.to_ask) == ((), NoWay.UNSAFE, None)
    assert ways(TEXTS, safe="no").refused is NoWay.UNSAFE


def test_who_asked_to_stop_is_answered_once_they_write_again() -> None:
    stopped = replace(TEXTS, silenced=Silenced.ASKED_TO_STOP, silenced_at=NOW)
    assert ways(stopped).refused is NoWay.ASKED_TO_STOP
    assert ways(replace(stopped, heard_at=NOW + timedelta(seconds=1))).open


def test_an_opt_out_leaves_the_address_that_they_said_is_safe() -> None:
    out = replace(TEXTS, opted_out_at=NOW)
    assert ways(out).refused is NoWay.OPTED_OUT
    assert [way.channel for way in ways(out, email="a@homes.example").open] == [Channel.EMAIL]
    assert ways(out, phone="+447700900461").refused is NoWay.OPTED_OUT, "the same number by another door"


def test_whatsapp_takes_no_words_of_ours_a_day_later() -> None:
    old = replace(TEXTS, channel=Channel.WHATSAPP, heard_at=NOW - timedelta(hours=24, seconds=1))
    assert ways(old).refused is NoWay.WINDOW
    assert ways(replace(old, heard_at=NOW - timedelta(hours=24))).open


def test_whether_it_is_safe_is_asked_only_of_who_waits_for_an_answer() -> None:
    unset = replace(TEXTS, safe=Safe.UNSET)
    assert ways(unset, safe="unset").to_ask is not None
    assert ways(unset, safe="unset", waiting=False).to_ask is None


@given(
    safe=st.sampled_from(["yes", "no", "unset"]),
    threads=st.lists(
        st.builds(
            replace,
            st.just(TEXTS),
            safe=st.sampled_from(Safe),
            channel=st.sampled_from([Channel.SMS, Channel.WHATSAPP]),
            silenced=st.none() | st.sampled_from(Silenced),
            silenced_at=st.just(NOW),
            opted_out_at=st.none() | st.just(NOW),
            counterpart=st.sampled_from(["+447700900461", "+447700900462"]),
        ),
        max_size=3,
    ),
    email=st.none() | st.just("a@homes.example"),
    phone=st.none() | st.just("+447700900461"),
)
def test_nothing_is_offered_where_it_was_not_said_to_be_safe_and_a_refusal_says_what_to_do(
    safe: str, threads: list[ThreadFacts], email: str | None, phone: str | None
) -> None:
    found = ways(*threads, safe=safe, email=email, phone=phone)
    safe_there = {one.counterpart for one in threads if one.safe is Safe.YES and one.opted_out_at is None}
    for way in found.open:
        assert way.to in safe_there or (safe == "yes" and way.to in (email, phone))
        assert way.endpoint or way.channel not in BY_TEXT
    assert bool(found.open) is (found.refused is None)
    assert found.refused is None or SENTENCES[found.refused].endswith(".")
    if safe == "no" or any(one.safe is Safe.NO for one in threads):
        assert (found.open, found.to_ask) == ((), None)
