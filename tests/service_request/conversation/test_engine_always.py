"""Whatever is said, in whatever order: the engine never raises, never traps, never loses a word (SE-6, EV-1, EV-6)."""

import json
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service_request.conversation.engine import begin, hear
from service_request.conversation.script import MOST_QUESTIONS, SAFE, Script, fault
from service_request.conversation.state import Dialogue, Flag, Heard, SafeHere, Turn
from service_request.domain.typed import clean_typed
from service_request.pathways.sendiass.script import SENDIASS
from service_request.pathways.social_care.script_public import PUBLIC
from tests.talking import BEGAN_AT, TODAY, make_manner

TYPED = (
    "1", "2", "2.", "3", "7", "9", "8 sorry 9", "yes", "no", "yes pls", "nope", "idk", "dunno", "skip", "back", "start again",
    "human", "can i talk to someone", "ok", "thanks", "?", "", " ", "👍", "hes 9", "sorry hes 9 not 8", "i meant 2", "*3", "12th of nov",
    "3rd of may 2012", "31/2/2026", "in 3 weeks", "school won't let my son in, dont know what to do", "he was excluded on "
                                                                                                      "monday",
    "my son has autism and my daughter is 12", "stop him hitting me", "dont text this number", "pls stop texting me", "wm4 2qt",
    "Kelly", "call me after 4", "im a teacher and a pupil needs help", "dzień dobry, mój syn ma autyzm i szkoła "
                                                                       "go nie chce", "tak",
    "1. yes\n2. 9\n3: asked", "age: 9", "no letter", "not suspended", "next door", "STOP", "a\x00b", "9" * 400, "word " * 500,
)  # fmt: skip
TEXTS = st.one_of(st.sampled_from(TYPED), st.text(max_size=60))
BATCHES = st.lists(st.lists(TEXTS, min_size=1, max_size=3), min_size=1, max_size=14)
SCRIPTS = st.sampled_from([SENDIASS, PUBLIC])
MANNERS = st.sampled_from(
    [{"channel": "sms"}, {"channel": "whatsapp"}, {"channel": "chat"}, {"channel": "email", "all_at_once": True}]
)
QUICK = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def run(script: Script, batches: list[list[str]], manner: dict[str, object]) -> list[Turn]:
    how = make_manner(**manner)
    dialogue, turns = begin(script, manner=how), []
    for number, texts in enumerate(batches):
        at = BEGAN_AT + timedelta(hours=number * 9)
        turns.append(hear(script, dialogue, [Heard(text, at) for text in texts], how))
        dialogue = turns[-1].dialogue
    return turns


@pytest.mark.rule("EV-1")
@QUICK
@given(SCRIPTS, BATCHES, MANNERS)
def test_any_texts_in_any_order_are_taken_and_no_word_of_them_is_lost(script, batches, manner):
    turns = run(script, batches, manner)
    for texts, turn in zip(batches, turns, strict=True):
        assert len(turn.understood) == len(texts)
        assert turn.silenced == turn.dialogue.silenced
        if manner["channel"] != "email":  # there, what a mail quotes of ours is left out
            for text, note in zip(texts, turn.understood, strict=True):
                cleaned, _ = clean_typed(text)
                assert note or not cleaned.strip() or cleaned in turn.dialogue.said
    kept = Dialogue.from_json(json.loads(json.dumps(turns[-1].dialogue.to_json())))
    assert kept == turns[-1].dialogue


@pytest.mark.rule("SE-6")
@QUICK
@given(SCRIPTS, BATCHES, MANNERS)
def test_no_more_is_asked_than_the_script_and_its_repeats_and_every_answer_is_one_that_the_form_takes(
    script, batches, manner
):
    turns = run(script, batches, manner)
    dialogue = turns[-1].dialogue
    assert dialogue.asks <= 2 * len(script.questions) <= 2 * MOST_QUESTIONS
    for key, values in dialogue.answers.items():
        assert fault(script.find(key), values, TODAY) == ""
    assert SAFE not in dialogue.answers


@pytest.mark.rule("EV-2")
@QUICK
@given(SCRIPTS, BATCHES, MANNERS)
def test_who_is_not_safe_or_wants_no_texts_hears_nothing_more_and_the_end_is_said_once(script, batches, manner):
    turns = run(script, batches, manner)
    for before, after in pairwise(turns):
        if before.silenced in ("unsafe", "asked_to_stop"):
            assert after.reply is None
        elif before.silenced is not None and after.reply is not None:
            assert Flag.DANGER in after.flags
    for turn in turns:
        if turn.dialogue.safe is SafeHere.NO or turn.silenced == "asked_to_stop":
            assert turn.reply is None


@pytest.mark.rule("EV-6")
@QUICK
@given(SCRIPTS, st.lists(st.lists(st.sampled_from(TYPED), min_size=1, max_size=2), min_size=1, max_size=12), MANNERS)
def test_a_reply_says_nothing_of_theirs_but_a_number(script, batches, manner):
    for turn in run(script, batches, manner):
        if turn.reply is None:
            continue
        own = [False] * len(turn.reply.text)
        for start, end in turn.reply.own:
            assert 0 <= start < end <= len(own)
            own[start:end] = [True] * (end - start)
        theirs = "".join(letter for letter, ours in zip(turn.reply.text, own, strict=True) if not ours)
        assert theirs == "" or theirs.isdecimal()


@pytest.mark.rule("SE-6")
@QUICK
@given(
    SCRIPTS,
    st.sampled_from(["hi", "school won't let my son in", "my son is 9 and has autism", "they have excluded him"]),
    st.lists(st.sampled_from(["skip", "Skip.", "pass", "rather not say", "skip pls"]), min_size=12, max_size=12),
    st.booleans(),
)
def test_who_skips_every_question_in_one_word_always_reaches_the_end(script, first, skips, is_safe):
    batches = [[first], *([["yes"]] if is_safe else []), *[[skip] for skip in skips]]
    turns = run(script, batches, {})
    assert any(Flag.FINISHED in turn.flags for turn in turns)
    assert turns[-1].silenced == "finished"
    assert not any(Flag.NOT_UNDERSTOOD in turn.flags for turn in turns)
