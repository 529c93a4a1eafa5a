"""Who carries texts here: one carrier by the settings, for each channel that it has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from infrastructure.database import utc_now
from infrastructure.outbox.senders import Sender
from infrastructure.settings import Settings
from infrastructure.texting.notify import NotifySender
from infrastructure.texting.twilio import TwilioSender


def text_senders(settings: Settings, now: Callable[[], datetime] = utc_now) -> dict[str, Sender]:
    """Return the sender of each channel; empty where no carrier is named."""
    if settings.text_carrier == "twilio":
        sender = TwilioSender(settings, now)
        return {"sms": sender, "whatsapp": sender}
    return {"sms": NotifySender(settings, now)} if settings.text_carrier == "notify" else {}
