"""The trail: every act in a chain that shows if it was altered, and every look at a record (EV-5)."""

from infrastructure.trail.access import Access, AccessLog, log_access
from infrastructure.trail.events import SYSTEM, Actor, ActorKind, Event, Stream, record
from infrastructure.trail.sealing import count_waiting, list_unsealed, seal_waiting
from infrastructure.trail.seals import Anchor, Road, Seal, SealKind, TrailCheck
from infrastructure.trail.verify import AnchorLine, Fault, Reading, verify

__all__ = [
    "SYSTEM",
    "Access",
    "AccessLog",
    "Actor",
    "ActorKind",
    "Anchor",
    "AnchorLine",
    "Event",
    "Fault",
    "Reading",
    "Road",
    "Seal",
    "SealKind",
    "Stream",
    "TrailCheck",
    "count_waiting",
    "list_unsealed",
    "log_access",
    "record",
    "seal_waiting",
    "verify",
]
