"""Two requests that are one by folding tell of the same child: who may not see the one sees neither (EV-5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from helpdesk.domain.folding import RestrictedFoldError
from helpdesk.domain.sight_reasons import Connected, Giving, NoDeciderError, Restricting
from helpdesk.services import folding, restricting
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.models import Grant
from service_request.services.refusals import NotYoursError
from service_request.services.sight.viewing import Part
from service_request.services.sight.visible import get_request
from tests.factories import NOW, County, make_request, make_waiting
from tests.helpdesk.conftest import Ask

pytestmark = [pytest.mark.storage, pytest.mark.rule("EV-5")]


@pytest.fixture
def pair(session: Session, county: County, house: House, ask: Ask) -> Callable[..., tuple[UUID, UUID]]:
    """The nurse's request about Callum, folded into the teacher's, by the manager."""

    def fold_them(*, barred_from: int | None = None, area_id: UUID | None = None) -> tuple[UUID, UUID]:
        early = make_request(session, area_id=county.teasel, received_at=NOW - timedelta(hours=3)).id
        late = make_waiting(session, county, area_id=area_id or county.teasel).id
        same = dict(zip(ask.subjects(early), ask.subjects(late), strict=True))
        ids = (early, late)
        if barred_from is not None:
            bar(session, county, ids[barred_from])
        by = county.service_manager
        folding.fold(session, request_id=early, into_id=late, same=same, by=by, now=NOW, house=house)
        return ids

    return fold_them


def bar(session: Session, county: County, request_id: UUID) -> None:
    values: dict[str, Any] = {"reason": Connected.OWN_FAMILY, "words": "Their aunt.", "now": NOW}
    by = county.service_manager
    restricting.bar(session, request_id=request_id, user_id=county.officer.id, by=by, **values)


def sees(session: Session, user: User, *ids: UUID) -> list[bool]:
    def opens(request_id: UUID) -> bool:
        session.rollback()
        try:
            get_request(session, request_id, user)
        except NotYoursError:
            return False
        return True

    return [opens(one) for one in ids]


@pytest.mark.parametrize("barred_from", [0, 1])
def test_whoever_was_barred_from_one_is_barred_from_both(
    session: Session, county: County, pair: Any, barred_from: int
) -> None:
    assert sees(session, county.officer, *pair(barred_from=barred_from)) == [False, False]


@pytest.mark.parametrize("bar_at", [0, 1])
def test_and_so_is_whoever_is_barred_while_they_are_one(
    session: Session, county: County, pair: Any, house: House, bar_at: int
) -> None:
    ids = pair()
    bar(session, county, ids[bar_at])
    assert sees(session, county.officer, *ids) == [False, False]
    by = county.service_manager
    folding.unfold(session, request_id=ids[0], by=by, now=NOW + timedelta(hours=1), house=house)
    assert sees(session, county.officer, *ids) == [False, False]  # it is the same family still


@pytest.mark.parametrize("at", [0, 1])
def test_both_are_kept_to_the_same_few_and_let_go_together(
    session: Session, county: County, pair: Any, at: int
) -> None:
    ids = pair(area_id=county.aldermoor)
    manager = county.manager_aldermoor
    values: dict[str, Any] = {"request_id": ids[at], "now": NOW}
    by, why = county.service_manager, {"reason": Restricting.OTHER, "words": "A colleague's own."}
    with pytest.raises(NoDeciderError):  # who decides about the one that the other was folded into
        restricting.restrict(session, keepers=[county.manager.id], by=by, **why, **values)
    restricting.restrict(session, keepers=[manager.id], by=by, **why, **values)
    assert sees(session, county.officer, *ids) == sees(session, county.manager, *ids) == [False, False]
    assert sees(session, manager, *ids) == [True, True]
    restricting.unrestrict(session, words="It is over.", by=manager, **values)
    assert sees(session, county.officer, *ids) == [True, True]


def keep_to(session: Session, county: County, request_id: UUID, *people: User) -> None:
    values: dict[str, Any] = {"reason": Restricting.OTHER, "words": "A colleague's own.", "now": NOW}
    ids = [one.id for one in (county.manager, county.manager_aldermoor, *people)]
    restricting.restrict(session, request_id=request_id, keepers=ids, by=county.service_manager, **values)


@pytest.fixture
def kept(session: Session, county: County, house: House, ask: Ask) -> Callable[..., None]:
    """Fold the one of two into the other as the officer, who is named by each that is restricted."""

    def fold_them(first: tuple[User, ...] | None, second: tuple[User, ...] | None) -> tuple[UUID, UUID]:
        early = make_request(session, area_id=county.teasel, received_at=NOW - timedelta(hours=3)).id
        late = make_waiting(session, county, area_id=county.aldermoor).id
        same = dict(zip(ask.subjects(early), ask.subjects(late), strict=True))
        for request_id, people in ((early, first), (late, second)):
            if people is not None:
                keep_to(session, county, request_id, county.officer, *people)
        by = county.officer
        folding.fold(session, request_id=early, into_id=late, same=same, by=by, now=NOW, house=house)
        return early, late

    return fold_them


@pytest.mark.parametrize("which", [0, 1, 2])
def test_who_sees_both_does_not_fold_what_few_see_into_what_others_see(
    session: Session, county: County, kept: Any, which: int
) -> None:
    two = county.officer_two
    named: list[tuple[User, ...] | None] = [(), None] if which == 0 else [None, ()] if which == 1 else [(), (two,)]
    with pytest.raises(RestrictedFoldError, match="Let the same people see both first"):
        kept(*named)
    session.rollback()


def test_what_the_same_few_see_is_folded_and_nobody_else_is_let_in(
    session: Session, county: County, kept: Any, ask: Ask
) -> None:
    ids = kept((), ())
    assert sees(session, county.officer, *ids) == sees(session, county.manager, *ids) == [True, True]
    assert sees(session, county.officer_two, *ids) == [False, False]
    assert not [one for one in ask.all(Grant) if one.team_id is not None]


@pytest.mark.parametrize("sees_less", ["a part", "no more"])
def test_to_see_a_part_of_one_or_nothing_any_more_is_not_to_see_both(
    session: Session, county: County, house: House, ask: Ask, sees_less: str
) -> None:
    early = make_request(session, area_id=county.teasel, received_at=NOW - timedelta(hours=3)).id
    late = make_waiting(session, county).id
    given: dict[str, Any] = {
        "user_id": county.officer_two.id,
        "reason": Giving.COVER,
        "words": "She is off.",
        "now": NOW,
    }
    by, same = county.manager, dict(zip(ask.subjects(early), ask.subjects(late), strict=True))
    for one in (early, late):
        keep_to(session, county, one)
        parts = [Part.STORY] if (one, sees_less) == (late, "a part") else None
        grant_id = restricting.give_sight(session, request_id=one, parts=parts, until=None, by=by, **given)
    if sees_less == "no more":
        restricting.end_sight(session, request_id=late, grant_id=grant_id, by=by, now=NOW)
    with pytest.raises(RestrictedFoldError):
        folding.fold(session, request_id=early, into_id=late, same=same, by=by, now=NOW, house=house)
    session.rollback()


def test_unfolding_ends_the_sight_that_folding_made_and_none_that_somebody_gave(
    session: Session, county: County, pair: Any, house: House
) -> None:
    early, _ = pair(area_id=county.aldermoor)
    given: dict[str, Any] = {"reason": Giving.WORKS_WITH_THEM, "words": "She knows them.", "parts": None, "until": None}
    by, now = county.service_manager, NOW + timedelta(hours=1)
    restricting.give_sight(session, request_id=early, user_id=county.locality_worker.id, by=by, now=NOW, **given)
    folding.unfold(session, request_id=early, by=by, now=now, house=house)
    assert sees(session, county.locality_worker, early) == [True]
    assert sees(session, county.manager_aldermoor, early) == [False]
