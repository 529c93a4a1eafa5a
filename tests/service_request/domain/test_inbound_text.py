"""What a carrier told us of a text is read from the bytes that were kept: all of it, and nothing is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_request.domain.inbound_text import OptOut, read_text, write_raw


def text(body: str = "", **more: str) -> bytes:
    return write_raw("twilio", {"Body": body, **more}.items())


@pytest.mark.rule("EV-1")
@pytest.mark.threat("S2")
@given(st.text(max_size=1600))
def test_every_word_of_a_text_is_read_back_as_it_was_sent(body: str) -> None:
    assert read_text(text(body)).body == body


@pytest.mark.threat("S3")
@pytest.mark.parametrize(
    ("body", "means"),
    [
        *((word, OptOut.STOP) for word in ("STOP", "stop", " Stop\n", "STOPALL", "unsubscribe", "Cancel", "END", "quit")),
        *((word, OptOut.START) for word in ("START", "Unstop", "yes")),
        *((word, OptOut.HELP) for word in ("HELP", "info")),
        *((words, None) for words in ("stop him hitting me", "STOP PLEASE", "help me", "please help", "yes pls", "", "🛑")),
    ],
)  # fmt: skip
def test_a_carriers_word_means_something_only_as_the_whole_message(body: str, means: OptOut | None) -> None:
    assert read_text(text(body)).opt_out is means
    assert read_text(text(body)).body == body


@pytest.mark.threat("S3")
def test_what_the_carrier_says_it_did_goes_before_the_word() -> None:
    assert read_text(text("ARRET", OptOutType="STOP")).opt_out is OptOut.STOP
    assert read_text(text("anything", OptOutType="help")).opt_out is OptOut.HELP
    assert read_text(text("anything", OptOutType="something new")).opt_out is None


@pytest.mark.threat("S6")
def test_what_is_missing_or_makes_no_sense_is_nothing_and_what_is_unknown_is_kept() -> None:
    found = read_text(
        write_raw("twilio", [("NumMedia", "many"), ("NumSegments", "٣"), ("Mood", "low"), ("Mood", "high")])
    )
    assert (found.body, found.media, found.segments, found.profile_name) == ("", 0, None, None)
    assert found.params[2:] == (("Mood", "low"), ("Mood", "high"))
    assert read_text(text("x", NumMedia="2", NumSegments="11", ProfileName="Mum")).media == 2
    assert read_text(text("x", ProfileName="Mum")).profile_name == "Mum"


@pytest.mark.threat("S2")
def test_half_a_character_is_kept_and_read_as_a_mark() -> None:
    assert read_text(text("ok \ud83d")).body == "ok ?"
    assert b"\\ud83d" in text("ok \ud83d")


@pytest.mark.threat("S1")
def test_a_text_of_the_other_carrier_reads_alike() -> None:
    raw = write_raw("notify", [("id", "1"), ("source_number", "447700900811"), ("message", "My son is not in school")])
    assert read_text(raw).body == "My son is not in school"
