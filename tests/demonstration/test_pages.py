"""The demonstration's outside world, as a browser sees it."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from demonstration.mailbook import RESULTS, STATES
from demonstration.people import STAFF
from infrastructure.outbox import MessageState, OutboxMessage, Result
from tests.demonstration.conftest import Westmarch


@pytest.fixture
def visitor(westmarch: Westmarch) -> FlaskClient:
    return westmarch.app.test_client()


def words(visitor: FlaskClient, address: str) -> str:
    answer = visitor.get(address)
    assert answer.status_code == 200
    return answer.text


def test_every_message_is_listed_the_latest_first_and_the_latest_is_open(
    visitor: FlaskClient, session: Session
) -> None:
    page = words(visitor, "/demo")
    assert "is not there in production" in page
    latest = session.scalars(select(OutboxMessage).order_by(OutboxMessage.owed_at.desc()).limit(1)).one()
    assert page.index(latest.body["subject"]) < page.index("Rows 1 to 15 of")
    assert "This is the mail as it arrived, by SMTP." in page
    assert "taken by the mail server" in page
    older = words(visitor, "/demo?page=2")
    assert "Rows 16 to 30 of" in older
    assert "Newer" in older


def test_an_open_message_says_what_owed_it_and_its_link_can_be_followed(visitor: FlaskClient, session: Session) -> None:
    query = select(OutboxMessage).where(
        OutboxMessage.template == "assignment", OutboxMessage.state == MessageState.SENT
    )
    row = session.scalars(query.order_by(OutboxMessage.owed_at.desc()).limit(1)).one()
    page = words(visitor, f"/demo/messages/{row.id}")
    assert "A decision" in page
    assert "Read before sending: no names, birth dates or concerns found" in page
    link = re.search(r'<a class="govuk-link fd-wrap" href="([^"]+)"', page)
    assert link is not None
    assert visitor.get(link[1]).status_code in (200, 302)


def test_whatever_became_of_a_message_has_words() -> None:
    assert (set(RESULTS), set(STATES)) == (set(Result), set(MessageState))


def test_a_text_is_shown_with_its_channel_its_number_and_its_first_words(
    visitor: FlaskClient, session: Session
) -> None:
    query = select(OutboxMessage).where(OutboxMessage.channel == "sms").order_by(OutboxMessage.owed_at.desc())
    row = session.scalars(query.limit(1)).one()
    page = words(visitor, f"/demo/messages/{row.id}")
    assert ">Text</dd>" in page and "The carrier took it. This is what was sent." in page
    assert row.endpoint is not None and row.endpoint in page
    assert row.body["text"][:20] in page and "taken by the carrier" in page
    listed = words(visitor, f"/demo?to={quote(row.to or '')}")
    assert f"Text to {row.to}" in listed


def test_failures_are_shown_as_plainly_as_successes(visitor: FlaskClient) -> None:
    failed = words(visitor, "/demo?state=failed")
    assert "refused: no such mailbox" in failed
    assert "It has not arrived." in failed
    again = words(visitor, "/demo?state=trying_again")
    assert "not taken now: mailbox full" in again
    assert "next" in again


def test_the_list_can_be_narrowed_to_one_address(visitor: FlaskClient) -> None:
    page = words(visitor, "/demo?to=i.castell@westmarch.example")
    assert "Ian Castell, Service manager" in page
    table = page[page.index("<tbody") : page.index("</tbody>")]
    assert "i.castell@westmarch.example" in table
    assert table.count("@") == table.count("i.castell@")
    assert "No message fits" in words(visitor, "/demo?to=nobody@nowhere.example")


@pytest.mark.parametrize("typed", ["?state=nonsense", "?page=0", "?page=-3", "?page=x", "?page=9999", "?to=%00"])
def test_a_forged_address_shows_a_page_and_no_error(visitor: FlaskClient, typed: str) -> None:
    words(visitor, f"/demo{typed}")


def test_a_message_that_is_not_there_is_not_found(visitor: FlaskClient) -> None:
    assert visitor.get(f"/demo/messages/{uuid4()}").status_code == 404


def test_everybody_who_can_sign_in_is_named_with_role_address_and_password(visitor: FlaskClient) -> None:
    page = words(visitor, "/demo/sign-ins")
    for person in STAFF:
        assert all(said in page for said in (person.name, person.does, person.email, person.password))
    assert 'href="/staff/sign-in"' in page
    assert 'href="/"' in page


def test_nothing_of_it_is_there_in_production(make_app: Callable[..., Flask]) -> None:
    app = make_app(
        demonstration=False, public_url="https://front-door.westmarch.example", smtp_starttls=True, scanner="none", twilio_api_base="",
        files_dir="files",
    )  # fmt: skip
    assert not [rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/demo")]
    assert "demonstration" not in app.cli.commands
