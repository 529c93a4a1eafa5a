"""What machines say is heard however it is written."""

from __future__ import annotations

import re

import pytest

from service_request.domain.mail import machine_words as words

SMALL = {"away": words.AWAY, "comes_back": words.COMES_BACK, "returned_text": words.RETURNED_TEXT}


@pytest.mark.parametrize("said", ["I AM OUT OF OFFICE", "I am Out Of The Office", "YILLIK İZİN", "yıllık izin"])
def test_who_is_away_is_heard_in_capitals_too(said):
    assert words.AWAY.search(words.small(said))


@pytest.mark.parametrize("text", ["İSTANBUL ſt ΣΊΣΥΦΟΣ", "Straße", "No. 7 K"])
def test_each_letter_keeps_its_place_in_small(text):
    assert len(words.small(text)) == len(text)


@pytest.mark.parametrize("name", SMALL)
def test_what_is_looked_for_in_small_letters_means_the_same_in_small_letters(name):
    assert not re.findall(r"\\[A-Z]", "|".join(words._PHRASES[name])), "\\S would become \\s"
    assert SMALL[name].pattern == SMALL[name].pattern.lower()
