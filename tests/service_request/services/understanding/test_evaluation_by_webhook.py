"""A mother who texted us is asked three months later, by text, and answers there: the whole way (SE-8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from infrastructure.database import Wall, transaction, utc_now, uuid7
from service_request.domain.states import RequestState
from service_request.models import Conversation, Enquiry, Evaluation, EvaluationState, Message, ServiceRequest
from service_request.services.enquiries.reaching import mark_reached
from tests.service_request.services.understanding.conftest import STORY, Phone

pytestmark = [pytest.mark.storage, pytest.mark.rule("SE-8")]
INSIDE = Wall.SENDIASS


def reached_and_closed(phone: Phone) -> None:
    """Have a person reach her and finish, and let three months go by."""
    phone.say(STORY)
    phone.say("1")  # it is safe to text her there
    with transaction(phone.session):
        now = utc_now()
        request = phone.session.scalars(select(ServiceRequest).where(ServiceRequest.wall == INSIDE)).one()
        enquiry = phone.session.scalars(select(Enquiry).where(Enquiry.wall == INSIDE)).one()
        thread = phone.session.scalars(select(Conversation).where(Conversation.wall == INSIDE)).one()
        mark_reached(phone.session, request, enquiry, by_id=uuid7(), at=now, now=now)
        request.state = RequestState.CLOSED
        thread.request_id, thread.last_request_id = None, request.id
    phone.wait(timedelta(days=95).total_seconds())
    phone.work()


def test_she_is_asked_by_text_answers_and_leaves_no_name(phone: Phone) -> None:
    reached_and_closed(phone)
    before = len(phone.rows(Message))
    asked = phone.owed()[-1].body["text"]
    assert "reply GO" in asked and "Tadhg" not in asked
    (first,) = phone.say("GO")
    assert "How easy was it to get in touch" in first
    replies = [reply for words in ("1", "2", "1", "1", "2") for reply in phone.say(words)]
    assert "Thank you for telling us. We ask nothing more." in replies
    assert len(phone.rows(Message)) == before, "what she answered is no message of her enquiry"
    assert len(phone.rows(ServiceRequest)) == 1, "and opens none"
    [kept] = [row for row in phone.rows(Evaluation) if row.answers]
    assert kept.request_id is None and kept.conversation_id is None
    assert kept.answers == {"reach": "5", "satisfied": "4", "helpful": "5", "recommend": "5"}


def test_stop_is_for_good_and_a_cry_for_help_in_between_is_an_enquiry(phone: Phone) -> None:
    reached_and_closed(phone)
    phone.say("go")
    phone.say("they have excluded him again, I need help")
    assert len(phone.rows(ServiceRequest)) == 2
    phone.say("STOP")
    [row] = phone.rows(Evaluation)
    assert (row.state, row.answers) == (EvaluationState.OPTED_OUT, None)
