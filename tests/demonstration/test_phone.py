"""The phone of the demonstration, as a visitor without an account holds it: each text goes by the signed webhook."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from demonstration import web_phone
from demonstration.carrier.account import Account
from demonstration.carrier.server import Carrier
from infrastructure.database import db
from service_request.models import Arrival, Message, ServiceRequest
from tests.plugins.house import ACCOUNT, KEYS, free_port

MOTHER, OURS = "+447700900461", "sms:+447700900180"
FIRST = "school won't let my son in, dont know what to do"
HALF_A_MINUTE = 30.0


@dataclass
class Door:
    """A front door that is served, with its worker and its carrier; `client` is the visitor's browser."""

    app: Flask
    client: FlaskClient
    carrier: Carrier

    def look(self) -> str:
        """Open the phone."""
        answer = self.client.get(f"/demo/phone?phone={MOTHER}&number={OURS}")
        return html.unescape(answer.text)

    def press(self, **typed: str) -> TestResponse:
        """Send what stands in a form of the page, and follow where it leads."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.look())
        assert token is not None
        posted = {"csrf_token": token[1], "phone": MOTHER, "number": OURS, **typed}
        return self.client.post("/demo/phone", data=posted, follow_redirects=True)

    def kept(self) -> list[Arrival]:
        """Return what the front door has, in the order in which it was kept."""
        with self.app.app_context():
            return list(db.session.scalars(select(Arrival).order_by(Arrival.stored_at, Arrival.id)))

    def said(self) -> list[tuple[str, str]]:
        """Return the conversation, as it is stored."""
        with self.app.app_context():
            rows = db.session.scalars(select(Message).order_by(Message.at, Message.id))
            return [(row.direction.value, row.body or "") for row in rows]

    def requests(self) -> int:
        """Return how many requests there are."""
        with self.app.app_context():
            return len(list(db.session.scalars(select(ServiceRequest.id))))


@pytest.fixture
def door(make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    carrier = Carrier(Account(ACCOUNT, KEYS["twilio_auth_token"]), public_url=address)
    app = make_app(public_url=address, twilio_api_base=carrier.address, sweep_seconds=0.1)
    monkeypatch.setattr(web_phone, "WAITS", HALF_A_MINUTE)  # a busy machine
    server = make_server("127.0.0.1", port, app, threaded=True)
    serving = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    serving.start()
    worker = app.extensions["worker"]
    worker.start()
    yield Door(app, app.test_client(), carrier)
    worker.stop()
    server.shutdown()
    server.server_close()
    serving.join()
    carrier.stop()


def test_a_newcomer_plays_a_mother_with_no_account(door: Door) -> None:
    assert FIRST in door.look()
    page = html.unescape(door.press(body=FIRST).text)
    assert f'<p class="fd-bubble">{FIRST}</p>' in page
    assert "Is it safe to text you here? 1 yes, 2 no</p>" in page
    with door.app.app_context():
        reference = db.session.scalars(select(ServiceRequest.reference)).one()
    steps = page[page.index("What the front door did") :]
    for step in (
        "Text arrived, signature right",
        f"Enquiry {reference[:4]}-{reference[4:]} opened",
        "Reply owed",
        "Reply sent",
        "Reply delivered",
    ):
        assert step in steps
    page = html.unescape(door.press(body="1").text)
    assert "Understood: safe to write here: yes" in page
    assert "Have you had a letter" in page
    assert [direction for direction, _ in door.said()] == ["in", "out", "in", "out"]


@pytest.mark.threat("T4")
@pytest.mark.rule("EV-3")
def test_the_last_text_sent_again_is_there_once(door: Door) -> None:
    door.press(body=FIRST)
    page = door.press(hard="again").text
    assert "It is there once" in page
    assert page.count(f'<p class="fd-bubble">{html.escape(FIRST)}'.replace("&#x27;", "&#39;")) == 1
    assert len(door.kept()) == door.requests() == 1


def test_two_texts_in_the_wrong_order_are_both_kept_and_are_one_enquiry(door: Door) -> None:
    page = door.press(hard="order").text
    assert "they sent him home again" in page and "and he has a plan" in page
    assert len(door.kept()) == 2
    door.press(body="1")
    bodies = [body for direction, body in door.said() if direction == "in"]
    assert {"they sent him home again", "and he has a plan"} < set(bodies)
    assert door.requests() == 1


@pytest.mark.threat("T3")
def test_a_text_with_a_broken_signature_is_refused_and_nothing_of_it_is_kept(door: Door) -> None:
    page = door.press(hard="signature", body="not from a phone").text
    assert "was refused, and nothing of it was kept" in page
    assert door.kept() == []
    assert "not from a phone" not in page


def test_while_the_phone_company_does_not_answer_the_words_stay_in_the_box(door: Door) -> None:
    door.look()
    token = re.search(r'name="csrf_token" value="([^"]+)"', door.look())
    door.carrier.server.shutdown()
    door.carrier.server.server_close()
    assert token is not None
    posted = {"csrf_token": token[1], "phone": MOTHER, "number": OURS, "body": "are you there <b>"}
    answer = door.client.post("/demo/phone", data=posted)
    assert answer.status_code == 503
    assert "The phone company of the demonstration does not answer" in answer.text
    assert ">are you there &lt;b&gt;</textarea>" in answer.text
    assert door.client.get("/demo/phone").status_code == 503


@pytest.mark.parametrize("asked", ["?phone=nobody", "?number=fax:1", "?phone=%00&number=", "?hard=nonsense"])
def test_a_forged_address_shows_the_phone_all_the_same(door: Door, asked: str) -> None:
    assert door.client.get(f"/demo/phone{asked}").status_code == 200


def test_an_installation_without_numbers_has_no_phone(make_app: Callable[..., Flask]) -> None:
    app = make_app(text_carrier="", text_numbers="")
    assert app.test_client().get("/demo/phone").status_code == 404
