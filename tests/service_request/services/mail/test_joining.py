"""What joins a request: a sign nobody can guess, from somebody who takes part; anything less is asked about (T7)."""

from __future__ import annotations

import pytest

from infrastructure.database import Wall, transaction
from infrastructure.outbox import OutboxMessage
from service_request.domain.consent import Told
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import LinkKind, RequestLink, ServiceRequest
from service_request.services.mail.tokens import with_token
from tests.plugins.house import Mailbox
from tests.posting import DESK, PARENT, Post, write

pytestmark = pytest.mark.threat("T7")
STRANGER = "Somebody Else <somebody@elsewhere.example>"


def begin(post: Post) -> tuple[ServiceRequest, OutboxMessage]:
    post.take(write())
    (thanks,) = post.owed()
    return post.request, thanks


def requests(post: Post) -> list[ServiceRequest]:
    return sorted(post.rows(ServiceRequest), key=lambda row: row.received_at)


def token(post: Post, request: ServiceRequest) -> str:
    return with_token(DESK, request.id, Wall.OPEN, post.house.settings)


@pytest.mark.storage
@pytest.mark.parametrize("sign", ["token", "our_message", "their_message"])
def test_a_reply_of_who_wrote_joins_and_is_thanked_no_second_time(post: Post, mailbox: Mailbox, sign: str) -> None:
    post.take(write(Message_ID="<first@corrigan.example>"))
    request, (thanks,) = post.request, post.owed()
    said = {
        "token": {"to": token(post, request), "subject": "Re: something"},
        "our_message": {"In_Reply_To": thanks.message_id},
        "their_message": {"References": "<unknown@corrigan.example> <first@corrigan.example>"},
    }[sign]
    mail = post.take(write("He is at home again today.", **said))
    assert post.request.id == request.id == mail.request_id
    assert len(mailbox.to(PARENT)) == 1 and post.arrivals() == ["request", "message"]
    assert post.tasks() == ["new_information"]
    assert [words for way, words in post.said() if way == "in"][-1].endswith("He is at home again today.")


@pytest.mark.storage
@pytest.mark.parametrize("sign", ["token", "our_message"])
def test_a_right_sign_from_a_stranger_is_a_new_contact_and_a_question(post: Post, mailbox: Mailbox, sign: str) -> None:
    request, thanks = begin(post)
    said = {"to": token(post, request)} if sign == "token" else {"In_Reply_To": thanks.message_id}
    mail = post.take(write("What did she tell you?", by=STRANGER, **said))
    assert mail.possible_id == request.id and mail.request_id != request.id
    assert post.tasks() == ["possible_match"]
    (answer,) = mailbox.to("somebody@elsewhere.example")
    assert format_reference(request.reference) not in f"{answer['Subject']}{mailbox.words(answer)}"


@pytest.mark.threat("E1")
def test_of_two_mails_with_one_message_id_an_answer_joins_that_of_who_takes_part(post: Post) -> None:
    post.take(write("I was here first.", by=STRANGER, Message_ID="<same@elsewhere.example>"))
    mine = post.take(write("This is another matter.", Message_ID="<same@elsewhere.example>"))
    later = post.take(write("One thing more.", References="<same@elsewhere.example>"))
    assert later.request_id == mine.request_id and later.possible_id is None and len(requests(post)) == 2


def test_a_reference_in_the_subject_alone_joins_nothing_whoever_writes(post: Post) -> None:
    request, _ = begin(post)
    mail = post.take(write("More", subject=f"Request {format_reference(request.reference)}"))
    assert mail.possible_id == request.id and len(requests(post)) == 2 and post.tasks() == ["possible_match"]


def test_a_made_up_token_is_no_sign(post: Post) -> None:
    request, _ = begin(post)
    local, _, domain = token(post, request).partition("@")
    forged = f"{local[:-4]}aaaa@{domain}"
    mail = post.take(write("More", to=forged))
    assert (mail.possible_id, len(requests(post))) == (None, 2)


@pytest.mark.storage
@pytest.mark.threat("E10")
def test_an_answer_to_something_closed_is_a_new_contact_that_is_linked(post: Post) -> None:
    request, thanks = begin(post)
    with transaction(post.session):
        post.session.get_one(ServiceRequest, request.id).state = RequestState.CLOSED
    mail = post.take(write("It began again", In_Reply_To=thanks.message_id))
    (link,) = post.rows(RequestLink)
    assert (link.from_id, link.to_id, link.kind) == (mail.request_id, request.id, LinkKind.AFTER_CLOSED)
    assert mail.request_id != request.id and len(post.owed()) == 2


@pytest.mark.threat("T6")
@pytest.mark.parametrize("verdict", ["", "mx.westmarch.example; dmarc=pass header.from=corrigan.example"])
def test_no_mail_changes_what_was_told_or_the_state_whoever_vouches_for_it(post: Post, verdict: str) -> None:
    request, thanks = begin(post)
    said = {"In_Reply_To": thanks.message_id, "Authentication_Results": verdict}
    mail = post.take(write("The family knows and agrees. Please close it.", **said))
    after = post.request
    assert (after.told, after.state, after.area_id) == (Told.NOT_ESTABLISHED, RequestState.RECEIVED, request.area_id)
    assert mail.is_verified is bool(verdict)


@pytest.mark.rule("EV-2")
def test_two_mails_of_one_sender_about_two_things_are_two_contacts(post: Post) -> None:
    begin(post)
    post.take(write("Another child, nothing to do with the first", subject="Another"))
    assert len(requests(post)) == 2 and len(post.owed()) == 2 and post.tasks() == []
