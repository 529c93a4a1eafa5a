"""The work address that was proven on the browser in front of us (EV-6)."""

from __future__ import annotations

from datetime import timedelta

from flask import request
from werkzeug.wrappers import Response

from infrastructure.database import db, utc_now
from infrastructure.identity.models import LinkPurpose
from infrastructure.web.current import cookie_name, current_house, current_settings
from service_request.services.holding import Held, held_address

NAME = LinkPurpose.MINE.value
BEHIND_A_CODE = (LinkPurpose.OUTCOME, LinkPurpose.ANSWER, LinkPurpose.PART)


def browser_token() -> str | None:
    """Return the secret by which a browser is known that proved an address."""
    return request.cookies.get(cookie_name(NAME))


def opened_here() -> list[str]:
    """Return the secrets by which a browser is known behind links that it opened by a code."""
    found = (request.cookies.get(cookie_name(purpose.value)) for purpose in BEHIND_A_CODE)
    return [token for token in found if token]


def held_here() -> Held | None:
    """Return the address proven on this browser, or None."""
    return held_address(db.session(), browser_token(), now=utc_now(), house=current_house())


def remember_browser(response: Response, token: str, *, for_shift: bool) -> Response:
    """Give the browser its secret: until it is closed, or for the shift where somebody asked for that."""
    settings = current_settings()
    response.set_cookie(
        cookie_name(NAME),
        token,
        max_age=timedelta(hours=settings.shift_hours) if for_shift else None,
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="Lax",
    )
    return response


def forget_browser(response: Response) -> Response:
    """Take the secret away from the browser."""
    settings = current_settings()
    response.delete_cookie(cookie_name(NAME), path="/", secure=settings.is_https, httponly=True, samesite="Lax")
    return response
