"""A flood from one address is slowed down, and everybody else is served (T1)."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from flask import Flask, abort, request

from infrastructure.settings import Settings
from infrastructure.web.current import remote_address
from infrastructure.web.guard import SAFE, signature_holds

if TYPE_CHECKING:
    from limits.strategies import FixedWindowRateLimiter


class PostsOfAMinute:
    """How often each address posted within a minute, counted by `limits` in the memory of this process."""

    def __init__(self, most: int) -> None:
        self.most = most

    @cached_property
    def limiter(self) -> FixedWindowRateLimiter:
        """Return what counts, loaded by the first post: starting need not wait for it."""
        from limits.storage import MemoryStorage
        from limits.strategies import FixedWindowRateLimiter

        return FixedWindowRateLimiter(MemoryStorage())

    def is_one_too_many(self, address: str) -> bool:
        """Count a post from this address, and tell whether it is past what one may post in a minute."""
        from limits import RateLimitItemPerMinute

        return not self.limiter.hit(RateLimitItemPerMinute(self.most), address)


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
