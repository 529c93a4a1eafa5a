"""Answers in the words of their own language, and a first reply that promises nothing to whom nothing is owed."""

import re
from datetime import UTC, date, datetime

import pytest

from service_request.conversation.words import languages_held, plain, read_words
from tests.talking import BY_WHEN, REFERENCE, talk

OPENS = datetime(2026, 11, 18, 9, tzinfo=UTC)
STORY = "a pupil cant come to school any more"
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


@pytest.mark.rule("SE-7")
@pytest.mark.rule("SE-1")
def test_a_reply_at_night_in_another_language_is_in_it_whole_with_one_date():
    first = talk(POLISH, opens_at=OPENS).replies[0]
    assert "Biuro jest teraz zamknięte." in first and "wtorek 24 listopada, 17:00" in first
    assert not any(word in first for word in ("November", "Tuesday", "closed", " by ", "Expect"))
    assert len(re.findall(r"\d\d:\d\d", first)) == 1


@pytest.mark.rule("SE-1")
@pytest.mark.parametrize("said", [["im a senco and a pupil in our school needs help"], ["need help", "1", STORY, "6"]])
def test_what_a_professional_passes_on_says_which_number_a_family_texts(said):
    """ "This number" means nothing to a family that never saw the text."""
    last = talk(*said).replies[-1]
    assert "07700 900180" in last and "01632 960 180" in last and "this number" not in last


@pytest.mark.rule("SE-1")
def test_what_was_noted_and_what_is_no_age_are_said_without_english():
    talked = talk(POLISH, "tak", "mama", "nie", "300", "9", "tak", "nie", "Westmarch", "Anna", "po 16", "nie")
    assert talked.replies[4].startswith("Przepraszamy, nie zrozumieliśmy.") and "Enter" not in talked.replies[4]
    assert talked.replies[-1].endswith("Zapisaliśmy: liczba odpowiedzi: 9. Jeśli coś się nie zgadza, napisz tutaj.")


@pytest.mark.rule("SE-3")
def test_a_number_with_the_date_of_its_letter_is_both_answers():
    talked = talk("need help with my son", "1", "2 got a letter 3rd nov")
    assert talked.answer("letter") == "appeal"
    assert talked.answer("letter_on") == date(2026, 11, 3).isoformat()


@pytest.mark.rule("SE-1")
@pytest.mark.parametrize("opens", [None, OPENS])
def test_a_professional_is_promised_no_adviser_by_a_date(opens):
    """What they wrote is set aside, so that nobody will reach them by then: the promise would be untrue."""
    first = talk("hi im a senco and a pupil in our school needs your help", opens_at=opens).replies[0]
    assert REFERENCE in first and "999" in first
    assert BY_WHEN not in first and "closed" not in first
