"""What can be said of a person without saying too much: initials, age, and whether a birth date can be right."""

import unicodedata
from datetime import date, timedelta

ADULT_AT = 18  # GL-18
OLDEST = 120  # an adult of the household
MONTHS_UNTIL = 1  # years: before the first birthday an age is said in months
EXPECTED_PAST = timedelta(days=28)  # a birth may be late, and a form later still
EXPECTED_AHEAD = timedelta(days=301)  # 43 weeks
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def initials(name: str) -> str:
    """Return the first letters of the first and the last name, in any script, or "?" (EV-6)."""
    letters = [letter for word in unicodedata.normalize("NFC", name).split() if (letter := _first_of(word))]
    if not letters:
        return "?"
    ends = letters if len(letters) == 1 else [letters[0], letters[-1]]
    return "".join(f"{letter}." for letter in ends)


def age_on(birth_on: date, on: date) -> int:
    """Return whole years; somebody born on 29 February is a year older on 1 March, where there is no 29th."""
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))


def display_age(birth_on: date, on: date) -> str:
    """Return "9" in years, or "7 months" and "12 days" for a baby."""
    if birth_on > on:
        return "not born yet"
    years = age_on(birth_on, on)
    if years >= MONTHS_UNTIL:
        return str(years)
    months = (on.year - birth_on.year) * 12 + on.month - birth_on.month - (on.day < birth_on.day)
    return _count(months, "month") if months else _count((on - birth_on).days, "day")


def age_or_due(birth_on: date | None, expected_on: date | None, on: date) -> str:
    """Return what stands behind a child's name in a list: "9", "7 months", "due 9 Jan", or nothing when not known."""
    if birth_on is not None:
        return display_age(birth_on, on)
    if expected_on is not None:
        return f"due {expected_on.day} {_MONTHS[expected_on.month - 1]}"
    return ""


def is_child(birth_on: date | None, on: date) -> bool:
    """Tell whether somebody is under 18 on the day; the unborn and those of unknown age are children (GL-18)."""
    return birth_on is None or age_on(birth_on, on) < ADULT_AT


def turned_18_waiting(birth_on: date | None, received_on: date, today: date) -> bool:
    """Tell whether a child has turned 18 since the day of receipt: flagged, and decided all the same (GL-18)."""
    return is_child(birth_on, received_on) and not is_child(birth_on, today)


def check_birth_date(birth_on: date, on: date, *, under: int = ADULT_AT) -> str | None:
    """Return what to do about a birth date that can't be right, or None (W2, GL-18).

    `under` is 18 for a child of the request; for an adult of the household give OLDEST.
    """
    if birth_on > on:
        return "Enter a date of birth in the past, or select that the child is not born yet"
    if age_on(birth_on, on) >= under:
        if under == ADULT_AT:
            return f"Enter a date of birth less than {ADULT_AT} years ago: this part is about a child under {ADULT_AT}"
        return f"Enter a date of birth less than {under} years ago"
    return None


def check_expected_date(expected_on: date, on: date) -> str | None:
    """Return what to do about an expected date of birth that can't be right, or None (W2)."""
    if expected_on < on - EXPECTED_PAST:
        return "Enter the date of birth instead if the child is born, or the date the child is expected now"
    if expected_on > on + EXPECTED_AHEAD:
        return "Enter an expected date of birth within the next 10 months"
    return None


def _first_of(word: str) -> str:
    """Return the first letter or digit of a word, failing that its first symbol (an emoji is a name too)."""
    for character in word:
        if character.isalnum():
            capital = character.upper()
            return capital if len(capital) == 1 else character
    return next((character for character in word if unicodedata.category(character) == "So"), "")


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
