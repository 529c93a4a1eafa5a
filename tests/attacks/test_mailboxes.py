"""What was reached by a mailbox is closed with it, and an address that was corrected reads nothing any more (EV-6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import transaction, utc_now, uuid7
from infrastructure.house import House
from infrastructure.trail import Actor, ActorKind
from service_request.domain.states import RequestState
from service_request.models import AskedFor, AskedKind, FormResponse, Message, Referrer, ServiceRequest
from service_request.services.asking import owe_asking
from service_request.services.sight.holder import get_for_holder
from tests.plugins.house import Mailbox
from tests.service_request.channels.web.mailbox_holders import Returning, code_in, link_in
from tests.service_request.channels.web.walking import NAMED, Draft, Person, draft_in

FIELDS = ["child.1.where/gp", "background/history"]
WORDS = "Who is Callum's doctor, and how long has this gone on?"
CORRECT = "a.rahman@brookfield.example"
SAID = "Aldermoor Surgery, Dr Pike"


@pytest.fixture
def asked(app: Flask, session: Session, house: House, mailbox: Mailbox, work: Callable[[], None]) -> AskedFor:
    """What a teacher was asked about a request that she sent."""
    Person(app.test_client()).begin().fill(NAMED).send()
    with transaction(session):
        request = get_for_holder(session, session.scalars(select(ServiceRequest.id)).one(), lock=True)
        request.referrer.proof = "code"
        kinds: dict[str, Any] = {"kind": AskedKind.DETAILS, "by": Actor(ActorKind.USER, uuid7()), "now": utc_now()}
        row = owe_asking(session, request, fields=FIELDS, words=WORDS, house=house, **kinds)
        request.state = RequestState.AWAITING_INFORMATION
    work()
    return row


@pytest.mark.rule("EV-6")
@pytest.mark.threat("T27")
def test_what_a_mailbox_opened_is_closed_with_it_on_a_shared_computer(
    asked: AskedFor, app: Flask, mailbox: Mailbox, work: Callable[[], None]
) -> None:
    returning = Returning(app, mailbox, work)
    teacher = returning.prove(returning.somebody())
    teacher.post(f"/mine/asked/{asked.id}")
    link = teacher.address
    teacher.post(f"{link}/step/child.1.where", {"gp": SAID})
    teacher.post("/mine/sign-out")
    teacher.open(f"{link}/check")
    assert SAID not in teacher.words and WORDS not in teacher.words
    assert teacher.open(f"{link}/step/child.1.where").request.path == link


@pytest.mark.rule("GL-14")
@pytest.mark.threat("T7")
@pytest.mark.storage
def test_a_link_to_an_address_that_was_corrected_since_shows_nothing_of_what_the_right_one_writes(
    asked: AskedFor, app: Flask, mailbox: Mailbox, work: Callable[[], None], session: Session
) -> None:
    wrong, right = Person(app.test_client()), Person(app.test_client())
    link = link_in(mailbox, "answer")
    wrong.post(link)
    work()
    wrong.post(f"{link}/code", {"code": code_in(mailbox)})
    assert WORDS in wrong.words
    with transaction(session):
        referrer = session.scalars(select(Referrer)).one()
        referrer.email, referrer.email_hash = CORRECT, CORRECT
    returning = Returning(app, mailbox, work)
    returning.prove(right, CORRECT)
    right.post(f"/mine/asked/{asked.id}")
    right.post(f"{right.address}/step/child.1.where", {"gp": SAID})
    for page in ("", "/check", "/step/child.1.where", "/step/answer", "/files"):
        wrong.open(f"{link}{page}")
        assert SAID not in wrong.page.text and SAID not in str(wrong.words), page
        inputs = [one.attributes.get("value", "") for one in wrong.page.all("input")]
        assert SAID not in inputs, page
        assert WORDS not in wrong.words, page
    late = "Their doctor is at the Millbrook Surgery, and it began last winter."
    wrong.post(f"{link}/step/answer", {"words": late, "name": "Nobody of yours"})
    assert late in wrong.words and "Nobody of yours" in wrong.words  # given back to whoever typed it (EV-1)
    assert session.scalars(select(Message).where(Message.kind == "answered")).all() == []


@pytest.mark.parametrize("page", ["0", "-1", "x", "1e9", "9" * 40, "9" * 18])
def test_no_number_of_a_page_breaks_the_list(
    asked: AskedFor, app: Flask, mailbox: Mailbox, work: Callable[[], None], page: str
) -> None:
    returning = Returning(app, mailbox, work)
    teacher = returning.prove(returning.somebody())
    assert teacher.open(f"/mine?page={page}").status_code == 200


@pytest.mark.rule("GL-14")
@pytest.mark.storage
def test_changes_that_were_begun_before_the_address_was_corrected_change_nothing(
    asked: AskedFor, app: Flask, mailbox: Mailbox, work: Callable[[], None], session: Session
) -> None:
    returning = Returning(app, mailbox, work)
    wrong = returning.prove(returning.somebody())
    request_id = session.scalars(select(ServiceRequest.id)).one()
    wrong.post(f"/mine/{request_id}/amend")
    changing = Draft(wrong, draft_in(wrong.address))
    changing.answer("tried", {"tried": "Nothing yet."})
    changing.open("email")
    assert wrong.address.endswith("/changes"), "no other address is proven in it"
    digest = wrong.page.one("input", name="digest").attributes["value"]
    with transaction(session):
        referrer = session.scalars(select(Referrer)).one()
        referrer.email, referrer.email_hash = CORRECT, CORRECT
    changing.open("changes")
    assert "Nothing yet." not in wrong.words
    wrong.post(changing.url("changes"), {"digest": digest, "reason": "mistake", "words": "Late.", "name": "A. Rahman"})
    session.rollback()
    assert len(session.scalars(select(FormResponse)).all()) == 1
