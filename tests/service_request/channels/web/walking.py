"""People who use the public pages over HTTP, without JavaScript, and what they type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit
from uuid import UUID

from flask import g
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.infrastructure.web.pages import Element, read

Posted = Mapping[str, str | Sequence[str]]

TEACHER = {
    "name": "Samina Rahman",
    "role": "Designated safeguarding lead",
    "agency": "Brookfield Primary School",
    "agency_kind": "school",
    "email": "s.rahman@brookfield.example",
    "phone": "01632 960355",
}
NARRATIVE = "Both boys have come in hungry for two weeks, often late and in the same clothes."
NAMED: dict[str, Posted] = {
    "safety": {"urgency": "routine", "already": "no"},
    "told": {"told": "yes"},
    "agrees": {"who_told": ["mother"], "told_by": "Samina Rahman", "agrees": "yes", "lawful_basis": "public_task"},
    "child.1.who": {
        "name": "Callum Hartley",
        "birth": "born",
        "birth_on": ["14", "3", "2017"],
        "sex": "M",
        "language": "en",
    },
    "child.1.where": {"lives": "address", "address": "18 Tanners Row\nMillbrook", "postcode": "WM4 2QT"},
    "concerns": {"narrative": NARRATIVE},
    "you": TEACHER,
}
WITHOUT_NAMES: dict[str, Posted] = {
    "safety": {"urgency": "routine", "already": "no"},
    "child.1.band": {"age_band": "5_9"},
    "concerns": {"narrative": "A boy in year 2 has come in without lunch for two weeks."},
    "you": TEACHER,
}


class Person:
    """Somebody at a browser that runs no script: pages are opened, forms are posted with the token they carry."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.response: TestResponse | None = None
        self.address = "/"

    def open(self, address: str, *, follow: bool = True) -> TestResponse:
        _forget()
        self.response = self.client.get(address, follow_redirects=follow)
        self.address = self.response.request.path
        return self.response

    def post(
        self, address: str, typed: Posted | None = None, *, follow: bool = True, token: bool = True
    ) -> TestResponse:
        """Post what was typed, with a live token as the page before would carry it."""
        values: dict[str, object] = dict(typed or {})
        if token:
            values["csrf_token"] = self.token()
        _forget()
        self.response = self.client.post(address, data=values, follow_redirects=follow)
        self.address = self.response.request.path
        return self.response

    def token(self) -> str:
        _forget()
        page = self.client.get("/")
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert found is not None
        return found[1]

    @property
    def page(self) -> Element:
        assert self.response is not None
        return read(self.response.text)

    @property
    def h1(self) -> str:
        return self.page.one("h1").text

    @property
    def title(self) -> str:
        return self.page.one("title").text

    @property
    def words(self) -> str:
        return self.page.one("body").text

    def errors(self) -> list[str]:
        """Return what the error summary lists."""
        return [link.text for box in self.page.all(class_="govuk-error-summary__list") for link in box.all("li")]

    # what people do

    def begin(self, *, names: bool = True) -> Draft:
        """Start as a professional, with names or without."""
        self.post("/", {"who": "work"})
        self.post("/names", {"names": "named" if names else "without_names"})
        return Draft(self, draft_in(self.address))

    def begin_short(self, who: str) -> Draft:
        """Start one of the short forms."""
        self.post("/", {"who": who})
        return Draft(self, draft_in(self.address))


class Draft:
    """A draft in the hands of a person."""

    def __init__(self, person: Person, draft_id: UUID) -> None:
        self.person, self.id = person, draft_id

    def url(self, page: str = "") -> str:
        return f"/request/{self.id}" + (f"/{page}" if page else "")

    def open(self, page: str = "") -> TestResponse:
        return self.person.open(self.url(page))

    def answer(self, key: str, typed: Posted) -> TestResponse:
        return self.person.post(self.url(f"step/{key}"), typed)

    def fill(self, answers: Mapping[str, Posted]) -> Draft:
        for key, typed in answers.items():
            response = self.answer(key, typed)
            assert response.status_code == 200, (key, response.status_code)
            assert not self.person.errors(), (key, self.person.errors())
        return self

    def digest(self) -> str:
        self.open("check")
        return self.person.page.one("input", name="digest").attributes["value"]

    def send(self, *, follow: bool = True, **more: str) -> TestResponse:
        digest = more.pop("digest", None) or self.digest()
        return self.person.post(self.url("send"), {"digest": digest, **more}, follow=follow)


def _forget() -> None:
    """Forget what a request left in the application context, which the fixture keeps open from one to the next."""
    for name in list(g):
        g.pop(name)


def draft_in(address: str) -> UUID:
    """Return the id of the draft that an address is about."""
    found = re.match(r"/request/([0-9a-f-]{36})", urlsplit(address).path)
    assert found is not None, address
    return UUID(found[1])
