"""What the helpdesk hands over is inside from then on: whole, at once, and under keys that the council does not hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import service_request.models
from helpdesk.domain.refusals import AlreadyDecidedError, DangerFirstError, NoAdviserError, NotFromFamilyError
from helpdesk.services.handing_over import hand_over
from infrastructure.database import KeyedHash, Wall, db, transaction
from infrastructure.database.base import Base
from infrastructure.database.crossing import sealed_names
from infrastructure.house import House
from infrastructure.outbox import MessageState, OutboxMessage
from infrastructure.trail import Event, verify
from service_request.domain.matching import match_keys
from service_request.domain.states import RequestState
from service_request.models import (
    Clock,
    ClockEnd,
    ClockKind,
    IdentityLink,
    MatchKey,
    Person,
    RequestLink,
    ServiceRequest,
    Similarity,
)
from service_request.services import crossing, matching
from service_request.services.matching import facts_for_matching
from service_request.services.refusals import NotYoursError
from service_request.services.sight.crossing import OF_REQUEST
from service_request.services.sight.visible import get_request
from tests.factories import NOW, County, accept, make_county, make_decision, make_waiting
from tests.plugins.house import Mailbox
from tests.wall.inside import CALL, make_adviser, take
from tests.wall.stolen import Thief

pytestmark = pytest.mark.rule("SE-5")
LATER = NOW + timedelta(minutes=10)
SAID = ("Corrigan", "Mairead", "mairead@corrigan.example", "07700 900888", "Tadhg", "his plan", "Wharf Lane", "WM2 6TT")


@pytest.fixture
def county(session: Session) -> County:
    return make_county(session)


@pytest.mark.storage
class TestTheMove:
    def test_takes_every_row_inside_and_gives_the_asker_and_sendiass_a_letter(
        self, session: Session, county: County, house: House, work: Callable[[], None], mailbox: Mailbox
    ) -> None:
        adviser = make_adviser(session)
        request_id = take(session, county, house)
        work()
        mailbox.clear()
        handed = hand_over(session, request_id=request_id, by=county.officer, now=LATER, house=house)
        work()
        assert handed.is_told
        rows = _rows_of(session, request_id)
        assert {wall for _, wall in rows} == {Wall.SENDIASS}
        assert {"service_request", "referrer", "person", "subject", "consent", "message", "arrival", "form_response",
                "clock", "outbox_message"} <= {name for name, _ in rows}  # fmt: skip
        to_asker, to_team = mailbox.to(CALL["email"]), mailbox.to("sendiass@westmarch.example")
        assert len(to_asker) == len(to_team) == 1
        assert "passed it on" in mailbox.words(to_asker[0]) and "SENDIASS" not in mailbox.words(to_asker[0])
        assert f"/staff/enquiries/{request_id}" in mailbox.words(to_team[0])
        opened = get_request(session, request_id, adviser)
        assert (opened.referrer.name, opened.state, opened.assignee_id) == (
            "Mairead Corrigan", RequestState.RECEIVED, None,
        )  # fmt: skip
        clocks = session.scalars(select(Clock).where(Clock.request_id == request_id)).all()
        assert {clock.kind: clock.end for clock in clocks} == {
            ClockKind.DECISION: ClockEnd.HANDED_OVER,
            ClockKind.FIRST_CONTACT: None,
        }
        last = session.scalars(select(Event).where(Event.stream_id == request_id, Event.act == "hand_over")).one()
        assert (last.actor_id, last.facts) == (county.officer.id, {})
        assert list(verify(session)) == []

    def test_leaves_nothing_that_the_councils_keys_open_or_confirm(
        self, session: Session, county: County, house: House, work: Callable[[], None], database: Any
    ) -> None:
        make_adviser(session)
        request_id = take(session, county, house)
        work()
        thief = Thief(house.settings)
        before = list(thief.read(session))
        assert all(any(word in said for _, said in before) for word in SAID)
        assert thief.finds(session, CALL["email"])
        child = session.scalars(select(Person).where(Person.request_id == request_id, Person.is_child)).one()
        keys = [text for _, text in match_keys(facts_for_matching(child))]
        assert any(thief.finds(session, key) for key in keys)
        sealed = _ciphertexts(session)

        hand_over(session, request_id=request_id, by=county.officer, now=LATER, house=house)
        work()

        after = list(thief.read(session))
        assert [(place, word) for place, said in after for word in SAID if word.lower() in said.lower()] == []
        assert thief.finds(session, CALL["email"]) == []
        assert [key for key in keys if thief.finds(session, key)] == []
        assert session.scalars(select(MatchKey.wall)).all() != []
        inside = Thief(house.settings, Wall.SENDIASS)
        assert any("Tadhg Corrigan" in said for _, said in inside.read(session))
        assert any(inside.finds(session, key) for key in keys)
        if database.name == "sqlite":
            assert _left_in_the_file(sealed - _ciphertexts(session), database) == []

    def test_takes_away_hints_keys_identities_and_links_that_joined_it_to_what_stays(
        self, session: Session, county: County, house: House, work: Callable[[], None]
    ) -> None:
        make_adviser(session)
        first = take(session, county, house)
        second = take(session, county, house, now=NOW + timedelta(minutes=1))
        work()
        hint = session.scalars(select(Similarity)).one()
        matching.answer_similarity(session, similarity_id=hint.id, same=True, by=county.officer, now=LATER)
        assert session.scalars(select(IdentityLink)).all() != []
        hand_over(session, request_id=first, by=county.officer, now=LATER, house=house)
        work()
        assert session.scalars(select(Similarity)).all() == []
        links = session.scalars(select(IdentityLink)).all()
        people = {row.id: row.request_id for row in session.scalars(select(Person))}
        assert {people[link.person_id] for link in links} == {second}
        assert {row.wall for row in session.scalars(select(RequestLink))} <= {Wall.OPEN}
        keys = session.scalars(select(MatchKey)).all()
        assert {(people[key.person_id], key.wall) for key in keys} == {(first, Wall.SENDIASS), (second, Wall.OPEN)}
        open_keys = {str(key.key) for key in keys if key.wall is Wall.OPEN}
        assert open_keys.isdisjoint(str(key.key) for key in keys if key.wall is Wall.SENDIASS)


class TestWhoMay:
    def test_nobody_outside_sees_it_again_and_nobody_inside_saw_it_before(
        self, session: Session, county: County, house: House
    ) -> None:
        adviser = make_adviser(session)
        request_id = take(session, county, house)
        with pytest.raises(NotYoursError):
            get_request(session, request_id, adviser)
        hand_over(session, request_id=request_id, by=county.officer, now=LATER, house=house)
        for user in (county.officer, county.manager, county.service_manager, county.administrator):
            with pytest.raises(NotYoursError):
                get_request(session, request_id, user)
        with pytest.raises(NotYoursError):
            hand_over(session, request_id=request_id, by=county.officer, now=LATER, house=house)

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"caller": "school", "agency": "Brookfield"}, NotFromFamilyError),
            ({"urgency": "danger"}, DangerFirstError),
            ({"narrative": "He is hitting him right now, he has a knife"}, DangerFirstError),
        ],
    )
    def test_a_professionals_call_and_present_danger_stay_with_the_helpdesk(
        self, session: Session, county: County, house: House, changes: dict[str, Any], refusal: type[Exception]
    ) -> None:
        make_adviser(session)
        request_id = take(session, county, house, **changes)
        with pytest.raises(refusal):
            hand_over(session, request_id=request_id, by=county.officer, now=LATER, house=house)
        assert get_request(session, request_id, county.officer).wall is Wall.OPEN

    def test_a_decided_request_stays(self, session: Session, county: County, house: House) -> None:
        from helpdesk.services.decide import decide
        from service_request.services.sight.system import list_subjects

        make_adviser(session)
        request_id = make_waiting(session, county, referrer={"kind": "family"}).id
        decision = make_decision(*(accept(one.id) for one in list_subjects(session, request_id)))
        decide(session, request_id=request_id, decision=decision, by=county.manager, now=NOW, house=house)
        with pytest.raises(AlreadyDecidedError):
            hand_over(session, request_id=request_id, by=county.officer, now=LATER, house=house)

    def test_nothing_is_handed_to_nobody(self, session: Session, county: County, house: House) -> None:
        request_id = take(session, county, house)
        with pytest.raises(NoAdviserError):
            hand_over(session, request_id=request_id, by=county.officer, now=LATER, house=house)
        assert get_request(session, request_id, county.officer).reference


def test_the_asker_hears_nothing_where_it_is_not_said_to_be_safe(
    session: Session, county: County, house: House, work: Callable[[], None], mailbox: Mailbox
) -> None:
    make_adviser(session)
    for safe in ("no", "unset"):
        request_id = take(session, county, house, safe=safe)
        work()
        mailbox.clear()
        assert not hand_over(session, request_id=request_id, by=county.officer, now=LATER, house=house).is_told
        work()
        assert mailbox.to(CALL["email"]) == []


def test_a_mail_to_staff_that_still_waits_is_not_sent(session: Session, county: County, house: House) -> None:
    from infrastructure.outbox import owe

    make_adviser(session)
    request_id = take(session, county, house)
    with transaction(session):
        letter = house.write("assignment_withdrawn", reference="K7RM-4TXC", initials="T.C.", link="http://localhost/x")
        owe(session, letter, to=county.manager.email, cause=request_id, about=("request", request_id), now=NOW)
    hand_over(session, request_id=request_id, by=county.officer, now=LATER, house=house)
    found = {row.to: (row.state, row.wall) for row in session.scalars(select(OutboxMessage))}
    assert found[county.manager.email] == (MessageState.CANCELLED, Wall.SENDIASS)
    assert found[CALL["email"]] == (MessageState.WAITING, Wall.SENDIASS)


# ------------------------------------------------------------- whole: a new table or column cannot be forgotten

STAYS: dict[str, str] = {
    "access_log": "who looked while it stood outside: ids alone, sealed in the chain",
    "assignment": "of a decided request, which is not handed over",
    "decision": "of a decided request, which is not handed over",
    "decision_line": "of a decided request, which is not handed over",
    "referral": "of a decided request, which is not handed over",
    "outcome": "of a decided request, which is not handed over",
    "decision_draft": "deleted: what a manager began to write",
    "similarity": "deleted: it joined a child to one outside",
    "match_key": "deleted, and made anew inside",
    "identity": "no row of the request: its links are deleted",
    "identity_link": "deleted: it joined a child to one outside",
    "request_link": "deleted: it joined the request to one outside",
    "investigation": "why somebody asked for the trail of a person or a request: ids, on the side of the one who asked",
    "enquiry": "made inside, when a request has gone there",
    "enquiry_level": "of an enquiry, which stands inside from its beginning",
    "deadline": "of an enquiry, which stands inside from its beginning",
    "contact_attempt": "of an enquiry, which stands inside from its beginning",
    "evaluation": "of an enquiry, which stands inside from its beginning",
    "saved_answer": "words of one side's own: no row of a request",
    "duty_turn": "who is on duty: no row of a request",
    "mail_look": "how far a mailbox of ours was read: no row of a request",
    "key_check": "a word that everybody knows under each key, to know the keys by: no row of a request",
    "team": "no row of a request",
}


def test_every_table_that_stands_on_a_side_is_taken_across_or_says_why_not() -> None:
    moved = {model.__tablename__ for model in OF_REQUEST} | {
        "service_request", "referrer", "draft", "file", "secret_link", "outbox_message", "conversation",
        "delivery_report", "draft_part",
    }  # fmt: skip
    walled = {table.name for table in Base.metadata.tables.values() if "wall" in table.c}
    assert walled - moved == set(STAYS)


def test_every_keyed_hash_of_what_is_taken_across_is_made_anew_or_emptied() -> None:
    hashed = {
        mapper.class_.__name__
        for mapper in Base.registry.mappers
        if "wall" in mapper.columns and any(isinstance(column.type, KeyedHash) for column in mapper.columns)
    }
    by_chance = {"KeyCheck", "SecretLink", "Evaluation"}  # no row of a request; 256 bits of chance, and ended
    assert hashed - by_chance - {model.__name__ for model in crossing._HASHES} == {"MatchKey"}


def _rows_of(session: Session, request_id: Any) -> list[tuple[str, Wall]]:
    session.rollback()
    found = []
    for mapper in Base.registry.mappers:
        model = mapper.class_
        if "wall" not in mapper.columns or model.__tablename__ == "access_log":
            continue
        for name in ("request_id", "about_id", "sent_request_id"):
            if name in mapper.columns:
                rows = session.scalars(select(model).where(getattr(model, name) == request_id))
                found += [(model.__tablename__, row.wall) for row in rows]
    request = session.get_one(ServiceRequest, request_id)
    return [*found, ("service_request", request.wall), ("referrer", session.get_one(
        service_request.models.Referrer, request.referrer_id).wall)]  # fmt: skip


def _ciphertexts(session: Session) -> set[bytes]:
    session.rollback()
    found = set()
    for mapper in Base.registry.mappers:
        names = [vars(mapper.class_)[one].column for one in sealed_names(mapper.class_)]
        for name in names:
            found |= {value for value in session.scalars(select(getattr(mapper.class_, name))) if value}
    session.rollback()
    return found


def _left_in_the_file(gone: set[bytes], database: Any) -> list[bytes]:
    assert gone
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    raw = (database.folder / "test.sqlite").read_bytes()
    return [value for value in gone if value[20:80] in raw]
