"""Postcodes by their shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_request.domain.postcodes import district, prefixes, tidy

postcodes = st.from_regex(r"[A-Z]{1,2}([0-9]{1,2}|[0-9][A-Z]) [0-9][A-Z]{2}", fullmatch=True)


@pytest.mark.parametrize(
    ("typed", "tidied"),
    [
        ("wm4 2qt", "WM4 2QT"),
        ("WM42QT", "WM4 2QT"),
        (" wm 12 - 3ab. ", "WM12 3AB"),
        ("sw1a1aa", "SW1A 1AA"),
        ("m1 1ae", "M1 1AE"),
        ("WM4 OQT", "WM4 0QT"),
        ("WM4 lQT", "WM4 1QT"),
    ],
)
def test_a_postcode_is_tidied_however_it_is_typed(typed, tidied):
    assert tidy(typed) == tidied


@pytest.mark.parametrize(
    "typed", ["", "WM4", "WM4 2Q", "WM4 2QTT", "4WM 2QT", "WMX4 2QT", "unknown", "no fixed abode", "🦊"]
)
def test_what_has_not_the_shape_is_no_postcode(typed):
    assert tidy(typed) is None


@given(postcodes)
def test_a_tidied_postcode_stays_as_it_is_and_survives_any_typing(postcode):
    assert tidy(postcode) == postcode
    assert tidy(postcode.lower().replace(" ", "")) == postcode
    assert district(postcode) == postcode.split()[0]


@pytest.mark.rule("GL-8")
def test_prefixes_run_from_the_whole_postcode_to_its_area():
    assert prefixes("wm4 2qt") == ["WM4 2QT", "WM4 2Q", "WM4 2", "WM4", "WM"]
    assert prefixes("SW1A 1AA") == ["SW1A 1AA", "SW1A 1A", "SW1A 1", "SW1A", "SW1", "SW"]
    assert prefixes("WM4") == ["WM4", "WM"]
    assert prefixes("no fixed abode") == []


@pytest.mark.rule("GL-8")
@given(postcodes)
def test_prefixes_get_shorter_and_never_name_another_district(postcode):
    found = prefixes(postcode)
    assert found[0] == postcode
    assert [len(p) for p in found] == sorted((len(p) for p in found), reverse=True)
    assert all(postcode.startswith(p) for p in found)
    outward = postcode.split()[0]
    if outward[-2:].isdigit():
        assert outward[:-1] not in found


def test_the_district_is_known_also_when_nothing_else_is():
    assert district("wm4") == "WM4"
    assert district("Millbrook") is None


@given(st.text())
def test_no_text_breaks_a_postcode(text):
    whole = tidy(text)
    assert whole is None or tidy(whole) == whole
    assert all(prefixes(text)) or prefixes(text) == []
