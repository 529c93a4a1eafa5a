"""Who else inside the wall has the same number or address, and the calls that were logged: each by what a user sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from infrastructure.database import Digest, Wall, digests
from infrastructure.identity.users import User
from service_request.domain.phones import plain_number
from service_request.domain.states import RequestState
from service_request.models import (
    Arrival,
    Channel,
    Evaluation,
    EvaluationState,
    LinkKind,
    Referrer,
    RequestLink,
    ServiceRequest,
)
from service_request.pathways.sendiass.rules import LIVE
from service_request.services.sight.visible import visible_to

INSIDE = Wall.SENDIASS
MOST_ALIKE = 20
LOGGED = (Channel.PHONE, Channel.IN_PERSON, Channel.VOICEMAIL)


@dataclass(frozen=True)
class SameContact:
    """Another enquiry that came from the same number or address: a hint, and no more (EV-4)."""

    id: UUID
    reference: str
    channel: Channel
    received_at: datetime
    state: RequestState
    same_number: bool

    @property
    def is_live(self) -> bool:
        """Tell whether it goes on."""
        return self.state in LIVE


@dataclass(frozen=True)
class LinkedEnquiry:
    """Another enquiry that belongs with this one, and how; `is_later`: the other came of this one, or after it."""

    id: UUID
    reference: str
    channel: Channel
    received_at: datetime
    kind: LinkKind
    is_later: bool


@dataclass(frozen=True)
class LoggedCall:
    """A call or a walk-in as it was saved before."""

    request_id: UUID
    reference: str
    raw: bytes | None


@dataclass(frozen=True)
class NamedEvaluation:
    """What somebody answered with their name: {question code: scale code}."""

    answered_on: date
    answers: dict[str, str]


def list_same_contact(
    session: Session, request_id: UUID, user: User, *, phone: str | None, email: str | None
) -> list[SameContact]:
    """Return the other enquiries that this user sees with this number or address, the latest first (EV-4, SE-5)."""
    number, address = plain_number(phone or ""), (email or "").strip().lower()
    phones = [Digest(one) for one in digests("address", number, INSIDE)] if number else []
    emails = [Digest(one) for one in digests("address", address, INSIDE)] if address else []
    if not phones and not emails:
        return []
    query = (
        select(ServiceRequest, Referrer.phone_hash)
        .join(Referrer, (Referrer.wall == ServiceRequest.wall) & (Referrer.id == ServiceRequest.referrer_id))
        .where(
            visible_to(user),
            ServiceRequest.wall == INSIDE,
            or_(Referrer.phone_hash.in_(phones), Referrer.email_hash.in_(emails)),
            ServiceRequest.id != request_id,
            ServiceRequest.state != RequestState.SET_ASIDE,
        )
        .order_by(ServiceRequest.received_at.desc(), ServiceRequest.id)
        .limit(MOST_ALIKE)
    )
    return [
        SameContact(row.id, row.reference, row.channel, row.received_at, row.state, hashed in phones)
        for row, hashed in session.execute(query)
    ]


def list_linked(session: Session, request_id: UUID, user: User) -> list[LinkedEnquiry]:
    """Return those before or after this one in its thread, split from it or folded with it, by what is seen."""
    other = or_(
        and_(RequestLink.from_id == request_id, ServiceRequest.id == RequestLink.to_id),
        and_(RequestLink.to_id == request_id, ServiceRequest.id == RequestLink.from_id),
    )
    query = (
        select(ServiceRequest, RequestLink)
        .join(RequestLink, (RequestLink.wall == ServiceRequest.wall) & other)
        .where(
            visible_to(user),
            ServiceRequest.wall == INSIDE,
            RequestLink.kind.in_((LinkKind.AFTER_CLOSED, LinkKind.SPLIT_FROM, LinkKind.SAME_ASK)),
            RequestLink.undone_at.is_(None),
        )
        .order_by(ServiceRequest.received_at.desc(), ServiceRequest.id)
        .limit(MOST_ALIKE)
    )
    return [
        LinkedEnquiry(row.id, row.reference, row.channel, row.received_at, link.kind, link.to_id == request_id)
        for row, link in session.execute(query)
    ]


def find_named_evaluation(session: Session, request_id: UUID, user: User) -> NamedEvaluation | None:
    """Return what they answered with their name; of an answer without one nothing is known here (SE-8)."""
    query = (
        select(Evaluation)
        .join(ServiceRequest, (ServiceRequest.wall == Evaluation.wall) & (ServiceRequest.id == Evaluation.request_id))
        .where(
            visible_to(user),
            Evaluation.wall == INSIDE,
            Evaluation.request_id == request_id,
            Evaluation.state == EvaluationState.ANSWERED,
            Evaluation.is_anonymous.is_(False),
        )
    )
    row = session.scalars(query.limit(1)).one_or_none()
    return NamedEvaluation(row.answered_on, row.answers or {}) if row is not None and row.answered_on else None


def find_logged_call(session: Session, call_id: UUID, user: User) -> LoggedCall | None:
    """Return what was saved under the id of this page before, if anything was (EV-3)."""
    query = (
        select(ServiceRequest.id, ServiceRequest.reference, Arrival)
        .join(Arrival, (Arrival.wall == ServiceRequest.wall) & (Arrival.request_id == ServiceRequest.id))
        .where(
            visible_to(user),
            ServiceRequest.wall == INSIDE,
            Arrival.channel.in_(LOGGED),
            Arrival.external_id == str(call_id),
        )
    )
    found = session.execute(query).first()
    return LoggedCall(found[0], found[1], found[2].raw) if found else None
