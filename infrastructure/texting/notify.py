"""Texts by GOV.UK Notify, the other carrier: our own reference finds a text again that may have left (F23)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from infrastructure.database import utc_now
from infrastructure.outbox.models import Result
from infrastructure.outbox.senders import Parcel, Sent
from infrastructure.settings import Settings
from infrastructure.texting.doubt import after_two, never_left


class NotifySender:
    """Sends by a template of the service whose whole text is ((text)), so that our words are the only ones."""

    def __init__(self, settings: Settings, now: Callable[[], datetime] = utc_now) -> None:
        self.settings, self.now = settings, now

    def send(self, parcel: Parcel) -> Sent:
        """Send once; what may have left before is sought by its reference first."""
        from notifications_python_client.errors import APIError  # with all it needs, only where a text goes out
        from requests import RequestException

        client = self._client()
        reference = parcel.message_id.strip("<>")
        is_asking = parcel.was_unknown
        try:
            if is_asking and (known := self._find(client, reference)) is not None:
                return Sent(Result.ACCEPTED, "found", known)
            if (waits := after_two(parcel, self.now())) is not None:
                return waits
            is_asking = False
            made = client.send_sms_notification(
                phone_number=parcel.to,
                template_id=self.settings.notify_text_template,
                personalisation={"text": parcel.text},
                reference=reference,
            )
            return Sent(Result.ACCEPTED, "201", str(made["id"]))
        except APIError as error:
            is_asking = is_asking or never_left(error.__cause__)
            return _refused(error.status_code if error.response is not None else 0, is_asking=is_asking)
        except (RequestException, OSError, ValueError, KeyError, TypeError) as error:
            return Sent(Result.TEMPORARY if is_asking else Result.UNKNOWN, type(error).__name__)
        finally:
            client.request_session.close()

    def _client(self) -> Any:
        from notifications_python_client import notifications

        s = self.settings
        make: Any = notifications.NotificationsAPIClient
        return make(s.notify_api_key.get_secret_value(), base_url=s.notify_base_url, timeout=s.text_timeout_seconds)

    def _find(self, client: Any, reference: str) -> str | None:
        found = client.get_all_notifications(template_type="sms", reference=reference)["notifications"]
        return str(found[0]["id"]) if found else None


def _refused(status: int, *, is_asking: bool) -> Sent:
    """Tell what a refusal means; 429 is a limit of the minute or the day, 403 the key: both may be mended (F22)."""
    if is_asking or status in (401, 403, 429):
        return Sent(Result.TEMPORARY, str(status))
    if status == 0 or status >= 500:
        return Sent(Result.UNKNOWN, str(status))
    return Sent(Result.PERMANENT, str(status))
