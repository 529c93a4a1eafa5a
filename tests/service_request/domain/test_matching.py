"""A child seen before is recognised; nobody is merged."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from service_request.domain.match_reasons import REASON_CODES, reason_item, say_reason
from service_request.domain.matching import PersonFacts, compare, match_keys, sought_keys
from service_request.domain.names import compare_names, initial, skeleton, sound, tokens

CALLUM = PersonFacts("Callum James Hartley", birth_on=date(2017, 3, 14), postcode="WM4 2QT")
FIRST = st.sampled_from(
    ["Callum", "Amelia", "Zakariya", "Chloe", "Oskar", "Maisie", "Finn", "Isla", "Leon", "Evie", "Siobhan", "Ngozi"]
)
LAST = st.sampled_from(["Hartley", "Okoro", "Noor", "Brandt", "Wieczorek", "Dunn", "O'Neil", "Whitcombe", "Penrose"])
full_names = st.tuples(FIRST, LAST).map(" ".join)
births = st.dates(date(2008, 1, 1), date(2026, 11, 17))
LETTERS = st.sampled_from("abcdefghijklmnopqrstuvwxyz")


@st.composite
def slips(draw, names=full_names):
    """Draw a name and the same name with one letter wrong, missing, added, swapped with its neighbour, or doubled."""
    name = draw(names)
    at = draw(st.integers(0, len(name) - 1).filter(lambda i: name[i].isalpha()))
    letter = draw(LETTERS)
    ways = [name[:at] + letter + name[at + 1 :], name[:at] + name[at + 1 :], name[:at] + letter + name[at:]]
    if at + 1 < len(name) and name[at + 1].isalpha():
        ways.append(name[:at] + name[at + 1] + name[at] + name[at + 2 :])
    return name, draw(st.sampled_from(ways))


@st.composite
def date_slips(draw):
    """Draw a date and the same with one figure wrong, two swapped within a part, or day and month swapped."""
    day = draw(births)
    text = f"{day:%d%m%Y}"
    at = draw(st.integers(0, 7))
    ways = [text[:at] + figure + text[at + 1 :] for figure in "0123456789"]
    ways += [text[1] + text[0] + text[2:], text[:2] + text[3] + text[2] + text[4:], text[2:4] + text[:2] + text[4:]]
    ways.append(text[:6] + text[7] + text[6])
    wrong = draw(st.sampled_from(ways))
    try:
        return day, date(int(wrong[4:]), int(wrong[2:4]), int(wrong[:2]))
    except ValueError:
        return day, day


def is_found(a: PersonFacts, b: PersonFacts) -> bool:
    """Tell whether each finds the other, whichever was kept first, and is offered."""
    return bool(match_keys(a) & sought_keys(b)) and bool(match_keys(b) & sought_keys(a)) and compare(a, b).is_hint


@pytest.mark.rule("EV-4")
@given(slips(), births)
def test_a_child_is_recognised_through_one_typing_slip_in_the_name(slip, born):
    name, typed = slip
    assert is_found(PersonFacts(name, born), PersonFacts(typed, born))


@pytest.mark.rule("EV-4")
@given(full_names, date_slips())
def test_a_child_is_recognised_through_one_typing_slip_in_the_birth_date(name, slip):
    born, typed = slip
    assert is_found(PersonFacts(name, born), PersonFacts(name, typed))


@pytest.mark.rule("EV-4")
@given(slips(), births, st.integers(1, 28))
def test_a_child_is_recognised_through_a_slip_in_the_name_and_one_in_the_day_where_a_name_is_heard_alike(
    slip, born, day
):
    name, typed = slip
    one, other = PersonFacts(name, born), PersonFacts(typed, born.replace(day=day))
    heard = {sound(word) for word in tokens(name)} & {sound(word) for word in tokens(typed)}
    if heard and compare(one, other).is_hint:
        assert is_found(one, other)


@pytest.mark.rule("EV-4")
@given(full_names, births, st.integers(-42, 42))
def test_a_child_expected_is_found_from_either_side_without_an_address(name, born, days):
    expected = PersonFacts(name, expected_on=born + timedelta(days=days))
    assert is_found(expected, PersonFacts(name, born))


def test_two_born_children_who_share_a_sound_and_a_month_alone_are_not_compared():
    one, other = PersonFacts("Callum Hartley", date(2017, 3, 14)), PersonFacts("Callum Okoro", date(2017, 3, 2))
    assert not match_keys(one) & sought_keys(other)


@pytest.mark.rule("EV-4")
@given(slips(FIRST.filter(lambda name: len(name) > 3)), births)
def test_a_child_of_one_name_is_recognised_through_a_slip(slip, born):
    name, typed = slip
    assert is_found(PersonFacts(name, born, postcode="WM4 2QT"), PersonFacts(typed, born, postcode="WM4 2QT"))


@pytest.mark.rule("EV-4")
@given(FIRST, FIRST, LAST, births)
def test_a_child_is_recognised_in_any_order_of_names_and_without_the_middle_one(first, middle, last, born):
    assume(first != middle)
    whole = PersonFacts(f"{first} {middle} {last}", born)
    assert is_found(whole, PersonFacts(f"{last.upper()}, {first} {middle}", born))
    assert is_found(whole, PersonFacts(f"{first} {last}", born))
    assert is_found(whole, PersonFacts(f"{last} {first}", born + timedelta(days=0)))


@pytest.mark.rule("EV-4")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mohammed Ali", "Muhammad Ali"),
        ("Mohamed Ali", "Mohd Ali"),
        ("Mohammad Ali", "محمد علي"),
        ("Yasir Hussain", "ياسر حسين"),  # the Arabic yeh
        ("Yasir Hussain", "یاسر حسین"),  # the same in Urdu, whose yeh is another letter
        ("Ahmed Hussain", "Ahmad Husain"),
        ("Siobhán O'Neil", "Siobhan ONeill"),
        ("Zoë Müller", "Zoe Muller"),
        ("Łukasz Wójcik", "Lukasz Wojcik"),
        ("Оксана Шевченко", "Oksana Shevchenko"),
        ("Callum Hartley", "Callum Hartly"),
        ("Stephen Mac Donald", "Steven McDonald"),
        ("Catherine Smith-Jones", "Katherine Smith Jones"),
        ("Thomas Brandt", "Tom Brandt"),
        ("Abdul Rahman", "Abdulrahman"),
        ("Al-Hassan Noor", "Hassan Noor"),
        ("Mr Leon Marsh", "leon marsh"),
    ],
)
def test_a_child_is_recognised_across_spellings_and_scripts(one, other):
    born = date(2017, 3, 14)
    assert is_found(PersonFacts(one, born), PersonFacts(other, born))


@pytest.mark.rule("EV-4")
def test_a_child_is_recognised_by_another_name_known():
    once = PersonFacts("Spud Carter", date(2017, 3, 14))
    assert is_found(PersonFacts("Callum Hartley", date(2017, 3, 14), also_known="Spud Carter"), once)


@pytest.mark.rule("EV-4")
def test_a_number_that_only_one_child_has_is_enough():
    one = PersonFacts("Callum Hartley", nhs_number="999 000 0018")
    other = PersonFacts("C H", date(2017, 3, 14), nhs_number="9990000018")
    assert is_found(one, other)
    assert "nhs_number_same" in compare(one, other).agrees
    assert is_found(
        replace(one, nhs_number="", upn="a123456789012"), replace(other, nhs_number="", upn="A123456789012")
    )


@pytest.mark.rule("EV-4")
def test_a_child_expected_is_recognised_when_born():
    unborn = PersonFacts("Baby Whitcombe", expected_on=date(2027, 1, 9), postcode="WM4 2QT")
    born = PersonFacts("Finn Whitcombe", birth_on=date(2026, 12, 30), postcode="WM4 2QT")
    assert is_found(unborn, born)
    assert is_found(unborn, replace(unborn, expected_on=date(2027, 1, 20)))
    assert not is_found(unborn, replace(born, birth_on=date(2025, 1, 9)))


@pytest.mark.rule("EV-4")
@given(full_names, births, full_names, births)
def test_two_children_with_nothing_in_common_are_no_hint(one, born, other, other_born):
    assume(not set(tokens(one)) & set(tokens(other)))
    assume(sorted((born.day, born.month)) != sorted((other_born.day, other_born.month)))
    assume(compare_names(one, other) == "differs")
    assert not compare(PersonFacts(one, born, postcode="WM4 2QT"), PersonFacts(other, other_born)).is_hint


@pytest.mark.parametrize(
    "other",
    [
        PersonFacts("Callum Hartley", date(2009, 11, 2), postcode="WM9 1AA"),  # a namesake
        PersonFacts(
            "Callum Brandt", date(2017, 3, 14), postcode="SB1 4TT"
        ),  # another Callum of the same day, elsewhere
        PersonFacts("Ryan Hartley", date(2020, 8, 2), postcode="WM4 2QT"),  # his brother
        PersonFacts("Maisie Dunn", date(2017, 3, 14), postcode="WM4 2QT"),
        PersonFacts("Callum Hartley"),
        PersonFacts(""),
    ],
)
def test_a_namesake_a_brother_or_a_birthday_shared_is_no_hint(other):
    assert not compare(CALLUM, other).is_hint


@pytest.mark.rule("EV-4")
@given(full_names, births, st.sampled_from(["", "WM4 2QT"]))
def test_no_key_holds_one_fact_alone(name, born, postcode):
    person = PersonFacts(name, born, postcode=postcode)
    for kind, text in match_keys(person) | sought_keys(person):
        assert kind in {"nhs", "upn"} or all(text.split("|")), (kind, text)
        assert text not in {name, str(born), postcode, *tokens(name)}
    for one in (PersonFacts(name), PersonFacts("", born)):
        assert match_keys(one) == sought_keys(one) == set()


@example("0:0", "00:0", None, None)
@example("Lee Lee", "Leah Lee", None, None)
@given(st.text(), st.text(), st.none() | births, st.none() | births)
def test_no_name_breaks_matching_and_everyone_is_like_themselves(name, other, born, other_born):
    a, b = PersonFacts(name, born, postcode="WM4 2QT"), PersonFacts(other, other_born, postcode="WM4 2QT")
    here, there = compare(a, b), compare(b, a)
    assert 0 <= here.score <= 100
    assert (here.score, here.is_hint) == (there.score, there.is_hint)
    if tokens(name) and born:
        assert compare(a, a).is_hint
        assert match_keys(a) & sought_keys(replace(a))


@given(slips(), births, births)
def test_the_codes_hold_no_facts_and_each_has_its_words(slip, born, other_born):
    name, typed = slip
    a, b = PersonFacts(name, born, postcode="WM4 2QT"), PersonFacts(typed, other_born, postcode="WM5 2QT")
    likeness = compare(a, b)
    for code in [*likeness.agrees, *likeness.differs]:
        assert code in REASON_CODES
        assert reason_item(code)
        assert "{" not in say_reason(code, a, b)


@pytest.mark.rule("EV-4")
def test_a_person_reads_what_agrees_and_what_differs_in_plain_words():
    earlier = PersonFacts("Callum Hartly", date(2017, 3, 14), postcode="wm4 2qt")
    known = replace(CALLUM, name="Callum Hartley")
    likeness = compare(known, earlier)
    said = {reason_item(code): say_reason(code, known, earlier) for code in likeness.agrees}
    assert said == {
        "Born": "Same: 14 Mar 2017",
        "Name": "One letter differs: Callum Hartly",
        "Address": "Same postcode",
    }
    assert likeness.differs == []


def test_a_brother_with_a_date_a_year_off_is_asked_about():
    ryan = PersonFacts("Ryan Hartley", date(2020, 8, 2), postcode="WM4 2QT")
    earlier = PersonFacts("Ryan Hartley", date(2019, 8, 2), postcode="SB1 4TT")
    likeness = compare(ryan, earlier)
    assert likeness.is_hint
    assert likeness.differs == ["postcode_differs"]
    assert say_reason("born_slip", ryan, earlier) == "Differs by one part: 2 Aug 2019"


def test_different_numbers_speak_against_but_do_not_hide_the_same_child():
    one = replace(CALLUM, nhs_number="999 000 0018")
    other = replace(CALLUM, nhs_number="999 000 0026")
    likeness = compare(one, other)
    assert "nhs_number_differs" in likeness.differs
    assert likeness.is_hint
    assert likeness.score < compare(one, one).score


def test_names_that_sound_alike_share_their_sound_and_first_letter():
    assert sound("hartley") == sound("hartly")
    assert sound("mohammed") == sound("muhammad") == sound("mhmd")
    assert initial("catherine") == initial("katherine")
    assert initial("phillip") == initial("filip")
    assert skeleton("mohammed") == skeleton("mhmd")
    assert sound("mcdonald") == sound("macdonald")
    assert tokens("Mc Donald") == ("mcdonald",)


def test_a_sound_finds_a_child_where_the_first_letter_does_not():
    one, other = PersonFacts("Knight", date(2017, 3, 14)), PersonFacts("Night", date(2017, 3, 14))
    shared = {kind for kind, _ in match_keys(one) & match_keys(other)}
    assert "sound_birth" in shared
    assert "initial_birth" not in shared


def test_day_and_month_swapped_are_found_by_a_key_of_their_own():
    one, other = PersonFacts("Knight", date(2017, 3, 11)), PersonFacts("Knight", date(2017, 11, 3))
    assert {kind for kind, _ in match_keys(one) & match_keys(other)} == {"pair_swapped"}
