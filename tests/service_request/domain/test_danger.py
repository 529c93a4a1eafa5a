"""Words that may mean a child is in danger now."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_request.domain.danger import danger_words


@pytest.mark.rule("EV-10")
@pytest.mark.parametrize(
    "text",
    [
        "He’s hitting him now",
        "She is in immediate danger",
        "Dad said he'll kill mum tonight",
        "my mums boyfriend hits me",
        "I took all my tablets",
        "The baby won't wake up",
        "He tried to strangle her",
        "He has a KNIFE",
        "She is unconscious",
        "overdose",
        "he wants to die",
        "I am scared to go home",
        "he is missing from home since Sunday",
        "They are leaving the country tomorrow",
        "bruising on his neck",
        "the toddler is alone",
        "it is happening right now",
        "call an ambulance",
        "hes gonna   kill\nme",
        "suicidal thoughts",
    ],
)
def test_present_danger_is_heard(text):
    assert danger_words(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No immediate danger.",
        "The child is not in immediate danger",
        "Emergency contact: grandmother",
        "Both boys have come in hungry for two weeks, often late and in the same clothes.",
        "She can use a knife and fork",
        "They are missing school and lessons",
        "I would like some advice about speech and language",
        "Help me understand what happens next",
        "The family would like help with routines and bedtimes",
    ],
)
def test_an_ordinary_worry_is_not_called_danger(text):
    assert danger_words(text) == []


@given(st.text(), st.text())
def test_danger_is_heard_wherever_it_stands_in_a_text(before, after):
    assert "strangled" in danger_words(f"{before}. he strangled her. {after}")


def test_the_words_are_named_in_order_and_once():
    assert danger_words("A knife. She is unconscious. A knife!") == ["knife", "unconscious"]
