"""Signing in: who may, how often, and where it leads."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from helpdesk.web.coming_in import local_path
from infrastructure.database import db, transaction
from infrastructure.house import House
from infrastructure.identity.models import UserAccount, WebSession
from infrastructure.identity.signing_in import hash_password
from infrastructure.trail import Event, verify
from service_request.models import Message
from tests.factories import NOW, County
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import SignIn
from tests.helpdesk.web.walking import TOKEN, Page, Staff

PASSWORD = "three quiet teasels"
EMAIL = "grace.oyelaran@westmarch.example"


@pytest.fixture
def with_password(session: Session, house: House, county: County) -> County:
    """Let Grace have a password."""
    with transaction(session):
        session.get_one(UserAccount, county.officer.id).password_hash = hash_password(PASSWORD, house.settings)
    return county


def enter(staff: Staff, email: str = EMAIL, password: str = PASSWORD, **more: str) -> Page:
    """Fill the page and press Sign in."""
    token = TOKEN.search(staff.get("/staff/sign-in").html)
    assert token is not None
    return staff.post("/staff/sign-in", token=token.group(1), email=email, password=password, **more)


def test_the_right_password_leads_to_the_first_page_of_the_work(app: Flask, with_password: County) -> None:
    staff = Staff(app)
    page = enter(staff)
    assert staff.follow(staff.follow(page)).title.startswith("All open")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Flask, with_password: County) -> None:
    staff = Staff(app)
    enter(staff)
    cookie = staff.client.get_cookie("staff")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site) == (True, "Lax")


@pytest.mark.parametrize(
    ("email", "password"),
    [(EMAIL, "not this one"), ("nobody@westmarch.example", PASSWORD), ("helen.prosser@westmarch.example", PASSWORD)],
)
@pytest.mark.threat("T22")
def test_t22_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    app: Flask, with_password: County, email: str, password: str
) -> None:
    page = enter(Staff(app), email, password)
    assert page.status == 200
    assert page.title.startswith("Error: Sign in")
    assert page.errors == [
        "Enter the email address and password of your account. The two you entered do not belong together"
    ]
    assert page.value("email") == email
    assert password not in page.html


@pytest.mark.threat("T22")
def test_t22_an_unknown_address_takes_as_long_as_a_known_one(
    app: Flask, with_password: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes the time is the hash: it is counted, with what it costs, for a busy machine's clock tells little."""
    look, costs = PasswordHasher.verify, list[str]()

    def counted(hasher: PasswordHasher, stored: str, password: str) -> bool:
        costs.append(stored.rsplit("$", 2)[0])
        return look(hasher, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    enter(Staff(app), EMAIL, "wrong")
    enter(Staff(app), "nobody@westmarch.example", "wrong")
    (known, unknown) = costs
    assert known == unknown
    assert "m=8,t=1" in known


@pytest.mark.threat("T22")
def test_t22_an_unknown_address_costs_as_many_commits_as_a_known_one(app: Flask, with_password: County) -> None:
    def commits(email: str) -> int:
        staff, seen = Staff(app), list[object]()
        listen = seen.append
        event.listen(db.engine, "commit", listen)
        try:
            enter(staff, email, "wrong")
        finally:
            event.remove(db.engine, "commit", listen)
        return len(seen)

    assert commits(EMAIL) == commits("nobody@westmarch.example") > 0


def test_an_empty_page_says_what_to_enter(app: Flask, county: County) -> None:
    assert enter(Staff(app), "", "").errors == ["Enter your email address", "Enter your password"]


@pytest.mark.threat("T32")
def test_t32_the_eleventh_try_in_five_minutes_is_not_looked_at_and_the_account_is_not_locked(
    app: Flask, with_password: County
) -> None:
    for _ in range(10):
        assert enter(Staff(app), password="wrong").status == 200
    page = enter(Staff(app))
    assert page.status == 429
    assert page.errors == ["You have tried 10 times. Wait 5 minutes, then try again. Your account is not locked"]
    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        assert enter(Staff(app)).status == 302


def test_a_closed_account_cannot_sign_in(app: Flask, session: Session, with_password: County) -> None:
    with transaction(session):
        session.get_one(UserAccount, with_password.officer.id).disabled_at = NOW
    assert enter(Staff(app)).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example", "/\\evil.example", "https://evil.example", "/%5cevil.example", "javascript:alert(1)",
        "\\\\evil.example", "/\tevil.example", " /staff/", "http:evil.example", "///evil.example", "/.evil.example",
        "/\n/evil.example", "",
    ],
)  # fmt: skip
def test_m10_the_page_after_signing_in_stays_on_this_site(app: Flask, with_password: County, path: str) -> None:
    assert local_path(path) is None
    assert enter(Staff(app), next=path).location == "/staff/"


def test_signing_in_leads_back_to_where_one_was_going(app: Flask, with_password: County) -> None:
    assert enter(Staff(app), next="/staff/tasks/call_back").location == "/staff/tasks/call_back"


@pytest.mark.threat("T28")
def test_signing_out_ends_the_session_on_the_server_too(officer: Staff, app: Flask, ask: Ask) -> None:
    cookie = officer.client.get_cookie("staff")
    assert cookie is not None
    page = officer.post("/staff/sign-out")
    assert "You are signed out." in officer.follow(page).words
    assert ask.all(WebSession) == []
    other = Staff(app)
    other.client.set_cookie("staff", cookie.value, domain="localhost")
    assert other.get("/staff/queue").status == 302


@pytest.mark.threat("T28")
def test_a_session_ends_after_fifteen_quiet_minutes(officer: Staff) -> None:
    assert officer.get("/staff/queue").status == 200
    with time_machine.travel(NOW + timedelta(minutes=14), tick=False):
        assert officer.get("/staff/queue").status == 200
    with time_machine.travel(NOW + timedelta(minutes=30), tick=False):
        assert officer.get("/staff/queue").status == 302


def test_every_sign_in_and_refusal_is_on_the_trail(app: Flask, with_password: County, ask: Ask) -> None:
    enter(Staff(app), password="wrong")
    enter(Staff(app))
    acts = [event.act for event in ask.all(Event, Event.stream_kind == "user")]
    assert acts == ["sign_in_refused", "sign_in"]


def test_w13_what_was_typed_while_the_session_ran_out_comes_back_and_one_click_saves_it(
    officer: Staff, with_password: County, sent: Callable[..., UUID], ask: Ask
) -> None:
    request_id = sent()
    token = officer.token()
    words = 'Rang the nurse: "weights fine".\n\n<b>No</b> marks & no bruises seen.'
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        page = officer.post(f"/staff/requests/{request_id}/note", token=token, words=words)
        assert page.status == 401
        assert "Your session has ended, and nothing is lost." in page.words
        fields = {
            one.attributes["name"]: one.attributes["value"]
            for one in page.tree.all("input", type="hidden")
            if one.attributes["name"] != "csrf_token"
        }
        again = officer.post("/staff/sign-in", token=token, email=EMAIL, password=PASSWORD, **fields)
        assert "No</b> marks" in again.words
        kept = {one.attributes["name"]: one.attributes["value"] for one in again.tree.all("input", type="hidden")}
        assert ask.all(Message, Message.kind == "note") == []
        kept["words"] = kept["words"].replace("\n", "\r\n")
        fresh = kept.pop("csrf_token")
        done = officer.post(f"/staff/requests/{request_id}/note", token=fresh, **kept)
    assert done.status == 302
    assert ask.one(Message, Message.kind == "note").body == words


def test_a_forged_post_without_a_token_changes_nothing(officer: Staff, sent: Callable[..., UUID], ask: Ask) -> None:
    request_id = sent()
    page = officer.post(f"/staff/requests/{request_id}/claim", token="forged", version="1")
    assert page.status == 400
    assert "Callum" not in page.html


def test_the_page_keeps_what_was_typed_when_the_token_is_stale(
    officer: Staff, sent: Callable[..., UUID], ask: Ask
) -> None:
    request_id = sent()
    page = officer.post(f"/staff/requests/{request_id}/note", token="stale", words="Rang the nurse.")
    assert page.status == 400
    assert page.errors == ["This page was open for too long. Check what you wrote, then press the button again."]
    assert page.value("words").strip() == "Rang the nurse."
    assert re.search(r'name="csrf_token" value="[^"]{20,}"', page.html)
    assert ask.all(Message, Message.kind == "note") == []


def test_somebody_without_a_place_is_told_whom_to_ask(sign_in: SignIn, session: Session, county: County) -> None:
    from tests.factories import make_user

    staff = sign_in(make_user(session, "Nora Field"))
    assert "There is no work for you here yet" in staff.follow(staff.get("/staff/")).words


def test_nobody_reads_a_page_of_the_desk_without_signing_in(app: Flask, sent: Callable[..., UUID]) -> None:
    request_id: Any = sent()
    for path in (f"/staff/requests/{request_id}", "/staff/people", "/staff/take-call", "/staff/sent-to-us"):
        page = Staff(app).get(path)
        assert page.status == 302
        assert "Callum" not in page.html


@pytest.mark.storage
@pytest.mark.rule("EV-5")
def test_every_way_in_and_out_is_in_the_trail(
    app: Flask, with_password: County, session: Session, ask: Ask, house: House
) -> None:
    """A right and a wrong password, an unknown address, too many tries, signing out, and an end by a new role."""
    staff = Staff(app)
    enter(staff, password="wrong all the same")
    enter(staff, email="nobody@westmarch.example")
    enter(staff)
    staff.post("/staff/sign-out")
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        for _ in range(12):
            enter(staff, email="nobody@westmarch.example")
        enter(staff)
        add = ["people", "add", "--name", "Grace Oyelaran", "--email", EMAIL, "--team", "Helpdesk", "--role", "manager"]
        assert app.test_cli_runner().invoke(args=add).exit_code == 0
    events = ask.all(Event)
    of_grace = [one.act for one in events if one.stream_id == with_password.officer.id]
    assert of_grace == ["sign_in_refused", "sign_in", "sign_out", "sign_in", "end_sessions", "place_given"]
    of_nobody = [(one.stream_kind, one.act) for one in events if one.stream_kind.startswith("sign_in_")]
    assert of_nobody.count(("sign_in_unknown", "sign_in_refused")) == 11
    assert of_nobody.count(("sign_in_stopped", "sign_in_stopped")) == 1
    assert "nobody@" not in str([(one.facts, one.stream_kind, one.stream_id) for one in events])
    assert list(verify(session)) == []
