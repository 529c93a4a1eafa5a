"""By which way an adviser may write to an enquirer, or why by none and what to do instead (EV-2, SE-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from service_request.models import Channel, Safe, Silenced

WHATSAPP_OPEN = timedelta(hours=24)  # WhatsApp takes words of our own for 24 hours after theirs (Twilio, error 63016)
BY_TEXT = (Channel.SMS, Channel.WHATSAPP)


class NoWay(StrEnum):
    """Why nothing may be written to somebody."""

    UNSAFE = "unsafe"
    OPTED_OUT = "opted_out"
    ASKED_TO_STOP = "asked_to_stop"
    NOT_SAID = "not_said"  # nobody has said whether it is safe
    WINDOW = "window"
    NO_ADDRESS = "no_address"


SENTENCES: dict[NoWay, str] = {
    NoWay.UNSAFE: "They said it is not safe to reach them there: nothing is sent. If they come to you by another way, "
    "ask which way is safe, and record it.",
    NoWay.OPTED_OUT: "They opted out with the phone company’s word, so no text can go there. Ring them if they "
    "said that is safe. If they text START, you can write again.",
    NoWay.ASKED_TO_STOP: "They asked us not to write there: nothing is sent. Use another way that they agreed to. If "
    "they write again, you can answer.",
    NoWay.NOT_SAID: "Nobody has said whether it is safe to write to them there. Ask that first, with nothing of the "
    "matter, or record what they told you.",
    NoWay.WINDOW: "WhatsApp takes no answer later than 24 hours after their last message. Ring them, or wait until "
    "they write again.",
    NoWay.NO_ADDRESS: "They left no number or address that we can write to. Ring them or see them, and log it.",
}
SERIOUS = (NoWay.UNSAFE, NoWay.OPTED_OUT, NoWay.ASKED_TO_STOP, NoWay.NOT_SAID, NoWay.WINDOW, NoWay.NO_ADDRESS)


class Thread(Protocol):
    """What must be known of a conversation with one number or address of theirs to say whether we may write there."""

    @property
    def id(self) -> UUID: ...
    @property
    def channel(self) -> Channel: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def counterpart(self) -> str | None: ...
    @property
    def safe(self) -> Safe: ...
    @property
    def opted_out_at(self) -> datetime | None: ...
    @property
    def silenced(self) -> Silenced | None: ...
    @property
    def silenced_at(self) -> datetime | None: ...
    @property
    def heard_at(self) -> datetime: ...


@dataclass(frozen=True)
class Way:
    """Where a reply goes."""

    channel: Channel
    to: str
    endpoint: str | None = None  # which of our numbers it leaves from
    thread_id: UUID | None = None


@dataclass(frozen=True)
class Ways:
    """The ways that are open, the best first; with none, why."""

    open: tuple[Way, ...]
    refused: NoWay | None = None
    to_ask: Way | None = None  # where whether it is safe may be asked, in answer to what they just wrote (EV-2)


def ways_to(
    *,
    safe: str,
    email: str | None,
    phone: str | None,
    threads: Sequence[Thread],
    text_from: str | None,
    is_waiting: bool,
    now: datetime,
) -> Ways:
    """Say how somebody may be written to: where they wrote last first, then a number or an address that they left.

    `safe`: what they said of the number and address that they left. `phone`: one that can be answered, or None.
    `text_from`: our number for texts, where we have one. `is_waiting`: they wrote, and nobody of ours has answered.
    """
    if safe == Safe.NO or any(thread.safe is Safe.NO for thread in threads):
        return Ways((), NoWay.UNSAFE)
    ways: list[Way] = []
    refused: set[NoWay] = set()
    to_ask: Way | None = None
    for thread in sorted(threads, key=lambda one: one.heard_at, reverse=True):
        way = Way(thread.channel, thread.counterpart or "", thread.endpoint, thread.id)
        why = _why_not(thread, now)
        if why is None:
            ways.append(way)
            continue
        refused.add(why)
        if why is NoWay.NOT_SAID and is_waiting and to_ask is None:
            to_ask = way
    known = {thread.counterpart for thread in threads}
    left = [
        *([Way(Channel.EMAIL, email)] if email and email.lower() not in known else []),
        *([Way(Channel.SMS, phone, text_from)] if phone and text_from and phone not in known else []),
    ]
    if safe == Safe.YES:
        ways.extend(left)
    elif left:
        refused.add(NoWay.NOT_SAID)
    if ways:
        return Ways(tuple(ways))
    return Ways((), next((why for why in SERIOUS if why in refused), NoWay.NO_ADDRESS), to_ask)


def _why_not(thread: Thread, now: datetime) -> NoWay | None:
    if thread.opted_out_at is not None:
        return NoWay.OPTED_OUT
    wrote_since = thread.silenced_at is None or thread.heard_at > thread.silenced_at
    if thread.silenced is Silenced.ASKED_TO_STOP and not wrote_since:
        return NoWay.ASKED_TO_STOP
    if thread.silenced is Silenced.NO_WAY:
        return NoWay.NO_ADDRESS
    if thread.safe is not Safe.YES:
        return NoWay.NOT_SAID
    if thread.channel is Channel.WHATSAPP and now - thread.heard_at > WHATSAPP_OPEN:
        return NoWay.WINDOW
    return None
