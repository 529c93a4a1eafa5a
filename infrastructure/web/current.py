"""What a view takes from the application around it."""

from __future__ import annotations

from typing import cast

from flask import current_app, request

from infrastructure.house import House
from infrastructure.settings import Settings

STAFF_COOKIE = "staff"


def current_house() -> House:
    """Return the parts that services are handed."""
    return cast(House, current_app.extensions["house"])


def current_settings() -> Settings:
    """Return the settings of this installation."""
    return current_house().settings


def cookie_name(name: str) -> str:
    """Return the cookie's name, with the __Host- prefix where people reach us over TLS."""
    return f"__Host-{name}" if current_settings().is_https else name


def staff_token() -> str | None:
    """Return the token of the staff session that the browser holds, if any."""
    return request.cookies.get(cookie_name(STAFF_COOKIE))


def remote_address() -> str:
    """Return where the request came from, for counting attempts only."""
    return request.remote_addr or "unknown"
