"""Dates that the law sets: each has a clock of its own, is checked by a person, and jumps the queue (SE-3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from helpdesk.domain.enquiry_refusals import DeadlineEndedError, DeadlineUnknownError
from helpdesk.services.enquiries import deadlines, finishing
from helpdesk.services.enquiries.acting import lock_enquiry
from helpdesk.services.enquiries.deadlines import NewDeadline
from infrastructure.calendar import OfficeCalendar
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.trail import SYSTEM, Event
from service_request.domain.clocks import statutory_due
from service_request.models import Clock, ClockEnd, ClockKind, Deadline, Enquiry, ServiceRequest
from service_request.pathways.sendiass.codes import DeadlineKind
from service_request.pathways.sendiass.rules import NotAnEnquiry
from service_request.services.enquiries.telling_facts import apply_facts
from service_request.services.refusals import NotYoursError
from tests.enquirers import make_open_enquiry
from tests.factories import NOW, County
from tests.helpdesk.conftest import Ask
from tests.helpdesk.services.enquiries.conftest import Act

pytestmark = pytest.mark.rule("SE-3")
LETTER = date(2026, 11, 12)
APPEAL = NewDeadline(DeadlineKind.APPEAL, letter_on=LETTER)
NAMED = NewDeadline(DeadlineKind.OTHER, due_on=date(2026, 12, 1))


@pytest.fixture
def told(session: Session, house: House, adviser: User) -> UUID:
    """An enquiry whose text spoke of a permanent exclusion and of the letter's date."""
    return make_open_enquiry(session, house, facts={"letter": DeadlineKind.EXCLUSION, "letter_on": LETTER.isoformat()})


def running(ask: Ask) -> list[Clock]:
    return ask.all(Clock, Clock.kind == ClockKind.STATUTORY, Clock.ended_at.is_(None))


@pytest.mark.storage
@pytest.mark.rule("EV-7")
def test_what_was_said_of_a_letter_has_its_clock_at_once_and_waits_to_be_checked(told: UUID, ask: Ask) -> None:
    row = ask.one(Deadline)
    assert (row.kind, row.letter_on, row.is_checked, row.by_id) == (DeadlineKind.EXCLUSION, LETTER, False, None)
    (clock,) = running(ask)
    assert (clock.owner_kind, clock.owner_id, clock.request_id) == ("deadline", row.id, told)
    assert (
        clock.due_at.date() == row.due_on and [list(line) for line in clock.working[: len(row.working)]] == row.working
    )
    assert ask.one(Enquiry).deadline_on == row.due_on


@pytest.mark.storage
def test_one_that_a_person_adds_is_checked_and_the_earliest_jumps_the_queue(
    told: UUID, act: Act, ask: Ask, adviser: User
) -> None:
    act(deadlines.add_deadline, told, new=NAMED)
    rows = sorted(ask.all(Deadline), key=lambda row: row.due_on)
    assert [(row.kind, row.is_checked, row.by_id) for row in rows] == [
        (DeadlineKind.OTHER, True, adviser.id), (DeadlineKind.EXCLUSION, False, None),
    ]  # fmt: skip
    assert ask.one(Enquiry).deadline_on == date(2026, 12, 1)
    assert len(running(ask)) == 2, "each has a clock of its own"
    request = ask.one(ServiceRequest)
    assert request.next_due_at == min(clock.due_at for clock in ask.all(Clock, Clock.ended_at.is_(None)))


def test_the_same_one_twice_is_one(told: UUID, act: Act, ask: Ask) -> None:
    for _ in range(2):
        act(deadlines.add_deadline, told, new=APPEAL)
    assert len(ask.all(Deadline)) == 2 and len(running(ask)) == 2


def test_a_person_who_read_the_letter_says_so_once(told: UUID, act: Act, ask: Ask) -> None:
    row = ask.one(Deadline)
    for _ in range(2):
        act(deadlines.check_deadline, told, deadline_id=row.id)
    assert ask.one(Deadline).is_checked
    assert len(ask.all(Event, Event.act == "check_deadline")) == 1


@pytest.mark.storage
@pytest.mark.rule("EV-7")
def test_a_corrected_one_is_kept_and_its_clock_gives_way_to_the_right_one(told: UUID, act: Act, ask: Ask) -> None:
    wrong = ask.one(Deadline)
    right = NewDeadline(DeadlineKind.EXCLUSION, letter_on=date(2026, 11, 10))
    act(deadlines.correct_deadline, told, deadline_id=wrong.id, new=right)
    old, new = sorted(ask.all(Deadline), key=lambda row: row.ended_at is None)
    assert (old.id, old.end, old.letter_on) == (wrong.id, "corrected", LETTER)
    assert (new.letter_on, new.is_checked) == (date(2026, 11, 10), True) and new.due_on < old.due_on
    ends = {clock.owner_id: clock.end for clock in ask.all(Clock, Clock.kind == ClockKind.STATUTORY)}
    assert ends == {old.id: ClockEnd.SUPERSEDED, new.id: None}
    assert ask.one(Enquiry).deadline_on == new.due_on
    with pytest.raises(DeadlineEndedError):
        act(deadlines.correct_deadline, told, deadline_id=wrong.id, new=APPEAL)


def test_what_a_person_corrected_does_not_come_back_when_it_is_said_again(
    session: Session, house: House, told: UUID, act: Act, ask: Ask, adviser: User
) -> None:
    wrong = ask.one(Deadline)
    act(deadlines.correct_deadline, told, deadline_id=wrong.id, new=NAMED)
    with transaction(session):
        request, row = lock_enquiry(session, told, adviser)
        facts = {"letter": DeadlineKind.EXCLUSION.value, "letter_on": LETTER.isoformat()}
        apply_facts(session, request, row, facts, by=SYSTEM, now=NOW, house=house)
    assert [row.kind for row in ask.all(Deadline, Deadline.ended_at.is_(None))] == [DeadlineKind.OTHER]


@pytest.mark.storage
@pytest.mark.parametrize(("end", "clock"), [("met", ClockEnd.MET), ("withdrawn", ClockEnd.WITHDRAWN)])
def test_one_that_is_over_ends_with_its_clock_and_leaves_the_queue(
    told: UUID, act: Act, ask: Ask, end: str, clock: ClockEnd
) -> None:
    act(deadlines.close_deadline, told, deadline_id=ask.one(Deadline).id, end=end)
    assert (ask.one(Deadline).end, ask.one(Enquiry).deadline_on) == (end, None)
    assert ask.one(Clock, Clock.kind == ClockKind.STATUTORY).end is clock
    assert ask.one(Clock, Clock.kind == ClockKind.FIRST_CONTACT).ended_at is None, "the five days run on"
    with pytest.raises(DeadlineEndedError):
        act(deadlines.close_deadline, told, deadline_id=ask.one(Deadline).id, end="met")


def test_no_date_is_no_deadline_and_nothing_changed_is_no_correction(told: UUID, act: Act, ask: Ask) -> None:
    with pytest.raises(DeadlineUnknownError):
        act(deadlines.add_deadline, told, new=NewDeadline(DeadlineKind.OTHER))
    row = ask.one(Deadline)
    with pytest.raises(DeadlineUnknownError):
        act(deadlines.correct_deadline, told, deadline_id=row.id, new=NewDeadline(row.kind, letter_on=row.letter_on))
    assert ask.one(Deadline).ended_at is None
    with pytest.raises(DeadlineEndedError):
        act(deadlines.close_deadline, told, deadline_id=row.id, end="corrected")


@pytest.mark.rule("EV-7")
def test_set_aside_and_restored_its_dates_run_on_as_before(told: UUID, act: Act, ask: Ask) -> None:
    due = running(ask)[0].due_at
    act(finishing.set_aside, told, reason=NotAnEnquiry.WRONG_NUMBER)
    assert running(ask) == []
    act(finishing.restore, told, now=NOW + timedelta(hours=1))
    assert [clock.due_at for clock in running(ask)] == [due]


@pytest.mark.rule("SE-5")
def test_nobody_outside_touches_a_date_nor_anybody_one_of_another_enquiry(
    session: Session, house: House, told: UUID, act: Act, ask: Ask, county: County
) -> None:
    row = ask.one(Deadline)
    for service, values in (
        (deadlines.add_deadline, {"new": NAMED}),
        (deadlines.check_deadline, {"deadline_id": row.id}),
        (deadlines.close_deadline, {"deadline_id": row.id, "end": "met"}),
        (deadlines.correct_deadline, {"deadline_id": row.id, "new": NAMED}),
    ):
        with pytest.raises(NotYoursError):
            act(service, told, by=county.officer, **values)
    other = make_open_enquiry(session, house)
    for deadline_id in (row.id, uuid4()):
        with pytest.raises(DeadlineEndedError):
            act(deadlines.check_deadline, other, deadline_id=deadline_id)


@pytest.mark.rule("EV-7")
def test_the_law_moves_for_no_weekend_and_warns_five_working_days_before() -> None:
    due = statutory_due(date(2026, 12, 6), [("Letter", "…")], OfficeCalendar())  # a Sunday
    assert due.due_at == datetime(2026, 12, 6, 17, 0, tzinfo=UTC)
    assert due.warn_at == datetime(2026, 11, 30, 9, 0, tzinfo=UTC)  # Monday to Friday are five
    assert due.escalate_at == datetime(2026, 12, 4, 9, 0, tzinfo=UTC)  # the last working day before it
    assert due.working[0] == ("Letter", "…")
