"""A text or a WhatsApp message comes in: keep it, answer, nothing else. The reply goes by the outbox."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request

from infrastructure.database import db, utc_now
from infrastructure.web.current import current_house, current_settings
from infrastructure.web.guard import guarded
from service_request.channels.text.blueprint import BY_NOTIFY, BY_TWILIO, FORM, text
from service_request.services.keep import keep
from service_request.services.texts import text_from_notify, text_from_twilio

EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@text.post("/twilio/message")
@guarded(BY_TWILIO)
def twilio_message() -> Response:
    """Take a text. Fields: MessageSid, AccountSid, From, To, Body, NumMedia, MediaUrl{N}, MediaContentType{N}, others.

    The same one again is answered alike and is no second row (T4).
    """
    now = utc_now()
    new = text_from_twilio(posted(), settings=current_settings(), received_at=now)
    if new is not None:
        keep(db.session(), new, now=now, house=current_house())
    return Response(EMPTY_TWIML, mimetype="text/xml")


@text.post("/notify/message")
@guarded(BY_NOTIFY)
def notify_message() -> Response:
    """Take a text. JSON: id, source_number, destination_number, message, date_received."""
    now = utc_now()
    new = text_from_notify(posted(), settings=current_settings(), now=now)
    keep(db.session(), new, now=now, house=current_house())
    return Response(status=204)


def posted() -> list[tuple[str, str]]:
    """Return every parameter of the post, as text; a body that is no JSON object is kept whole under no name (S6)."""
    if request.mimetype == FORM:
        return list(request.form.items(multi=True))
    body = request.get_data(as_text=True)
    try:
        found: Any = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return [("", body)]
    return [(name, _as_text(value)) for name, value in found.items()]


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
