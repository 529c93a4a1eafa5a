"""What comes for a request that was folded or has ended is never lost, and somebody looks at it (EV-1)."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from helpdesk.services import folding
from infrastructure.database import transaction, utc_now
from service_request.domain.states import RequestState
from service_request.models import LinkKind, Message, RequestLink, ServiceRequest, Subject, Task, TaskKind
from tests.factories import County, make_waiting
from tests.helpdesk.web.walking import Staff
from tests.posting import PARENT, Post, write

pytestmark = [pytest.mark.rule("EV-1"), pytest.mark.storage]
LATER = "He did not come home last night."


@pytest.fixture
def folded(post: Post, county: County) -> tuple[UUID, UUID]:
    """A mother's mail, folded into what a teacher had sent about the same boy."""
    own = post.take(write()).request_id
    assert own is not None
    other = make_waiting(post.session, county, received_at=utc_now()).id
    of = {row.request_id: row.id for row in post.rows(Subject)}
    folding.fold(
        post.session,
        request_id=own,
        into_id=other,
        same={of[own]: of[other]},
        by=county.officer,
        now=utc_now(),
        house=post.house,
    )
    return own, other


def answer(post: Post, words: str = LATER) -> bytes:
    """Write back to the acknowledgement."""
    (letter,) = [row for row in post.owed(PARENT) if row.template.startswith("mail_received")]
    return write(words, subject="Re: School place", In_Reply_To=letter.message_id)


def test_an_answer_to_a_folded_request_stands_there_and_comes_up_where_it_is_decided(
    post: Post, officer: Staff, folded: tuple[UUID, UUID]
) -> None:
    own, other = folded
    mail = post.take(answer(post))
    assert mail.request_id == own
    said = {(row.request_id, row.body) for row in post.rows(Message) if row.body == LATER}
    assert said == {(own, LATER), (other, LATER)}
    tasks = [row for row in post.rows(Task) if row.kind is TaskKind.NEW_INFORMATION]
    assert [row.request_id for row in tasks] == [other]
    assert len(post.rows(ServiceRequest)) == 2
    page = officer.get(f"/staff/requests/{other}")
    assert LATER in page.words
    assert "Something came for a request that was folded into this one" in page.words


@pytest.mark.rule("EV-10")
def test_danger_in_it_puts_the_one_that_is_decided_first(post: Post, folded: tuple[UUID, UUID]) -> None:
    post.take(answer(post, "He says his stepfather will kill him tonight."))
    urgency = {row.id: row.urgency for row in post.rows(ServiceRequest)}
    assert urgency[folded[1]] == "danger"


@pytest.mark.parametrize("state", [RequestState.CLOSED, RequestState.SET_ASIDE])
def test_when_the_one_it_was_folded_into_has_ended_it_is_a_new_request_linked_to_that_and_offered(
    post: Post, officer: Staff, folded: tuple[UUID, UUID], session: Session, state: RequestState
) -> None:
    own, other = folded
    with transaction(post.session):
        post.session.get_one(ServiceRequest, other).state = state
    mail = post.take(answer(post))
    assert mail.request_id not in (own, other, None)
    (link,) = [row for row in post.rows(RequestLink) if row.kind is LinkKind.AFTER_CLOSED]
    assert (link.from_id, link.to_id) == (mail.request_id, other)
    page = officer.get(f"/staff/requests/{mail.request_id}")
    assert "Say what it is" in page.words
    page = officer.follow(officer.post(f"/staff/requests/{mail.request_id}/late/add"))
    assert LATER in page.words
    rows = {row.id: row.state for row in post.rows(ServiceRequest)}
    assert rows == {own: RequestState.FOLDED, other: state, mail.request_id: RequestState.SET_ASIDE}
