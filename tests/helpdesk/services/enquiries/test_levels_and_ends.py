"""Levels rise, each with its outcome in their own words; an enquiry ends with one, or for a coded reason (SE-3, SE-4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from helpdesk.domain.enquiry_refusals import (
    AttemptsMissingError,
    LevelNotHigherError,
    NotReachedYetError,
    NotSignpostedError,
    OutcomeMissingError,
    ReachedError,
    WayLeftError,
)
from helpdesk.domain.refusals import WordsMissingError
from helpdesk.services.enquiries import deadlines, finishing, levels
from helpdesk.services.enquiries.attempts import log_attempt
from helpdesk.services.enquiries.taking import take
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.trail import Event, verify
from service_request.domain.lifecycle import TransitionRefusedError
from service_request.domain.states import RequestState
from service_request.models import (
    Channel,
    Clock,
    ClockEnd,
    ClockKind,
    Conversation,
    Deadline,
    Enquiry,
    LevelRise,
    Message,
    Safe,
    ServiceRequest,
    Silenced,
)
from service_request.pathways.sendiass.codes import LEVELS, DeadlineKind, Level
from service_request.pathways.sendiass.rules import CloseReason, NotAnEnquiry, ReopenReason
from service_request.services.refusals import NotYoursError, StaleEditError
from tests.enquirers import make_open_enquiry, make_thread
from tests.factories import NOW, County
from tests.helpdesk.conftest import Ask
from tests.helpdesk.services.enquiries.conftest import Act

DAY = timedelta(days=1)


def _take(session: Session, enquiry: UUID, adviser: User) -> None:
    take(session, request_id=enquiry, by=adviser, now=NOW)


def _ring(act: Act, enquiry: UUID, *, reached: bool = False, days: int = 0) -> None:
    act(log_attempt, enquiry, now=NOW + days * DAY, channel=Channel.PHONE, reached=reached)


@pytest.mark.storage
@pytest.mark.rule("SE-4")
def test_a_level_rises_with_its_reason_and_what_came_of_the_one_before_in_their_words(
    session: Session, enquiry: UUID, adviser: User, act: Act, ask: Ask
) -> None:
    _take(session, enquiry, adviser)
    act(levels.rise, enquiry, level=Level.TWO, reason="A meeting at school.", outcome="I know my rights now.")
    act(levels.rise, enquiry, level=Level.FOUR, reason="The tribunal.", outcome="They still said no.")
    rows = sorted(ask.all(LevelRise), key=lambda row: row.number)
    assert [(row.number, row.level, row.reason, row.outcome) for row in rows] == [
        (1, Level.CONTACT, None, None),
        (2, Level.TWO, "A meeting at school.", "I know my rights now."),
        (3, Level.FOUR, "The tribunal.", "They still said no."),
    ]
    assert ask.one(Enquiry).level is Level.FOUR
    event = ask.all(Event, Event.act == "rise")[-1]
    assert event.facts == {"level": "4", "was": "2"} and "tribunal" not in str(event.facts)
    assert list(verify(session)) == []


@pytest.mark.rule("SE-4")
@pytest.mark.parametrize("level", [Level.CONTACT, Level.ONE, Level.TWO])
def test_a_level_never_falls_nor_stays(session: Session, enquiry: UUID, adviser: User, act: Act, level: Level) -> None:
    _take(session, enquiry, adviser)
    act(levels.rise, enquiry, level=Level.TWO, reason="A meeting.", outcome="I know more.")
    with pytest.raises(LevelNotHigherError):
        act(levels.rise, enquiry, level=level, reason="Less.", outcome="Fine.")


@pytest.mark.rule("SE-4")
def test_a_level_is_not_left_without_its_outcome_nor_raised_without_a_reason(
    session: Session, enquiry: UUID, adviser: User, act: Act, ask: Ask
) -> None:
    _take(session, enquiry, adviser)
    with pytest.raises(OutcomeMissingError):
        act(levels.rise, enquiry, level=Level.ONE, reason="She rang.", outcome="  ")
    with pytest.raises(WordsMissingError):
        act(levels.rise, enquiry, level=Level.ONE, reason=" ", outcome="I know more.")
    assert ask.one(Enquiry).level is Level.CONTACT


@pytest.mark.rule("SE-4")
def test_what_nobody_took_has_no_level_to_raise(enquiry: UUID, act: Act) -> None:
    with pytest.raises(TransitionRefusedError):
        act(levels.rise, enquiry, level=Level.ONE, reason="She rang.", outcome="")


def test_every_level_can_be_reached_from_the_one_before() -> None:
    assert levels.levels_above(None) == LEVELS and levels.levels_above(LEVELS[-1]) == ()


def test_a_page_that_was_opened_before_somebody_else_saved_is_refused_and_keeps_the_words(
    session: Session, enquiry: UUID, adviser: User, act: Act, ask: Ask
) -> None:
    _take(session, enquiry, adviser)
    version = ask.one(ServiceRequest).version
    act(levels.rise, enquiry, version=version, level=Level.ONE, reason="A call.", outcome="I have it in writing.")
    with pytest.raises(StaleEditError) as refused:
        act(levels.rise, enquiry, version=version, level=Level.TWO, reason="A meeting.", outcome="Good.")
    assert refused.value.mine == {"reason": "A meeting.", "outcome": "Good."}


@pytest.mark.storage
@pytest.mark.rule("SE-4")
def test_it_is_finished_with_the_outcome_in_their_own_words_and_nothing_of_it_runs_on(
    session: Session, house: House, adviser: User, act: Act, ask: Ask
) -> None:
    enquiry = make_open_enquiry(session, house, facts={"letter": DeadlineKind.EXCLUSION, "letter_on": "2026-11-12"})
    thread = make_thread(session, enquiry)
    _ring(act, enquiry, reached=True)
    act(finishing.finish, enquiry, outcome="He is back at school, and I can sleep again.")
    row, request = ask.one(Enquiry), ask.one(ServiceRequest)
    assert (request.state, request.closed_at, request.next_due_at) == (RequestState.CLOSED, NOW, None)
    assert (row.outcome, row.close_reason, row.deadline_on) == (
        "He is back at school, and I can sleep again.",
        None,
        None,
    )
    assert {(clock.kind.value, clock.end) for clock in ask.all(Clock)} == {
        ("first_contact", ClockEnd.MET), ("statutory", ClockEnd.WITHDRAWN),
    }  # fmt: skip
    assert ask.one(Deadline).end == "withdrawn"
    said = ask.one(Conversation, Conversation.id == thread)
    assert (said.request_id, said.last_request_id) == (None, enquiry)


@pytest.mark.storage
@pytest.mark.rule("SE-3")
@pytest.mark.rule("EV-7")
def test_what_was_finished_is_opened_again_with_its_dates_and_no_new_promise(
    session: Session, house: House, adviser: User, act: Act, ask: Ask
) -> None:
    enquiry = make_open_enquiry(session, house, facts={"letter": DeadlineKind.EXCLUSION, "letter_on": "2026-11-12"})
    thread = make_thread(session, enquiry)
    _ring(act, enquiry, reached=True)
    due = ask.one(Deadline).due_on
    act(finishing.finish, enquiry, outcome="He is back at school.", now=NOW + DAY)
    act(finishing.reopen, enquiry, reason=ReopenReason.SAME_MATTER, words="She rang.", now=NOW + 2 * DAY)
    row, request = ask.one(Enquiry), ask.one(ServiceRequest)
    assert (request.state, request.closed_at, request.assignee_id) == (RequestState.OPEN, None, adviser.id)
    assert (row.outcome, row.close_reason, row.deadline_on) == (None, None, due)
    assert sorted((clock.kind.value, clock.end) for clock in ask.all(Clock) if clock.end is not ClockEnd.WITHDRAWN) == [
        ("first_contact", ClockEnd.MET), ("statutory", None),
    ]  # fmt: skip
    assert ask.one(Deadline).ended_at is None
    said = ask.one(Conversation, Conversation.id == thread)
    assert (said.request_id, said.silenced) == (enquiry, Silenced.PERSON_TOOK)
    notes = {one.body for one in ask.all(Message, Message.kind == "note")}
    assert notes == {"What had come of it when it was finished:\nHe is back at school.", "She rang."}
    event = ask.all(Event, Event.act == "reopen")[-1]
    assert (event.facts, event.from_state, event.to_state) == ({"reason": "same_matter"}, "closed", "open")
    assert list(verify(session)) == []


@pytest.mark.rule("SE-3")
@pytest.mark.rule("EV-7")
def test_a_promise_that_the_closing_cut_off_goes_on_late_as_it_is(
    session: Session, house: House, adviser: User, act: Act, ask: Ask
) -> None:
    enquiry = make_open_enquiry(session, house, facts={"letter": DeadlineKind.EXCLUSION, "letter_on": "2026-11-12"})
    due = ask.one(Clock, Clock.kind == ClockKind.FIRST_CONTACT).due_at
    act(deadlines.close_deadline, enquiry, deadline_id=ask.one(Deadline).id, end="withdrawn")
    act(finishing.close, enquiry, reason=CloseReason.OPTED_OUT, now=NOW + DAY)
    act(finishing.reopen, enquiry, reason=ReopenReason.BY_MISTAKE, now=NOW + 30 * DAY)
    running = ask.all(Clock, Clock.ended_at.is_(None))
    assert [(clock.kind, clock.due_at) for clock in running] == [(ClockKind.FIRST_CONTACT, due)]
    assert ask.one(ServiceRequest).next_due_at == due
    assert ask.one(Deadline).end == "withdrawn", "what a person ended stays ended"
    with pytest.raises(TransitionRefusedError):
        act(finishing.reopen, enquiry, reason=ReopenReason.BY_MISTAKE)


@pytest.mark.rule("SE-1")
def test_their_next_message_stays_with_the_later_enquiry_where_one_has_begun(
    session: Session, house: House, adviser: User, act: Act, ask: Ask
) -> None:
    enquiry = make_open_enquiry(session, house)
    thread = make_thread(session, enquiry)
    act(finishing.close, enquiry, reason=CloseReason.OPTED_OUT)
    later = make_open_enquiry(session, house, follows=enquiry)
    with transaction(session):
        ask.one(Conversation, Conversation.id == thread).request_id = later
    act(finishing.reopen, enquiry, reason=ReopenReason.NOT_SEEN)
    assert ask.one(Conversation, Conversation.id == thread).request_id == later


@pytest.mark.rule("SE-4")
@pytest.mark.rule("SE-3")
def test_there_is_no_outcome_without_words_or_without_having_reached_them(
    session: Session, enquiry: UUID, adviser: User, act: Act, ask: Ask
) -> None:
    _ring(act, enquiry)
    with pytest.raises(NotReachedYetError):
        act(finishing.finish, enquiry, outcome="All is well.")
    _ring(act, enquiry, reached=True)
    with pytest.raises(OutcomeMissingError):
        act(finishing.finish, enquiry, outcome="  ")
    assert ask.one(ServiceRequest).state is RequestState.OPEN


@pytest.mark.storage
@pytest.mark.rule("SE-3")
def test_not_reached_takes_three_attempts_on_different_days(enquiry: UUID, act: Act, ask: Ask) -> None:
    for days, hours in ((0, 0), (0, 2), (0, 5), (1, 0)):
        act(log_attempt, enquiry, now=NOW + days * DAY + timedelta(hours=hours), channel=Channel.PHONE, reached=False)
        with pytest.raises(AttemptsMissingError):
            act(finishing.close, enquiry, reason=CloseReason.NOT_REACHED, now=NOW + days * DAY)
    _ring(act, enquiry, days=2)
    act(finishing.close, enquiry, reason=CloseReason.NOT_REACHED, now=NOW + 2 * DAY)
    assert ask.one(ServiceRequest).state is RequestState.CLOSED
    assert ask.one(Enquiry).close_reason == CloseReason.NOT_REACHED
    assert ask.one(Clock).end is ClockEnd.WITHDRAWN


@pytest.mark.rule("SE-3")
def test_whom_we_reached_was_not_unreached(enquiry: UUID, act: Act) -> None:
    for days in (0, 1, 2):
        _ring(act, enquiry, days=days, reached=days == 2)
    with pytest.raises(ReachedError):
        act(finishing.close, enquiry, reason=CloseReason.NOT_REACHED, now=NOW + 3 * DAY)


@pytest.mark.rule("SE-3")
@pytest.mark.parametrize(
    ("left", "is_closed"),
    [({}, True), ({"phone": "07700 900461", "safe": Safe.YES}, False), ({"email": "ann@mail.example"}, False),
     ({"phone": "07700 900461", "safe": Safe.NO}, True)],
)  # fmt: skip
def test_no_way_to_reach_them_is_true_or_refused(
    session: Session, house: House, adviser: User, act: Act, ask: Ask, left: dict[str, Any], is_closed: bool
) -> None:
    enquiry = make_open_enquiry(session, house, **left)
    if is_closed:
        act(finishing.close, enquiry, reason=CloseReason.NO_CONTACT_POINT, words="Nothing was left.")
        assert ask.one(ServiceRequest).state is RequestState.CLOSED
        return
    with pytest.raises(WayLeftError):
        act(finishing.close, enquiry, reason=CloseReason.NO_CONTACT_POINT)


@pytest.mark.rule("SE-3")
@pytest.mark.parametrize("safe", [Safe.YES, Safe.UNSET])
def test_a_thread_that_can_be_answered_is_a_way(session: Session, enquiry: UUID, act: Act, safe: Safe) -> None:
    make_thread(session, enquiry, safe=safe)
    with pytest.raises(WayLeftError):
        act(finishing.close, enquiry, reason=CloseReason.NO_CONTACT_POINT)


@pytest.mark.rule("SE-3")
def test_signposted_is_no_reason_for_what_was_not(enquiry: UUID, act: Act) -> None:
    with pytest.raises(NotSignpostedError):
        act(finishing.close, enquiry, reason=CloseReason.SIGNPOSTED)


def test_a_wish_to_stop_ends_it(enquiry: UUID, act: Act, ask: Ask) -> None:
    act(finishing.close, enquiry, reason=CloseReason.OPTED_OUT)
    assert (ask.one(ServiceRequest).state, ask.one(Enquiry).close_reason) == (RequestState.CLOSED, "opted_out")


@pytest.mark.storage
@pytest.mark.rule("SE-1")
@pytest.mark.rule("EV-7")
@pytest.mark.parametrize("reason", NotAnEnquiry)
def test_what_is_no_enquiry_is_kept_with_its_reason_and_comes_back_with_the_promise_it_had(
    session: Session, enquiry: UUID, act: Act, ask: Ask, reason: NotAnEnquiry
) -> None:
    thread = make_thread(session, enquiry)
    due = ask.one(Clock).due_at
    act(finishing.set_aside, enquiry, reason=reason)
    request = ask.one(ServiceRequest)
    assert (request.state, request.set_aside_reason, request.next_due_at) == (RequestState.SET_ASIDE, reason, None)
    assert ask.one(Clock).end is ClockEnd.WITHDRAWN
    assert ask.one(Conversation).request_id is None, "what is said next is no part of it"
    act(finishing.restore, enquiry, now=NOW + DAY)
    request = ask.one(ServiceRequest)
    assert (request.state, request.set_aside_reason, request.next_due_at) == (RequestState.RECEIVED, None, due)
    (running,) = ask.all(Clock, Clock.ended_at.is_(None))
    assert running.due_at == due
    assert ask.one(Conversation, Conversation.id == thread).request_id == enquiry


def test_nobody_outside_the_wall_does_any_of_it(
    session: Session, enquiry: UUID, act: Act, county: County, ask: Ask
) -> None:
    for by in (county.officer, county.manager, county.service_manager):
        for service, values in (
            (levels.rise, {"level": Level.ONE, "reason": "x", "outcome": "x"}),
            (finishing.finish, {"outcome": "x"}),
            (finishing.close, {"reason": CloseReason.OPTED_OUT}),
            (finishing.set_aside, {"reason": NotAnEnquiry.JUNK}),
            (finishing.restore, {}),
        ):
            with pytest.raises(NotYoursError):
                act(service, enquiry, by=by, **values)
    assert ask.one(ServiceRequest).state is RequestState.RECEIVED
