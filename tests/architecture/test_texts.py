"""Every text that we send unasked: written by somebody, short, in plain letters, and telling of nobody (EV-6)."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from infrastructure.house import House
from infrastructure.texting.segments import count_segments

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "templates" / "messages" / "text"
LINK = "https://ask.westmarch.example/sendiass/evaluation/k3Jd0fj2kd9Qmk3Jd0fj2kd9Qmk3Jd0fj2kd9QmkZ"

# What each text is made of, and nothing else: the outgoing guard reads these.
FACTS: dict[str, dict[str, str]] = {
    "danger_alert": {"reference": "K7RM-4TXC", "link": LINK},
    "danger_held": {"link": LINK},
    "danger_many": {"count": "12", "link": LINK},
    "evaluation": {"link": LINK},
    "evaluation_by_text": {"link": LINK},
    "evaluation_name": {},
    "evaluation_question": {
        "place": "1 of 6",
        "question": "How easy was it to get in touch with us?",
        "options": "1 very easy, 2 easy, 3 hard, 4 very hard",
    },
    "evaluation_thanks": {},
    "is_it_safe": {"reference": "K7RM-4TXC"},
}
AFTER_ANOTHER = {"evaluation_name", "evaluation_question", "evaluation_thanks"}  # they follow a text that says 999
NEVER = r"\b(contact us|please|invalid|click here|do not hesitate)\b"
MOST_PARTS = 2


def test_every_text_is_known_here_with_its_facts() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(FACTS)


def test_every_text_is_said_by_somebody() -> None:
    said = {
        node.value
        for room in ("helpdesk", "service_request")
        for path in (ROOT / room / "services").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(FACTS) - said == set()


@pytest.mark.parametrize("name", FACTS)
class TestAText:
    def test_has_no_subject_and_fits_into_two_parts_of_plain_letters(self, name: str, house: House) -> None:
        text = house.say(name, **FACTS[name])
        assert (text.template, text.subject, text.facts) == (name, "", FACTS[name])
        assert text.text == text.text.strip() and "{" not in text.text
        found = count_segments(text.text)
        assert (found.encoding, found.count <= MOST_PARTS) == ("GSM-7", True)

    def test_needs_each_of_its_facts_and_no_other(self, name: str, house: House) -> None:
        whole = house.say(name, **FACTS[name]).text
        for fact in FACTS[name]:
            less = {key: value for key, value in FACTS[name].items() if key != fact}
            try:
                assert house.say(name, **less).text != whole, f"{fact} is not said"
            except UndefinedError:
                continue
            pytest.fail(f"{name} goes out without its {fact}")

    @pytest.mark.rule("EV-10")
    def test_says_999_unless_a_text_before_it_did(self, name: str, house: House) -> None:
        assert "999" in house.say(name, **FACTS[name]).text or name in AFTER_ANOTHER

    @pytest.mark.rule("EV-6")
    def test_tells_of_nobody_by_itself_and_knows_which_words_were_put_in(self, name: str, house: House) -> None:
        template = (FOLDER / f"{name}.txt").read_text()
        assert set(re.findall(r"\{\{\s*(\w+)", template)) - {"authority"} == set(FACTS[name])
        said = house.say(name, **{key: f"Tadhg {key}" for key in FACTS[name]})
        assert said.own is not None
        ours = " ".join(said.text[start:end] for start, end in said.own["text"])
        assert "Tadhg" not in ours and said.text.count("Tadhg") == len(FACTS[name])

    def test_is_plain_english(self, name: str, house: House) -> None:
        assert re.findall(NEVER, house.say(name, **FACTS[name]).text, flags=re.IGNORECASE) == []
