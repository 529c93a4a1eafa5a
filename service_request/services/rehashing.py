"""Hashes that are derived otherwise than from their own row, made anew by a rotation: those that find a child again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, Digest, digests, transaction
from infrastructure.database.rotating import Tally
from service_request.domain.matching import match_keys
from service_request.models import MatchKey, Person
from service_request.services.matching import facts_for_matching
from service_request.services.sight.system import get_person

BATCH = 100


def rehash_match_keys(session: Session) -> Tally:
    """Hash anew what each child may be found again by; a row that was changed meanwhile is new already."""
    tally = Tally(MatchKey.__tablename__)
    last: UUID | None = None
    while True:
        query = select(MatchKey.person_id).where(MatchKey.wall.in_(EITHER_SIDE)).distinct()
        query = query.order_by(MatchKey.person_id).limit(BATCH)
        people = session.scalars(query if last is None else query.where(MatchKey.person_id > last)).all()
        session.rollback()
        if not people:
            return tally
        for person_id in people:
            _rehash(session, person_id, tally)
        last = people[-1]


def _rehash(session: Session, person_id: UUID, tally: Tally) -> None:
    newest = _newest_of(get_person(session, person_id))
    rows = session.execute(
        select(MatchKey.id, MatchKey.key).where(MatchKey.wall.in_(EITHER_SIDE), MatchKey.person_id == person_id)
    ).all()
    session.rollback()
    tally.rows += len(rows)
    changes = [(row.id, row.key, newest[bytes(row.key)]) for row in rows if bytes(row.key) in newest]
    if not changes:
        return
    with transaction(session):
        for row_id, old, new in changes:
            swap = update(MatchKey).where(MatchKey.id == row_id, MatchKey.key == old).values(key=Digest(new))
            session.execute(swap.execution_options(synchronize_session=False))
            tally.anew += 1


def _newest_of(person: Person) -> dict[bytes, bytes]:
    """Return the newest hash for each older one that this person's facts lead to."""
    found: dict[bytes, bytes] = {}
    for _, text in match_keys(facts_for_matching(person)):
        newest, *older = digests("match", text, person.wall)
        found |= dict.fromkeys(older, newest)
    return found
