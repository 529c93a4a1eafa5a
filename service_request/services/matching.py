"""Was this child seen before? Looked for by the worker, answered by a person, and never merged (EV-4)."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, union_all
from sqlalchemy.orm import Session

from infrastructure.database import Wall, digests, transaction
from infrastructure.identity.users import User
from infrastructure.trail import SYSTEM, Stream, record
from service_request.domain.errors import DomainError
from service_request.domain.matching import Likeness, PersonFacts, compare, match_keys, sought_keys
from service_request.models import Identity, IdentityLink, MatchKey, Person, Similarity, SimilarityState
from service_request.services.refusals import NotYoursError
from service_request.services.sight.system import (
    are_folded,
    find_request_of,
    get_person,
    list_earlier_children,
    list_people_unmatched,
    lock_request,
)
from service_request.services.sight.visible import get_request, hidden_from

MOST_COMPARED = 200  # nothing decrypts more for one look


def list_unmatched(session: Session, now: datetime) -> list[UUID]:
    """Return the children who wait to be looked for, for the sweeper."""
    return list_people_unmatched(session, now=now)


def find_similar(session: Session, person_id: UUID, *, now: datetime) -> None:
    """Look for one child among earlier children on the same side of the wall, and write each hint, open (EV-4).

    Of two children the one whose request came later gets the hint, whichever the worker looks for first.
    """
    with transaction(session):
        request_id = find_request_of(session, person_id)
        if request_id is None:
            return
        lock_request(session, request_id)
        person = get_person(session, person_id)
        if person.match_wanted_at is None:
            return
        facts = facts_for_matching(person)
        candidates = _candidates(session, person, facts)
        person.match_wanted_at = None
        known = _known_pairs(session, person)
        found = 0
        for other in candidates:
            likeness = compare(facts, facts_for_matching(other))
            later, earlier = (person, other) if person.id > other.id else (other, person)
            if likeness.is_hint:
                found += _write_hint(session, later, earlier, likeness, known, now)
        record(
            session, Stream("request", request_id), "find_similar", by=SYSTEM, now=now, person=person.id, found=found
        )


def facts_for_matching(person: Person) -> PersonFacts:
    """Return what is known of a person, as the comparison takes it."""
    facts: dict[str, Any] = person.facts or {}
    return PersonFacts(
        name=person.name or "",
        birth_on=_date(facts.get("birth_on")),
        expected_on=_date(facts.get("expected_on")),
        postcode=facts.get("postcode") or "",
        nhs_number=facts.get("nhs_number") or "",
        upn=facts.get("upn") or "",
        also_known=facts.get("also_known") or "",
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _candidates(session: Session, person: Person, facts: PersonFacts) -> list[Person]:
    """Store this child's keys and return the children that share most of those by which it is sought."""
    session.execute(delete(MatchKey).where(MatchKey.wall == person.wall, MatchKey.person_id == person.id))
    session.add_all(
        MatchKey(wall=person.wall, kind=kind, key=text, person_id=person.id) for kind, text in sorted(match_keys(facts))
    )
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, text in sorted(sought_keys(facts)):
        by_kind[kind].append(text)
    if not by_kind:
        return []
    shared = union_all(  # each kind by the index of keys: in one "or" SQLite would rather read every key there is
        *(
            select(MatchKey.person_id).where(
                MatchKey.wall == person.wall,
                MatchKey.kind == kind,
                MatchKey.key.in_(_hashes(texts, person)),
                MatchKey.person_id != person.id,
            )
            for kind, texts in by_kind.items()
        )
    ).subquery("shared")
    query = (
        select(shared.c.person_id)
        .group_by(shared.c.person_id)
        .order_by(func.count().desc(), shared.c.person_id.desc())
        .limit(MOST_COMPARED)
    )
    return list_earlier_children(session, query, wall=person.wall, apart_from=person.request_id)


def _hashes(texts: list[str], person: Person) -> list[bytes]:
    return [one for text in texts for one in digests("match", text, person.wall)]


def _known_pairs(session: Session, person: Person) -> dict[tuple[UUID, UUID], Similarity]:
    ids = select(Similarity.id).where(Similarity.wall == person.wall)
    either = union_all(ids.where(Similarity.person_id == person.id), ids.where(Similarity.earlier_id == person.id))
    found = either.subquery("found")
    query = select(Similarity).join(found, found.c.id == Similarity.id).where(Similarity.wall == person.wall)
    return {(row.person_id, row.earlier_id): row for row in session.scalars(query)}


def _write_hint(
    session: Session,
    later: Person,
    earlier: Person,
    likeness: Likeness,
    known: dict[tuple[UUID, UUID], Similarity],
    now: datetime,
) -> int:
    row = known.get((later.id, earlier.id))
    if row is None:
        session.add(
            Similarity(
                wall=later.wall,
                request_id=later.request_id,
                person_id=later.id,
                earlier_id=earlier.id,
                earlier_request_id=earlier.request_id,
                score=likeness.score,
                agrees=likeness.agrees,
                differs=likeness.differs,
                state=SimilarityState.OPEN,
                found_at=now,
            )
        )
        return 1
    if row.state is SimilarityState.OPEN:  # what a person has answered stays answered
        row.score, row.agrees, row.differs = likeness.score, likeness.agrees, likeness.differs
    return 0


def has_open(session: Session, request_id: UUID, user: User) -> bool:
    """Tell whether a hint of this request still waits for an answer that this person can give."""
    query = select(Similarity.id).where(
        Similarity.wall == user.wall,
        Similarity.request_id == request_id,
        Similarity.state == SimilarityState.OPEN,
        Similarity.earlier_request_id.not_in(hidden_from(user)),
    )
    return session.scalars(query.limit(1)).first() is not None


class FoldedTogetherError(DomainError):
    """Refuse to say that two children are not the same while one decision is made for both."""

    sentence = "These two requests are folded into one, as about the same child. Unfold them first."


def answer_similarity(session: Session, *, similarity_id: UUID, same: bool, by: User, now: datetime) -> None:
    """Say whether two children are the same; a later answer undoes the one before (EV-4)."""
    with transaction(session):
        request_id = session.scalars(
            select(Similarity.request_id).where(
                Similarity.wall == by.wall,
                Similarity.id == similarity_id,
                Similarity.earlier_request_id.not_in(hidden_from(by)),
            )
        ).one_or_none()
        if request_id is None:
            raise NotYoursError
        request = get_request(session, request_id, by, lock=True)
        row = session.get_one(Similarity, similarity_id)
        state = SimilarityState.CONFIRMED if same else SimilarityState.SET_ASIDE
        if row.state is state:
            return
        if not same and are_folded(session, row.person_id, row.earlier_id, wall=row.wall):
            raise FoldedTogetherError
        was, row.state = row.state, state
        row.by_id, row.answered_at = by.id, now
        if same:
            _join(session, row, by, now)
        elif was is SimilarityState.CONFIRMED:
            _part(session, row, by, now)
        record(
            session,
            Stream("request", request.id),
            "answer_similarity",
            by=by.actor,
            now=now,
            moved=(was, state),
            similarity=row.id,
            earlier_request=row.earlier_request_id,
        )


def confirm_same(session: Session, person_id: UUID, other_id: UUID, *, by: User, now: datetime) -> None:
    """Let two children of requests that the caller has locked be one child, since a person says so (EV-4).

    Where the worker had found that they look alike, this answers its hint; where it had not, the hint is written.
    """
    later, earlier = (person_id, other_id) if person_id > other_id else (other_id, person_id)
    pair = {one: get_person(session, one) for one in (later, earlier)}
    row = session.scalars(
        select(Similarity).where(
            Similarity.wall == by.wall, Similarity.person_id == later, Similarity.earlier_id == earlier
        )
    ).one_or_none()
    if row is None:
        row = Similarity(
            wall=by.wall,
            request_id=pair[later].request_id,
            person_id=later,
            earlier_id=earlier,
            earlier_request_id=pair[earlier].request_id,
            score=0,
            agrees=[],
            differs=[],
            state=SimilarityState.OPEN,
            found_at=now,
        )
        session.add(row)
        session.flush()
    if row.state is SimilarityState.CONFIRMED:
        return
    was, row.state, row.by_id, row.answered_at = row.state, SimilarityState.CONFIRMED, by.id, now
    _join(session, row, by, now)
    session.flush()
    record(
        session,
        Stream("request", row.request_id),
        "answer_similarity",
        by=by.actor,
        now=now,
        moved=(was, row.state),
        similarity=row.id,
        earlier_request=row.earlier_request_id,
    )


def _join(session: Session, row: Similarity, by: User, now: datetime) -> None:
    """Let both people be one child: they share an identity, and so do all that either was joined to."""
    own, other = (_live_link(session, one, row.wall) for one in (row.person_id, row.earlier_id))
    if own is None and other is None:
        identity = Identity(wall=row.wall, made_at=now)
        session.add_all([_link(row.person_id, identity, by, now), _link(row.earlier_id, identity, by, now)])
    elif own is None and other is not None:
        session.add(_link(row.person_id, session.get_one(Identity, other.identity_id), by, now))
    elif own is not None and other is None:
        session.add(_link(row.earlier_id, session.get_one(Identity, own.identity_id), by, now))
    elif own is not None and other is not None and own.identity_id != other.identity_id:
        kept = session.get_one(Identity, other.identity_id)
        query = select(IdentityLink).where(
            IdentityLink.wall == own.wall, IdentityLink.identity_id == own.identity_id, IdentityLink.undone_at.is_(None)
        )
        moved = list(session.scalars(query))
        for link in moved:
            link.undone_at = now
        session.flush()
        session.add_all([_link(link.person_id, kept, by, now) for link in moved])


def _part(session: Session, row: Similarity, by: User, now: datetime) -> None:
    """Take this person out of the identity, and join again what other answers of theirs still say."""
    link = _live_link(session, row.person_id, row.wall)
    if link is None:
        return
    link.undone_at = now
    session.flush()
    query = select(Similarity).where(
        Similarity.wall == row.wall,
        Similarity.person_id == row.person_id,
        Similarity.state == SimilarityState.CONFIRMED,
        Similarity.id != row.id,
    )
    for still in session.scalars(query).all():
        _join(session, still, by, now)
        session.flush()


def _live_link(session: Session, person_id: UUID, wall: Wall) -> IdentityLink | None:
    query = select(IdentityLink).where(
        IdentityLink.wall == wall, IdentityLink.person_id == person_id, IdentityLink.undone_at.is_(None)
    )
    return session.scalars(query).one_or_none()


def _link(person_id: UUID, identity: Identity, by: User, now: datetime) -> IdentityLink:
    return IdentityLink(wall=identity.wall, person_id=person_id, identity=identity, by_id=by.id, at=now)
