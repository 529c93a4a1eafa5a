"""A contact by mail becomes a whole request: written down by an officer, or by its sender behind a link (GL-1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service_request.domain.consent import Told
from service_request.domain.states import RequestState
from service_request.models import Clock, ClockKind, Draft, FormResponse, Person, ReferrerKind
from service_request.services.completing import start_completing
from service_request.services.mail.completing import (
    FormIsForProfessionalsError,
    NotAContactError,
    ask_for_form,
    complete_mailed,
    read_typed,
)
from service_request.services.send_form import NotReadyError
from service_request.services.sight.visible import get_request
from tests.factories import NOW, County
from tests.plugins.house import Mailbox
from tests.posting import PARENT, WORRY, Post, write

LATER = NOW + timedelta(hours=2)


@pytest.mark.storage
@pytest.mark.rule("GL-7")
@pytest.mark.rule("GL-8")
def test_an_officer_writes_it_down_and_the_24_hours_run_on(post: Post, county: County) -> None:
    post.take(write())
    due = post.request.next_due_at
    typed = read_typed(post.session, post.request.id, county.officer)
    assert typed["narrative"] == [f"School place\n\n{WORRY}"] and typed["caller_name"] == ["Mairead Corrigan"]
    said = {**typed, "caller": ["parent"], "child_name": ["Tadhg Corrigan"], "told": ["yes"]}
    complete_mailed(post.session, post.request.id, said, by=county.officer, now=LATER, house=post.house)
    request = get_request(post.session, post.request.id, county.officer)
    assert (request.told, request.next_due_at, request.state) == (Told.YES, due, RequestState.RECEIVED)
    assert (request.referrer.kind, request.referrer.proof) == (ReferrerKind.FAMILY, None)
    assert [row.name for row in post.rows(Person)] == ["Tadhg Corrigan"]
    first, second = sorted(post.rows(FormResponse), key=lambda row: row.at)
    assert second.supersedes_id == first.id and first.answers["call"]["narrative"] == typed["narrative"]
    with pytest.raises(NotReadyError):
        complete_mailed(post.session, request.id, {"narrative": [""]}, by=county.officer, now=LATER, house=post.house)


@pytest.mark.storage
@pytest.mark.rule("GL-1")
@pytest.mark.rule("GL-17")
@pytest.mark.rule("EV-6")
def test_the_sender_completes_the_same_request_behind_a_link_that_carries_what_they_wrote(
    post: Post, county: County, mailbox: Mailbox
) -> None:
    post.take(write())
    mailbox.clear()
    ask_for_form(post.session, post.request.id, by=county.officer, now=LATER, house=post.house)
    ask_for_form(post.session, post.request.id, by=county.officer, now=LATER, house=post.house)
    post.wait(timedelta(hours=3).total_seconds())
    post.work()
    mails = mailbox.to(PARENT)
    assert len(mails) == 2 and "Tadhg" not in mailbox.words(mails[0])
    assert [clock.kind for clock in post.rows(Clock)].count(ClockKind.WRITTEN_FORM) == 1
    token = mailbox.words(mails[0]).split("/complete/")[1].split()[0]
    start_completing(post.session, token=token, device=None, now=LATER, house=post.house)
    (draft,) = post.rows(Draft)
    assert draft.completes_id == post.request.id
    assert draft.answers == {
        "concerns": {"narrative": [f"School place\n\n{WORRY}"]},
        "you": {"name": ["Mairead Corrigan"], "email": [PARENT]},
    }


@pytest.mark.rule("GL-1")
def test_the_form_is_not_wished_of_a_family_nor_of_what_came_otherwise(post: Post, county: County) -> None:
    post.take(write())
    typed = {**read_typed(post.session, post.request.id, county.officer), "caller": ["parent"]}
    complete_mailed(post.session, post.request.id, typed, by=county.officer, now=LATER, house=post.house)
    with pytest.raises(FormIsForProfessionalsError):
        ask_for_form(post.session, post.request.id, by=county.officer, now=LATER, house=post.house)
    from tests.factories import make_waiting

    other = make_waiting(post.session, county)
    with pytest.raises(NotAContactError):
        complete_mailed(post.session, other.id, typed, by=county.officer, now=LATER, house=post.house)
