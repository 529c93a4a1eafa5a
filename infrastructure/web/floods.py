"""A flood from one address is slowed down, and everybody else is served (T1)."""

from __future__ import annotations

from flask import Flask, request
from flask_limiter import Limiter

from infrastructure.settings import Settings
from infrastructure.web.current import remote_address
from infrastructure.web.guard import signature_holds


def install_flood_limit(app: Flask, settings: Settings) -> None:
    """Refuse more posts a minute from one address than people make; each web process counts for itself.

    A whole school may stand behind one address, so the limit is wide. Sign-ins and codes have limits of their own. A
    carrier posts for everybody who texts: what it signed is never refused, what only looks like it counts (F25).
    """
    if not settings.posts_a_minute:
        return
    limiter = Limiter(
        remote_address,
        app=app,
        application_limits=[f"{settings.posts_a_minute} per minute"],
        storage_uri="memory://",
        strategy="fixed-window",
        headers_enabled=False,
    )

    @limiter.request_filter
    def reads() -> bool:
        return request.method in ("GET", "HEAD", "OPTIONS") or signature_holds()
