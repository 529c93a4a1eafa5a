"""Proof that the trail is as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.trail.events import GENESIS, Event


@dataclass(frozen=True)
class Fault:
    """Where the trail was altered, and how it shows."""

    stream: str
    seq: int
    what: str


def verify(session: Session) -> Iterator[Fault]:
    """Read every chain and tell each altered, missing or reordered event (EV-5)."""
    stream, seq, prev = None, 0, GENESIS
    query = select(Event).order_by(Event.stream_kind, Event.stream_id, Event.seq).execution_options(yield_per=500)
    for event in session.scalars(query):
        here = f"{event.stream_kind} {event.stream_id}"
        if here != stream:
            stream, seq, prev = here, 0, GENESIS
        if event.seq != seq + 1:
            yield Fault(here, event.seq, f"event {seq + 1} is missing")
        if event.prev != prev:
            yield Fault(here, event.seq, "does not follow the event before it")
        if event.computed_hash() != event.hash:
            yield Fault(here, event.seq, "was altered")
        seq, prev = event.seq, event.hash
