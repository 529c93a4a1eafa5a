"""For whom the service is, to the day, and that what is withheld refuses nobody."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_request.pathways.sendiass.codes import Eligible, EnquirerKind, InArea
from service_request.pathways.sendiass.eligibility import eligible, in_area, in_own_right

TODAY = date(2026, 11, 16)
PREFIXES = frozenset(("WM1", "WM4", "WM9 7"))
AREAS = frozenset(("teasel vale", "saltby"))
SERVED = (EnquirerKind.PARENT, EnquirerKind.CARER, EnquirerKind.CHILD, EnquirerKind.YOUNG_PERSON)


def birthday(born, number):
    """Return the day on which somebody is `number`: those of 29 February on 1 March, where there is no 29th."""
    try:
        return born.replace(year=born.year + number)
    except ValueError:
        return date(born.year + number, 3, 1)


def ask(**changes):
    told = {"enquirer": EnquirerKind.PARENT, "age": "9", "birth_on": None, "send": "yes", "today": TODAY}
    return eligible(**(told | changes))


@pytest.mark.rule("SE-2")
@given(
    enquirer=st.sampled_from(EnquirerKind),
    born=st.none() | st.dates(date(1990, 1, 1), date(2027, 6, 1)),
    age=st.sampled_from(["", "0", "9", "15", "16", "25", "26", "40", "nine", "-1"]),
    send=st.sampled_from(["", "yes", "maybe", "no", "not_known"]),
    today=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
)
def test_eligible_is_what_the_rule_says_read_slowly(enquirer, born, age, send, today):
    known = [n for n in range(60) if born and born <= today and birthday(born, n) <= today] or None
    years = max(known) if known else (int(age) if not born and age.isdecimal() else None)
    if enquirer is EnquirerKind.PROFESSIONAL or send == "no" or (years is not None and years > 25):
        expected = Eligible.NO
    elif (
        enquirer not in SERVED
        or send not in ("yes", "maybe")
        or (years is None and enquirer in (EnquirerKind.PARENT, EnquirerKind.CARER))
    ):
        expected = Eligible.UNSURE
    else:
        expected = Eligible.YES
    assert eligible(enquirer=enquirer, age=age, birth_on=born, send=send, today=today) is expected


@pytest.mark.rule("SE-2")
@given(born=st.dates(date(1996, 1, 1), date(2014, 12, 31)), off=st.integers(-3, 3), number=st.sampled_from((16, 26)))
def test_a_young_person_asks_in_their_own_right_from_the_16th_birthday_until_the_26th(born, off, number):
    today = birthday(born, number) + timedelta(days=off)
    by_hand = birthday(born, 16) <= today < birthday(born, 26)
    assert in_own_right(age="", birth_on=born, today=today) is by_hand


@pytest.mark.rule("SE-2")
@pytest.mark.parametrize(
    ("born", "today", "answer"),
    [
        (date(2000, 11, 17), TODAY, Eligible.YES),  # 25 until tomorrow
        (date(2000, 11, 16), TODAY, Eligible.NO),  # 26 today
        (date(2000, 2, 29), date(2026, 2, 28), Eligible.YES),
        (date(2000, 2, 29), date(2026, 3, 1), Eligible.NO),
        (date(2026, 12, 24), TODAY, Eligible.UNSURE),  # not born yet: a person looks
    ],
)
def test_the_26th_birthday_ends_it(born, today, answer):
    assert ask(birth_on=born, today=today) is answer


@pytest.mark.rule("SE-2")
@pytest.mark.rule("SE-6")
def test_what_is_withheld_refuses_nobody():
    assert ask(age="", send="", enquirer=EnquirerKind.NOT_KNOWN) is Eligible.UNSURE
    assert ask(age="") is Eligible.UNSURE
    assert ask(send="not_known") is Eligible.UNSURE
    assert in_area(postcode="", place="", prefixes=PREFIXES, areas=AREAS) is InArea.NOT_GIVEN
    assert in_own_right(age="", birth_on=None, today=TODAY) is None


@pytest.mark.rule("SE-2")
@pytest.mark.parametrize(
    ("postcode", "place", "answer"),
    [
        ("WM4 2QT", "", InArea.YES),
        ("wm42qt", "", InArea.YES),
        ("WM4", "", InArea.YES),
        ("", "12 Mill Lane, WM4 2QT", InArea.YES),
        ("", "wm1", InArea.YES),
        ("ZZ1 1AA", "", InArea.NO),
        ("", "Otherton ZZ1 1AA", InArea.NO),
        ("WM9 7AB", "", InArea.YES),
        ("WM9 1AB", "", InArea.NO),
        ("WM9", "", InArea.NOT_GIVEN),  # part of it is ours
        ("", "near Saltby station", InArea.YES),
        ("", "Otherton", InArea.NOT_GIVEN),  # a place that nobody listed
        ("", "flat E4", InArea.NOT_GIVEN),  # no postcode
        ("dont know", "", InArea.NOT_GIVEN),
        ("", "rather not", InArea.NOT_GIVEN),
    ],
)
def test_the_area_is_told_by_postcode_or_place(postcode, place, answer):
    assert in_area(postcode=postcode, place=place, prefixes=PREFIXES, areas=AREAS) is answer


@pytest.mark.rule("SE-2")
@given(st.text(max_size=40), st.text(max_size=12))
def test_where_no_area_is_set_nobody_is_outside(place, postcode):
    assert in_area(postcode=postcode, place=place, prefixes=frozenset(), areas=frozenset()) is InArea.NOT_GIVEN
