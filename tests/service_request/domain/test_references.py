"""References that survive a bad telephone line."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_request.domain.references import (
    ALPHABET,
    check_character,
    format_reference,
    is_rude,
    new_reference,
    parse_reference,
    spoken,
)

references = st.integers(0, 2**32).map(lambda seed: new_reference(random.Random(seed).choice))


def test_the_alphabet_is_of_prime_size_and_holds_no_look_alikes():
    assert len(ALPHABET) == len(set(ALPHABET)) == 23
    assert not set(ALPHABET) & set("0O1IL2Z5S8BUV")


@given(references)
def test_a_new_reference_reads_back_as_itself_however_it_is_typed(reference):
    shown = format_reference(reference)
    assert parse_reference(reference) == reference
    assert parse_reference(shown) == reference
    assert parse_reference(f"  {shown.lower().replace('-', ' – ')}\n") == reference
    assert parse_reference(" ".join(reference)) == reference


@given(references, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_every_single_wrong_character_is_found(reference, place, other):
    wrong = reference[:place] + other + reference[place + 1 :]
    assert (parse_reference(wrong) == reference) == (other == reference[place])
    if other != reference[place]:
        assert parse_reference(wrong) is None


@given(references, st.integers(0, 6))
def test_every_swap_of_neighbours_is_found(reference, place):
    swapped = reference[:place] + reference[place + 1] + reference[place] + reference[place + 2 :]
    assert (parse_reference(swapped) is None) == (swapped != reference)


@given(st.text())
def test_no_text_breaks_the_reading_of_a_reference(text):
    read = parse_reference(text)
    assert read is None or (len(read) == 8 and set(read) <= set(ALPHABET))


@pytest.mark.parametrize("text", ["", "K7RM", "K7RM-4TX0", "K7RM-4TXCC", "O1IL-0000", "💥"])
def test_what_cannot_be_a_reference_is_refused(text):
    assert parse_reference(text) is None


def test_the_same_key_held_down_is_no_reference():
    assert parse_reference(ALPHABET[0] * 8) is None


def test_a_reference_is_said_in_words():
    assert spoken("K7RM4TXC") == "Kilo, 7, Romeo, Mike, then 4, Tango, X-ray, Charlie"
    assert all(len(spoken(c * 8)) > 8 for c in ALPHABET)


def test_a_reference_that_spells_a_rude_word_is_drawn_again():
    drawn = iter("TWAT346" + "K7RM4TX")
    reference = new_reference(lambda _: next(drawn))
    assert reference == "K7RM4TX" + check_character("K7RM4TX")


@pytest.mark.parametrize("word", ["XXTWATXX", "D34DKKRM", "KFA6RRMM", "7W47MKRH"])
def test_figures_that_stand_for_letters_count_as_rude_too(word):
    assert is_rude(word)


@given(references)
def test_no_reference_is_rude(reference):
    assert not is_rude(reference)


def test_references_do_not_repeat():
    assert len({new_reference() for _ in range(2000)}) == 2000
