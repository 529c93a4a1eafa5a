"""After sending: changing answers, taking a request back, and whose a referrer is (GL-3, GL-4, GL-14, EV-1, EV-3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from helpdesk.domain.refusals import AgencySettledError, NotAskedBackError
from helpdesk.services import agencies, withdrawals
from infrastructure.database import transaction, utc_now
from infrastructure.house import House
from infrastructure.identity.signing_in import start_session
from infrastructure.identity.users import User
from infrastructure.trail import Event
from service_request.domain.states import RequestState
from service_request.models import (
    Agency,
    AgencyDomain,
    Clock,
    Consent,
    FormResponse,
    Outcome,
    OutcomeState,
    Referrer,
    ServiceRequest,
    Task,
    TaskKind,
)
from tests.factories import NOW, County, make_county
from tests.plugins.house import Mailbox
from tests.service_request.channels.web.mailbox_holders import ADDRESS, Returning, Work
from tests.service_request.channels.web.walking import NAMED, TEACHER, Draft, Person, draft_in

WHY = {"reason": "mistake", "words": "She lives with her aunt.", "name": "Samina Rahman"}
BACK = {"reason": "by_mistake", "words": "Meant for another county.", "name": "Tom Ashe"}


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


@pytest.fixture
def returning(clock: Any, app: Flask, mailbox: Mailbox, work: Work) -> Returning:
    return Returning(app, mailbox, work)


@pytest.fixture
def county(clock: Any, session: Session) -> County:
    return make_county(session)


@pytest.fixture
def sent(county: County, draft: Draft, session: Session, clock: Any) -> ServiceRequest:
    """A teacher's request, whose address was proven."""
    draft.fill(NAMED).send()
    with transaction(session):
        session.execute(update(Referrer).values(proof="code", proven_at=NOW))
    clock.shift(timedelta(minutes=10))
    return the_request(session)


def the_request(session: Session) -> ServiceRequest:
    session.rollback()
    session.expire_all()
    return session.scalars(select(ServiceRequest).options(joinedload(ServiceRequest.referrer))).unique().one()


def rows(session: Session, model: type[Any]) -> list[Any]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(model).order_by(model.id)))


def begin_changing(person: Person, request: ServiceRequest) -> Draft:
    person.post(f"/mine/{request.id}/amend")
    return Draft(person, draft_in(person.address))


def send_changes(changing: Draft, **why: str) -> Person:
    changing.open("changes")
    digest = changing.person.page.one("input", name="digest").attributes["value"]
    changing.person.post(changing.url("changes"), {"digest": digest, **(why or WHY)})
    return changing.person


def staff(app: Flask, session: Session, house: House, user: User) -> Person:
    person = Person(app.test_client())
    token = start_session(session, user_id=user.id, settings=house.settings, now=utc_now())
    person.client.set_cookie("staff", token, domain="localhost")
    return person


@pytest.mark.rule("GL-3")
@pytest.mark.rule("GL-4")
@pytest.mark.storage
def test_a_sender_changes_answers_in_the_form_and_both_stand_side_by_side(
    returning: Returning, sent: ServiceRequest, session: Session, county: County, house: House, clock: Any
) -> None:
    due = sent.next_due_at
    person = returning.prove(returning.somebody())
    changing = begin_changing(person, sent)
    assert person.h1 == "Change what you sent"
    changing.fill(
        {
            "child.1.where": {"lives": "address", "address": "2 Mill Lane", "postcode": "WM1 1AA"},
            "agrees": {**NAMED["agrees"], "agrees": "no"},
        }
    )
    changing.open("check")
    assert person.address == changing.url("changes")
    assert "18 Tanners Row" in person.words and "2 Mill Lane" in person.words and "hungry" not in person.words
    clock.shift(timedelta(minutes=5))
    assert send_changes(changing).h1 == "Your changes are sent"
    first, second = rows(session, FormResponse)
    assert (second.supersedes_id, first.answers["child.1.where"]["address"]) == (
        first.id,
        ["18 Tanners Row\nMillbrook"],
    )
    assert second.note == "She lives with her aunt.\nSigned: Samina Rahman"
    assert [row.agrees for row in rows(session, Consent)] == ["yes", "no"]
    assert [row.kind for row in rows(session, Task)] == [TaskKind.NEW_INFORMATION]
    assert the_request(session).next_due_at == due
    facts = session.scalars(select(Event.facts).where(Event.act == "add_answers")).one()
    assert (facts["why"], facts["reason"]) == ("amend", "mistake") and "aunt" not in str(facts)
    returning.work()
    assert "we have your changes" in str(returning.mailbox.to(ADDRESS)[-1]["Subject"])
    officer = staff(returning.app, session, house, county.officer)
    officer.open(f"/staff/requests/{sent.id}/changes")
    for words in ("18 Tanners Row", "2 Mill Lane", "Signed: Samina Rahman"):
        assert words in officer.words
    assert NAMED["concerns"]["narrative"] not in officer.words
    officer.open(f"/staff/requests/{sent.id}")
    assert officer.page.one("a", href=f"/staff/requests/{sent.id}/changes").text == "See what changed"


@pytest.mark.rule("GL-3")
def test_what_somebody_else_at_the_mailbox_changed_meanwhile_stays(
    returning: Returning, sent: ServiceRequest, session: Session, clock: Any
) -> None:
    one, other = (begin_changing(returning.prove(returning.somebody()), sent) for _ in "12")
    one.fill({"concerns": {"narrative": "They come in hungry, and now they are ill."}})
    other.fill({"child.1.where": {"lives": "address", "address": "2 Mill Lane", "postcode": "WM1 1AA"}})
    for changing in (other, one):
        clock.shift(timedelta(minutes=5))
        assert send_changes(changing).h1 == "Your changes are sent"
    stands = rows(session, FormResponse)[-1].answers
    assert stands["concerns"]["narrative"] == ["They come in hungry, and now they are ill."]
    assert stands["child.1.where"]["address"] == ["2 Mill Lane"]


@pytest.mark.rule("EV-3")
def test_changes_are_sent_once_and_only_when_something_changed_with_a_reason_and_a_name(
    returning: Returning, sent: ServiceRequest, session: Session
) -> None:
    person = returning.prove(returning.somebody())
    changing = begin_changing(person, sent)
    assert begin_changing(person, sent).id == changing.id  # the same device goes on with what it began
    changing.open("changes")
    assert "You have not changed any answer yet" in person.words
    changing.fill({"concerns": {"narrative": "They come in hungry, and now they are ill."}})
    for less in ({"reason": ""}, {"name": " "}, {"reason": "made_up"}, {"reason": "other", "words": ""}):
        send_changes(changing, **{**WHY, **less})
        assert person.errors() and len(rows(session, FormResponse)) == 1, less
    changing.open("changes")
    digest = person.page.one("input", name="digest").attributes["value"]
    person.post(changing.url("changes"), {"digest": "0" * 64, **WHY})
    assert "Your answers have changed since you checked them" in person.words
    assert person.post(changing.url("send"), {"digest": digest}).status_code == 404  # not as another request
    for _ in "12":
        person.post(changing.url("changes"), {"digest": digest, **WHY})
        assert person.h1 == "Your changes are sent"
    assert len(rows(session, FormResponse)) == 2
    assert person.post(changing.url("send"), {"digest": digest}).request.path == changing.url("changes")
    assert (len(rows(session, ServiceRequest)), len(rows(session, FormResponse))) == (1, 2)


@pytest.mark.rule("GL-5")
def test_a_change_passes_the_same_gate_as_the_form_and_a_child_can_be_taken_out(
    returning: Returning, sent: ServiceRequest, session: Session
) -> None:
    person = returning.prove(returning.somebody())
    changing = begin_changing(person, sent)
    changing.answer("told", {"told": "not_yet"})
    send_changes(changing)
    assert person.errors() and len(rows(session, FormResponse)) == 1
    changing.answer("told", NAMED["told"])
    changing.answer("child.1.who", {**NAMED["child.1.who"], "name": ""})
    changing.answer("child.1.who", {**NAMED["child.1.who"], "name": "Callum Hartley-Moss"})
    send_changes(changing)
    assert the_request(session).headline["children"][0].startswith("Callum Hartley-Moss")


@pytest.mark.rule("GL-14")
def test_a_form_is_not_shown_again_to_an_address_that_nothing_proved_when_it_was_sent(
    returning: Returning, sent: ServiceRequest, session: Session
) -> None:
    with transaction(session):
        session.execute(update(Referrer).values(proof=None))
    person = returning.prove(returning.somebody())
    person.post(f"/mine/{sent.id}/amend")
    assert "was not proven before you sent this request" in person.words and "Tanners" not in person.words


@pytest.mark.rule("EV-5")
@pytest.mark.threat("T19")
def test_another_address_and_no_address_find_nothing_of_a_request(
    returning: Returning, sent: ServiceRequest, session: Session
) -> None:
    nobody, person = returning.somebody(), returning.prove(returning.somebody())
    with transaction(session):
        referrer = session.get_one(Referrer, sent.referrer_id)
        referrer.email = referrer.email_hash = "else@brookfield.example"
    for page in ("", "/outcome", "/form", "/withdraw", "/amend"):
        assert nobody.open(f"/mine/{sent.id}{page}").request.path == "/mine"
        for request_id in (sent.id, sent.referrer_id):
            found = person.open(f"/mine/{request_id}{page}")
            assert found.status_code == 404 and "Callum" not in found.text, page
            if page in ("/withdraw", "/amend"):
                assert person.post(f"/mine/{request_id}{page}", BACK).status_code == 404
    assert rows(session, Task) == []


@pytest.mark.rule("EV-10")
@pytest.mark.storage
@pytest.mark.parametrize("act", ["withdraw", "amend"])
def test_danger_in_why_somebody_takes_back_or_changes_what_they_sent_alerts_a_person(
    returning: Returning, sent: ServiceRequest, session: Session, act: str
) -> None:
    person = returning.prove(returning.somebody())
    words = "Her father found out, and he is hitting her right now."
    if act == "withdraw":
        person.post(f"/mine/{sent.id}/withdraw", {**BACK, "words": words})
    else:
        changing = begin_changing(person, sent)
        changing.fill({"child.1.where": {"lives": "address", "address": "2 Mill Lane", "postcode": "WM1 1AA"}})
        send_changes(changing, **{**WHY, "words": words})
    assert TaskKind.DANGER in [row.kind for row in rows(session, Task)]
    assert the_request(session).urgency == "danger"
    returning.work()
    (alert,) = returning.mailbox.to("duty@westmarch.example")
    assert "hitting" not in returning.mailbox.words(alert)


@pytest.mark.rule("GL-8")
@pytest.mark.rule("GL-14")
@pytest.mark.storage
def test_a_request_is_taken_back_at_the_word_of_a_person_at_the_desk_and_its_referrer_is_told(
    returning: Returning, sent: ServiceRequest, session: Session, county: County, house: House, clock: Any
) -> None:
    person = returning.prove(returning.somebody())
    for _ in "12":
        person.post(f"/mine/{sent.id}/withdraw", BACK)
    assert "You asked us to take it back" in person.words
    request = the_request(session)
    assert request.state is RequestState.RECEIVED and rows(session, Clock)[0].ended_at is None
    (task,) = rows(session, Task)
    assert (task.kind, task.due_at) == (TaskKind.WITHDRAW_ASKED, utc_now())
    returning.work()
    assert "you asked to take it back" in str(returning.mailbox.to(ADDRESS)[-1]["Subject"])
    clock.shift(timedelta(minutes=5))
    officer = staff(returning.app, session, house, county.officer)
    officer.open("/staff/tasks/withdraw_asked")
    assert officer.page.all("a", href=f"/staff/requests/{sent.id}/withdrawal")
    assert officer.post(f"/staff/tasks/{task.id}/done", {"kind": "withdraw_asked"}).status_code == 404
    officer.open(f"/staff/requests/{sent.id}")
    assert "Meant for another county." in officer.words and "Signed: Tom Ashe" in officer.words
    assert "Nothing is closed yet" in officer.words
    officer.open(f"/staff/requests/{sent.id}/withdrawal")
    assert "They wrote: I sent it by mistake. Meant for another county. Signed" in officer.words
    version = the_request(session).version
    officer.post(f"/staff/requests/{sent.id}/withdrawal", {"answer": "close", "version": str(version)})
    request = the_request(session)
    assert (request.state, request.ended_why) == (RequestState.CLOSED, "by_mistake")
    assert all(row.ended_at is not None for row in rows(session, Clock))
    assert [row.done_at is None for row in rows(session, Task)] == [False]
    returning.work()
    (outcome,) = rows(session, Outcome)
    assert outcome.state is OutcomeState.SENT and outcome.file_id is None
    person.open(f"/mine/{sent.id}/outcome")
    assert person.h1 == "Closed, as you asked" and "Callum" not in person.words
    with pytest.raises(NotAskedBackError):
        withdrawals.let_it_go(session, request_id=sent.id, by=county.officer, now=utc_now(), house=house)
    person.post(f"/mine/{sent.id}/withdraw", BACK)
    assert "has been decided or has ended" in person.words


@pytest.mark.rule("GL-8")
def test_the_desk_goes_on_with_a_request_that_its_referrer_wants_back_for_a_reason_that_stays(
    returning: Returning, sent: ServiceRequest, session: Session, county: County, house: House, clock: Any
) -> None:
    person = returning.prove(returning.somebody())
    person.post(f"/mine/{sent.id}/withdraw", BACK)
    clock.shift(timedelta(minutes=5))
    officer = staff(returning.app, session, house, county.officer)
    address = f"/staff/requests/{sent.id}/withdrawal"
    officer.post(address, {"answer": "go_on", "reason": ""})
    assert officer.errors() == ["Enter why you go on with it"]
    officer.post(address, {"answer": "go_on", "reason": "The school nurse is worried too."})
    assert "We go on with it" in officer.words
    assert the_request(session).state is RequestState.RECEIVED
    assert rows(session, Clock)[0].ended_at is None and rows(session, Task)[0].done_at is not None
    returning.work()
    letter = returning.mailbox.to(ADDRESS)[-1]
    assert "we go on with it" in str(letter["Subject"]) and "nurse" not in returning.mailbox.words(letter)
    clock.shift(timedelta(minutes=5))
    person.post(f"/mine/{sent.id}/withdraw", BACK)  # they may ask again
    assert [row.done_at is None for row in rows(session, Task)] == [False, True]


@pytest.mark.rule("GL-14")
@pytest.mark.storage
def test_an_agency_is_known_by_its_domain_or_chosen_and_confirmed_by_an_officer_and_a_choice_proves_no_address(
    county: County, person: Person, session: Session, clock: Any, app: Flask, house: House
) -> None:
    with transaction(session):
        agency = Agency(name="Brookfield Primary School", kind="school", source_code="1A")
        session.add(agency)
        session.flush()
        session.add(AgencyDomain(agency_id=agency.id, domain="brookfield.example"))
    person.begin().fill(NAMED).send()
    clock.shift(timedelta(minutes=1))
    elsewhere = {**TEACHER, "email": "s.rahman@mailbox.example", "agency": " brookfield primary school "}
    for _ in "12":
        person.begin().fill({**NAMED, "you": elsewhere}).send()
        clock.shift(timedelta(minutes=1))
    known, chosen, denied = rows(session, Referrer)
    assert (known.agency_id, known.agency_proof, known.proof) == (agency.id, "domain", "agency_domain")
    assert (chosen.agency_id, chosen.agency_proof, chosen.proof) == (agency.id, None, None)
    tasks = rows(session, Task)
    assert [(task.kind, task.about_id) for task in tasks] == [
        (TaskKind.CONFIRM_AGENCY, chosen.id),
        (TaskKind.CONFIRM_AGENCY, denied.id),
    ]
    officer = staff(app, session, house, county.officer)
    for task, answer in zip(tasks, ("yes", "no"), strict=True):
        address = f"/staff/requests/{task.request_id}/agency"
        officer.post(address, {"theirs": answer})
        assert officer.errors() == ["Ring the agency first, then select this"]
        officer.post(address, {"theirs": answer, "rang": "rang"})
        assert "What the agency said is saved" in officer.words
    known, chosen, denied = rows(session, Referrer)
    assert (chosen.agency_id, chosen.agency_proof, chosen.proof) == (agency.id, "officer", None)
    assert (denied.agency_id, denied.agency_proof, denied.agency_name) == (None, None, "brookfield primary school")
    assert all(task.done_at is not None for task in rows(session, Task))
    with pytest.raises(AgencySettledError):
        by = {"by": county.officer, "now": utc_now()}
        agencies.answer_agency(session, request_id=tasks[0].request_id, is_theirs=True, **by)


@pytest.mark.rule("GL-14")
def test_the_outcome_behind_the_mailbox_is_that_of_the_link(returning: Returning, sent: ServiceRequest) -> None:
    person = returning.prove(returning.somebody())
    assert person.open(f"/mine/{sent.id}/outcome").status_code == 404  # there is none yet
    assert "See the outcome" not in person.open(f"/mine/{sent.id}").text


@pytest.mark.rule("EV-1")
def test_what_was_typed_comes_back_when_the_address_is_not_proven_any_more(
    returning: Returning, sent: ServiceRequest, clock: Any
) -> None:
    person = returning.prove(returning.somebody())
    clock.shift(timedelta(minutes=20))
    person.post(f"/mine/{sent.id}/withdraw", BACK)
    assert person.h1 == "You are signed out" and "Meant for another county." in person.words
    person = returning.prove(returning.somebody())
    person.post(f"/mine/{sent.id}/withdraw", BACK, token=False)
    assert "Press once more" in person.words and person.page.one("textarea").text.strip() == "Meant for another county."
