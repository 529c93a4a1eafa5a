"""Answers in the words of their own language, and a first reply that promises nothing to whom nothing is owed."""

from datetime import date

import pytest

from service_request.conversation.words import languages_held, plain, read_words
from tests.talking import BY_WHEN, REFERENCE, talk

POLISH = "Dzień dobry, szkoła mówi że mój syn nie może przyjść. Co mam zrobić?"


@pytest.mark.rule("SE-1")
@pytest.mark.parametrize(
    ("typed", "code"),
    [("tata", "parent"), ("jestem mamą", "parent"), ("Opiekun", "carer"), ("babcia", "family"), ("dziecko", "child")],
)
def test_a_father_who_writes_in_polish_says_in_polish_who_he_is(typed, code):
    assert talk(POLISH, "tak", typed).answer("enquirer") == code


@pytest.mark.rule("SE-1")
@pytest.mark.parametrize("code", [one for one in languages_held() if one != "en"])
def test_every_language_hears_who_somebody_is_in_the_words_that_it_offers(code):
    words = read_words(code)
    offered = plain(words.ask("sendiass.enquirer", "").text)
    for kind in ("parent", "carer", "child", "family", "professional"):
        assert any(one in offered for one in words.heard(f"enquirer.{kind}")), kind


@pytest.mark.rule("SE-3")
def test_a_number_with_the_date_of_its_letter_is_both_answers():
    talked = talk("need help with my son", "1", "2 got a letter 3rd nov")
    assert talked.answer("letter") == "appeal"
    assert talked.answer("letter_on") == date(2026, 11, 3).isoformat()


@pytest.mark.rule("SE-1")
@pytest.mark.parametrize("closed", ["", "We are closed now. Expect an answer from 9am on Monday."])
def test_a_professional_is_promised_no_adviser_by_a_date(closed):
    """What they wrote is set aside, so that nobody will reach them by then: the promise would be untrue."""
    first = talk("hi im a senco and a pupil in our school needs your help", closed=closed).replies[0]
    assert REFERENCE in first and "999" in first
    assert BY_WHEN not in first and "closed" not in first
