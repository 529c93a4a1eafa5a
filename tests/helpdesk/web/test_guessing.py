"""A thousand tries at a password: ten are looked at, and the owner comes in all the same (T32)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.database import db
from infrastructure.house import House
from infrastructure.identity.attempts import TooManyAttemptsError
from infrastructure.identity.signing_in import SignInRefusedError, sign_in
from infrastructure.identity.tries import STRANGERS, TRIES, Browser, known_as, make_known
from infrastructure.trail import Event
from tests.factories import NOW, County
from tests.helpdesk.web.signing_in import EMAIL, PASSWORD, browser, enter, give_password, is_in
from tests.helpdesk.web.walking import Staff

pytestmark = pytest.mark.threat("T32")


@pytest.fixture
def guess(app: Flask, session: Session, house: House, county: County) -> Callable[..., int]:
    """Try wrong passwords, one for each address, and tell how many were looked at."""
    give_password(session, house, county.officer)

    def tries(addresses: list[str], password: str = "wrong") -> int:
        for address in addresses:
            with suppress(SignInRefusedError, TooManyAttemptsError):
                sign_in(
                    db.session(),
                    email=EMAIL,
                    password=password,
                    browser=Browser(address),
                    settings=house.settings,
                    now=NOW,
                )
        refused = select(func.count()).select_from(Event).where(Event.act == "sign_in_refused")
        db.session.rollback()
        return db.session().scalars(refused).one()

    return tries


def test_of_a_thousand_tries_from_one_address_ten_are_looked_at_and_the_owner_comes_in(
    app: Flask, guess: Callable[..., int]
) -> None:
    assert guess(["192.0.2.66"] * 1_000) == TRIES
    assert enter(browser(app, "192.0.2.66")).status == 429
    owner = browser(app, "192.0.2.1")
    assert enter(owner).status == 302
    assert is_in(owner)


def test_from_a_thousand_addresses_twenty_are_looked_at_and_a_browser_known_here_comes_in(
    app: Flask, guess: Callable[..., int]
) -> None:
    owner = browser(app, "192.0.2.1")
    with time_machine.travel(NOW - timedelta(hours=1), tick=False):
        enter(owner)
        owner.post("/staff/sign-out")
    assert guess([f"198.51.{n // 250}.{n % 250}" for n in range(300)]) == STRANGERS
    assert enter(browser(app, "192.0.2.1")).status == 429, "a browser that was never here waits for five minutes"
    assert enter(owner).status == 302, "signing out leaves the browser known, and no session"
    with time_machine.travel(NOW + timedelta(minutes=6), tick=False):
        assert enter(browser(app, "203.0.113.1")).status == 302, "and nobody is ever locked out"


def test_a_known_browser_has_no_more_tries_than_another(app: Flask, guess: Callable[..., int]) -> None:
    owner = browser(app)
    enter(owner)
    owner.post("/staff/sign-out")
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        for _ in range(TRIES):
            assert enter(owner, "wrong").status == 200
        assert enter(owner).status == 429


@pytest.mark.threat("T28")
def test_the_mark_of_a_known_browser_is_one_persons_and_cannot_be_made_by_hand(app: Flask) -> None:
    mine = make_known("", EMAIL)
    assert known_as(mine, EMAIL)
    assert not known_as(mine, "helen.prosser@westmarch.example")
    mark, _, proof = mine.partition(".")
    for forged in (f"{mark}.{proof[:-1]}0", f"{'0' * 32}.{proof}", "", "~~~", f".{proof}", "x" * 4000, "é.è"):
        assert not known_as(forged, EMAIL) or forged == mine
    both = make_known(mine, "helen.prosser@westmarch.example")
    assert known_as(both, EMAIL) and known_as(both, "helen.prosser@westmarch.example")
    assert EMAIL not in both
    assert make_known(both, EMAIL) == both
    for n in range(20):
        both = make_known(both, f"n{n}@westmarch.example")
    assert len(both) < 800 and known_as(both, "n19@westmarch.example")


def test_a_mark_opens_nothing_by_itself(app: Flask, guess: Callable[..., int]) -> None:
    owner = browser(app)
    enter(owner)
    kept = owner.client.get_cookie("known")
    assert kept is not None and kept.http_only
    thief: Staff = browser(app)
    thief.client.set_cookie("known", kept.value, domain="localhost")
    assert not is_in(thief)
    assert enter(thief, "wrong").errors and PASSWORD not in kept.value
