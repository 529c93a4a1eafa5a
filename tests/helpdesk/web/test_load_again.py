"""After a press that failed, its page is one link away: nobody has to know what "back" does in a browser (EV-9)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from flask import Flask

from tests.helpdesk.web.test_request_page import of
from tests.helpdesk.web.walking import Page, Staff
from tests.service_request.channels.web.walking import Person

pytestmark = pytest.mark.rule("EV-9")


def leads_to(page: Page) -> str:
    """Return where the page says that it can be loaded again, or nothing."""
    links = [one for one in page.tree.one("main").all("a") if one.text == "Load the page again"]
    return links[0].attributes["href"] if links else ""


@pytest.fixture
def request_id(sent: Callable[..., UUID]) -> UUID:
    return sent()


@pytest.mark.parametrize("act", ["claim", "late/new", f"hints/{UUID(int=7)}", f"given/{UUID(int=7)}/end"])
def test_a_page_that_was_open_for_too_long_is_loaded_again_from_where_it_was(
    officer: Staff, request_id: UUID, act: str
) -> None:
    page = officer.post(of(request_id, act), token="stale")
    assert (page.status, leads_to(page)) == (400, of(request_id))


def test_the_address_of_a_press_that_was_refused_leads_to_its_page(officer: Staff, request_id: UUID) -> None:
    page = officer.get(of(request_id, "claim"))  # what the address bar holds after a refusal, opened again
    assert (page.status, leads_to(page)) == (405, of(request_id))
    assert officer.get(leads_to(page)).status == 200


def test_a_page_about_something_else_is_not_offered(officer: Staff, request_id: UUID) -> None:
    page = officer.post(f"/staff/tasks/{uuid4()}/done", token="stale")
    assert leads_to(page) == "/staff/"  # and not the list of tasks of a kind with that number
    assert leads_to(officer.get(of(uuid4()))) == ""  # what is not there is not there again


def test_a_form_of_somebody_outside_leads_back_to_its_page(app: Flask) -> None:
    person = Person(app.test_client())
    draft = person.begin()
    person.post(draft.url("colleague/end"), {"part": str(uuid4())}, token=False)
    links = {one.text: one.attributes["href"] for one in person.page.one("main").all("a")}
    assert links["Load the page again"] == draft.url("colleague")


def back_to_work(page: Page) -> str:
    """Return where the page leads whoever works here, or nothing."""
    links = [one for one in page.tree.one("main").all("a") if one.text == "Go back to your work"]
    return links[0].attributes["href"] if links else ""


@pytest.mark.parametrize("path", ["/staff/no-such-page", "/staff/people", "/nowhere"])
def test_a_wrong_address_leads_whoever_is_signed_in_back_to_their_work(officer: Staff, path: str) -> None:
    page = officer.get(path)
    assert (page.status, back_to_work(page)) == (404, "/staff/")


@pytest.mark.parametrize("path", ["/staff/no-such-page", "/nowhere"])
def test_nobody_outside_reads_on_an_error_page_that_there_is_a_desk(app: Flask, path: str) -> None:
    answer = app.test_client().get(path)
    assert (answer.status_code, "/staff" in answer.text, "your work" in answer.text) == (404, False, False)
