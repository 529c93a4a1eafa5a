"""The queue: the requests that a user sees, the least time left first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Subquery,
    and_,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from infrastructure.database import Wall
from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from service_request.domain.consent import Told
from service_request.domain.states import RequestState
from service_request.models import Area, Channel, Clock, ClockKind, ServiceRequest, Similarity, SimilarityState
from service_request.pathways.social_care.rules import UNDECIDED
from service_request.services.sight.asked_for import waits_since
from service_request.services.sight.queue_views import STATES, Place, Rank, View, chosen, figure, stretches
from service_request.services.sight.visible import alike, given_for, hidden_from, put_together, visible_to

Rows = Select[*tuple[Any, ...]]  # what a part of a union gives

ROWS_A_PAGE = 25

_DANGER: ColumnElement[Any] = literal_column("'danger'")  # written out, so that its index serves

_SHOWN: tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...] = (
    ServiceRequest.id,
    ServiceRequest.wall,
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
    ServiceRequest.area_id,
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
    """Return a page of a view in one query, through an index in its order; `after` continues an earlier page."""
    query = _page_query(alike(user), view, area, after)
    found = session.connection().execute(query, given_for(user))  # columns: nothing is to be loaded
    each = [list(rows) for _, rows in groupby(found, key=attrgetter("id"))]  # a row for each running clock
    rows = tuple(_row(clocks, user.wall) for clocks in each[:ROWS_A_PAGE])
    last = rows[-1] if len(each) > ROWS_A_PAGE else None
    return QueuePage(rows, Place(last.rank, last.due_at, last.id) if last else None)


@put_together
def _page_query(user: User, view: View, area: str | None, after: Place | None) -> Rows:
    limbs = [
        select(_limb(user, view, stretch, rank, area, after).subquery())
        for stretch in stretches(view)
        for rank in (Rank if STATES[view][0] in UNDECIDED else (Rank.DUE, Rank.NO_CLOCK))
        if after is None or rank >= after.rank
    ]
    each = union_all(*limbs).subquery("each_rank")
    page = select(each).order_by(*_in_turn(each)).limit(figure(ROWS_A_PAGE + 1)).subquery("page")
    seen = (
        select(func.count())
        .where(
            Similarity.wall == page.c.wall,
            Similarity.request_id == page.c.id,
            Similarity.state == SimilarityState.OPEN,
            Similarity.earlier_request_id.not_in(hidden_from(user)),
        )
        .scalar_subquery()
    )
    return (
        select(
            page,
            Area.name.label("area"),
            UserAccount.name.label("holder"),
            Clock.kind.label("clock"),
            Clock.due_at,
            Clock.warn_at,
            Clock.warned_at,
            Clock.escalated_at,
            seen.label("seen_before"),
            waits_since(page.c.wall, page.c.id).label("waits_since"),
        )
        .outerjoin(Area, Area.id == page.c.area_id)
        .outerjoin(UserAccount, UserAccount.id == page.c.assignee_id)
        .outerjoin(Clock, and_(Clock.wall == page.c.wall, Clock.request_id == page.c.id, Clock.ended_at.is_(None)))
        .order_by(*_in_turn(page), Clock.due_at)
    )


def _limb(
    user: User, view: View, stretch: ColumnElement[bool], rank: Rank, area: str | None, after: Place | None
) -> Rows:
    due, row_id = ServiceRequest.next_due_at, ServiceRequest.id
    query: Rows = select(*_SHOWN, figure(rank).label("rank")).where(
        visible_to(user), stretch, *chosen(user, view, area)
    )
    if rank is Rank.NO_CLOCK:
        query = query.where(due.is_(None)).order_by(due.desc(), row_id.desc())  # backwards through the list's index
    elif rank is Rank.DANGER:
        query = query.where(due.is_not(None), ServiceRequest.urgency == _DANGER).order_by(due, row_id)
    else:
        query = query.where(due.is_not(None)).order_by(due, row_id)
        if STATES[view][0] in UNDECIDED:
            query = query.where(ServiceRequest.urgency != _DANGER)
    if after is not None and after.rank is rank:
        query = query.where(*_past(after))
    return query.limit(figure(ROWS_A_PAGE + 1))


def _in_turn(found: Subquery) -> tuple[ColumnElement[Any], ...]:
    """Of two that are due at once the earlier one is first; of those without a clock the latest."""
    listed = found.c
    latest_first = case((listed.rank == figure(Rank.NO_CLOCK), None), else_=listed.id)
    return listed.rank, listed.next_due_at, latest_first, listed.id.desc()


def _past(after: Place) -> tuple[ColumnElement[bool], ...]:
    due, row_id = ServiceRequest.next_due_at, ServiceRequest.id
    if after.due_at is None:
        return (row_id < after.id,)
    return due >= after.due_at, or_(due > after.due_at, row_id > after.id)


def _row(found: Sequence[Row[Any]], wall: Wall) -> QueueRow:
    """Say a request by its rows, one for each clock that runs, the one that is due first before the others."""
    one, decision = found[0], next((row for row in found if row.clock is ClockKind.DECISION), None)
    headline: dict[str, Sequence[str]] = ServiceRequest.headline.open(wall, one.headline_sealed) or {}
    is_decision = decision is not None and decision.due_at == one.next_due_at
    return QueueRow(
        id=one.id,
        reference=one.reference,
        rank=Rank(one.rank),
        state=one.state,
        kind=one.kind,
        channel=one.channel,
        urgency=one.urgency,
        told=one.told,
        worries=tuple(one.worries),
        children=tuple(headline.get("children", ())),
        asked_by=tuple([part for part in headline.get("asked_by", ()) if part]),
        seen_before=one.seen_before,
        received_at=one.received_at,
        due_at=one.next_due_at,
        warn_at=decision.warn_at if decision is not None and is_decision else one.next_due_at,
        warned_at=decision.warned_at if decision is not None else None,
        escalated_at=decision.escalated_at if decision is not None else None,
        due_is_decision=is_decision,
        area=one.area,
        holder_id=one.assignee_id,
        holder=one.holder,
        waits_since=one.waits_since,
        due_kind=one.clock,
    )
