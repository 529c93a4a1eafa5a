"""The engine by email: one mail asks all that is missing, and an answer is read however people write it (SE-1, SE-6)."""

from __future__ import annotations

import time
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service_request.conversation.courtesies import signed_by, without_courtesies
from service_request.conversation.engine import begin, hear
from service_request.conversation.mails import without_quotes
from service_request.conversation.state import Flag, Heard, SafeHere
from service_request.pathways.sendiass.script import SENDIASS
from service_request.pathways.social_care.script_public import PUBLIC
from tests.talking import BEGAN_AT, DUTY_LINE, REFERENCE, Talk, make_manner, talk

BY_MAIL = {"channel": "email", "all_at_once": True, "write_to": "sendiass@westmarch.example"}
FIRST = "My son has autism and the school does not want him back."
ASKED = ("letter", "age", "plan", "place", "name", "reach", "anything_else")
ANSWERS = {
    "letter": "no letter",
    "age": "he is 9",
    "plan": "we asked for one",
    "place": "Westmarch",
    "name": "Kelly",
    "reach": "please ring me after 4pm",
    "anything_else": "no",
}
KNOWN = {"letter": "none", "age": "9", "plan": "asked", "place": "Westmarch", "name": "Kelly"}


@cache
def asked_by_mail() -> Talk:
    return talk(FIRST, "Yes, that is fine.", **BY_MAIL)


def answered(text: str, after: Talk | None = None) -> Talk:
    return talk(text, after=(after or asked_by_mail()).dialogue, **BY_MAIL)


def known(talked: Talk) -> dict[str, str | None]:
    return {key: talked.answer(key) for key in KNOWN}


@pytest.mark.rule("SE-1")
@pytest.mark.rule("SE-6")
def test_one_mail_asks_all_that_is_missing_numbered_in_words_and_each_may_be_left():
    talked = asked_by_mail()
    assert talked.dialogue.asked == ASKED
    mail = talked.replies[1]
    assert [line.split(".")[0] for line in mail.splitlines() if line[:1].isdigit()] == [str(n) for n in range(1, 8)]
    assert "You need not answer anything that you would rather not." in mail
    assert "(yes, asked for one, no, not sure)" in mail and " 2 asked" not in mail
    assert "special educational needs" not in mail and "Who are you" not in mail  # the first mail said it


@pytest.mark.rule("EV-2")
@pytest.mark.rule("EV-10")
def test_the_first_answer_is_in_paragraphs_and_asks_only_whether_it_is_safe():
    first = talk(FIRST, **BY_MAIL).replies[0]
    assert first.count("\n\n") == 2 and first.count("?") == 2
    assert REFERENCE in first and "999" in first and DUTY_LINE in first
    assert first.endswith("Is it safe to write to you at this address? Answer yes or no.")


@pytest.mark.rule("SE-1")
@pytest.mark.parametrize(
    "mail",
    [
        "\n".join(f"{n}. {ANSWERS[key]}" for n, key in enumerate(ASKED, 1)),
        "\n".join(f"{n}) {ANSWERS[key]}" for n, key in enumerate(ASKED, 1)),
        " ".join(f"{n}. {ANSWERS[key]}" for n, key in enumerate(ASKED, 1)),
        "\n".join(ANSWERS[key] for key in ASKED),
        "\n\n".join(ANSWERS[key] for key in ASKED),
        ". ".join(ANSWERS[key].capitalize() for key in ASKED) + ".",
        "We have had no letter. He is 9 and we asked for an EHCP in May. We live in Westmarch, my name is Kelly. "
        "Best time is after 4pm.",
        ", ".join(ANSWERS[key] for key in ASKED),
        "\n".join(f"- {ANSWERS[key]}" for key in ASKED),
        "\n".join(f"Q{n} {ANSWERS[key]}" for n, key in enumerate(ASKED, 1)),
        ", ".join(f"{n}: {ANSWERS[key]}" for n, key in enumerate(ASKED, 1)),
        "No letter, hes 9, no ehcp but we have applied, we live in Westmarch, my names Kelly, ring after 4",
        "Letter - no\nAge - 9\nPlan - asked\nName - Kelly\nWhere you live - Westmarch",
        "Name: Kelly\nAge: 9\nLetter: none\nPlan: asked\nWhere you live: Westmarch",
    ],
    ids=[
        "numbered",
        "brackets",
        "one-line",
        "lines",
        "paragraphs",
        "sentences",
        "prose",
        "commas",
        "bullets",
        "Q1",
        "row",
        "one-breath",
        "dashes",
        "labelled",
    ],
)
def test_an_answer_is_read_however_it_is_written(mail):
    talked = answered(f"Dear Westmarch SENDIASS,\n\n{mail}\n\nMany thanks,\nKelly Marsh\n07700 900123")
    assert known(talked) == KNOWN
    assert talked.last.silenced == "finished" and Flag.WANTS_PERSON not in talked.flags


def quoted(mail: str, mark: str) -> list[str]:
    return [f"{mark}{line}" for line in mail.splitlines()]


@pytest.mark.rule("SE-1")
@pytest.mark.parametrize("mark", ["> ", "", ">> "], ids=["quoted", "copied", "twice-quoted"])
@pytest.mark.parametrize("where", ["beneath", "behind"])
def test_an_answer_inside_the_questions_is_read(mark, where):
    asked, lines, number = (
        asked_by_mail(),
        ["See my answers below", "", "From: Westmarch SENDIASS <s@westmarch.example>"],
        0,
    )
    for line in quoted(asked.replies[1], mark):
        is_question = line.removeprefix(mark).startswith(f"{number + 1}. ")
        if is_question and where == "behind":
            lines.append(f"{line} {ANSWERS[ASKED[number]]}")
        else:
            lines += [line, "", ANSWERS[ASKED[number]]] if is_question else [line]
        number += is_question
    lines += quoted(f"Westmarch SENDIASS, {DUTY_LINE}\nChild in danger? Call 999", mark)
    talked = answered("\n".join(lines), asked)
    assert known(talked) == KNOWN and talked.answer("anything_else") is None
    assert Flag.DANGER not in talked.flags  # what we wrote of danger is none of theirs


@pytest.mark.rule("SE-6")
def test_what_one_mail_leaves_out_is_not_asked_again():
    talked = answered("2. 9")
    assert talked.answer("age") == "9" and talked.last.silenced == "finished"
    assert set(ASKED) - {"age"} == set(talked.dialogue.skipped)


@pytest.mark.rule("SE-6")
@pytest.mark.parametrize("said", ["skip", "Hello,\n\nSkip.\n\nThanks\nKelly"])
def test_all_of_it_can_be_skipped_in_a_word(said):
    talked = answered(said)
    assert talked.last.silenced == "finished" and set(talked.dialogue.skipped) == set(ASKED)


@pytest.mark.rule("SE-6")
def test_what_comes_after_the_end_as_a_numbered_list_is_still_an_answer():
    ended = answered("2. 9")
    later = answered("Sorry, the rest:\n1. no letter\n3. no\n5. Kelly", ended)
    assert (later.answer("plan"), later.answer("name"), later.answer("letter")) == ("no", "Kelly", "none")
    assert later.replies == [""]


@pytest.mark.rule("SE-6")
def test_a_person_asked_for_in_a_mail_is_a_person_and_a_time_to_ring_is_none():
    talked = answered("1. no letter\n2. 9\n\nI would really like to speak to someone about this.")
    assert Flag.WANTS_PERSON in talked.flags and talked.answer("age") == "9"
    assert talked.last.silenced == "wants_person"
    assert Flag.WANTS_PERSON not in answered("6. Can you ring me after 4pm please").flags


@pytest.mark.rule("SE-1")
def test_a_long_first_mail_that_tells_the_story_is_the_story():
    told = "My daughter Ana is 11.\n\n" + "The school sends her home at noon. " * 60 + "\n\nWhat can we do?"
    talked = talk(f"Dear all,\n\n{told}\n\nBest wishes,\nMaria\n\nOak House, Westmarch", **BY_MAIL)
    assert talked.answer("story") == told
    assert (talked.answer("age"), talked.answer("enquirer"), talked.answer("gender")) == ("11", "parent", "female")


@pytest.mark.rule("SE-1")
def test_a_greeting_with_a_signature_is_no_story():
    talked = talk("Hello,\n\nKind regards\nMaria Lowe\nHead of catering, Oak House, Westmarch", "yes", **BY_MAIL)
    assert talked.answer("story") is None
    assert "What is happening" in talked.replies[1]


@pytest.mark.rule("SE-1")
@pytest.mark.parametrize(
    ("end", "name"),
    [
        ("Kind regards\nClaire Dunstan, 07700 900123", "Claire Dunstan"),
        ("Many thanks, Claire", "Claire"),
        ("Thanks\n\nClaire\nSent from my iPhone", "Claire"),
        ("Claire Dunstan 07700 900123", "Claire Dunstan"),
        ("Pozdrawiam\nAnna Łukasz", "Anna Łukasz"),
        ("Kind regards\nThe Parents", None),
        ("Thanks", None),
        ("Please can you help us", None),
    ],
)
def test_who_signs_the_first_mail_need_not_say_again_who_they_are(end, name):
    talked = talk(f"{FIRST}\n\n{end}", "yes", **BY_MAIL)
    assert talked.answer("name") == name
    assert ("What may we call you" in talked.replies[1]) == (name is None)
    assert not name or name not in "".join(talked.replies)


@pytest.mark.rule("SE-1")
def test_numbers_without_a_point_and_lines_without_a_number_go_to_the_questions_in_order():
    talked = talk("My son is 9, he has autism, and we had no letter about school.", "yes", **BY_MAIL)
    assert talked.dialogue.asked == ("plan", "place", "name", "reach", "anything_else")
    talked = answered("1 asked for one\n2. Saltby\n3) Claire\nBest after 4pm\nno thanks", talked)
    assert {key: talked.answer(key) for key in talked.dialogue.listed} == {
        "plan": "asked", "place": "Saltby", "name": "Claire", "reach": "Best after 4pm", "anything_else": None,
    }  # fmt: skip


@pytest.mark.rule("SE-1")
def test_an_answer_that_a_mail_program_broke_is_one_answer():
    broken = "3. we have asked for one twice now and the council has said\nno both times"
    talked = answered(f"1. no\n2. 9\n{broken}")
    assert talked.answer("plan") == "asked" and talked.answer("place") is None


@pytest.mark.rule("SE-7")
def test_out_of_hours_a_mail_says_when_somebody_is_there_again():
    first = talk(FIRST, **BY_MAIL, opens_at=BEGAN_AT + timedelta(hours=20, minutes=29)).replies[0]
    assert "We are closed now. We open again at 9am on Wednesday 18 November." in first


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize(
    ("said", "safe"),
    [
        ("Hi,\n\nYes that's fine.\n\nThanks\nKelly", SafeHere.YES),
        ("Yes\n\nOn Tue, 17 Nov 2026 at 12:40, Westmarch SENDIASS wrote:\n> Is it safe to write to you?", SafeHere.YES),
        ("On Tue, 17 Nov 2026 Westmarch SENDIASS wrote:\n> Is it safe to write to you here?\n\nNo", SafeHere.NO),
        ("Good morning\n\nNo, he reads my emails.\n\nSent from my iPhone", SafeHere.NO),
        ("Thanks for your email.\n\nKelly", SafeHere.UNSET),
        ("Yes but my husband can see it", SafeHere.UNSET),
    ],
)
def test_whether_it_is_safe_is_read_between_greeting_and_signature(said, safe):
    assert talk(FIRST, said, **BY_MAIL).dialogue.safe is safe


def test_a_file_with_no_words_is_thanked_for_as_a_file_and_the_questions_stay():
    how = make_manner(**BY_MAIL)
    turn = hear(SENDIASS, asked_by_mail().dialogue, [Heard("", BEGAN_AT + timedelta(minutes=9), pictures=2)], how)
    assert turn.understood == ("2 files",) and turn.reply is not None
    assert turn.reply.text.startswith("Thank you.\n\nPlease answer what you can") and "picture" not in turn.reply.text


@pytest.mark.rule("EV-10")
def test_danger_in_an_answer_is_met_with_999_and_no_question_and_the_answers_are_taken():
    talked = answered("1. yes, an appeal\n2. 9\n7. my ex hit him again")
    assert talked.replies[0].startswith("If a child or anyone is in danger now, call 999.")
    assert "?" not in talked.replies[0] and talked.answer("age") == "9"
    assert "What date is on the letter?" in answered("thanks", talked).replies[0]


@pytest.mark.rule("GL-16")
def test_the_childrens_desk_asks_by_mail_in_the_same_way():
    talked = talk("I worry about a boy who is left alone at night.", "yes", script=PUBLIC, **BY_MAIL)
    said = {"urgency": "no", "relationship": "neighbour", "child_name": "I do not know", "age_band": "about 6",
            "address": "Westmarch", "your_name": "skip", "best_time": "mornings"}  # fmt: skip
    assert set(talked.dialogue.asked) <= said.keys()
    mail = "\n".join(f"{n}. {said[key]}" for n, key in enumerate(talked.dialogue.asked, 1))
    talked = talk(mail, after=talked.dialogue, script=PUBLIC, **BY_MAIL)
    assert (talked.answer("urgency"), talked.answer("relationship"), talked.answer("age_band")) == (
        "routine",
        "neighbour",
        "5_9",
    )
    assert talked.last.silenced == "finished"


@pytest.mark.rule("SE-1")
def test_another_language_is_asked_and_answered_by_mail_too():
    talked = talk(
        "Dzień dobry,\n\nszkoła nie chce przyjąć mojego syna i nie wiem co robić.\n\nPozdrawiam\nAnna", "tak", **BY_MAIL
    )
    asked = talked.dialogue.asked
    said = {"enquirer": "mama", "letter": "nie", "age": "9", "send": "tak", "plan": "nie", "place": "Westmarch",
            "name": "Anna", "reach": "po 16", "anything_else": "nie"}  # fmt: skip
    mail = "\n".join(f"{n}. {said[key]}" for n, key in enumerate(asked, 1))
    talked = talk(f"Witam,\n\n{mail}\n\nPozdrawiam\nAnna", after=talked.dialogue, **BY_MAIL)
    assert {key: talked.answer(key) for key in ("enquirer", "letter", "age", "send", "plan")} == {
        "enquirer": "parent", "letter": "none", "age": "9", "send": "yes", "plan": "no",
    }  # fmt: skip
    assert "Dziękujemy, to wszystko." in talked.replies[0]


@pytest.mark.parametrize(
    ("mail", "core"),
    [
        ("Hi there,\nhe is 9\n\nThanks\nKelly", "he is 9"),
        ("he is 9\n-- \nKelly Marsh\nOak House", "he is 9"),
        ("Hello he is 9 and out of school", "Hello he is 9 and out of school"),
        ("Thanks\n\nbut that is not what I asked, can you tell me who decides?", "Thanks\n\nbut that is not what I asked, can you tell me who decides?"),
        ("Bună ziua,\nare 9 ani\n\nCu respect,\nIoana", "are 9 ani"),
        ("Hello\nKind regards\nKelly", ""),
    ],
)  # fmt: skip
def test_courtesies_are_left_out_and_words_are_not(mail, core):
    assert without_courtesies(mail) == core


def test_who_writes_beneath_a_quote_is_read_and_nothing_but_a_quote_is_kept_whole():
    assert without_quotes("On Tue SENDIASS wrote:\n> hello\n\nyes") == "yes"
    assert without_quotes("> hello") == "> hello"


@pytest.mark.threat("F32")
@settings(max_examples=30, deadline=timedelta(seconds=5))
@given(st.lists(st.sampled_from(["1.", "> ", "2. How old is your child?\n", "\n", "9", "no", "Hi,", "Thanks\n", "-- \n",
                                 "On Tue x wrote:\n", "a: b", "ring me", "skip", "\x00", "\ud7ff", "١. "]) | st.text(max_size=8), max_size=25))  # fmt: skip
def test_no_mail_breaks_the_engine_and_every_word_of_an_answer_is_kept(parts):
    mail = " ".join(parts)
    for after in (begin(SENDIASS, manner=make_manner(**BY_MAIL)), asked_by_mail().dialogue):
        talked = talk(mail, after=after, **BY_MAIL)
        assert talked.last.dialogue.began


@pytest.mark.threat("F32")
@pytest.mark.parametrize(
    "line",
    ["my son is 9 and we live in Westmarch\n", "Thanks\n", "1. 2. ", "x: y\n", "> 2. How old is your child?\n9\n"],
)
def test_a_long_mail_is_read_in_the_time_of_a_short_one(line):
    mail, began = line * (30_000 // len(line)), time.perf_counter()
    answered(mail)
    assert time.perf_counter() - began < 8


@pytest.mark.parametrize(
    ("mail", "name"),
    [
        ("My son is out of school.\n\nCan you help?\n\nClaire Dunstan, 07700 900123", "Claire Dunstan"),
        ("school will not have him\n\nHello, the school excluded my son and nobody answers. What can I do? Claire", ""),
        ("school will not have him\n\nHello, can you ring", ""),
        ("He is nine.\n\nThanks\nClaire", "Claire"),
    ],
)
def test_who_signs_is_a_name_alone_and_nobody_is_called_hello(mail: str, name: str) -> None:
    assert signed_by(mail) == name
