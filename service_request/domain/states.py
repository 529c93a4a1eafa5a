"""Where a request can stand, whatever its pathway: one column holds it, and each pathway has a table of its own."""

from enum import StrEnum


class RequestState(StrEnum):
    """Where a request stands; each pathway's table uses its own of them (data-model.md)."""

    RECEIVED = "received"
    IN_TRIAGE = "in_triage"
    AWAITING_INFORMATION = "awaiting_information"
    AWAITING_DECISION = "awaiting_decision"
    DECIDED = "decided"
    CLOSED = "closed"
    SET_ASIDE = "set_aside"
    FOLDED = "folded"
    OPEN = "open"  # an enquiry that an adviser took (SE)
    AWAITING_PERSON = "awaiting_person"
    SIGNPOSTED = "signposted"
