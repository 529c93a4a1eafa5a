"""Promises to enquirers that come due: people of SENDIASS hear of them by name, and nobody outside (EV-7, SE-3, SE-5)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services.enquiries.attempts import log_attempt
from helpdesk.services.enquiries.taking import take
from helpdesk.services.watch import act_on_clock
from infrastructure.database import Wall
from infrastructure.house import House
from infrastructure.identity.models import Membership, Role, Team, TeamKind, UserAccount
from infrastructure.identity.users import User
from infrastructure.outbox import OutboxMessage
from infrastructure.trail import Event
from service_request.models import Channel, Clock, ClockKind, Task, TaskKind
from tests.enquiring import make_texted
from tests.factories import NOW, County, make_user

pytestmark = [pytest.mark.rule("EV-7"), pytest.mark.storage]


@pytest.fixture
def clock(session: Session, enquiry: UUID) -> Clock:
    """The promise of five working days of an enquiry that nobody has taken."""
    return session.scalars(select(Clock).where(Clock.request_id == enquiry)).one()


def make_manager(session: Session) -> User:
    """Give SENDIASS a manager."""
    team = session.scalars(select(Team).where(Team.kind == TeamKind.SENDIASS)).one()
    return make_user(session, "Ruth Adeyemi", (team, Role.MANAGER))


def told(session: Session, template: str) -> list[str]:
    session.rollback()
    rows = session.scalars(select(OutboxMessage).where(OutboxMessage.template == template))
    found = list(rows)
    assert {row.wall for row in found} <= {Wall.SENDIASS}
    return sorted(row.to or "" for row in found)


@pytest.mark.rule("SE-3")
def test_on_the_morning_of_the_last_day_every_adviser_is_warned_while_nobody_holds_it(
    session: Session, house: House, clock: Clock, adviser: User, county: County
) -> None:
    act_on_clock(session, clock.id, now=clock.warn_at - timedelta(minutes=1), house=house)
    assert told(session, "enquiry_due") == []
    act_on_clock(session, clock.id, now=clock.warn_at, house=house)
    act_on_clock(session, clock.id, now=clock.warn_at + timedelta(minutes=1), house=house)
    assert told(session, "enquiry_due") == [adviser.email]
    assert told(session, "clock_warning") == []


@pytest.mark.rule("SE-3")
def test_who_holds_it_is_warned_alone(
    session: Session, house: House, clock: Clock, enquiry: UUID, adviser: User, county: County
) -> None:
    team = session.scalars(select(Team).where(Team.kind == TeamKind.SENDIASS)).one()
    other = make_user(session, "Fern Doyle", (team, Role.MEMBER))
    take(session, request_id=enquiry, by=other, now=NOW)
    act_on_clock(session, clock.id, now=clock.warn_at, house=house)
    assert told(session, "enquiry_due") == [other.email]


@pytest.mark.rule("SE-5")
def test_late_is_told_to_the_manager_of_sendiass_and_to_nobody_outside(
    session: Session, house: House, clock: Clock, adviser: User, county: County
) -> None:
    manager = make_manager(session)
    act_on_clock(session, clock.id, now=clock.escalate_at, house=house)
    assert told(session, "enquiry_late") == [manager.email]
    outside = (
        select(UserAccount.email)
        .join(Membership, Membership.user_id == UserAccount.id)
        .join(Team, Team.id == Membership.team_id)
    )
    elsewhere = set(session.scalars(outside.where(Team.wall == Wall.OPEN)))
    assert elsewhere and not elsewhere & {row.to for row in session.scalars(select(OutboxMessage))}
    assert session.get_one(Clock, clock.id).ended_at is None, "the clock runs on, late"
    acts = [row.act for row in session.scalars(select(Event)) if row.act.endswith("_clock")]
    assert sorted(acts) == ["escalate_clock", "warn_clock"]


def test_without_a_manager_late_is_told_to_the_advisers_and_without_anybody_it_is_a_task(
    session: Session, house: House, clock: Clock, adviser: User, county: County
) -> None:
    act_on_clock(session, clock.id, now=clock.warn_at, house=house)
    account = session.get_one(UserAccount, adviser.id)
    account.disabled_at = NOW
    session.commit()
    act_on_clock(session, clock.id, now=clock.escalate_at, house=house)
    assert told(session, "enquiry_late") == []
    (task,) = session.scalars(select(Task).where(Task.kind == TaskKind.ALERT))
    assert task.wall is Wall.SENDIASS


@pytest.mark.rule("SE-3")
def test_a_date_that_the_law_sets_is_warned_of_in_words_of_its_own(
    session: Session, house: House, adviser: User, county: County
) -> None:
    texted = make_texted(session, house)
    query = select(Clock).where(Clock.request_id == texted.id, Clock.kind == ClockKind.STATUTORY)
    clock = session.scalars(query).one()
    act_on_clock(session, clock.id, now=clock.warn_at, house=house)
    (row,) = session.scalars(select(OutboxMessage).where(OutboxMessage.template == "enquiry_due"))
    assert "a date that the law sets" in row.body["text"] and "xclusion" not in row.body["text"]
    assert f"/staff/enquiries/{texted.id}" in row.body["text"]


@pytest.mark.rule("SE-3")
def test_who_was_reached_in_time_is_warned_of_no_more(
    session: Session, house: House, clock: Clock, enquiry: UUID, adviser: User, county: County
) -> None:
    log_attempt(session, request_id=enquiry, channel=Channel.PHONE, reached=True, by=adviser, now=NOW, house=house)
    act_on_clock(session, clock.id, now=clock.escalate_at, house=house)
    assert told(session, "enquiry_due") == told(session, "enquiry_late") == []
