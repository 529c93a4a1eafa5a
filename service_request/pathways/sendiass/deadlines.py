"""Dates that the law sets, worked out from the kind and the date of a letter (SE-3).

A date worked out here is a first date: it says in its last line that an adviser must read the letter. Where the law
leaves room, the earlier day is taken, since one that is too early harms nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from infrastructure.calendar import OfficeCalendar
from service_request.pathways.sendiass.codes import DeadlineKind

# School Discipline (Pupil Exclusions and Reviews) (England) Regulations 2012 (SI 2012/1033), reg 6: the governing board
# considers a permanent exclusion within 15 school days of being told of it; reg 7: a review is asked for within 15
# school days of the notice of its decision.
GOVERNORS_SCHOOL_DAYS = 15
REVIEW_SCHOOL_DAYS = 15
# Tribunal Procedure (First-tier Tribunal) (Health, Education and Social Care Chamber) Rules 2008, rule 20: two months
# from the notice of the decision, or one month from the mediation certificate, whichever is later.
APPEAL_MONTHS = 2
CERTIFICATE_MONTHS = 1
# Special Educational Needs and Disability Regulations 2014 (SI 2014/1530), reg 13: at least 15 days, beginning with the
# day on which the draft plan was served, to comment on it and to name a school.
DRAFT_PLAN_DAYS = 15

_EXCLUSIONS = "School exclusion regulations 2012"
_TRIBUNAL = "SEND Tribunal rules 2008, rule 20"
_PLANS = "SEND Regulations 2014, regulation 13"
_CHECK = ("Check the date", "Worked out from what was said. An adviser must read the letter")
_ONE_DAY = timedelta(days=1)

Holidays = Sequence[tuple[date, date]]


@dataclass(frozen=True)
class WorkedOut:
    """The last day on which something can be done, and how it was worked out: label and value, line by line."""

    due_on: date
    working: list[tuple[str, str]]


def work_out(
    kind: DeadlineKind,
    letter_on: date,
    calendar: OfficeCalendar,
    school_holidays: Holidays = (),
    *,
    certificate_on: date | None = None,
) -> WorkedOut | None:
    """Return the deadline that follows from a letter, or None where a person must enter it (SE-3).

    `certificate_on` is the date of a mediation certificate, where there is one beside the decision that is appealed.
    """
    if kind is DeadlineKind.EXCLUSION:
        promise = f"Governors meet within {GOVERNORS_SCHOOL_DAYS} school days of the notice"
        return _school_days(GOVERNORS_SCHOOL_DAYS, promise, letter_on, calendar, school_holidays)
    if kind is DeadlineKind.EXCLUSION_REVIEW:
        promise = f"Ask for a review panel within {REVIEW_SCHOOL_DAYS} school days of the governors' letter"
        return _school_days(REVIEW_SCHOOL_DAYS, promise, letter_on, calendar, school_holidays)
    if kind is DeadlineKind.APPEAL:
        return _appeal(letter_on, certificate_on)
    if kind is DeadlineKind.MEDIATION:
        due_on = letter_on + relativedelta(months=CERTIFICATE_MONTHS)
        lines = [
            ("Certificate", _day(letter_on)),
            ("Time limit", "Appeal within 1 month of a mediation certificate, or later where the decision allows it"),
            ("Last day", _day(due_on)),
            ("Source", _TRIBUNAL),
            _CHECK,
        ]
        return WorkedOut(due_on, lines)
    if kind is DeadlineKind.DRAFT_PLAN:
        due_on = letter_on + (DRAFT_PLAN_DAYS - 1) * _ONE_DAY
        lines = [
            ("Letter", _day(letter_on)),
            ("Time limit", f"{DRAFT_PLAN_DAYS} days to comment; the day of the letter is day 1"),
            ("Last day", _day(due_on)),
            ("Source", _PLANS),
            _CHECK,
        ]
        return WorkedOut(due_on, lines)
    return None


def parse_holidays(text: str) -> tuple[tuple[date, date], ...]:
    """Return the school holidays of a setting like "2026-12-21/2027-01-01, 2027-02-15/2027-02-19", first and last day.

    Raise ValueError, with a sentence, for what is no pair of dates in their order.
    """
    spans = []
    for part in (one.strip() for one in text.split(",") if one.strip()):
        first, slash, last = part.partition("/")
        try:
            span = (date.fromisoformat(first.strip()), date.fromisoformat((last if slash else first).strip()))
        except ValueError:
            raise ValueError(f"School holidays: {part} is not two dates like 2026-12-21/2027-01-01") from None
        if span[0] > span[1]:
            raise ValueError(f"School holidays: {part} ends before it begins")
        spans.append(span)
    return tuple(sorted(spans))


def is_school_day(day: date, calendar: OfficeCalendar, holidays: Holidays) -> bool:
    """Tell whether schools are open: a working day outside the holidays that the authority has set."""
    return calendar.is_working_day(day) and not any(first <= day <= last for first, last in holidays)


def _school_days(days: int, promise: str, letter_on: date, calendar: OfficeCalendar, holidays: Holidays) -> WorkedOut:
    day, counted = letter_on, 0
    while counted < days:
        day += _ONE_DAY
        counted += is_school_day(day, calendar, holidays)
    between = [(first, last) for first, last in holidays if first <= day and last > letter_on]
    left_out = "Weekends, bank holidays" + (
        "".join(f" and {_day(first)} to {_day(last)}" for first, last in between)
        if holidays
        else ". No school holidays are set, so that the true day may be later"
    )
    lines = [
        ("Letter", _day(letter_on)),
        ("Time limit", f"{promise}; the day after the letter is day 1"),
        ("Not counted", left_out),
        ("Last day", _day(day)),
        ("Source", _EXCLUSIONS),
        _CHECK,
    ]
    return WorkedOut(day, lines)


def _appeal(letter_on: date, certificate_on: date | None) -> WorkedOut:
    from_letter = letter_on + relativedelta(months=APPEAL_MONTHS)
    lines = [("Decision letter", _day(letter_on)), ("2 months from it", _day(from_letter))]
    due_on = from_letter
    if certificate_on is not None:
        from_certificate = certificate_on + relativedelta(months=CERTIFICATE_MONTHS)
        due_on = max(from_letter, from_certificate)
        lines += [
            ("Mediation certificate", _day(certificate_on)),
            ("1 month from it", _day(from_certificate)),
            ("Time limit", "The later of the two"),
        ]
    else:
        lines.append(("Time limit", "2 months, or 1 month from a mediation certificate where that is later"))
    return WorkedOut(due_on, [*lines, ("Last day", _day(due_on)), ("Source", _TRIBUNAL), _CHECK])


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
