"""The trail of one request or of one member of staff, for an investigation: what the one who asks may see of it.

The wall comes first, then the rule of sight, in every query: acts and looks at requests that the asker may not see are
not in it. It holds ids, codes and the names of staff; the trail knows no other name.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from infrastructure.identity.models import Membership, Team, UserAccount
from infrastructure.identity.users import User
from infrastructure.trail import AccessLog, ActorKind, Event, Seal
from service_request.models import ServiceRequest
from service_request.services.refusals import NotYoursError
from service_request.services.sight.visible import get_request, visible_to

AT_ONCE = 500
OWN_STREAMS = ("user", "setting")  # streams that tell of no request
LOOK, ANSWER = "find_similar", "answer_similarity"  # acts that tell of another request than their own


@dataclass(frozen=True)
class Asked:
    """What an investigation is about, and the time it covers."""

    request_id: UUID | None
    person_id: UUID | None
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Line:
    """One act or look of the trail."""

    at: datetime
    what: str
    by: str
    actor_kind: str
    actor_id: str
    act: str
    reference: str
    record: str
    from_state: str
    to_state: str
    facts: str
    reason: str
    seal: str
    id: str


def find_reference(session: Session, reference: str, user: User) -> UUID:
    """Return the request with this reference, or raise NotYoursError: "not there" and "not yours" look the same."""
    query = select(ServiceRequest.id).where(visible_to(user), ServiceRequest.reference == reference)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotYoursError
    return found


def list_colleagues(session: Session, user: User) -> list[tuple[UUID, str, str]]:
    """Return (id, name, email) of everybody who holds or held a place on the asker's side of the wall."""
    places = select(Membership.user_id).join(Team, Team.id == Membership.team_id).where(Team.wall == user.wall)
    query = select(UserAccount.id, UserAccount.name, UserAccount.email).where(UserAccount.id.in_(places))
    return [(row[0], row[1], row[2]) for row in session.execute(query.order_by(UserAccount.name, UserAccount.email))]


def check_about(session: Session, asked: Asked, user: User) -> str:
    """Return what the investigation is about, in a word: a reference or a name; raise NotYoursError."""
    if asked.request_id is not None:
        return str(get_request(session, asked.request_id, user).reference)
    for colleague, name, _ in list_colleagues(session, user):
        if colleague == asked.person_id:
            return name
    raise NotYoursError


def count_lines(session: Session, asked: Asked, user: User) -> int:
    """Return how many lines the export has."""
    queries = (_acts(session, asked, user), _looks(asked, user))
    return sum(
        session.scalars(select(func.count()).select_from(query.order_by(None).subquery())).one() for query in queries
    )


def read_lines(session: Session, asked: Asked, user: User) -> Iterator[Line]:
    """Give the acts and looks in the order of time, a few hundred at a time."""
    check_about(session, asked, user)
    acts = (_act(row) for row in session.execute(_acts(session, asked, user).execution_options(yield_per=AT_ONCE)))
    return heapq.merge(acts, _seen(session, asked, user), key=lambda line: (line.at, line.id))


def _acts(session: Session, asked: Asked, user: User) -> Select[*tuple[Any, ...]]:
    """Return the query of the acts; an answer about a request that the asker may not see is not among them."""
    answers = session.scalars(_of_acts(asked, user).with_only_columns(Event).where(Event.act == ANSWER)).all()
    shown = _visible_among(session, {one.facts["earlier_request"] for one in answers}, user)
    veiled = [one.id for one in answers if one.facts["earlier_request"] not in shown]
    return _of_acts(asked, user).where(Event.id.not_in(veiled)) if veiled else _of_acts(asked, user)


def _of_acts(asked: Asked, user: User) -> Select[*tuple[Any, ...]]:
    of_request = (Event.stream_kind == "request") & (Event.stream_id == ServiceRequest.id)
    query = (
        select(Event, UserAccount.name, ServiceRequest.reference, Seal.seq)
        .select_from(Event)
        .outerjoin(ServiceRequest, of_request)
        .outerjoin(UserAccount, UserAccount.id == Event.actor_id)
        .outerjoin(Seal, Seal.id == Event.seal_id)
        .where(Event.at >= asked.since, Event.at < asked.until)
        .order_by(Event.at, Event.id)
    )
    if asked.request_id is not None:
        return query.where(visible_to(user), Event.stream_kind == "request", Event.stream_id == asked.request_id)
    own = and_(Event.stream_kind == "user", Event.stream_id == asked.person_id)
    by_them = and_(Event.actor_id == asked.person_id, or_(Event.stream_kind.in_(OWN_STREAMS), visible_to(user)))
    return query.where(or_(own, by_them))


def _looks(asked: Asked, user: User) -> Select[*tuple[Any, ...]]:
    whose: ColumnElement[bool] = AccessLog.actor_id == asked.person_id
    if asked.request_id is not None:
        whose = and_(AccessLog.request_id == asked.request_id, visible_to(user))
    return (
        select(AccessLog, UserAccount.name, ServiceRequest.reference, Seal.seq)
        .select_from(AccessLog)
        .outerjoin(ServiceRequest, ServiceRequest.id == AccessLog.request_id)
        .outerjoin(UserAccount, UserAccount.id == AccessLog.actor_id)
        .outerjoin(Seal, Seal.id == AccessLog.seal_id)
        .where(
            AccessLog.wall == user.wall,
            whose,
            AccessLog.at >= asked.since,
            AccessLog.at < asked.until,
            or_(AccessLog.request_id.is_(None), visible_to(user)),
        )
        .order_by(AccessLog.at, AccessLog.id)
    )


def _act(row: Any) -> Line:
    event, name, reference, seal = row
    return Line(
        at=event.at,
        what="act",
        by=_who(name, event.actor_kind),
        actor_kind=event.actor_kind.value,
        actor_id=str(event.actor_id or ""),
        act=event.act,
        reference=reference or "",
        record=f"{event.stream_kind} {event.stream_id}",
        from_state=event.from_state or "",
        to_state=event.to_state or "",
        facts=json.dumps(_told(event), sort_keys=True),
        reason=str(event.facts.get("reason") or ""),
        seal=str(seal or ""),
        id=str(event.id),
    )


def _told(event: Event) -> dict[str, Any]:
    """Return the facts of an act, without how many children looked alike: some may be hidden, or inside the wall."""
    return {key: fact for key, fact in event.facts.items() if event.act != LOOK or key != "found"}


def _seen(session: Session, asked: Asked, user: User) -> Iterator[Line]:
    rows = iter(session.execute(_looks(asked, user).execution_options(yield_per=AT_ONCE)))
    while part := list(islice(rows, AT_ONCE)):
        listed = {one for look, *_ in part for one in look.ids}
        shown = _visible_among(session, listed, user)
        for look, name, reference, seal in part:
            yield Line(
                at=look.at,
                what="look",
                by=_who(name, look.actor_kind),
                actor_kind=look.actor_kind.value,
                actor_id=str(look.actor_id or ""),
                act=look.act.value,
                reference=reference or "",
                record=f"request {look.request_id}" if look.request_id else "",
                from_state="",
                to_state="",
                facts=json.dumps([one for one in look.ids if one in shown]) if look.ids else "",
                reason=look.reason_code or "",
                seal=str(seal or ""),
                id=str(look.id),
            )


def _visible_among(session: Session, ids: set[str], user: User) -> set[str]:
    """Return those ids of a list that the asker may know of."""
    found: set[str] = set()
    wanted = iter(sorted(ids))
    while part := [UUID(one) for one in islice(wanted, AT_ONCE)]:
        query = select(ServiceRequest.id).where(visible_to(user), ServiceRequest.id.in_(part))
        found |= {str(one) for one in session.scalars(query)}
    return found


def _who(name: str | None, kind: ActorKind) -> str:
    if kind is ActorKind.REFERRER:
        return "somebody outside, by their link"
    return name or "the system"
