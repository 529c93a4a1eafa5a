"""The queue: the requests that a user sees, the least time left first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from infrastructure.database import Wall
from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from service_request.domain.consent import Told
from service_request.domain.states import RequestState
from service_request.models import Area, Channel, Clock, ClockKind, ServiceRequest, Similarity, SimilarityState
from service_request.pathways.social_care.rules import UNDECIDED
from service_request.services.sight.asked_for import waits_since
from service_request.services.sight.queue_views import STATES, Place, Rank, View, chosen, figure, stretches
from service_request.services.sight.visible import hidden_from, visible_to

Rows = Select[*tuple[Any, ...]]  # what a part of a union gives

ROWS_A_PAGE = 25

_DANGER: ColumnElement[Any] = literal_column("'danger'")  # written out, so that its index serves

_SHOWN: tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...] = (
    ServiceRequest.id,
    ServiceRequest.reference,
    ServiceRequest.state,
    ServiceRequest.kind,
    ServiceRequest.channel,
    ServiceRequest.urgency,
    ServiceRequest.told,
    ServiceRequest.worries,
    ServiceRequest.headline_sealed,
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


class QueueRow(NamedTuple):
    """A request as a list shows it; a tuple, since a page makes so many."""

    id: UUID
    reference: str
    rank: Rank
    state: RequestState
    kind: str
    channel: Channel
    urgency: str
    told: Told
    worries: tuple[str, ...]
    children: tuple[str, ...]
    asked_by: tuple[str, ...]
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


def list_queue(
    session: Session, user: User, *, view: View, area: str | None = None, after: Place | None = None
) -> QueuePage:
    """Return a page of a view in one query, through the index of each state; `after` continues an earlier page."""
    found = session.connection().execute(_page_query(user, view, area, after)).all()  # columns: nothing to be loaded
    rows = tuple(_row(one, user.wall) for one in found[:ROWS_A_PAGE])
    last = rows[-1] if len(found) > ROWS_A_PAGE else None
    return QueuePage(rows, Place(last.rank, last.due_at, last.id) if last else None)


@lru_cache(maxsize=256)  # putting it together takes longer than asking it; a user is a frozen value, with every place
def _page_query(user: User, view: View, area: str | None, after: Place | None) -> Rows:
    limbs = [
        select(_limb(user, view, stretch, rank, area, after).subquery())
        for stretch in stretches(view)
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
        .limit(figure(ROWS_A_PAGE + 1))
    )


def _due_first() -> ScalarSelect[ClockKind]:
    """Return which of a request's running promises is due first."""
    first = aliased(Clock)
    return (
        select(first.kind)
        .where(first.wall == ServiceRequest.wall, first.request_id == ServiceRequest.id, first.ended_at.is_(None))
        .order_by(first.due_at)
        .limit(figure(1))
        .scalar_subquery()
    )


def _limb(
    user: User, view: View, stretch: ColumnElement[bool], rank: Rank, area: str | None, after: Place | None
) -> Rows:
    due, row_id = ServiceRequest.next_due_at, ServiceRequest.id
    query: Rows = select(row_id.label("id"), figure(rank).label("rank"), due.label("due")).where(
        visible_to(user), stretch, *chosen(user, view, area)
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
    return query.limit(figure(ROWS_A_PAGE + 1))


def _in_turn(rank: ColumnElement[int]) -> tuple[ColumnElement[Any], ...]:
    """Of two that are due at once the earlier one is first; of those without a clock the latest."""
    return case((rank == figure(Rank.NO_CLOCK), None), else_=ServiceRequest.id), ServiceRequest.id.desc()


def _past(after: Place) -> tuple[ColumnElement[bool], ...]:
    due, row_id = ServiceRequest.next_due_at, ServiceRequest.id
    if after.due_at is None:
        return (row_id < after.id,)
    return due >= after.due_at, or_(due > after.due_at, row_id > after.id)


def _row(found: Row[Any], wall: Wall) -> QueueRow:
    headline: dict[str, Sequence[str]] = ServiceRequest.headline.open(wall, found.headline_sealed) or {}
    due_at = found.next_due_at
    is_decision = due_at is not None and found.clock_due_at == due_at
    return QueueRow(
        id=found.id,
        reference=found.reference,
        rank=Rank(found.rank),
        state=found.state,
        kind=found.kind,
        channel=found.channel,
        urgency=found.urgency,
        told=found.told,
        worries=tuple(found.worries),
        children=tuple(headline.get("children", ())),
        asked_by=tuple([part for part in headline.get("asked_by", ()) if part]),
        seen_before=found.seen_before,
        received_at=found.received_at,
        due_at=due_at,
        warn_at=found.warn_at if is_decision else due_at,
        warned_at=found.warned_at,
        escalated_at=found.escalated_at,
        due_is_decision=is_decision,
        area=found.area,
        holder_id=found.assignee_id,
        holder=found.holder,
        waits_since=found.waits_since,
        due_kind=found.due_kind,
    )
