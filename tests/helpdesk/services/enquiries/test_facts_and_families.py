"""What is known is put right and kept; the same family as a person says; two in one become two (SE-1, SE-6, EV-4)."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from helpdesk.domain.enquiry_refusals import NoHintError, NothingChangedError
from helpdesk.domain.refusals import WordsMissingError
from helpdesk.services.enquiries import facts, looking_after, same_family, splitting
from helpdesk.services.enquiries.attempts import log_attempt
from helpdesk.services.enquiries.splitting import Split
from infrastructure.database import db, transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.trail import Event, verify
from service_request.domain.states import RequestState
from service_request.models import (
    Channel,
    Clock,
    ClockKind,
    Conversation,
    Enquiry,
    LinkKind,
    Message,
    Referrer,
    RequestLink,
    Safe,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.pathways.sendiass.codes import Eligible, EnquirerKind, InArea
from service_request.services.refusals import NotYoursError, StaleEditError
from tests.enquirers import make_open_enquiry, make_thread
from tests.factories import NOW, County
from tests.helpdesk.conftest import Ask
from tests.helpdesk.services.enquiries.conftest import Act

LATER = NOW + timedelta(hours=1)
CHANGES = {"age": "9", "enquirer": "parent", "send": "yes"}


@pytest.mark.storage
@pytest.mark.rule("SE-6")
@pytest.mark.rule("SE-2")
@pytest.mark.rule("EV-5")
def test_an_answer_is_put_right_and_the_old_one_stays_readable(
    session: Session, house: House, adviser: User, act: Act, ask: Ask
) -> None:
    enquiry = make_open_enquiry(session, house, facts={"age": "8", "enquirer": "not_known"})
    act(facts.change_facts, enquiry, answers=CHANGES)
    row = ask.one(Enquiry)
    assert (row.facts["age"], row.enquirer, row.eligible) == ("9", EnquirerKind.PARENT, Eligible.YES)
    note = ask.one(Message)
    assert (note.kind, note.by_id) == ("facts_changed", adviser.id)
    assert "Age: 9 (was: 8)" in note.body and "Who asks: A parent (was: I would rather not say)" in note.body
    event = ask.one(Event, Event.act == "change_facts")
    assert event.facts == {"changed": ["age", "enquirer", "send"]}, "the trail holds no word of it (EV-8)"
    assert list(verify(session)) == []


@pytest.mark.rule("SE-6")
def test_an_answer_can_be_taken_away(session: Session, house: House, adviser: User, act: Act, ask: Ask) -> None:
    enquiry = make_open_enquiry(session, house, name="Ann", facts={"place": "Faraway", "name": "Ann", "need": "asd"})
    act(facts.change_facts, enquiry, answers={"place": "", "name": "", "need": "asd"})
    row = ask.one(Enquiry)
    assert row.facts.keys() & {"place", "name"} == set() and row.facts["need"] == "asd"
    assert (row.in_area, ask.one(Referrer).name) == (InArea.NOT_GIVEN, None)


@pytest.mark.storage
@pytest.mark.rule("EV-2")
def test_that_it_is_not_safe_is_obeyed_by_every_thread_at_once(
    session: Session, enquiry: UUID, act: Act, ask: Ask
) -> None:
    make_thread(session, enquiry)
    act(facts.change_facts, enquiry, answers={"safe": "no", "phone": "07700 900 461"})
    assert ask.one(Conversation).safe is Safe.NO
    referrer = ask.one(Referrer)
    assert (referrer.safe, referrer.phone) == ("no", "07700 900 461") and referrer.phone_hash is not None


@pytest.mark.storage
def test_an_interpreter_can_be_asked_for_and_sent_away_by_hand(enquiry: UUID, act: Act, ask: Ask) -> None:
    act(facts.change_facts, enquiry, answers={"language": "so"})
    row = ask.one(Enquiry)
    assert (row.language, row.needs_interpreter, row.facts.get("language")) == ("so", True, None)
    assert ask.one(Task).kind is TaskKind.INTERPRETER
    assert ask.one(Message).body == "Interpreter: Somali (was: not said)"
    act(facts.change_facts, enquiry, answers={"language": ""})
    assert (ask.one(Enquiry).language, ask.one(Enquiry).needs_interpreter) == (None, False)


def test_nothing_different_is_nothing_to_save_and_a_page_opened_before_is_refused(
    enquiry: UUID, act: Act, ask: Ask
) -> None:
    version = ask.one(ServiceRequest).version
    with pytest.raises(NothingChangedError):
        act(facts.change_facts, enquiry, answers={"age": ""})
    act(facts.change_facts, enquiry, answers={"age": "9"})
    with pytest.raises(StaleEditError):
        act(facts.change_facts, enquiry, version=version, answers={"age": "10"})


# ---------------------------------------------------------------- the same family


@pytest.fixture
def two(session: Session, house: House, adviser: User) -> tuple[UUID, UUID]:
    """Two enquiries from one number, written in two ways."""
    first = make_open_enquiry(session, house, phone="07700 900461")
    return make_open_enquiry(session, house, now=LATER, phone="+44 7700 900 461", channel=Channel.PHONE), first


def hints(session: Session, request_id: UUID, user: User, **contact: str | None) -> list[Any]:
    session.rollback()
    contact = {"phone": "07700900461", "email": None, **contact}
    return [(one.other.id, one.answer) for one in same_family.list_hints(session, request_id, user, **contact)]


@pytest.mark.storage
@pytest.mark.rule("EV-4")
def test_the_same_number_is_a_hint_that_a_person_confirms_and_takes_back(
    session: Session, two: tuple[UUID, UUID], act: Act, ask: Ask, adviser: User
) -> None:
    newer, older = two
    assert hints(session, newer, adviser) == [(older, None)] and hints(session, older, adviser) == [(newer, None)]
    for _ in range(2):
        act(same_family.answer, older, other_id=newer, same=True)
    link = ask.one(RequestLink)
    assert (link.from_id, link.to_id, link.kind, link.by_id) == (newer, older, LinkKind.SAME_FAMILY, adviser.id)
    assert hints(session, newer, adviser) == [(older, LinkKind.SAME_FAMILY)]
    assert len(ask.all(ServiceRequest)) == 2, "nothing is merged"
    act(same_family.take_back, newer, other_id=older)
    assert ask.one(RequestLink).undone_at is not None and hints(session, newer, adviser) == [(older, None)]
    assert len(ask.all(Event, Event.act == "same_family")) == len(ask.all(Event, Event.act == "undo_family")) == 2


@pytest.mark.storage
@pytest.mark.rule("EV-4")
def test_not_the_same_is_an_answer_too_and_can_be_thought_better_of(
    session: Session, two: tuple[UUID, UUID], act: Act, ask: Ask, adviser: User
) -> None:
    newer, older = two
    act(same_family.answer, newer, other_id=older, same=False)
    assert hints(session, newer, adviser) == [(older, LinkKind.NOT_SAME_FAMILY)]
    act(same_family.answer, newer, other_id=older, same=True)
    assert hints(session, older, adviser) == [(newer, LinkKind.SAME_FAMILY)]
    assert len(ask.all(RequestLink, RequestLink.undone_at.is_(None))) == 1


@pytest.mark.rule("EV-4")
@pytest.mark.parametrize(("first", "second"), [
    ({"email": "Ann@Mail.example"}, {"email": "ann@mail.example "}), ({"phone": "+447700900461"}, {"phone": "07700900461"}),
])  # fmt: skip
def test_it_is_found_however_it_was_written(
    session: Session, house: House, adviser: User, first: dict[str, Any], second: dict[str, Any]
) -> None:
    one, other = make_open_enquiry(session, house, **first), make_open_enquiry(session, house, now=LATER, **second)
    contact = {"phone": None, "email": None, **second}
    assert hints(session, other, adviser, **contact) == [(one, None)]


@pytest.mark.rule("SE-5")
@pytest.mark.rule("EV-4")
def test_there_is_no_hint_across_the_wall_nor_for_those_who_share_nothing(
    session: Session, house: House, two: tuple[UUID, UUID], act: Act, county: County, adviser: User
) -> None:
    newer, older = two
    assert hints(session, newer, county.officer) == [] == hints(session, newer, adviser, phone="07700900999")
    with pytest.raises(NotYoursError):
        act(same_family.answer, newer, other_id=older, same=True, by=county.officer)
    stranger = make_open_enquiry(session, house, phone="07700900999")
    for other in (stranger, newer):
        with pytest.raises(NoHintError):
            act(same_family.answer, newer, other_id=other, same=True)


# ---------------------------------------------------------------- two in one


def second(**changes: Any) -> Split:
    values = {"id": uuid4(), "story": "Her daughter of six waits for a diagnosis.", "same_person": True, **changes}
    return Split(**values)


@pytest.fixture
def mixed(session: Session, house: House, adviser: User) -> UUID:
    """One enquiry about two children, which the engine marked."""
    told = {"enquirer": "parent", "place": "Saltby", "age": "9", "reach": "after four"}
    enquiry = make_open_enquiry(session, house, phone="07700900461", safe=Safe.YES, name="Ann", facts=told)
    with transaction(session):
        session.query(Enquiry).one().to_split = True
        row = Task(kind=TaskKind.SPLIT, cause=f"split:{enquiry}", request_id=enquiry, made_at=NOW)
        row.wall = session.query(Enquiry).one().wall
        session.add(row)
    return enquiry


@pytest.mark.storage
@pytest.mark.rule("SE-1")
@pytest.mark.rule("SE-3")
def test_two_children_of_one_person_become_two_and_the_second_was_reached_with_the_first(
    mixed: UUID, act: Act, ask: Ask, adviser: User
) -> None:
    act(log_attempt, mixed, channel=Channel.PHONE, reached=True)
    new = second(facts={"age": "6"})
    made = act(splitting.split, mixed, new=new, now=LATER)
    assert act(splitting.split, mixed, new=new, now=LATER) == made, "pressed twice it is one"
    request = ask.one(ServiceRequest, ServiceRequest.id == made)
    row = ask.one(Enquiry, Enquiry.request_id == made)
    assert (request.received_at, request.state, request.assignee_id) == (NOW, RequestState.OPEN, adviser.id)
    assert (row.enquirer, row.facts["age"], row.facts["place"]) == (EnquirerKind.PARENT, "6", "Saltby")
    assert (row.facts["story"], row.reached_at) == (new.story, NOW)
    link = ask.one(RequestLink)
    assert (link.id, link.from_id, link.to_id, link.kind) == (new.id, made, mixed, LinkKind.SPLIT_FROM)
    assert not ask.one(Enquiry, Enquiry.request_id == mixed).to_split
    assert ask.one(Task).done_at == LATER
    assert ask.all(Clock, Clock.kind == ClockKind.FIRST_CONTACT, Clock.ended_at.is_(None)) == []


@pytest.mark.storage
@pytest.mark.rule("SE-3")
def test_another_person_has_the_promise_that_began_with_the_first_message(mixed: UUID, act: Act, ask: Ask) -> None:
    act(log_attempt, mixed, channel=Channel.PHONE, reached=True)
    new = second(same_person=False, facts={"name": "Tom"}, phone="07700900462", safe=Safe.NO)
    made = act(splitting.split, mixed, new=new, now=LATER + timedelta(days=3))
    row = ask.one(Enquiry, Enquiry.request_id == made)
    assert (row.enquirer, row.reached_at) == (EnquirerKind.NOT_KNOWN, None) and "place" not in row.facts
    due = {clock.request_id: clock.due_at for clock in ask.all(Clock, Clock.kind == ClockKind.FIRST_CONTACT)}
    assert due[made] == due[mixed]
    request = ask.one(ServiceRequest, ServiceRequest.id == made)
    referrer = ask.one(Referrer, Referrer.id == request.referrer_id)
    assert (referrer.name, referrer.phone, referrer.safe) == ("Tom", "07700900462", "no")


def test_one_that_is_one_after_all_stays_one(mixed: UUID, act: Act, ask: Ask) -> None:
    for _ in range(2):
        act(splitting.keep_whole, mixed)
    assert (ask.one(Enquiry).to_split, ask.one(Task).done_at) == (False, NOW)
    assert len(ask.all(Event, Event.act == "keep_whole")) == 1
    with pytest.raises(WordsMissingError):
        act(splitting.split, mixed, new=second(story=" "))


@pytest.mark.storage
@pytest.mark.rule("EV-3")
def test_split_twice_at_the_same_moment_it_is_two_and_not_three(
    app: Flask, session: Session, mixed: UUID, adviser: User, ask: Ask
) -> None:
    session.rollback()
    house, start, new = app.extensions["house"], Barrier(2), second()
    made: list[UUID] = []

    def save() -> None:
        with app.app_context():
            start.wait()
            try:
                made.append(
                    splitting.split(db.session(), request_id=mixed, new=new, by=adviser, now=LATER, house=house)
                )
            finally:
                db.session.remove()

    threads = [Thread(target=save) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2 and len(set(made)) == 1
    assert len(ask.all(Enquiry)) == 2


# ---------------------------------------------------------------- looked after


@pytest.mark.storage
def test_an_interpreter_is_seen_to_and_the_language_stays_known(
    session: Session, house: House, adviser: User, act: Act, ask: Ask
) -> None:
    enquiry = make_open_enquiry(session, house, language="pl")
    assert ask.one(Enquiry).needs_interpreter
    for _ in range(2):
        act(looking_after.see_to_interpreter, enquiry)
    row = ask.one(Enquiry)
    assert (row.needs_interpreter, row.language) == (False, "pl")
    assert len(ask.all(Event, Event.act == "interpreter")) == 1


@pytest.mark.storage
@pytest.mark.rule("SE-6")
def test_a_wish_for_their_record_is_one_task_within_a_month(enquiry: UUID, act: Act, ask: Ask) -> None:
    for _ in range(2):
        act(looking_after.ask_record, enquiry)
    task = ask.one(Task)
    assert (task.kind, task.request_id, task.due_at) == (TaskKind.RECORD_ASKED, enquiry, NOW.replace(month=12))
    assert len(ask.all(Event, Event.act == "record_request")) == 1


@pytest.mark.rule("SE-5")
def test_nobody_outside_changes_splits_or_asks(enquiry: UUID, act: Act, county: County) -> None:
    for service, values in (
        (facts.change_facts, {"answers": CHANGES}),
        (splitting.split, {"new": second()}),
        (splitting.keep_whole, {}),
        (looking_after.see_to_interpreter, {}),
        (looking_after.ask_record, {}),
    ):
        with pytest.raises(NotYoursError):
            act(service, enquiry, by=county.service_manager, **values)
