"""The trail: every act in a chain that shows if it was altered, and every look at a record (EV-5)."""

from infrastructure.trail.access import Access, AccessLog, log_access
from infrastructure.trail.events import SYSTEM, Actor, ActorKind, Event, Stream, record
from infrastructure.trail.seals import Anchor, Road, Seal, SealKind, TrailCheck
from infrastructure.trail.verify import Fault, verify

__all__ = [
    "SYSTEM",
    "Access",
    "AccessLog",
    "Actor",
    "ActorKind",
    "Anchor",
    "Event",
    "Fault",
    "Road",
    "Seal",
    "SealKind",
    "Stream",
    "TrailCheck",
    "log_access",
    "record",
    "verify",
]
