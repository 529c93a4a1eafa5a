"""SENDIASS's queue: danger first, then a date that the law sets, then whom nobody has reached yet (SE-3, SE-5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum, StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, not_, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from infrastructure.database.columns import UtcDateTime
from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from service_request.domain.states import RequestState
from service_request.models import Channel, Enquiry, Referrer, Safe, ServiceRequest, Task, TaskKind
from service_request.pathways.sendiass.codes import EnquirerKind
from service_request.services.sight.visible import visible_to

ROWS_A_PAGE = 25
COUNT_CAP = 200
ENDED = (RequestState.SIGNPOSTED, RequestState.CLOSED, RequestState.SET_ASIDE, RequestState.FOLDED)
NEVER = date.max
NO_END = datetime(9999, 12, 31, tzinfo=UTC)

Rows = Select[*tuple[Any, ...]]


class EnquiryView(StrEnum):
    """A list of SENDIASS's desk; what is held has a page of its own."""

    OPEN = "open"
    DEADLINE = "deadline"
    TO_REACH = "to_reach"
    MINE = "mine"
    WAITING = "waiting"
    PROFESSIONAL = "professional"  # set aside by itself, and not read by anybody yet (SE-1)
    CLOSED = "closed"


BY_RECEIPT = frozenset({EnquiryView.CLOSED, EnquiryView.PROFESSIONAL})  # in the order in which they came


class EnquiryRank(IntEnum):
    """The order of a list."""

    DANGER = 0
    DEADLINE = 1
    TO_REACH = 2
    OTHER = 3


@dataclass(frozen=True)
class EnquiryPlace:
    """Where a page of the list ended; it goes into a link, and says nothing of anybody."""

    rank: int
    day: date
    due_at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.rank}~{self.day.isoformat()}~{self.due_at.isoformat()}~{self.id.hex}"

    @classmethod
    def parse(cls, text: str) -> EnquiryPlace | None:
        """Read a place back from a link; None when it is none."""
        try:
            rank, day, due, row_id = text.replace(" ", "+").split("~")
            due_at = datetime.fromisoformat(due)
            if due_at.tzinfo is None:
                return None
            return cls(int(EnquiryRank(int(rank))), date.fromisoformat(day), due_at, UUID(row_id))
        except ValueError:
            return None


@dataclass(frozen=True)
class EnquiryRow:
    """An enquiry as the list shows it."""

    id: UUID
    reference: str
    rank: EnquiryRank
    state: RequestState
    channel: Channel
    received_at: datetime
    due_at: datetime | None
    deadline_on: date | None
    reached_at: datetime | None
    waits_since: datetime | None
    enquirer: EnquirerKind | None  # None: handed over, as its form says
    facts: dict[str, str]
    children: tuple[str, ...]
    asked_by: tuple[str, ...]
    language: str | None
    wants_person: bool
    to_split: bool
    holder_id: UUID | None
    holder: str | None
    is_unsafe: bool  # to write to them, as they said (EV-2)
    read_by: datetime | None  # by when somebody must have read what was set aside by itself


@dataclass(frozen=True)
class Count:
    """How many enquiries a list has, up to the cap, and since when the one that came first waits there."""

    many: int
    oldest_at: datetime | None


@dataclass(frozen=True)
class EnquiryPage:
    """One page of a list, and where the next one begins."""

    rows: tuple[EnquiryRow, ...]
    next_place: EnquiryPlace | None


_DANGER: ColumnElement[bool] = and_(
    Enquiry.danger_at.is_not(None),
    or_(Enquiry.danger_seen_at.is_(None), Enquiry.danger_seen_at < Enquiry.danger_at),
)
_RANK = case(
    (_DANGER, literal(int(EnquiryRank.DANGER))),
    (Enquiry.deadline_on.is_not(None), literal(int(EnquiryRank.DEADLINE))),
    (Enquiry.reached_at.is_(None), literal(int(EnquiryRank.TO_REACH))),
    else_=literal(int(EnquiryRank.OTHER)),
)
_DAY = func.coalesce(Enquiry.deadline_on, NEVER)
_DUE = func.coalesce(ServiceRequest.next_due_at, literal(NO_END, UtcDateTime()), type_=UtcDateTime())
_SHOWN = (
    ServiceRequest.id,
    ServiceRequest.wall,
    ServiceRequest.reference,
    ServiceRequest.state,
    ServiceRequest.channel,
    ServiceRequest.received_at,
    ServiceRequest.next_due_at,
    ServiceRequest.headline_sealed,
    ServiceRequest.assignee_id,
    UserAccount.name.label("holder"),
    Enquiry.enquirer,
    Enquiry.facts_sealed,
    Enquiry.deadline_on,
    Enquiry.reached_at,
    Enquiry.waits_since,
    Enquiry.language,
    Enquiry.wants_person,
    Enquiry.to_split,
    (Referrer.safe == Safe.NO).label("is_unsafe"),
    Task.due_at.label("read_by"),
)


def list_enquiries(
    session: Session, user: User, *, view: EnquiryView, after: EnquiryPlace | None = None
) -> EnquiryPage:
    """Return a page of a view in one query; outside the wall nobody has any. `after` continues an earlier page."""
    query = (
        select(*_SHOWN, _RANK.label("rank"))
        .select_from(ServiceRequest)
        .outerjoin(Enquiry, _particular())
        .join(Referrer, and_(Referrer.wall == ServiceRequest.wall, Referrer.id == ServiceRequest.referrer_id))
        .outerjoin(Task, _unread())
        .outerjoin(UserAccount, UserAccount.id == ServiceRequest.assignee_id)
        .where(visible_to(user), *_only(user, view))
        .limit(ROWS_A_PAGE + 1)
    )
    if view is EnquiryView.CLOSED:
        query = query.order_by(ServiceRequest.received_at.desc(), ServiceRequest.id.desc())
        if after is not None:
            query = query.where(
                tuple_(ServiceRequest.received_at, ServiceRequest.id)
                < tuple_(literal(after.due_at, UtcDateTime()), literal(after.id, ServiceRequest.id.type))
            )
    elif view is EnquiryView.PROFESSIONAL:
        query = query.order_by(ServiceRequest.received_at, ServiceRequest.id)
        if after is not None:
            query = query.where(
                tuple_(ServiceRequest.received_at, ServiceRequest.id)
                > tuple_(literal(after.due_at, UtcDateTime()), literal(after.id, ServiceRequest.id.type))
            )
    else:
        query = query.order_by(_RANK, _DAY, _DUE, ServiceRequest.id)
        if after is not None:
            query = query.where(_past(after))
    found: list[Row[Any]] = list(session.execute(query))
    rows = tuple(_row(one) for one in found[:ROWS_A_PAGE])
    last = _place(rows[-1], view) if len(found) > ROWS_A_PAGE else None
    return EnquiryPage(rows, last)


def count_enquiries(session: Session, user: User) -> dict[EnquiryView, Count]:
    """Count each view up to the cap, in one query."""
    parts = [_count(user, view) for view in EnquiryView]
    return {EnquiryView(view): Count(many, oldest) for view, many, oldest in session.execute(union_all(*parts))}


def _count(user: User, view: EnquiryView) -> Rows:
    some = (
        select(ServiceRequest.received_at)
        .select_from(ServiceRequest)
        .outerjoin(Enquiry, _particular())
        .outerjoin(Task, _unread())
        .where(visible_to(user), *_only(user, view))
        .limit(COUNT_CAP + 1)
        .subquery()
    )
    return select(literal(view.value), func.count(), func.min(some.c.received_at)).select_from(some)


def _particular() -> ColumnElement[bool]:
    return and_(Enquiry.wall == ServiceRequest.wall, Enquiry.request_id == ServiceRequest.id)


def _unread() -> ColumnElement[bool]:
    """Join what somebody must read, since it was set aside by itself: one at most for each enquiry."""
    return and_(
        Task.wall == ServiceRequest.wall,
        Task.request_id == ServiceRequest.id,
        Task.kind == TaskKind.PROFESSIONAL,
        Task.done_at.is_(None),
    )


def _only(user: User, view: EnquiryView) -> Iterator[ColumnElement[bool]]:
    # What was signposted is over once a person has reached them (SE-3), until they write again.
    owed = or_(Enquiry.waits_since.is_not(None), Enquiry.reached_at.is_(None))
    still_owed = and_(ServiceRequest.state == RequestState.SIGNPOSTED, owed)
    if view is EnquiryView.CLOSED:
        yield ServiceRequest.state.in_(ENDED)
        yield or_(ServiceRequest.state != RequestState.SIGNPOSTED, not_(owed))
        return
    if view is EnquiryView.PROFESSIONAL:
        yield ServiceRequest.state == RequestState.SET_ASIDE
        yield Task.id.is_not(None)
        return
    yield or_(ServiceRequest.state.not_in(ENDED), still_owed)
    if view is EnquiryView.DEADLINE:
        yield Enquiry.deadline_on.is_not(None)
    elif view is EnquiryView.TO_REACH:
        yield Enquiry.reached_at.is_(None)
    elif view is EnquiryView.MINE:
        yield ServiceRequest.assignee_id == user.id
    elif view is EnquiryView.WAITING:
        yield ServiceRequest.state == RequestState.AWAITING_PERSON


def _past(after: EnquiryPlace) -> ColumnElement[bool]:
    here = tuple_(_RANK, _DAY, _DUE, ServiceRequest.id)
    return here > tuple_(
        literal(after.rank),
        literal(after.day),
        literal(after.due_at, UtcDateTime()),
        literal(after.id, ServiceRequest.id.type),
    )


def _place(row: EnquiryRow, view: EnquiryView) -> EnquiryPlace:
    if view in BY_RECEIPT:
        return EnquiryPlace(int(EnquiryRank.OTHER), NEVER, row.received_at, row.id)
    return EnquiryPlace(int(row.rank), row.deadline_on or NEVER, row.due_at or NO_END, row.id)


def _row(found: Row[Any]) -> EnquiryRow:
    headline: dict[str, Any] = ServiceRequest.headline.open(found.wall, found.headline_sealed) or {}
    facts = Enquiry.facts.open(found.wall, found.facts_sealed) if found.facts_sealed is not None else {}
    return EnquiryRow(
        id=found.id,
        reference=found.reference,
        rank=EnquiryRank(found.rank),
        state=found.state,
        channel=found.channel,
        received_at=found.received_at,
        due_at=found.next_due_at,
        deadline_on=found.deadline_on,
        reached_at=found.reached_at,
        waits_since=found.waits_since,
        enquirer=found.enquirer,
        facts={name: str(value) for name, value in (facts or {}).items()},
        children=tuple(headline.get("children", ())),
        asked_by=tuple(part for part in headline.get("asked_by", ()) if part),
        language=found.language,
        wants_person=bool(found.wants_person),
        to_split=bool(found.to_split),
        holder_id=found.assignee_id,
        holder=found.holder,
        is_unsafe=bool(found.is_unsafe),
        read_by=found.read_by,
    )
