"""An adviser folds what a mother asked twice, and takes it back, at her own browser (SE-3, SE-8, EV-4)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from helpdesk.services.enquiries import same_family
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import Channel, ServiceRequest
from tests.enquirers import MOTHER, STORY, make_open_enquiry
from tests.factories import NOW, County
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import SignIn
from tests.helpdesk.web.walking import Staff
from tests.wall.inside import make_adviser


@pytest.fixture
def user(session: Session, county: County) -> User:
    return make_adviser(session)


@pytest.fixture
def nuala(sign_in: SignIn, user: User) -> Staff:
    """Nuala Byrne, adviser, at her browser."""
    return sign_in(user)


@pytest.fixture
def two(session: Session, house: House, user: User) -> tuple[UUID, UUID]:
    """What the mother asked yesterday by text, and today by the form; somebody said that it is the same family."""
    first = make_open_enquiry(session, house, now=NOW - timedelta(days=1), phone=MOTHER)
    second = make_open_enquiry(session, house, phone="07700 900461", channel=Channel.WEB)
    same_family.answer(session, request_id=second, other_id=first, same=True, by=user, now=NOW, house=house)
    return first, second


@pytest.mark.storage
@pytest.mark.rule("SE-3")
@pytest.mark.rule("EV-4")
def test_she_folds_the_second_into_the_first_says_why_and_can_unfold_it(
    nuala: Staff, two: tuple[UUID, UUID], ask: Ask
) -> None:
    first, second = two
    row = ask.one(ServiceRequest, ServiceRequest.id == first)
    goes_on, place = format_reference(row.reference), f"/staff/enquiries/{second}/fold/{first}"
    page = nuala.get(f"/staff/enquiries/{second}")
    assert f'href="{place}"' in page.html and f"Fold into {goes_on}" in page.words
    asked = nuala.get(place)
    assert f"{goes_on} came Mon 09:00: “{STORY}”" in asked.words, "so that nobody folds it into the wrong one"
    assert f"{goes_on} goes on for both." in asked.words and "How it went is asked once." in asked.words
    assert nuala.post(place, version=asked.value("version")).errors == ["Enter why they are one enquiry all the same"]
    why = "She texted first, and wrote the rest at home."
    done = nuala.follow(nuala.post(place, version=asked.value("version"), why=why))
    assert "Folded. What they say next comes here" in done.words and "folded into this one" in done.words
    folded = nuala.get(f"/staff/enquiries/{second}")
    assert "this was folded into it, which goes on" in folded.words and "Folded by Nuala Byrne" in folded.words
    assert "It holds for the enquiry that this was folded into" in folded.words
    assert "Take back" not in folded.words and "Take back" not in nuala.get(f"/staff/enquiries/{first}").words
    again = nuala.post(place, version="0", why=why)
    assert again.status == 409 and again.value("why") == why
    back = nuala.follow(nuala.post(f"/staff/enquiries/{second}/unfold", version=folded.value("version")))
    assert "Unfolded. It stands where it stood" in back.words
    assert ask.one(ServiceRequest, ServiceRequest.id == second).state is RequestState.RECEIVED


def test_what_cannot_be_folded_is_refused_before_she_says_why(nuala: Staff, two: tuple[UUID, UUID]) -> None:
    first, second = two
    place = f"/staff/enquiries/{second}/fold/{first}"
    nuala.post(place, version=nuala.get(place).value("version"), why="She texted first.")
    refused = nuala.get(f"/staff/enquiries/{first}/fold/{second}")
    assert refused.status == 409 and "The other enquiry is folded already." in refused.words
    assert "Nothing was changed" in refused.words and "Why are they one enquiry?" not in refused.words


@pytest.mark.rule("EV-3")
def test_a_press_on_an_old_page_unfolds_nothing_that_was_folded_again_since(
    nuala: Staff, two: tuple[UUID, UUID], ask: Ask
) -> None:
    first, second = two
    place, page = f"/staff/enquiries/{second}/fold/{first}", f"/staff/enquiries/{second}"
    why = "She texted first, and wrote the rest at home."
    nuala.post(place, version=nuala.get(place).value("version"), why=why)
    old = nuala.get(page).value("version")
    nuala.post(f"{page}/unfold", version=old)
    nuala.post(place, version=nuala.get(place).value("version"), why=why)
    assert nuala.post(f"{page}/unfold", version=old).status == 409
    assert ask.one(ServiceRequest, ServiceRequest.id == second).state is RequestState.FOLDED


@pytest.mark.rule("SE-5")
def test_nobody_outside_finds_the_page(sign_in: SignIn, county: County, two: tuple[UUID, UUID]) -> None:
    first, second = two
    for user in (county.officer, county.service_manager):
        staff = sign_in(user)
        assert staff.get(f"/staff/enquiries/{second}/fold/{first}").status in (403, 404)
        assert staff.post(f"/staff/enquiries/{second}/unfold").status in (403, 404)
