"""A draft that will lapse is told to its proven owner once, in office hours, and in time (W13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy.orm import Session

from infrastructure.calendar import OfficeCalendar
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.outbox import OutboxMessage
from service_request.models import Draft
from service_request.pathways.social_care.forms import FormKind
from service_request.services.drafts import save_step, start_draft
from service_request.services.reminding import last_to_tell, list_lapsing, remind
from tests.plugins.house import Mailbox

ADDRESS = "s.rahman@brookfield.example"
TUESDAY = datetime(2026, 11, 3, 10, tzinfo=UTC)  # a draft of then lapses on Tuesday 17 November


def begin(session: Session, house: House, *, proven: bool = True) -> tuple[UUID, str]:
    begun = start_draft(session, kind=FormKind.FULL, device=None, now=TUESDAY, house=house)
    if proven:
        with transaction(session):
            draft = session.get_one(Draft, begun.id)
            draft.proven_email, draft.owner_hash, draft.proven_at = ADDRESS, ADDRESS, TUESDAY
    return begun.id, begun.device


@pytest.mark.rule("EV-1")
@pytest.mark.threat("W13")
@pytest.mark.storage
def test_the_proven_owner_is_told_once_three_days_before_in_office_hours(
    session: Session, house: House, work: Callable[[], None], mailbox: Mailbox
) -> None:
    draft_id, device = begin(session, house)
    begin(session, house, proven=False)
    told = []
    with time_machine.travel(TUESDAY, tick=False) as clock:
        for hours in range(0, 24 * 16, 6):
            clock.move_to(TUESDAY + timedelta(hours=hours))
            work()
            told.append(len(mailbox.to(ADDRESS)))
            if told[-1] and told[-2:] == [0, 1]:
                at = TUESDAY + timedelta(hours=hours)
                assert house.calendar.is_open(at) and at.date() == datetime(2026, 11, 13).date()  # a Friday
    assert told[-1] == 1
    (mail,) = mailbox.messages
    words = mailbox.words(mail)
    assert "17 November 2026" in words and "http://localhost/mine" in words
    assert str(draft_id) not in words and device not in words


@pytest.mark.rule("EV-3")
@pytest.mark.storage
def test_two_workers_tell_once_and_a_page_that_is_saved_begins_its_life_again(session: Session, house: House) -> None:
    draft_id, device = begin(session, house)
    friday = datetime(2026, 11, 13, 10, tzinfo=UTC)
    assert list_lapsing(session, friday, house) == [draft_id]
    for _ in "12":
        remind(session, draft_id, now=friday, house=house)
    assert session.query(OutboxMessage).count() == 1
    assert list_lapsing(session, friday, house) == []
    save_step(session, draft_id, device=device, key="safety", typed={}, now=friday, house=house)
    assert list_lapsing(session, friday, house) == []
    assert list_lapsing(session, friday + timedelta(days=13), house) == [draft_id]


@pytest.mark.rule("EV-7")
def test_before_a_long_closure_whoever_would_lapse_within_it_is_told_in_time() -> None:
    calendar = OfficeCalendar()
    thursday = datetime(2026, 12, 24, 10, tzinfo=UTC)  # Christmas to Monday, a bank holiday: open on Tuesday at nine
    assert last_to_tell(thursday, 3, calendar) == datetime(2027, 1, 1, 9, tzinfo=UTC)
    assert last_to_tell(datetime(2026, 11, 17, 10, tzinfo=UTC), 3, calendar) == datetime(2026, 11, 20, 10, tzinfo=UTC)
