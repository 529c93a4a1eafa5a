"""What people type, made safe to store."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_request.domain.typed import clean_typed

anything = st.text(st.characters(exclude_categories=()))  # lone surrogates too


@given(anything)
def test_what_is_stored_can_always_be_stored(text):
    cleaned, _ = clean_typed(text)
    assert cleaned.encode().decode() == cleaned
    assert "\x00" not in cleaned
    assert "\r" not in cleaned


@given(anything)
def test_cleaning_twice_changes_nothing_more(text):
    cleaned, _ = clean_typed(text)
    assert clean_typed(cleaned) == (cleaned, False)


@given(
    st.text(
        st.characters(categories=["L", "N", "P", "S", "M", "Zs"], exclude_characters="\uffff\ufffe")
        | st.sampled_from("\n\t")
    )
)
def test_not_a_letter_of_what_a_person_writes_is_changed(text):
    assert clean_typed(text) == (text, False)


@pytest.mark.parametrize(
    ("typed", "cleaned", "taken_out"),
    [
        ("a\x00b", "ab", True),
        ("a\x1bb\x7f", "ab", True),
        ("a\ud83d b", "a b", True),
        ("a\r\nb\rc", "a\nb\nc", False),
        ("a\x0bb\u2028c", "a\nb\nc", False),
        ("<script>{{ 7*7 }}'; DROP TABLE--", "<script>{{ 7*7 }}'; DROP TABLE--", False),
        ("👨‍👩‍👧 محمد", "👨‍👩‍👧 محمد", False),
    ],
)
def test_only_what_nobody_types_is_taken_out_and_it_is_said(typed, cleaned, taken_out):
    assert clean_typed(typed) == (cleaned, taken_out)
