"""What a carrier said becomes an arrival: for which of our numbers, on which side of the wall, from whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from infrastructure.database import Wall, digest
from infrastructure.settings import Settings
from infrastructure.texting.numbers import channel_of, endpoints, find_endpoint, plain_number
from service_request.domain.inbound_text import MESSAGE_ID, RECIPIENT, SENDER, InboundText, read_text, write_raw
from service_request.models import Channel
from service_request.services.keep import NewArrival, NewMedia, WhyHeld

INWARD = ("", "received", "receiving")  # any other status is a report on what we sent, and no message
LONGEST_NAME = 200  # of what a carrier calls a thing; Twilio's names have 34 characters


@dataclass(frozen=True)
class Place:
    """Where something belongs that came to a number; `is_ours` is not so for a number that nobody configured (S7)."""

    number: str
    wall: Wall
    is_ours: bool


def find_place(settings: Settings, channel: str, raw_to: str) -> Place:
    """Return where what came to this number belongs.

    A number that was forgotten may be SENDIASS's: where any of ours is, what comes to it stands inside the wall, since
    what was open for a minute was open (SE-5).
    """
    found = find_endpoint(settings, channel, raw_to)
    if found is not None:
        return Place(found.number, found.wall, is_ours=True)
    has_inside = any(one.wall is Wall.SENDIASS for one in endpoints(settings))
    return Place(in_column(plain_number(raw_to)), Wall.SENDIASS if has_inside else Wall.OPEN, is_ours=False)


def text_from_twilio(
    params: Sequence[tuple[str, str]], *, settings: Settings, received_at: datetime, is_late: bool = False
) -> NewArrival | None:
    """Return the arrival that Twilio's parameters tell of; None for a report on a text of ours that came astray."""
    raw = write_raw("twilio", params)
    text = read_text(raw)
    if text.said("MessageStatus", "SmsStatus").lower() not in INWARD:
        return None
    to, sender = text.said(*RECIPIENT), text.said(*SENDER)
    channel = channel_of(to or sender)
    return _arrival(text, raw, channel, to, sender, settings, received_at, is_late)


def text_from_notify(params: Sequence[tuple[str, str]], *, settings: Settings, now: datetime) -> NewArrival:
    """Return the arrival that Notify tells of; it writes numbers without their plus, and says when it had the text."""
    raw = write_raw("notify", params)
    text = read_text(raw)
    to, sender = (_with_plus(text.said(*names)) for names in (RECIPIENT, SENDER))
    received_at = min(_moment(text.said("date_received")) or now, now)
    return _arrival(text, raw, "sms", to, sender, settings, received_at, is_late=False)


def in_column(text: str) -> str:
    """Return a carrier's word as a column takes it: of a sane length, and without the one character none stores."""
    return text.replace("\0", "")[:LONGEST_NAME]


def _arrival(
    text: InboundText,
    raw: bytes,
    channel: str,
    to: str,
    sender: str,
    settings: Settings,
    received_at: datetime,
    is_late: bool,
) -> NewArrival:
    place, name = find_place(settings, channel, to), in_column(text.said(*MESSAGE_ID))
    held = None
    if not place.is_ours:
        held = WhyHeld.UNROUTED
    elif not sender or not name:
        held = WhyHeld.INCOMPLETE
    return NewArrival(
        channel=Channel(channel),
        endpoint=place.number,
        external_id=name or f"unnamed {digest('external', raw.decode(), place.wall).hex()}",
        sender=plain_number(sender),
        raw=raw,
        received_at=received_at,
        wall=place.wall,
        media=_media(text),
        is_late=is_late,
        held=held,
    )


def _media(text: InboundText) -> tuple[NewMedia, ...]:
    """Return the pictures and files that the text names, in their order."""
    found: list[NewMedia] = []
    while url := text.said(f"MediaUrl{len(found)}"):
        found.append(NewMedia(url, in_column(text.said(f"MediaContentType{len(found)}"))))
    return tuple(found)


def _with_plus(number: str) -> str:
    return f"+{number}" if number.isascii() and number.isdigit() and len(number) >= 10 else number


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
