"""Signing in for the first time in a real browser, with a phone, and again by a code on paper (T32, EV-9)."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Page

from infrastructure.database import db
from infrastructure.identity.signing_in import hash_password
from infrastructure.settings import Settings
from tests.browser.visiting import WIDTHS, Visitor
from tests.factories import make_county
from tests.helpdesk.web.signing_in import EMAIL, PASSWORD
from tests.plugins.server import Installation

Inside = Callable[[], AbstractContextManager[Any]]


def employ(inside: Inside, settings: Settings) -> None:
    """Make a county, and give Grace a password."""
    from infrastructure.database import transaction
    from infrastructure.identity.models import UserAccount

    with inside():
        grace = make_county(db.session()).officer
        with transaction(db.session()):
            db.session.get_one(UserAccount, grace.id).password_hash = hash_password(PASSWORD, settings)
        db.session.remove()
        db.engine.dispose()


def enter(page: Page, address: str) -> None:
    page.goto(f"{address}/staff/tasks/call_back")
    page.get_by_label("Email address").fill(EMAIL)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")


@pytest.mark.threat("T32")
@pytest.mark.rule("EV-9")
def test_a_phone_is_set_up_at_the_first_sign_in_and_a_code_on_paper_stands_for_it(
    installation: Installation, inside: Inside, come: Callable[..., Visitor], check: Callable[..., None]
) -> None:
    settings = installation.settings(staff_second_factor="required")
    employ(inside, settings)
    installation.web(workers=1, staff_second_factor="required")
    grace = come(installation.address)
    enter(grace.page, installation.address)
    grace.page.get_by_role("heading", level=1, name="Set up your authenticator app").wait_for()
    check(grace.page, WIDTHS)
    assert grace.page.locator(".fd-qr svg").bounding_box() is not None
    secret = grace.page.locator("code").first.inner_text().replace(" ", "")
    grace.page.get_by_label("Code that the app shows").fill(pyotp.TOTP(secret).now())
    grace.press("Use this app")
    grace.page.get_by_role("heading", level=1, name="Keep your recovery codes").wait_for()
    check(grace.page, WIDTHS)
    codes = grace.page.locator(".fd-codes code").all_inner_texts()
    assert len(codes) == 10
    grace.page.get_by_role("button", name="I have kept them").click()
    grace.page.wait_for_url("**/staff/tasks/call_back")
    grace.context.clear_cookies(name="staff")
    enter(grace.page, installation.address)
    grace.page.get_by_role("heading", level=1, name="Enter the code from your app").wait_for()
    grace.page.keyboard.press("Tab")
    grace.page.get_by_label("Code", exact=True).fill(codes[0])
    grace.page.keyboard.press("Enter")
    grace.page.wait_for_url("**/staff/tasks/call_back")
    grace.page.get_by_role("link", name="Grace Oyelaran").click()
    grace.page.get_by_role("heading", level=1, name="Your sign-in").wait_for()
    assert "9 of your recovery codes are not used yet" in grace.page.locator("main").inner_text()
    assert "Chrome on Linux" in grace.page.locator("main").inner_text()
    if folder := os.environ.get("SCREENSHOTS"):
        grace.page.screenshot(path=Path(folder) / "own-sign-in-live.png", full_page=True)
