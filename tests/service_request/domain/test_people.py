"""What is said of a person: initials, ages, dates that can't be right."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_request.domain.people import (
    OLDEST,
    age_on,
    age_or_due,
    check_birth_date,
    check_expected_date,
    display_age,
    initials,
    is_child,
    turned_18_waiting,
)

TODAY = date(2026, 11, 17)
dates = st.dates(date(1950, 1, 1), date(2060, 12, 31))


@pytest.mark.rule("EV-6")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Callum James Hartley", "C.H."),
        ("callum hartley", "C.H."),
        ("Anne-Marie Smith-Jones", "A.S."),
        ("Sean O'Neil", "S.O."),
        ("O’Neil", "O."),
        ("X", "X."),
        ("'Abd Allah", "A.A."),
        ("محمد علي", "م.ع."),
        ("Élodie Çelik", "É.Ç."),
        ("E\u0301lodie", "É."),
        ("李小龍", "李."),
        ("Оксана Шевченко", "О.Ш."),
        ("🦊", "🦊."),
        ("🦊 Fox", "🦊.F."),
        ("ßen", "ß."),
        ("3PO", "3."),
        ("  Ryan\u00a0\tHartley ", "R.H."),
        ("", "?"),
        ("   ", "?"),
        ("---", "?"),
        ("\u200b", "?"),
    ],
)
def test_every_name_has_initials(name, expected):
    assert initials(name) == expected


@pytest.mark.rule("EV-6")
@given(st.text())
def test_initials_never_hold_more_than_two_letters_of_a_name(name):
    short = initials(name)
    assert short == "?" or len(short.replace(".", "")) <= 2


@pytest.mark.parametrize(
    ("born", "shown"),
    [
        ("2017-03-14", "9"),
        ("2025-11-17", "1"),
        ("2025-11-18", "11 months"),
        ("2026-04-17", "7 months"),
        ("2026-10-17", "1 month"),
        ("2026-10-18", "30 days"),
        ("2026-11-16", "1 day"),
        ("2026-11-17", "0 days"),
        ("2027-01-09", "not born yet"),
    ],
)
def test_an_age_is_said_in_years_and_for_babies_in_months(born, shown):
    assert display_age(date.fromisoformat(born), TODAY) == shown


def test_a_child_in_a_list_has_an_age_or_a_date_to_come():
    assert age_or_due(date(2017, 3, 14), None, TODAY) == "9"
    assert age_or_due(None, date(2027, 1, 9), TODAY) == "due 9 Jan"
    assert age_or_due(None, None, TODAY) == ""


@given(dates, st.integers(0, 40))
def test_a_birthday_adds_exactly_one_year(born, years):
    try:
        birthday = born.replace(year=born.year + years)
    except ValueError:
        birthday = date(born.year + years, 3, 1)
    assert age_on(born, birthday) == years
    assert age_on(born, birthday - timedelta(1)) == years - 1


@pytest.mark.rule("GL-18")
def test_a_child_is_under_18_on_the_day_of_receipt():
    assert is_child(date(2008, 11, 18), TODAY)
    assert not is_child(date(2008, 11, 17), TODAY)


@pytest.mark.rule("GL-18")
def test_the_unborn_and_those_of_unknown_age_are_children():
    assert is_child(None, TODAY)
    assert is_child(date(2027, 1, 9), TODAY)


@pytest.mark.rule("GL-18")
@given(dates, dates, st.integers(0, 60))
def test_one_who_turns_18_while_waiting_is_flagged_and_nobody_else(born, received, waited):
    today = received + timedelta(waited)
    flagged = turned_18_waiting(born, received, today)
    assert flagged == (age_on(born, received) < 18 <= age_on(born, today))
    assert not turned_18_waiting(None, received, today)


@pytest.mark.rule("GL-18")
@given(dates)
def test_a_birth_date_is_taken_exactly_when_it_is_a_childs(born):
    assert (check_birth_date(born, TODAY) is None) == (born <= TODAY and age_on(born, TODAY) < 18)


@pytest.mark.parametrize("born", ["2026-11-18", "2060-01-01", "1986-11-17", "1850-01-01"])
def test_a_birth_date_in_the_future_or_of_a_40_year_old_says_what_to_enter(born):
    assert check_birth_date(date.fromisoformat(born), TODAY).startswith("Enter ")


def test_an_adult_of_the_household_may_be_40_and_not_140():
    assert check_birth_date(date(1986, 11, 17), TODAY, under=OLDEST) is None
    assert check_birth_date(date(1886, 11, 17), TODAY, under=OLDEST).startswith("Enter ")


@given(st.integers(-400, 400))
def test_an_expected_date_is_about_a_pregnancy_of_now(days):
    error = check_expected_date(TODAY + timedelta(days), TODAY)
    assert (error is None) == (-28 <= days <= 301)
    assert error is None or error.startswith("Enter ")
