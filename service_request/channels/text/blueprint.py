"""The one blueprint of what carriers post to us, and who may: endpoints are `text.<what>`."""

from __future__ import annotations

from flask import Blueprint, request
from werkzeug.datastructures import MultiDict

from infrastructure.texting.signatures import is_from_notify, is_from_twilio
from infrastructure.web.current import current_settings
from infrastructure.web.guard import Signed

text = Blueprint("text", __name__, url_prefix="/hooks")

LONGEST = 200_000  # bytes of one post: 1600 characters and ten pictures' addresses, many times over
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def _is_by_twilio() -> bool:
    body = _body()
    return body is not None and is_from_twilio(
        current_settings(),
        path=request.path,
        query=request.query_string.decode("latin-1"),
        body=body,
        signature=request.headers.get("X-Twilio-Signature", ""),
        algorithm=request.headers.get("X-Twilio-Webhooks-Signature-Settings", ""),
    )


def _is_by_notify() -> bool:
    request.max_content_length = LONGEST
    return is_from_notify(current_settings(), request.headers.get("Authorization", ""))


def _body() -> MultiDict[str, str] | str | None:
    """Return what a signature covers of the body; None for a kind of body that no carrier sends."""
    request.max_content_length = LONGEST
    if request.mimetype == FORM:
        return request.form
    return request.get_data(as_text=True) if request.mimetype == JSON else None


BY_TWILIO = Signed("only Twilio, which signs each post with our token", _is_by_twilio)
BY_NOTIFY = Signed("only GOV.UK Notify, which holds a bearer token of ours", _is_by_notify)
