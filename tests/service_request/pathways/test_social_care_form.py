"""The whole form: what it asks, what is missing, several children born and unborn."""

import re
from datetime import date

import pytest

from service_request.asking.checks import Enter
from service_request.asking.steps import Step, is_not_known, questions
from service_request.pathways.social_care import codes, sources
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.forms import (
    FormContext,
    bind,
    can_add,
    child_label,
    find_step,
    gaps,
    next_number,
    page_title,
    problems,
    step_values,
    steps_of,
    without_adult,
    without_child,
)
from service_request.pathways.social_care.script_public import TextedChild, TextedYou
from service_request.pathways.social_care.steps import MOST_OF_A_KIND, FormVersionUnknownError
from service_request.pathways.social_care.tasks import TaskState, progress, task_list
from tests.service_request.pathways.filled import CONTEXT, TODAY, two_brothers, without_names

FULL = FormKind.FULL
UNBORN_CHILD = {"child_3_who": {"birth": ["unborn"], "expected_on": ["9", "1", "2027"]}}
ALL_ANSWERS = two_brothers(**UNBORN_CHILD)
EVERY_FORM: list[type[Step]] = list(
    {
        placed.form_class: None
        for kind in FormKind
        for answers in (
            {},
            ALL_ANSWERS,
            two_brothers(told={"told": ["risk"]}),
            {"child.1.who": {"birth": ["unborn"]}},
            {"home": {"address": ["Millbrook"]}},
        )
        for placed in steps_of(kind, answers)
    }
)

GL_2 = {
    "the referrer": ("you", "name"),
    "their role": ("you", "role"),
    "their agency": ("you", "agency"),
    "their kind of agency": ("you", "agency_kind"),
    "how to reach them": ("you", "email"),
    "the child's name": ("child.1.who", "name"),
    "born or not": ("child.1.who", "birth"),
    "ethnicity": ("child.1.who", "ethnicity"),
    "first language": ("child.1.who", "language"),
    "address": ("child.1.where", "lives"),
    "school": ("child.1.where", "school"),
    "GP": ("child.1.where", "gp"),
    "disability": ("child.1.needs", "needs"),
    "communication needs": ("child.1.needs", "communication"),
    "adults": ("adult.1", "name"),
    "siblings": ("household", "siblings"),
    "other agencies": ("agencies", "agencies"),
    "the concerns": ("concerns", "narrative"),
    "the family history": ("background", "history"),
    "what has been tried": ("tried", "tried"),
    "a common assessment": ("tried", "assessment"),
    "the family's views": ("views", "family_view"),
    "the child's views": ("child.1.views", "child_view"),
    "risks to visiting staff": ("risks", "risks"),
    "told": ("told", "told"),
    "danger": ("safety", "urgency"),
}


@pytest.mark.rule("GL-2")
@pytest.mark.parametrize("what", GL_2)
def test_an_empty_form_asks_for(what: str) -> None:
    key, field = GL_2[what]
    placed = next(placed for placed in steps_of(FULL, {}) if placed.key == key)
    assert field in set(placed.form_class.wants(step_values({}, placed)))
    found = {(gap.key, gap.field) for gap in gaps(FULL, {}, CONTEXT)}
    found |= {(problem.key, problem.field) for problem in problems(FULL, {}, CONTEXT)}
    assert (key, field) in found


EIGHT_REAL_FORMS = {  # what they ask beside GL-2, and nobody must answer
    "agrees": ("agrees_how", "share_with", "not_agreed_why"),
    "child.1.where": ("current_place", "previous_address", "own_phone", "legal_status"),
    "adult.1": ("email", "ethnicity", "birth_on", "address", "language", "interpreter", "needs"),
    "concerns": ("seriousness", "seriousness_why"),
    "harm": ("happened_on", "happened_where", "said", "injury", "caused_by"),
    "you": ("address", "other_person", "own_lead", "knows_child"),
}


@pytest.mark.rule("GL-2")
@pytest.mark.parametrize("key", EIGHT_REAL_FORMS)
def test_what_eight_real_forms_ask_can_be_said_and_can_be_left(key: str) -> None:
    asked = questions(find_step(FULL, ALL_ANSWERS, key).form_class)
    assert not [name for name in EIGHT_REAL_FORMS[key] if asked[name].is_required]


def test_a_browser_never_gives_its_owners_number_as_somebody_elses() -> None:
    mine = {"you", "reach"}
    filled_in = {
        (form_class.slug, field.short_name)
        for form_class in EVERY_FORM
        for field in form_class()
        if (field.render_kw or {}).get("autocomplete") in ("tel", "email")
    }
    assert filled_in
    assert {slug for slug, _ in filled_in} <= mine


@pytest.mark.rule("GL-2")
def test_parental_responsibility_is_asked_of_every_adult_who_is_named() -> None:
    answers = two_brothers(adult_2={"parental_responsibility": [], "same_household": []})
    assert {gap.label for gap in gaps(FULL, answers, CONTEXT) if gap.key == "adult.2"} == {
        "Craig Hartley: parental responsibility",
        "Craig Hartley: lives with the children",
    }


@pytest.mark.rule("GL-3")
def test_what_is_missing_is_named_by_child_and_question() -> None:
    labels = [gap.label for gap in gaps(FULL, two_brothers(), CONTEXT)]
    assert labels == [
        "Ryan Hartley: first language",
        "Ryan Hartley: GP surgery",
        "Other agencies involved",
        "What Ryan Hartley says",
        "Risks to visiting staff",
    ]


@pytest.mark.rule("GL-3")
def test_missing_answers_stop_nobody() -> None:
    assert gaps(FULL, two_brothers(), CONTEXT)
    assert problems(FULL, two_brothers(), CONTEXT) == []


@pytest.mark.rule("GL-2")
@pytest.mark.parametrize(
    "page",
    [
        {
            "child_2_where": {"gp_not_known": ["yes"]},
            "child_2_who": {"language": ["not_known"], "interpreter": ["none"]},
        },
        {"child_2_where": {"gp": ["None"]}, "child_2_who": {"language": ["en"]}},
    ],
)
def test_not_known_is_an_answer(page: dict[str, dict[str, list[str]]]) -> None:
    labels = [gap.label for gap in gaps(FULL, two_brothers(**page), CONTEXT)]
    assert "Ryan Hartley: GP surgery" not in labels
    assert "Ryan Hartley: first language" not in labels


@pytest.mark.parametrize("form_class", EVERY_FORM, ids=lambda one: one.__name__)
def test_every_step_keeps_its_own_promises(form_class: type[Step]) -> None:
    asked = questions(form_class)
    assert form_class.title
    assert form_class.short
    assert form_class.group
    assert set(form_class.asked) <= set(asked), "asked names a field that is not there"
    assert set(form_class.rows) - set(asked) == set(), "rows name a field that is not there"
    for name in asked:
        if is_not_known(name):
            assert name.removesuffix("_not_known") in asked
    for text in (form_class.title, form_class.hint, *form_class.guidance, *(one.label for one in asked.values())):
        assert not re.search(r"\b(please|invalid|contact us)\b", text, re.IGNORECASE), text
        assert "  " not in text


@pytest.mark.parametrize("form_class", EVERY_FORM, ids=lambda one: one.__name__)
def test_no_choice_stands_twice_and_every_choice_has_words(form_class: type[Step]) -> None:
    for question in questions(form_class).values():
        values = [code for code, _ in question.choices]
        assert len(values) == len(set(values))
        assert all(label for _, label in question.choices)


def test_every_form_of_the_pathway_was_looked_at() -> None:
    def below(parent: type[Step]) -> set[type[Step]]:
        return {child for direct in parent.__subclasses__() for child in {direct, *below(direct)}}

    ours = {form_class for form_class in below(Step) if ".social_care." in form_class.__module__}
    bases = {form_class for form_class in ours if form_class.__subclasses__()}
    texted = {TextedYou, TextedChild}  # pages of a conversation alone, with their own tests
    assert ours - set(EVERY_FORM) - bases - texted == set()


def test_few_answers_are_required() -> None:
    required = {
        (form_class.slug, field.short_name)
        for form_class in EVERY_FORM
        for field in form_class()
        if any(isinstance(check, Enter) for check in field.validators)
    }
    assert required == {
        ("safety", "urgency"),
        ("told", "told"),
        ("concerns", "narrative"),
        ("you", "name"),
        ("you", "agency"),
        ("you", "agency_kind"),
        ("you", "email"),
        ("call", "narrative"),
    }


@pytest.mark.rule("GL-2")
def test_several_children_born_and_unborn_stand_in_one_request() -> None:
    keys = [placed.key for placed in steps_of(FULL, ALL_ANSWERS)]
    assert [key for key in keys if key.startswith("child.3")] == ["child.3.who", "child.3.where"]
    assert [key for key in keys if key.startswith("child.2")] == [
        "child.2.who",
        "child.2.where",
        "child.2.needs",
        "child.2.views",
    ]
    assert child_label(ALL_ANSWERS, 3) == "Unborn child"


@pytest.mark.rule("GL-2")
def test_an_unborn_child_is_asked_for_the_expected_date_and_not_for_a_school() -> None:
    labels = [gap.label for gap in gaps(FULL, two_brothers(child_3_who={"birth": ["unborn"]}), CONTEXT)]
    ours = [label for label in labels if label.startswith("Unborn child")]
    assert ours == [
        "Unborn child: expected",
        "Unborn child: mother under 18",
        "Unborn child: address",
        "Unborn child: mother's GP surgery",
    ]


def test_two_unborn_children_are_told_apart() -> None:
    twins = {"child.1.who": {"birth": ["unborn"]}, "child.2.who": {"birth": ["unborn"]}}
    assert [child_label(twins, 1), child_label(twins, 2)] == ["Unborn child 1", "Unborn child 2"]


def test_a_form_has_one_child_before_anything_is_typed() -> None:
    assert [placed.key for placed in steps_of(FULL, {}) if placed.number == 1][:3] == [
        "child.1.who",
        "child.1.where",
        "child.1.needs",
    ]
    assert next_number({}, "child") == 2


def test_numbers_stay_when_a_child_is_taken_away() -> None:
    left = without_child(two_brothers(), 1)
    assert {placed.number for placed in steps_of(FULL, left) if placed.form_class.repeats == "child"} == {2}
    assert child_label(left, 2) == "Ryan Hartley"
    assert next_number(left, "child") == 3


def test_the_second_child_cannot_live_with_itself_once_the_first_is_gone() -> None:
    left = without_child(two_brothers(), 1)
    assert "Ryan Hartley: address" in [gap.label for gap in gaps(FULL, left, CONTEXT)]


def test_taking_away_child_1_leaves_child_10() -> None:
    answers = {"child.1.who": {"name": ["A"]}, "child.10.who": {"name": ["B"]}}
    assert list(without_child(answers, 1)) == ["child.10.who"]


def test_an_adult_can_be_taken_away() -> None:
    assert "adult.1" not in without_adult(two_brothers(), 1)
    assert "adult.2" in without_adult(two_brothers(), 1)


def test_a_page_for_one_more_child_can_be_opened_before_it_is_saved() -> None:
    assert find_step(FULL, two_brothers(), "child.3.who") is not None
    assert find_step(FULL, two_brothers(), "child.4.who") is None
    assert find_step(FULL, two_brothers(), "child.0.who") is None
    assert find_step(FULL, two_brothers(), "adult.3") is not None
    assert find_step(FULL, two_brothers(), "nonsense") is None


def test_a_request_has_room_for_twenty_children() -> None:
    many = {f"child.{number}.who": {"name": ["X"]} for number in range(1, MOST_OF_A_KIND + 1)}
    assert not can_add(many, "child")
    assert find_step(FULL, many, f"child.{MOST_OF_A_KIND + 1}.who") is None


@pytest.mark.rule("GL-18")
def test_a_mother_who_is_a_child_is_asked_for_as_a_child_of_her_own() -> None:
    unborn = {"birth": ["unborn"], "young_mother": ["yes_worried"]}
    labels = [gap.label for gap in gaps(FULL, two_brothers(child_3_who=unborn), CONTEXT)]
    assert "Unborn child: the mother, as a child of her own" in labels
    for answer in ("yes", "no", "not_known"):  # nobody is worried about her: the request is not about her too
        not_about_her = two_brothers(child_3_who={**unborn, "young_mother": [answer]})
        assert not any("of her own" in gap.label for gap in gaps(FULL, not_about_her, CONTEXT))
    added = two_brothers(child_3_who=unborn, child_4_who={"name": ["Keira"], "is_parent": ["pregnant"]})
    assert not any("of her own" in gap.label for gap in gaps(FULL, added, CONTEXT))


@pytest.mark.rule("GL-18")
@pytest.mark.parametrize(
    ("born", "sentence"),
    [
        (("16", "11", "2008"), "less than 18 years ago"),
        (("3", "5", "1986"), "less than 18 years ago"),
        (("17", "11", "2026"), "in the past"),
    ],
)
def test_a_child_is_born_and_under_18(born: tuple[str, str, str], sentence: str) -> None:
    [problem] = problems(FULL, two_brothers(child_2_who={"birth_on": list(born)}), CONTEXT)
    assert (problem.key, problem.field, problem.about) == ("child.2.who", "birth_on", "Ryan Hartley")
    assert sentence in problem.message


@pytest.mark.rule("GL-18")
def test_a_child_of_17_on_the_last_day_is_a_child() -> None:
    assert problems(FULL, two_brothers(child_2_who={"birth_on": ["17", "11", "2008"]}), CONTEXT) == []


@pytest.mark.rule("GL-1")
def test_a_form_can_follow_a_call_and_name_its_reference() -> None:
    placed = steps_of(FULL, {})[0]
    assert {"already", "call_reference"} <= set(questions(placed.form_class))


def test_a_page_speaks_of_the_child_by_name() -> None:
    titles = [page_title(placed, two_brothers()) for placed in steps_of(FULL, two_brothers())]
    assert "What Ryan Hartley says" in titles
    assert "Where Callum Hartley lives and learns" in titles
    assert not any("{" in title for title in titles)


def test_a_form_about_no_child_at_all_is_not_sent() -> None:
    answers = {key: page for key, page in two_brothers().items() if not key.startswith("child.")}
    [problem] = problems(FULL, answers, CONTEXT)
    assert (problem.key, problem.field) == ("child.1.who", "name")


def test_a_child_whose_name_is_not_known_can_be_sent() -> None:
    answers = {key: page for key, page in two_brothers().items() if not key.startswith("child.")}
    answers["child.1.who"] = {"name_not_known": ["yes"]}
    assert problems(FULL, answers, CONTEXT) == []


def test_an_unknown_version_is_refused_and_not_guessed() -> None:
    with pytest.raises(FormVersionUnknownError):
        steps_of(FULL, {}, version="1999-01")


def test_the_task_list_stands_in_four_groups_with_what_is_missing() -> None:
    listed = task_list(FULL, two_brothers(), CONTEXT)
    assert [group.title for group in listed] == [
        "Before you start",
        "Children and family",
        "Your concerns",
        "You and your agency",
    ]
    tasks = {task.label: task for group in listed for task in group.tasks}
    assert list(tasks)[:4] == [
        "Are the children safe now",
        "Does the family know",
        "Callum Hartley, 9",
        "Ryan Hartley, 6",
    ]
    ryan = tasks["Ryan Hartley, 6"]
    assert (ryan.state, ryan.missing, ryan.hint) == (TaskState.MISSING, 2, "First language, GP surgery")
    assert ryan.opens == "child.2.who"
    assert tasks["Does the family know"].hint == "Yes: their mother was told on 16 November"
    assert tasks["Other agencies involved"].state is TaskState.NOT_STARTED
    assert progress(listed) == (7, 11)


def test_a_section_with_a_mistake_is_to_be_corrected() -> None:
    listed = task_list(FULL, two_brothers(child_1_who={"birth_on": ["31", "2", "2017"]}), CONTEXT)
    task = next(task for group in listed for task in group.tasks if task.label.startswith("Callum"))
    assert (task.state, task.to_correct, task.opens) == (TaskState.TO_CORRECT, 1, "child.1.who")


def test_two_children_of_one_name_are_two_sections() -> None:
    listed = task_list(FULL, two_brothers(child_2_who={"name": ["Callum Hartley"]}), CONTEXT)
    assert sum(task.label.startswith("Callum Hartley") for group in listed for task in group.tasks) == 2


def test_choices_of_the_authority_are_offered_and_no_other() -> None:
    placed = find_step(FormKind.IN_PRINCIPLE, {}, "child.1.band")
    assert placed is not None
    form = bind(placed, without_names(), CONTEXT)
    assert [one.value for one in form["area"].choices] == ["", "teasel", "saltby", "outside", "not_known"]
    elsewhere = bind(placed, without_names(), FormContext(today=TODAY, areas=(("other", "Other"),)))
    assert not elsewhere["area"].data


def test_the_national_code_sets_are_whole() -> None:
    assert len(sources.REFERRAL_SOURCES) == 22
    assert len(codes.ETHNICITY) == 20
    assert len(codes.DISABILITIES) == 13
    assert len(codes.PRIMARY_NEEDS) == 10
    assert [code for code, _ in codes.SEX] == ["F", "M", "U"]
    known = {code for code, _ in sources.REFERRAL_SOURCES}
    assert {source for _, _, _, source in sources.CALLERS} <= known
    assert {source for _, _, source in sources.PUBLIC_RELATIONSHIPS} <= known
    assert not known - {source for _, _, _, source in sources.CALLERS} - {"1C", "9", "10"}


def test_the_date_comes_from_outside() -> None:
    later = FormContext(today=date(2027, 3, 15), areas=())
    assert problems(FULL, two_brothers(child_1_who={"birth_on": ["15", "3", "2009"]}), CONTEXT) == []
    assert problems(FULL, two_brothers(child_1_who={"birth_on": ["15", "3", "2009"]}), later)
