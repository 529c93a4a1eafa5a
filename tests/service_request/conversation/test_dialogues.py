"""Thirty people of different temper, through the engine as by text, by WhatsApp and by mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from textwrap import wrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service_request.conversation.engine import begin, hear, hush
from service_request.conversation.languages import language_of
from service_request.conversation.script import MOST_QUESTIONS, SAFE, facts
from service_request.conversation.state import Dialogue, Flag, Heard, Manner, Reply, SafeHere
from service_request.conversation.words import read_words
from service_request.pathways.sendiass.script import SENDIASS
from tests.dialogues import STARTS, WRITTEN, Sent, Written

REFERENCE, DUTY_LINE, SERVICE = "4TRX-W7HK", "01632 960120", "Westmarch SENDIASS"
TEXT_MAX = 1_600  # characters that Twilio takes
every_dialogue = pytest.mark.parametrize("written", WRITTEN, ids=lambda one: one.name)


@dataclass
class Played:
    """What came of a dialogue."""

    dialogue: Dialogue
    flags: set[Flag] = field(default_factory=set)
    replies: list[Reply | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # each question each time that it was asked


def manner(channel):
    return Manner(
        channel=channel,
        service=SERVICE,
        reference=REFERENCE,
        by_when=STARTS + timedelta(days=7),
        duty_line=DUTY_LINE,
        phone="01632 960180",
        write_to="07700 900180",
        opens_at=None,
        today=STARTS.date(),
        words=read_words(),
        all_at_once=channel == "email",
    )


def say(played: Played, sent: Sequence[Sent], channel):
    heard = [Heard(one.text, one.at, one.pictures) for one in sent]
    turn = hear(SENDIASS, Dialogue.from_json(played.dialogue.to_json()), heard, manner(channel))
    played.dialogue = turn.dialogue
    played.flags |= turn.flags
    played.replies.append(turn.reply)
    if turn.reply is not None:
        played.asked += turn.dialogue.asked


def by_text(written: Written, channel) -> Played:
    """Play a dialogue one text after the other; each answer must meet the question that it is meant for."""
    played = Played(begin(SENDIASS, manner=manner(channel)))
    for batch in written.batches():
        if batch[0].carrier:  # the carrier's own words never reach the engine
            stops = batch[0].carrier == "STOP"
            played.dialogue = hush(played.dialogue, "opted_out") if stops else replace(played.dialogue, silenced=None)
            continue
        if batch[0].to:
            assert played.dialogue.asked == (batch[0].to,), f"{batch[0].text!r} answers another question"
        say(played, batch, channel)
    return played


def numbered(asked, answers, reply):
    return "\n".join(f"{number}. {answers[key]}" for number, key in enumerate(asked, 1) if key in answers)


def one_after_the_other(asked, answers, reply):
    return "\n\n".join(answers.get(key, "I would rather not say") for key in asked)


def inside_the_questions(asked, answers, reply):
    """Write beneath each question of the quoted mail, as mail programs quote and wrap it."""
    lines = ["Please see my answers below.", "", "On Tue, 17 Nov 2026 at 12:40, Westmarch SENDIASS wrote:"]
    number = 0
    for line in reply.splitlines():
        lines += [f"> {part}" for part in wrap(line, 72)] or [">"]
        if line.startswith(f"{number + 1}. "):
            lines += ["", answers[asked[number]], ""] if asked[number] in answers else []
            number += 1
    return "\n".join(lines)


STYLES = (numbered, one_after_the_other, inside_the_questions)


def as_a_mail(text: str) -> str:
    """Return it as people write a mail, with a greeting and who signs."""
    return f"Hello,\n\n{text}\n\nKind regards\nSent from my phone" if text.strip() else text


def by_mail(written: Written, style=numbered) -> Played:
    """Play it by mail: the first message, whether it is safe, and then every answer in one mail."""
    played = Played(begin(SENDIASS, manner=manner("email")))
    batches = [batch for batch in written.batches() if not batch[0].carrier]
    safe_at = next((number for number, batch in enumerate(batches) if batch[0].to == SAFE), len(batches) - 1)
    for batch in batches[: safe_at + 1]:
        say(played, [replace(one, text=as_a_mail(one.text)) for one in batch], "email")
    rest = [one for batch in batches[safe_at + 1 :] for one in batch]
    answers = {one.to: one for one in rest if one.to in played.dialogue.asked}
    if len(played.dialogue.asked) > 1 and answers:
        reply = played.replies[-1]
        said = style(
            played.dialogue.asked, {key: one.text for key, one in answers.items()}, reply.text if reply else ""
        )
        before = [one for one in rest if one.to in answers and one is not answers[one.to]]
        if style is numbered:
            said = "\n".join([*(one.text for one in before), said]).strip()
        (*_, last) = answers.values()
        say(played, [replace(last, text=as_a_mail(said))], "email")
        rest = [one for one in rest if one.to not in answers]
        rest += before if style is not numbered else []
    for one in rest:
        say(played, [one], "email")
    return played


def told_outside_ours(reply: Reply) -> str:
    """Return what of a reply is not ours."""
    left, at = "", 0
    for start, end in sorted(reply.own):
        left += reply.text[at:start]
        at = end
    return left + reply.text[at:]


def check(expect, played: Played):
    """Hold what came of a dialogue to what its file expects."""
    known = facts(played.dialogue.answers)
    assert {name: known.get(name) for name in expect["facts"]} == expect["facts"]
    assert not set(expect.get("lacks", ())) & known.keys()
    assert set(expect["flags"]) <= played.flags
    assert not set(expect.get("no_flags", ())) & played.flags
    assert played.dialogue.safe == expect["safe"]
    assert played.dialogue.language == expect.get("language")
    if "answered_in" in expect:
        assert {language_of(reply.text) or "en" for reply in played.replies if reply} == {expect["answered_in"]}


@every_dialogue
@pytest.mark.rule("SE-1")
@pytest.mark.rule("SE-6")
@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_each_ends_in_the_right_answers_by_text(written, channel):
    played = by_text(written, channel)
    check(written.expect, played)
    assert played.dialogue.silenced == written.expect["ends"]
    if "questions" in written.expect:
        assert len(set(played.asked)) == written.expect["questions"]
    assert not set(written.expect.get("never_asked", ())) & set(played.asked)
    assert len(set(played.asked)) <= MOST_QUESTIONS


@every_dialogue
@pytest.mark.rule("SE-1")
@pytest.mark.rule("SE-6")
@pytest.mark.parametrize("style", STYLES, ids=lambda one: one.__name__)
def test_each_ends_in_the_right_answers_by_mail(written, style):
    played = by_mail(written, style)
    check({**written.expect, **written.expect.get("by_mail", {})}, played)


@every_dialogue
@pytest.mark.rule("EV-2")
@pytest.mark.rule("EV-10")
@pytest.mark.parametrize("channel", ["sms", "whatsapp", "email"])
def test_the_first_reply_says_who_we_are_the_reference_999_and_the_duty_line(written, channel):
    first = by_mail(written).replies[0] if channel == "email" else by_text(written, channel).replies[0]
    assert first is not None
    assert all(words in first.text for words in (SERVICE, REFERENCE, "999", DUTY_LINE))


@every_dialogue
@pytest.mark.rule("EV-6")
@pytest.mark.parametrize("channel", ["sms", "whatsapp", "email"])
def test_no_reply_says_back_what_they_told_but_a_number_or_a_choice(written, channel):
    played = by_mail(written) if channel == "email" else by_text(written, channel)
    for reply in filter(None, played.replies):
        assert told_outside_ours(reply).replace(" ", "").isdecimal() or not told_outside_ours(reply)
        assert channel == "email" or len(reply.text) <= TEXT_MAX


@every_dialogue
@pytest.mark.rule("EV-2")
def test_until_it_is_safe_nothing_is_asked_but_that_and_after_no_nothing_is_said(written):
    played, safe = Played(begin(SENDIASS, manner=manner("sms"))), SafeHere.UNSET
    for batch in written.batches():
        if batch[0].carrier:
            break
        say(played, batch, "sms")
        safe = played.dialogue.safe
        if safe is SafeHere.UNSET:
            assert set(played.dialogue.asked) <= {SAFE}
        if safe is SafeHere.NO:
            assert played.replies[-1] is None


@pytest.mark.rule("EV-3")
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_texts_in_any_order_and_however_often_end_without_a_fault_or_a_loop(data):
    """EV-1 for the engine: whatever comes in whatever order, every word that answers nothing is kept, and it ends."""
    texts = [one for written in WRITTEN for one in written.messages if not one.carrier]
    sent = data.draw(
        st.lists(st.sampled_from(texts) | st.text(max_size=30).map(lambda t: Sent(t, STARTS)), max_size=40)
    )
    played = Played(begin(SENDIASS, manner=manner("sms")))
    for one in sent:
        say(played, [one], "sms")
    kept = " ".join(
        [*played.dialogue.said, *(value for values in played.dialogue.answers.values() for value in values)]
    )
    assert Dialogue.from_json(played.dialogue.to_json()) == played.dialogue
    assert len(played.asked) <= 2 * len(SENDIASS.questions) + 2
    assert all(len(reply.text) <= TEXT_MAX for reply in played.replies if reply)
    first = next((one.text for one in sent if one.text.strip()), "")
    if played.dialogue.silenced is None and len(first.split()) > 4 and first.isascii():
        assert " ".join(first.split()) in " ".join(kept.split())
