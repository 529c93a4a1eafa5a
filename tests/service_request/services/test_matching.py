"""A child seen before is offered to a person, and never merged (EV-4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.trail import Event, verify
from service_request.models import IdentityLink, MatchKey, Person, Similarity, SimilarityState
from service_request.services import matching
from service_request.services.matching import answer_similarity, find_similar, list_unmatched
from service_request.services.refusals import NotYoursError
from tests.factories import CALLUM, NOW, RYAN, Child, County, make_county, make_request

pytestmark = [pytest.mark.storage, pytest.mark.rule("EV-4")]


@pytest.fixture
def county(session: Session) -> County:
    return make_county(session)


def person_of(session: Session, request: Any) -> Any:
    session.rollback()
    return session.scalars(select(Person.id).where(Person.request_id == request.id, Person.is_child)).one()


def make(session: Session, *children: Child, **changes: Any) -> Any:
    return make_request(session, children=children, matched=False, **changes)


def look(session: Session) -> int:
    due = list_unmatched(session, NOW)
    for person_id in due:
        find_similar(session, person_id, now=NOW)
    return len(due)


def hints(session: Session) -> list[Similarity]:
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(Similarity).order_by(Similarity.id)))


def identities(session: Session) -> dict[Any, Any]:
    session.rollback()
    live = select(IdentityLink.person_id, IdentityLink.identity_id).where(IdentityLink.undone_at.is_(None))
    return {row.person_id: row.identity_id for row in session.execute(live)}


def test_a_child_is_recognised_across_spelling_and_offered_open(session: Session) -> None:
    earlier = make(session, Child("Callum Hartly", CALLUM.birth_on))
    later = make(session, CALLUM)
    assert look(session) == 2
    assert look(session) == 0
    (hint,) = hints(session)
    assert (hint.request_id, hint.earlier_request_id) == (later.id, earlier.id)
    assert hint.state is SimilarityState.OPEN
    assert "born_same" in hint.agrees
    assert identities(session) == {}
    assert list(verify(session)) == []


def test_the_later_request_gets_the_hint_whichever_is_looked_for_first(session: Session) -> None:
    earlier, later = make(session, CALLUM), make(session, CALLUM)
    for request in (later, earlier):
        find_similar(session, person_of(session, request), now=NOW)
    (hint,) = hints(session)
    assert (hint.request_id, hint.earlier_request_id) == (later.id, earlier.id)


@pytest.mark.parametrize("expected", [0, 1])
def test_a_child_expected_and_the_child_born_find_each_other_whichever_came_first(
    session: Session, expected: int
) -> None:
    requests = [make(session, CALLUM), make(session, CALLUM)]
    with transaction(session):
        person = session.get_one(Person, person_of_in(session, requests[expected].id))
        person.facts = {"expected_on": str(CALLUM.birth_on + timedelta(days=20))}
    look(session)
    (hint,) = hints(session)
    assert (hint.request_id, hint.earlier_request_id) == (requests[1].id, requests[0].id)
    assert "born_near" in hint.agrees


def test_brothers_and_sisters_of_one_request_and_strangers_are_no_hint(session: Session) -> None:
    make(session, CALLUM, RYAN, Child("Callum Hartley", date(2017, 3, 15)))
    make(session, Child("Evie Tranter", date(2019, 5, 8), "WM9 6AF"))
    look(session)
    assert hints(session) == []


def test_nothing_is_found_across_the_wall(session: Session) -> None:
    behind = make(session, CALLUM)
    make(session, CALLUM)
    with transaction(session):
        person = session.get_one(Person, person_of_in(session, behind.id))
        name, facts = person.name, person.facts
        person.wall = Wall.SENDIASS
        person.name, person.facts = name, facts
    look(session)
    assert hints(session) == []
    with transaction(session):  # not even where a key on this side points across
        for key in session.scalars(select(MatchKey).where(MatchKey.person_id == person.id)):
            key.wall = Wall.OPEN
        make_it_due = session.scalars(select(Person).where(Person.wall == Wall.OPEN)).one()
        make_it_due.match_wanted_at = NOW
    assert look(session) == 1
    assert hints(session) == []


def person_of_in(session: Session, request_id: Any) -> Any:
    return session.scalars(select(Person.id).where(Person.request_id == request_id)).one()


def test_keys_are_hashes_that_tell_nobody_a_name_or_a_birth_date(session: Session) -> None:
    make(session, CALLUM)
    look(session)
    keys = list(session.scalars(select(MatchKey.key)))
    assert keys
    assert all(len(key) == 32 for key in keys)


def test_a_child_described_anew_is_looked_for_anew_and_what_was_answered_stays(
    session: Session, county: County
) -> None:
    make(session, CALLUM)
    later = make(session, CALLUM)
    look(session)
    answer_similarity(session, similarity_id=hints(session)[0].id, same=False, by=county.officer, now=NOW)
    with transaction(session):
        person = session.get_one(Person, person_of_in(session, later.id))
        person.name, person.match_wanted_at = "Calum Hartley", NOW
    assert look(session) == 1
    (hint,) = hints(session)
    assert hint.state is SimilarityState.SET_ASIDE


def test_at_most_200_children_are_opened_for_one_look(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "MOST_COMPARED", 3)
    compared = []
    real = matching.compare
    monkeypatch.setattr(matching, "compare", lambda a, b: compared.append(1) or real(a, b))
    for _ in range(5):
        request = make(session, CALLUM)
        compared.clear()
        find_similar(session, person_of(session, request), now=NOW)
    assert len(compared) == 3


def test_a_yes_joins_two_people_and_a_later_no_parts_them(session: Session, county: County) -> None:
    earlier, later = make(session, CALLUM), make(session, CALLUM)
    look(session)
    (hint,) = hints(session)
    answer = {"similarity_id": hint.id, "by": county.officer}
    answer_similarity(session, same=True, now=NOW, **answer)
    joined = identities(session)
    one, other = person_of(session, earlier), person_of(session, later)
    assert joined[one] == joined[other]
    answer_similarity(session, same=True, now=NOW, **answer)  # a second press changes nothing
    answer_similarity(session, same=False, now=NOW + timedelta(minutes=1), **answer)
    assert other not in identities(session)
    assert session.scalars(select(Person.id)).all()  # nobody was merged away
    acts = [
        event.to_state
        for event in session.scalars(select(Event).where(Event.act == "answer_similarity").order_by(Event.seq))
    ]
    assert acts == ["confirmed", "set_aside"]


def test_three_requests_about_one_child_share_one_identity_whatever_the_order_of_answers(
    session: Session, county: County
) -> None:
    requests = [make(session, CALLUM) for _ in range(4)]
    look(session)
    people = [person_of(session, request) for request in requests]
    by_pair = {(hint.earlier_id, hint.person_id): hint.id for hint in hints(session)}
    assert len(by_pair) == 6
    for pair in ((0, 1), (2, 3), (1, 3)):  # two identities, then one
        hint_id = by_pair[people[pair[0]], people[pair[1]]]
        answer_similarity(session, similarity_id=hint_id, same=True, by=county.officer, now=NOW)
    assert len(set(identities(session).values())) == 1
    answer_similarity(session, similarity_id=by_pair[people[1], people[3]], same=False, by=county.officer, now=NOW)
    joined = identities(session)
    assert joined[people[3]] == joined[people[2]]  # what the other answer still says


def test_only_someone_who_sees_the_request_answers(session: Session, county: County) -> None:
    make(session, CALLUM, area_id=county.teasel)
    make(session, CALLUM, area_id=county.teasel)
    look(session)
    for user in (county.social_worker, county.manager_aldermoor, county.administrator):
        with pytest.raises(NotYoursError):
            answer_similarity(session, similarity_id=hints(session)[0].id, same=True, by=user, now=NOW)
    assert identities(session) == {}
