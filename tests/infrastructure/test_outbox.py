"""One way out: owed with the act, sent by the worker, with the same Message-ID however often it is tried."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from infrastructure.database import transaction, utc_now, uuid7
from infrastructure.house import House
from infrastructure.outbox import DeliveryAttempt, Letter, MessageState, OutboxMessage, owe
from infrastructure.outbox.deliver import list_due, wait_before
from service_request.models import Task, TaskKind
from tests.plugins.house import Mailbox

TO = "samina@brookfield.example"


def owe_one(session: Session, to: str = TO, subject: str = "Request K7RM-4TXC: we have it") -> UUID:
    with transaction(session):
        letter = Letter("acknowledgement", subject, "We have it.\n", {"reference": "K7RM-4TXC"})
        return owe(session, letter, to=to, cause=uuid7(), about=("user", uuid7()), now=utc_now()).id


def again(session: Session) -> None:
    """Make what waits for its next try due now."""
    with transaction(session):
        for row in session.scalars(select(OutboxMessage).where(OutboxMessage.next_at.is_not(None))):
            row.next_at = utc_now()


@pytest.mark.rule("EV-2")
@pytest.mark.rule("EV-3")
@pytest.mark.storage
def test_one_act_owes_one_letter_to_one_address_however_often_it_is_done(session: Session) -> None:
    cause = uuid7()
    letter = Letter("acknowledgement", "Request K7RM-4TXC: we have it", "We have it.\n", {})
    for to in (TO, f" {TO.upper()} "):
        try:
            with transaction(session):
                owe(session, letter, to=to, cause=cause, about=("user", uuid7()), now=utc_now())
        except IntegrityError:
            continue
    assert len(session.scalars(select(OutboxMessage)).all()) == 1


@pytest.mark.rule("EV-2")
@pytest.mark.storage
def test_what_is_owed_is_sent_once(session: Session, work: Callable[[], None], mailbox: Mailbox) -> None:
    owe_one(session)
    work()
    work()
    (mail,) = mailbox.to(TO)
    assert mail["Subject"] == "Request K7RM-4TXC: we have it"
    assert mail["Auto-Submitted"] == "auto-generated"
    row = session.scalars(select(OutboxMessage)).one()
    assert (row.state, row.tries, row.next_at) == (MessageState.SENT, 1, None)
    assert mail["Message-ID"] == row.message_id


@pytest.mark.storage
def test_a_passing_refusal_is_tried_again_with_the_same_message_id(
    session: Session, work: Callable[[], None], mailbox: Mailbox
) -> None:
    owe_one(session)
    mailbox.answers[TO] = ["451 later", "450 later"]
    work()
    again(session)
    work()
    again(session)
    work()
    (mail,) = mailbox.to(TO)
    row = session.scalars(select(OutboxMessage)).one()
    assert (row.state, mail["Message-ID"]) == (MessageState.SENT, row.message_id)
    results = session.scalars(select(DeliveryAttempt.result).order_by(DeliveryAttempt.n))
    assert [str(result) for result in results] == ["temporary", "temporary", "accepted"]


@pytest.mark.storage
def test_a_refusal_for_good_is_not_tried_again(session: Session, work: Callable[[], None], mailbox: Mailbox) -> None:
    owe_one(session)
    mailbox.answers[TO] = ["550 no such person"]
    work()
    row = session.scalars(select(OutboxMessage)).one()
    assert (row.state, row.next_at, row.tries) == (MessageState.FAILED, None, 1)
    assert mailbox.to(TO) == []


@pytest.mark.storage
def test_after_two_days_the_trying_ends_where_somebody_sees_it(
    session: Session, work: Callable[[], None], mailbox: Mailbox
) -> None:
    message = owe_one(session)
    with transaction(session):
        session.get_one(OutboxMessage, message).owed_at = utc_now() - timedelta(hours=49)
    mailbox.answers[TO] = ["451 later"]
    work()
    assert session.get_one(OutboxMessage, message, populate_existing=True).state is MessageState.FAILED


@pytest.mark.storage
def test_a_message_under_a_live_lease_is_left_to_its_holder_and_taken_over_when_the_lease_lapses(
    session: Session,
) -> None:
    message = owe_one(session)
    with transaction(session):
        session.get_one(OutboxMessage, message).lease_until = utc_now() + timedelta(seconds=20)
    assert list_due(session, now=utc_now()) == []
    assert list_due(session, now=utc_now() + timedelta(seconds=21)) == [message]


@pytest.mark.storage
@pytest.mark.parametrize("subject", ["Re: =?utf-8?q?a=0ABcc:_x@evil.example?=", "a\nBcc: x@evil.example"])
def test_a_subject_that_would_become_a_header_of_its_own_is_never_sent(
    session: Session, work: Callable[[], None], mailbox: Mailbox, subject: str
) -> None:
    owe_one(session, subject=subject)
    work()
    assert all("evil.example" not in str(mail.get("Bcc", "")) for mail in mailbox.messages)
    assert session.scalars(select(OutboxMessage.state)).one() in (MessageState.FAILED, MessageState.SENT)


@pytest.mark.storage
def test_the_words_and_the_address_of_a_message_are_ciphertext(session: Session) -> None:
    owe_one(session)
    row = session.execute(select(OutboxMessage.to_sealed, OutboxMessage.body_sealed)).one()
    assert b"samina" not in bytes(row.to_sealed)
    assert b"We have it" not in bytes(row.body_sealed)


def test_waits_double_with_chance_up_to_an_hour(house: House) -> None:
    settings = house.settings.model_copy(update={"retry_first_seconds": 30.0})
    assert timedelta(seconds=24) <= wait_before(1, settings) <= timedelta(seconds=36)
    assert timedelta(seconds=96) <= wait_before(3, settings) <= timedelta(seconds=144)
    assert wait_before(40, settings) == timedelta(hours=1)


@pytest.mark.storage
def test_mail_that_waits_for_a_quarter_of_an_hour_becomes_one_task_for_the_desk(
    session: Session, work: Callable[[], None], mailbox: Mailbox
) -> None:
    messages = [owe_one(session) for _ in range(2)]
    mailbox.answers[TO] = ["451 later"] * 500
    work()
    session.rollback()
    assert session.scalars(select(Task)).all() == []
    with transaction(session):
        for message in messages:
            row = session.get_one(OutboxMessage, message)
            row.owed_at, row.next_at = utc_now() - timedelta(minutes=16), utc_now()
    work()
    session.rollback()
    assert [task.kind for task in session.scalars(select(Task))] == [TaskKind.ALERT]
