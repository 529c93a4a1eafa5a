"""How Twilio's client asks: in our time, hearing how long to wait, and with no word of it in any log (T26)."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from twilio.http.http_client import TwilioHttpClient

_SILENT = logging.Logger("texts", level=logging.CRITICAL + 1)  # of no family: nobody can turn it on from above


class TimedHttp(TwilioHttpClient):
    """One conversation with Twilio: for one text, so that nothing of another is in it."""

    def __init__(self, timeout: float) -> None:
        super().__init__(timeout=timeout, logger=_SILENT, max_retries=0)
        self.status: int | None = None
        self.retry_after: timedelta | None = None

    def request(self, *args: Any, **kwargs: Any) -> Any:
        """Ask, and note what the answer's head said; its client keeps only the body."""
        self.status = self.retry_after = None
        response = super().request(*args, **kwargs)
        self.status = response.status_code
        wait = (response.headers or {}).get("Retry-After", "")
        self.retry_after = timedelta(seconds=int(wait)) if wait.isdecimal() and len(wait) < 6 else None
        return response
