"""Texts and WhatsApp by Twilio: sent once, and where nobody knows whether it was, looked for first (F22 to F24)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from infrastructure.database import utc_now
from infrastructure.outbox.models import Result
from infrastructure.outbox.senders import OPTED_OUT, Parcel, Sent
from infrastructure.settings import Settings
from infrastructure.texting.doubt import SLACK, after_two, never_left
from infrastructure.texting.numbers import WHATSAPP

CALLBACK = "/hooks/twilio/status"
BLOCKED_BY_RECEIVER = 21610
MOST_LISTED = 100  # texts to one number that are looked through
_PLAIN = str.maketrans("‘’“”–—\u00a0", "''\"\"-- ")


class TwilioSender:
    """Sends by the account in the settings, each text in the words of its parcel."""

    def __init__(self, settings: Settings, now: Callable[[], datetime] = utc_now) -> None:
        self.settings, self.now = settings, now

    def send(self, parcel: Parcel) -> Sent:
        """Send once; what may have left before is sought in Twilio's own list, and sent again once at most (F23)."""
        client = make_client(self.settings)
        try:
            return self._send(client, parcel)
        finally:
            client.http_client.session.close()

    def _send(self, client: Any, parcel: Parcel) -> Sent:
        if parcel.was_unknown:
            found = _asked(client, lambda: self._find(client, parcel), Result.TEMPORARY)
            if isinstance(found, Sent):
                return found
            if (waits := after_two(parcel, self.now())) is not None:
                return waits
        made = _asked(client, lambda: self._create(client, parcel), Result.UNKNOWN)
        assert made is not None
        return made

    def _find(self, client: Any, parcel: Parcel) -> Sent | None:
        """Look for a text that is this one, and no other of ours in the same words."""
        since = (parcel.owed_at or self.now()) - SLACK
        to, sender = self._numbers(parcel)
        for one in client.messages.list(to=to, from_=sender, limit=MOST_LISTED, page_size=MOST_LISTED):
            made_at = one.date_created or since
            if one.sid not in parcel.known_ids and made_at >= since and _folded(one.body) == _folded(parcel.text):
                return Sent(Result.ACCEPTED, "found", one.sid)
        return None

    def _create(self, client: Any, parcel: Parcel) -> Sent:
        to, sender = self._numbers(parcel)
        callback = f"{self.settings.public_url}{CALLBACK}"
        made = client.messages.create(to=to, from_=sender, body=parcel.text, status_callback=callback)
        return Sent(Result.ACCEPTED, "201", made.sid)

    def _numbers(self, parcel: Parcel) -> tuple[str, str]:
        before = WHATSAPP if parcel.channel == "whatsapp" else ""
        return f"{before}{parcel.to}", f"{before}{parcel.endpoint}"


def make_client(settings: Settings) -> Any:
    """Return Twilio's own client with our timeout; in a demonstration it speaks to the stand-in on this machine."""
    from twilio.rest import Client  # 25 MB with all it needs: only where a text goes out

    from infrastructure.texting.twilio_http import TimedHttp

    token = settings.listed("twilio_auth_token")[0]
    made: Any = Client(settings.twilio_account_sid, token, http_client=TimedHttp(settings.text_timeout_seconds))
    if settings.twilio_api_base:
        made.api.base_url = settings.twilio_api_base
    return made


def _asked(client: Any, ask: Callable[[], Sent | None], if_unknown: Result) -> Sent | None:
    """Ask Twilio; of an error only its number is kept: its words quote the number and the text (T26)."""
    from requests import RequestException
    from twilio.base.exceptions import TwilioException, TwilioRestException

    try:
        return ask()
    except TwilioRestException as error:
        return _refused(error.status, error.code, client.http_client.retry_after, if_unknown)
    except (RequestException, TwilioException, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        status = client.http_client.status  # of a page of their list the library tells only that it failed
        if status is not None and status >= 400:
            return _refused(status, None, client.http_client.retry_after, if_unknown)
        return Sent(Result.TEMPORARY if never_left(error) else if_unknown, type(error).__name__)


def _refused(status: int, code: int | None, retry_after: timedelta | None, if_unknown: Result) -> Sent:
    said = str(code or status)
    if code == BLOCKED_BY_RECEIVER:
        return Sent(Result.PERMANENT, OPTED_OUT)
    if status == 429:
        return Sent(Result.TEMPORARY, said, again_in=retry_after)
    if status in (401, 403) or if_unknown is Result.TEMPORARY:  # our account, or only a question: it may be mended
        return Sent(Result.TEMPORARY, said, again_in=retry_after)
    return Sent(if_unknown if status >= 500 else Result.PERMANENT, said)


def _folded(text: str | None) -> str:
    """Return a text as it can be compared: on the way quotes are made plain and blanks are trimmed."""
    return " ".join((text or "").translate(_PLAIN).split())
