"""What the engine says, in each language that it holds."""

import json
import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import create_app
from infrastructure.settings import SettingsRefusedError
from service_request.conversation.words import SHIPPED, Said, faults_in, join, languages_held, plain, read_words
from service_request.pathways.sendiass.script import SENDIASS
from tests.plugins.house import settings_for

FACTS = {
    "service": "Westmarch SENDIASS",
    "reference": "4TRX-W7HK",
    "by_when": "5pm on Tue 24 Nov",
    "phone": "01632 960180",
    "write_to": "07700 900180",
}
OTHERS = [code for code in languages_held() if code != "en"]
HELD = {code: json.loads((SHIPPED / f"{code}.json").read_text(encoding="utf-8")) for code in languages_held()}
# A phrase without words of its own.
NOT_SHIPPED = {"options"}


def facts_of(phrase):
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name}


def ours(said):
    return "".join(said.text[start:end] for start, end in said.own)


@pytest.mark.rule("SE-1")
@pytest.mark.parametrize("code", OTHERS)
def test_the_whole_dialogue_is_held_in_each_language(code):
    assert HELD["en"]["phrases"].keys() - NOT_SHIPPED <= HELD[code]["phrases"].keys()
    asked = {f"ask.sendiass.{one.key}" for one in SENDIASS.questions if one.key != "safe"}
    asked |= {f"ask.sendiass.{one.key}_self" for one in SENDIASS.questions if one.say_self}
    assert asked <= HELD[code]["phrases"].keys()


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize("code", OTHERS)
def test_every_phrase_says_the_facts_of_the_english_one(code):
    """A reference, a promise or a number that a translation lost would be lost to whoever reads it."""
    for key, english in HELD["en"]["phrases"].items():
        if key in HELD[code]["phrases"]:
            assert facts_of(HELD[code]["phrases"][key]) == facts_of(english), key


@pytest.mark.parametrize("code", OTHERS)
def test_the_numbers_of_a_question_are_the_same_in_every_language(code):
    for one in SENDIASS.questions:
        key = f"ask.sendiass.{one.key}"
        if one.is_choice and key in HELD[code]["phrases"]:
            said = HELD[code]["phrases"][key]
            assert all(f"{number} " in said for number in range(1, len(one.choices) + 1)), key


@pytest.mark.rule("SE-1")
@pytest.mark.parametrize("code", OTHERS)
def test_a_date_is_said_in_their_language_whole(code):
    """A promise half in English is none to whoever reads no English."""
    held, said = (
        HELD[code]["phrases"],
        {read_words(code).moment(datetime(2026, month, 9, 16, 5, tzinfo=UTC)) for month in range(1, 13)},
    )
    assert len(held["days"].split(",")) == 7 and len(held["months"].split(",")) == 12
    assert facts_of(held["moment"]) == {"clock", "day", "date", "month"}
    assert len(said) == 12 and all("9" in one and ":05" in one for one in said)
    assert not any(month in one for one in said for month in ("January", "March", "June", "October", "Monday"))


def test_a_date_is_said_in_english_where_a_language_has_no_words_for_it_or_is_written_in_latin_letters(tmp_path):
    (tmp_path / "so.json").write_text(json.dumps({"phrases": {"thanks": "Mahadsanid."}}), encoding="utf-8")
    at = datetime(2026, 11, 24, 17, tzinfo=UTC)
    assert read_words("so", tmp_path).moment(at) == "5pm on Tuesday 24 November"
    assert read_words("ur").in_latin_letters().moment(at) == "5pm on Tuesday 24 November"
    assert read_words("pl").moment(at) == "wtorek 24 listopada, 17:00"
    (tmp_path / "sk.json").write_text(json.dumps({"phrases": {"moment": "{child}"}}), encoding="utf-8")
    with pytest.raises(ValueError, match=r"words/sk\.json: moment asks for \['child'\]"):
        read_words("sk", tmp_path)


@pytest.mark.rule("EV-10")
@pytest.mark.parametrize("code", languages_held())
def test_the_words_of_an_emergency_say_999_and_the_duty_line(code):
    words = read_words(code)
    for key in ("emergency", "danger"):
        said = words.say(key, duty_line="01632 960120")
        assert "999" in said.text and "01632 960120" in said.text


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize("code", languages_held())
def test_the_first_reply_is_who_we_are_the_reference_and_what_happens_next(code):
    said = read_words(code).say("first", **FACTS)
    assert all(FACTS[name] in said.text for name in ("service", "reference", "by_when"))
    assert ours(said) == said.text


@pytest.mark.rule("EV-6")
def test_what_somebody_told_us_is_not_ours_and_the_guard_reads_it():
    said = read_words().say("understood", value="Ryan")
    assert said.text == "Thank you, Ryan."
    assert ours(said) == "Thank you, ."
    whole = join(read_words().say("thanks"), said, Said(""), by="\n")
    assert whole.text == "Thank you.\nThank you, Ryan."
    assert ours(whole) == "Thank you.\nThank you, ."


def test_a_phrase_inside_another_keeps_what_is_ours():
    inner = read_words().say("understood", value="Ryan")
    said = read_words().say("again", question=inner)
    assert said.text.endswith("Thank you, Ryan.")
    assert "Ryan" not in ours(said) and ours(said).endswith("Thank you, .")


def test_english_is_said_where_a_language_has_no_words(tmp_path):
    assert read_words("xx").say("thanks").text == "Thank you."
    assert read_words().in_language("xx").say("thanks").text == "Thank you."
    assert read_words().in_language("pl").say("thanks").text == "Dziękujemy."
    assert read_words("pl").ask("nothing_of_ours", "How old?").text == "How old?"
    (tmp_path / "so.json").write_text(json.dumps({"phrases": {"thanks": "Mahadsanid."}}), encoding="utf-8")
    somali = read_words("so", tmp_path)
    assert (somali.say("thanks").text, somali.say("yes_no").text) == ("Mahadsanid.", "1 yes, 2 no")


def test_the_authoritys_own_words_win_phrase_by_phrase(tmp_path):
    (tmp_path / "pl.json").write_text(json.dumps({"phrases": {"thanks": "Dzięki."}}), encoding="utf-8")
    theirs = read_words(None, tmp_path).in_language("pl")
    assert theirs.say("thanks").text == "Dzięki."
    assert theirs.say("yes_no").text == HELD["pl"]["phrases"]["yes_no"]


def test_a_phrase_that_asks_for_what_nobody_gives_is_refused_by_name(tmp_path):
    (tmp_path / "pl.json").write_text(json.dumps({"phrases": {"thanks": "Dzięki, {child}."}}), encoding="utf-8")
    with pytest.raises(ValueError, match=r"words/pl\.json: thanks asks for"):
        read_words("pl", tmp_path)


@pytest.mark.parametrize(
    "held", ["[]", "{", '{"phrases": {"thanks": 3}}', '{"phrases": {"thanks": "a {"}}', '{"heard": "yes"}']
)
def test_a_start_is_refused_over_a_file_that_nobody_could_be_answered_in(tmp_path, held):
    (tmp_path / "pl.json").write_text(held, encoding="utf-8")
    assert faults_in(tmp_path) == ["words/pl.json is no file of phrases"]
    with pytest.raises(SettingsRefusedError, match=r"words/pl\.json"):
        create_app(settings_for(f"sqlite:///{tmp_path}/main.sqlite", tmp_path, 25, words_dir=str(tmp_path)))


@pytest.mark.rule("SE-6")
@pytest.mark.parametrize(
    ("code", "meaning", "text"),
    [
        ("pl", "skip", "POMIŃ"),
        ("pl", "yes", "Tak!"),
        ("pl", "human", "człowiek"),
        ("ur", "no", "Nahi"),
        ("ur", "yes", "جی ہاں"),
        ("ar", "yes", "نعم"),
        ("uk", "skip", "пропустити"),
        ("ro", "skip", "SAR"),
        ("cy", "skip", "hepgor"),
        ("pl", "skip", "skip"),
        ("en", "yes", "👍🏽"),
    ],
)
def test_a_word_is_heard_in_their_language_and_in_english(code, meaning, text):
    assert plain(text) in read_words(code).heard(meaning)


def test_no_silence_means_yes():
    assert all(
        "" not in read_words(code).heard(meaning) for code in languages_held() for meaning in ("yes", "no", "stop")
    )


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_was_told_stands_between_what_is_ours(first, second):
    said = join(read_words().say("understood", value=first), read_words().say("understood", value=second))
    assert len(said.text) == len(ours(said)) + len(first) + len(second)
