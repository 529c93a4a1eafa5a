"""A member of staff at a browser without JavaScript: pages are read, forms are posted as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from infrastructure.database import utc_now
from infrastructure.house import House
from infrastructure.identity.signing_in import start_session
from infrastructure.identity.users import User
from tests.infrastructure.web.pages import Element, read

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Page:
    """What came back."""

    status: int
    html: str
    location: str

    @property
    def tree(self) -> Element:
        """Return the elements; a tag left open or an attribute said twice fails the test."""
        return read(self.html)

    @property
    def words(self) -> str:
        """Return the text as a person reads it."""
        return " ".join(_texts(self.tree.one("body")))

    @property
    def title(self) -> str:
        """Return the title of the page."""
        return self.tree.all("title")[0].text

    @property
    def version(self) -> str:
        """Return the version that the page's own form would post."""
        return self.tree.all("input", name="version")[0].attributes["value"]

    @property
    def buttons(self) -> list[str]:
        """Return the labels of the page's own buttons, and of links that look like one: not the bar's nor a warning's."""
        return [one.text for one in self.tree.one("main").all(class_="govuk-button")]

    @property
    def errors(self) -> list[str]:
        """Return what the summary of errors says."""
        return [
            one.text
            for box in self.tree.all(class_="govuk-error-summary__body")
            for one in [*box.all("li"), *box.all("p")]
        ]

    def value(self, name: str) -> str:
        """Return what a field of the page holds."""
        for tag in ("textarea", "input"):
            for one in self.tree.all(tag, name=name):
                if one.attributes.get("type") in ("radio", "checkbox") and "checked" not in one.attributes:
                    continue
                return one.raw_text if tag == "textarea" else one.attributes.get("value", "")
        for one in self.tree.all("select", name=name):
            return next((o.attributes["value"] for o in one.all("option") if "selected" in o.attributes), "")
        raise AssertionError(f"no field {name}")


class Staff:
    """Somebody who works here, at their own browser."""

    def __init__(self, app: Flask, client: FlaskClient | None = None) -> None:
        self.client = client or app.test_client()

    def signed_in(self, session: Session, house: House, user: User) -> Staff:
        """Hold a live session of this user."""
        token = start_session(session, user_id=user.id, settings=house.settings, now=utc_now())
        self.client.set_cookie("staff", token, domain="localhost")
        return self

    def get(self, path: str) -> Page:
        """Open a page."""
        _forget()
        return _page(self.client.get(path))

    def post(self, path: str, /, *, token: str | None = None, **fields: Any) -> Page:
        """Post a form with a live token, unless another is given."""
        if token is None:
            token = self.token()
        _forget()
        return _page(self.client.post(path, data={"csrf_token": token, **fields}))

    def token(self) -> str:
        """Return the token of this browser."""
        _forget()
        home = self.client.get("/staff/", follow_redirects=True).get_data(as_text=True)
        return TOKEN.search(home).group(1)  # type: ignore[union-attr]

    def follow(self, page: Page) -> Page:
        """Go where the page leads."""
        assert page.status == 302, (page.status, page.words[:600])
        return self.get(page.location)


def _texts(element: Element) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, Element):
            if child.name not in ("script", "style"):
                yield from _texts(child)
        elif child.strip():
            yield " ".join(child.split())


def _forget() -> None:
    """Forget what a request left in the application context, which the fixture keeps open from one to the next."""
    for name in list(g):
        g.pop(name)


def _page(response: TestResponse) -> Page:
    return Page(response.status_code, response.get_data(as_text=True), response.headers.get("Location", ""))
