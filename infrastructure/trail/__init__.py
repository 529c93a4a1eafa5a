"""The trail: every act in a chain that shows if it was altered, and every look at a record (EV-5)."""

from infrastructure.trail.access import Access, AccessLog, log_access
from infrastructure.trail.events import SYSTEM, Actor, ActorKind, Event, Stream, record
from infrastructure.trail.verify import Fault, verify

__all__ = [
    "SYSTEM",
    "Access",
    "AccessLog",
    "Actor",
    "ActorKind",
    "Event",
    "Fault",
    "Stream",
    "log_access",
    "record",
    "verify",
]
