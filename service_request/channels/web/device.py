"""The device in front of us: a cookie that outlives the session, and opens its own drafts only."""

from __future__ import annotations

from datetime import timedelta

from flask import request
from werkzeug.wrappers import Response

from infrastructure.web.current import cookie_name, current_settings

DEVICE_COOKIE = "device"
DEVICE_MAX = 200  # a cookie of ours is far shorter; a longer one was made by hand


def this_device() -> str | None:
    """Return what the browser holds, or None when it never saved a draft here."""
    held = request.cookies.get(cookie_name(DEVICE_COOKIE))
    return held if held and len(held) <= DEVICE_MAX else None


def remember_device(response: Response, device: str) -> Response:
    """Let this browser open its draft again, for as long as drafts are kept."""
    settings = current_settings()
    response.set_cookie(
        cookie_name(DEVICE_COOKIE),
        device,
        max_age=timedelta(days=settings.draft_days),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="Lax",
    )
    return response
