"""A text to the children's desk is a request of the public from its first words, with all its rules (GL-16)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from helpdesk.services import folding
from infrastructure.database import Wall, transaction, utc_now
from infrastructure.house import House
from infrastructure.identity.signing_in import start_session
from infrastructure.outbox import MessageState
from service_request.domain.consent import Told
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import (
    AreaPrefix,
    Arrival,
    Clock,
    ClockKind,
    Consent,
    Enquiry,
    FormResponse,
    Message,
    Person,
    RequestLink,
    Safe,
    ServiceRequest,
    Silenced,
    Subject,
    Task,
    TaskKind,
)
from tests.factories import County, make_county, make_waiting
from tests.plugins.house import SOCIAL_CARE_NUMBER, Mailbox
from tests.service_request.services.understanding.conftest import Phone

pytestmark = [pytest.mark.storage, pytest.mark.rule("GL-16")]
WORRY = "the kids at number 12 are left out in the garden all night"


class Neighbour:
    """Somebody who texts the children's desk."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone

    def say(self, *bodies: str) -> list[str]:
        return self.phone.say(*bodies, To=SOCIAL_CARE_NUMBER)


@pytest.fixture
def county(phone: Phone) -> County:
    made = make_county(phone.session)
    with transaction(phone.session):
        phone.session.add(AreaPrefix(prefix="WM4", area_id=made.teasel))
    return made


@pytest.fixture
def neighbour(phone: Phone, county: County) -> Neighbour:
    return Neighbour(phone)


@pytest.mark.rule("GL-7")
@pytest.mark.rule("GL-8")
@pytest.mark.rule("EV-10")
def test_the_first_text_is_a_contact_with_its_24_hours_and_told_not_established(
    neighbour: Neighbour, phone: Phone
) -> None:
    (reply,) = neighbour.say(WORRY)
    request = phone.request
    assert (request.wall, request.pathway, request.kind) == (Wall.OPEN, "social_care", "public_worried")
    assert (request.state, request.told) == (RequestState.RECEIVED, Told.NOT_ESTABLISHED)
    (clock,) = phone.rows(Clock)
    (arrived,) = phone.rows(Arrival)
    assert (clock.kind, clock.due_at - arrived.received_at) == (ClockKind.DECISION, timedelta(hours=24))
    assert len(phone.rows(Subject)) == 1
    assert format_reference(request.reference) in reply and "999" in reply and "garden" not in reply
    assert phone.said() == [("in", WORRY), ("out", reply)]
    assert phone.rows(Enquiry) == [] and phone.sides() == {Wall.OPEN}


def test_the_short_form_completes_that_same_request(neighbour: Neighbour, phone: Phone, county: County) -> None:
    neighbour.say(WORRY)
    neighbour.say("1")
    assert phone.thread.safe is Safe.YES
    answers = ["3", "3", "Tadhg", "about 7", "WM4 2QT", "skip", "evenings"]
    replies = [neighbour.say(answer) for answer in answers]
    assert all(len(one) == 1 for one in replies), (answers, replies)
    assert phone.thread.silenced is Silenced.FINISHED, phone.said()
    (child,) = [row for row in phone.rows(Person) if row.is_child]
    assert (child.name, child.facts["postcode"], child.facts["age_band"]) == ("Tadhg", "WM4 2QT", "5_9")
    assert (phone.request.area_id, phone.request.area_reason) == (county.teasel, "postcode")
    assert phone.request.told is Told.NOT_ESTABLISHED and phone.request.kind == "public_worried"
    latest = phone.rows(FormResponse)[-1].answers
    assert latest["concerns"]["narrative"] == [WORRY] and latest["reach"]["phone"] == [phone.number]
    assert "Tadhg" not in " ".join(text for one in replies for text in one)
    assert {row.state for row in phone.owed()} == {MessageState.SENT}


@pytest.mark.rule("GL-7")
def test_a_parent_who_asks_for_their_own_family_has_been_told(neighbour: Neighbour, phone: Phone) -> None:
    neighbour.say("i cant cope with my three boys any more i need help")
    for answer in ("1", "3", "1"):
        neighbour.say(answer)
    assert (phone.request.told, phone.request.kind) == (Told.YES, "public_family")
    assert {row.told for row in phone.rows(Consent)} == {Told.NOT_ESTABLISHED, Told.YES}


def test_a_child_who_asks_has_been_told_too(neighbour: Neighbour, phone: Phone) -> None:
    neighbour.say("i dont want to be at home any more they shout all day")
    for answer in ("1", "3", "7", "Mia", "15", "Millbrook"):
        neighbour.say(answer)
    assert (phone.request.told, phone.request.kind) == (Told.YES, "public_child")
    (child,) = [row for row in phone.rows(Person) if row.is_child]
    assert child.name == "Mia"


def test_a_corrected_name_is_no_second_child(neighbour: Neighbour, phone: Phone) -> None:
    neighbour.say(WORRY)
    for answer in ("1", "3", "3", "Tadgh", "back", "Tadhg"):
        neighbour.say(answer)
    assert [row.name for row in phone.rows(Person) if row.is_child] == ["Tadhg"]
    assert len(phone.rows(Subject)) == 1


@pytest.mark.rule("EV-10")
def test_danger_is_first_in_the_queue_and_told_to_the_duty_desk(
    neighbour: Neighbour, phone: Phone, mailbox: Mailbox, house: House
) -> None:
    (reply,) = neighbour.say("he is beating the little one right now")
    assert "999" in reply and house.settings.duty_line in reply
    assert phone.request.urgency == "danger"
    (mail,) = mailbox.to("duty@westmarch.example")
    assert f"/staff/requests/{phone.request.id}" in mailbox.words(mail) and "beating" not in mailbox.words(mail)
    assert phone.tasks() == ["danger"]


def test_after_it_is_closed_a_text_is_a_new_linked_request(neighbour: Neighbour, phone: Phone) -> None:
    neighbour.say(WORRY)
    with transaction(phone.session):
        phone.session.get_one(ServiceRequest, phone.thread.request_id).state = RequestState.CLOSED
    (reply,) = neighbour.say("they are out there again")
    assert "opened a new request" in reply
    assert len(phone.rows(ServiceRequest)) == 2
    (link,) = phone.rows(RequestLink)
    assert (link.wall, link.from_id) == (Wall.OPEN, phone.thread.request_id)


def test_what_comes_once_it_is_decided_is_kept_and_somebody_must_read_it(neighbour: Neighbour, phone: Phone) -> None:
    neighbour.say(WORRY)
    with transaction(phone.session):
        row = phone.session.get_one(ServiceRequest, phone.thread.request_id)
        row.state, row.decided_at = RequestState.DECIDED, utc_now()
    neighbour.say("they are out there again")
    assert len(phone.rows(ServiceRequest)) == 1 and "new_information" in phone.tasks()


@pytest.mark.rule("EV-5")
def test_the_desk_reads_every_word_on_the_page_of_the_request(
    neighbour: Neighbour, phone: Phone, county: County, app: Flask, house: House
) -> None:
    neighbour.say(WORRY)
    neighbour.say("they have no coats on")
    officer = app.test_client()
    token = start_session(phone.session, user_id=county.officer.id, settings=house.settings, now=utc_now())
    officer.set_cookie("staff", token, domain="localhost")
    page = officer.get(f"/staff/requests/{phone.request.id}").text
    assert WORRY in page and "they have no coats on" in page and "we have your message" in page


@pytest.mark.rule("GL-8")
def test_where_a_child_lives_is_on_the_record_and_finds_the_area(
    neighbour: Neighbour, phone: Phone, county: County, app: Flask, house: House
) -> None:
    neighbour.say("i dont want to be at home any more they shout all day")
    for answer in ("1", "3", "7", "Mia", "15", "Flat 2, 9 Mill Lane, Millbrook WM4 2QT"):
        neighbour.say(answer)
    (child,) = [row for row in phone.rows(Person) if row.is_child]
    assert child.facts["address"] == "Flat 2, 9 Mill Lane, Millbrook WM4 2QT"
    assert child.facts["postcode"] == "WM4 2QT"
    assert (phone.request.area_id, phone.request.area_reason) == (county.teasel, "postcode")
    assert not [gap for gap in phone.request.missing if gap.startswith("home/")]
    officer = app.test_client()
    token = start_session(phone.session, user_id=county.officer.id, settings=house.settings, now=utc_now())
    officer.set_cookie("staff", token, domain="localhost")
    read = re.sub(r"<li><p class=\"fd-bubble.*?</li>", "", officer.get(f"/staff/requests/{phone.request.id}").text)
    assert "Flat 2, 9 Mill Lane, Millbrook WM4 2QT" in read


@pytest.mark.rule("GL-18")
def test_one_who_is_18_is_asked_on_and_decided_all_the_same(neighbour: Neighbour, phone: Phone) -> None:
    neighbour.say("i dont want to be at home any more they shout all day")
    for answer in ("1", "3", "7", "Mia"):
        neighbour.say(answer)
    (reply,) = neighbour.say("18 last week")
    assert "Where do you live?" in reply and "Sorry" not in reply
    assert phone.thread.silenced is None and phone.request.state == RequestState.RECEIVED
    (child,) = [row for row in phone.rows(Person) if row.is_child]
    assert child.facts["age_band"] == "18_over" and phone.request.kind == "public_child"


@pytest.mark.rule("EV-1")
def test_a_text_for_a_folded_request_is_read_on_the_one_it_was_folded_into_as_well(
    neighbour: Neighbour, phone: Phone, county: County, app: Flask
) -> None:
    neighbour.say(WORRY)
    own = phone.request.id
    other = make_waiting(phone.session, county, received_at=utc_now()).id
    of = {row.request_id: row.id for row in phone.rows(Subject)}
    values = {"by": county.officer, "now": utc_now(), "house": app.extensions["house"]}
    folding.fold(phone.session, request_id=own, into_id=other, same={of[own]: of[other]}, **values)
    neighbour.say("they are out there again")
    said = {row.request_id for row in phone.rows(Message) if row.body == "they are out there again"}
    assert said == {own, other}
    assert [row.request_id for row in phone.rows(Task) if row.kind is TaskKind.NEW_INFORMATION] == [other]
    assert len(phone.rows(ServiceRequest)) == 2
