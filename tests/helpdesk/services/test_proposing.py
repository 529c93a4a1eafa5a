"""A re-referral is found by the system and confirmed by a person (GL-13)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.decision import Proposal
from helpdesk.models import Referral
from helpdesk.services.decide import proposals
from infrastructure.database import transaction, uuid7
from infrastructure.identity.users import User
from service_request.domain.standing import ReferralKind
from service_request.models import Person, ServiceRequest, Similarity, SimilarityState, Subject
from service_request.services.matching import answer_similarity
from tests.factories import NOW, County, accept, make_decision, make_waiting
from tests.helpdesk.conftest import Ask

pytestmark = [pytest.mark.storage, pytest.mark.rule("GL-13")]


@pytest.fixture
def twins(session: Session, county: County, ask: Ask, save: Any) -> Any:
    """Make an accepted request and a later one about the same child, as an officer confirmed."""

    def make(*, confirmed: bool = True) -> tuple[Any, ServiceRequest]:
        earlier, later = make_waiting(session, county), make_waiting(session, county)
        save(earlier.id, make_decision(*(accept(one) for one in ask.subjects(earlier.id))))
        answer(session, county, hint(ask, later, earlier), same=confirmed)
        return ask.one(Referral).id, later

    return make


def hint(ask: Ask, later: ServiceRequest, earlier: ServiceRequest) -> Any:
    """Let the child of a later request look like the child of an earlier one; return the hint."""
    people = [ask.one(Person, Person.request_id == request.id).id for request in (earlier, later)]
    with transaction(ask.session):
        row = Similarity(
            wall="open",
            request_id=later.id,
            person_id=people[1],
            earlier_id=people[0],
            earlier_request_id=earlier.id,
            score=90,
            agrees=[],
            differs=[],
            state=SimilarityState.OPEN,
            found_at=NOW,
        )
        ask.session.add(row)
        return row.id


def answer(session: Session, county: County, hint_id: Any, *, same: bool) -> None:
    answer_similarity(session, similarity_id=hint_id, same=same, by=county.officer, now=NOW)


MANAGER = User(
    uuid7(), "Helen Prosser", "helen@westmarch.example", ()
)  # hidden from nobody by name: nothing is restricted


def set_dates(session: Session, referral_id: Any, accepted_on: date, closed_on: date | None) -> None:
    with transaction(session):
        referral = session.get_one(Referral, referral_id)
        referral.accepted_on, referral.closed_on = accepted_on, closed_on


def proposed(session: Session, request: ServiceRequest, on: date) -> Proposal:
    session.rollback()
    (found,) = proposals(session, request, on=on, to=MANAGER).values()
    return found


def test_an_acceptance_within_twelve_months_of_a_closed_one_is_proposed_as_a_re_referral(
    session: Session, twins: Any
) -> None:
    referral_id, later = twins()

    @settings(max_examples=40, deadline=None, database=None)
    @given(
        accepted_on=st.dates(date(2020, 1, 1), date(2027, 12, 31)),
        closed_after=st.none() | st.integers(0, 400),
        days=st.integers(-5, 400) | st.sampled_from([364, 365, 366, 367]),
    )
    def holds(accepted_on: date, closed_after: int | None, days: int) -> None:
        closed_on = None if closed_after is None else accepted_on + timedelta(days=closed_after)
        on = accepted_on + timedelta(days=days)
        set_dates(session, referral_id, accepted_on, closed_on)
        is_within = on - relativedelta(months=12) <= accepted_on <= on
        found = proposed(session, later, on)
        expected = ReferralKind.RE_REFERRAL if is_within and closed_on is not None else ReferralKind.REFERRAL
        assert found.kind is expected
        assert (found.accepted_on == accepted_on) is (expected is ReferralKind.RE_REFERRAL)
        assert len(found.still_open) == (closed_on is None)

    holds()


@pytest.mark.parametrize(
    ("on", "kind"),
    [
        (date(2027, 3, 4), ReferralKind.RE_REFERRAL),  # the last day is included
        (date(2027, 3, 5), ReferralKind.REFERRAL),
    ],
)
def test_the_last_day_of_the_twelve_months_is_included(
    session: Session, twins: Any, on: date, kind: ReferralKind
) -> None:
    referral_id, later = twins()
    set_dates(session, referral_id, date(2026, 3, 4), date(2026, 6, 22))
    assert proposed(session, later, on).kind is kind


def test_two_children_that_nobody_confirmed_to_be_one_prove_nothing(session: Session, twins: Any) -> None:
    referral_id, later = twins(confirmed=False)
    set_dates(session, referral_id, date(2026, 3, 4), date(2026, 6, 22))
    assert proposed(session, later, date(2026, 11, 17)) == Proposal()


def test_an_answer_that_was_taken_back_proves_nothing(session: Session, twins: Any, county: County) -> None:
    referral_id, later = twins()
    set_dates(session, referral_id, date(2026, 3, 4), date(2026, 6, 22))
    hint_id = session.scalars(select(Similarity.id)).one()
    answer_similarity(session, similarity_id=hint_id, same=False, by=county.officer, now=NOW)
    assert proposed(session, later, date(2026, 11, 17)) == Proposal()


def test_a_referral_of_a_child_who_was_parted_from_the_others_proves_nothing_of_them(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    first, other, later = (make_waiting(session, county) for _ in range(3))
    save(other.id, make_decision(*(accept(one) for one in ask.subjects(other.id))))
    set_dates(session, ask.one(Referral).id, date(2026, 3, 4), date(2026, 6, 22))
    mistaken = hint(ask, other, first)
    answer(session, county, mistaken, same=True)
    answer(session, county, hint(ask, later, first), same=True)
    assert proposed(session, later, date(2026, 11, 17)).kind is ReferralKind.RE_REFERRAL
    answer(session, county, mistaken, same=False)
    assert proposed(session, later, date(2026, 11, 17)) == Proposal()


def test_a_referral_whose_decision_was_replaced_proves_nothing(session: Session, twins: Any) -> None:
    referral_id, later = twins()
    set_dates(session, referral_id, date(2026, 3, 4), date(2026, 6, 22))
    with transaction(session):
        session.get_one(Referral, referral_id).withdrawn_at = NOW
    assert proposed(session, later, date(2026, 11, 17)).kind is ReferralKind.REFERRAL


def test_the_manager_sees_the_dates_and_what_they_confirm_is_kept_with_its_proof(
    session: Session, twins: Any, save: Any, ask: Ask
) -> None:
    referral_id, later = twins()
    set_dates(session, referral_id, date(2026, 3, 4), date(2026, 6, 22))
    found = proposed(session, later, date(2026, 11, 17))
    earlier_request = session.scalars(
        select(ServiceRequest.reference)
        .join(Subject, Subject.request_id == ServiceRequest.id)
        .join(Referral, Referral.subject_id == Subject.id)
        .where(Referral.id == referral_id)
    ).one()
    assert (found.earlier_reference, found.accepted_on, found.closed_on) == (
        earlier_request,
        date(2026, 3, 4),
        date(2026, 6, 22),
    )
    (subject,) = ask.subjects(later.id)
    save(later.id, make_decision(accept(subject, kind=ReferralKind.RE_REFERRAL)))
    (row,) = ask.referrals(subject)
    assert (row.kind, row.earlier_id) == (ReferralKind.RE_REFERRAL, referral_id)


def test_the_manager_may_say_that_it_is_not_a_re_referral(session: Session, twins: Any, save: Any, ask: Ask) -> None:
    referral_id, later = twins()
    set_dates(session, referral_id, date(2026, 3, 4), date(2026, 6, 22))
    (subject,) = ask.subjects(later.id)
    save(later.id, make_decision(accept(subject, kind=ReferralKind.REFERRAL)))
    (row,) = ask.referrals(subject)
    assert (row.kind, row.earlier_id) == (ReferralKind.REFERRAL, None)


def test_acceptance_dates_are_compared_as_days_in_england(session: Session, twins: Any, save: Any, ask: Ask) -> None:
    referral_id, later = twins()
    set_dates(session, referral_id, date(2025, 7, 2), date(2025, 9, 1))
    (subject,) = ask.subjects(later.id)
    save(
        later.id,
        make_decision(accept(subject, kind=ReferralKind.RE_REFERRAL)),
        now=datetime(2026, 7, 2, 23, 30, tzinfo=UTC),  # 3 July there: a day too late for a proof
    )
    (row,) = ask.referrals(subject)
    assert (row.accepted_on, row.earlier_id) == (date(2026, 7, 3), None)
