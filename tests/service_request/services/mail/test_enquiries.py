"""A mail to SENDIASS is an enquiry inside the wall; what is missing is asked in one mail, and the answer is read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from infrastructure.database import Wall, transaction
from infrastructure.outbox import OutboxMessage
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import (
    Arrival,
    Channel,
    Clock,
    ClockKind,
    Conversation,
    Enquiry,
    Mail,
    Message,
    Referrer,
    RequestLink,
    Safe,
    ServiceRequest,
    Task,
)
from service_request.services.mail.tokens import with_token
from tests.plugins.house import Mailbox
from tests.posting import DESK, PARENT, SENDIASS, Post, write

STORY = "School will not let my son Tadhg in and I do not know what to do."


def mail_in(post: Post, words: str = STORY, **said: str) -> Mail:
    return post.take(write(words, to=SENDIASS, **said), SENDIASS)


@pytest.mark.storage
@pytest.mark.rule("SE-1")
@pytest.mark.rule("SE-3")
@pytest.mark.rule("SE-5")
@pytest.mark.rule("EV-10")
def test_the_first_mail_is_an_enquiry_inside_with_its_five_days(post: Post, mailbox: Mailbox) -> None:
    mail = mail_in(post)
    request = post.request
    assert (request.wall, request.pathway, request.channel) == (Wall.SENDIASS, "sendiass", Channel.EMAIL)
    assert [clock.kind for clock in post.rows(Clock)] == [ClockKind.FIRST_CONTACT]
    tables = (Arrival, Conversation, Enquiry, Mail, Message, OutboxMessage, Referrer, ServiceRequest, Task)
    assert {row.wall for model in tables for row in post.rows(model)} == {Wall.SENDIASS}
    (answer,) = mailbox.to(PARENT)
    words = mailbox.words(answer)
    assert format_reference(request.reference) in words and "999" in words and "24 Nov" in words
    assert "Tadhg" not in words and "chool" not in f"{answer['Subject']}{words}"
    assert (answer["Auto-Submitted"], answer["From"]) == ("auto-replied", SENDIASS)
    assert answer["Reply-To"].startswith("sendiass+") and mail.request_id == request.id


@pytest.mark.storage
@pytest.mark.rule("SE-1")
@pytest.mark.rule("SE-6")
def test_once_it_is_safe_all_that_is_missing_is_asked_in_one_mail_and_the_answer_is_read(
    post: Post, mailbox: Mailbox
) -> None:
    mail_in(post)
    mail_in(post, "Yes", subject="Re: your message", In_Reply_To=post.owed()[-1].message_id)
    asked = mailbox.words(mailbox.to(PARENT)[-1])
    assert "1." in asked and "2." in asked and "3." in asked
    (thread,) = post.rows(Conversation)
    assert (thread.safe, thread.channel, thread.counterpart) == (Safe.YES, Channel.EMAIL, PARENT)
    number = 1 + list(thread.dialogue["asked"]).index("age")
    mail_in(post, f"{number}. 9", subject="Re: your message", In_Reply_To=post.owed()[-1].message_id)
    (enquiry,) = post.rows(Enquiry)
    assert enquiry.facts["age"] == "9" and len(post.rows(ServiceRequest)) == 1
    assert post.arrivals() == ["request", "message", "message"]


@pytest.mark.rule("EV-2")
def test_where_it_is_not_safe_nothing_is_written_any_more(post: Post, mailbox: Mailbox) -> None:
    mail_in(post)
    mail_in(post, "No, he reads my mail", subject="Re: your message", In_Reply_To=post.owed()[-1].message_id)
    mailbox.clear()
    mail_in(post, "It is about the plan", subject="Re: your message")
    assert mailbox.to(PARENT) == [] and len(post.rows(ServiceRequest)) == 1


@pytest.mark.rule("SE-1")
@pytest.mark.rule("GL-1")
def test_a_professional_is_told_kindly_that_the_family_comes_itself(post: Post, mailbox: Mailbox) -> None:
    mail_in(post, "I am the SENCO at Brookfield School and would like to refer a pupil to you.")
    (answer,) = mailbox.to(PARENT)
    assert "from families themselves" in mailbox.words(answer) and SENDIASS in mailbox.words(answer)
    assert post.request.state is RequestState.SET_ASIDE


@pytest.mark.rule("SE-10")
def test_danger_in_a_mail_alerts_sendiass_named_person(post: Post, mailbox: Mailbox) -> None:
    mail_in(post, "He is hitting him right now")
    assert post.request.urgency == "danger" and "danger" in post.tasks(Wall.SENDIASS)
    assert len(mailbox.to("danger@westmarch-sendiass.example")) == 1 and mailbox.to("duty@westmarch.example") == []


@pytest.mark.storage
@pytest.mark.rule("SE-5")
@pytest.mark.threat("T7")
def test_across_the_wall_no_sign_joins_and_neither_side_learns_of_the_other(post: Post, mailbox: Mailbox) -> None:
    mail_in(post, Message_ID="<one@corrigan.example>")
    inside, answer = post.request, post.owed()[0]
    signs = {
        "In_Reply_To": answer.message_id,
        "References": "<one@corrigan.example>",
        "subject": format_reference(inside.reference),
        "to": with_token(DESK, inside.id, Wall.SENDIASS, post.house.settings),
    }
    mail = post.take(write("And this is for the council", **signs), DESK)
    assert mail.wall is Wall.OPEN and mail.possible_id is None and mail.request_id != inside.id
    assert post.tasks() == [] and post.rows(RequestLink) == [] and "message_id_reused" not in mail.notes


@pytest.mark.rule("SE-5")
@pytest.mark.rule("EV-3")
def test_one_mail_to_both_sides_is_two_things(post: Post, mailbox: Mailbox) -> None:
    raw = write(STORY, to=f"{SENDIASS}, {DESK}")
    post.take(raw, SENDIASS)
    mail = post.take(raw, DESK)
    assert mail.copy_of_id is None and sorted(row.wall.value for row in post.rows(ServiceRequest)) == [
        "open",
        "sendiass",
    ]
    assert len(mailbox.to(PARENT)) == 2


@pytest.mark.storage
@pytest.mark.threat("E10")
def test_what_comes_after_the_end_is_a_new_enquiry_that_is_linked(post: Post) -> None:
    mail_in(post)
    first = post.request
    with transaction(post.session):
        post.session.get_one(ServiceRequest, first.id).state = RequestState.CLOSED
    post.wait(timedelta(days=30).total_seconds())
    mail = mail_in(post, "It began again", subject="Re: your message", In_Reply_To=post.owed()[0].message_id)
    (link,) = post.rows(RequestLink)
    assert (link.from_id, link.to_id) == (mail.request_id, first.id) and mail.possible_id is None


@pytest.mark.threat("T7")
def test_a_stranger_with_the_right_sign_has_an_enquiry_of_their_own_and_somebody_is_asked(
    post: Post, mailbox: Mailbox
) -> None:
    mail_in(post)
    first, answer = post.request, post.owed()[0]
    mail = mail_in(post, "What did she say?", by="him@elsewhere.example", In_Reply_To=answer.message_id)
    assert mail.request_id != first.id and mail.possible_id == first.id
    assert "possible_match" in post.tasks(Wall.SENDIASS)
    (told,) = mailbox.to("him@elsewhere.example")
    assert format_reference(first.reference) not in mailbox.words(told)


@pytest.mark.rule("EV-1")
@pytest.mark.threat("E8")
def test_whose_thread_nobody_can_say_waits_for_a_person(post: Post, mailbox: Mailbox) -> None:
    mail = mail_in(post, by="")
    assert (mail.request_id, post.arrivals(), post.tasks(Wall.SENDIASS)) == (None, ["held"], ["unreadable"])
    assert mailbox.to(PARENT) == []
