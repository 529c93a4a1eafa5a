import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.web.brand import DEFAULT, brand_css, contrast_with_white, mixed_with_white

colours = st.from_regex(r"\A#[0-9a-f]{6}\Z")


@given(colours)
def test_a_colour_is_taken_exactly_when_white_words_can_be_read_on_it(colour: str) -> None:
    if contrast_with_white(colour) >= 4.5:
        assert f"--govuk-brand-colour: {colour};" in brand_css(colour)
    else:
        with pytest.raises(ValueError, match="too pale"):
            brand_css(colour)


@pytest.mark.parametrize("text", ["", "teal", "#fff", "#0f4c55;} body{display:none", "#0f4c5g", "#0f4c55\n"])
def test_what_is_not_a_colour_never_reaches_the_stylesheet(text: str) -> None:
    with pytest.raises(ValueError, match="written like"):
        brand_css(text)


def test_the_contrast_is_that_of_wcag() -> None:
    assert round(contrast_with_white("#000000")) == 21
    assert contrast_with_white("#ffffff") == 1
    assert round(contrast_with_white("#767676"), 2) == 4.54
    assert round(contrast_with_white(DEFAULT), 1) == 9.6


@given(colours, st.floats(0, 1))
def test_a_mixed_shade_is_a_colour_between_white_and_its_own(colour: str, share: float) -> None:
    mixed = mixed_with_white(colour, share)
    assert re.fullmatch(r"#[0-9a-f]{6}", mixed)
    assert contrast_with_white(mixed) <= contrast_with_white(colour) + 0.001


def test_the_stylesheet_begins_with_the_colour_that_is_sent_when_nothing_is_set() -> None:
    css = (Path(__file__).parents[3] / "static" / "frontdoor.css").read_text()
    assert f"--govuk-brand-colour: {DEFAULT}" in css
