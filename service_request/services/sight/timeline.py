"""What happened to a request and what was said about it, for its timeline, and who has looked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from infrastructure.outbox.models import MessageState, OutboxMessage
from infrastructure.trail import AccessLog, ActorKind, Event
from service_request.models import Direction, Message, ServiceRequest, Similarity
from service_request.services.sight.viewing import Part
from service_request.services.sight.visible import hidden_from, visible_to

MOST = 200  # nothing opens more than 200 sealed rows for a page


@dataclass(frozen=True)
class Happening:
    """One act of the trail."""

    at: datetime
    act: str
    actor_kind: ActorKind
    by: str | None
    from_state: str | None
    to_state: str | None
    facts: dict[str, Any]


@dataclass(frozen=True)
class Said:
    """One message in or out, a note, or a logged call."""

    at: datetime
    direction: Direction
    kind: str
    by: str | None
    body: str
    state: MessageState | None
    sent_at: datetime | None


@dataclass(frozen=True)
class Look:
    """Somebody who looked, when last and how often."""

    name: str
    last_at: datetime
    times: int


def list_happenings(session: Session, request_id: UUID, user: User) -> list[Happening]:
    """Return the trail of a request, the latest first."""
    hints = select(func.count()).where(Similarity.wall == user.wall, Similarity.request_id == request_id)
    hidden = hints.where(Similarity.earlier_request_id.in_(hidden_from(user))).scalar_subquery()
    shown = hints.where(Similarity.earlier_request_id.not_in(hidden_from(user))).scalar_subquery()
    query = (
        select(Event, UserAccount.name, hidden, shown)
        .join(ServiceRequest, (Event.stream_kind == "request") & (Event.stream_id == ServiceRequest.id))
        .outerjoin(UserAccount, UserAccount.id == Event.actor_id)
        .where(visible_to(user), ServiceRequest.id == request_id)
        .order_by(Event.seq.desc())
        .limit(MOST)
    )
    found = session.execute(query).all()
    alike = iter([found[0][3]] if found else [])  # where one may not be known of, the looks tell of the others, once
    return [
        Happening(row.at, row.act, row.actor_kind, by, row.from_state, row.to_state, _facts(row, hidden_hints, alike))
        for row, by, hidden_hints, _ in found
    ]


def _facts(row: Event, hidden: int, alike: Iterator[int]) -> dict[str, Any]:
    return {**row.facts, "found": next(alike, 0)} if hidden and row.act == "find_similar" else row.facts


def list_said(session: Session, request_id: UUID, user: User) -> list[Said]:
    """Return what was said about a request, the latest first, with how far each message out has come."""
    query = (
        select(Message, OutboxMessage.state, OutboxMessage.sent_at, UserAccount.name)
        .join(ServiceRequest, ServiceRequest.id == Message.request_id)
        .outerjoin(OutboxMessage, (OutboxMessage.wall == Message.wall) & (OutboxMessage.id == Message.outbox_id))
        .outerjoin(UserAccount, UserAccount.id == Message.by_id)
        .where(visible_to(user, Part.NOTES), Message.wall == ServiceRequest.wall, Message.request_id == request_id)
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(MOST)
    )
    return [
        Said(row.at, row.direction, row.kind, by, row.body or "", state, sent_at)
        for row, state, sent_at, by in session.execute(query)
    ]


def list_looks(session: Session, request_id: UUID, user: User) -> list[Look]:
    """Return who has looked at a request, the latest first (EV-5)."""
    last = func.max(AccessLog.at)
    query = (
        select(UserAccount.name, last, func.count())
        .select_from(AccessLog)
        .join(ServiceRequest, ServiceRequest.id == AccessLog.request_id)
        .join(UserAccount, UserAccount.id == AccessLog.actor_id)
        .where(visible_to(user, Part.LOOKS), AccessLog.wall == ServiceRequest.wall, AccessLog.request_id == request_id)
        .group_by(UserAccount.id, UserAccount.name)
        .order_by(last.desc())
        .limit(MOST)
    )
    return [Look(name, at, times) for name, at, times in session.execute(query)]
