"""What a request must be asked for, what may honestly not be known, and what becomes of the answers (GL-1, GL-2)."""

import pytest

from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.facts import facts
from service_request.pathways.social_care.forms import gaps, problems, steps_of
from tests.service_request.pathways.filled import CONTEXT, Filled, two_brothers

FULL = FormKind.FULL
NOTHING_KNOWN: Filled = {
    "safety": {"urgency": ["routine"], "already": ["no"]},
    "told": {"told": ["yes"]},
    "agrees": {
        "who_told": ["mother"],
        "told_by_not_known": ["yes"],
        "told_on_not_known": ["yes"],
        "agrees": ["not_asked"],
        "lawful_basis": ["not_sure"],
    },
    "child.1.who": {
        "name_not_known": ["yes"],
        "birth": ["date_not_known"],
        "age_band": ["not_known"],
        "sex": ["U"],
        "ethnicity": ["NOBT"],
        "language": ["not_known"],
        "interpreter": ["not_known"],
    },
    "child.1.where": {
        "lives": ["not_known"],
        "area": ["not_known"],
        "school_not_known": ["yes"],
        "gp_not_known": ["yes"],
    },
    "child.1.needs": {"needs": ["not_known"], "communication_not_known": ["yes"], "sen": ["not_known"]},
    "child.1.views": {"child_view_not_known": ["yes"]},
    "adult.1": {
        "name_not_known": ["yes"],
        "relationship": ["not_known"],
        "parental_responsibility": ["not_known"],
        "same_household": ["not_known"],
    },
    "household": {"siblings_not_known": ["yes"]},
    "agencies": {"agencies": ["not_known"]},
    "concerns": {"worries": ["other"], "narrative": ["A child has come to our door alone three nights running."]},
    "background": {"history_not_known": ["yes"], "capacity_not_known": ["yes"]},
    "tried": {
        "tried_not_known": ["yes"],
        "assessment": ["not_known"],
        "working_well_not_known": ["yes"],
        "needs_to_change_not_known": ["yes"],
    },
    "views": {"family_view_not_known": ["yes"]},
    "risks": {"risks": ["not_known"]},
    "you": {
        "name": ["Per Lind"],
        "role": ["Constable"],
        "agency": ["Westmarch Police"],
        "agency_kind": ["police"],
        "email": ["p.lind@police.example"],
        "phone": ["01632 960 366"],
        "own_lead": ["no"],
    },
}


@pytest.mark.rule("GL-1")
@pytest.mark.parametrize("agency", ["school", "gp", "health_visitor", "police", "charity", "housing", "other"])
def test_every_partner_agency_fills_in_the_same_form(agency: str) -> None:
    answers = two_brothers(you={"agency_kind": [agency]})
    assert problems(FULL, answers, CONTEXT) == []
    assert [one.key for one in steps_of(FULL, answers)] == [one.key for one in steps_of(FULL, two_brothers())]
    assert facts(FULL, answers, CONTEXT).referrer.agency_kind == agency


@pytest.mark.rule("GL-1")
def test_the_first_page_asks_whether_the_helpdesk_knows_already() -> None:
    assert ("safety", "already") in {(gap.key, gap.field) for gap in gaps(FULL, {}, CONTEXT)}
    assert facts(FULL, two_brothers(), CONTEXT).followed_call_reference == "K7RM 4TXC"


@pytest.mark.rule("GL-2")
def test_a_referrer_who_honestly_knows_none_of_it_can_say_so_everywhere() -> None:
    assert problems(FULL, NOTHING_KNOWN, CONTEXT) == []
    assert [gap.label for gap in gaps(FULL, NOTHING_KNOWN, CONTEXT)] == []


@pytest.mark.rule("GL-2")
@pytest.mark.parametrize("said", [[], [""], ["  "]])
def test_nothing_is_sent_without_the_concerns_in_words(said: list[str]) -> None:
    stopped = problems(FULL, two_brothers(concerns={"narrative": said}), CONTEXT)
    assert [(problem.key, problem.field) for problem in stopped] == [("concerns", "narrative")]


ASKED_FOR: dict[str, tuple[Filled, tuple[str, str]]] = {
    "a birth date, of a child who is born": ({"child_1_who": {"birth_on": []}}, ("child.1.who", "birth_on")),
    "an expected date, of one who is not": (
        {"child_3_who": {"birth": ["unborn"]}},
        ("child.3.who", "expected_on"),
    ),
    "an age, where no date is known": (
        {"child_1_who": {"birth": ["date_not_known"], "birth_on": []}},
        ("child.1.who", "age_band"),
    ),
    "an address, where there is one": ({"child_1_where": {"address": []}}, ("child.1.where", "address")),
    "its postcode": ({"child_1_where": {"postcode": []}}, ("child.1.where", "postcode")),
    "an area, where no address is known": (
        {"child_1_where": {"lives": ["not_known"]}},
        ("child.1.where", "area"),
    ),
    "an interpreter, where English is not the first language": (
        {"child_1_who": {"language": ["pl"]}},
        ("child.1.who", "interpreter"),
    ),
    "parental responsibility": ({"adult_2": {"parental_responsibility": []}}, ("adult.2", "parental_responsibility")),
    "the concerns in words": ({"concerns": {"narrative": []}}, ("concerns", "narrative")),
    "what affects the parents": ({"background": {"capacity": []}}, ("background", "capacity")),
    "the risk itself": ({"risks": {"risks": ["yes"]}}, ("risks", "risks_detail")),
    "the date a mother was told": ({"agrees": {"told_on": []}}, ("agrees", "told_on")),
    "what the second child says": ({}, ("child.2.views", "child_view")),
}


@pytest.mark.rule("GL-2")
@pytest.mark.parametrize("what", ASKED_FOR)
def test_an_answer_that_calls_for_another_asks_for(what: str) -> None:
    pages, place = ASKED_FOR[what]
    answers = two_brothers(**pages)
    asked = {(gap.key, gap.field) for gap in gaps(FULL, answers, CONTEXT)}
    stopped = {(problem.key, problem.field) for problem in problems(FULL, answers, CONTEXT)}
    assert place in asked | stopped
