"""Read Twilio's own lists of texts and calls that came to us: what a webhook missed stands there (F26)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from infrastructure.settings import Settings
from infrastructure.texting.media import BASE
from infrastructure.texting.twilio import make_client

PAGE = 1000
UNDER_WAY = frozenset({"queued", "initiated", "ringing", "in-progress"})
INBOUND = "inbound"


class CarrierAwayError(Exception):
    """The lists cannot be read now; `code` says what was answered, and nothing of anybody's."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class ListedText:
    """A text that came to one of our numbers, with what its webhook would have said, but for its pictures."""

    sid: str
    sent_at: datetime
    params: tuple[tuple[str, str], ...]
    media: int


@dataclass(frozen=True)
class ListedCall:
    """A call that came to one of our numbers and is over. `is_answered`: somebody took it where it was put through.

    That it was "completed" says no such thing: it is what a call is called that reached the carrier.
    """

    sid: str
    sender: str
    to: str
    started_at: datetime
    params: tuple[tuple[str, str], ...]
    is_answered: bool


def list_texts(settings: Settings, *, since: datetime) -> list[ListedText]:
    """Return the texts that came since then, the oldest first."""
    with _asking(settings) as client:
        found = client.messages.list(date_sent_after=since, page_size=PAGE)
        return [_text(one) for one in reversed(found) if one.direction == INBOUND]


def list_media(settings: Settings, sid: str) -> tuple[tuple[str, str], ...]:
    """Return the pictures of one text as its webhook would have named them."""
    with _asking(settings) as client:
        found = client.messages(sid).media.list()
    at = f"{BASE}/2010-04-01/Accounts/{settings.twilio_account_sid}/Messages/{sid}/Media"
    named = [(f"MediaUrl{n}", f"{at}/{one.sid}") for n, one in enumerate(found)]
    return (*named, *((f"MediaContentType{n}", str(one.content_type or "")) for n, one in enumerate(found)))


def list_calls(settings: Settings, *, since: datetime) -> list[ListedCall]:
    """Return the calls that came since then and are over, the oldest first."""
    with _asking(settings) as client:
        found = client.calls.list(start_time_after=since, page_size=PAGE)
    answered = {one.parent_call_sid for one in found if one.status == "completed" and int(one.duration or 0) > 0}
    inward = (one for one in reversed(found) if one.direction == INBOUND and one.status not in UNDER_WAY)
    return [_call(one, is_answered=one.sid in answered) for one in inward]


def _text(one: Any) -> ListedText:
    said = {
        "MessageSid": one.sid,
        "AccountSid": one.account_sid,
        "ApiVersion": one.api_version,
        "From": one.from_,
        "To": one.to,
        "Body": one.body,
        "NumMedia": one.num_media,
        "NumSegments": one.num_segments,
        "MessagingServiceSid": one.messaging_service_sid,
        "SmsStatus": "received",
    }
    params = tuple((name, str(value)) for name, value in said.items() if value is not None)
    return ListedText(one.sid, one.date_created or one.date_sent or datetime.now(UTC), params, int(one.num_media or 0))


def _call(one: Any, *, is_answered: bool) -> ListedCall:
    started_at = one.start_time or one.date_created or datetime.now(UTC)
    said = {
        "CallSid": one.sid,
        "From": one._from,
        "To": one.to,
        "CallStatus": one.status,
        "StartTime": started_at.isoformat(),
        "Duration": one.duration,
    }
    params = tuple((name, str(value)) for name, value in said.items() if value is not None)
    return ListedCall(one.sid, one._from or "", one.to or "", started_at, params, is_answered)


@contextmanager
def _asking(settings: Settings) -> Iterator[Any]:
    """Give Twilio's client; of an error only its kind or number is kept, since its words may quote a text (T26)."""
    from requests import RequestException
    from twilio.base.exceptions import TwilioException

    client = make_client(settings)
    try:
        yield client
    except (RequestException, TwilioException, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        status = client.http_client.status
        raise CarrierAwayError(str(status) if status and status >= 400 else type(error).__name__) from None
    finally:
        client.http_client.session.close()
