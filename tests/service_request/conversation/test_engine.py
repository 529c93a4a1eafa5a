"""A conversation as it goes: what is asked, what is said, and when a person goes on (SE-1 to SE-3, SE-6, EV-2)."""

from datetime import timedelta

import pytest

from infrastructure.texting.segments import count_segments
from service_request.conversation.engine import hush
from service_request.conversation.languages import is_in_latin_letters
from service_request.conversation.state import Flag, SafeHere
from service_request.pathways.sendiass.script import SENDIASS
from service_request.pathways.social_care.script_public import PUBLIC, kind_of
from tests.talking import BEGAN_AT, BY_WHEN, DUTY_LINE, REFERENCE, asked, talk

STORY = "school won't let my son in, dont know what to do"


# the first message


@pytest.mark.rule("EV-2")
@pytest.mark.rule("EV-10")
def test_the_first_reply_says_who_we_are_the_reference_when_what_to_do_in_danger_and_asks_one_thing():
    first = talk(STORY).replies[0]
    assert first.startswith("Westmarch SENDIASS: we have your message and it is private.")
    assert REFERENCE in first and BY_WHEN in first and "999" in first and DUTY_LINE in first
    assert first.endswith("Is it safe to text you here? 1 yes, 2 no")
    assert first.count("?") == 2  # in danger, and safe: nothing else is asked


@pytest.mark.rule("SE-1")
def test_a_first_message_that_tells_the_story_is_the_story_and_not_asked_again():
    talked = talk(STORY, "1")
    assert talked.answer("story") == STORY
    assert "What is happening" not in talked.replies[1]
    assert "letter" in talked.replies[1]


@pytest.mark.rule("SE-1")
def test_a_greeting_is_no_story_and_the_story_is_asked_for():
    talked = talk("hi", "1")
    assert talked.answer("story") is None
    assert "What is happening" in talked.replies[1]


def test_what_the_first_message_tells_plainly_is_not_asked_again():
    talked = talk("my son is 9, he has autism and an ehcp and was suspended on monday", "yes")
    assert {key: talked.answer(key) for key in ("enquirer", "age", "send", "plan", "letter")} == {
        "enquirer": "parent",
        "age": "9",
        "send": "yes",
        "plan": "yes",
        "letter": "exclusion",
    }
    assert "What date is on the letter?" in talked.replies[1]


def test_texts_sent_in_a_row_are_one_beginning_with_one_reply():
    talked = talk(["hi", "school wont let my son in", "hes 9"], "1")
    assert len(talked.replies) == 2
    assert talked.answer("story") == "school wont let my son in"
    assert talked.answer("age") == "9"


# the mother on the bus (picture 12a)


@pytest.mark.rule("SE-3")
def test_a_mother_on_a_bus_is_understood_from_her_first_text_to_the_reference():
    talked = talk(
        STORY, "1", "yes pls its from the head. 12th of nov", "8 sorry 9", "idk", "2", "wm4 2qt", "Kelly", "skip", "no"
    )
    assert talked.answer("letter") == "exclusion"
    assert talked.answer("letter_on") == "2026-11-12"
    assert "letter: a suspension or exclusion; date of the letter 12 November 2026" in talked.understood
    assert "an adviser will see yours first" in talked.replies[2]
    assert "age 9, corrected from 8" in talked.understood
    assert talked.replies[3].startswith("Thank you, 9.")
    assert talked.last.flags == {Flag.FINISHED}
    assert REFERENCE in talked.replies[-1] and BY_WHEN in talked.replies[-1]


# safe to text (EV-2)


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize("said", ["2", "no", "nope", "no its not safe", "not safe", "no he reads my phone"])
def test_where_it_is_not_safe_nothing_is_said_any_more(said):
    talked = talk(STORY, said, "are you there", "help me hes going to kill me")
    assert talked.dialogue.safe is SafeHere.NO
    assert Flag.UNSAFE in talked.turns[1].flags
    assert talked.replies[1:] == ["", "", ""]
    assert Flag.DANGER in talked.last.flags  # a person is told all the same


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize("said", ["1", "yes", "yes pls", "yeah its fine", "its safe", "👍", "Y", "yep", "one"])
def test_where_it_is_safe_the_questions_begin(said):
    talked = talk(STORY, said)
    assert talked.dialogue.safe is SafeHere.YES
    assert talked.flags == {Flag.SAFE}


@pytest.mark.rule("EV-2")
def test_until_it_is_known_to_be_safe_a_reply_tells_nothing_of_the_matter_and_after_one_repeat_a_person_goes_on():
    talked = talk(STORY, "he got a letter on 12 nov", "hes 9 and has autism", "hello?")
    for reply in talked.replies[:2]:
        assert "letter" not in reply and "school" not in reply and "old" not in reply
        assert REFERENCE in reply
    assert talked.turns[2].silenced == "not_understood"
    assert talked.replies[3] == ""
    assert talked.answer("age") == "9"  # and what was told is kept


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize("said", ["yes but its not safe", "ok", "thanks", "maybe 1 or 2"])
def test_a_doubtful_answer_is_not_taken_for_safe(said):
    assert talk(STORY, said).dialogue.safe is SafeHere.UNSET


@pytest.mark.rule("SE-6")
def test_who_will_not_say_whether_it_is_safe_is_asked_nothing_more():
    talked = talk(STORY, "skip")
    assert talked.last.silenced == "finished" and talked.dialogue.safe is SafeHere.UNSET
    assert REFERENCE in talked.replies[1] and "letter" not in talked.replies[1]


# a person


@pytest.mark.rule("SE-6")
@pytest.mark.parametrize("said", ["human", "can i talk to someone", "can someone call me please"])
def test_who_wants_a_person_gets_one_after_the_first_reply(said):
    talked = talk(said, "1", "my son is out of school")
    assert talked.turns[0].silenced == "wants_person"
    assert "A person will answer you" in talked.replies[0] and REFERENCE in talked.replies[0]
    assert talked.turns[1].flags == {Flag.SAFE} and talked.replies[1:] == ["", ""]
    assert talked.answer("story") == "my son is out of school"


def test_who_asks_for_a_person_half_way_hears_it_once_and_then_nothing():
    talked = talk(STORY, "1", "can i just talk to someone", "hello", "anyone?")
    assert talked.turns[2].silenced == "wants_person"
    assert talked.replies[2].startswith("A person will take over from here.")
    assert talked.replies[3:] == ["", ""]


def test_a_question_is_repeated_once_kindly_and_then_a_person_goes_on():
    talked = talk(STORY, "1", "asdf qwer", "zxcv", "more")
    assert talked.replies[2].startswith("Sorry, I did not understand that. Have you had a letter")
    assert "SKIP" in talked.replies[2] and "HUMAN" in talked.replies[2]
    assert talked.turns[3].flags == {Flag.NOT_UNDERSTOOD}
    assert "A person will read what you wrote" in talked.replies[3]
    assert talked.replies[4] == ""
    assert {"asdf qwer", "zxcv", "more"} <= set(talked.dialogue.said)


def test_the_form_says_itself_what_is_wrong_with_an_answer():
    turn = asked("age", "300")
    assert turn.reply is not None and turn.reply.text.startswith("Sorry. Enter the age in years, like 9.")


def test_what_a_person_took_over_is_still_read_in_silence():
    first = talk(STORY, "1")
    talked = talk("hes 9 btw", "help he is hitting me", after=hush(first.dialogue, "person_took"))
    assert talked.replies[0] == "" and talked.answer("age") == "9"
    assert talked.last.silenced == "person_took"
    assert talked.replies[1].startswith("If a child or anyone is in danger now, call 999.")


# going back, and taking back


def test_back_asks_the_question_before_again_and_takes_another_answer():
    talked = talk(STORY, "1", "no", "9", "back", "10")
    assert "How old is your child?" in talked.replies[4]
    assert talked.answer("age") == "10"
    assert "age 10, corrected from 9" in talked.understood


def test_start_again_asks_from_the_start_and_keeps_the_story():
    talked = talk(STORY, "1", "no", "9", "start again")
    assert talked.answer("story") == STORY and talked.answer("age") is None
    assert "Have you had a letter" in talked.replies[4] or "Who are you?" in talked.replies[4]
    assert talked.replies[4].startswith("All right, from the start.")


@pytest.mark.parametrize(
    "later", [["1"], ["1", "3"], ["1", "3", "Westmarch"], ["1", "3", "Westmarch", "Kelly", "text me", "no"]]
)
@pytest.mark.parametrize("said", ["sorry hes 9 not 8", "hes 9", "actually he is 9", "he's 9 not 8 sorry"])
def test_a_correction_is_taken_at_any_later_point(later, said):
    talked = talk(STORY, "1", "no", "8", *later, said)
    assert talked.answer("age") == "9"
    assert Flag.CORRECTED in talked.last.flags
    assert talked.last.understood == ("age 9, corrected from 8",)


def test_a_correction_of_what_was_never_answered_is_told_as_one():
    talked = talk("school won't let him in", "1", "1", "sorry hes 9 not 8")
    assert talked.answer("age") == "9" and Flag.CORRECTED in talked.last.flags


def test_a_postcode_is_no_name():
    turn = asked("name", "wm4 2qt")
    assert "name" not in turn.dialogue.answers and turn.dialogue.answers["postcode"] == ["WM4 2QT"]


def test_a_correction_leaves_the_open_question_open():
    talked = talk(STORY, "1", "no", "8", "sorry hes 9 not 8", "1")
    assert "special educational needs" in talked.replies[4]
    assert talked.answer("send") == "yes"


@pytest.mark.parametrize("said", ["sorry i meant 7", "i meant no", "oops 7", "*7"])
def test_the_answer_before_is_taken_back(said):
    talked = talk("my son has adhd", "1", "2", said)
    assert talked.answer("letter") == "none"
    assert Flag.CORRECTED in talked.last.flags
    assert "How old is your child?" in talked.replies[3]  # and a date is no longer asked for


def test_a_child_of_another_age_is_no_correction():
    talked = talk("my son is 8 and out of school", "1", "no", "my daughter is 12 as well")
    assert talked.answer("age") == "8"


# time


def test_after_a_week_of_silence_it_goes_on_where_it_was_and_says_so():
    talked = talk(STORY, "1", timedelta(days=8), "no")
    assert talked.replies[2].startswith("Hello again. What you told us before is kept.")
    assert talked.answer("letter") == "none" and "How old" in talked.replies[2]


# several, professionals, languages, danger, stopping


@pytest.mark.parametrize(
    "said", ["my two boys are both out of school", "my son is 8 and my daughter is 12, both excluded"]
)
def test_two_children_are_left_to_a_person_to_part_and_the_questions_go_on(said):
    talked = talk(said, "1")
    assert Flag.TO_SPLIT in talked.flags
    assert talked.answer("age") is None
    assert talked.last.silenced is None


def test_two_people_on_one_phone_are_left_to_a_person():
    assert Flag.TO_SPLIT in talk(STORY, "1", "hi this is his dad now").flags


@pytest.mark.rule("SE-1")
def test_a_professional_is_told_kindly_how_the_family_can_get_in_touch_and_asked_nothing():
    talked = talk("hi im a senco and a pupil in our school needs your help", "thanks")
    assert talked.answer("enquirer") == "professional"
    assert talked.turns[0].silenced == "finished"
    assert (
        "Please tell the family" in talked.replies[0]
        and "01632 960 180" in talked.replies[0]
        and "999" in talked.replies[0]
    )
    assert talked.replies[1] == ""


@pytest.mark.rule("SE-1")
def test_who_says_later_that_they_work_with_the_family_is_told_the_same():
    talked = talk("need help with an exclusion", "1", "6")
    assert "We take enquiries from families themselves" in talked.replies[2]
    assert talked.last.silenced == "finished"


@pytest.mark.rule("SE-1")
def test_a_teacher_with_a_child_of_her_own_is_a_parent():
    assert talk("im a teacher myself and my son has adhd, need advice").answer("enquirer") == "parent"


@pytest.mark.rule("SE-2")
def test_a_young_person_is_asked_about_themselves():
    talked = talk("im 17 and college wont give me support", "1", "no")
    assert talked.answer("enquirer") == "young_person" and talked.answer("age") == "17"
    assert "Do you have special educational needs" in talked.replies[2]


def test_another_language_is_noticed_kept_and_answered_in_its_own_words():
    said = "Dzień dobry, szkoła nie chce przyjąć mojego syna, on ma autyzm i nie wiem co robić"
    talked = talk(said, "tak", "nie wiem")
    assert talked.turns[0].flags == {Flag.LANGUAGE} and talked.last.language == "pl"
    assert talked.answer("story") == said
    assert "999" in talked.replies[0] and REFERENCE in talked.replies[0]
    assert "mamy" in talked.replies[0] and "Dzi" in talked.replies[1]
    assert talked.dialogue.safe is SafeHere.YES


def test_a_language_without_words_is_answered_in_english_and_marked():
    talked = talk("Dobrý den, můj syn je vyloučen ze školy a nevím, co mám dělat, prosím pomozte mi")
    assert Flag.LANGUAGE in talked.flags and talked.last.language
    assert "we have your message" in talked.replies[0]


@pytest.mark.rule("EV-10")
@pytest.mark.rule("SE-10")
def test_danger_words_bring_999_first_and_block_nothing():
    talked = talk("stop him hitting me", "ok", "1", "he hits me every day", "mum")
    assert talked.replies[0].startswith("If a child or anyone is in danger now, call 999.")
    assert DUTY_LINE in talked.replies[0] and REFERENCE in talked.replies[0]
    assert Flag.DANGER in talked.turns[0].flags and Flag.ASKED_TO_STOP not in talked.flags
    assert talked.replies[3].startswith("If a child or anyone is in danger now, call 999.")
    assert talked.answer("enquirer") == "parent"


@pytest.mark.rule("EV-10")
@pytest.mark.rule("SE-10")
def test_beside_999_nothing_is_asked_and_the_questions_go_on_with_the_next_text():
    talked = talk("he punched her again", "what should i do now", "1", "he hits me every day", "mum")
    assert "?" not in talked.replies[0] and REFERENCE in talked.replies[0]
    assert talked.replies[1].endswith("Is it safe to text you here? 1 yes, 2 no")
    assert "Sorry" not in talked.replies[1]
    assert "Who are you?" in talked.replies[2]
    assert "?" not in talked.replies[3] and DUTY_LINE in talked.replies[3]
    assert "Have you had a letter" in talked.replies[4]


@pytest.mark.rule("EV-10")
@pytest.mark.rule("SE-10")
@pytest.mark.parametrize(
    ("said", "script"),
    [
        (["im 14 and my dad hits me"], SENDIASS),
        (["im 17 and my dad hits me"], SENDIASS),
        (["im 15 and mums boyfriend hit my sister"], SENDIASS),
        (["my dad hits me", "ok", "1", "4"], SENDIASS),
        (["im 14 and my dad hits me"], PUBLIC),
    ],
)
def test_a_child_in_danger_is_questioned_by_no_machine(said, script):
    talked = talk(*said, script=script)
    assert Flag.WANTS_PERSON in talked.last.flags and talked.last.silenced == "wants_person"
    assert "999" in talked.replies[0]
    assert len(said) > 1 or "?" not in talked.replies[0]


@pytest.mark.rule("SE-10")
def test_a_grown_up_in_danger_or_a_child_in_none_is_asked_on():
    assert talk("im 19 and my ex hits me").last.silenced is None
    assert talk("im 14 and hate school").last.silenced is None


@pytest.mark.rule("EV-10")
def test_a_machine_that_says_emergency_for_ever_is_answered_no_longer_than_anybody():
    talked = talk(*["in an emergency call 999"] * 40)
    assert talked.last.silenced == "not_understood" and talked.replies[-1] == ""


@pytest.mark.rule("EV-10")
def test_danger_after_the_end_brings_999_at_once_but_a_machine_that_repeats_itself_gets_one_answer():
    talked = talk("human", "he is hitting me", "he is hitting me", timedelta(hours=2), "he is hitting me again")
    assert talked.replies[1].startswith("If a child or anyone is in danger now, call 999.")
    assert talked.replies[2] == "" and talked.replies[3] != ""
    assert all(Flag.DANGER in turn.flags for turn in talked.turns[1:])


@pytest.mark.parametrize("said", ["dont text this number", "pls stop texting me", "leave me alone with these texts"])
def test_who_wants_no_texts_gets_none(said):
    talked = talk(STORY, "1", said, "actually hes 9", "hello")
    assert talked.turns[2].flags == {Flag.ASKED_TO_STOP}
    assert talked.replies[2:] == ["", "", ""]
    assert talked.answer("age") == "9" and said in talked.dialogue.said


def test_a_picture_is_thanked_for_and_the_question_stays():
    from service_request.conversation.engine import hear
    from service_request.conversation.state import Heard
    from tests.talking import make_manner

    talked = talk(STORY, "1")
    turn = hear(SENDIASS, talked.dialogue, [Heard("", BEGAN_AT + timedelta(minutes=9), pictures=1)], make_manner())
    assert turn.understood == ("a picture",)
    assert turn.reply is not None and turn.reply.text.startswith("We have your picture. Have you had a letter")


# the end


@pytest.mark.rule("EV-6")
def test_the_summary_tells_counts_numbers_and_choices_and_never_a_name_a_date_or_their_words():
    talked = talk(STORY, "1", "1", "12 nov", "9", "1", "1", "Westmarch", "Kelly", "after 4pm", "he loves trains")
    end = talked.replies[-1]
    assert talked.last.flags == {Flag.FINISHED}
    assert "11 answers" in end or "12 answers" in end
    assert "age 9" in end and "exclusion" in end
    for theirs in ("Kelly", "Westmarch, ", "trains", "12 nov", "12 November", "after 4", "let my son"):
        assert theirs not in end
    assert "What we noted" in end and "If something is wrong, tell us here" in end


def test_every_question_fits_in_two_texts_without_a_letter_that_costs_more():
    talked = talk("hi there", "1", STORY, "1", "1", "12 nov", "9", "1", "1", "Westmarch", "Kelly", "after 4pm", "no")
    for reply in talked.replies:
        counted = count_segments(reply)
        assert counted.encoding == "GSM-7", reply
        assert counted.count <= 2, (len(reply), reply)


def test_no_more_than_twelve_questions_are_asked():
    assert 8 <= len(SENDIASS.questions) <= 12 and 8 <= len(PUBLIC.questions) <= 12


def test_out_of_hours_is_said_in_the_first_reply():
    """SE-7: that we are closed, and one date: when an adviser answers."""
    first = talk(STORY, opens_at=BEGAN_AT).replies[0]
    assert "We are closed now." in first and first.count(" on ") == 1 and f"by {BY_WHEN}" in first


# by email


@pytest.mark.rule("SE-6")
def test_by_email_everything_missing_is_asked_in_one_mail_and_read_from_one():
    talked = talk(
        "My son has autism and the school does not want him back.",
        "Yes, that is fine.",
        "Thanks for getting back to me.\n1. appeal\n2) 9\n3: we have asked for one\nWhere you live: Westmarch\n5. "
        "Kelly\nBest time and way: after 4\n\nOn Tue 17 Nov 2026 Westmarch SENDIASS wrote:\n> 2. How old is your "
        "child?",
        "skip",  # the date of the letter, which only their answer made due: one more mail
        channel="email",
        all_at_once=True,
    )
    assert "What date is on the letter?" in talked.replies[2]
    assert "1. Have you had a letter" in talked.replies[1] and "\n2. How old is your child?" in talked.replies[1]
    assert {key: talked.answer(key) for key in ("letter", "age", "plan", "place", "name", "reach")} == {
        "letter": "appeal",
        "age": "9",
        "plan": "asked",
        "place": "Westmarch",
        "name": "Kelly",
        "reach": "after 4",
    }
    assert talked.last.silenced == "finished"


def test_by_email_the_first_mail_asks_only_whether_it_is_safe():
    first = talk("My son has autism and the school does not want him back.", channel="email", all_at_once=True).replies[
        0
    ]
    assert first.endswith("Is it safe to write to you at this address? Answer yes or no.")


# the short form (GL-16)


@pytest.mark.rule("GL-16")
def test_the_short_form_runs_through_the_same_engine():
    talked = talk(
        "theres shouting every night next door and a little boy crying", "1", "2", "dont know", "about 6",
        "Westmarch", "no", "text only", script=PUBLIC,
    )  # fmt: skip
    assert talked.last.flags == {Flag.FINISHED}
    assert kind_of(talked.dialogue.answers) == "public_worried"
    assert (
        talked.answer("urgency") == "urgent"
        and talked.answer("age_band") == "5_9"
        and talked.answer("relationship") == "neighbour"
    )
    assert "ring the duty line" in talked.replies[2]


@pytest.mark.rule("GL-16")
@pytest.mark.rule("EV-10")
def test_a_child_who_says_that_they_are_in_danger_is_told_999_and_a_person_goes_on():
    talked = talk("my dad shouts at me all the time", "1", "1", "ok", "its me", script=PUBLIC)
    assert Flag.DANGER in talked.turns[2].flags and "999" in talked.replies[2] and "?" not in talked.replies[2]
    assert kind_of(talked.dialogue.answers) == "public_child"
    assert talked.last.silenced == "wants_person"  # a child in danger is questioned by no machine


@pytest.mark.rule("GL-18")
def test_that_they_are_18_is_taken_as_an_answer_and_words_are_noted_as_given_and_a_grown_ups_own_age_is_no_childs():
    talked = talk("my dad shouts at me all the time", "1", "3", "its me", "Sam", "im 18", script=PUBLIC)
    assert talked.answer("age_band") == "18_over" and talked.replies[-1].startswith("Thank you. Where do you live?")
    assert talked.understood[-1] == "age, about: 18 or over"
    lives = talk("my dad shouts at me all the time", "1", "3", "its me", "Sam", "15", "WM4 2QT", script=PUBLIC)
    assert lives.understood[-1] == "where the child lives: given; postcode: given"
    assert talk("im 22 and worried about the baby next door", script=PUBLIC).answer("age_band") is None


@pytest.mark.rule("SE-1")
def test_urdu_is_answered_in_its_own_letters_only_where_it_is_written_in_them():
    latin = talk("Mera beta school nahi ja raha, madad chahiye", "haan ji", "1")
    own = talk("میرے بیٹے کو اسکول میں مدد چاہیے", "haan ji", "1")
    assert (latin.last.language, own.last.language) == ("ur", "ur")
    assert Flag.LANGUAGE in latin.flags and latin.dialogue.safe == own.dialogue.safe == "yes"
    assert [is_in_latin_letters(reply) for reply in latin.replies] == [True, True, True]
    assert [is_in_latin_letters(reply) for reply in own.replies] == [False, False, False]


@pytest.mark.rule("GL-16")
def test_a_family_that_asks_for_itself_is_a_family():
    assert (
        kind_of(talk("i need help with my kids i cant cope", "1", "no", "mum", script=PUBLIC).dialogue.answers)
        == "public_family"
    )
