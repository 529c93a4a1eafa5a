"""Who is not for this service hears where to go; a professional gets words to pass on (SE-1, SE-2)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from helpdesk.domain.enquiry_refusals import CannotWriteError
from helpdesk.domain.refusals import WordsMissingError
from helpdesk.services.enquiries import finishing, signposting
from helpdesk.services.enquiries.signposting import Signpost, Told
from infrastructure.outbox import OutboxMessage
from infrastructure.trail import Event
from service_request.domain.states import RequestState
from service_request.models import Clock, ClockEnd, ContactAttempt, Enquiry, Message, Safe, ServiceRequest
from service_request.pathways.sendiass.codes import Eligible, EnquirerKind, InArea
from service_request.pathways.sendiass.rules import CloseReason
from service_request.services.refusals import NotYoursError
from tests.enquirers import MOTHER, make_thread
from tests.factories import County
from tests.helpdesk.conftest import Ask
from tests.helpdesk.services.enquiries.conftest import Act

WHERE = "Aldbourne SENDIASS, 01632 960444, is free and helps families there."
PASS_ON = "Please tell the family that they can ring us themselves on 01632 960180."


@pytest.mark.storage
@pytest.mark.rule("SE-2")
@pytest.mark.rule("SE-3")
@pytest.mark.parametrize("reason", Signpost)
def test_they_are_sent_where_to_go_and_the_five_days_run_until_it_is_closed(
    session: Session, enquiry: UUID, act: Act, ask: Ask, reason: Signpost
) -> None:
    make_thread(session, enquiry)
    act(signposting.signpost, enquiry, reason=reason, where=WHERE, told=Told.SEND)
    request, row = ask.one(ServiceRequest), ask.one(Enquiry)
    assert request.state is RequestState.SIGNPOSTED
    wanted = (InArea.NO, Eligible.UNSURE) if reason is Signpost.OUT_OF_AREA else (InArea.NOT_GIVEN, Eligible.NO)
    assert (row.in_area, row.eligible, row.reached_at) == (*wanted, None)
    owed = ask.one(OutboxMessage)
    assert owed.to == MOTHER and owed.body["text"] == WHERE
    assert not ask.one(ContactAttempt).reached and ask.one(Clock).ended_at is None
    assert ask.one(Event, Event.act == "signpost").facts["why"] == reason
    act(finishing.close, enquiry, reason=CloseReason.SIGNPOSTED)
    assert (ask.one(ServiceRequest).state, ask.one(Clock).end) == (RequestState.CLOSED, ClockEnd.WITHDRAWN)


@pytest.mark.storage
@pytest.mark.rule("SE-2")
@pytest.mark.rule("SE-3")
def test_whoever_was_told_in_a_talk_was_reached(enquiry: UUID, act: Act, ask: Ask) -> None:
    act(signposting.signpost, enquiry, reason=Signpost.OUT_OF_AREA, where=WHERE, told=Told.SPOKEN)
    assert ask.one(ServiceRequest).state is RequestState.SIGNPOSTED
    assert ask.one(Clock).end is ClockEnd.MET and ask.one(ContactAttempt).reached
    assert [row.body for row in ask.all(Message)] == [WHERE]
    assert ask.all(OutboxMessage) == []


@pytest.mark.rule("SE-2")
@pytest.mark.rule("EV-2")
def test_nothing_is_sent_where_it_is_not_safe_and_then_nothing_else_is_done_either(
    session: Session, enquiry: UUID, act: Act, ask: Ask
) -> None:
    make_thread(session, enquiry, safe=Safe.NO)
    with pytest.raises(CannotWriteError):
        act(signposting.signpost, enquiry, reason=Signpost.OUT_OF_AREA, where=WHERE, told=Told.SEND)
    with pytest.raises(CannotWriteError):
        act(signposting.tell_professional, enquiry, words=PASS_ON)
    assert (ask.one(ServiceRequest).state, ask.one(Enquiry).in_area) == (RequestState.RECEIVED, InArea.NOT_GIVEN)


@pytest.mark.rule("SE-2")
def test_nobody_is_signposted_nowhere(enquiry: UUID, act: Act) -> None:
    with pytest.raises(WordsMissingError):
        act(signposting.signpost, enquiry, reason=Signpost.OUT_OF_AREA, where=" ", told=Told.SPOKEN)


@pytest.mark.storage
@pytest.mark.rule("SE-1")
def test_a_professional_gets_the_words_to_pass_on_and_is_set_aside_with_that_reason(
    session: Session, enquiry: UUID, act: Act, ask: Ask, work: Callable[[], None]
) -> None:
    make_thread(session, enquiry)
    act(signposting.tell_professional, enquiry, words=PASS_ON)
    request = ask.one(ServiceRequest)
    assert (request.state, request.set_aside_reason) == (RequestState.SET_ASIDE, "professional")
    assert ask.one(Enquiry).enquirer is EnquirerKind.PROFESSIONAL
    assert ask.one(OutboxMessage).body["text"] == PASS_ON
    assert ask.one(Clock).end is ClockEnd.WITHDRAWN
    act(finishing.restore, enquiry)
    assert ask.one(ServiceRequest).state is RequestState.RECEIVED


@pytest.mark.rule("SE-5")
def test_nobody_outside_signposts_or_tells(enquiry: UUID, act: Act, county: County) -> None:
    with pytest.raises(NotYoursError):
        act(
            signposting.signpost, enquiry, reason=Signpost.OUT_OF_AREA, where=WHERE, told=Told.SPOKEN, by=county.manager
        )
    with pytest.raises(NotYoursError):
        act(signposting.tell_professional, enquiry, words=PASS_ON, by=county.officer)
