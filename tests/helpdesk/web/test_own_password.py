"""One's own password is changed by who knows the one before, and its owner hears of every change (T28, T32)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from infrastructure.database import utc_now
from infrastructure.house import House
from infrastructure.trail import verify
from tests.factories import NOW, County
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.signing_in import (
    EMAIL,
    PASSWORD,
    SECRET,
    browser,
    code_of,
    enter,
    enter_code,
    give_password,
    is_in,
)
from tests.helpdesk.web.walking import Staff
from tests.plugins.house import Mailbox

pytestmark = pytest.mark.threat("T32")
NEW = "four loud heather gates"
PAGE = "/staff/own-sign-in/password"
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def grace(app: Flask, session: Session, house: House, county: County) -> Staff:
    give_password(session, house, county.officer)
    staff = browser(app)
    enter(staff)
    return staff


@pytest.mark.storage
def test_a_new_password_ends_every_other_session_and_its_owner_is_told(
    app: Flask, grace: Staff, work: Callable[[], None], mailbox: Mailbox, ask: Ask
) -> None:
    elsewhere = browser(app)
    enter(elsewhere)
    stolen = grace.client.get_cookie("staff")
    assert stolen is not None
    with time_machine.travel(LATER, tick=False):
        page = grace.follow(grace.post(PAGE, password=PASSWORD, new_password=NEW))
        assert "Your password is changed." in page.words and is_in(grace)
        assert not is_in(elsewhere)
        thief = browser(app)
        thief.client.set_cookie("staff", stolen.value)
        assert not is_in(thief)
        enter(elsewhere)
        assert not is_in(elsewhere)
        enter(elsewhere, NEW)
        assert is_in(elsewhere)
        work()
    (mail,) = mailbox.to(EMAIL)
    assert mail["Subject"] == "How you sign in was changed" and "tell your administrator" in mailbox.words(mail)
    assert list(verify(ask.session)) == []


def test_who_does_not_know_the_one_before_or_offers_a_common_one_changes_nothing(
    grace: Staff, work: Callable[[], None], mailbox: Mailbox
) -> None:
    assert "Enter the password that you sign in with" in grace.post(PAGE, password="x", new_password=NEW).words
    assert "harder to guess" in grace.post(PAGE, password=PASSWORD, new_password="password12345").words
    assert "12 characters or more" in grace.post(PAGE, password=PASSWORD, new_password="short").words
    assert grace.post(PAGE, token="forged", password=PASSWORD, new_password=NEW).status == 400
    work()
    assert mailbox.to(EMAIL) == []
    assert not is_in(grace) or grace.post(PAGE, password=PASSWORD, new_password=NEW).status == 302


def test_whoever_stands_before_the_second_step_changes_no_password(
    app: Flask, session: Session, house: House, county: County
) -> None:
    give_password(session, house, county.officer, secret=SECRET)
    half = browser(app)
    page = enter(half)
    assert half.get(PAGE).status == 302 and not is_in(half)
    with time_machine.travel(utc_now() + timedelta(minutes=1), tick=False):
        enter_code(half, page, code_of())
        assert half.post(PAGE, password=PASSWORD, new_password=NEW).status == 302 and is_in(half)


def test_new_recovery_codes_are_told_as_well(
    app: Flask, session: Session, house: House, county: County, work: Callable[[], None], mailbox: Mailbox
) -> None:
    give_password(session, house, county.officer, secret=SECRET)
    staff = browser(app)
    enter_code(staff, enter(staff), code_of())
    assert "recovery codes" in staff.post("/staff/own-sign-in/recovery-codes", password=PASSWORD).words
    work()
    assert [mail["Subject"] for mail in mailbox.to(EMAIL)] == ["How you sign in was changed"]
