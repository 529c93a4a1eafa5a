"""The gate at the form: told or not, in principle without names, whatever hand made the answers."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service_request.asking.steps import questions
from service_request.domain.consent import Told
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.facts import facts
from service_request.pathways.social_care.forms import (
    FormContext,
    bind,
    bind_posted,
    find_step,
    free_text_fields,
    kind_for,
    names_found,
    of_kind,
    problems,
    steps_of,
)
from service_request.pathways.social_care.reading import read_back
from tests.service_request.pathways.filled import CONTEXT, TODAY, Posted, messages, two_brothers, without_names

FULL, IN_PRINCIPLE = FormKind.FULL, FormKind.IN_PRINCIPLE
COURT = FormContext(today=TODAY, extra_exceptions=(("court", "No, a court has ordered that they are not told"),))


def gate(answers: Any, kind: FormKind = FULL, context: FormContext = CONTEXT) -> list[tuple[str, str]]:
    return [(problem.key, problem.field) for problem in problems(kind, answers, context)]


@pytest.mark.rule("GL-4")
def test_told_agreed_and_the_lawful_basis_are_three_questions() -> None:
    asked = {placed.key: set(questions(placed.form_class)) for placed in steps_of(FULL, two_brothers())}
    assert "told" in asked["told"]
    assert {"who_told", "told_by", "told_on"} <= asked["agrees"]
    assert {"agrees", "agrees_who", "lawful_basis"} <= asked["agrees"]


@pytest.mark.rule("GL-4")
@pytest.mark.parametrize("agrees", ["yes", "no", "not_asked"])
def test_a_family_that_knows_may_agree_or_not_and_the_request_is_sent(agrees: str) -> None:
    answers = two_brothers(agrees={"agrees": [agrees]})
    assert problems(FULL, answers, CONTEXT) == []
    assert facts(FULL, answers, CONTEXT).consent.agrees == agrees


@pytest.mark.rule("GL-4")
@pytest.mark.parametrize(
    ("whom", "record"),
    [
        (["mother"], "parent"),
        (["carer", "young_person"], "parent"),
        (["mother", "father"], "both_parents"),
        (["young_person"], "young_person"),
        ([], ""),
    ],
)
def test_who_was_told_is_a_parent_both_or_the_young_person(whom: list[str], record: str) -> None:
    assert facts(FULL, two_brothers(agrees={"who_told": whom}), CONTEXT).consent.who_told == record


@pytest.mark.rule("GL-5")
def test_not_yet_stops_the_form_and_the_page_itself_is_no_mistake() -> None:
    answers = two_brothers(told={"told": ["not_yet"]})
    assert gate(answers) == [("told", "told")]
    placed = find_step(FULL, answers, "told")
    assert placed is not None
    assert bind(placed, answers, CONTEXT).validate(), "the draft is kept; the stop page says why"


@pytest.mark.rule("GL-5")
def test_a_form_that_says_nothing_of_the_family_is_stopped() -> None:
    assert gate(two_brothers(told=None)) == [("told", "told")]


@pytest.mark.rule("GL-5")
@pytest.mark.parametrize("reason", [[], [""], ["   "], ["-"], ["\u200b"]])
def test_risk_needs_a_reason(reason: list[str]) -> None:
    answers = two_brothers(told={"told": ["risk"], "risk_reason": reason})
    assert gate(answers) == [("told", "risk_reason")]


@pytest.mark.rule("GL-5")
def test_risk_with_a_reason_is_sent_and_asks_only_for_the_lawful_basis() -> None:
    answers = two_brothers(told={"told": ["risk"], "risk_reason": ["Her partner reads the school's letters."]})
    assert problems(FULL, answers, CONTEXT) == []
    consent = facts(FULL, answers, CONTEXT).consent
    assert (consent.told, consent.reason) == (Told.RISK, "Her partner reads the school's letters.")
    assert (consent.agrees, consent.who_told) == ("", ""), "nobody agrees who does not know"


@pytest.mark.rule("GL-5")
@pytest.mark.parametrize(
    "forged",
    [
        ["override"],
        ["not_established"],
        ["YES"],
        ["not_yet", "yes"],
        ["court"],
        ["yes\x00no"],
        [{"told": "yes"}],
        "yes",
        {"0": "yes"},
        [],
        None,
        [["yes"]],
    ],
)
def test_a_forged_answer_does_not_open_the_gate(forged: Any) -> None:
    answers: Any = two_brothers()
    answers["told"] = {"told": forged}
    assert ("told", "told") in gate(answers)


@pytest.mark.rule("GL-5")
def test_an_authority_may_add_an_exception_that_needs_a_reason() -> None:
    answers = two_brothers(told={"told": ["court"], "exception_reason": ["An order of 12 November."]})
    assert gate(answers, context=COURT) == []
    assert gate(answers) == [("told", "told")], "another authority has no such exception"
    silent = two_brothers(told={"told": ["court"]})
    assert gate(silent, context=COURT) == [("told", "exception_reason")]
    consent = facts(FULL, answers, COURT).consent
    assert (consent.told, consent.extra_code, consent.reason) == (
        Told.NOT_ESTABLISHED,
        "court",
        "An order of 12 November.",
    )
    assert consent.gate_answer == "court"


@pytest.mark.rule("GL-5")
def test_an_authority_cannot_make_not_yet_an_exception() -> None:
    context = FormContext(today=TODAY, extra_exceptions=(("not_yet", "Not yet, but send it"), ("override", "Anyway")))
    assert gate(two_brothers(told={"told": ["not_yet"]}), context=context)
    assert gate(two_brothers(told={"told": ["override"]}), context=context)
    placed = find_step(FULL, {}, "told")
    assert placed is not None
    assert len(bind(placed, {}, context)["told"].choices) == 4


def test_the_page_offers_the_authority_s_exception_before_without_names() -> None:
    placed = find_step(FULL, {}, "told")
    assert placed is not None
    choices = bind(placed, {}, COURT)["told"].choices
    assert [one.value for one in choices] == ["yes", "not_yet", "risk", "court", "in_principle"]
    assert "exception_reason" not in bind(placed, {}, CONTEXT)


@pytest.mark.rule("GL-6")
def test_names_under_without_names_are_refused() -> None:
    assert gate(two_brothers(told={"told": ["in_principle"]})) == [("told", "told")]


@pytest.mark.rule("GL-6")
def test_the_fork_stands_before_any_page_that_asks_for_a_name() -> None:
    keys = [placed.key for placed in steps_of(IN_PRINCIPLE, {})]
    assert keys[:2] == ["safety", "told"]
    assert kind_for(FULL, {"told": {"told": ["in_principle"]}}) is IN_PRINCIPLE
    assert kind_for(IN_PRINCIPLE, {"told": {"told": ["yes"]}}) is FULL
    assert kind_for(IN_PRINCIPLE, {}) is IN_PRINCIPLE
    assert kind_for(FormKind.PUBLIC_FAMILY, {"told": {"told": ["in_principle"]}}) is FormKind.PUBLIC_FAMILY


@pytest.mark.rule("GL-6")
def test_nothing_on_the_form_without_names_asks_who_the_child_is() -> None:
    asked = {
        name
        for placed in steps_of(IN_PRINCIPLE, {"child.2.band": {}})
        for name in questions(placed.form_class)
        if placed.key != "you"
    }
    assert not asked & {"name", "also_known", "birth_on", "expected_on", "address", "postcode", "school", "gp"}
    assert {"age_band", "area"} <= asked


@pytest.mark.rule("GL-6")
def test_what_was_typed_before_the_fork_is_not_sent() -> None:
    answers = two_brothers(told={"told": ["in_principle"]}, child_1_band={"age_band": ["5_9"], "area": ["teasel"]})
    answers["tried"] = {"tried": ["Breakfast club"]}
    answers["concerns"] = {"narrative": ["A boy has come in hungry."]}
    sent = json.dumps(of_kind(IN_PRINCIPLE, answers))
    read = str(read_back(IN_PRINCIPLE, answers, CONTEXT)) + str(facts(IN_PRINCIPLE, answers, CONTEXT))
    for word in ("Callum", "Ryan", "Donna", "Tanners", "WM4", "2017", "Vale Medical"):
        assert word not in sent
        assert word not in read
    assert problems(IN_PRINCIPLE, answers, CONTEXT) == []


@pytest.mark.rule("GL-6")
def test_a_discussion_without_names_needs_an_age_and_its_own_answer_at_the_gate() -> None:
    assert gate(without_names(), IN_PRINCIPLE) == []
    assert gate(without_names(child_1_band=None), IN_PRINCIPLE) == [("child.1.band", "age_band")]
    assert gate(without_names(told={"told": ["yes"]}), IN_PRINCIPLE) == [("told", "told")]


@pytest.mark.rule("GL-6")
def test_subjects_of_a_discussion_have_no_name_and_no_birth_date() -> None:
    [child] = facts(IN_PRINCIPLE, without_names(), CONTEXT).children
    assert (child.name, child.birth_on, child.address, child.school) == ("", None, "", "")
    assert (child.age_band, child.area_code) == ("5_9", "teasel")


@pytest.mark.rule("GL-6")
def test_words_that_may_say_who_it_is_are_shown_and_may_still_be_sent() -> None:
    answers = without_names(concerns={"narrative": ["On Thursday Ryan told our cook. Ring 07700 900 312."]})
    [(key, field, label, text, found)] = names_found(IN_PRINCIPLE, answers)
    assert (key, field, label) == ("concerns", "narrative", "What worries you")
    assert {text[one.start : one.end] for one in found} >= {"Ryan", "07700 900 312"}
    assert problems(IN_PRINCIPLE, answers, CONTEXT) == []


@pytest.mark.rule("GL-6")
def test_every_free_text_about_the_child_is_read_for_names() -> None:
    read = set(free_text_fields(IN_PRINCIPLE))
    for placed in steps_of(IN_PRINCIPLE, {}):
        slug = placed.form_class.slug
        for question in questions(placed.form_class).values():
            if question.is_free_text and slug != "you" and question.name != "call_reference":
                assert (slug, question.name) in read
    assert names_found(FULL, two_brothers()) == [], "a named request has names"


@pytest.mark.rule("GL-7")
def test_a_logged_call_is_never_stopped_by_the_gate() -> None:
    for told in ("not_yet", "not_established", "yes"):
        assert gate({"call": {"narrative": ["She rang."], "told": [told]}}, FormKind.CALL) == []
    assert facts(FormKind.CALL, {"call": {"narrative": ["She rang."]}}, CONTEXT).consent.told == Told.NOT_ESTABLISHED


def test_a_reason_typed_beside_another_answer_is_kept_and_not_part_of_it() -> None:
    posted = Posted({"told": ["yes"], "risk_reason": ["He would be in trouble"]})
    placed = find_step(FULL, {}, "told")
    assert placed is not None
    form = bind_posted(placed, posted, CONTEXT)
    assert form["risk_reason"].data == "He would be in trouble"
    answers = two_brothers(told=dict(posted))
    assert "trouble" not in str(of_kind(FULL, answers))
    assert facts(FULL, answers, CONTEXT).consent.reason == ""


@pytest.mark.rule("GL-5")
@settings(deadline=None)
@given(told=st.text(max_size=12) | st.sampled_from([*Told, "court"]), reason=st.text(max_size=5))
def test_only_yes_and_a_reasoned_risk_open_the_gate_of_a_named_form(told: str, reason: str) -> None:
    answers = two_brothers(told={"told": [told], "risk_reason": [reason]})
    is_open = not any(key == "told" for key, _ in gate(answers))
    has_reason = any(character.isalnum() for character in reason)
    assert is_open == (told == "yes" or (told == "risk" and has_reason))


def test_every_sentence_says_what_to_do() -> None:
    for sentence in messages(problems(FULL, {}, CONTEXT) + problems(IN_PRINCIPLE, {}, CONTEXT)):
        assert sentence.split()[0] in {"Enter", "Select", "Tell", "Change"}
