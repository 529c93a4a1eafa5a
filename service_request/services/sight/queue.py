"""The queue: the requests that a user sees, the least time left first, and how many wait in each view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Row,
    ScalarSelect,
    Select,
    String,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from service_request.domain.consent import Told
from service_request.domain.states import RequestState
from service_request.models import (
    Area,
    Channel,
    Clock,
    ClockKind,
    ServiceRequest,
    Similarity,
    SimilarityState,
    Task,
    TaskKind,
)
from service_request.pathways.social_care.rules import UNDECIDED
from service_request.services.sight.asked_for import waits_since
from service_request.services.sight.visible import hidden_from, visible_to
from service_request.services.tasks import doable_by

Rows = Select[*tuple[Any, ...]]  # what a part of a union gives

ROWS_A_PAGE = 25
COUNT_CAP = 200  # past it a page says "200+": nobody waits for an exact figure
NO_AREA = "none"
# Written out, and not given as values: only then can the indexes of what is open and of danger serve.
_IS_OPEN: ColumnElement[bool] = ServiceRequest.state.in_([literal_column(f"'{state.value}'") for state in UNDECIDED])
_DANGER: ColumnElement[Any] = literal_column("'danger'")

_SHOWN: tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...] = (
    ServiceRequest.id,
    ServiceRequest.wall,
    ServiceRequest.reference,
    ServiceRequest.version,
    ServiceRequest.state,
    ServiceRequest.kind,
    ServiceRequest.channel,
    ServiceRequest.urgency,
    ServiceRequest.told,
    ServiceRequest.worries,
    ServiceRequest.headline_sealed,
    ServiceRequest.names_found,
    ServiceRequest.received_at,
    ServiceRequest.next_due_at,
    ServiceRequest.assignee_id,
    Area.name.label("area"),
    UserAccount.name.label("holder"),
    Clock.due_at.label("clock_due_at"),
    Clock.warn_at,
    Clock.warned_at,
    Clock.escalated_at,
)


class View(StrEnum):
    """A list of the desk."""

    OPEN = "open"
    MINE = "mine"
    UNCLAIMED = "unclaimed"
    TRIAGE = "triage"
    DECISION = "decision"
    DECIDED = "decided"
    CLOSED = "closed"
    SET_ASIDE = "set_aside"


STATES: dict[View, tuple[RequestState, ...]] = {
    View.OPEN: UNDECIDED,
    View.MINE: UNDECIDED,
    View.UNCLAIMED: (RequestState.RECEIVED, RequestState.IN_TRIAGE, RequestState.AWAITING_INFORMATION),
    View.TRIAGE: (RequestState.IN_TRIAGE, RequestState.AWAITING_INFORMATION),
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


@dataclass(frozen=True)
class QueueRow:
    """A request as a list shows it."""

    id: UUID
    reference: str
    version: int
    rank: Rank
    state: RequestState
    kind: str
    channel: Channel
    urgency: str
    told: Told
    worries: tuple[str, ...]
    children: tuple[str, ...]
    asked_by: tuple[str, ...]
    names_found: int
    seen_before: int
    received_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    warned_at: datetime | None
    escalated_at: datetime | None
    due_is_decision: bool
    area: str | None
    holder_id: UUID | None
    holder: str | None
    waits_since: datetime | None  # for an answer of the referrer
    due_kind: ClockKind | None  # the promise that is due first


@dataclass(frozen=True)
class QueuePage:
    """One page of a list, and where the next one begins."""

    rows: tuple[QueueRow, ...]
    next_place: Place | None


@dataclass(frozen=True)
class Waiting:
    """How many wait in each view and kind of task (up to COUNT_CAP + 1), and the areas to choose from."""

    views: dict[View, int]
    tasks: dict[TaskKind, int]
    areas: tuple[tuple[str, str], ...] = field(default=())


def list_queue(
    session: Session, user: User, *, view: View, area: str | None = None, after: Place | None = None
) -> QueuePage:
    """Return a page of a view in one query, through the index of each state; `after` continues an earlier page."""
    rows = [_row(found) for found in session.execute(_page_query(user, view, area, after))]
    shown = tuple(rows[:ROWS_A_PAGE])
    last = shown[-1] if len(rows) > ROWS_A_PAGE else None
    return QueuePage(shown, Place(last.rank, last.due_at, last.id) if last else None)


@lru_cache(maxsize=256)  # putting it together takes longer than asking it; a user is a frozen value, with every place
def _page_query(user: User, view: View, area: str | None, after: Place | None) -> Rows:
    limbs = [
        select(_limb(user, view, stretch, rank, area, after).subquery())
        for stretch in _stretches(view)
        for rank in (Rank if STATES[view][0] in UNDECIDED else (Rank.DUE, Rank.NO_CLOCK))
        if after is None or rank >= after.rank
    ]
    found = union_all(*limbs).subquery("found")
    decision_clock = and_(
        Clock.wall == ServiceRequest.wall,
        Clock.owner_kind == "request",
        Clock.owner_id == ServiceRequest.id,
        Clock.kind == ClockKind.DECISION,
        Clock.ended_at.is_(None),
    )
    seen = (
        select(func.count())
        .where(
            Similarity.wall == ServiceRequest.wall,
            Similarity.request_id == ServiceRequest.id,
            Similarity.state == SimilarityState.OPEN,
            Similarity.earlier_request_id.not_in(hidden_from(user)),
        )
        .scalar_subquery()
    )
    return (  # columns, not entities: a list is only read, and an entity costs three times as much
        select(
            *_SHOWN,
            found.c.rank,
            seen.label("seen_before"),
            waits_since().label("waits_since"),
            _due_first().label("due_kind"),
        )
        .where(visible_to(user))
        .join(found, found.c.id == ServiceRequest.id)
        .outerjoin(Area, Area.id == ServiceRequest.area_id)
        .outerjoin(UserAccount, UserAccount.id == ServiceRequest.assignee_id)
        .outerjoin(Clock, decision_clock)
        .order_by(found.c.rank, found.c.due, *_in_turn(found.c.rank))
        .limit(_figure(ROWS_A_PAGE + 1))
    )


def _due_first() -> ScalarSelect[ClockKind]:
    """Return which of a request's running promises is due first."""
    first = aliased(Clock)
    return (
        select(first.kind)
        .where(first.wall == ServiceRequest.wall, first.request_id == ServiceRequest.id, first.ended_at.is_(None))
        .order_by(first.due_at)
        .limit(_figure(1))
        .scalar_subquery()
    )


def count_waiting(session: Session, user: User, *, area: str | None = None) -> Waiting:
    """Count each view and each kind of task up to the cap, and name the areas, in one query."""
    views: dict[View, int] = {}
    kinds: dict[TaskKind, int] = {}
    areas: list[tuple[str, str]] = []
    for what, key, label, count in session.execute(_count_query(user, area)):
        if what == "view":
            views[View(key)] = count
        elif what == "task":
            kinds[TaskKind(key)] = count
        else:
            areas.append((key, label))
    return Waiting(views, kinds, tuple(sorted(areas, key=lambda pair: pair[1])))


@lru_cache(maxsize=256)
def _count_query(user: User, area: str | None) -> CompoundSelect[*tuple[Any, ...]]:
    parts: list[Rows] = [_count_view(user, view, area) for view in View]
    tasks = (
        select(Task.kind.label("kind"))
        .where(doable_by(user), Task.done_at.is_(None))
        .limit(_figure(COUNT_CAP * len(TaskKind)))
        .subquery()
    )
    parts.append(
        select(_said("task"), func.coalesce(tasks.c.kind, _said("")), _said(""), func.count()).group_by(tasks.c.kind)
    )
    parts.append(select(_said("area"), Area.code, Area.name, _figure(0)))
    return union_all(*parts)


def last_received_at(session: Session, user: User, *, view: View) -> datetime | None:
    """Return when the latest request of a view came in, whatever became of it since: for an empty list."""
    latest = select(ServiceRequest.received_at).where(visible_to(user)).order_by(ServiceRequest.id.desc()).limit(1)
    if view is View.MINE:
        latest = latest.where(ServiceRequest.assignee_id == user.id)
    return session.scalars(latest).one_or_none()


def _stretches(view: View) -> Iterator[ColumnElement[bool]]:
    """Return what an index holds in the order of the queue: all that is open together, or each state by itself."""
    if view in OF_ALL_OPEN:
        yield _IS_OPEN if STATES[view] == UNDECIDED else and_(_IS_OPEN, ServiceRequest.state.in_(STATES[view]))
    else:
        for state in STATES[view]:
            yield ServiceRequest.state == state


def _limb(
    user: User, view: View, stretch: ColumnElement[bool], rank: Rank, area: str | None, after: Place | None
) -> Rows:
    due, row_id = ServiceRequest.next_due_at, ServiceRequest.id
    query: Rows = select(row_id.label("id"), _figure(rank).label("rank"), due.label("due")).where(
        visible_to(user), stretch, *_only(user, view, area)
    )
    if rank is Rank.NO_CLOCK:
        query = query.where(due.is_(None)).order_by(row_id.desc())
    elif rank is Rank.DANGER:
        query = query.where(due.is_not(None), ServiceRequest.urgency == _DANGER).order_by(due, row_id)
    else:
        query = query.where(due.is_not(None)).order_by(due, row_id)
        if STATES[view][0] in UNDECIDED:
            query = query.where(ServiceRequest.urgency != _DANGER)
    if after is not None and after.rank is rank:
        query = query.where(*_past(after))
    return query.limit(_figure(ROWS_A_PAGE + 1))


def _in_turn(rank: ColumnElement[int]) -> tuple[ColumnElement[Any], ...]:
    """Of two that are due at once the earlier one is first; of those without a clock the latest."""
    return case((rank == _figure(Rank.NO_CLOCK), None), else_=ServiceRequest.id), ServiceRequest.id.desc()


def _past(after: Place) -> tuple[ColumnElement[bool], ...]:
    due, row_id = ServiceRequest.next_due_at, ServiceRequest.id
    if after.due_at is None:
        return (row_id < after.id,)
    return due >= after.due_at, or_(due > after.due_at, row_id > after.id)


def _only(user: User, view: View, area: str | None) -> Iterator[ColumnElement[bool]]:
    if view is View.MINE:
        yield ServiceRequest.assignee_id == user.id
    elif view is View.UNCLAIMED:
        yield ServiceRequest.assignee_id.is_(None)
    if area == NO_AREA:
        yield ServiceRequest.area_id.is_(None)
    elif area:
        yield ServiceRequest.area_id.in_(select(Area.id).where(Area.code == area))


def _count_view(user: User, view: View, area: str | None) -> Rows:
    some: Rows = select(_figure(1).label("one")).select_from(ServiceRequest)
    some = some.where(visible_to(user), or_(*_stretches(view)), *_only(user, view, area)).limit(_figure(COUNT_CAP + 1))
    if view in OF_ALL_OPEN:
        some = some.order_by(ServiceRequest.next_due_at)  # so that it goes by the index of the list, and not by states
    counted = select(_said("view"), _said(view.value), _said(""), func.count())
    return counted.select_from(some.subquery())


def _said(word: str) -> ColumnElement[str]:
    """Write a word of ours into the statement, where a value would have to be given each time."""
    return literal_column(f"'{word}'", String)


def _figure(figure: int) -> ColumnElement[int]:
    """Write a figure of ours into the statement."""
    return literal_column(str(int(figure)), Integer)


def _row(found: Row[Any]) -> QueueRow:
    headline: dict[str, Sequence[str]] = ServiceRequest.headline.open(found.wall, found.headline_sealed) or {}
    is_decision = found.clock_due_at is not None and found.clock_due_at == found.next_due_at
    return QueueRow(
        id=found.id,
        reference=found.reference,
        version=found.version,
        rank=Rank(found.rank),
        state=found.state,
        kind=found.kind,
        channel=found.channel,
        urgency=found.urgency,
        told=found.told,
        worries=tuple(found.worries),
        children=tuple(headline.get("children", ())),
        asked_by=tuple(part for part in headline.get("asked_by", ()) if part),
        names_found=found.names_found,
        seen_before=found.seen_before,
        received_at=found.received_at,
        due_at=found.next_due_at,
        warn_at=found.warn_at if is_decision else found.next_due_at,
        warned_at=found.warned_at,
        escalated_at=found.escalated_at,
        due_is_decision=is_decision,
        area=found.area,
        holder_id=found.assignee_id,
        holder=found.holder,
        waits_since=found.waits_since,
        due_kind=found.due_kind,
    )
