"""The figures of docs/mail.md hold: machines are known for what they are, people stay people, no word of theirs is lost."""

from __future__ import annotations

import pytest

from tests.mail import forming
from tests.mail.measuring import read_all


@pytest.mark.threat("E7", "F21")
def test_ninety_nine_of_a_hundred_bounces_and_automatic_replies_are_known_and_matched():
    found = read_all(forming.machines())
    assert found.mails > 1_000
    assert found.share(found.wrong_kind) >= 99, found.wrong_kind
    assert found.share(found.wrong_return) >= 99, found.wrong_return


@pytest.mark.threat("E7")
def test_under_three_of_a_hundred_people_are_taken_for_a_machine():
    found = read_all(forming.ordinary())
    assert found.mails > 1_000
    assert found.share(found.wrong_kind) > 97, found.wrong_kind
    assert not found.words_lost


def test_no_word_of_an_answer_is_lost_and_hardly_a_quote_is_shown():
    found = read_all(forming.answers())
    assert found.mails > 250
    assert not found.words_lost
    assert found.share(found.quote_shown) >= 97, found.quote_shown
