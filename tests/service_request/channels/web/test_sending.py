"""Check your answers, send, and the receipt (GL-3, GL-16, EV-1 to EV-3, W11 to W13)."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.outbox.models import OutboxMessage
from service_request.domain.references import parse_reference
from service_request.models import Arrival, FormResponse, ServiceRequest
from service_request.models import Person as PersonRow
from service_request.services import acknowledging, recording, send_form
from tests.service_request.channels.web.walking import NAMED, NARRATIVE, TEACHER, Draft, Person, Posted


@pytest.fixture
def ready(draft: Draft) -> Draft:
    return draft.fill(NAMED)


def kept(session: Session) -> tuple[int, int]:
    """Return how many requests there are, and how many mails are owed."""
    session.rollback()
    count = (
        session.scalars(select(func.count()).select_from(table)).one() for table in (ServiceRequest, OutboxMessage)
    )
    requests, mails = count
    return requests, mails


def reference_on(person: Person) -> str:
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", person.words)
    assert found is not None
    return found[0]


@pytest.mark.rule("GL-3")
def test_what_is_missing_stands_first_and_is_linked_to_its_place(ready: Draft) -> None:
    ready.open("check")
    person = ready.person
    assert re.search(r"\d+ answers are missing", person.words)
    assert "You can send without them" in person.words
    gaps = {link.text: link.attributes["href"] for link in person.page.all(class_="govuk-notification-banner__link")}
    assert any(text.startswith("Callum Hartley: ") for text in gaps)
    assert all(person.client.get(href).status_code == 200 for href in gaps.values())
    assert person.words.index("answers are missing") < person.words.index("Are the children safe now")


def test_every_answer_stands_on_the_check_page_with_a_way_to_change_it(ready: Draft) -> None:
    ready.open("check")
    for words in (NARRATIVE, "14 March 2017", "WM4 2QT", "Samina Rahman", "s.rahman@brookfield.example"):
        assert words in ready.person.words
    changes = [link for link in ready.person.page.all("a") if link.text.startswith("Change")]
    assert all("then=check" in link.attributes["href"] for link in changes)
    assert len({link.text for link in changes}) == len(changes)  # each says what it changes


@pytest.mark.rule("EV-10")
@pytest.mark.parametrize(("urgency", "is_first"), [("danger", True), ("routine", False)])
def test_the_receipt_tells_999_and_the_duty_line_and_first_of_all_where_there_may_be_danger(
    draft: Draft, urgency: str, is_first: bool
) -> None:
    draft.fill({**NAMED, "safety": {"urgency": urgency, "already": "no"}}).send()
    person = draft.person
    assert person.h1 == "Request sent"
    assert {"tel:999", "tel:+441632960120"} <= {link.attributes["href"] for link in person.page.all("a")}
    assert (person.words.index("call 999 now") < person.words.index("What happens next")) is is_first


@pytest.mark.rule("EV-10")
@pytest.mark.parametrize(
    ("typed", "urgency"),
    [
        ({"safety": {"urgency": "danger", "already": "no"}}, "danger"),
        ({"concerns": {"narrative": "Her stepfather is hitting her now."}}, "danger"),
        ({"child.1.where": {"lives": "address", "address": "He is in danger now, at 3 Weir Cottages"}}, "danger"),
        ({"safety": {"urgency": "urgent", "already": "no"}}, "urgent"),
        ({}, "routine"),
    ],
)
def test_danger_that_was_said_or_typed_anywhere_puts_the_request_first(
    draft: Draft, session: Session, typed: dict[str, Posted], urgency: str
) -> None:
    draft.fill({**NAMED, **typed}).send()
    assert session.scalars(select(ServiceRequest.urgency)).one() == urgency


@pytest.mark.rule("GL-18")
@pytest.mark.parametrize(
    ("sent_at", "born", "is_taken"),
    [
        ("2026-11-17T20:00:00+00:00", ["18", "11", "2008"], True),
        ("2026-11-18T09:00:00+00:00", ["18", "11", "2008"], False),  # 18 since the page was filled in
        ("2026-11-18T09:00:00+00:00", ["19", "11", "2008"], True),
        ("2026-07-01T22:30:00+00:00", ["2", "7", "2008"], True),
        ("2026-07-01T23:30:00+00:00", ["2", "7", "2008"], False),  # half past midnight in England
    ],
)
def test_a_child_is_under_18_on_the_day_that_the_request_is_received(
    person: Person, session: Session, sent_at: str, born: list[str], is_taken: bool
) -> None:
    at = datetime.fromisoformat(sent_at)
    with time_machine.travel(at - timedelta(hours=20), tick=False):
        draft = person.begin().fill({**NAMED, "child.1.who": {**NAMED["child.1.who"], "birth_on": born}})
    with time_machine.travel(at, tick=False):
        draft.send()
    assert (person.h1 == "Request sent") is is_taken
    assert ("Enter a date of birth less than 18 years ago" in " ".join(person.errors())) is not is_taken
    assert kept(session)[0] == is_taken


@pytest.mark.rule("EV-2")
@pytest.mark.storage
def test_a_sent_request_has_a_reference_to_say_and_what_happens_next_by_when(ready: Draft, session: Session) -> None:
    ready.send()
    person = ready.person
    assert person.h1 == "Request sent"
    reference = reference_on(person)
    request = session.scalars(select(ServiceRequest)).one()
    assert parse_reference(reference) == request.reference
    assert "Over the phone, say: " in person.words
    assert re.search(r"By \d{1,2}(:\d\d)?[ap]m tomorrow, \w+day \d{1,2} \w+", person.words)
    assert "within 24 hours" not in person.words
    assert f"We are emailing this reference to {TEACHER['email']}" in person.words
    assert "tel:999" in {link.attributes["href"] for link in person.page.all("a")}
    assert kept(session) == (1, 1)


@pytest.mark.rule("EV-3")
@pytest.mark.storage
def test_w11_a_double_click_back_and_resend_end_at_the_same_receipt(ready: Draft, session: Session) -> None:
    digest = ready.digest()
    first = ready.send(digest=digest, follow=False)
    second = ready.send(digest=digest, follow=False)
    assert first.status_code == second.status_code == 302
    assert first.location == second.location == ready.url("sent")
    ready.open("sent")
    reference = reference_on(ready.person)
    ready.open("sent")
    assert reference_on(ready.person) == reference
    assert kept(session) == (1, 1)
    assert session.scalars(select(Arrival.external_id)).all() == [str(ready.id)]  # which no second row can carry


@pytest.mark.rule("EV-3")
@pytest.mark.parametrize("page", ["", "check", "step/concerns", "email", "delete", "marked-words"])
def test_w11_a_page_gone_back_to_after_sending_leads_to_the_receipt(ready: Draft, page: str) -> None:
    ready.send()
    reference = reference_on(ready.person)
    ready.open(page)
    assert ready.person.address == ready.url("sent")
    assert reference_on(ready.person) == reference


@pytest.mark.rule("EV-3")
@pytest.mark.storage
def test_w12_the_same_draft_with_other_content_is_told_its_reference_and_is_not_sent_again(
    ready: Draft, session: Session
) -> None:
    ready.send()
    reference = reference_on(ready.person)
    response = ready.send(digest="0" * 64)
    assert response.status_code == 409
    assert ready.person.h1 == "This request was already sent"
    assert reference_on(ready.person) == reference
    assert kept(session) == (1, 1)


@pytest.mark.rule("EV-1")
@pytest.mark.storage
def test_what_reached_us_is_kept_to_the_letter_beside_what_was_read_from_it(ready: Draft, session: Session) -> None:
    typed = "  Ça va? <b>He</b> said \u201cno\u201d; O'Neil \U0001f98a\n\n-- ' OR 1=1 {{ 7*7 }}  "
    ready.answer("concerns", {"narrative": typed})
    ready.send()
    session.rollback()
    arrival, answers = session.scalars(select(Arrival)).one(), session.scalars(select(FormResponse)).one()
    assert arrival.request_id == answers.request_id == session.scalars(select(ServiceRequest.id)).one()
    assert json.loads(arrival.raw or b"") == answers.answers
    assert answers.answers["concerns"]["narrative"] == [typed]
    assert answers.answers["you"]["email"] == [TEACHER["email"]]


@pytest.mark.rule("EV-1")
@pytest.mark.storage
@pytest.mark.parametrize("late", ["record_consent", "start_clock", "owe_acknowledgement"])
def test_a_form_is_accepted_whole_or_the_sender_still_holds_every_word(
    ready: Draft, app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    def breaks(*_: object, **__: object) -> None:
        session.flush()
        raise RuntimeError("the disk is full")

    at = {"record_consent": recording, "start_clock": send_form, "owe_acknowledgement": acknowledging}[late]
    digest = ready.digest()
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with monkeypatch.context() as fault:
        fault.setattr(at, late, breaks)
        assert ready.person.post(ready.url("send"), {"digest": digest}).status_code == 500
    session.rollback()
    for table in (ServiceRequest, Arrival, FormResponse, OutboxMessage, PersonRow):
        assert session.scalars(select(table)).all() == [], table
    ready.open("check")
    assert NARRATIVE in ready.person.words
    ready.send()
    assert ready.person.h1 == "Request sent"
    assert kept(session) == (1, 1)


@pytest.mark.rule("EV-1")
def test_w12_words_saved_in_another_tab_after_sending_are_given_back(ready: Draft) -> None:
    ready.send()
    late = "He came in with a bruise that he did not have on Friday, and said nothing of it."
    response = ready.answer("concerns", {"narrative": late})
    assert response.status_code == 409
    assert late in ready.person.words
    assert "not part of the request" in ready.person.words


@pytest.mark.storage
def test_answers_changed_in_another_tab_are_checked_again_before_they_go(ready: Draft, session: Session) -> None:
    digest = ready.digest()
    ready.answer("concerns", {"narrative": "Another tab wrote this."})
    ready.send(digest=digest)
    assert "Your answers have changed since you checked them" in ready.person.words
    assert "Another tab wrote this." in ready.person.words
    assert kept(session) == (0, 0)
    ready.send()
    assert ready.person.h1 == "Request sent"


@pytest.mark.parametrize("digest", ["", "x", "0" * 64, "../../etc"])
def test_a_forged_digest_sends_nothing(ready: Draft, session: Session, digest: str) -> None:
    ready.open("check")
    ready.person.post(ready.url("send"), {"digest": digest})
    assert kept(session) == (0, 0)


@pytest.mark.rule("EV-1")
@pytest.mark.storage
def test_w13_a_session_that_ended_at_the_moment_of_sending_costs_one_more_press(ready: Draft, session: Session) -> None:
    person = ready.person
    digest = ready.digest()
    person.client.delete_cookie("session")
    person.post(ready.url("send"), {"digest": digest, "csrf_token": "stale"}, token=False)
    assert person.h1 == "Check your answers"
    assert "Everything you typed is still here" in person.words
    assert NARRATIVE in person.words
    assert kept(session) == (0, 0)
    fields = {box.attributes["name"]: box.attributes["value"] for box in person.page.all("input", type="hidden")}
    person.post(ready.url("send"), fields, token=False)
    assert person.h1 == "Request sent"
    assert kept(session) == (1, 1)


def test_what_stops_sending_is_said_with_its_place_and_sends_nothing(draft: Draft, session: Session) -> None:
    draft.fill({"told": {"told": "yes"}})
    draft.send()
    assert "Enter what worries you" in draft.person.errors()
    assert draft.person.title.startswith("Error: Check your answers")
    links = draft.person.page.one(class_="govuk-error-summary__list").all("a")
    assert all(draft.person.client.get(link.attributes["href"]).status_code == 200 for link in links)
    assert kept(session) == (0, 0)


@pytest.mark.rule("EV-3")
def test_nobody_else_can_send_or_read_a_draft(ready: Draft, stranger: Person, session: Session) -> None:
    digest = ready.digest()
    assert stranger.post(ready.url("send"), {"digest": digest}).status_code == 404
    ready.send()
    assert stranger.open(ready.url("sent")).status_code == 404
    assert kept(session) == (1, 1)


@pytest.mark.rule("GL-16")
@pytest.mark.storage
@pytest.mark.parametrize(
    ("who", "told"),
    [("public_family", "yes"), ("public_child", "yes"), ("public_worried", "not_established")],
)
def test_the_short_form_is_sent_with_one_answer_named_or_not(
    person: Person, session: Session, who: str, told: str
) -> None:
    draft = person.begin_short(who)
    draft.fill({"concerns": {"narrative": "I need help with the mornings."}}).send()
    assert person.h1 == "Request sent"
    request = session.scalars(select(ServiceRequest)).one()
    assert (request.kind, request.told) == (who, told)
    assert "Write the reference down" in person.words
    assert kept(session) == (1, 0)


@pytest.mark.rule("GL-16")
def test_a_short_form_that_says_nothing_is_asked_for_one_thing(person: Person, session: Session) -> None:
    person.begin_short("public_family").send()
    assert person.errors() == ["Tell us what is happening, or how we can reach you to ask"]
    assert kept(session) == (0, 0)


@pytest.mark.rule("GL-16")
def test_the_short_form_leads_from_page_to_page_without_a_task_list(person: Person) -> None:
    draft = person.begin_short("public_family")
    seen = []
    for key, typed in (
        ("safety", {}),
        ("concerns", {"narrative": "Help with mornings"}),
        ("child.1.brief", {"name": "Ryan"}),
    ):
        draft.answer(key, typed)
        seen.append(person.address.removeprefix(draft.url() + "/"))
    assert seen == ["step/concerns", "step/child.1.brief", "children"]
    onward = next(one for one in person.page.all("a", class_="govuk-button") if one.text == "Continue")
    assert onward.attributes["href"] == draft.url("step/home")


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize(("safe", "mails"), [("yes", 1), ("no", 0)])
def test_nothing_is_written_to_an_address_that_is_not_safe(
    person: Person, session: Session, safe: str, mails: int
) -> None:
    draft = person.begin_short("public_family")
    answers = {"concerns": {"narrative": "Help"}, "reach": {"email": "mum@home.example", "safe": safe}}
    draft.fill(answers).send()
    assert person.h1 == "Request sent"
    assert ("We are emailing" in person.words) is bool(mails)
    assert ("We have no way to reach you." in person.words) is not bool(mails)
    assert ("If you have not heard" in person.words) is bool(mails)
    assert kept(session) == (1, mails)
