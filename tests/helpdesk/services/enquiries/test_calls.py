"""A call or a walk-in: an enquiry like any other, written down by the one who reached them (SE-1, SE-3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from helpdesk.domain.refusals import WordsMissingError
from helpdesk.services.enquiries.calls import NewCall, log_call
from infrastructure.database import Wall, db
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.domain.states import RequestState
from service_request.models import (
    Arrival,
    Channel,
    Clock,
    ClockEnd,
    ClockKind,
    ContactAttempt,
    Deadline,
    Direction,
    Enquiry,
    Message,
    Referrer,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.pathways.sendiass.codes import EnquirerKind, Level
from service_request.services.refusals import SentDifferentlyError
from tests.factories import NOW
from tests.helpdesk.conftest import Ask

SAID = {
    "story": "The school will not have her back.",
    "enquirer": "carer",
    "name": "Ann",
    "phone": "07700 900461",
    "safe": "yes",
    "age": "12",
}


@pytest.fixture
def log(session: Session, house: House, adviser: User) -> Any:
    def save(channel: Channel = Channel.PHONE, answers: dict[str, str] | None = None, **more: Any) -> UUID:
        new = NewCall(
            more.pop("id", uuid4()), channel, SAID if answers is None else answers, more.pop("language", None)
        )
        return log_call(session, new=new, by=adviser, now=more.pop("now", NOW), house=house)

    return save


@pytest.mark.storage
@pytest.mark.rule("SE-1")
@pytest.mark.rule("SE-3")
@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.IN_PERSON])
def test_whoever_writes_a_call_down_has_taken_it_and_reached_them(
    log: Any, ask: Ask, adviser: User, channel: Channel
) -> None:
    made = log(channel)
    request, row = ask.one(ServiceRequest), ask.one(Enquiry)
    assert (request.id, request.wall, request.channel, request.state) == (
        made, Wall.SENDIASS, channel, RequestState.OPEN,
    )  # fmt: skip
    assert (request.assignee_id, row.level, row.reached_at, row.enquirer) == (
        adviser.id, Level.CONTACT, NOW, EnquirerKind.CARER,
    )  # fmt: skip
    assert (row.facts["story"], row.facts["age"], row.waits_since) == (SAID["story"], "12", None)
    clock = ask.one(Clock)
    assert (clock.kind, clock.end) == (ClockKind.FIRST_CONTACT, ClockEnd.MET)
    assert ask.one(ContactAttempt).reached
    referrer = ask.one(Referrer)
    assert (referrer.name, referrer.phone, referrer.safe) == ("Ann", "07700 900461", "yes")
    said = ask.one(Message)
    assert (said.direction, said.kind, said.body) == (Direction.IN, channel, SAID["story"]), "their words, as said"
    arrival = ask.one(Arrival)
    assert (arrival.wall, arrival.request_id) == (Wall.SENDIASS, made) and b"will not have her back" in arrival.raw


@pytest.mark.rule("SE-3")
def test_a_message_left_is_taken_and_reached_by_nobody(log: Any, ask: Ask) -> None:
    log(Channel.VOICEMAIL)
    request = ask.one(ServiceRequest)
    assert (request.state, request.assignee_id, ask.one(Enquiry).reached_at) == (RequestState.RECEIVED, None, None)
    assert ask.one(Clock).ended_at is None and ask.all(ContactAttempt) == []


@pytest.mark.storage
@pytest.mark.rule("EV-3")
def test_saved_twice_it_is_one_and_in_other_words_nothing_is_dropped(log: Any, ask: Ask) -> None:
    page = uuid4()
    made = log(id=page)
    assert log(id=page, now=NOW + timedelta(minutes=1)) == made
    with pytest.raises(SentDifferentlyError):
        log(id=page, answers={**SAID, "story": "Another story."})
    with pytest.raises(SentDifferentlyError):
        log(Channel.IN_PERSON, id=page)
    assert len(ask.all(ServiceRequest)) == 1


@pytest.mark.storage
@pytest.mark.rule("EV-3")
def test_saved_twice_at_the_same_moment_it_is_one(app: Flask, session: Session, adviser: User, ask: Ask) -> None:
    session.rollback()
    house, start, new = app.extensions["house"], Barrier(2), NewCall(uuid4(), Channel.PHONE, SAID)
    made: list[UUID] = []

    def save() -> None:
        with app.app_context():
            start.wait()
            try:
                made.append(log_call(db.session(), new=new, by=adviser, now=NOW, house=house))
            finally:
                db.session.remove()

    threads = [Thread(target=save) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [ask.one(ServiceRequest).id] * 2
    assert len(ask.all(Arrival)) == len(ask.all(Enquiry)) == len(ask.all(Message)) == 1


@pytest.mark.rule("SE-6")
def test_nothing_but_the_words_is_needed(log: Any, ask: Ask) -> None:
    log(answers={"story": "He would not say who he is."})
    row = ask.one(Enquiry)
    assert (row.facts, row.enquirer) == ({"story": "He would not say who he is."}, EnquirerKind.NOT_KNOWN)
    with pytest.raises(WordsMissingError):
        log(answers={"name": "Ann"})


@pytest.mark.storage
@pytest.mark.rule("SE-3")
def test_a_letter_named_in_a_call_has_its_clock(log: Any, ask: Ask) -> None:
    log(answers={**SAID, "letter": "exclusion", "letter_on": "2026-11-12"})
    assert ask.one(Deadline).is_checked is False
    assert len(ask.all(Clock, Clock.kind == ClockKind.STATUTORY)) == 1


@pytest.mark.rule("SE-10")
@pytest.mark.rule("EV-10")
def test_danger_said_in_a_call_alerts_a_named_person_and_shares_nothing_by_itself(log: Any, ask: Ask) -> None:
    log(answers={**SAID, "story": "He hits her and she is not safe. He has a knife."})
    (request,) = ask.all(ServiceRequest)
    assert request.urgency == "danger" and request.wall is Wall.SENDIASS, "no machine makes a share"
    assert [task.kind for task in ask.all(Task)] == [TaskKind.DANGER]


def test_another_language_asks_for_an_interpreter(log: Any, ask: Ask) -> None:
    log(language="pl")
    assert (ask.one(Enquiry).language, ask.one(Enquiry).needs_interpreter) == ("pl", True)
    assert [task.kind for task in ask.all(Task)] == [TaskKind.INTERPRETER]


def test_what_is_kept_is_every_word_and_each_call_has_its_own() -> None:
    call = NewCall(uuid4(), Channel.PHONE, SAID)
    assert replace(call, answers=dict(reversed(SAID.items()))).raw == call.raw
    assert replace(call, language="pl").raw != call.raw
