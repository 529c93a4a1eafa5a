"""How a referral ends, in codes that can be counted (GL-13, GL-15)."""

from enum import StrEnum


class Closure(StrEnum):
    """Why a referral closed."""

    NO_FURTHER_ACTION = "no_further_action"
    ASSESSED_NO_HELP = "assessed_no_help"
    HELP_GIVEN = "help_given"
    PASSED_ON = "passed_on"
    MOVED_AWAY = "moved_away"
    FAMILY_DECLINED = "family_declined"
    OTHER = "other"


CLOSURE_LABELS: dict[Closure, str] = {
    Closure.NO_FURTHER_ACTION: "No further action decided",
    Closure.ASSESSED_NO_HELP: "Assessed, no help needed from us",
    Closure.HELP_GIVEN: "Help was given and has ended",
    Closure.PASSED_ON: "Passed on to another service",
    Closure.MOVED_AWAY: "The family moved away",
    Closure.FAMILY_DECLINED: "The family declined",
    Closure.OTHER: "Another reason",
}
TEAM_CLOSURES = tuple(closure for closure in Closure if closure is not Closure.NO_FURTHER_ACTION)


class NotToldReason(StrEnum):
    """Why nobody can be told the outcome (GL-14)."""

    NO_ADDRESS = "no_address"
    UNSAFE = "unsafe"
    DECLINED = "declined"
    NOT_REACHED = "not_reached"


NOT_TOLD_LABELS: dict[NotToldReason, str] = {
    NotToldReason.NO_ADDRESS: "They gave no way to reach them",
    NotToldReason.UNSAFE: "It is not safe to reach them",
    NotToldReason.DECLINED: "They asked not to be told",
    NotToldReason.NOT_REACHED: "They could not be reached",
}


class OpenCase(StrEnum):
    """What an officer found in the case system (GL-13)."""

    NONE = "none"
    OPEN_ELSEWHERE = "open_elsewhere"
