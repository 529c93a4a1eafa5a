"""A text on its way out: once, only where it is safe and wanted, read by the guard, and a failure reaches a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from demonstration.carrier.account import Account
from infrastructure.database import Wall, transaction, utc_now, uuid7
from infrastructure.house import House
from infrastructure.outbox import DeliveryAttempt, Letter, MessageState, OutboxMessage, owe, owe_text
from infrastructure.trail import Event
from service_request.models import Conversation, Referrer, ReferrerKind, Safe, ServiceRequest, Silenced, Task, TaskKind
from tests.enquirers import MOTHER, make_open_enquiry, make_thread
from tests.factories import NOW
from tests.plugins.house import ROOT, SENDIASS_NUMBER, Mailbox

pytestmark = pytest.mark.storage
TEMPLATES = sorted(path.stem for path in (ROOT / "templates" / "messages" / "text").glob("*.txt"))
MAILS = sorted(path.stem for path in (ROOT / "templates" / "messages" / "email").glob("[!_]*.txt"))
WORDS = "We have your message. An adviser answers soon."
Inside = Wall.SENDIASS


@pytest.fixture
def enquiry(session: Session, house: House) -> UUID:
    """An enquiry by text, whose thread may be written to."""
    request_id = make_open_enquiry(session, house, now=utc_now())
    make_thread(session, request_id, now=utc_now())
    return request_id


def send(session: Session, request_id: UUID, words: str = WORDS, template: str = "reply", **changes: Any) -> UUID:
    letter = Letter(template, "", words, {}, {"subject": [], "text": [(0, len(WORDS))]})
    values = {"channel": "sms", "endpoint": SENDIASS_NUMBER, "to": MOTHER, "cause": uuid7(), **changes}
    with transaction(session):
        return owe_text(session, letter, about=("request", request_id), now=utc_now(), wall=Inside, **values).id


def again(session: Session) -> None:
    """Make what waits for its next try due now."""
    with transaction(session):
        for row in session.scalars(select(OutboxMessage).where(OutboxMessage.next_at.is_not(None))):
            row.next_at = utc_now()


def the_row(session: Session, row_id: UUID) -> OutboxMessage:
    session.rollback()
    return session.get_one(OutboxMessage, row_id, populate_existing=True)


def results(session: Session) -> list[tuple[str, str | None]]:
    session.rollback()
    rows = session.scalars(select(DeliveryAttempt).order_by(DeliveryAttempt.outbox_id, DeliveryAttempt.n))
    return [(str(one.result), one.code) for one in rows]


def tasks(session: Session) -> list[tuple[TaskKind, Wall]]:
    session.rollback()
    return [(task.kind, task.wall) for task in session.scalars(select(Task).order_by(Task.id))]


@pytest.mark.rule("EV-2")
@pytest.mark.rule("EV-3")
def test_one_act_owes_one_text_and_it_leaves_once_from_our_number(
    enquiry: UUID, session: Session, work: Callable[[], None], carrier: Account
) -> None:
    cause = uuid7()
    row_id = send(session, enquiry, cause=cause)
    with pytest.raises(IntegrityError):
        send(session, enquiry, cause=cause)
    work()
    work()
    (text,) = carrier.sent_to(MOTHER)
    assert (text.sender, text.body) == (SENDIASS_NUMBER, WORDS)
    row = the_row(session, row_id)
    assert (row.state, row.carrier_id, row.tries, row.next_at) == (MessageState.SENT, text.sid, 1, None)


@pytest.mark.threat("F22")
def test_a_limit_of_the_carrier_is_waited_for_and_nothing_is_doubled(
    enquiry: UUID, session: Session, work: Callable[[], None], carrier: Account
) -> None:
    carrier.faults.append("429")
    carrier.retry_after = 90
    with time_machine.travel(NOW, tick=False) as clock:
        row_id = send(session, enquiry)
        work()
        row = the_row(session, row_id)
        assert (row.state, row.next_at) == (MessageState.TRYING_AGAIN, NOW + timedelta(seconds=90))
        clock.shift(timedelta(seconds=89))
        work()
        assert carrier.sent == []
        clock.shift(timedelta(seconds=2))
        work()
    assert len(carrier.sent) == 1
    assert results(session) == [("temporary", "20429"), ("accepted", "201")]


@pytest.mark.threat("F23")
def test_a_text_that_was_taken_with_an_error_is_found_and_never_doubled(
    enquiry: UUID, session: Session, work: Callable[[], None], carrier: Account
) -> None:
    carrier.faults.append("500_after_sending")
    row_id = send(session, enquiry)
    work()
    again(session)
    work()
    row = the_row(session, row_id)
    assert (row.state, row.carrier_id) == (MessageState.SENT, carrier.sent[0].sid)
    assert len(carrier.sent) == 1
    assert results(session) == [("unknown", "20500"), ("accepted", "found")]


@pytest.mark.threat("F23")
def test_of_two_texts_in_the_same_words_each_is_sent_though_one_of_them_was_in_doubt(
    enquiry: UUID, session: Session, work: Callable[[], None], carrier: Account
) -> None:
    first = send(session, enquiry)
    work()
    carrier.faults.append("500")
    second = send(session, enquiry)
    work()
    again(session)
    work()
    assert len(carrier.sent) == 2
    assert {the_row(session, one).carrier_id for one in (first, second)} == {one.sid for one in carrier.sent}


@pytest.mark.threat("F23")
def test_a_text_in_doubt_for_good_is_doubled_once_at_most_and_reaches_a_person(
    enquiry: UUID, session: Session, work: Callable[[], None], carrier: Account
) -> None:
    carrier.faults += ["not_listed", "not_listed"]
    with time_machine.travel(NOW, tick=False) as clock:
        row_id = send(session, enquiry)
        for _ in range(8):
            work()
            clock.shift(timedelta(seconds=20))
            again(session)
        assert (len(carrier.sent), tasks(session)) == (2, [])
        clock.shift(timedelta(minutes=6))
        again(session)
        work()
    assert len(carrier.sent) == 2
    assert the_row(session, row_id).state is MessageState.FAILED
    assert results(session)[-1] == ("permanent", "in_doubt")
    assert tasks(session) == [(TaskKind.DELIVERY_FAILED, Inside)]


@pytest.mark.threat("F24")
@pytest.mark.rule("EV-2")
def test_who_left_our_number_gets_nothing_more_and_a_person_hears_of_it(
    enquiry: UUID, session: Session, work: Callable[[], None], carrier: Account
) -> None:
    carrier.blocked.add((SENDIASS_NUMBER, MOTHER))
    row_id = send(session, enquiry)
    work()
    assert the_row(session, row_id).state is MessageState.FAILED
    thread = session.scalars(select(Conversation)).one()
    assert (thread.opted_out_at is not None, thread.silenced) == (True, Silenced.OPTED_OUT)
    assert tasks(session) == [(TaskKind.DELIVERY_FAILED, Inside)]
    acts = session.scalars(select(Event.act).where(Event.stream_id == enquiry)).all()
    assert acts.count("opt_out") == 1
    carrier.asked.clear()
    later = send(session, enquiry)
    work()
    again(session)
    work()
    assert carrier.asked == []  # the carrier is not asked again, and no try follows
    assert the_row(session, later).state is MessageState.CANCELLED
    assert results(session)[-1] == ("withheld", "opted_out")
    assert tasks(session) == [(TaskKind.DELIVERY_FAILED, Inside)] * 2
    other = send(session, enquiry, channel="whatsapp")  # a word to one number says nothing of another channel
    work()
    assert the_row(session, other).state is MessageState.SENT


@pytest.mark.threat("T25")
@pytest.mark.rule("EV-2")
def test_nothing_of_any_template_goes_where_it_is_not_safe_nor_is_tried_again(
    enquiry: UUID, session: Session, work: Callable[[], None], carrier: Account, mailbox: Mailbox
) -> None:
    """The flag may come after a text was owed, tried, held back or released: it stops each of them."""
    carrier.faults += ["429"] * 2
    waiting = [send(session, enquiry), send(session, enquiry, channel="whatsapp")]
    work()
    with transaction(session):
        session.scalars(select(Conversation)).one().safe = Safe.NO
        referrer = session.scalars(select(Referrer)).one()
        referrer.safe, referrer.email, referrer.email_hash = (
            "no",
            "mairead@corrigan.example",
            "mairead@corrigan.example",
        )
        referrer.phone, referrer.kind = "07700 900461", ReferrerKind.FAMILY
    rows = [*waiting, *(send(session, enquiry, template=name) for name in TEMPLATES)]
    rows += [send(session, enquiry, template=name, channel="whatsapp") for name in TEMPLATES]
    with transaction(session):
        for name in MAILS:
            letter = Letter(name, "Request", WORDS, {})
            about = ("request", enquiry)
            mail = owe(
                session, letter, to="Mairead@corrigan.example", cause=uuid7(), about=about, now=utc_now(), wall=Inside
            )
            mail.released_at = utc_now()
            rows.append(mail.id)
    for _ in range(3):
        again(session)
        work()
    assert carrier.sent == [] and mailbox.to("mairead@corrigan.example") == []
    assert {the_row(session, one).state for one in rows} == {MessageState.CANCELLED}
    assert {kind for kind, _ in tasks(session)} == {TaskKind.DELIVERY_FAILED}
    assert len(TEMPLATES) > 3 and len(MAILS) > 15


@pytest.mark.threat("T25")
def test_a_phone_that_is_not_safe_by_one_channel_is_not_safe_by_another(
    enquiry: UUID, session: Session, work: Callable[[], None], carrier: Account
) -> None:
    with transaction(session):
        session.scalars(select(Conversation)).one().safe = Safe.NO
    send(session, enquiry, channel="whatsapp")
    send(session, enquiry, to="+447700900190")  # a named person of ours hears all the same
    work()
    assert [one.to for one in carrier.sent] == ["+447700900190"]


@pytest.mark.rule("EV-6")
@pytest.mark.threat("T20")
def test_the_guard_reads_a_text_as_it_reads_a_mail(
    session: Session, house: House, work: Callable[[], None], carrier: Account
) -> None:
    enquiry = make_open_enquiry(session, house, now=utc_now(), name="Mairead Corrigan", story="Tadhg is kept out")
    row_id = send(session, enquiry, words=f"{WORDS} It is about Tadhg Corrigan.")
    clean = send(session, enquiry)
    work()
    row = the_row(session, row_id)
    assert (row.state, the_row(session, clean).state) == (MessageState.HELD, MessageState.SENT)
    assert {one["words"] for one in row.caught or []} >= {"corrigan"}
    assert [one.body for one in carrier.sent] == [WORDS]
    assert (TaskKind.HELD_BACK, Inside) in tasks(session)


def test_a_channel_that_nobody_carries_is_a_failure_and_a_task(
    enquiry: UUID, session: Session, work: Callable[[], None], carrier: Account
) -> None:
    row_id = send(session, enquiry, channel="pigeon")
    work()
    assert (the_row(session, row_id).state, results(session)) == (
        MessageState.FAILED,
        [("permanent", "no_carrier")],
    )
    assert tasks(session) == [(TaskKind.DELIVERY_FAILED, Inside)]


@pytest.mark.rule("SE-5")
def test_no_log_says_that_a_text_left_from_inside_and_none_holds_a_word_or_a_number(
    enquiry: UUID, session: Session, work: Callable[[], None], carrier: Account, capfd: pytest.CaptureFixture[str]
) -> None:
    carrier.faults += ["429", "500"]
    for _ in range(3):
        send(session, enquiry)
    work()
    again(session)
    work()
    said = capfd.readouterr().err
    assert len(carrier.sent) == 3
    for hidden in (MOTHER, MOTHER[1:], SENDIASS_NUMBER, "adviser answers", str(enquiry), '"delivery"'):
        assert hidden not in said


@pytest.mark.rule("EV-2")
def test_a_request_that_is_gone_stops_nothing_and_the_guard_holds_it(
    session: Session, work: Callable[[], None], carrier: Account
) -> None:
    row_id = send(session, uuid7())
    work()
    assert (the_row(session, row_id).state, carrier.sent) == (MessageState.HELD, [])
    assert session.scalars(select(ServiceRequest)).all() == []
