"""Fetch a picture or file of a text: from the carrier's own hosts and no other, with our account (T15, T33).

The address in a webhook is never opened: only the two names in it are read, and the address is put together here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from infrastructure.settings import Settings

if TYPE_CHECKING:
    import requests

BASE = "https://api.twilio.com"
# Twilio hands a picture out from here, by an address that is good for a while and needs no account; nothing else may
# be where a redirect leads.
HANDED_OUT_FROM = frozenset({"mms.twiliocdn.com", "media.twiliocdn.com"})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
GONE = frozenset({404, 410})
PART = 65_536
_MEDIA = re.compile(r"/(ME[0-9a-fA-F]{32})/?$")
_MESSAGE = re.compile(r"[SM]M[0-9a-fA-F]{32}")


class MediaElsewhereError(Exception):
    """The address names no media of Twilio's, or leads to another host: nothing was asked of anybody there."""


class MediaAwayError(Exception):
    """Not now: the carrier did not answer, or not with the file. `is_gone`: it says that it has no such file."""

    def __init__(self, code: str, *, is_gone: bool = False) -> None:
        self.code, self.is_gone = code, is_gone
        super().__init__(code)


@dataclass(frozen=True)
class MediaName:
    """What the carrier calls a picture: by its message and its own name."""

    message_sid: str
    media_sid: str


def media_name(url: str, message_sid: str) -> MediaName:
    """Read the names of a picture out of the address that the webhook gave; raise MediaElsewhereError where none is."""
    found = _MEDIA.search(urlsplit(url).path)
    if found is None or not _MESSAGE.fullmatch(message_sid):
        raise MediaElsewhereError
    return MediaName(message_sid, found[1])


def fetch_media(settings: Settings, name: MediaName, take: Callable[[bytes], None]) -> str:
    """Hand the file to `take` piece by piece, and return its content type.

    Raise MediaAwayError where it may come another time, MediaElsewhereError where it leads away from the carrier.
    """
    import requests  # with all it needs, only where a file is fetched

    base = settings.twilio_api_base or BASE
    account = settings.twilio_account_sid
    url = f"{base}/2010-04-01/Accounts/{account}/Messages/{name.message_sid}/Media/{name.media_sid}"
    token = settings.listed("twilio_auth_token")[0]
    until = time.monotonic() + 2 * settings.text_timeout_seconds  # shorter than the lease
    try:
        answer = _get(url, (account, token), settings)
        if answer.status_code in REDIRECTS:
            elsewhere = urljoin(url, answer.headers.get("Location", ""))
            answer.close()
            parts = urlsplit(elsewhere)
            if parts.scheme != "https" or parts.hostname not in HANDED_OUT_FROM or parts.port not in (None, 443):
                raise MediaElsewhereError
            answer = _get(elsewhere, None, settings)
        with answer:
            if answer.status_code != 200:
                raise MediaAwayError(str(answer.status_code), is_gone=answer.status_code in GONE)
            for part in answer.iter_content(PART):
                if time.monotonic() > until:
                    raise MediaAwayError("too_slow")
                take(part)
            return str(answer.headers.get("Content-Type", ""))
    except (requests.RequestException, OSError, ValueError) as error:
        raise MediaAwayError(type(error).__name__) from None


def _get(url: str, account: tuple[str, str] | None, settings: Settings) -> requests.Response:
    import requests

    return requests.get(url, auth=account, stream=True, allow_redirects=False, timeout=settings.text_timeout_seconds)
