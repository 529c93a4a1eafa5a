"""Answers read back: for check answers, the staff page and the form returned; and the facts read from them."""

from datetime import date

import pytest
from wtforms import BooleanField, SelectField

from infrastructure.questions import DateParts
from service_request.asking.steps import is_not_known, questions
from service_request.domain.consent import Told
from service_request.pathways.social_care.asked_pages import pages_asked, read_asked
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.facts import facts
from service_request.pathways.social_care.forms import FormContext, PlacedStep, gaps, page_title, steps_of
from service_request.pathways.social_care.reading import AnswerState, ReadRow, missing_of, read_back
from service_request.pathways.social_care.steps import FORM_VERSION, FormVersionUnknownError
from tests.service_request.pathways.filled import CONTEXT, Filled, two_brothers, without_names

FULL = FormKind.FULL


def rows(answers: Filled, kind: FormKind = FULL) -> dict[tuple[str, str], ReadRow]:
    """Return every row by section title and label."""
    return {(section.title, row.label): row for section in read_back(kind, answers, CONTEXT) for row in section.rows}


def test_each_child_has_a_section_of_its_own() -> None:
    titles = [section.title for section in read_back(FULL, two_brothers(), CONTEXT)]
    assert titles == [
        "Are the children safe now",
        "Does the family know",
        "Callum Hartley",
        "Ryan Hartley",
        "Family and household",
        "Your concerns",
        "You",
    ]


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("Does the family know", "Told"), "Yes, their mother, by Samina Rahman on 16 November 2026"),
        (("Does the family know", "Agrees to a service"), "Yes: a parent or carer, Donna Hartley, for both children"),
        (("Callum Hartley", "Born"), "14 March 2017, age 9"),
        (("Callum Hartley", "Sex"), "Male"),
        (("Callum Hartley", "Address"), "18 Tanners Row\nMillbrook\nWM4 2QT"),
        (("Callum Hartley", "School"), "Brookfield Primary School, year 5"),
        (("Ryan Hartley", "Address"), "Same as Callum Hartley"),
        (("Ryan Hartley", "Ethnicity"), "Not known"),
        (("Family and household", "Donna Hartley"), "Mother, same household, has parental responsibility"),
        (("Family and household", "Craig Hartley"), "Father, lives elsewhere, has parental responsibility"),
        (("Your concerns", "Early help assessment or CAF"), "Yes, 3 October 2026"),
        (("You", "Name and role"), "Samina Rahman, Designated safeguarding lead"),
        (("You", "Phone"), "01632 960 355, until 5pm"),
    ],
)
def test_answers_read_as_a_person_would_say_them(where: tuple[str, str], value: str) -> None:
    assert rows(two_brothers())[where].value == value


def test_who_was_told_by_whom_and_when_is_said_once() -> None:
    told = [label for title, label in rows(two_brothers()) if title == "Does the family know"]
    assert told == ["Told", "Agrees to a service", "Lawful basis for sharing"]


def test_what_is_not_known_about_the_telling_keeps_a_row_of_its_own() -> None:
    answers = two_brothers(agrees={"told_on": [], "told_on_not_known": ["yes"], "told_by": []})
    read = rows(answers)
    assert read["Does the family know", "Told"].value == "Yes, their mother"
    assert read["Does the family know", "Told on"].state is AnswerState.NOT_KNOWN
    assert read["Does the family know", "Told by"].state is AnswerState.MISSING


def test_not_known_looks_like_an_answer_and_missing_like_none() -> None:
    read = rows(two_brothers())
    assert read["Ryan Hartley", "Ethnicity"].state is AnswerState.NOT_KNOWN
    assert read["Ryan Hartley", "GP surgery"].state is AnswerState.MISSING
    assert (read["Ryan Hartley", "GP surgery"].step_key, read["Ryan Hartley", "GP surgery"].field) == (
        "child.2.where",
        "gp",
    )


@pytest.mark.rule("GL-3")
@pytest.mark.parametrize("kind", [FULL, FormKind.IN_PRINCIPLE])
def test_what_reads_as_missing_is_what_is_asked_for_before_sending(kind: FormKind) -> None:
    for answers in (two_brothers(), without_names(), {}, two_brothers(child_1_who={"birth": ["unborn"]})):
        missing = {(row.step_key, row.field) for row in missing_of(read_back(kind, answers, CONTEXT))}
        asked = {(gap.key, gap.field) for gap in gaps(kind, answers, CONTEXT)}
        required = {
            (placed.key, name)
            for placed in steps_of(kind, answers)
            for name, question in questions(placed.form_class).items()
            if question.is_required
        }
        assert asked <= missing
        assert missing - asked <= required


def everything(kind: FormKind, answers: Filled) -> tuple[Filled, list[tuple[str, str, str]]]:
    """Fill every field of a form with words of its own; return the answers and what must be read again."""
    filled: Filled = {}
    marks: list[tuple[str, str, str]] = []
    for placed in steps_of(kind, answers):
        page = dict(answers.get(placed.key, {}))
        hidden = hidden_fields(placed, page)
        for name, question in questions(placed.form_class).items():
            if name in page or name in hidden or is_not_known(name):
                continue
            if issubclass(question.type, DateParts):
                page[name] = ["7", "6", "2019"]
                marks.append((placed.key, name, "7 June 2019"))
            elif issubclass(question.type, SelectField):
                code, label = next((c, w) for c, w in question.choices if c and c not in ("same", "unborn"))
                page[name] = [code]
                marks.append((placed.key, name, label))
            elif not issubclass(question.type, BooleanField):
                page[name] = [f"words of {placed.key} {name}"]
                marks.append((placed.key, name, page[name][0]))
        filled[placed.key] = page
    return filled, marks


def hidden_fields(placed: PlacedStep, page: dict[str, list[str]]) -> set[str]:
    from service_request.asking.steps import Typed

    return placed.form_class.hides(Typed(page))


CHOSEN: Filled = {
    "told": {"told": ["yes"]},
    "safety": {"already": ["yes"]},
    "child.1.who": {"birth": ["born"], "language": ["other"], "name": ["Alba"]},
    "child.2.who": {"birth": ["unborn"]},
    "child.1.where": {"lives": ["address"]},
    "child.2.where": {"lives": ["address"]},
    "adult.1": {"relationship": ["mother"], "parental_responsibility": ["yes"], "same_household": ["yes"]},
    "tried": {"assessment": ["yes"]},
    "risks": {"risks": ["yes"]},
    "agrees": {"agrees": ["yes"]},
    "call": {"told": ["risk"]},
}
SAID_OTHERWISE = {  # folded into a line that says it in other words
    ("agrees", "who_told"): "their mother",
    ("agrees", "agrees_who"): "a parent or carer",
    ("adult.1", "safe_to_contact"): "safe to ring or text",
}


@pytest.mark.rule("GL-14")
@pytest.mark.parametrize("kind", sorted(FormKind))
def test_every_word_of_every_field_is_read_back(kind: FormKind) -> None:
    answers, marks = everything(kind, CHOSEN)
    read = [row.value.lower() for section in read_back(kind, answers, CONTEXT) for row in section.rows]
    labels = " ".join(row.label for section in read_back(kind, answers, CONTEXT) for row in section.rows).lower()
    titles = " ".join(section.title for section in read_back(kind, answers, CONTEXT)).lower()
    for key, name, mark in marks:
        words = SAID_OTHERWISE.get((key, name), mark).lower()
        assert any(words in value for value in read) or words in labels or words in titles, (key, name, mark)


def test_an_unborn_child_reads_by_the_expected_date() -> None:
    read = rows(two_brothers(child_2_who={"birth": ["unborn"], "expected_on": ["9", "1", "2027"], "name": []}))
    assert read["Unborn child", "Born"].value == "Not born yet, expected 9 January 2027"


def test_an_age_band_stands_for_an_unknown_birth_date() -> None:
    read = rows(two_brothers(child_2_who={"birth": ["date_not_known"], "age_band": ["5_9"]}))
    assert read["Ryan Hartley", "Born"].value == "Not known, about 5 to 9"


def test_a_date_that_is_none_is_shown_as_it_was_typed() -> None:
    read = rows(two_brothers(child_2_who={"birth_on": ["31", "2", "2017"]}))
    assert read["Ryan Hartley", "Birth date"].value == "31 2 2017"


def test_an_area_that_was_given_up_since_is_still_read_back() -> None:
    later = FormContext(today=CONTEXT.today)
    answers = two_brothers(child_1_where={"lives": ["no_fixed"], "area": ["saltby"]})
    read = [row for section in read_back(FULL, answers, later) for row in section.rows if row.field == "area"]
    assert [(row.value, row.state) for row in read] == [("saltby", AnswerState.ANSWERED)]


def test_text_is_read_back_as_text() -> None:
    text = "<script>alert(1)</script> {{ 7*7 }}\nsecond line"
    row = rows(two_brothers(concerns={"narrative": [text]}))["Your concerns", "What worries you"]
    assert row.value == text
    assert row.lines == ("<script>alert(1)</script> {{ 7*7 }}", "second line")


def test_answers_of_another_version_are_not_read_with_today_s_labels() -> None:
    with pytest.raises(FormVersionUnknownError):
        read_back(FULL, two_brothers(), CONTEXT, version="2031-01")


@pytest.mark.rule("GL-2")
def test_the_facts_of_two_brothers() -> None:
    read = facts(FULL, two_brothers(), CONTEXT)
    callum, ryan = read.children
    assert (callum.name, callum.birth_on, callum.sex, callum.needs) == (
        "Callum Hartley",
        date(2017, 3, 14),
        "M",
        ("COMM",),
    )
    assert ryan.address == callum.address == "18 Tanners Row\nMillbrook"
    assert ryan.postcode == callum.postcode == "WM4 2QT"
    assert (ryan.language, callum.language) == ("", "en")
    assert [(adult.name, adult.parental_responsibility, adult.same_household) for adult in read.adults] == [
        ("Donna Hartley", "yes", "yes"),
        ("Craig Hartley", "yes", "no"),
    ]
    assert (read.referrer.kind, read.referrer.source_code, read.referrer.safe) == ("professional", "2A", "yes")
    assert (read.consent.told, read.consent.who_told, read.consent.told_on) == (Told.YES, "parent", date(2026, 11, 16))
    assert (read.worries, read.urgency, read.form_version) == (
        ("neglect", "parent_mental_health"),
        "routine",
        "2026-11",
    )
    assert read.followed_call_reference == "K7RM 4TXC"


@pytest.mark.rule("GL-8")
def test_no_fixed_address_is_a_fact_and_not_an_empty_one() -> None:
    child = facts(FULL, two_brothers(child_1_where={"lives": ["no_fixed"], "area": ["saltby"]}), CONTEXT).children[0]
    assert (child.no_fixed_address, child.address, child.postcode, child.area_code) == (True, "", "", "saltby")


@pytest.mark.rule("GL-18")
def test_a_mother_who_is_a_child_is_a_subject_of_her_own() -> None:
    answers = two_brothers(
        child_3_who={"birth": ["unborn"], "young_mother": ["yes_worried"], "expected_on": ["9", "1", "2027"]},
        child_4_who={
            "name": ["Keira Hill"],
            "birth": ["born"],
            "birth_on": ["1", "2", "2010"],
            "is_parent": ["pregnant"],
        },
    )
    baby, mother = facts(FULL, answers, CONTEXT).children[2:]
    assert (baby.unborn, baby.expected_on, baby.sex, baby.mother_is_child) == (True, date(2027, 1, 9), "U", True)
    assert (mother.name, mother.is_mother_too) == ("Keira Hill", True)


def test_a_child_page_left_blank_is_no_child() -> None:
    assert len(facts(FULL, two_brothers(child_3_who={"name": [""]}), CONTEXT).children) == 2


def test_a_language_that_is_not_in_the_list_is_kept_by_its_name() -> None:
    answers = two_brothers(child_1_who={"language": ["other"], "language_other": ["Tigrinya"]})
    assert facts(FULL, answers, CONTEXT).children[0].language == "Tigrinya"
    assert rows(answers)["Callum Hartley", "First language"].value == "Tigrinya"


def test_facts_never_fall_over_an_empty_form() -> None:
    for kind in FormKind:
        read = facts(kind, {}, CONTEXT)
        assert read.kind == kind


@pytest.mark.rule("GL-3")
@pytest.mark.parametrize(
    "field", ["agrees/told_on", "agrees/told_by", "child.1.where/school_year", "adult.1/relationship"]
)
def test_an_answer_that_the_form_reads_on_another_row_stands_on_its_own_where_it_alone_was_asked(field: str) -> None:
    answers = two_brothers()
    pages = pages_asked(FULL, answers, [field])
    sections = read_asked(FULL, answers, CONTEXT, pages, version=FORM_VERSION)
    found = {f"{row.step_key}/{row.field}": row for section in sections for row in section.rows}
    assert found[field].state is AnswerState.ANSWERED
    assert set(found) <= {f"{page.key}/{name}" for page in pages for name in page.names}


@pytest.mark.rule("GL-3")
def test_a_page_about_a_child_or_an_adult_says_which_one_once_the_name_is_known() -> None:
    answers = two_brothers()
    titles = {placed.key: page_title(placed, answers) for placed in steps_of(FULL, answers)}
    assert titles["child.1.who"] == "About Callum Hartley" and titles["child.2.who"] == "About Ryan Hartley"
    assert titles["adult.1"] == "About Donna Hartley"
    unnamed = {**answers, "child.1.who": {}}
    assert page_title(next(one for one in steps_of(FULL, unnamed) if one.key == "child.1.who"), unnamed) == (
        "Who is the child?"
    )
