"""What a carrier told us of one text: read from the raw bytes that were kept, as often as needed, and never refused."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class OptOut(StrEnum):
    """What a carrier's own words do: it blocks the sender and answers by itself (Twilio, error 23002)."""

    STOP = "STOP"
    START = "START"
    HELP = "HELP"


# Twilio support 223134027: one word, the whole message. "stop him hitting me" is a cry for help (S3).
CARRIERS_WORDS: dict[str, OptOut] = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"), OptOut.STOP),
    **dict.fromkeys(("START", "YES", "UNSTOP"), OptOut.START),
    **dict.fromkeys(("HELP", "INFO"), OptOut.HELP),
}

# The names under which the carriers say the same; of a call there is nothing but who rang whom.
BODY = ("Body", "message")
SENDER = ("From", "source_number")
RECIPIENT = ("To", "destination_number")
PLACE = ("Latitude", "Longitude", "Label", "Address")  # where somebody is: WhatsApp sends it with no words
MESSAGE_ID = ("MessageSid", "SmsMessageSid", "SmsSid", "id")

Params = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class InboundText:
    """A text as it was sent. `opt_out` is what the carrier did with it; YES alone may still be an answer."""

    body: str
    opt_out: OptOut | None
    media: int
    segments: int | None
    profile_name: str | None
    params: Params

    def said(self, *names: str) -> str:
        """Return the first of these parameters that says anything; an empty one says nothing."""
        return _said(self.params, names)


def write_raw(carrier: str, params: Iterable[tuple[str, str]]) -> bytes:
    """Return what is kept of a text: every parameter in its order, known or not (S6), whatever characters it has."""
    return json.dumps({"carrier": carrier, "params": [list(pair) for pair in params]}).encode()


def read_text(raw: bytes) -> InboundText:
    """Read what was kept; a parameter that is missing or makes no sense is nothing, and no error."""
    params: Params = tuple((_clean(name), _clean(value)) for name, value in json.loads(raw)["params"])
    body = _said(params, BODY) or _place(params)
    return InboundText(
        body=body,
        opt_out=_opt_out(_said(params, ("OptOutType",)), body),
        media=_number(_said(params, ("NumMedia",))) or 0,
        segments=_number(_said(params, ("NumSegments",))),
        profile_name=_said(params, ("ProfileName",)) or None,
        params=params,
    )


def _opt_out(told: str, body: str) -> OptOut | None:
    """Return what the carrier says it did (it may use words of its own), or what the word alone means."""
    if told.strip().upper() in set(OptOut):
        return OptOut(told.strip().upper())
    return CARRIERS_WORDS.get(body.strip().upper())


def _place(params: Params) -> str:
    """Return a shared place as words, for whoever reads what came; empty where none was shared."""
    told = [text for name in PLACE if (text := _said(params, (name,)))]
    return f"Shared location: {', '.join(told)}" if told else ""


def _said(params: Params, names: Iterable[str]) -> str:
    return next((value for name in names for key, value in params if key == name and value), "")


def _clean(text: str) -> str:
    """Return the text without half a character, which no database and no page would take."""
    return text.encode("utf-8", "replace").decode()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
