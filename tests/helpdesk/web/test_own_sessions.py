"""Where one is signed in: seen, ended one by one or all at once, and no cookie opens anything after that (T28)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from helpdesk.web.coming_in import say_device
from infrastructure.database import digest
from infrastructure.house import House
from infrastructure.identity.models import WebSession
from infrastructure.trail import Event, verify
from tests.factories import NOW, County
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.signing_in import SECRET, browser, code_of, enter, enter_code, give_password, is_in
from tests.helpdesk.web.walking import Page, Staff

pytestmark = pytest.mark.threat("T28")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML) Version/18.0 Safari/604.1"


def at(app: Flask, agent: str) -> Staff:
    staff = browser(app)
    staff.client.environ_base["HTTP_USER_AGENT"] = agent
    return staff


def ids_on(page: Page) -> list[str]:
    return [one.attributes["value"] for one in page.tree.all("input", name="session")]


@pytest.fixture
def both(app: Flask, session: Session, house: House, county: County) -> tuple[Staff, Staff]:
    """Grace at two browsers."""
    give_password(session, house, county.officer)
    firefox, phone = at(app, FIREFOX), at(app, PHONE)
    enter(firefox)
    with time_machine.travel(NOW + timedelta(minutes=3), tick=False):
        enter(phone)
    return firefox, phone


@pytest.mark.storage
def test_everybody_sees_their_own_sessions_and_ends_one(both: tuple[Staff, Staff], ask: Ask) -> None:
    firefox, phone = both
    with time_machine.travel(NOW + timedelta(minutes=4), tick=False):
        page = phone.get("/staff/own-sign-in")
        assert "Firefox on Windows" in page.words and "Safari on iPhone" in page.words and "This one" in page.words
        assert "today 09:00" in page.words
        (other,) = ids_on(page)
        assert "Signed out there." in phone.follow(phone.post("/staff/own-sign-in/end", session=other)).words
        assert not is_in(firefox) and is_in(phone)
        assert "You are signed in nowhere else." in phone.get("/staff/own-sign-in").words
    assert ask.all(Event)[-1].act == "end_own_sessions"
    assert list(verify(ask.session)) == []


@pytest.mark.storage
def test_all_others_are_ended_at_once(both: tuple[Staff, Staff], app: Flask) -> None:
    firefox, phone = both
    third = at(app, FIREFOX)
    enter(third)
    firefox.post("/staff/own-sign-in/end")
    assert is_in(firefox) and not is_in(phone) and not is_in(third)


def test_nobody_sees_or_ends_a_session_of_somebody_else(
    both: tuple[Staff, Staff], app: Flask, session: Session, house: House, county: County, ask: Ask
) -> None:
    other = Staff(app).signed_in(session, house, county.officer_two)
    theirs = [str(row.id) for row in ask.all(WebSession, WebSession.user_id == county.officer.id)]
    page = other.get("/staff/own-sign-in")
    assert "Firefox" not in page.words and not set(theirs) & set(ids_on(page))
    for one in [*theirs, "nonsense", ""]:
        other.post("/staff/own-sign-in/end", session=one)
    assert is_in(both[0]) and is_in(both[1])


def test_a_session_that_ran_out_or_owes_a_code_is_not_on_the_list(
    both: tuple[Staff, Staff], app: Flask, session: Session, house: House, county: County
) -> None:
    give_password(session, house, county.officer, secret=SECRET)
    enter(at(app, PHONE))
    page = both[0].get("/staff/own-sign-in")
    assert len(ids_on(page)) == 1
    with time_machine.travel(NOW + timedelta(minutes=14), tick=False):
        is_in(both[0])
    with time_machine.travel(NOW + timedelta(minutes=20), tick=False):
        assert ids_on(both[0].get("/staff/own-sign-in")) == []


def test_staying_keeps_a_quiet_session_alive_and_never_past_eight_hours(officer: Staff) -> None:
    token = officer.token()
    for quarter in range(1, 33):
        with time_machine.travel(NOW + timedelta(minutes=15 * quarter), tick=False):
            assert officer.post("/staff/stay", token=token).status == (204 if quarter < 32 else 401), quarter
            assert is_in(officer) == (quarter < 32)


def test_the_page_says_when_its_session_ends(officer: Staff) -> None:
    (box,) = officer.get("/staff/queue").tree.all("div", class_="fd-idle")
    assert (box.attributes["data-idle"], box.attributes["data-stay"]) == ("900", "/staff/stay")
    assert box.attributes["data-ends"] == (NOW + timedelta(hours=8)).isoformat()
    assert "hidden" in box.attributes


@pytest.mark.storage
def test_no_cookie_but_the_one_that_was_given_opens_anything(
    app: Flask, both: tuple[Staff, Staff], ask: Ask, county: County
) -> None:
    held = both[0].client.get_cookie("staff")
    assert held is not None
    row = next(one for one in ask.all(WebSession) if one.token == digest("session", held.value))
    forged = [
        "", "A" * 43, held.value[:-1] + ("A" if held.value[-1] != "A" else "B"), held.value.lower(), f"{held.value} x",
        str(row.id), str(county.officer.id), bytes(row.token).hex(), "' OR 1=1 --", "None", "0",
    ]  # fmt: skip
    for value in forged:
        thief = browser(app)
        thief.client.set_cookie("staff", value, domain="localhost")
        assert not is_in(thief), value
    both[0].post("/staff/sign-out")
    thief = browser(app)
    thief.client.set_cookie("staff", held.value, domain="localhost")
    assert not is_in(thief), "stolen, and used after the owner had left"
    assert held.value not in str([(one.token, one.device) for one in ask.all(WebSession)])


def test_a_second_factor_is_said_in_the_list(app: Flask, session: Session, house: House, county: County) -> None:
    give_password(session, house, county.officer, secret=SECRET)
    staff = at(app, "curl/8")
    enter_code(staff, enter(staff), code_of())
    words = staff.get("/staff/own-sign-in").words
    assert "Password and code" in words and "Unknown browser" in words


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Windows"),
        (PHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari on Mac"),
        ("Mozilla/5.0 (X11; CrOS x86_64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36", "Chrome on Chromebook"),
        ("<b>Linux</b>", "Linux"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_called_what_its_owner_calls_it(agent: str, words: str) -> None:
    assert say_device(agent) == words
