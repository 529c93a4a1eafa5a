"""A date typed in three boxes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_request.domain.dates import NotADateError, read_date


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_every_real_date_is_read_with_a_month_as_number_or_name(day):
    for month in (str(day.month), f"{day.month:02}", f"{day:%B}", f"{day:%b}".upper()):
        assert read_date(f" {day.day} ", month, str(day.year)) == day


def test_three_empty_boxes_are_no_date():
    assert read_date("", " ", "") is None


@pytest.mark.parametrize(
    ("boxes", "sentence"),
    [
        (("31", "2", "2017"), "Enter a real date, like 27 3 2017"),
        (("29", "2", "2027"), "Enter a real date, like 27 3 2017"),
        (("14", "13", "2017"), "Enter a real date, like 27 3 2017"),
        (("14", "ma", "2017"), "Enter a real date, like 27 3 2017"),
        (("-1", "3", "2017"), "Enter a real date, like 27 3 2017"),
        (("14", "3", "0017"), "Enter a real date, like 27 3 2017"),
        (("²", "3", "2017"), "Enter a real date, like 27 3 2017"),
        (("14", "3", "17"), "Enter the year with 4 figures, like 2017"),
        (("", "3", "2017"), "Enter the day as well"),
        (("14", "", ""), "Enter the month and the year as well"),
    ],
)
def test_what_is_no_date_says_what_to_enter(boxes, sentence):
    with pytest.raises(NotADateError) as refusal:
        read_date(*boxes)
    assert refusal.value.sentence == sentence


@given(st.text(), st.text(), st.text())
def test_no_text_in_a_box_breaks_it(day, month, year):
    try:
        read = read_date(day, month, year)
    except NotADateError as refusal:
        read = None
        advice = refusal.sentence
    else:
        advice = "Enter "
    assert advice.startswith("Enter ")
    assert read is None or isinstance(read, date)
