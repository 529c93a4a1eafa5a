"""Bad input, and what it gets: a sentence that says what to do, every word kept, nothing raised."""

import random
import string
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service_request.asking.steps import Step, Typed, questions, shown, typed, within
from service_request.asking.validity import wrong_answers
from service_request.domain.typed import NARRATIVE_MAX
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.facts import facts
from service_request.pathways.social_care.forms import (
    PlacedStep,
    bind,
    bind_posted,
    child_label,
    find_step,
    gaps,
    names_found,
    of_kind,
    problems,
    steps_of,
)
from service_request.pathways.social_care.questions_child import ChildNeeds, ChildWho
from service_request.pathways.social_care.questions_referrer import Referrer
from service_request.pathways.social_care.reading import read_back
from service_request.pathways.social_care.tasks import task_list
from tests.service_request.pathways.filled import CONTEXT, Filled, Posted, two_brothers, without_names

FULL = FormKind.FULL


def errors(answers: Filled, key: str, field: str) -> list[str]:
    return [one.message for one in problems(FULL, answers, CONTEXT) if (one.key, one.field) == (key, field)]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (["31", "2", "2017"], "Birth date must be a real date, for example 31 March 2017"),
        (["14", "3", ""], "Birth date must include a year"),
        (["14", "3", "17"], "Birth date must have a year of 4 numbers, for example 2017"),
        (["x", "y", "zzzz"], "Birth date must be a real date, for example 31 March 2017"),
        (["1"], "Birth date must include a month and a year"),
        ([], "Enter the birth date, or select that you do not know it"),
        (["", "", ""], "Enter the birth date, or select that you do not know it"),
    ],
)
def test_a_birth_date_that_is_none_says_what_to_do(parts: list[str], sentence: str) -> None:
    assert errors(two_brothers(child_1_who={"birth_on": parts}), "child.1.who", "birth_on") == [sentence]


@pytest.mark.parametrize(
    ("parts", "start"),
    [
        (["16", "6", "2028"], "Enter an expected date of birth within"),
        (["1", "6", "2026"], "Enter the date of birth instead"),
        (["31", "2", "2027"], "Expected date must be a real date"),
    ],
)
def test_an_expected_date_that_can_not_be_says_what_to_do(parts: list[str], start: str) -> None:
    answers = two_brothers(child_1_who={"birth": ["unborn"], "expected_on": parts})
    [sentence] = errors(answers, "child.1.who", "expected_on")
    assert sentence.startswith(start)


def test_a_birth_date_typed_in_one_line_is_read() -> None:
    answers = two_brothers(child_1_who={"birth_on": ["14 March 2017"]})
    assert problems(FULL, answers, CONTEXT) == []
    assert str(facts(FULL, answers, CONTEXT).children[0].birth_on) == "2017-03-14"


def test_a_wrong_date_hidden_beside_another_choice_stops_nobody() -> None:
    answers = two_brothers(child_1_who={"birth": ["unborn"], "birth_on": ["31", "2", "2017"], "expected_on": []})
    assert problems(FULL, answers, CONTEXT) == []
    placed = find_step(FULL, answers, "child.1.who")
    assert placed is not None
    form = bind(placed, answers, CONTEXT)
    assert form.validate()
    assert form["birth_on"].parts == ("31", "2", "2017"), "what was typed is kept"


NAMES = [
    "A",
    "O'Neil",
    "Nó",
    "محمد",
    "李小龙",
    "😀",
    "Madonna",
    "<b>x</b>",
    "{{ 7*7 }}",
    "'; DROP TABLE child;--",
    "🏴‍☠️",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_accepted_unchanged(name: str) -> None:
    answers = two_brothers(child_1_who={"name": [name]})
    assert problems(FULL, answers, CONTEXT) == []
    assert facts(FULL, answers, CONTEXT).children[0].name == name
    assert child_label(answers, 1) == name
    assert any(section.title == name for section in read_back(FULL, answers, CONTEXT))


@pytest.mark.parametrize("over", [1, 1_234])
def test_a_narrative_that_is_too_long_says_by_how_much(over: int) -> None:
    text = "x" * (NARRATIVE_MAX + over)
    answers = two_brothers(concerns={"narrative": [text]})
    [sentence] = errors(answers, "concerns", "narrative")
    assert f"{over:,} character{'' if over == 1 else 's'} too long" in sentence
    assert of_kind(FULL, answers)["concerns"]["narrative"] == [text], "every word is kept"


def test_a_narrative_of_exactly_the_limit_is_taken() -> None:
    assert problems(FULL, two_brothers(concerns={"narrative": ["x" * NARRATIVE_MAX]}), CONTEXT) == []


@pytest.mark.parametrize(
    "email", ["nobody", "a@b", "a b@c.example", "a@b.example\r\nBcc: x@y.example", "a@b.example,c@d.example"]
)
def test_an_email_address_in_the_wrong_form_says_what_one_looks_like(email: str) -> None:
    sentences = errors(two_brothers(you={"email": [email]}), "you", "email")
    assert sentences == ["Enter an email address in the correct format, like name@example.com"]


def test_an_email_address_longer_than_mail_allows_is_refused() -> None:
    assert errors(two_brothers(you={"email": ["a" * 250 + "@b.example"]}), "you", "email")


@pytest.mark.parametrize(
    "phone", ["01632 960 355", "07700 900312", "+44 7700 900312", "01632 960355 ext 4", "+40 21 123 4567"]
)
def test_a_phone_number_that_could_be_rung_is_taken_as_typed(phone: str) -> None:
    answers = two_brothers(you={"phone": [phone]})
    assert problems(FULL, answers, CONTEXT) == []
    assert facts(FULL, answers, CONTEXT).referrer.phone == phone


@pytest.mark.parametrize("phone", ["abc", "12", "0" * 300, "ring the office"])
def test_a_phone_number_nobody_could_ring_says_what_one_looks_like(phone: str) -> None:
    assert errors(two_brothers(you={"phone": [phone]}), "you", "phone") == [
        "Enter a phone number, like 01632 960 001 or 07700 900 982"
    ]


@pytest.mark.parametrize("postcode", ["Millbrook", "WM4", "12345"])
def test_a_postcode_of_another_shape_says_it_can_be_left(postcode: str) -> None:
    [sentence] = errors(two_brothers(child_1_where={"postcode": [postcode]}), "child.1.where", "postcode")
    assert "or leave it empty" in sentence


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("nhs_number", "999 000 0018", "999 000 0019"),
        ("upn", "B801200005001", "A801200005001"),
    ],
)
def test_numbers_with_a_check_are_checked(field: str, good: str, bad: str) -> None:
    assert errors(two_brothers(child_1_needs={field: [good]}), "child.1.needs", field) == []
    assert errors(two_brothers(child_1_needs={field: [bad]}), "child.1.needs", field)
    child = facts(FULL, two_brothers(child_1_needs={field: [good]}), CONTEXT).children[0]
    assert getattr(child, field) == good.replace(" ", "")


def test_none_stands_alone_among_disabilities() -> None:
    assert errors(two_brothers(child_1_needs={"needs": ["NONE", "AUT"]}), "child.1.needs", "needs")
    assert not errors(two_brothers(child_1_needs={"needs": ["AUT", "LD"]}), "child.1.needs", "needs")


def test_forged_repeated_and_foreign_fields_are_never_bound() -> None:
    posted = Posted(
        {
            "needs": ["AUT", "AUT", "XXX", "NONE "],
            "communication": ["Signs", "second", "third"],
            "state": ["closed"],
            "sen": ["<script>"],
            "csrf_token": ["x"],
            "context": ["x"],
            "meta": ["x"],
        }
    )
    kept = typed(ChildNeeds, posted)
    assert kept == {"needs": ["AUT"], "communication": ["Signs"]}


def test_a_date_has_room_for_three_values_and_a_line_for_one() -> None:
    posted = Posted({"birth_on": ["1", "2", "2017", "4", "5"], "name": ["a", "b"]})
    assert typed(ChildWho, posted) == {"birth_on": ["1", "2", "2017"], "name": ["a"]}


def test_control_characters_are_taken_out_and_said() -> None:
    placed = find_step(FULL, {}, "you")
    assert placed is not None
    form = bind_posted(placed, Posted({"name": ["Sam\x00ina"], "role": ["Teacher"]}), CONTEXT)
    assert form["name"].data == "Samina"
    assert form.changed == ("name",)


def test_a_field_never_posted_is_an_empty_page_and_not_an_error_in_the_code() -> None:
    for kind in FormKind:
        for placed in steps_of(kind, {}):
            bind_posted(placed, Posted(), CONTEXT).validate()


@pytest.mark.parametrize("junk", [None, [], "x", {"told": "yes"}, {"told": {"told": "yes"}}, {1: {}}, {"told": None}])
def test_a_draft_made_by_hand_is_read_without_falling(junk: Any) -> None:
    answers: Any = junk if isinstance(junk, dict) else {"told": junk, "child.1.who": junk, "you": junk}
    for kind in FormKind:
        assert problems(kind, answers, CONTEXT)
        look_at_everything(kind, answers)


def look_at_everything(kind: FormKind, answers: Any) -> None:
    gaps(kind, answers, CONTEXT)
    facts(kind, answers, CONTEXT)
    names_found(kind, answers)
    task_list(kind, answers, CONTEXT)
    for section in read_back(kind, answers, CONTEXT):
        assert section.title
        for row in section.rows:
            assert row.label
            assert row.value


KEYS = sorted(
    {placed.key for kind in FormKind for placed in steps_of(kind, two_brothers(child_3_who={"birth": ["unborn"]}))}
)
FIELDS = sorted(
    {name for kind in FormKind for placed in steps_of(kind, two_brothers()) for name in questions(placed.form_class)}
)
CODES = sorted(
    {
        code
        for kind in FormKind
        for placed in steps_of(kind, two_brothers())
        for q in questions(placed.form_class).values()
        for code, _ in q.choices
    }
)
JUNK = st.text(max_size=12) | st.sampled_from(CODES) | st.sampled_from(["31", "2", "2017", "yes", "\x00", "{{ x }}"])
PAGES = st.dictionaries(
    st.sampled_from(KEYS) | st.text(max_size=8),
    st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), st.lists(JUNK, max_size=4), max_size=6),
    max_size=6,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(kind=st.sampled_from(FormKind), answers=PAGES)
def test_whatever_is_posted_nothing_is_raised_and_it_can_be_read_back(kind: FormKind, answers: Filled) -> None:
    problems(kind, answers, CONTEXT)
    look_at_everything(kind, answers)
    assert of_kind(kind, of_kind(kind, answers)) == of_kind(kind, dict(of_kind(kind, answers)))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data(), kind=st.sampled_from(FormKind))
def test_sending_finds_what_the_page_finds(data: st.DataObject, kind: FormKind) -> None:
    answers = two_brothers(
        child_3_who={"birth": ["unborn"]}, told={"told": data.draw(st.sampled_from([["yes"], ["risk"], []]))}
    )
    placed = data.draw(st.sampled_from(steps_of(kind, answers)))
    names = sorted(questions(placed.form_class))
    page = data.draw(st.dictionaries(st.sampled_from(names), st.lists(JUNK, max_size=4), max_size=8))
    if data.draw(st.booleans()):
        page["narrative"] = ["x" * (NARRATIVE_MAX + 1)]
    assert found_by_page(placed.form_class, page) == found_by_sending(placed.form_class, page)


def found_by_page(form_class: type[Step], page: dict[str, list[str]]) -> dict[str, str]:
    form = bind_posted(PlacedStep("x", form_class), Posted(page), CONTEXT)
    form.validate()
    return {field.short_name: str(field.errors[0]) for field in form if field.errors}


def found_by_sending(form_class: type[Step], page: dict[str, list[str]]) -> dict[str, str]:
    values = within(form_class, shown(form_class, typed(form_class, Posted(page))), CONTEXT)
    return dict(wrong_answers(form_class, values, CONTEXT))


def test_a_great_deal_of_everything_is_read_in_good_time() -> None:
    letters = random.Random(7)
    long = "".join(letters.choice(string.printable) for _ in range(400_000))
    answers = two_brothers(concerns={"narrative": [long]}, child_1_who={"name": [long]})
    assert problems(FULL, answers, CONTEXT)
    look_at_everything(FULL, answers)
    assert names_found(FormKind.IN_PRINCIPLE, without_names()) == []


def test_a_page_shows_what_was_typed_also_when_it_is_wrong() -> None:
    placed = find_step(FULL, {}, "you")
    assert placed is not None
    assert placed.form_class is Referrer
    form = bind(placed, two_brothers(you={"email": ["not an address"]}), CONTEXT)
    assert not form.validate()
    assert form["email"].data == "not an address"


def test_typed_reads_a_half_written_date_as_none() -> None:
    assert Typed({"told_on": ["16", "", "2026"]}).day("told_on") is None
    assert Typed({"told_on": ["16"]}).day("told_on") is None
    assert Typed({"told_on": ["16", "11", "26"]}).day("told_on") is None
    assert Typed({}).day("told_on") is None
