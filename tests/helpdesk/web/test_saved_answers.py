"""Saved answers at both desks, each its own, with places that are filled from a fixed list and no other (T14, SE-5)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.placeholders import (
    PLACEHOLDERS,
    PlaceholderLeftError,
    PlaceholderUnknownError,
    check_filled,
    check_known,
    filled,
)
from helpdesk.domain.saved_answers import AnswerKind
from helpdesk.services.saved_answers import add_answer
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.domain.references import format_reference
from service_request.models import SavedAnswer, ServiceRequest
from tests.enquiring import get_row, make_texted, send_all
from tests.factories import NOW, County, make_request
from tests.helpdesk.web.conftest import SignIn
from tests.helpdesk.web.walking import Staff
from tests.wall.inside import make_adviser

pytestmark = pytest.mark.threat("T14")
ANSWERS = "/staff/answers"
BODY = "{Service} here, about {reference}. You hear from us by {promise}, or ring {phone}. In danger: {duty line}."


@pytest.fixture
def later() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def user(session: Session, county: County) -> User:
    return make_adviser(session)


@pytest.fixture
def adviser(sign_in: SignIn, user: User) -> Staff:
    return sign_in(user)


def add(session: Session, by: User, body: str = BODY) -> str:
    return str(add_answer(session, title="What next", body=body, kind=AnswerKind.REPLY, by=by, now=NOW))


def shown(house: House, made: ServiceRequest, service: str, promise: str, phone: str) -> str:
    reference, duty = format_reference(made.reference), house.settings.duty_line
    return f"{service} here, about {reference}. You hear from us by {promise}, or ring {phone}. In danger: {duty}."


@pytest.mark.storage
def test_a_manager_keeps_the_answers_of_the_childrens_desk_and_an_officer_reads_them(
    session: Session, manager: Staff, officer: Staff, later: time_machine.Traveller
) -> None:
    assert "There is none yet. What a manager adds here" in officer.get(ANSWERS).words
    assert manager.post(f"{ANSWERS}/new").errors == ["Enter a title", "Select what it is", "Enter the words"]
    wrong = manager.post(f"{ANSWERS}/new", title="Next", kind="reply", body="We ring you on {day}.")
    assert wrong.status == 409 and wrong.value("body").strip() == "We ring you on {day}."
    assert "{day} is none of {reference}, {service}, {phone}, {duty line}, {promise}." in wrong.words
    manager.post(f"{ANSWERS}/new", title="Next", kind="reply", body="We decide by {promise}.")
    row = session.scalars(select(SavedAnswer)).one()
    assert "We decide by {promise}." in officer.get(ANSWERS).words
    assert "Add an answer" not in officer.get(ANSWERS).words and "Add an answer" in manager.get(ANSWERS).words
    assert officer.get(f"{ANSWERS}/new").status == officer.get(f"{ANSWERS}/{row.id}").status == 404
    later.shift(timedelta(minutes=1))
    manager.post(f"{ANSWERS}/{row.id}", title="Next", kind="reply", body="A manager decides by {promise}.")
    assert "A manager decides" in officer.get(ANSWERS).words
    later.shift(timedelta(minutes=1))
    assert officer.post(f"{ANSWERS}/{row.id}/give-up").status == 404
    manager.post(f"{ANSWERS}/{row.id}/give-up")
    assert "A manager decides" not in officer.get(ANSWERS).words


@pytest.mark.storage
@pytest.mark.rule("SE-5")
def test_each_side_of_the_wall_has_its_own_and_neither_finds_the_others(
    session: Session, county: County, user: User, adviser: Staff, manager: Staff
) -> None:
    ours, theirs = add(session, county.manager, "Ours."), add(session, user, "Theirs.")
    assert "Theirs." not in manager.get(ANSWERS).words and "Ours." not in adviser.get("/staff/saved-answers").words
    assert manager.get(f"{ANSWERS}/{theirs}").status == manager.post(f"{ANSWERS}/{theirs}/give-up").status == 404
    assert adviser.get(f"/staff/saved-answers/{ours}").status == 404
    assert adviser.post(f"/staff/saved-answers/{ours}/give-up").status == 404
    session.expire_all()
    assert {row.given_up_at for row in session.scalars(select(SavedAnswer))} == {None}


def test_its_places_are_filled_where_an_officer_adds_it_to_an_email(
    session: Session, house: House, county: County, officer: Staff
) -> None:
    made = make_request(session, area_id=county.teasel)
    chosen = add(session, county.manager)
    at = f"/staff/requests/{made.id}/write"
    page = officer.get(at)
    added = officer.post(at, act="add", words="Hello.", answer=chosen, version=page.value("version"))
    settings = house.settings
    assert added.value("words").strip() == "Hello.\n\n" + shown(
        house, made, settings.authority_name, "8am on Wednesday 18 November", settings.helpdesk_phone
    )


def test_its_places_are_filled_where_an_adviser_adds_it_to_a_reply(
    session: Session, house: House, user: User, adviser: Staff
) -> None:
    texted = make_texted(session, house)
    chosen = add(session, user)
    at = f"/staff/enquiries/{texted.id}"
    added = adviser.post(f"{at}/reply", act="add", words="", answer=chosen, version=adviser.get(at).version)
    settings, made = house.settings, get_row(session, texted.id)
    assert added.value("words").strip() == shown(
        house, made, settings.sendiass_name, "5pm on Tuesday 24 November", settings.sendiass_phone
    )


@pytest.mark.rule("SE-3")
def test_a_promise_that_is_broken_is_not_made_again_and_nothing_leaves_with_an_open_place(
    session: Session, house: House, user: User, sign_in: SignIn
) -> None:
    texted = make_texted(session, house)
    chosen = add(session, user, "You hear by {promise}.")
    at = f"/staff/enquiries/{texted.id}"
    with time_machine.travel(NOW + timedelta(days=8), tick=False):
        adviser = sign_in(user)
        page = adviser.get(at)
        added = adviser.post(f"{at}/reply", act="add", words="", answer=chosen, version=page.version)
        assert added.value("words").strip() == "You hear by {promise}."
        kept = adviser.post(f"{at}/reply", act="send", words=added.value("words"), version=page.version)
        assert kept.status == 409 and "Nothing was there to put in for {promise}." in kept.words
        assert kept.value("words").strip() == "You hear by {promise}."
        send_all(session, now=NOW)


@pytest.mark.parametrize(
    "words",
    [
        "{{ reference }}",
        "{{7*7}}",
        "${}",
        "{x.__class__}",
        "{% for x in y %}",
        "{reference.__class__}",
        "{0}",
        "{}",
        "{settings}",
        "{self}",
        "{duty_line}",
    ],
)
def test_no_template_is_ever_read(words: str) -> None:
    values = dict.fromkeys(PLACEHOLDERS, "K7RM-4TXC")
    if words == "{{ reference }}":  # a place within braces of no meaning
        assert filled(words, values) == "{K7RM-4TXC}"
        return
    assert filled(words, values) == words
    with pytest.raises(PlaceholderUnknownError):
        check_known(words)


def test_what_is_put_in_is_not_read_again() -> None:
    assert filled("100 %s %(phone)s $phone", {"phone": "01632 960100"}) == "100 %s %(phone)s $phone"
    assert filled("{service} {phone}", {"service": "{phone}", "phone": "{reference}"}) == "{phone} {reference}"
    with pytest.raises(PlaceholderLeftError):
        check_filled("Ring { Duty  line }.")
    check_filled("A face {: and :} and {a note of mine}.")
    check_known("A face {: and nothing else")
