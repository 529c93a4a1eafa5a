"""A message that was held back: read by whoever sees its request, then sent as it is or told by another way (EV-6)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.carrier.account import Account
from helpdesk.services.decide import decide
from infrastructure.database import Wall, transaction, utc_now, uuid7
from infrastructure.house import House
from infrastructure.outbox import Letter, MessageState, OutboxMessage, owe, owe_text
from infrastructure.trail import Event
from service_request.models import (
    Clock,
    Conversation,
    Message,
    Outcome,
    OutcomeState,
    Safe,
    Subject,
    Task,
    TaskKind,
)
from service_request.services import outcomes
from tests.enquirers import MOTHER, make_open_enquiry, make_thread
from tests.factories import NOW, County, make_decision, make_request, make_waiting
from tests.factories import accept as accepted
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.walking import Staff
from tests.plugins.house import SENDIASS_NUMBER, Mailbox
from tests.wall.inside import make_adviser

pytestmark = [pytest.mark.storage, pytest.mark.rule("EV-6"), pytest.mark.threat("T20")]

TO = "team@westmarch.example"
SAYS = Letter("assignment", "Request K7RM-4TXC", "Callum Hartley is sent to your team.", {})


@pytest.fixture
def held(session: Session, county: County, work: Callable[[], None]) -> tuple[UUID, UUID]:
    """A letter about Callum Hartley that was held back: (message, request)."""
    request_id = make_request(session, area_id=county.teasel).id
    with transaction(session):
        row_id = owe(session, SAYS, to=TO, cause=uuid7(), about=("request", request_id), now=NOW).id
    work()
    return row_id, request_id


def test_the_page_shows_what_was_caught_to_whoever_sees_the_request(
    held: tuple[UUID, UUID], officer: Staff, manager: Staff, county: County, sign_in: Callable[..., Staff]
) -> None:
    path = f"/staff/held-back/{held[0]}"
    for reader in (officer, manager):
        page = reader.get(path)
        assert page.status == 200
        assert "It has not been sent" in page.words and "A name, in the text: Callum" in page.words
        assert [one.text for one in page.tree.all("mark")] == ["Callum", "Hartley"]
    assert sign_in(county.manager_aldermoor).get(path).status == 404
    assert officer.get(f"/staff/held-back/{uuid7()}").status == 404


def test_the_task_leads_to_the_page_and_is_not_done_by_a_button(
    held: tuple[UUID, UUID], officer: Staff, manager: Staff, ask: Ask
) -> None:
    for task in ask.all(Task):
        assert officer.post(f"/staff/tasks/{task.id}/done", kind="held_back").status == 404
    for reader in (officer, manager):
        page = reader.get("/staff/tasks/held_back")
        assert page.status == 200 and "Read what was held back" in page.words
        assert f"/staff/held-back/{held[0]}" in page.html and 'action="/staff/tasks/' not in page.html


def test_a_message_marked_as_safe_is_sent_with_who_said_so_and_why(
    held: tuple[UUID, UUID], officer: Staff, manager: Staff, ask: Ask, work: Callable[[], None], mailbox: Mailbox
) -> None:
    path = f"/staff/held-back/{held[0]}"
    assert officer.post(path, act="release", **{"release-reason": " "}).errors == ["Enter why it can be sent as it is"]
    assert mailbox.messages == []
    answer = officer.post(path, act="release", **{"release-reason": "The team knows the child by name."})
    assert answer.status == 302
    work()
    (mail,) = mailbox.to(TO)
    assert "Callum Hartley" in Mailbox.words(mail)
    row = ask.one(OutboxMessage, OutboxMessage.id == held[0])
    assert (row.state, row.released_at is not None) == (MessageState.SENT, True)
    acts = [event.act for event in ask.all(Event, Event.stream_id == held[1])]
    assert acts[-4:-1] == ["hold_message", "release_message", "finish_task"] or "release_message" in acts
    (note,) = ask.all(Message, Message.kind == "message_released")
    assert note.body == "The team knows the child by name."
    assert ask.all(Task, Task.kind == TaskKind.HELD_BACK, Task.done_at.is_(None)) == []
    late = manager.post(path, act="cancel", **{"cancel-reason": "Rang them."})
    assert late.status == 409 and "dealt with this message already" in late.words


def test_a_cancelled_message_is_never_sent(
    held: tuple[UUID, UUID], manager: Staff, ask: Ask, work: Callable[[], None], mailbox: Mailbox
) -> None:
    path = f"/staff/held-back/{held[0]}"
    assert manager.post(path, act="cancel").errors == ["Enter how they are told instead"]
    assert manager.post(path, act="cancel", **{"cancel-reason": "Rang the team."}).status == 302
    work()
    assert mailbox.messages == []
    assert ask.one(OutboxMessage, OutboxMessage.id == held[0]).state is MessageState.CANCELLED
    (note,) = ask.all(Message, Message.kind == "message_cancelled")
    assert note.body == "Rang the team."
    assert "It was cancelled, and never sent" in manager.get(path).words


@pytest.fixture
def outcome_held(
    session: Session, house: House, county: County, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> UUID:
    """A decided request whose letter with the outcome says a name, as no letter of ours does."""

    def says_more(template: str, **facts: str) -> Letter:
        letter = house.write(template, **facts)
        return Letter(template, letter.subject, letter.text + "It is about Callum.", letter.facts, letter.own)

    loose = House(house.settings, house.office, says_more, house.link, house.say)
    request_id = make_waiting(session, county).id

    subject_id = session.scalars(select(Subject.id).where(Subject.request_id == request_id)).one()
    session.rollback()
    decision = make_decision(accepted(subject_id))
    decide(session, request_id=request_id, decision=decision, by=county.manager, now=utc_now(), house=loose)
    work()
    return request_id


@pytest.mark.rule("GL-14")
def test_an_outcome_held_back_is_owed_still_and_is_told_by_phone_when_it_is_cancelled(
    outcome_held: UUID, officer: Staff, session: Session, ask: Ask, mailbox: Mailbox, work: Callable[[], None]
) -> None:
    outcome = ask.one(Outcome, Outcome.request_id == outcome_held)
    assert outcome.state is OutcomeState.OWED
    assert outcomes.count_owed(session, outcome_held) == 1
    message_id = outcome.outbox_id
    running = [clock.id for clock in ask.all(Clock, Clock.request_id == outcome_held, Clock.ended_at.is_(None))]
    assert officer.post(f"/staff/held-back/{message_id}", act="cancel", **{"cancel-reason": "By phone."}).status == 302
    work()
    assert ask.one(Outcome, Outcome.request_id == outcome_held).state is OutcomeState.FAILED
    assert [one.id for one in ask.all(Clock, Clock.request_id == outcome_held, Clock.ended_at.is_(None))] == running
    page = officer.get("/staff/tasks/call_back")
    assert "Record that they were told" in page.words
    told = officer.post(
        f"/staff/requests/{outcome_held}/outcomes/{outcome.id}", act="told", **{"told-words": "Told the teacher."}
    )
    assert told.status == 302
    assert ask.one(Outcome, Outcome.request_id == outcome_held).state is OutcomeState.SENT
    assert ask.all(Task, Task.kind == TaskKind.CALL_BACK, Task.done_at.is_(None)) == []
    assert all("outcome" not in str(mail["Subject"]) for mail in mailbox.messages)


@pytest.mark.rule("GL-14")
def test_an_outcome_told_by_phone_cancels_the_letter_that_was_held_back(
    outcome_held: UUID, officer: Staff, ask: Ask, work: Callable[[], None]
) -> None:
    outcome = ask.one(Outcome, Outcome.request_id == outcome_held)
    officer.post(f"/staff/requests/{outcome_held}/outcomes/{outcome.id}", act="told", **{"told-words": "Told her."})
    work()
    assert ask.one(OutboxMessage, OutboxMessage.id == outcome.outbox_id).state is MessageState.CANCELLED
    of_it = (Task.kind == TaskKind.HELD_BACK, Task.about_id == outcome.outbox_id)
    assert [task.done_at is not None for task in ask.all(Task, *of_it)] == [True, True]


@pytest.fixture
def text_held(session: Session, house: House, county: County, work: Callable[[], None]) -> tuple[UUID, UUID]:
    """A text to an enquirer that names a child, held back behind the wall: (message, enquiry)."""
    request_id = make_open_enquiry(session, house, now=utc_now(), name="Mairead Corrigan")
    make_thread(session, request_id, now=utc_now())
    says = Letter("reply", "", "The meeting about Tadhg Corrigan is on Friday.", {}, {"subject": [], "text": []})
    with transaction(session):
        row = owe_text(
            session, says, channel="sms", endpoint=SENDIASS_NUMBER, to=MOTHER, cause=uuid7(),
            about=("request", request_id), now=utc_now(), wall=Wall.SENDIASS,
        )  # fmt: skip
        row_id = row.id
    work()
    return row_id, request_id


@pytest.mark.rule("SE-5")
def test_a_text_that_was_held_back_is_read_inside_the_wall_alone_and_sent_as_it_is(
    text_held: tuple[UUID, UUID], session: Session, sign_in: Callable[..., Staff], officer: Staff, ask: Ask,
    work: Callable[[], None], carrier: Account,
) -> None:  # fmt: skip
    adviser = sign_in(make_adviser(session))
    path = f"/staff/held-back/{text_held[0]}"
    assert officer.get(path).status == 404
    page = adviser.get(path)
    assert (page.status, carrier.sent) == (200, [])
    assert "A text, to" in page.words and MOTHER in page.words and "Corrigan" in page.words
    answer = adviser.post(path, act="release", **{"release-reason": "She asked by name."})
    assert answer.status == 302 and f"/staff/enquiries/{text_held[1]}" in answer.location
    work()
    assert [one.body for one in carrier.sent] == ["The meeting about Tadhg Corrigan is on Friday."]
    assert ask.one(OutboxMessage, OutboxMessage.id == text_held[0]).state is MessageState.SENT


@pytest.mark.threat("T25")
@pytest.mark.rule("EV-2")
def test_a_text_that_somebody_released_does_not_go_where_it_is_not_safe_any_more(
    text_held: tuple[UUID, UUID], session: Session, sign_in: Callable[..., Staff], ask: Ask, work: Callable[[], None],
    carrier: Account,
) -> None:  # fmt: skip
    adviser = sign_in(make_adviser(session))
    with transaction(session):
        session.scalars(select(Conversation)).one().safe = Safe.NO
    adviser.post(f"/staff/held-back/{text_held[0]}", act="release", **{"release-reason": "She asked by name."})
    work()
    assert carrier.sent == []
    assert ask.one(OutboxMessage, OutboxMessage.id == text_held[0]).state is MessageState.CANCELLED
    assert ask.all(Task, Task.kind == TaskKind.DELIVERY_FAILED)


def test_a_text_is_cancelled_with_how_they_are_told_instead(
    text_held: tuple[UUID, UUID], session: Session, sign_in: Callable[..., Staff], ask: Ask, work: Callable[[], None],
    carrier: Account,
) -> None:  # fmt: skip
    adviser = sign_in(make_adviser(session))
    path = f"/staff/held-back/{text_held[0]}"
    assert adviser.post(path, act="cancel", **{"cancel-reason": "I rang her."}).status == 302
    work()
    assert carrier.sent == []
    assert ask.one(OutboxMessage, OutboxMessage.id == text_held[0]).state is MessageState.CANCELLED
    assert "It was cancelled, and never sent" in adviser.get(path).words
