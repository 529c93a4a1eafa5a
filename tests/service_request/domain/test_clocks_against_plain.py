"""Every promise falls due when a slow, plain walk over days and minutes says so (EV-7)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from infrastructure.calendar import Hours, OfficeCalendar
from service_request.domain.clocks import (
    DecisionPromise,
    Due,
    acknowledge_due,
    chases,
    decision_due,
    first_contact_due,
    statutory_due,
    written_form_due,
)
from tests.service_request.domain.plain_clock import DAY, HOUR, MINUTE, PlainOffice, on_the_wall, same_time, shown

pytestmark = pytest.mark.rule("EV-7")
fewer = settings(max_examples=60)  # each walks some thousand minutes
Offices = tuple[PlainOffice, OfficeCalendar]

# Around what goes wrong: both hour changes, midnight, Friday evening, Christmas, the turn of a year.
STARTS = [
    datetime(2026, 3, 27, 17, 30), datetime(2026, 3, 29, 0, 30), datetime(2026, 3, 29, 1, 0),
    datetime(2026, 10, 24, 0, 30), datetime(2026, 10, 25, 0, 30), datetime(2026, 10, 25, 1, 30),
    datetime(2026, 11, 16, 23, 59), datetime(2026, 11, 17, 0, 0), datetime(2026, 11, 20, 22, 0),
    datetime(2026, 12, 23, 16, 59), datetime(2026, 12, 24, 12, 0), datetime(2026, 12, 25, 9, 0),
    datetime(2026, 12, 31, 23, 59), datetime(2027, 1, 1, 0, 0), datetime(2026, 6, 30, 22, 59),
]  # fmt: skip
minutes = st.integers(0, 366 * 24 * 60).map(lambda n: datetime(2026, 2, 1) + MINUTE * n)
starts = st.sampled_from(STARTS) | minutes
near = st.sampled_from(STARTS).flatmap(lambda at: st.integers(-3, 6).map(lambda n: at.date() + DAY * n))
hours = st.sampled_from([(540, 1020), (510, 990), (540, 720), (600, 1200), (1, 1439)])


@st.composite
def offices(draw: st.DrawFn) -> Offices:
    """The same office said twice: as it is kept, and plainly."""
    week = draw(st.just(dict.fromkeys(range(5), (540, 1020))) | st.dictionaries(st.integers(0, 6), hours, min_size=2))
    closed, opened = draw(st.sets(near, max_size=3)), draw(st.sets(near, max_size=3))
    own = draw(st.dictionaries(st.sampled_from(sorted(opened)), hours)) if opened else {}
    plain = PlainOffice(week, closed, opened, own)
    kept = OfficeCalendar(
        closed=frozenset(closed),
        opened=frozenset(opened),
        week=tuple(as_times(week[n]) if n in week else None for n in range(7)),
        day_hours={day: as_times(one) for day, one in own.items()},
    )
    return plain, kept


@lru_cache
def as_times(one: tuple[int, int]) -> Hours:
    return tuple(time(*divmod(minute, 60)) for minute in one)  # type: ignore[return-value]


def utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC)


def is_in_order(start: datetime, due: Due) -> bool:
    return utc(start) <= due.warn_at <= due.due_at <= due.escalate_at


@pytest.mark.rule("GL-8")
@given(starts, offices(), st.sampled_from(DecisionPromise))
@example(datetime(2026, 3, 28, 22, 0), (PlainOffice(), OfficeCalendar()), DecisionPromise.HOURS_24)
def test_a_decision(start: datetime, both: Offices, promise: DecisionPromise) -> None:
    plain, kept = both
    hours_on, day = start + 24 * HOUR, plain.closes(plain.working_day(on_the_wall(start).date(), 1))
    wanted = {"24_hours": hours_on, "working_day": day, "earlier_of_both": min(hours_on, day)}[promise]
    due = decision_due(utc(start), promise, kept)
    assert due.due_at == due.escalate_at == utc(wanted)
    assert due.warn_at == max(utc(start), utc(wanted - 2 * HOUR))
    assert is_in_order(start, due)


@pytest.mark.rule("GL-17")
@fewer
@given(starts, offices(), st.integers(1, 3))
def test_an_acknowledgement(start: datetime, both: Offices, days: int) -> None:
    plain, kept = both
    wanted = same_time(plain, start, days)
    due = acknowledge_due(utc(start), days, kept)
    assert due.due_at == due.escalate_at == utc(wanted)
    assert due.warn_at == utc(plain.half_of_open_time(start, wanted) or wanted)
    assert is_in_order(start, due)


@pytest.mark.rule("SE-3")
@given(starts, offices(), st.integers(1, 5))
def test_a_first_contact(start: datetime, both: Offices, days: int) -> None:
    plain, kept = both
    last = plain.working_day(on_the_wall(start).date(), days)
    due = first_contact_due(utc(start), kept, days)
    assert (due.due_at, due.warn_at) == (utc(plain.closes(last)), utc(plain.opens(last)))
    assert is_in_order(start, due)


@pytest.mark.rule("GL-17")
@fewer
@given(starts, offices(), st.sets(st.integers(1, 5), min_size=1, max_size=2))
def test_chases(start: datetime, both: Offices, days: set[int]) -> None:
    plain, kept = both
    wanted = [utc(plain.next_open(same_time(plain, start, day))) for day in sorted(days)]
    chase = chases(utc(start), kept, tuple(days))
    assert list(chase.chase_at) == wanted
    assert chase.desk_at == utc(plain.next_open(same_time(plain, start, max(days) + 1)))
    assert list(chase.chase_at) == sorted(chase.chase_at) and chase.chase_at[-1] <= chase.desk_at


@pytest.mark.rule("SE-3")
@given(near, offices())
def test_a_date_that_the_law_sets(day: date, both: Offices) -> None:
    plain, kept = both

    def working_days_before(number: int) -> date:
        found = day
        while number:
            found -= DAY
            number -= plain.hours(found) is not None
        return found

    due = statutory_due(day, [], kept)
    assert due.due_at == utc(shown(day, (plain.hours(day) or (540, 1020))[1])), "worked or not, it moves for nobody"
    assert due.warn_at == utc(plain.opens(working_days_before(5)))
    assert due.escalate_at == utc(plain.opens(working_days_before(1)))


@pytest.mark.rule("GL-17")
@fewer
@given(starts, offices())
def test_a_written_form(start: datetime, both: Offices) -> None:
    plain, kept = both
    end = start + 24 * HOUR
    before = end - 2 * HOUR
    wanted = before if plain.is_open(before) else plain.half_of_open_time(start, end) or end
    due = written_form_due(utc(start), kept)
    assert (due.due_at, due.warn_at) == (utc(end), utc(wanted))
    assert is_in_order(start, due)


@given(starts, st.integers(0, 4 * 24 * 60), offices(), st.sampled_from(DecisionPromise))
def test_who_comes_later_is_due_no_earlier(start: datetime, more: int, both: Offices, promise: DecisionPromise) -> None:
    kept, first, then = both[1], utc(start), utc(start + MINUTE * more)
    assert decision_due(first, promise, kept).due_at <= decision_due(then, promise, kept).due_at
    assert first_contact_due(first, kept).due_at <= first_contact_due(then, kept).due_at
    assert written_form_due(first, kept).due_at <= written_form_due(then, kept).due_at
    assume(
        all(kept.is_working_day(kept.local_day(at)) for at in (first, then))
    )  # GL-17: a Saturday's 10:00 is Monday's
    assume(kept.local(first).date() < date(2026, 10, 25) or more > 120)  # the hour that the wall shows twice
    assert acknowledge_due(first, 1, kept).due_at <= acknowledge_due(then, 1, kept).due_at + timedelta(hours=1)
