"""A child asked for twice, and one of the two requests goes inside: the other says nothing of it any more (SE-5, EV-5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.sight_reasons import Connected
from helpdesk.services import restricting
from helpdesk.services.handing_over import hand_over
from helpdesk.web.timeline import words_of_act
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.models import Similarity
from service_request.services import matching
from service_request.services.sight.investigating import Asked, count_lines, read_lines
from service_request.services.sight.timeline import list_happenings
from tests.factories import NOW, County, make_county
from tests.wall.inside import make_adviser, take

LATER = NOW + timedelta(minutes=10)
pytestmark = pytest.mark.storage


@pytest.fixture
def county(session: Session) -> County:
    return make_county(session)


@pytest.fixture
def pair(session: Session, county: County, house: House, work: Callable[[], None]) -> tuple[UUID, UUID]:
    """Two requests about one child, and an officer's word that it is one."""
    make_adviser(session)
    first = take(session, county, house)
    second = take(session, county, house, now=NOW + timedelta(minutes=1))
    work()
    hint = session.scalars(select(Similarity)).one()
    matching.answer_similarity(session, similarity_id=hint.id, same=True, by=county.officer, now=LATER)
    return first, second


def lines(session: Session, request_id: UUID, user: User) -> str:
    session.rollback()
    return "\n".join(words_of_act(one) for one in list_happenings(session, request_id, user))


def exported(session: Session, request_id: UUID, user: User) -> str:
    session.rollback()
    asked = Asked(request_id, None, NOW - timedelta(days=1), NOW + timedelta(days=9999))
    found = list(read_lines(session, asked, user))
    assert len(found) == count_lines(session, asked, user)
    return "\n".join(f"{line.act} {line.facts}" for line in found)


@pytest.mark.rule("SE-5")
def test_a_timeline_outside_tells_of_no_hint_that_led_to_what_is_inside_now(
    session: Session, county: County, house: House, pair: tuple[UUID, UUID]
) -> None:
    first, second = pair
    before = lines(session, second, county.manager)
    assert "1 child looks alike" in before and "Said to be the same child" in before
    hand_over(session, request_id=first, by=county.officer, now=LATER, house=house)
    after = lines(session, second, county.manager)
    assert "no child looks alike" in after and "1 child" not in after
    assert "the same child" not in after


@pytest.mark.rule("SE-5")
def test_an_export_of_the_trail_outside_tells_of_no_hint_that_led_to_what_is_inside_now(
    session: Session, county: County, house: House, pair: tuple[UUID, UUID]
) -> None:
    first, second = pair
    assert str(first) in exported(session, second, county.service_manager)
    hand_over(session, request_id=first, by=county.officer, now=LATER, house=house)
    after = exported(session, second, county.service_manager)
    assert "find_similar" in after and '"found"' not in after
    assert str(first) not in after and "answer_similarity" not in after


@pytest.mark.rule("EV-5")
def test_who_is_barred_from_a_request_reads_on_no_other_that_its_child_is_the_same(
    session: Session, county: County, pair: tuple[UUID, UUID]
) -> None:
    first, second = pair
    restricting.bar(
        session,
        request_id=first,
        user_id=county.officer_two.id,
        reason=Connected.OWN_FAMILY,
        words="A nephew.",
        by=county.manager,
        now=LATER,
    )
    assert "the same child" in lines(session, second, county.officer)
    assert "the same child" not in lines(session, second, county.officer_two)
