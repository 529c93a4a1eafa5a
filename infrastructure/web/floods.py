"""A flood from one address is slowed down, and everybody else is served (T1)."""

from __future__ import annotations

import threading
import time

from flask import Flask, abort, request

from infrastructure.settings import Settings
from infrastructure.web.current import remote_address
from infrastructure.web.guard import SAFE, signature_holds

A_MINUTE = 60.0  # seconds


class PostsOfAMinute:
    """How often each address posted in the minute that runs; all of it is forgotten when the next one begins."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._counts: dict[str, int] = {}

    def is_one_too_many(self, address: str) -> bool:
        """Count a post from this address, and tell whether it is past what one may post in a minute."""
        now = time.monotonic()
        with self._lock:
            if now - self._began >= A_MINUTE:
                self._began = now
                self._counts.clear()
            count = self._counts[address] = self._counts.get(address, 0) + 1
        return count > self.most


def install_flood_limit(app: Flask, settings: Settings) -> None:
    """Refuse more posts a minute from one address than people make; each web process counts for itself.

    A whole school may stand behind one address, so the limit is wide. Sign-ins and codes have limits of their own. A
    carrier posts for everybody who texts: what it signed is never refused, what only looks like it counts (F25).
    """
    if not settings.posts_a_minute:
        return
    posts = PostsOfAMinute(settings.posts_a_minute)

    @app.before_request
    def slow_down() -> None:
        if request.method in SAFE or signature_holds():
            return
        if posts.is_one_too_many(remote_address()):
            abort(429)
