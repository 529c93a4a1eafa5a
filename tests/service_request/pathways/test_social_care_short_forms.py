"""The short forms of the family, the child and the worried (GL-16), and the page of a logged call (GL-7)."""

import pytest

from service_request.asking.checks import Demand
from service_request.asking.steps import questions
from service_request.domain.consent import Told
from service_request.pathways.social_care.codes import PUBLIC_KINDS, FormKind
from service_request.pathways.social_care.facts import facts
from service_request.pathways.social_care.forms import bind, find_step, gaps, problems, steps_of
from service_request.pathways.social_care.reading import read_back
from tests.service_request.pathways.filled import CONTEXT, Filled

FAMILY, CHILD, WORRIED, CALL = (
    FormKind.PUBLIC_FAMILY,
    FormKind.PUBLIC_CHILD,
    FormKind.PUBLIC_WORRIED,
    FormKind.CALL,
)
PUBLIC = sorted(PUBLIC_KINDS)
HELP: Filled = {"concerns": {"narrative": ["I can't cope since my mum died."]}}


@pytest.mark.rule("GL-16")
@pytest.mark.parametrize(("kind", "pages"), [(FAMILY, 6), (CHILD, 4), (WORRIED, 6)])
def test_a_short_form_is_short(kind: FormKind, pages: int) -> None:
    assert len(steps_of(kind, {})) == pages


@pytest.mark.rule("GL-16")
@pytest.mark.parametrize("kind", PUBLIC)
def test_every_question_of_a_short_form_can_be_skipped(kind: FormKind) -> None:
    for placed in steps_of(kind, {}):
        form = bind(placed, {}, CONTEXT)
        assert form.validate(), placed.key
        assert not any(isinstance(check, Demand) for field in form for check in field.validators)
    assert gaps(kind, {}, CONTEXT) == [], "nothing skipped is held against them"


@pytest.mark.rule("GL-16")
@pytest.mark.parametrize("kind", PUBLIC)
def test_words_alone_are_enough_and_so_is_a_way_to_ask(kind: FormKind) -> None:
    assert problems(kind, HELP, CONTEXT) == []
    assert problems(kind, {"reach": {"phone": ["07700 900 312"]}}, CONTEXT) == []
    [problem] = problems(kind, {"safety": {"urgency": ["routine"]}}, CONTEXT)
    assert problem.message == "Tell us what is happening, or how we can reach you to ask"


@pytest.mark.rule("GL-16")
@pytest.mark.parametrize(("kind", "told"), [(FAMILY, Told.YES), (CHILD, Told.YES), (WORRIED, Told.NOT_ESTABLISHED)])
def test_a_family_and_a_young_person_count_as_told_and_anyone_else_as_not_established(
    kind: FormKind, told: Told
) -> None:
    assert facts(kind, HELP, CONTEXT).consent.told == told


@pytest.mark.rule("GL-16")
@pytest.mark.parametrize("kind", PUBLIC)
def test_a_short_form_with_no_name_is_about_one_child_without_one(kind: FormKind) -> None:
    read = facts(kind, HELP, CONTEXT)
    assert [child.name for child in read.children] == [""]
    assert read.referrer.anonymous
    assert read.referrer.safe == "unset"


@pytest.mark.rule("GL-16")
def test_a_young_person_is_the_child_of_their_own_request() -> None:
    answers: Filled = {
        **HELP,
        "child.1.brief": {"name": ["Jodie"], "age_band": ["14_15"], "area": ["teasel"]},
        "reach": {"phone": ["07700 900 312"], "safe": ["no"]},
    }
    read = facts(CHILD, answers, CONTEXT)
    assert (read.children[0].name, read.children[0].age_band, read.area_code) == ("Jodie", "14_15", "teasel")
    assert (read.referrer.kind, read.referrer.source_code, read.referrer.safe) == ("child", "1C", "no")


@pytest.mark.rule("GL-16")
@pytest.mark.parametrize(
    ("you", "reach", "source"),
    [
        ({"relationship": ["neighbour"], "name": ["Ann"]}, {}, "1B"),
        ({"relationship": ["relative"]}, {"phone": ["07700 900 312"]}, "1A"),
        ({"relationship": ["relative"]}, {}, "9"),
        ({}, {}, "9"),
        ({"name": ["Ann"]}, {}, "10"),
    ],
)
def test_who_is_worried_has_a_source_of_the_census(
    you: dict[str, list[str]], reach: dict[str, list[str]], source: str
) -> None:
    assert facts(WORRIED, {**HELP, "you": you, "reach": reach}, CONTEXT).referrer.source_code == source


def test_a_family_can_name_several_children() -> None:
    answers: Filled = {
        **HELP,
        "child.1.brief": {"name": ["Amir"], "birth_on": ["1", "2", "2019"]},
        "child.2.brief": {"age_band": ["unborn"]},
        "home": {"postcode": ["wm4 2qt"]},
    }
    first, second = facts(FAMILY, answers, CONTEXT).children
    assert (first.name, str(first.birth_on), first.postcode) == ("Amir", "2019-02-01", "WM4 2QT")
    assert second.unborn
    titles = [section.title for section in read_back(FAMILY, answers, CONTEXT)]
    assert "Amir" in titles


@pytest.mark.rule("EV-10")
@pytest.mark.parametrize("kind", sorted(FormKind))
def test_danger_is_asked_first_and_999_stands_beside_it(kind: FormKind) -> None:
    first = steps_of(kind, {})[0]
    assert next(iter(questions(first.form_class))) == "urgency"
    hints = [one.render_kw.get("hint", "") for one in bind(first, {}, CONTEXT)["urgency"].choices]
    assert any("999" in words for words in (*hints, *first.form_class.guidance))


@pytest.mark.rule("EV-2")
def test_whether_it_is_safe_is_asked_where_a_way_to_reach_them_is() -> None:
    for kind in PUBLIC:
        placed = find_step(kind, {}, "reach")
        assert placed is not None
        assert {"email", "phone", "safe"} <= set(questions(placed.form_class))


@pytest.mark.rule("GL-7")
def test_a_call_needs_only_what_was_said() -> None:
    assert [problem.field for problem in problems(CALL, {}, CONTEXT)] == ["narrative"]
    read = facts(CALL, {"call": {"narrative": ["A boy cries at night."]}}, CONTEXT)
    assert (len(read.children), read.children[0].name) == (1, "")
    assert (read.referrer.kind, read.referrer.source_code, read.consent.told) == (
        "public",
        "10",
        Told.NOT_ESTABLISHED,
    )


@pytest.mark.rule("GL-7")
def test_a_risk_told_on_the_phone_has_its_reason() -> None:
    call = {"narrative": ["x"], "told": ["risk"]}
    assert [problem.field for problem in problems(CALL, {"call": call}, CONTEXT)] == ["risk_reason"]


def test_a_call_from_a_school_about_two_children_is_read() -> None:
    call = {
        "narrative": ["Both came in hungry."],
        "caller": ["school"],
        "caller_name": ["Samina Rahman"],
        "agency": ["Brookfield Primary School, lead"],
        "phone": ["01632 960 355"],
        "child_name": ["Callum Hartley"],
        "birth_on": ["14", "3", "2017"],
        "child_2_name": ["Ryan Hartley"],
        "postcode": ["WM4 2QT"],
        "urgency": ["urgent"],
        "told": ["yes"],
    }
    read = facts(CALL, {"call": call}, CONTEXT)
    assert [child.name for child in read.children] == ["Callum Hartley", "Ryan Hartley"]
    assert {child.postcode for child in read.children} == {"WM4 2QT"}
    assert (read.referrer.kind, read.referrer.source_code, read.referrer.safe) == ("professional", "2A", "yes")
    assert (read.urgency, read.consent.told) == ("urgent", Told.YES)


@pytest.mark.rule("GL-16")
@pytest.mark.parametrize(
    ("caller", "heard", "told"),
    [
        ("self", "not_established", Told.YES),
        ("self", "", Told.YES),
        ("parent", "yes", Told.YES),  # for their own family, as the officer heard
        ("parent", "not_established", Told.NOT_ESTABLISHED),  # who may speak of children that live elsewhere
        ("relative", "not_established", Told.NOT_ESTABLISHED),
        ("neighbour", "", Told.NOT_ESTABLISHED),
        ("anonymous", "not_established", Told.NOT_ESTABLISHED),
        ("school", "not_established", Told.NOT_ESTABLISHED),
        ("neighbour", "yes", Told.YES),
    ],
)
def test_a_family_and_a_young_person_who_ring_for_themselves_count_as_told_and_nobody_else(
    caller: str, heard: str, told: Told
) -> None:
    call = {"narrative": ["I can't cope."], "caller": [caller], "told": [heard]}
    assert facts(CALL, {"call": call}, CONTEXT).consent.told is told


@pytest.mark.parametrize(
    ("caller", "kind", "source"), [("self", "child", "1C"), ("parent", "family", "1A"), ("anonymous", "public", "9")]
)
def test_a_caller_of_the_public_is_not_a_professional(caller: str, kind: str, source: str) -> None:
    read = facts(CALL, {"call": {"narrative": ["x"], "caller": [caller]}}, CONTEXT)
    assert (read.referrer.kind, read.referrer.source_code, read.referrer.safe) == (kind, source, "unset")


def test_not_established_is_chosen_when_the_page_opens() -> None:
    from service_request.pathways.social_care.questions_call import CallForm

    assert CallForm()["told"].data == Told.NOT_ESTABLISHED
