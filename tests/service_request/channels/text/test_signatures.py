"""What a carrier signed comes in; with any byte of it changed nothing does, and no row says it was there (T3, T5, T29)."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from infrastructure.database import db
from infrastructure.settings import SettingsRefusedError
from infrastructure.web.guard import Signed
from scripts.routes_page import list_routes
from service_request.models import Arrival
from tests.plugins.house import KEYS, settings_for
from tests.texting import FORM, MESSAGE, Params, deliver, sign, text, without

URL = f"http://localhost{MESSAGE}"
OLD, NEW = "o" * 32, "n" * 32


def kept() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Arrival)) or 0


# ---------------------------------------------------------------- Twilio

SENT = text("I don't know what to do", NumSegments="1")
SIGNED = sign(URL, SENT)


def changed(name: str, value: str) -> Params:
    return [(one, value if one == name else said) for one, said in SENT]


MUTATIONS: dict[str, Callable[[FlaskClient], TestResponse]] = {
    "another path": lambda c: deliver(c, SENT, path="/hooks/twilio/message", signed=sign(URL + "x", SENT)),
    "another host": lambda c: deliver(c, SENT, signed=sign(URL.replace("localhost", "evil.example"), SENT)),
    "another scheme": lambda c: deliver(c, SENT, signed=sign(URL.replace("http", "https"), SENT)),
    "another port": lambda c: deliver(c, SENT, signed=sign(URL.replace("localhost", "localhost:8080"), SENT)),
    "a query that was not signed": lambda c: deliver(c, SENT, signed=SIGNED, query_string="a=1"),
    "no query, though one was signed": lambda c: deliver(c, SENT, signed=sign(f"{URL}?a=1", SENT)),
    "a value": lambda c: deliver(c, changed("Body", "I do know what to do"), signed=SIGNED),
    "one letter of the sender": lambda c: deliver(c, changed("From", "+447700900812"), signed=SIGNED),
    "a parameter more": lambda c: deliver(c, [*SENT, ("MediaUrl0", "https://evil.example/")], signed=SIGNED),
    "a parameter less": lambda c: deliver(c, without(SENT, "ApiVersion"), signed=SIGNED),
    "a second value": lambda c: deliver(c, [*SENT, ("Body", "and more")], signed=SIGNED),
    "a space at its end": lambda c: deliver(c, changed("Body", "I don't know what to do "), signed=SIGNED),
    "a name in other letters": lambda c: deliver(c, [(n.lower(), v) for n, v in SENT], signed=SIGNED),
    "another token": lambda c: deliver(c, SENT, signed=sign(URL, SENT, "x" * 32)),
    "an empty signature": lambda c: deliver(c, SENT, signed=""),
    "no signature": lambda c: c.post(MESSAGE, data=urlencode(SENT), content_type=FORM),
    "two signatures": lambda c: deliver(c, SENT, signed=f"{SIGNED}, {SIGNED}"),
    "letters that no header has": lambda c: deliver(c, SENT, signed="é" * 28),
    "a kind of body that nobody signs": lambda c: c.post(
        MESSAGE, data=b"Body=hello", content_type="text/plain", headers={"X-Twilio-Signature": sign(URL, None)}
    ),
    "JSON without its hash": lambda c: c.post(
        MESSAGE, json=dict(SENT), headers={"X-Twilio-Signature": sign(URL, None)}
    ),
    "an unknown way of signing": lambda c: deliver(
        c, SENT, headers={"X-Twilio-Webhooks-Signature-Settings": "algorithm=NONE"}
    ),
}  # fmt: skip


@pytest.mark.threat("T3")
@pytest.mark.parametrize("what", MUTATIONS)
def test_a_post_that_is_not_as_twilio_signed_it_is_refused_and_leaves_no_row(what: str, client: FlaskClient) -> None:
    answer = MUTATIONS[what](client)
    assert (answer.status_code, answer.data) == (403, b"")
    assert kept() == 0


@pytest.mark.threat("T3")
@pytest.mark.parametrize("place", range(0, len(SIGNED), 3))
def test_a_signature_with_one_letter_changed_is_refused(place: int, client: FlaskClient) -> None:
    letter = "A" if SIGNED[place] != "A" else "B"
    assert deliver(client, SENT, signed=SIGNED[:place] + letter + SIGNED[place + 1 :]).status_code == 403
    assert kept() == 0


@pytest.mark.threat("T3")
@pytest.mark.parametrize(
    ("what", "params", "url"),
    [
        ("as it comes", SENT, URL),
        ("in another order", SENT[::-1], URL),
        ("with the port", SENT, URL.replace("localhost", "localhost:80")),
        ("with what we do not know", text(changes=[("Brand-new Parameter", "é 😀")]), URL),
        ("with a value said twice", text(changes=[("Tag", "b"), ("Tag", "a"), ("Tag", "b")]), URL),
        ("with empty values", text("", FromCity=""), URL),
    ],
    ids=lambda one: one if isinstance(one, str) and " " in one else "",
)
def test_what_twilio_signed_comes_in(what: str, params: Params, url: str, client: FlaskClient) -> None:
    answer = deliver(client, params, signed=sign(url, params))
    assert answer.status_code == 200
    assert kept() == 1


@pytest.mark.threat("T3")
def test_a_query_is_signed_as_it_was_sent(client: FlaskClient) -> None:
    query = "b=%C3%A9&a=1&a=+"
    answer = deliver(client, SENT, signed=sign(f"{URL}?{query}", SENT), query_string=query)
    assert (answer.status_code, kept()) == (200, 1)


@pytest.mark.threat("T3")
def test_a_json_body_is_signed_by_its_hash_in_the_query(client: FlaskClient) -> None:
    body = json.dumps(dict(SENT))
    query = f"bodySHA256={sha256(body.encode()).hexdigest()}"

    def send(body: str) -> TestResponse:
        signed = {"X-Twilio-Signature": sign(f"{URL}?{query}", None)}
        return client.post(MESSAGE, data=body, content_type="application/json", query_string=query, headers=signed)

    assert send(body.replace("know", "knew")).status_code == 403
    assert send(body + " ").status_code == 403
    assert kept() == 0
    assert send(body).status_code == 200
    assert kept() == 1


@pytest.mark.threat("T3")
@pytest.mark.threat("T5")
def test_the_address_that_was_signed_is_the_public_one_whatever_the_headers_say(make_app: Any) -> None:
    app = make_app(public_url="https://ask.westmarch.example", trusted_proxies=1)
    with app.app_context():
        params, at = text(), f"https://ask.westmarch.example{MESSAGE}"
        behind = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example", "X-Original-Url": "/else"}

        def send(url: str, host: str = "localhost:8000") -> int:
            return deliver(
                app.test_client(), params, signed=sign(url, params), headers={**behind, "Host": host}
            ).status_code

        assert send(f"http://localhost:8000{MESSAGE}") == 403
        assert send(f"https://evil.example{MESSAGE}") == 403
        assert send(at, host="evil.example") == 400
        assert kept() == 0
        assert send(at) == 200
        assert send(f"https://ask.westmarch.example:443{MESSAGE}") == 200
        assert kept() == 1


@pytest.mark.threat("T3")
def test_while_a_token_is_replaced_both_are_good_and_no_third(make_app: Any) -> None:
    app = make_app(twilio_auth_token=f"{NEW},{OLD}")
    with app.app_context():
        for token, status in ((NEW, 200), (OLD, 200), (KEYS["twilio_auth_token"], 403), ("", 403)):
            params = text()
            assert deliver(app.test_client(), params, signed=sign(URL, params, token)).status_code == status
        assert kept() == 2


@pytest.mark.threat("T3")
def test_without_a_token_the_start_is_refused_and_without_a_carrier_nothing_comes_in(
    tmp_path: Any, make_app: Any
) -> None:
    with pytest.raises(SettingsRefusedError, match="TWILIO_AUTH_TOKEN"):
        settings_for("sqlite://", tmp_path, 25, twilio_auth_token="")
    app = make_app(text_carrier="", text_numbers="", twilio_auth_token="")
    with app.app_context():
        for token in ("", KEYS["twilio_auth_token"]):
            assert deliver(app.test_client(), SENT, signed=sign(URL, SENT, token)).status_code == 403
        assert kept() == 0


@pytest.mark.threat("T1")
def test_a_body_longer_than_any_text_is_not_read(client: FlaskClient) -> None:
    assert deliver(client, text("x" * 300_000)).status_code == 413
    assert kept() == 0


# ---------------------------------------------------------------- Notify

NOTIFY = "/hooks/notify/message"
TOKEN = "a bearer token of thirty-two letters"
RECEIVED = {
    "id": "7f3a", "source_number": "447700900811", "destination_number": "447700900180", "message": "hello",
    "date_received": "2026-11-17T08:59:00.000000Z",
}  # fmt: skip


@pytest.fixture
def by_notify(make_app: Any) -> Flask:
    app: Flask = make_app(
        text_carrier="notify",
        text_numbers="sms:+447700900180=sendiass",
        notify_api_key="front_door-" + "-".join(["12345678-1234-1234-1234-123456789012"] * 2),
        notify_callback_token=f"{TOKEN},{OLD}",
        notify_text_template="12345678-1234-1234-1234-123456789012",
    )
    return app


@pytest.mark.threat("T3")
@pytest.mark.parametrize(
    ("header", "status"),
    [
        (f"Bearer {TOKEN}", 204),
        (f"bearer {OLD}", 204),
        (f"Bearer {TOKEN}x", 403),
        (f"Bearer {TOKEN[:-1]}", 403),
        ("Bearer ", 403),
        (TOKEN, 403),
        (f"Basic {TOKEN}", 403),
        ("", 403),
    ],
)
def test_notify_is_known_by_its_bearer_token(header: str, status: int, by_notify: Flask) -> None:
    with by_notify.app_context():
        answer = by_notify.test_client().post(NOTIFY, json=RECEIVED, headers={"Authorization": header})
        assert (answer.status_code, answer.data) == (status, b"")
        assert kept() == (status == 204)


def test_a_text_by_notify_is_kept_like_any_other_with_the_time_that_notify_had_it(by_notify: Flask) -> None:
    with by_notify.app_context():
        client = by_notify.test_client()
        for _ in range(2):
            assert client.post(NOTIFY, json=RECEIVED, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 204
        row = db.session.scalars(select(Arrival)).one()
        assert (row.sender, row.endpoint, row.external_id) == ("+447700900811", "+447700900180", "7f3a")
        assert row.received_at.isoformat() == "2026-11-17T08:59:00+00:00"


# ---------------------------------------------------------------- all of them


@pytest.mark.threat("T29")
def test_what_needs_no_token_against_forgery_is_what_is_signed(app: Flask) -> None:
    signed = {route.path for route in list_routes(app) if isinstance(route.guard, Signed)}
    assert {MESSAGE, NOTIFY} <= signed
    assert signed == {route.path for route in list_routes(app) if route.path.startswith("/hooks/")}
    assert all(route.methods == ("POST",) for route in list_routes(app) if route.path in signed)


@pytest.mark.threat("T29")
def test_a_browser_with_its_own_token_and_no_signature_is_nobody_there(client: FlaskClient, app: Flask) -> None:
    page = client.get("/").text
    token = page.split('name="csrf_token" value="', 1)[1].split('"', 1)[0]
    for route in (one for one in list_routes(app) if isinstance(one.guard, Signed)):
        answer = client.post(route.path, data={"csrf_token": token, "Body": "hello", "MessageSid": "SM1"})
        assert (answer.status_code, answer.data) == (403, b"")
    assert kept() == 0


@pytest.mark.threat("T1")
@pytest.mark.threat("F25")
def test_a_flood_of_texts_from_the_carriers_one_address_is_taken_and_a_forged_flood_slowed(make_app: Any) -> None:
    app = make_app(posts_a_minute=5)
    with app.app_context():
        client = app.test_client()
        assert {deliver(client, text()).status_code for _ in range(20)} == {200}
        assert [deliver(client, SENT, signed="forged").status_code for _ in range(8)] == [403] * 5 + [429] * 3
        assert deliver(client, text()).status_code == 200
        assert kept() == 21


def test_a_carrier_is_given_no_cookie(client: FlaskClient) -> None:
    assert "Set-Cookie" not in deliver(client, text()).headers
