"""Why sight of a request is kept to few, given, taken away, or taken in an emergency: codes with their words (EV-5)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from service_request.domain.errors import DomainError


class Restricting(StrEnum):
    """Why only named people may see a request."""

    COLLEAGUES_FAMILY = "colleagues_family"
    KNOWN_HERE = "known_here"
    PUBLIC_EYE = "public_eye"
    RISK_HERE = "risk_here"
    OTHER = "other"


class Connected(StrEnum):
    """How a colleague is connected with a family."""

    OWN_FAMILY = "own_family"
    KNOWS_THEM = "knows_them"
    IN_DISPUTE = "in_dispute"
    OTHER = "other"


class Giving(StrEnum):
    """Why somebody is given sight of a request."""

    ADVICE = "advice"
    WORKS_WITH_THEM = "works_with_them"
    COVER = "cover"
    CHECK = "check"


class Emergency(StrEnum):
    """Why somebody must open at once what is not theirs to see."""

    DANGER = "danger"
    CALLER = "caller"
    COVER = "cover"
    OTHER = "other"


RESTRICTING_LABELS = {
    Restricting.COLLEAGUES_FAMILY: "It is about a colleague, or a colleague's own family",
    Restricting.KNOWN_HERE: "Somebody who works here knows the family well",
    Restricting.PUBLIC_EYE: "The family is in the public eye",
    Restricting.RISK_HERE: "Somebody who works here may be a risk to the child",
    Restricting.OTHER: "Another reason",
}
CONNECTED_LABELS = {
    Connected.OWN_FAMILY: "It is their own family",
    Connected.KNOWS_THEM: "They know the family well",
    Connected.IN_DISPUTE: "They are in a dispute with the family",
    Connected.OTHER: "Another reason",
}
GIVING_LABELS = {
    Giving.ADVICE: "Their advice is needed",
    Giving.WORKS_WITH_THEM: "They work with the family",
    Giving.COVER: "They stand in for somebody",
    Giving.CHECK: "They check how it was done",
}
EMERGENCY_LABELS = {
    Emergency.DANGER: "A child may be in danger now",
    Emergency.CALLER: "Somebody is on the phone about it, and cannot wait",
    Emergency.COVER: "Nobody who may see it can be reached",
    Emergency.OTHER: "Another reason",
}


class NoDeciderError(DomainError):
    """Refuse to leave a restricted request without a manager who can decide it in time (GL-8)."""

    sentence = "Select at least one manager who may decide for this area, so that the decision is made in time"


class LastDeciderError(DomainError):
    """Refuse to bar the last manager who can decide a request: it would be late, and nobody could help it (GL-8)."""

    def __init__(self, left: Sequence[str]) -> None:
        names = " and ".join(left)
        nobody = "is the only manager left" if len(left) == 1 else "are the only managers left"
        super().__init__(
            f"{names} {nobody} who can decide this request. Ask the administrator to add another manager for the area, "
            "then come back."
        )


class BothError(DomainError):
    """Refuse to give sight to somebody who is barred."""

    sentence = "A person who is connected with the family cannot keep sight of it. Take them out of one of the two."


class UnknownColleagueError(DomainError):
    """Refuse somebody who does not work here now, or works on the other side of the wall."""

    sentence = "Select people from the list"


class EndPastError(DomainError):
    """Refuse an end that has passed."""

    sentence = "The last day must be today or later"


class NotFoundToOpenError(DomainError):
    """Refuse to open what is not there, is behind the wall, or is about somebody's own family: all look the same."""

    sentence = "We cannot open a request with that reference. Check the reference, or ask a service manager."
