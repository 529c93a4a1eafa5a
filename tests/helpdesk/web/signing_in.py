"""Somebody at the pages of signing in: a password, a phone with an authenticator, a browser and where it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyotp
from flask import Flask
from sqlalchemy.orm import Session

from infrastructure.database import transaction, utc_now
from infrastructure.house import House
from infrastructure.identity.models import UserAccount
from infrastructure.identity.second_factor import STEP
from infrastructure.identity.signing_in import hash_password
from infrastructure.identity.users import User
from tests.helpdesk.web.walking import TOKEN, Page, Staff

PASSWORD = "three quiet teasels"
EMAIL = "grace.oyelaran@westmarch.example"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def give_password(session: Session, house: House, user: User, *, secret: str | None = None) -> None:
    """Let somebody have a password, and an authenticator if a secret is given."""
    with transaction(session):
        account = session.get_one(UserAccount, user.id)
        account.password_hash = hash_password(PASSWORD, house.settings)
        if secret:
            account.totp, account.totp_since = secret, utc_now()


def settle(app: Flask, house: House, **changes: Any) -> House:
    """Let the installation have other settings; the fixture that called puts `house` back."""
    other = replace(house, settings=house.settings.model_copy(update=changes))
    app.extensions["house"] = other
    return other


def code_of(secret: str = SECRET, steps: int = 0) -> str:
    """Return what the phone shows now, or showed or will show some steps away."""
    return pyotp.TOTP(secret).at(int(utc_now().timestamp()) + steps * STEP)


def browser(app: Flask, address: str = "127.0.0.1") -> Staff:
    """Return a browser that was never here, at some address."""
    staff = Staff(app)
    staff.client.environ_base["REMOTE_ADDR"] = address
    return staff


def token_of(page: Page) -> str:
    """Return the token of the page's own forms."""
    found = TOKEN.search(page.html)
    assert found is not None, page.words
    return found.group(1)


def enter(staff: Staff, password: str = PASSWORD, *, email: str = EMAIL, **more: str) -> Page:
    """Take the first step."""
    token = token_of(staff.get("/staff/sign-in"))
    return staff.post("/staff/sign-in", token=token, email=email, password=password, **more)


def enter_code(staff: Staff, page: Page, code: str, **more: str) -> Page:
    """Take the second step from its page, with all that the page carries along."""
    fields = {
        one.attributes["name"]: one.attributes["value"]
        for one in page.tree.all("input", type="hidden")
        if one.attributes["name"] != "csrf_token"
    }
    return staff.post("/staff/sign-in/second", token=token_of(page), **{**fields, "code": code, **more})


def is_in(staff: Staff) -> bool:
    """Tell whether the browser opens a staff page."""
    return staff.get("/staff/queue").status == 200
