"""A colleague of the same agency fills in a part of a form: those pages, by link and code, and no other (GL-14, EV-6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import transaction, utc_now
from infrastructure.house import House
from infrastructure.trail import Event, verify
from service_request.models import Agency, AgencyDomain, DraftPart, FormResponse
from service_request.models import Draft as DraftRow
from tests.factories import NOW, make_county
from tests.helpdesk.web.walking import Staff
from tests.plugins.house import Mailbox
from tests.service_request.channels.web.mailbox_holders import ADDRESS, Work, code_in, link_in
from tests.service_request.channels.web.walking import NAMED, Draft, Person

NURSE = "nurse@brookfield.example"
HARM = "Bruises on his arm on Monday, seen by the school nurse."


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


@pytest.fixture
def shared(clock: Any, draft: Draft, session: Session) -> Draft:
    """A teacher's draft whose address was proven, at an agency that is known by its domain."""
    draft.fill(NAMED)
    with transaction(session):
        agency = Agency(name="Brookfield Primary School", kind="school", source_code="1A")
        session.add(agency)
        session.flush()
        session.add(AgencyDomain(domain="brookfield.example", agency_id=agency.id))
        clinic = Agency(name="Teasel Vale Clinic", kind="health", source_code="1B")
        session.add(clinic)
        session.flush()
        session.add(AgencyDomain(domain="clinic.example", agency_id=clinic.id))
        row = session.get_one(DraftRow, draft.id)
        row.proven_email, row.owner_hash, row.proven_at = ADDRESS, ADDRESS, utc_now()
    return draft


def ask(shared: Draft, *steps: str, address: str = NURSE) -> Person:
    shared.person.post(shared.url("colleague"), {"steps": list(steps), "email": address})
    return shared.person


def prove(person: Person, link: str, mailbox: Mailbox, work: Work) -> Person:
    person.post(link)
    work()
    person.post(f"{link}/code", {"code": code_in(mailbox, NURSE)})
    return person


@pytest.mark.rule("GL-14")
@pytest.mark.rule("EV-6")
@pytest.mark.storage
def test_a_colleague_fills_in_the_pages_they_were_asked_for_and_sees_no_other(
    shared: Draft, app: Flask, mailbox: Mailbox, work: Work, session: Session, clock: Any
) -> None:
    ask(shared, "harm", "child.1.needs")
    assert "n•••e@brookfield.example" in shared.person.words and "Waiting" in shared.person.words
    work()
    mail = mailbox.words(mailbox.to(NURSE)[-1])
    for word in ("Callum", "Hartley", "Brookfield", str(shared.id)):
        assert word not in mail
    link = link_in(mailbox, "part", NURSE)
    nurse = Person(app.test_client())
    nurse.open(link)
    assert nurse.h1 == "A colleague asks you to fill in a part of a form" and "Callum" not in nurse.words
    assert nurse.open(f"{link}/step/harm").request.path == link
    prove(nurse, link, mailbox, work)
    assert nurse.h1 == "Your part of the form" and "hungry" not in nurse.words and "2017" not in nurse.words
    assert "asks you for these pages about Callum Hartley" in nurse.words and "What Callum Hartley needs" in nurse.words
    nurse.post(f"{link}/step/harm", {"said": " "})
    assert "Saved" not in nurse.words
    nurse.post(f"{link}/step/harm", {"said": HARM})
    assert "Saved" in nurse.words
    assert nurse.h1 == "Your part of the form", nurse.errors()
    for page in ("concerns", "you", "told", "child.1.who", "made-up"):
        assert nurse.open(f"{link}/step/{page}").status_code == 404, page
        assert nurse.post(f"{link}/step/{page}", {"narrative": "Not mine to say."}).status_code == 404, page
    for page in ("", "step/harm", "check", "colleague", "tasks"):
        assert nurse.open(shared.url(page)).status_code == 404
    clock.shift(timedelta(minutes=1))
    nurse.post(f"{link}/done")
    assert nurse.h1 == "Your part is done"
    assert nurse.open(f"{link}/step/harm").request.path == link
    assert nurse.post(f"{link}/step/harm", {"said": "Too late."}).status_code == 404
    work()
    told = mailbox.to(ADDRESS)[-1]
    assert told["Subject"] == "Your colleague has filled in their part" and "Callum" not in mailbox.words(told)
    shared.open("")
    assert "1 done" in shared.person.words
    shared.open("colleague")
    assert "Done" in shared.person.words
    shared.open("check")
    assert HARM in shared.person.words
    shared.send()
    assert session.scalars(select(FormResponse)).one().answers["harm"]["said"] == [HARM]
    nurse.open(link)
    assert nurse.h1 == "Your part is done" and "The form has been sent" in nurse.words


@pytest.mark.rule("EV-5")
def test_of_two_children_a_colleague_reads_the_name_of_the_one_they_are_asked_about(
    shared: Draft, app: Flask, mailbox: Mailbox, work: Work
) -> None:
    shared.fill({"child.2.who": {"name": "Ryan Hartley"}})
    ask(shared, "child.2.needs")
    work()
    link = link_in(mailbox, "part", NURSE)
    nurse = prove(Person(app.test_client()), link, mailbox, work)
    assert "about Ryan Hartley." in nurse.words and "Callum" not in nurse.words


@pytest.mark.rule("GL-6")
@pytest.mark.rule("EV-6")
def test_of_a_talk_without_names_a_colleague_reads_no_name_that_was_typed_before_the_fork(
    shared: Draft, app: Flask, mailbox: Mailbox, work: Work
) -> None:
    shared.fill({"told": {"told": "in_principle"}})
    ask(shared, "child.1.band", "risks")
    work()
    link = link_in(mailbox, "part", NURSE)
    nurse = prove(Person(app.test_client()), link, mailbox, work)
    assert nurse.h1 == "Your part of the form" and "Callum" not in nurse.words
    assert nurse.open(f"{link}/step/child.1.band").status_code == 200 and "Callum" not in nurse.words


@pytest.mark.rule("GL-14")
def test_what_is_missing_to_ask_a_colleague_is_said_at_once(shared: Draft) -> None:
    person = ask(shared, address="")
    assert "Select the pages" in person.words and "Enter your colleague" in person.words


@pytest.mark.rule("GL-14")
@pytest.mark.parametrize(
    ("address", "known", "says"),
    [
        ("nurse@elsewhere.example", True, "Enter an address of your own agency"),
        ("nurse@clinic.example", True, "Enter an address of your own agency"),
        ("nurse@brookfield.example.evil.example", True, "Enter an address of your own agency"),
        (NURSE, False, "Enter an address of your own agency"),
    ],
)
def test_only_an_address_of_the_same_known_agency_is_asked(
    shared: Draft, session: Session, mailbox: Mailbox, work: Work, address: str, known: bool, says: str
) -> None:
    if not known:
        with transaction(session):
            session.delete(
                session.scalars(select(AgencyDomain).where(AgencyDomain.domain == "brookfield.example")).one()
            )
    person = ask(shared, "harm", address=address)
    assert says in person.words and person.page.one("input", name="email").attributes["value"] == address
    work()
    assert mailbox.messages == [] and session.scalars(select(DraftPart)).all() == []


@pytest.mark.rule("GL-5")
def test_who_sends_answers_for_the_family_and_for_themselves_and_must_be_proven_first(
    shared: Draft, session: Session
) -> None:
    for page in ("told", "agrees", "you", "made-up"):
        assert "Select the pages" in ask(shared, page).words
    with transaction(session):
        session.get_one(DraftRow, shared.id).proven_email = None
    page = shared.person
    page.open(shared.url("colleague"))
    assert "First prove your own work email address." in page.words and "Email the link" not in page.words
    assert "Prove your own work email address first" in ask(shared, "harm").words
    assert session.scalars(select(DraftPart)).all() == []


@pytest.mark.rule("EV-6")
@pytest.mark.storage
def test_what_was_asked_is_taken_back_at_once_and_only_by_the_holder(
    shared: Draft, stranger: Person, app: Flask, mailbox: Mailbox, work: Work, session: Session
) -> None:
    ask(shared, "harm")
    work()
    link = link_in(mailbox, "part", NURSE)
    nurse = prove(Person(app.test_client()), link, mailbox, work)
    nurse.post(f"{link}/step/harm", {"said": HARM})
    part_id = str(session.scalars(select(DraftPart.id)).one())
    session.rollback()
    assert stranger.post(shared.url("colleague/end"), {"part": part_id}).status_code == 404
    assert nurse.open(link).status_code == 200
    for odd in ("", "x", str(shared.id)):
        assert shared.person.post(shared.url("colleague/end"), {"part": odd}).status_code == 404
    shared.person.post(shared.url("colleague/end"), {"part": part_id})
    assert "Taken back" in shared.person.words
    assert nurse.open(link).status_code == 404
    late = "He said later on Tuesday that it was a fall from the wall."
    assert nurse.post(f"{link}/step/harm", {"said": late}).status_code == 404
    assert late in nurse.words  # nothing that was typed is lost (EV-1)
    shared.open("step/harm")
    assert HARM in shared.person.words  # what was saved stays


@pytest.mark.rule("EV-1")
@pytest.mark.threat("W13")
def test_what_a_colleague_typed_comes_back_when_they_were_away_too_long(
    shared: Draft, app: Flask, mailbox: Mailbox, work: Work, clock: Any
) -> None:
    ask(shared, "harm")
    work()
    link = link_in(mailbox, "part", NURSE)
    nurse = prove(Person(app.test_client()), link, mailbox, work)
    nurse.post(f"{link}/step/harm", {"said": HARM}, token=False)
    assert "Press once more" in nurse.words and HARM in nurse.words
    clock.shift(timedelta(minutes=16))
    nurse.post(f"{link}/step/harm", {"said": HARM})
    assert nurse.h1 == "We must check again that it is you" and HARM in nurse.words


@pytest.mark.rule("EV-5")
@pytest.mark.storage
def test_the_trail_keeps_who_was_asked_for_which_pages_and_what_came_of_it_and_the_desk_reads_it(
    shared: Draft, app: Flask, mailbox: Mailbox, work: Work, session: Session, clock: Any, house: House
) -> None:
    ask(shared, "harm", "child.1.needs")
    work()
    link = link_in(mailbox, "part", NURSE)
    nurse = prove(Person(app.test_client()), link, mailbox, work)
    clock.shift(timedelta(minutes=10))
    nurse.post(f"{link}/done")
    nurse.post(f"{link}/done")
    ask(shared, "background", address="head@brookfield.example")
    second = str(session.scalars(select(DraftPart.id).where(DraftPart.done_at.is_(None))).one())
    session.rollback()
    for _ in range(2):
        shared.person.post(shared.url("colleague/end"), {"part": second})
    rows = session.scalars(select(Event).where(Event.stream_kind == "draft").order_by(Event.seq)).all()
    assert [row.act for row in rows] == ["ask_part", "finish_part", "ask_part", "take_back_part"]
    assert rows[0].facts["pages"] == ["harm", "child.1.needs"]
    assert rows[0].facts["colleague"] == rows[1].facts["colleague"] != rows[2].facts["colleague"]
    assert rows[0].facts["asker"] == rows[2].facts["asker"] not in (rows[0].facts["colleague"], None)
    assert all(row.stream_id == shared.id for row in rows)
    session.rollback()

    shared.open("check")
    shared.send()
    of_request = select(Event).where(Event.stream_kind == "request", Event.act == "sent_with_part").order_by(Event.seq)
    done, taken_back = session.scalars(of_request).all()
    assert done.facts["done_at"] and not done.facts["taken_back_at"] and taken_back.facts["taken_back_at"]
    every = session.scalars(select(Event)).all()
    for address in (NURSE, ADDRESS, "brookfield"):
        assert not any(address in str(row.facts) for row in every)
    assert list(verify(session)) == []
    request_id = done.stream_id
    county = make_county(session)
    words = Staff(app).signed_in(session, house, county.officer).get(f"/staff/requests/{request_id}").words
    said = "A colleague of the referrer was asked for a part of the form (Has something happened, or been said?; What "
    assert f"{said}Child 1 needs), 9am on Tuesday 17 November: done 9:10am on Tuesday 17 November" in words
    assert "taken back 9:10am on Tuesday 17 November" in words and "nurse@" not in words


@pytest.mark.rule("EV-5")
def test_a_form_that_nobody_else_filled_in_says_nothing_of_colleagues(shared: Draft, session: Session) -> None:
    shared.open("check")
    shared.send()
    assert session.scalars(select(Event.id).where(Event.act == "sent_with_part")).all() == []
