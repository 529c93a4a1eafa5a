"""The views of the queue: which requests each has, in which order, and where a page of one ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, String, and_, literal_column, select

from infrastructure.identity.users import User
from service_request.domain.states import RequestState
from service_request.models import Area, ServiceRequest
from service_request.pathways.social_care.rules import UNDECIDED

NO_AREA = "none"
# Word for word as the indexes of what is open say it, and not given as values: only then can they serve.
_IS_OPEN: ColumnElement[bool] = ServiceRequest.state.in_([literal_column(f"'{state.value}'") for state in UNDECIDED])


class View(StrEnum):
    """A list of the desk."""

    OPEN = "open"
    MINE = "mine"
    UNCLAIMED = "unclaimed"
    TRIAGE = "triage"
    WAITING = "waiting"
    DECISION = "decision"
    DECIDED = "decided"
    CLOSED = "closed"
    SET_ASIDE = "set_aside"


STATES: dict[View, tuple[RequestState, ...]] = {
    View.OPEN: UNDECIDED,
    View.MINE: UNDECIDED,
    View.UNCLAIMED: (RequestState.RECEIVED, RequestState.IN_TRIAGE, RequestState.AWAITING_INFORMATION),
    View.TRIAGE: (RequestState.IN_TRIAGE, RequestState.AWAITING_INFORMATION),
    View.WAITING: (RequestState.AWAITING_INFORMATION,),
    View.DECISION: (RequestState.AWAITING_DECISION,),
    View.DECIDED: (RequestState.DECIDED,),
    View.CLOSED: (RequestState.CLOSED,),
    View.SET_ASIDE: (RequestState.SET_ASIDE, RequestState.FOLDED),
}


OF_ALL_OPEN = frozenset({View.OPEN, View.MINE, View.UNCLAIMED})  # by indexes that hold what is open, of every state


class Rank(IntEnum):
    """The order of a list: danger first, then what is due, then what has no clock, the latest first."""

    DANGER = 0
    DUE = 1
    NO_CLOCK = 2


@dataclass(frozen=True)
class Place:
    """Where a page of the queue ended; it goes into a link, and says nothing of anybody."""

    rank: Rank
    due_at: datetime | None
    id: UUID

    def __str__(self) -> str:
        due = self.due_at.isoformat() if self.due_at else ""
        return f"{int(self.rank)}~{due}~{self.id.hex}"

    @classmethod
    def parse(cls, text: str) -> Place | None:
        """Read a place back from a link; None when it is none."""
        try:
            rank, due, row_id = text.replace(" ", "+").split("~")
            due_at = datetime.fromisoformat(due) if due else None
            if due_at is not None and due_at.tzinfo is None:
                return None
            return cls(Rank(int(rank)), due_at, UUID(row_id))
        except ValueError:
            return None


def stretches(view: View) -> Iterator[ColumnElement[bool]]:
    """Return what an index holds in the order of the queue: all that is open together, or each state by itself."""
    if view in OF_ALL_OPEN:
        yield _IS_OPEN if STATES[view] == UNDECIDED else and_(_IS_OPEN, ServiceRequest.state.in_(STATES[view]))
    else:
        for state in STATES[view]:
            yield ServiceRequest.state == state


def chosen(user: User, view: View, area: str | None) -> Iterator[ColumnElement[bool]]:
    """Return what else a view asks of its requests, and the area that somebody chose."""
    if view is View.MINE:
        yield ServiceRequest.assignee_id == user.id
    elif view is View.UNCLAIMED:
        yield ServiceRequest.assignee_id.is_(None)
    if area == NO_AREA:
        yield ServiceRequest.area_id.is_(None)
    elif area:
        yield ServiceRequest.area_id.in_(select(Area.id).where(Area.code == area))


def said(word: str) -> ColumnElement[str]:
    """Write a word of ours into the statement, where a value would have to be given each time."""
    return literal_column(f"'{word}'", String)


def figure(number: int) -> ColumnElement[int]:
    """Write a figure of ours into the statement."""
    return literal_column(str(int(number)), Integer)
