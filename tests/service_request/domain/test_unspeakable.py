"""What may not be said is known again when a day is spelt out and a name is written in borrowed letters (EV-6, T20)."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_request.domain.days_in_words import any_day_in_words, any_year_in_words, day_in_words, year_in_words
from service_request.domain.identifying import find_identifying
from service_request.domain.look_alikes import drawn
from service_request.domain.unspeakable import Part, Telling, Terms, Where, catch

pytestmark = [pytest.mark.rule("EV-6"), pytest.mark.threat("T20")]


def told(text: str, *names: str, day: date | None = None, phone: str = "") -> set[str]:
    """What a text says of these people."""
    terms = Terms()
    for name in names:
        terms.add_name(name)
    if day:
        terms.add_day(day)
    if phone:
        terms.add_number(phone, Telling.CONTACT)
    return {one.words for one in catch([Part(Where.TEXT, f"This is about {text} again.")], terms)}


@pytest.mark.parametrize(
    "words",
    [
        "third of September 2014", "3rd Sept. '14", "the 3 of september 2014", "the third of Sept ’14",
        "the 3rd day of September 2014", "September the third, 2014", "third september twenty fourteen",
        "3 Sept two thousand and fourteen", "３／９／２０１４", "٣/٩/٢٠١٤",
    ],
)  # fmt: skip
def test_a_birth_date_is_known_however_it_is_spelt_out(words: str) -> None:
    assert told(words, day=date(2014, 9, 3)) == {"2014-09-03"}
    assert told(words, day=date(2014, 9, 13)) == set()
    assert told(words, day=date(2004, 9, 3)) == set()


@pytest.mark.rule("GL-6")
@pytest.mark.parametrize(
    "words",
    ["third of September 2014", "3rd Sept. '14", "the 3 of september 2014", "September the twenty-third, 2014",
     "the twenty first day of May nineteen ninety nine"],
)  # fmt: skip
def test_a_day_spelt_out_is_marked_in_a_talk_without_names(words: str) -> None:
    found = [(one.kind.value, one.words) for one in find_identifying(f"he came {words} and left")]
    assert found == [("birth_date", words.removeprefix("the "))]


@given(st.dates(date(1931, 1, 1), date(2049, 12, 31)))
def test_any_day_spelt_out_is_a_day_to_both(day: date) -> None:
    words = f"{_spelt(day_in_words(day.day))} of {day:%B} {_spelt(year_in_words(day.year))}"
    assert told(words, day=day) == {day.isoformat()}
    assert re.fullmatch(any_day_in_words(), _spelt(day_in_words(day.day)))
    assert re.fullmatch(any_year_in_words(), _spelt(year_in_words(day.year)))


def _spelt(pattern: str) -> str:
    """The first of the ways in which a pattern of ours may be said."""
    plain = re.sub(r"\(\?:(?:oh\|o[^)]*)\)\?", "", pattern.replace(r"[\s\-]{0,3}", " "))
    while (inner := re.sub(r"\(\?:([^()|]*)(?:\|[^()]*)?\)\??", r"\1", plain)) != plain:
        plain = inner
    return " ".join(plain.split())


@pytest.mark.parametrize(
    "hidden",
    ["Tаdhg", "Τadhg", "ΤΑDΗG", "ТАDНG", "Tadhɡ", "Ｔａｄｈｇ", "T́adhg", "Та\u200bdhg", "T&#1072;dhg", "T%D0%B0dhg",
     "𝐓𝐚𝐝𝐡𝐠", "tаdhgs"],
)  # fmt: skip
def test_a_name_in_borrowed_letters_is_that_name(hidden: str) -> None:
    assert told(hidden, "Tadhg Petrov") == {"tadhg"}
    assert told(f"about {hidden}", "Tomas Petrov") == set()


def test_a_name_of_another_script_stays_itself_and_is_known_in_borrowed_letters_too() -> None:
    assert told("Петрова", "Саша Петрова") and told("Пeтpoвa", "Саша Петрова")
    assert told("ΗΛΙΑΣ", "Ηλίας") and told("Ηλίαs", "Ηλίας")
    assert told("тебя", "Саша Петрова") == set()


def test_a_number_in_other_digits_is_that_number() -> None:
    assert told("٠٧٧٠٠ ٩٠٠١٢٣", phone="07700 900123") == {"7700900123"}


def test_a_name_in_borrowed_letters_is_marked_in_small_letters_too() -> None:
    assert [one.words for one in find_identifying("we saw rуan at the door")] == ["rуan"]


@given(st.text())
def test_what_has_no_borrowed_letter_comes_back_as_it_is(text: str) -> None:
    assert drawn(text) == text or not text.isascii()
