"""What was said before it was asked for is not asked again, in an enquiry or after it (SE-1, GL-16)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service_request.conversation.engine import begin, hear
from service_request.conversation.state import Heard, SafeHere
from service_request.pathways.sendiass.script import SENDIASS
from service_request.pathways.social_care.script_public import PUBLIC
from service_request.pathways.social_care.telling_public import find_relationship
from tests.talking import BEGAN_AT, BY_WHEN, REFERENCE, TODAY, make_manner, talk


@pytest.mark.rule("SE-3")
@pytest.mark.parametrize(
    "story",
    [
        "my son cant go to school. the letter is dated 12 november, what can we do",
        "we got a letter from the council on 12th nov about my son and school. he is sad",
    ],
)
def test_the_date_of_a_letter_that_was_told_in_the_story_is_not_asked_again(story):
    talked = talk(story, "1", "2")
    assert talked.answer("letter") == "appeal" and talked.answer("letter_on") == "2026-11-12"
    assert "What date" not in talked.replies[2] and "How old" in talked.replies[2]
    assert "date of the letter 12 November 2026" in talked.understood[-1]


@pytest.mark.rule("SE-3")
@pytest.mark.parametrize(
    "story",
    [
        "my son cant go to school since 12 november, help us",
        "there is a letter, we must appeal by 12 november",
        "my son is out, the first letter was 3 november. the second letter came 12 november",
    ],
)
def test_a_date_that_may_be_of_something_else_is_asked_for(story):
    talked = talk(story, "1", "2")
    assert talked.answer("letter_on") is None and "What date" in talked.replies[2]


@pytest.mark.rule("GL-16")
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("the kids next door are left out all night", "neighbour"),
        ("im worried about my neighbours little boy", "neighbour"),
        ("my sisters kids are left alone", "relative"),
        ("my grandson is never fed", "relative"),
        ("my 3 kids and me have no food", "parent"),
        ("im a mum and cant cope", "parent"),
        ("im 14 and i dont want to go home", "self"),
        ("a friend is leaving her baby with strangers", "friend"),
        ("there is a boy in the park every night", None),
        ("the kids at number 12 are left out", None),
        ("my kids play with the kids next door who are left out", None),
    ],
)
def test_how_they_know_the_child_is_heard_where_it_is_said_plainly(said, kind):
    found = find_relationship(said, TODAY)
    assert (found.value if found else None) == kind


@pytest.mark.rule("GL-16")
def test_who_said_early_that_they_are_a_neighbour_is_not_asked_how_they_know_the_child():
    talked = talk("im a neighbour, the kids are left out all night", "1", "3", script=PUBLIC)
    assert talked.answer("relationship") == "neighbour"
    assert "How do you know" not in talked.replies[2]


@pytest.mark.rule("SE-9")
@pytest.mark.parametrize(
    ("said", "gender"),
    [
        ("my son is out of school", "male"),
        ("our 9 year old autistic daughter has no school", "female"),
        ("my son and my daughter are both out of school", None),
        ("the boys in his class laugh at my child", None),
        ("im a girl of 15 and hate school", "female"),
    ],
)
def test_a_son_or_a_daughter_says_the_gender_for_the_figures(said, gender):
    assert talk(said).answer("gender") == gender


@pytest.mark.rule("SE-2")
@pytest.mark.parametrize(
    ("said", "age"),
    [
        ("my son Jacob (dob 12/03/2016) was excluded", "10"),
        ("our daughter, date of birth: 1 December 2016, has no school", "9"),
        ("he was born on 12/03/2016 and his sister was born on 1/4/2018", None),
    ],
)
def test_a_birth_date_says_the_age(said, age):
    assert talk(said).answer("age") == age


@pytest.mark.rule("SE-1")
def test_what_a_careful_letter_says_is_heard_too():
    talked = talk("My husband and I are the parents of a boy who has a diagnosis of ADHD and an EHCP since 2023")
    assert [talked.answer(key) for key in ("enquirer", "send", "plan")] == ["parent", "yes", "yes"]


@pytest.mark.rule("SE-1")
def test_who_writes_after_the_end_is_told_so_and_not_asked_again_who_they_are():
    how = make_manner()
    known = {"enquirer": ["parent"], "name": ["Kelly"], "place": ["Westmarch"]}
    begun = replace(begin(SENDIASS, manner=how), safe=SafeHere.YES, answers=known, follows=True)
    turn = hear(SENDIASS, begun, [Heard("its me again, now they say he cant go on the trip", BEGAN_AT)], how)
    assert turn.reply is not None
    assert "We have opened a new enquiry for you." in turn.reply.text
    assert REFERENCE in turn.reply.text and BY_WHEN in turn.reply.text and "999" in turn.reply.text
    talked = talk("no", "9", "yes", "no", "text me", "no", after=turn.dialogue)
    asked = " ".join([turn.reply.text, *talked.replies])
    assert talked.last.silenced == "finished"
    assert not any(question in asked for question in ("Who are you", "What may we call you", "Which town"))
