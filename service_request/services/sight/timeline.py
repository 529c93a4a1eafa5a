"""What happened to a request and what was said about it, for its timeline, and who has looked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from infrastructure.outbox.models import MessageState, OutboxMessage
from infrastructure.trail import ActorKind, Event
from service_request.models import Direction, Message, ReasonKind, ServiceRequest, Similarity
from service_request.services.reasons import find_labels
from service_request.services.sight.mail_threads import WRITTEN
from service_request.services.sight.viewing import Part
from service_request.services.sight.visible import THE_REQUEST, alike, given_for, hidden_from, put_together, visible_to

LOOK, ANSWER = "find_similar", "answer_similarity"
REASONS = {"set_aside": ReasonKind.SET_ASIDE, "assignment_hand_back": ReasonKind.HAND_BACK}
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
    reason: str = ""  # in the authority's own words, where one was chosen from its list


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
    to: str = ""  # whom a person of ours wrote it to


def list_happenings(session: Session, request_id: UUID, user: User) -> list[Happening]:
    """Return the trail of a request, the latest first; of hints, what stands on the page of this user and no more."""
    events, known = _happenings_queries(alike(user))
    found = session.execute(events, given_for(user, the_request=request_id)).all()
    named = {UUID(row.facts["earlier_request"]) for row, *_ in found if row.act == ANSWER}
    still = set(session.scalars(known, given_for(user, named=list(named)))) if named else set()
    left = found[0][2] if found else 0
    chosen = {(REASONS[row.act], str(row.facts.get("reason"))) for row, *_ in found if row.act in REASONS}
    labels = find_labels(session, chosen)
    happenings = []
    for row, by, _ in found:
        facts = row.facts
        if row.act == ANSWER and UUID(facts["earlier_request"]) not in still:
            continue
        if row.act == LOOK:  # what a hint led to may be hidden by now, or inside the wall: then it was never found
            facts = {**facts, "found": min(facts.get("found") or 0, left)}
            left -= facts["found"]
        reason = labels.get((REASONS[row.act], str(facts.get("reason"))), "") if row.act in REASONS else ""
        happenings.append(Happening(row.at, row.act, row.actor_kind, by, row.from_state, row.to_state, facts, reason))
    return happenings


@put_together
def _happenings_queries(user: User) -> tuple[Select[Event, str, int], Select[UUID]]:
    """Put together what asks for the trail of a request, and what asks which of named requests may still be known."""
    hints = select(func.count()).where(Similarity.wall == user.wall, Similarity.request_id == THE_REQUEST)
    shown = hints.where(Similarity.earlier_request_id.not_in(hidden_from(user))).scalar_subquery()
    events = (
        select(Event, UserAccount.name, shown)
        .join(ServiceRequest, (Event.stream_kind == "request") & (Event.stream_id == ServiceRequest.id))
        .outerjoin(UserAccount, UserAccount.id == Event.actor_id)
        .where(visible_to(user), ServiceRequest.id == THE_REQUEST)
        .order_by(Event.seq.desc())
        .limit(MOST)
    )
    known = select(ServiceRequest.id).where(
        ServiceRequest.wall == user.wall,
        ServiceRequest.id.in_(bindparam("named", expanding=True)),
        ServiceRequest.id.not_in(hidden_from(user)),
    )
    return events, known


def list_said(session: Session, request_id: UUID, user: User) -> list[Said]:
    """Return what was said about a request, the latest first, with how far each message out has come."""
    found = session.execute(_said_query(alike(user)), given_for(user, the_request=request_id))
    return [
        Said(row.at, row.direction, row.kind, by, row.body or "", state, sent_at, _to(row, to))
        for row, state, sent_at, to, by in found
    ]


@put_together
def _said_query(user: User) -> Select[Message, MessageState, datetime | None, bytes, str]:
    return (
        select(Message, OutboxMessage.state, OutboxMessage.sent_at, OutboxMessage.to_sealed, UserAccount.name)
        .join(ServiceRequest, ServiceRequest.id == Message.request_id)
        .outerjoin(OutboxMessage, (OutboxMessage.wall == Message.wall) & (OutboxMessage.id == Message.outbox_id))
        .outerjoin(UserAccount, UserAccount.id == Message.by_id)
        .where(visible_to(user, Part.NOTES), Message.wall == ServiceRequest.wall, Message.request_id == THE_REQUEST)
        .order_by(Message.at.desc(), Message.id.desc())
        .limit(MOST)
    )


def _to(row: Message, sealed: bytes | None) -> str:
    """Return whom somebody of ours wrote a mail to; of what we send by ourselves it is the one who asked."""
    if sealed is None or row.direction is not Direction.OUT or row.kind not in WRITTEN:
        return ""
    return OutboxMessage.to.open(row.wall, sealed)
