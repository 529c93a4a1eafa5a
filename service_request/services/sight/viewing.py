"""Which parts of a request each kind of viewer sees: one table, read where the facts are selected (EV-5)."""

from __future__ import annotations

from enum import StrEnum

from infrastructure.identity.models import Role, TeamKind
from infrastructure.identity.users import User


class Part(StrEnum):
    """A part of a request that can be shown or kept back; grants name them in their scope."""

    IDENTITY = "identity"
    STORY = "story"
    HISTORY = "history"
    RISKS = "risks"
    CONSENT = "consent"
    REFERRER = "referrer"
    NOTES = "notes"
    DECISION = "decision"
    FILES = "files"
    LOOKS = "looks"


class Viewer(StrEnum):
    """A kind of viewer; somebody who is of several kinds sees what each of them sees."""

    OFFICER = "officer"
    MANAGER = "manager"
    SERVICE_MANAGER = "service_manager"
    ADVISER = "adviser"
    MEMBER = "member"
    COMMISSIONER = "commissioner"
    ADMINISTRATOR = "administrator"


_ALL = frozenset(Part)
_NOTHING: frozenset[Part] = frozenset()
SEES: dict[Viewer, frozenset[Part]] = {
    Viewer.OFFICER: _ALL - {Part.LOOKS},  # who looked is read by those who answer for it
    Viewer.MANAGER: _ALL,
    Viewer.SERVICE_MANAGER: _ALL,
    Viewer.ADVISER: _ALL,  # of enquiries alone, inside the wall
    Viewer.MEMBER: _NOTHING,  # what a grant names, and no more
    Viewer.COMMISSIONER: _NOTHING,
    Viewer.ADMINISTRATOR: _NOTHING,
}

# Which steps of the form tell which part; a step of no part is seen with the whole request alone.
STEPS: dict[Part, frozenset[str]] = {
    Part.IDENTITY: frozenset({"child", "adult", "household", "home"}),
    Part.STORY: frozenset({"concerns", "harm", "safety", "views", "tried", "call"}),
    Part.HISTORY: frozenset({"background", "agencies"}),
    Part.RISKS: frozenset({"risks"}),
    Part.CONSENT: frozenset({"told", "agrees"}),
    Part.REFERRER: frozenset({"you", "reach"}),
}


def kinds_of(user: User) -> frozenset[Viewer]:
    """Return what kinds of viewer a user is; a place inside the wall makes an adviser, never a member of the desk."""
    return frozenset(_kind(place.role, place.team_kind) for place in user.places if place.wall is user.wall)


def _kind(role: Role, team: TeamKind) -> Viewer:
    if role in (Role.ADMINISTRATOR, Role.COMMISSIONER):
        return Viewer(role.value)
    if team is TeamKind.SENDIASS:
        return Viewer.ADVISER
    if role is Role.SERVICE_MANAGER:
        return Viewer.SERVICE_MANAGER
    if team is TeamKind.DESK and role in (Role.OFFICER, Role.MANAGER):
        return Viewer.OFFICER
    if team is TeamKind.ASSESSMENT and role is Role.MANAGER:
        return Viewer.MANAGER
    return Viewer.MEMBER


def sees_by_role(user: User, part: Part | None) -> frozenset[Viewer]:
    """Return the kinds of viewer by which a user sees a part (None: anything at all) of what is theirs to see."""
    return frozenset(kind for kind in kinds_of(user) if (SEES[kind] if part is None else part in SEES[kind]))


def within(answers: dict[str, dict[str, list[str]]], parts: frozenset[Part]) -> dict[str, dict[str, list[str]]]:
    """Return the answers that these parts tell; the calls of the desk hold names, and go with the identity alone."""
    steps = frozenset().union(*(STEPS.get(part, frozenset()) for part in parts))
    if Part.IDENTITY not in parts or Part.REFERRER not in parts:
        steps -= {"call"}
    return {key: page for key, page in answers.items() if key.split(".")[0] in steps}
