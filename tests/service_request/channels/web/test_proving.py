"""Proving a work address, and finding a draft again by it (GL-14)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from service_request.models import Referrer as ReferrerRow
from service_request.models import ReferrerKind, ServiceRequest
from tests.plugins.house import Mailbox
from tests.service_request.channels.web.walking import NAMED, TEACHER, WITHOUT_NAMES, Draft, Person

ADDRESS = TEACHER["email"]
Work = Callable[[], None]


@pytest.fixture
def ready(draft: Draft) -> Draft:
    return draft.fill(NAMED)


def code_in(mailbox: Mailbox, address: str = ADDRESS) -> str:
    """Return the code of the latest mail to an address."""
    found = re.search(r"\b(\d{6})\b", mailbox.words(mailbox.to(address)[-1]))
    assert found is not None
    return found[1]


def prove(draft: Draft, mailbox: Mailbox, work: Work) -> None:
    draft.person.post(draft.url("email"), {"email": ADDRESS})
    work()
    draft.person.post(draft.url("code"), {"code": code_in(mailbox)})


@pytest.mark.rule("GL-14")
@pytest.mark.storage
def test_a_work_address_is_proven_by_the_code_that_came_by_mail(
    ready: Draft, session: Session, mailbox: Mailbox, work: Work
) -> None:
    prove(ready, mailbox, work)
    assert ready.person.address == ready.url()
    assert "Work email address proven by code" in ready.person.words
    ready.open("check")
    assert f"{ADDRESS}, proven by code" in ready.person.words
    ready.send()
    assert "your form back with the actions recorded" in ready.person.words
    referrer = session.scalars(select(ReferrerRow)).one()
    assert (referrer.kind, referrer.proof) == (ReferrerKind.PROFESSIONAL, "code")


@pytest.mark.rule("GL-14")
@pytest.mark.storage
@pytest.mark.threat("T6")
def test_a_code_proves_the_address_it_was_sent_to_and_no_other(
    ready: Draft, session: Session, mailbox: Mailbox, work: Work
) -> None:
    prove(ready, mailbox, work)
    ready.answer("you", {**TEACHER, "email": "someone.else@elsewhere.example"})
    ready.send()
    referrer = session.scalars(select(ReferrerRow)).one()
    assert (referrer.email, referrer.proof) == ("someone.else@elsewhere.example", None)


@pytest.mark.rule("GL-14")
def test_skipping_is_open_and_says_what_it_costs(ready: Draft, session: Session) -> None:
    ready.open("email")
    assert "what you wrote goes back to you only if" in ready.person.words
    skip = next(link for link in ready.person.page.all("a") if link.text == "Skip for now")
    assert ready.person.open(skip.attributes["href"]).status_code == 200
    ready.send()
    assert ready.person.h1 == "Request sent"
    assert session.scalars(select(ReferrerRow.proof)).one() is None


def test_the_page_about_the_referrer_leads_to_proving_the_address(draft: Draft) -> None:
    draft.answer("you", TEACHER)
    assert draft.person.address == draft.url("email")
    assert draft.person.page.one("input", name="email").attributes["value"] == ADDRESS


def test_a_wrong_code_is_told_plainly_and_another_try_is_open(ready: Draft, mailbox: Mailbox, work: Work) -> None:
    ready.person.post(ready.url("email"), {"email": ADDRESS})
    work()
    wrong = "000000" if code_in(mailbox) != "000000" else "000001"
    ready.person.post(ready.url("code"), {"code": wrong})
    assert ready.person.errors() == [
        "That is not the code we sent last, or it has run out. Check the email, or ask for a new code"
    ]
    ready.person.post(ready.url("code"), {"code": f" {code_in(mailbox)[:3]} {code_in(mailbox)[3:]} "})
    assert "Work email address proven by code" in ready.person.words


def test_half_a_code_costs_no_try(ready: Draft, mailbox: Mailbox, work: Work) -> None:
    ready.person.post(ready.url("email"), {"email": ADDRESS})
    work()
    for _ in range(9):
        ready.person.post(ready.url("code"), {"code": "12"})
        assert ready.person.errors() == ["Enter the 6 numbers of the code"]
    ready.person.post(ready.url("code"), {"code": code_in(mailbox)})
    assert not ready.person.errors()


def test_a_code_is_used_once_and_guessed_only_a_few_times(ready: Draft, mailbox: Mailbox, work: Work) -> None:
    ready.person.post(ready.url("email"), {"email": ADDRESS})
    work()
    right = code_in(mailbox)
    for number in range(5):
        ready.person.post(ready.url("code"), {"code": f"{(int(right) + 1 + number) % 1_000_000:06d}"})
    ready.person.post(ready.url("code"), {"code": right})
    assert ready.person.errors()


def test_the_sixth_code_in_an_hour_is_not_sent(ready: Draft, mailbox: Mailbox, work: Work) -> None:
    for _ in range(6):
        ready.person.post(ready.url("email"), {"email": ADDRESS})
    work()
    assert ready.person.errors() == [
        "You have asked for too many codes. Wait an hour and ask again, or skip this for now"
    ]
    assert len(mailbox.to(ADDRESS)) == 5


@pytest.mark.threat("T6")
def test_an_address_proven_and_then_changed_is_proven_no_more(ready: Draft, mailbox: Mailbox, work: Work) -> None:
    prove(ready, mailbox, work)
    ready.answer("you", {**TEACHER, "email": "someone.else@brookfield.example"})
    ready.open()
    assert "Prove your work email address" in ready.person.words


def test_the_address_typed_to_be_proven_becomes_the_referrers_own(draft: Draft) -> None:
    draft.person.post(draft.url("email"), {"email": "new@brookfield.example"})
    assert draft.person.address == draft.url("code")
    draft.open("step/you")
    assert draft.person.page.one("input", name="email").attributes["value"] == "new@brookfield.example"


@pytest.mark.parametrize("email", ["", "nobody", "a@b.example\r\nBcc: c@d.example"])
def test_w9_no_code_is_sent_to_what_is_no_address(ready: Draft, mailbox: Mailbox, work: Work, email: str) -> None:
    ready.person.post(ready.url("email"), {"email": email})
    work()
    assert ready.person.errors()
    assert not mailbox.messages


def test_w13_a_stale_page_keeps_the_address_typed(ready: Draft, mailbox: Mailbox, work: Work) -> None:
    ready.person.post(ready.url("email"), {"email": ADDRESS, "csrf_token": "stale"}, token=False)
    work()
    assert ready.person.page.one("input", name="email").attributes["value"] == ADDRESS
    assert not mailbox.messages


def test_the_short_forms_ask_nobody_to_prove_an_address(person: Person) -> None:
    assert person.begin_short("public_family").open("email").status_code == 404


@pytest.mark.storage
def test_a_proven_address_finds_the_draft_from_another_device(
    ready: Draft, stranger: Person, mailbox: Mailbox, work: Work
) -> None:
    prove(ready, mailbox, work)
    mailbox.clear()
    stranger.post("/saved", {"email": ADDRESS.upper()})
    assert stranger.h1 == "Check your email"
    work()
    found = re.search(r"http://localhost(/saved/\S+)", mailbox.words(mailbox.to(ADDRESS)[-1]))
    assert found is not None
    assert stranger.open(ready.url()).status_code == 404
    stranger.open(found[1])  # a mail scanner opens links too: nothing is used up
    stranger.open(found[1])
    stranger.post(found[1])
    assert stranger.address == ready.url()
    assert "Callum Hartley" in stranger.words
    again = stranger.post(found[1])
    assert (again.status_code, stranger.h1) == (404, "This link has ended")


@pytest.mark.rule("EV-6")
def test_asking_for_drafts_says_the_same_whether_there_are_any_or_not(
    ready: Draft, stranger: Person, mailbox: Mailbox, work: Work
) -> None:
    prove(ready, mailbox, work)
    mailbox.clear()
    stranger.post("/saved", {"email": ADDRESS})
    there = stranger.words
    stranger.post("/saved", {"email": "nobody@else.example"})
    assert stranger.words == there
    work()
    assert len(mailbox.messages) == 1


def test_saved_requests_of_this_device_are_listed_without_a_name(ready: Draft) -> None:
    ready.person.open("/saved")
    assert "Request for service" in ready.person.words
    assert "Callum" not in ready.person.words
    onward = next(link for link in ready.person.page.all("a") if link.text.startswith("Continue"))
    assert onward.attributes["href"] == ready.url()


def test_a_draft_is_deleted_at_the_word_of_its_holder_and_only_theirs(ready: Draft, stranger: Person) -> None:
    assert stranger.post(ready.url("delete")).status_code == 404
    assert ready.open("delete").status_code == 200
    assert ready.open().status_code == 200  # a GET deleted nothing
    ready.person.post(ready.url("delete"))
    assert ready.person.h1 == "Draft deleted"
    assert ready.open().status_code == 404


def test_a_sent_request_cannot_be_deleted_as_a_draft(ready: Draft, session: Session) -> None:
    ready.send()
    ready.person.post(ready.url("delete"))
    assert ready.person.h1 == "Request sent"
    assert session.scalars(select(ServiceRequest)).one()


@pytest.mark.parametrize("device", ["", "forged", "x" * 500])
def test_a_draft_on_an_unknown_device_says_how_to_find_it(ready: Draft, stranger: Person, device: str) -> None:
    stranger.client.set_cookie("device", device)
    assert stranger.open(ready.url()).status_code == 404
    assert stranger.h1 == "We cannot find that draft on this device"
    assert "/saved" in {link.attributes["href"] for link in stranger.page.all("a")}


@pytest.mark.rule("EV-1")
def test_words_posted_to_a_draft_that_cannot_be_opened_are_given_back(ready: Draft, stranger: Person) -> None:
    words = "He has come in hungry for two weeks, and his brother too."
    response = stranger.post(ready.url("step/concerns"), {"narrative": words})
    assert response.status_code == 404
    assert words in stranger.words


def test_the_device_key_is_out_of_reach_of_scripts_and_lasts_as_long_as_a_draft(person: Person) -> None:
    person.post("/", {"who": "work"})
    response = person.post("/names", {"names": "named"}, follow=False)
    cookie = next(line for line in response.headers.getlist("Set-Cookie") if line.startswith("device="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert f"Max-Age={14 * 24 * 3600}" in cookie


def test_one_device_holds_several_drafts(person: Person) -> None:
    first, second = person.begin(), person.begin(names=False)
    second.fill(WITHOUT_NAMES)
    assert first.open().status_code == 200
    assert second.open().status_code == 200
    person.open("/saved")
    assert len([link for link in person.page.all("a") if link.text.startswith("Continue")]) == 2
