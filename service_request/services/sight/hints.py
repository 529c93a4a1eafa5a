"""Children who were seen before, perhaps: for a person to answer (EV-4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from service_request.domain.match_reasons import REASON_CODES, reason_item, say_reason
from service_request.domain.matching import PersonFacts
from service_request.domain.states import RequestState
from service_request.models import Person, ServiceRequest, Similarity, SimilarityState
from service_request.services.sight.visible import THE_REQUEST, alike, given_for, hidden_from, put_together, visible_to


@dataclass(frozen=True)
class Hint:
    """A child seen before, perhaps: what agrees, then what differs, in words, never a score (EV-4)."""

    id: UUID
    person_id: UUID
    child: str
    earlier: str
    earlier_reference: str
    earlier_received_at: datetime
    earlier_request_id: UUID
    earlier_state: RequestState
    may_open: bool
    compared: tuple[tuple[str, str], ...]
    state: SimilarityState
    answered_by: str | None
    answered_at: datetime | None


_Earlier = aliased(Person)
_Child = aliased(Person)


def list_hints(session: Session, request_id: UUID, user: User) -> list[Hint]:
    """Return the children that look alike, open ones first; the earlier request opens only where the user sees it."""
    found = session.execute(_hints_query(alike(user)), given_for(user, the_request=request_id))
    return [_hint(*row) for row in found]


@put_together
def _hints_query(user: User) -> Select[*tuple[Any, ...]]:
    earlier_request = aliased(ServiceRequest)
    may_open = select(ServiceRequest.id).where(visible_to(user), ServiceRequest.id == Similarity.earlier_request_id)
    return (
        select(Similarity, _Child, _Earlier, earlier_request, may_open.correlate(Similarity).exists(), UserAccount.name)
        .join(ServiceRequest, ServiceRequest.id == Similarity.request_id)
        .join(_Child, (_Child.id == Similarity.person_id) & (_Child.wall == ServiceRequest.wall))
        .join(_Earlier, (_Earlier.id == Similarity.earlier_id) & (_Earlier.wall == ServiceRequest.wall))
        .join(
            earlier_request,
            (earlier_request.id == Similarity.earlier_request_id) & (earlier_request.wall == ServiceRequest.wall),
        )
        .outerjoin(UserAccount, UserAccount.id == Similarity.by_id)
        .where(
            visible_to(user),
            Similarity.wall == ServiceRequest.wall,
            Similarity.request_id == THE_REQUEST,
            Similarity.earlier_request_id.not_in(hidden_from(user)),
        )
        .order_by(Similarity.answered_at.is_not(None), Similarity.person_id, Similarity.score.desc())
        .limit(50)
    )


def _hint(
    row: Similarity, child: Person, earlier: Person, request: ServiceRequest, may_open: bool, by: str | None
) -> Hint:
    return Hint(
        id=row.id,
        person_id=row.person_id,
        child=child.name or "No name given",
        earlier=earlier.name or "No name given",
        earlier_reference=request.reference,
        earlier_received_at=request.received_at,
        earlier_request_id=request.id,
        earlier_state=RequestState(request.state),
        may_open=may_open,
        compared=_compared([*row.agrees, *row.differs], child, earlier),
        state=row.state,
        answered_by=by,
        answered_at=row.answered_at,
    )


def _compared(codes: list[str], child: Person, earlier: Person) -> tuple[tuple[str, str], ...]:
    this, that = _facts(child), _facts(earlier)
    return tuple((reason_item(code), say_reason(code, this, that)) for code in codes if code in REASON_CODES)


def _facts(person: Person) -> PersonFacts:
    facts = person.facts or {}
    return PersonFacts(
        name=person.name or "",
        birth_on=_day(facts.get("birth_on")),
        expected_on=_day(facts.get("expected_on")),
        postcode=facts.get("postcode", ""),
        also_known=facts.get("also_known", ""),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
