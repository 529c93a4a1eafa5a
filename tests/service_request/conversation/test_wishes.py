"""What people want of the conversation: a person, to skip, to go back, to be left alone; and a cry that is no wish."""

import pytest

from service_request.conversation.wishes import (
    Command,
    asks_to_stop,
    command_of,
    is_about_several,
    is_another_person,
    is_no_answer,
    is_story,
)
from service_request.conversation.words import read_words
from service_request.domain.danger import danger_words

ENGLISH = read_words()


@pytest.mark.parametrize(
    "said",
    [
        "human", "Human please", "HUMAN", "person", "a real person pls", "can i talk to someone", "Can I speak to someone "
                                                                                                  "please",
        "can someone call me", "can u ring me", "i want to talk to a person not a robot", "please call me", "is this a robot",
        "hi can i talk to someone about my son", "id like to speak to an adviser", "i need a call back", "i need to speak to somebody "
                                                                                                         "today",
    ],
)  # fmt: skip
def test_who_asks_for_a_person_is_heard(said):
    assert command_of(said, ENGLISH) is Command.HUMAN


@pytest.mark.parametrize(
    "said",
    [
        "dont call me", "i dont want to talk to anyone at the school", "he wont talk to me", "the person at school was "
                                                                                             "rude", "2",
        "the head wont speak to us", "i cant speak to someone at school they ignore me", "ring after 4",
    ],
)  # fmt: skip
def test_who_speaks_of_talking_is_not_taken_to_want_a_person(said):
    assert command_of(said, ENGLISH) is None


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("skip", Command.SKIP), ("Skip.", Command.SKIP), ("skip pls", Command.SKIP), ("pass", Command.SKIP), ("next", Command.SKIP),
        ("rather not say", Command.SKIP), ("prefer not to say", Command.SKIP), ("back", Command.BACK), ("go back", Command.BACK),
        ("start again", Command.RESTART), ("Start over", Command.RESTART),
    ],
)  # fmt: skip
def test_one_word_is_enough_to_skip_or_go_back(said, command):
    assert command_of(said, ENGLISH) is command


@pytest.mark.parametrize(
    "said",
    [
        "dont text this number", "Don't text this number", "do not text this number again", "pls stop texting me", "Stop texting "
                                                                                                                   "me!",
        "please dont message me again", "leave me alone with these texts", "no more texts please", "stop messaging", "dont text me",
        "can you stop texting me", "i dont want any more texts", "take me off your list", "remove my number please", "stop contacting "
                                                                                                                     "us",
        "he sees my phone. dont text me", "dont reply to this number", "STOP", "i dont want you to text me",
    ],
)  # fmt: skip
def test_a_plain_wish_to_get_no_more_texts_is_heard(said):
    assert asks_to_stop(said, ENGLISH)


@pytest.mark.parametrize(
    "said",
    [
        "stop him hitting me", "please make them stop", "make him stop texting me", "he wont stop texting me", "he won't leave me "
                                                                                                               "alone",
        "tell school to stop contacting me", "i asked them to stop calling but they wont", "i told him, stop texting "
                                                                                           "me", "how do i stop the "
                                                                                                 "exclusion",
        "can you stop them excluding him", "dont text me at night", "dont text after 6 he sees my phone", "please dont contact the "
                                                                                                          "school",
        "stop the bullying", "dont tell his dad", "they dont reply to me", "no more school for him", "please dont leave me on my own with "
                                                                                                     "this",
        "the letter says do not contact the school",
    ],
)  # fmt: skip
@pytest.mark.rule("SE-10")
def test_a_cry_for_help_is_no_wish_to_stop(said):
    assert not asks_to_stop(said, ENGLISH)


@pytest.mark.rule("SE-10")
def test_stop_him_hitting_me_is_danger():
    assert danger_words("stop him hitting me")


@pytest.mark.parametrize(
    "said",
    [
        "both my kids", "my two boys have autism", "my son and daughter", "the twins", "my other son is out of school "
                                                                                       "too",
        "ive got 3 children with sen", "my daughter and my son are both out",
    ],
)  # fmt: skip
def test_several_children_are_noticed(said):
    assert is_about_several(said)


@pytest.mark.parametrize(
    "said", ["my son", "his sister goes there", "2 letters", "my youngest has autism", "other kids hit him"]
)
def test_one_child_is_one(said):
    assert not is_about_several(said)


def test_somebody_else_on_the_phone_is_noticed():
    assert is_another_person("hi this is his dad now")
    assert is_another_person("dad here now")
    assert is_another_person("im using my wifes phone")
    assert not is_another_person("his dad wont help")


@pytest.mark.parametrize("said", ["ok", "thanks", "Thank you x", "hi", "ok thanks", ""])
def test_a_courtesy_answers_nothing(said):
    assert is_no_answer(said)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("hi", False), ("hello is anyone there", False), ("can you help me please", False), ("i need some advice", False), ("ehcp", False),
        ("school won't let my son in, dont know what to do", True), ("he was excluded", True), ("need help with ehcp "
                                                                                                "refusal", True),
    ],
)  # fmt: skip
def test_a_first_message_that_tells_the_matter_is_told_from_a_greeting(said, told):
    assert is_story(said) is told
