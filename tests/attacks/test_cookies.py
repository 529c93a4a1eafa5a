"""A cookie that is forged, altered, over, signed out or of another kind opens nothing of the desk (T22, T32)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import transaction, utc_now
from infrastructure.house import House
from infrastructure.identity.links import make_link, open_for_holder
from infrastructure.identity.models import LinkPurpose, SecretLink
from infrastructure.identity.signing_in import start_session
from tests.factories import NOW, County, make_county
from tests.service_request.channels.web.walking import Person

pytestmark = pytest.mark.threat("T22")
QUEUE, SIGN_IN = "/staff/queue", "/staff/sign-in"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock of the test."""
    with time_machine.travel(NOW, tick=False) as found:
        yield found


@pytest.fixture
def token(session: Session, house: House, clock: time_machine.Traveller) -> str:
    """What the browser of a signed-in officer holds."""
    county: County = make_county(session)
    return start_session(session, user_id=county.officer.id, settings=house.settings, now=utc_now())


def browser(app: Flask, **cookies: str) -> Person:
    """Return a browser that holds these cookies."""
    person = Person(app.test_client())
    for name, value in cookies.items():
        person.client.set_cookie(name, value, domain="localhost")
    return person


def is_in(person: Person) -> bool:
    """Tell whether the queue opens, or the way to sign in is shown instead."""
    response = person.open(QUEUE, follow=False)
    assert response.status_code == 200 or SIGN_IN in response.headers["Location"]
    return response.status_code == 200


def test_a_forged_or_altered_cookie_opens_nothing(app: Flask, token: str) -> None:
    assert is_in(browser(app, staff=token))
    for forged in ("x" * 43, "", token[:-1], f"{token}A", token.swapcase(), token[::-1], "%00", "A" * 4000):
        assert not is_in(browser(app, staff=forged)), forged[:50]


def test_a_stolen_cookie_is_worth_nothing_after_its_owner_has_signed_out(app: Flask, token: str) -> None:
    owner, thief = browser(app, staff=token), browser(app, staff=token)
    owner.open(QUEUE)
    owner.client.post(
        "/staff/sign-out", data={"csrf_token": owner.page.one("input", name="csrf_token").attributes["value"]}
    )
    assert not is_in(thief) and not is_in(browser(app, staff=token))


def test_a_session_ends_after_eight_hours_however_busy(app: Flask, token: str, clock: time_machine.Traveller) -> None:
    person = browser(app, staff=token)
    for _ in range(8 * 60 // 14):
        clock.shift(timedelta(minutes=14))
        assert is_in(person)
    clock.shift(timedelta(minutes=5))  # nobody was idle for fifteen, and the hours are over
    assert not is_in(person)


def test_what_a_referrer_holds_opens_nothing_of_the_desk_and_the_other_way_about(
    app: Flask, session: Session, house: House, token: str
) -> None:
    with transaction(session):
        made = make_link(
            session, LinkPurpose.MINE, about=("address", uuid4()), address="a@school.example", now=utc_now(), days=1
        )
        session.flush()
        link = session.scalars(select(SecretLink).where(SecretLink.id == made.id)).one()
        held = open_for_holder(session, link, settings=house.settings, now=utc_now())
    for foreign in (held, made.token):
        assert not is_in(browser(app, staff=foreign))
    teacher, officer = browser(app, mine=held), browser(app, mine=token)
    teacher.open("/mine")
    officer.open("/mine")
    assert "a@school.example" in teacher.words and "Email me a link" in officer.words


@pytest.mark.threat("T29")
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_posts_is_kept_for_nobody_to_send_again(app: Flask, token: str, site: str) -> None:
    there = {"Sec-Fetch-Site": site}
    planted = {"kept_for": "/staff/people/invite", "kept-name": "Planted by another site, and never typed here"}
    for cookies, address in (
        ({}, SIGN_IN),
        ({}, "/staff/people/invite"),
        ({"staff": token}, "/staff/own-sign-in/recovery-codes"),
    ):
        person = browser(app, **cookies)
        answer = person.client.post(address, data=planted, headers=there)
        assert answer.status_code == 403 and "Planted" not in answer.text, address
        own = person.client.post(address, data=planted, headers={"Sec-Fetch-Site": "same-origin"})
        assert own.status_code in (200, 400, 401, 404), address
    assert browser(app).client.post("/mine", data={"email": "x@brookfield.example"}, headers=there).status_code == 403
