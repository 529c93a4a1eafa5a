"""Every address as everybody who may come: nothing is kept by a browser, nothing is told to whom a link leads (T27)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from infrastructure.house import House
from scripts.routes_page import Route, list_routes
from tests.architecture.stage import Stage
from tests.architecture.test_routes import addresses

LINKS = re.compile(r'(?:href|action|src|formaction)="([^"]*)"')
TOKEN = re.compile(r"(?<=/)[\w-]{43}(?=[/?]|$)")  # 256 bits of chance, which may spell any short name
PEOPLE = re.compile(
    r"callum|hartley|rahman|samina|nerys|vaughan|osian|pugh|tanners|wm4|2017-03-14|brookfield|07700|01632|@|999\d{7}",
    re.I,
)
OF_HOUSE = re.compile(r"^(tel|mailto):")  # our own numbers, and those that staff ring


@pytest.fixture
def stage(app: Flask, session: Session, house: House, work: Callable[[], None]) -> Stage:
    return Stage(app, session, house, work)


def visitors(stage: Stage) -> dict[str, FlaskClient]:
    county = stage.county
    staff = [county.officer, county.manager, county.manager_aldermoor, county.service_manager]
    staff += [county.social_worker, county.locality_worker, county.administrator]
    return {"nobody": stage.anyone, "a holder": stage.holder, **{user.name: stage.staff(user) for user in staff}}


def faults(response: TestResponse, address: str) -> list[str]:
    """Return what an answer lets a browser keep, or tells to others."""
    headers, found = response.headers, []
    if headers.get("Cache-Control") != "no-store":
        found.append(f"may be kept: {headers.get('Cache-Control')}")
    if headers.get("Referrer-Policy") != "no-referrer":
        found.append("tells where its links are")
    for name in ("ETag", "Last-Modified", "Expires"):
        if name in headers:
            found.append(f"may be kept by {name}")
    said = [address, headers.get("Location", "")]
    if response.mimetype == "text/html":
        said += [link for link in LINKS.findall(response.get_data(as_text=True)) if not OF_HOUSE.match(link)]
    told = [
        one for one in said if PEOPLE.search(TOKEN.sub("", unquote(urlsplit(one).path + "?" + urlsplit(one).query)))
    ]
    return found + [f"an address tells of somebody: {one}" for one in told]


@pytest.mark.storage
@pytest.mark.threat("T27")
@pytest.mark.rule("EV-6")
def test_no_answer_to_anybody_may_be_kept_or_tells_of_somebody_in_an_address(stage: Stage, app: Flask) -> None:
    routes: list[Route] = [route for route in list_routes(app) if route.endpoint != "static"]
    places = {route.endpoint: addresses(stage, app, route) for route in routes if "GET" in route.methods}
    seen = 0
    for who, client in visitors(stage).items():
        for endpoint, found in places.items():
            if endpoint.startswith("demonstration."):
                continue
            for address in found:
                response = stage.visit(client, "GET", address).response
                assert faults(response, address) == [], (who, address)
                response.close()
                seen += 1
    assert seen > 500


@pytest.mark.storage
@pytest.mark.threat("T27")
def test_who_signs_out_leaves_nothing_in_the_browser(stage: Stage) -> None:
    page = stage.visit(stage.officer, "GET", "/staff/queue").response.get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    answer: Any = stage.visit(stage.officer, "POST", "/staff/sign-out", {"csrf_token": token[1]}).response
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert any(one.startswith("staff=;") for one in answer.headers.getlist("Set-Cookie"))
    assert stage.visit(stage.officer, "GET", "/staff/queue").status == 302


@pytest.mark.threat("T27")
def test_a_search_and_every_form_with_words_is_posted(app: Flask, stage: Stage) -> None:
    """A form that is sent by its address would leave what was typed in histories and logs."""
    for address in ("/staff/queue", f"/staff/requests/{stage.received}", "/staff/take-call", "/", "/saved"):
        page = stage.visit(stage.officer, "GET", address).response.get_data(as_text=True)
        for form in re.findall(r"<form\b[^>]*>.*?</form>", page, re.S):
            if 'method="post"' not in form:
                assert not re.search(r'<input[^>]*type="(?:text|search|email|tel)"|<textarea', form), (
                    address,
                    form[:200],
                )
