"""SENDIASS's own form: whole or not at all, once, behind the wall, and nothing of it on the open side (SE-1, SE-5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, db
from infrastructure.house import House
from infrastructure.outbox import OutboxMessage
from service_request.domain.states import RequestState
from service_request.models import (
    Arrival,
    Clock,
    Deadline,
    Enquiry,
    FormResponse,
    Message,
    ServiceRequest,
    Task,
    TaskKind,
)
from tests.evaluating import MOTHER
from tests.listening import logged
from tests.plugins.house import Mailbox
from tests.service_request.channels.web.walking import Person

ASK = "/sendiass/ask"
INSIDE = Wall.SENDIASS
NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)  # a Tuesday
DANGER = "He has a knife and says he will kill himself"


@pytest.fixture(autouse=True)
def tuesday_at_nine() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def send(person: Person, form_id: str = "", **changes: str) -> None:
    """Open the form and send it as a mother types it."""
    person.open(ASK)
    form_id = form_id or person.page.one("input", name="form_id").attributes["value"]
    person.post(ASK, {"form_id": form_id, **MOTHER, **changes})


def enquiries(session: Session) -> list[tuple[ServiceRequest, Enquiry]]:
    session.rollback()
    query = (
        select(ServiceRequest, Enquiry)
        .join(Enquiry, (Enquiry.wall == ServiceRequest.wall) & (Enquiry.request_id == ServiceRequest.id))
        .where(ServiceRequest.wall == INSIDE)
        .order_by(ServiceRequest.received_at)
    )
    return [(request, enquiry) for request, enquiry in session.execute(query)]


def of(session: Session, model: type[Any]) -> list[Any]:
    session.rollback()
    return list(session.scalars(select(model)))


# ---------------------------------------------------------------- what is sent


@pytest.mark.storage
@pytest.mark.rule("SE-1")
@pytest.mark.rule("EV-1")
def test_the_form_is_an_enquiry_with_every_word_and_its_clock(person: Person, session: Session) -> None:
    send(person)
    [(request, enquiry)] = enquiries(session)
    assert (request.channel, request.state, request.pathway) == ("web", RequestState.RECEIVED, "sendiass")
    assert enquiry.facts["story"] == MOTHER["story"]
    assert (enquiry.enquirer, enquiry.facts["age"], enquiry.facts["place"]) == ("parent", "9", "Millbrook")
    assert "email" not in enquiry.facts and "safe" not in enquiry.facts
    [arrival], [answers], [clock] = of(session, Arrival), of(session, FormResponse), of(session, Clock)
    assert MOTHER["story"] in arrival.raw.decode()
    assert answers.answers["story"] == {"story": [MOTHER["story"]]}
    assert (clock.kind, clock.due_at) == ("first_contact", datetime(2026, 11, 24, 17, 0, tzinfo=UTC))
    said = [one for one in of(session, Message) if one.direction == "in"]
    assert [(one.kind, one.body) for one in said] == [("form", MOTHER["story"])]


@pytest.mark.storage
@pytest.mark.rule("EV-3")
def test_the_form_sent_twice_is_one_enquiry_with_one_reference(person: Person, session: Session) -> None:
    person.open(ASK)
    form_id = person.page.one("input", name="form_id").attributes["value"]
    send(person, form_id)
    first = person.page.one(class_="govuk-panel__body").text
    send(person, form_id)
    assert person.page.one(class_="govuk-panel__body").text == first
    assert len(enquiries(session)) == 1
    assert len(of(session, OutboxMessage)) == 1


@pytest.mark.rule("EV-1")
@pytest.mark.rule("EV-3")
def test_the_same_form_with_other_words_gives_them_back_and_says_what_was_sent(
    person: Person, session: Session
) -> None:
    person.open(ASK)
    form_id = person.page.one("input", name="form_id").attributes["value"]
    send(person, form_id)
    send(person, form_id, story="There is more: they excluded him today.")
    assert person.response is not None and person.response.status_code == 409
    assert person.page.one("textarea", name="story").raw_text.strip() == "There is more: they excluded him today."
    assert "You sent this form before" in person.words
    fresh = person.page.one("input", name="form_id").attributes["value"]
    assert fresh != form_id
    send(person, fresh, story="There is more: they excluded him today.")
    assert len(enquiries(session)) == 2


@pytest.mark.rule("SE-6")
def test_every_question_can_be_left_out_but_not_all_of_them(person: Person, session: Session) -> None:
    person.open(ASK)
    person.post(ASK, {})
    assert person.errors() == ["Tell us what is happening, or leave a way to reach you"]
    person.post(ASK, {"story": "Help"})
    assert person.h1 == "We have your message"
    person.post(ASK, {"phone": "07700 900461"})
    assert person.h1 == "We have your message"
    assert len(enquiries(session)) == 2


@pytest.mark.rule("EV-1")
def test_a_stale_page_and_a_wrong_answer_keep_every_word(person: Person, session: Session) -> None:
    person.post(ASK, MOTHER, token=False)
    assert "Everything you typed is still here" in person.words
    assert MOTHER["story"] in person.words
    person.post(ASK, {**MOTHER, "age": "nine", "email": "mairead"})
    assert len(person.errors()) == 2
    assert person.title.startswith("Error: ")
    assert MOTHER["story"] in person.words
    assert person.page.one("input", name="place").attributes["value"] == "Millbrook"
    assert enquiries(session) == []


@pytest.mark.rule("EV-1")
def test_a_character_that_cannot_be_kept_is_taken_out_in_sight_and_sent_by_one_more_press(
    person: Person, session: Session
) -> None:
    person.post(ASK, {**MOTHER, "story": "He is ill\x00 today"})
    assert "We took out characters" in person.words
    assert enquiries(session) == []
    send(person, story=person.page.one("textarea", name="story").raw_text.strip())
    assert enquiries(session)[0][1].facts["story"] == "He is ill today"


@pytest.mark.storage
@pytest.mark.rule("SE-3")
def test_a_letter_with_its_date_is_a_deadline_from_the_first_minute(person: Person, session: Session) -> None:
    person.open(ASK)
    person.post(ASK, {**MOTHER, "letter": "exclusion", "letter_on": ["10", "11", "2026"]})
    [(_, enquiry)] = enquiries(session)
    assert enquiry.facts["letter_on"] == "2026-11-10"
    [deadline] = of(session, Deadline)
    assert (deadline.kind, deadline.is_checked) == ("exclusion", False)
    assert enquiry.deadline_on == deadline.due_on


@pytest.mark.rule("SE-1")
def test_a_professional_is_told_how_the_family_asks_and_what_they_sent_is_kept_apart(
    person: Person, session: Session
) -> None:
    send(person, enquirer="professional", story="A family of ours needs advice about a plan.")
    assert person.h1 == "Thank you. We wait to hear from the family"
    assert "/sendiass/professionals" in {link.attributes["href"] for link in person.page.all("a")}
    [(request, enquiry)] = enquiries(session)
    assert (request.state, request.set_aside_reason) == (RequestState.SET_ASIDE, "professional")
    assert enquiry.facts["story"].startswith("A family")
    assert of(session, Clock)[0].ended_at is not None
    assert [(task.kind, task.request_id) for task in of(session, Task)] == [(TaskKind.PROFESSIONAL, request.id)]
    assert of(session, OutboxMessage) == []


# ---------------------------------------------------------------- danger


@pytest.mark.storage
@pytest.mark.rule("SE-10")
@pytest.mark.rule("EV-10")
@pytest.mark.parametrize("where", ["story", "anything_else"])
def test_danger_in_any_answer_is_met_with_999_first_and_told_to_a_named_person(
    person: Person, session: Session, work: Callable[[], None], mailbox: Mailbox, where: str
) -> None:
    send(person, "", **{where: DANGER})
    assert person.words.index("call 999 now") < person.words.index("Your reference")
    [(request, enquiry)] = enquiries(session)
    assert request.urgency == "danger" and enquiry.danger_at == NOW
    assert "danger" in {task.kind for task in of(session, Task)}
    work()
    [alert] = mailbox.to("danger@westmarch-sendiass.example")
    assert "knife" not in mailbox.words(alert) and "Tadhg" not in mailbox.words(alert)


@pytest.mark.rule("SE-10")
def test_what_a_professional_says_of_danger_is_not_set_aside(person: Person, session: Session) -> None:
    send(person, enquirer="professional", story=DANGER)
    [(request, _)] = enquiries(session)
    assert request.state is RequestState.RECEIVED
    assert person.words.index("call 999 now") < person.words.index("Your reference")


# ---------------------------------------------------------------- the receipt


@pytest.mark.rule("EV-2")
def test_the_receipt_says_the_reference_as_it_is_spoken_and_the_day(person: Person, session: Session) -> None:
    send(person)
    [(request, _)] = enquiries(session)
    reference = f"{request.reference[:4]}-{request.reference[4:]}"
    assert reference in person.words
    assert "Over the phone, say:" in person.words
    assert "By 5pm on Tuesday 24 November" in person.words
    assert "It reached us at 9am on Tuesday 17 November 2026" in person.words


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"safe": "no"}, "we do not write, text or ring"),
        ({"email": "", "safe": ""}, "You left no phone number or email address"),
        ({}, "A person of ours reaches you in the way you gave"),
        ({}, "We are emailing you this reference"),
        ({"safe": "no"}, "We do not send it anywhere"),
    ],
)
def test_the_receipt_promises_only_what_can_be_done(person: Person, changes: dict[str, str], words: str) -> None:
    send(person, "", **changes)
    assert words in person.words


@pytest.mark.rule("SE-7")
def test_out_of_hours_the_page_says_when_to_expect_an_answer_and_whom_to_call(
    person: Person, tuesday_at_nine: time_machine.Traveller
) -> None:
    tuesday_at_nine.move_to(NOW.replace(day=20, hour=22))
    for address in ("/sendiass", ASK):
        person.open(address)
        assert "We are closed now. Expect an answer from 9am on Monday 23 November." in person.words
        assert {"tel:999", "tel:+441632960120"} <= {link.attributes["href"] for link in person.page.all("a")}
    send(person)
    assert "Expect an answer from 9am on Monday 23 November" in person.words
    tuesday_at_nine.move_to(NOW.replace(day=23, hour=10))
    person.open(ASK)
    assert "We are closed now" not in person.words


@pytest.mark.storage
@pytest.mark.threat("T21")
@pytest.mark.threat("T27")
def test_the_receipt_opens_by_a_secret_alone_for_a_day_and_no_address_holds_a_reference(
    person: Person, stranger: Person, session: Session, tuesday_at_nine: time_machine.Traveller
) -> None:
    send(person)
    [(request, _)] = enquiries(session)
    address = person.address
    assert re.fullmatch(r"/sendiass/asked/[\w-]{43}", address)
    assert request.reference not in address and str(request.id) not in address
    assert person.response is not None
    assert person.response.headers["Referrer-Policy"] == "no-referrer"
    assert person.response.headers["Cache-Control"] == "no-store"
    for guess in (request.reference, str(request.id), address.rsplit("/", 1)[1][::-1]):
        assert stranger.open(f"/sendiass/asked/{guess}").status_code == 404
        assert request.reference[:4] not in stranger.words
    tuesday_at_nine.move_to(NOW + timedelta(days=1, seconds=1))
    assert person.open(address).status_code == 404
    assert "This page has ended" in person.words


# ---------------------------------------------------------------- the acknowledgement


@pytest.mark.storage
@pytest.mark.rule("EV-2")
@pytest.mark.rule("EV-6")
def test_the_acknowledgement_says_the_reference_and_the_day_and_nothing_of_the_matter(
    person: Person, session: Session, work: Callable[[], None], mailbox: Mailbox
) -> None:
    send(person, safe="")  # unset: a reply to what they just sent
    work()
    [mail] = mailbox.to("mairead@corrigan.example")
    [(request, _)] = enquiries(session)
    words = str(mail["Subject"]) + mailbox.words(mail)
    assert f"{request.reference[:4]}-{request.reference[4:]}" in words
    assert "5pm on Tuesday 24 November" in words and "call 999 now" in words and "01632 960120" in words
    for told in ("Tadhg", "Mairead", "school", "SENDIASS", "Millbrook", "special", "plan"):
        assert told.lower() not in words.lower(), told


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize("changes", [{"safe": "no"}, {"email": ""}])
def test_nothing_goes_where_it_is_not_safe_or_where_no_address_is(
    person: Person, session: Session, changes: dict[str, str]
) -> None:
    send(person, "", **changes)
    assert of(session, OutboxMessage) == []


@pytest.mark.threat("T9")
def test_nobody_is_flooded_with_acknowledgements_and_no_count_of_them_stands_outside(
    person: Person, session: Session, tuesday_at_nine: time_machine.Traveller
) -> None:
    for number in range(22):
        tuesday_at_nine.move_to(NOW + timedelta(seconds=number))
        send(person, story=f"Again {number}")
    assert len(enquiries(session)) == 22
    assert len(of(session, OutboxMessage)) == 20


# ---------------------------------------------------------------- nothing of it outside


@pytest.mark.storage
@pytest.mark.rule("SE-5")
def test_no_row_outside_the_wall_changes_with_it(person: Person, session: Session, app: Flask) -> None:
    person.open("/")
    before = open_rows(session)
    send(person)
    send(person, story=DANGER)
    person.post(ASK, {**MOTHER, "age": "nine"})
    assert open_rows(session) == before
    assert len(enquiries(session)) == 2


ONE_CHAIN = {"event", "seal"}  # the trail is one chain over both sides, of ids and codes, and read by nobody outside


def open_rows(session: Session) -> dict[str, int]:
    """Count what whoever reads the open side could read: rows outside the wall, and tables that know no wall."""
    session.rollback()
    found = inspect(db.engine)
    counts = {}
    with db.engine.connect() as connection:
        for name in set(found.get_table_names()) - ONE_CHAIN:
            walled = "wall" in {column["name"] for column in found.get_columns(name)}
            outside = " WHERE wall <> 'sendiass'" if walled else ""
            counts[name] = connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"{outside}').scalar_one()
    assert len(counts) > 40
    return counts


@pytest.mark.rule("SE-5")
def test_no_line_of_the_log_and_no_cookie_tells_that_somebody_asked(person: Person, work: Callable[[], None]) -> None:
    person.open("/")
    with logged() as lines:
        send(person)
        person.post(ASK, {**MOTHER, "age": "nine"})
        person.post("/how-it-went/not-a-link/no", {}, token=False)
        person.post(ASK, {"form_id": "made up"}, token=False)
        person.open("/sendiass/asked/not-a-link")
        work()
    said = lines.getvalue()
    assert "refused" in said  # it listens
    assert not re.search(r"sendiass|enquir|evaluation|SENDIASS|mairead|asked", said.replace("trail_sealed", ""))
    assert {cookie.key for cookie in (person.client._cookies or {}).values()} <= {"session"}


@pytest.mark.rule("SE-5")
def test_the_start_page_begins_nothing_for_who_goes_on_to_sendiass(person: Person, session: Session) -> None:
    person.open("/")
    before = open_rows(session)
    person.post("/", {"who": "sendiass"})
    assert person.address == "/sendiass"
    assert open_rows(session) == before


@pytest.mark.rule("EV-10")
@pytest.mark.parametrize(
    "address", ["/sendiass", ASK, "/sendiass/professionals", "/sendiass/confidentiality", "/sendiass/results"]
)
def test_each_page_of_sendiass_tells_999_and_the_duty_line_and_has_a_way_out(person: Person, address: str) -> None:
    person.open(address)
    assert {"tel:999", "tel:+441632960120"} <= {link.attributes["href"] for link in person.page.all("a")}
    leave = person.page.one("a", class_="govuk-exit-this-page__button")
    assert leave.attributes["href"].startswith("https://")
    own = {link.attributes["href"] for link in person.page.all("a") if link.attributes["href"].startswith("/")}
    for href in own:
        assert person.client.get(href).status_code == 200, href


@pytest.mark.rule("SE-1")
def test_the_page_names_every_way_to_reach_them(person: Person, house: House) -> None:
    person.open("/sendiass")
    assert "01632 960140" in person.words
    assert "07700 900180" in person.words
    assert "Monday to Friday, 9am to 5pm" in person.words


@pytest.mark.rule("SE-6")
def test_anybody_can_read_what_is_kept_confidential_and_when_it_may_not_be(person: Person) -> None:
    assert person.open("/sendiass/confidentiality").status_code == 200
    for words in ("answer “skip”", "ask for your record", "never a machine", "Schools, social care"):
        assert words in person.words


@pytest.mark.rule("SE-1")
def test_a_professional_finds_words_to_pass_on(person: Person) -> None:
    person.open("/sendiass/professionals")
    passed_on = person.page.one(class_="fd-quote").text
    assert "01632 960140" in passed_on and "http://localhost/sendiass" in passed_on
