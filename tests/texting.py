"""A text as Twilio posts it: the parameters it really sends, signed as it signs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from infrastructure.settings import Settings
from tests.plugins.house import ACCOUNT, KEYS, SENDIASS_NUMBER

MESSAGE = "/hooks/twilio/message"
FORM = "application/x-www-form-urlencoded"
MOTHER = "+447700900811"
Params = list[tuple[str, str]]


def new_sid(kind: str = "SM") -> str:
    """Return a name as Twilio gives one."""
    return f"{kind}{uuid4().hex}"


def text(
    body: str = "school wont let my son in", *, sid: str = "", changes: Sequence[tuple[str, str]] = (), **more: str
) -> Params:
    """Return the parameters of a text, in the order of a captured one; `more` replaces or adds, None takes out."""
    name = sid or new_sid()
    said: dict[str, str] = {
        "ToCountry": "GB", "ToState": "", "SmsMessageSid": name, "NumMedia": "0", "ToCity": "", "FromZip": "",
        "SmsSid": name, "FromState": "", "SmsStatus": "received", "FromCity": "", "Body": body, "FromCountry": "GB",
        "To": SENDIASS_NUMBER, "ToZip": "", "NumSegments": "1", "MessageSid": name, "AccountSid": ACCOUNT,
        "From": MOTHER, "ApiVersion": "2010-04-01",
    }  # fmt: skip
    return [*{**said, **more}.items(), *changes]


def without(params: Params, *names: str) -> Params:
    """Return the parameters less these."""
    return [pair for pair in params if pair[0] not in names]


def whatsapp(body: str, **more: str) -> Params:
    """Return the parameters of a WhatsApp message."""
    said = {
        "From": f"whatsapp:{MOTHER}",
        "To": f"whatsapp:{SENDIASS_NUMBER}",
        "WaId": MOTHER[1:],
        "ProfileName": "Mairead",
    }
    return text(body, **{**said, **more})


def sign(url: str, params: Params | None, token: str = KEYS["twilio_auth_token"]) -> str:
    """Sign as Twilio does; without parameters the address alone."""
    return str(RequestValidator(token).compute_signature(url, MultiDict(params or [])))


def deliver(
    client: FlaskClient, params: Params, *, path: str = MESSAGE, signed: str | None = None, **more: Any
) -> TestResponse:
    """Post as Twilio would; `signed` is another signature than the right one."""
    settings: Settings = _app(client).extensions["house"].settings
    signature = sign(f"{settings.public_url}{path}", params) if signed is None else signed
    headers = {"X-Twilio-Signature": signature, **more.pop("headers", {})}
    return client.post(path, data=urlencode(params), content_type=FORM, headers=headers, **more)


def _app(client: FlaskClient) -> Flask:
    app = client.application
    assert isinstance(app, Flask)
    return app
