"""What people really type, read as they mean it: choices, yes and no, ages, dates, names of places."""

from datetime import date

import pytest

from service_request.conversation.ages import find_age, read_age
from service_request.conversation.days import read_day
from service_request.conversation.taking_back import split_taken_back
from tests.talking import TODAY, asked

CHOSEN = [
    # how a number is typed
    ("letter", "2", "appeal"), ("letter", "2.", "appeal"), ("letter", " 2 ", "appeal"), ("letter", "(2)", "appeal"),
    ("letter", "two", "appeal"), ("letter", "Two pls", "appeal"), ("letter", "the second", "appeal"), ("letter", "2nd", "appeal"),
    ("letter", "the second one", "appeal"), ("letter", "number 2", "appeal"), ("letter", "option 2 please", "appeal"),
    ("letter", "no 2", "appeal"), ("letter", "#2", "appeal"), ("letter", "its 2 thanks", "appeal"), ("letter", "2 i think", "appeal"),
    ("letter", "2 - its about the tribunal", "appeal"), ("letter", "1 he was suspended", "exclusion"), ("letter", "8", "not_known"),
    ("letter", "1 sorry 2", "appeal"), ("letter", "1 no wait 2", "appeal"), ("letter", "1, i mean 3", "mediation"),
    ("letter", "2 got a letter 3rd nov", "appeal"), ("letter", "3, had a letter", "mediation"), ("letter", "6 got a letter", "other"),
    # what the choices are called
    ("letter", "suspended", "exclusion"), ("letter", "he was suspended", "exclusion"), ("letter", "Suspnded", "exclusion"),
    ("letter", "exclusion", "exclusion"), ("letter", "tribunal", "appeal"), ("letter", "its for the tribunul", "appeal"),
    ("letter", "mediaton", "mediation"), ("letter", "annual review", "annual_review"), ("letter", "draft plan", "draft_plan"),
    ("letter", "another letter", "other"), ("letter", "not suspended, its an appeal", "appeal"),
    # yes and no
    ("letter", "no", "none"), ("letter", "nope", "none"), ("letter", "No not yet", "none"), ("letter", "nah", "none"),
    ("letter", "no letter", "none"), ("letter", "havent had one", "none"), ("letter", "yes", "other"), ("letter", "yeah", "other"),
    ("letter", "yes its about excluding him", "exclusion"), ("letter", "yes they refused to assess", "appeal"),
    ("letter", "idk", "not_known"), ("letter", "dunno", "not_known"), ("letter", "not sure", "not_known"), ("letter", "i dont know", "not_known"),
    ("send", "yes", "yes"), ("send", "yes pls", "yes"), ("send", "yh", "yes"), ("send", "Yep he does", "yes"), ("send", "1", "yes"),
    ("send", "no", "no"), ("send", "not really", "no"), ("send", "maybe", "maybe"), ("send", "hes being assessed", "maybe"),
    ("send", "👍", "yes"), ("send", "idk", "not_known"), ("send", "4", "not_known"), ("send", "the first", "yes"),
    ("plan", "asked for one", "asked"), ("plan", "we applied", "asked"), ("plan", "yes", "yes"), ("plan", "no", "no"),
    ("plan", "in progress", "asked"), ("plan", "he has one", "yes"),
    ("enquirer", "mum", "parent"), ("enquirer", "im his mum", "parent"), ("enquirer", "foster mum", "carer"), ("enquirer", "grandma", "family"),
    ("enquirer", "parent", "parent"), ("enquirer", "parnet", "parent"), ("enquirer", "1", "parent"), ("enquirer", "teacher", "professional"),
    ("enquirer", "rather not say", "not_known"), ("enquirer", "step dad", "parent"), ("enquirer", "a young person", "young_person"),
    ("enquirer", "dad", "parent"), ("enquirer", "seven", "not_known"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "typed", "code"), CHOSEN)
def test_a_choice_is_understood_however_it_is_typed(field, typed, code):
    turn = asked(field, typed)
    assert turn.dialogue.answers.get(field) == [code] or (code == "not_known" and field in turn.dialogue.skipped)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("letter", "9"), ("letter", "0"), ("letter", "1 or 2"), ("letter", "1 and 3"), ("letter", "what"), ("letter", "?"),
        ("letter", "ok"), ("letter", "thanks"), ("letter", "2 days ago they rang"), ("letter", "asdfgh"), ("letter", "he isnt suspended"),
        ("send", "7"), ("plan", "hello"), ("enquirer", "mum and the teacher"), ("age", "year 4"), ("age", "8 and 10"), ("age", "old"),
        ("age", "300"), ("letter_on", "31 february"), ("letter_on", "soon"), ("letter_on", "3/12/2026"), ("place", "ok"), ("name", "14"),
    ],
)  # fmt: skip
def test_what_could_mean_nothing_or_two_things_is_not_guessed(field, typed):
    turn = asked(field, typed, letter="appeal") if field == "letter_on" else asked(field, typed)
    assert field not in turn.dialogue.answers
    assert turn.dialogue.asked == (field,)
    assert typed in turn.dialogue.said


AGES = [
    ("9", "9", ""), ("nine", "9", ""), ("hes 9", "9", ""), ("he's nine", "9", ""), ("she is 14 now", "14", ""), ("8 sorry 9", "9", "8"),
    ("9 not 8", "9", "8"), ("not 8, 9", "9", "8"), ("not 8 shes 9", "9", "8"), ("8 no 9", "9", "8"), ("8... oops 9", "9", "8"),
    ("nearly 10", "9", ""), ("just turned 10", "10", ""), ("18 months", "1", ""), ("9 and a half", "9", ""), ("9.5", "9", ""),
    ("9 in year 4", "9", ""), ("year 4, 8 yrs", "8", ""), ("about 7", "7", ""), ("7ish", "7", ""), ("16yo", "16", ""),
    ("twenty one", "21", ""), ("12/3/2015", "11", ""), ("born 3rd of may 2012", "14", ""), ("8 months", "0", ""),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "age", "instead_of"), AGES)
def test_an_age_is_understood_however_it_is_typed(typed, age, instead_of):
    reading = read_age(typed, TODAY)
    assert reading is not None
    assert (reading.value, reading.instead_of) == (age, instead_of)


@pytest.mark.parametrize("typed", ["year 4", "8 and 10", "8 or 9", "old enough", "", "3pm", "he is in yr 6"])
def test_what_tells_no_one_age_is_none(typed):
    assert read_age(typed, TODAY) is None


PLAIN_AGES = [
    ("my son is 8 and he was excluded", "8"), ("my 9 yr old wont go in", "9"), ("my daughter, 14, has autism", "14"),
    ("hes 12 in year 8", "12"), ("im 15 and school is awful", "15"), ("i am 17", "17"), ("boy aged 7", "7"),
    ("she is six, they sent her home", "6"), ("my lad (11) is out of school", "11"), ("age 10", "10"), ("a 5-year-old with "
                                                                                                        "adhd", "5"),
]  # fmt: skip
NO_PLAIN_AGES = [
    "school won't let my son in", "hes been out 9 days", "he is 2 years behind", "shes in year 4", "9", "he has 3 teachers", "it took 12 weeks",
    "my son is 8 and my daughter is 12", "im 34 and my son has adhd", "he was 8 when it began", "hes one of the quiet "
                                                                                                "ones", "we wait 2 years",
    "he gets 25 hours of support", "its 5 miles away", "call me at 4", "im 5 months pregnant", "he is 5 foot",
]  # fmt: skip


@pytest.mark.parametrize(("said", "age"), PLAIN_AGES)
def test_an_age_told_in_a_story_is_not_asked_again(said, age):
    found = find_age(said, TODAY)
    assert found is not None and found.value == age


@pytest.mark.parametrize("said", NO_PLAIN_AGES)
def test_a_number_that_is_no_plain_age_is_left_alone(said):
    assert find_age(said, TODAY) is None


DAYS = [
    ("3rd of may 2012", date(2012, 5, 3)), ("3 may 2012", date(2012, 5, 3)), ("3/5/12", date(2012, 5, 3)), ("3.5.2012", date(2012, 5, 3)),
    ("03-05-2012", date(2012, 5, 3)), ("2012-05-03", date(2012, 5, 3)), ("12th of nov", date(2026, 11, 12)), ("12 november", date(2026, 11, 12)),
    ("nov 12", date(2026, 11, 12)), ("12/11", date(2026, 11, 12)), ("the 12th", date(2026, 11, 12)), ("25 dec", date(2025, 12, 25)),
    ("yesterday", date(2026, 11, 16)), ("last friday", date(2026, 11, 13)), ("monday", date(2026, 11, 16)), ("2 weeks ago", date(2026, 11, 3)),
    ("12 novemeber", date(2026, 11, 12)), ("3rd septmber", date(2026, 9, 3)), ("its dated 3 nov, came 5 nov", date(2026, 11, 3)),
    ("10 nov sorry 11 nov", date(2026, 11, 11)), ("wed 4th nov", date(2026, 11, 4)), ("letter says 4th nov 2026 thanks", date(2026, 11, 4)),
    ("12nov", date(2026, 11, 12)),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "day"), DAYS)
def test_a_date_is_understood_however_it_is_typed_day_before_month_and_the_past_before_the_future(typed, day):
    reading = read_day(typed, TODAY)
    assert reading is not None and reading.value == day.isoformat()


@pytest.mark.parametrize(
    "typed", ["", "soon", "i remember", "last year some time", "32/1/2026", "31 feb", "call 01632 960 001"]
)
def test_what_is_no_date_is_none(typed):
    assert read_day(typed, TODAY) is None


@pytest.mark.parametrize(
    ("typed", "now", "before"),
    [
        ("8 sorry 9", "9", "8"), ("*9", "9", ""), ("i meant 2", "2", ""), ("no wait, yes", "yes", ""),
        ("plain words", "plain words", ""), ("9 sorry", "9 sorry", ""),
    ],
)  # fmt: skip
def test_what_is_taken_back_is_told_from_what_holds(typed, now, before):
    assert split_taken_back(typed) == (now, before)


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("name", "Kelly", "Kelly"), ("name", "my name is Kelly", "Kelly"), ("name", "im Kelly M", "Kelly M"), ("place", "Westmarch", "Westmarch"),
        ("place", "wm4 2qt", "wm4 2qt"), ("reach", "call me after 4", "call me after 4"), ("reach", "ring me", "ring me"),
        ("reach", "text only pls", "text only pls"), ("anything_else", "he loves trains and hates noise", "he loves trains and hates "
                                                                                                          "noise"),
    ],
)  # fmt: skip
def test_words_are_kept_as_they_were_said(field, typed, kept):
    assert asked(field, typed).dialogue.answers[field] == [kept]


@pytest.mark.parametrize("field", ["name", "place", "reach", "anything_else"])
@pytest.mark.parametrize("typed", ["no", "nope", "skip", "idk", "rather not say", "no thanks"])
@pytest.mark.rule("SE-6")
def test_a_question_for_words_is_passed_over_with_one_word(field, typed):
    turn = asked(field, typed)
    assert field in turn.dialogue.skipped
    assert field not in turn.dialogue.answers
