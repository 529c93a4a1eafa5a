"""What whoever proved a work address may read: the requests whose referrer has that address, and nothing else (GL-14).

No name and no word of a form stands in the list: a reference, a date, initials and how far it is (EV-6). The wall comes
first: nothing of SENDIASS is ever among them (SE-5). A family's own address opens nothing here: at home others may read
it (GL-16).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session, contains_eager

from infrastructure.database import Wall
from service_request.domain.states import RequestState
from service_request.models import (
    AskedFor,
    AskedState,
    Audience,
    Clock,
    ClockKind,
    Draft,
    FormResponse,
    Outcome,
    Referrer,
    ReferrerKind,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.services.refusals import NotYoursError

PAGE = 20
OF_WORK = (ReferrerKind.PROFESSIONAL, ReferrerKind.STAFF)


@dataclass(frozen=True)
class Mine:
    """One request in the list of whoever sent it."""

    id: UUID
    reference: str
    initials: str
    received_at: datetime
    state: RequestState
    ended_why: str | None
    asked_id: UUID | None  # what we asked and was not answered yet
    has_outcome: bool
    wants_back: bool  # they asked to take it back, and nobody answered yet
    decide_by: datetime | None  # what we promised when it came, until it is decided


def _is_of(address: str) -> ColumnElement[bool]:
    return (Referrer.email_hash == address) & Referrer.kind.in_(OF_WORK)


def knows_address(session: Session, address: str, *, now: datetime) -> bool:
    """Tell whether anything is kept that whoever proves this address may open."""
    if not address:
        return False
    sent = select(Referrer.id).where(Referrer.wall == Wall.OPEN, _is_of(address))
    begun = select(Draft.id).where(
        Draft.wall == Wall.OPEN,
        Draft.owner_hash == address,
        Draft.lapses_at > now,
        Draft.sent_request_id.is_(None),
    )
    return bool(session.scalar(select(or_(exists(sent), exists(begun)))))


def list_mine(session: Session, address: str, *, page: int = 1) -> tuple[list[Mine], bool]:
    """Return one page of requests that came from this address, the newest first, and whether more follow; one query."""
    query = (
        _mine(address)
        .order_by(ServiceRequest.received_at.desc(), ServiceRequest.id.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    )
    rows = session.execute(query).all()
    return [_as_listed(*found) for found in rows[:PAGE]], len(rows) > PAGE


def find_mine(session: Session, address: str, request_id: UUID) -> Mine:
    """Return one request that came from this address, or raise NotYoursError."""
    row = session.execute(_mine(address).where(ServiceRequest.id == request_id)).one_or_none()
    if row is None:
        raise NotYoursError
    return _as_listed(*row)


def _mine(address: str) -> Select[ServiceRequest, UUID, bool, bool, datetime]:
    asked = (
        select(AskedFor.id)
        .where(
            AskedFor.wall == ServiceRequest.wall,
            AskedFor.request_id == ServiceRequest.id,
            AskedFor.state == AskedState.OPEN,
        )
        .order_by(AskedFor.asked_at)
        .limit(1)
        .scalar_subquery()
    )
    told = exists().where(
        Outcome.wall == ServiceRequest.wall,
        Outcome.request_id == ServiceRequest.id,
        Outcome.audience == Audience.PROFESSIONAL,
    )
    wanted = exists().where(
        Task.wall == ServiceRequest.wall,
        Task.request_id == ServiceRequest.id,
        Task.kind == TaskKind.WITHDRAW_ASKED,
        Task.done_at.is_(None),
    )
    due = (
        select(Clock.due_at)
        .where(
            Clock.wall == ServiceRequest.wall,
            Clock.owner_kind == "request",
            Clock.owner_id == ServiceRequest.id,
            Clock.kind == ClockKind.DECISION,
            Clock.ended_at.is_(None),
        )
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(ServiceRequest, asked, told, wanted, due)
        .join(Referrer, (Referrer.wall == ServiceRequest.wall) & (Referrer.id == ServiceRequest.referrer_id))
        .where(ServiceRequest.wall == Wall.OPEN, Referrer.wall == Wall.OPEN, _is_of(address))
    )


def _as_listed(
    row: ServiceRequest, asked_id: UUID | None, has_outcome: bool, wants_back: bool, decide_by: datetime | None
) -> Mine:
    return Mine(
        row.id,
        row.reference,
        (row.headline or {}).get("initials", ""),
        row.received_at,
        row.state,
        row.ended_why,
        asked_id,
        has_outcome,
        wants_back,
        decide_by,
    )


def get_mine(session: Session, request_id: UUID, address: str, *, lock: bool = False) -> ServiceRequest:
    """Return a request that came from this address, or raise NotYoursError."""
    query = (
        select(ServiceRequest)
        .join(ServiceRequest.referrer)
        .options(contains_eager(ServiceRequest.referrer))
        .where(
            ServiceRequest.wall == Wall.OPEN, Referrer.wall == Wall.OPEN, ServiceRequest.id == request_id,
            _is_of(address),
        )
    )  # fmt: skip
    row = session.scalars(query.with_for_update(of=ServiceRequest) if lock else query).one_or_none()
    if row is None:
        raise NotYoursError
    return row


def latest_of_mine(session: Session, request: ServiceRequest) -> FormResponse | None:
    """Return the answers of a request that stand last; its own sender reads them once more to change them."""
    query = (
        select(FormResponse)
        .where(FormResponse.wall == Wall.OPEN, FormResponse.request_id == request.id)
        .order_by(FormResponse.at.desc(), FormResponse.id.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def find_answers(session: Session, response_id: UUID | None) -> FormResponse | None:
    """Return the answers that a draft on this device was begun with, to be changed."""
    if response_id is None:
        return None
    query = select(FormResponse).where(FormResponse.wall == Wall.OPEN, FormResponse.id == response_id)
    return session.scalars(query).one_or_none()
