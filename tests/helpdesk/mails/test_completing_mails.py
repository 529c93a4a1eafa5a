"""A contact by mail is made a service request on a page, or its sender is asked for the form (GL-1, GL-7)."""

from __future__ import annotations

from copy import deepcopy

import pytest
from flask import current_app

from infrastructure.database import transaction, utc_now
from infrastructure.house import House
from service_request.models import Clock, ClockEnd, ClockKind, Draft, FormResponse, ServiceRequest
from service_request.pathways.social_care.forms import FormKind
from service_request.services.completing import start_completing
from service_request.services.send_form import answers_digest, send_form
from tests.answers import FULL_FORM
from tests.factories import County
from tests.helpdesk.mails.conftest import signed_in
from tests.helpdesk.web.walking import Staff
from tests.plugins.house import Mailbox
from tests.posting import CARE, WORRY, Post, write

GP = "Dr Anwen Pugh <a.pugh@st-hildas-surgery.example>"
ADDRESS = "a.pugh@st-hildas-surgery.example"


def begin(post: Post) -> ServiceRequest:
    post.take(write(to=CARE, by=GP, subject="Tadhg"), CARE)
    return post.request


@pytest.mark.rule("GL-7")
@pytest.mark.rule("GL-8")
def test_the_form_is_filled_with_what_the_mail_says_and_the_clock_runs_on(post: Post, officer: Staff) -> None:
    request = begin(post)
    due = [row.due_at for row in post.rows(Clock) if row.kind is ClockKind.DECISION]
    assert "Make it a service request" in officer.get(f"/staff/requests/{request.id}").buttons
    page = officer.get(f"/staff/requests/{request.id}/write-down")
    assert (
        WORRY in page.value("narrative") and page.value("email") == ADDRESS and page.value("told") == "not_established"
    )
    assert "Who are they?" in page.words and "call" not in page.words.lower().replace("take a call", "")
    post.wait(600)
    typed = {
        "narrative": page.value("narrative"), "email": ADDRESS, "caller_name": "Anwen Pugh", "urgency": "routine",
        "child_name": "Tadhg Corrigan", "postcode": "WM1 1AA", "told": "not_established", "caller": "gp",
    }  # fmt: skip
    answer = officer.post(f"/staff/requests/{request.id}/write-down", **typed)
    assert f"/staff/requests/{request.id}" in answer.location
    shown = officer.get(answer.location)
    assert "Tadhg Corrigan" in shown.words and "Family told Not established." in shown.words
    assert "Who wrote Anwen Pugh" in shown.words and "Caller" not in shown.words
    assert [row.due_at for row in post.rows(Clock) if row.kind is ClockKind.DECISION] == due
    assert len(post.rows(ServiceRequest)) == 1 and len(post.rows(FormResponse)) == 2


@pytest.mark.rule("GL-1")
def test_the_sender_is_asked_by_a_link_and_the_mail_holds_nothing_of_what_they_wrote(
    post: Post, officer: Staff, mailbox: Mailbox, county: County
) -> None:
    request = begin(post)
    page = officer.get(f"/staff/requests/{request.id}/ask-form")
    assert ADDRESS in page.words and "Send the link" in page.buttons
    mailbox.clear()
    officer.post(f"/staff/requests/{request.id}/ask-form", version=page.version)
    post.work()
    (sent,) = mailbox.to(ADDRESS)
    assert "/complete/" in mailbox.words(sent) and "Tadhg" not in f"{sent['Subject']}{mailbox.words(sent)}"
    assert ClockKind.WRITTEN_FORM in {row.kind for row in post.rows(Clock)}
    assert "on its way" in officer.get(f"/staff/requests/{request.id}?done=form_asked").words


@pytest.mark.rule("GL-1")
@pytest.mark.rule("GL-8")
@pytest.mark.rule("EV-7")
def test_the_form_behind_the_link_completes_that_same_request_and_nothing_speaks_of_a_call(
    post: Post, officer: Staff, mailbox: Mailbox, house: House
) -> None:
    request = begin(post)
    due = {row.kind: row.due_at for row in post.rows(Clock)}[ClockKind.DECISION]
    page = officer.get(f"/staff/requests/{request.id}/ask-form")
    mailbox.clear()
    officer.post(f"/staff/requests/{request.id}/ask-form", version=page.version)
    post.work()
    path = mailbox.words(mailbox.to(ADDRESS)[0]).split("http://localhost")[1].split()[0]
    visitor = current_app.test_client()
    shown = visitor.get(path).text
    assert "Complete the request you emailed us about" in shown and "begins with what you wrote" in shown
    assert " call adds" not in shown and "rang" not in shown
    started = start_completing(post.session, token=path.rsplit("/")[-1], device=None, now=utc_now(), house=house)
    (draft,) = post.rows(Draft)
    assert WORRY in draft.answers["concerns"]["narrative"][0] and draft.answers["you"]["email"] == [ADDRESS]
    answers = {
        **deepcopy(FULL_FORM), "concerns": {**FULL_FORM["concerns"], **draft.answers["concerns"]},
        "you": {**FULL_FORM["you"], **draft.answers["you"]},
    }  # fmt: skip
    with transaction(post.session):
        post.session.get_one(Draft, started.id).answers = answers
    mailbox.clear()
    digest = answers_digest(answers)
    send_form(post.session, draft_id=started.id, device=started.device, digest=digest, now=utc_now(), house=house)
    post.work()
    assert (post.request.id, post.request.kind, len(post.rows(FormResponse))) == (request.id, FormKind.FULL, 2)
    clocks = {row.kind: row for row in post.rows(Clock)}
    assert clocks[ClockKind.DECISION].due_at == due and clocks[ClockKind.WRITTEN_FORM].end is ClockEnd.MET
    (receipt,) = mailbox.to(ADDRESS)
    words = mailbox.words(receipt)
    assert "the request that we had from you already" in " ".join(words.split()) and "phone" not in words


def test_neither_page_is_there_for_what_came_another_way_or_for_others(post: Post, county: County) -> None:
    request = begin(post)
    for user in (county.manager, county.social_worker):
        someone = signed_in(post, user)
        for path in ("write-down", "ask-form"):
            assert someone.get(f"/staff/requests/{request.id}/{path}").status in (403, 404)
