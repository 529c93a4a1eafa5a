"""The pages about who sees a request: kept to few, given in parts, opened in an emergency (EV-5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services.break_glass import TRIES
from infrastructure.database import Wall
from service_request.domain.references import format_reference
from service_request.models import Grant, GrantWhy, ServiceRequest
from service_request.services.sight.viewing import Part, Viewer
from tests.factories import NOW, County, make_request, make_waiting
from tests.helpdesk.web.conftest import SignIn
from tests.helpdesk.web.walking import Page, Staff

pytestmark = pytest.mark.rule("EV-5")
VARIES = re.compile(r'value="[\w.\-]{40,}"|nonce="[^"]+"')
WHY = {"reason": "danger", "words": "The police rang."}
FOR_KEEPS = {"reason": "colleagues_family", "words": "His nephew."}


@pytest.fixture
def waiting(session: Session, county: County) -> ServiceRequest:
    return make_waiting(session, county)


def same(page: Page, reference: str) -> tuple[int, str]:
    """Return a page without what differs from one answer to the next, what was typed among it."""
    return page.status, VARIES.sub("", page.html).replace(reference, "")


@pytest.mark.threat("T23")
def test_unknown_behind_the_wall_and_barred_are_one_page(
    session: Session, county: County, officer: Staff, sign_in: SignIn, waiting: ServiceRequest
) -> None:
    person = str(county.manager_aldermoor.id)
    barred = officer.post(
        f"/staff/requests/{waiting.id}/bar", person=person, reason="own_family", words="Her sister's boy."
    )
    assert barred.status == 302
    inside = make_request(session, wall=Wall.SENDIASS)
    told = set()
    manager = sign_in(county.manager_aldermoor)
    for reference in (waiting.reference, inside.reference, "K7RM4TXC"):
        told.add(same(manager.post("/staff/break-glass", reference=reference, **WHY), reference))
    assert len(told) == 1
    ((status, _),) = told
    assert status == 404


@pytest.mark.threat("T23")
def test_without_a_reason_nothing_is_opened(
    session: Session, county: County, sign_in: SignIn, waiting: ServiceRequest
) -> None:
    manager = sign_in(county.manager_aldermoor)
    page = manager.post("/staff/break-glass", reference=waiting.reference)
    assert page.errors == ["Select why you must open it now", "Enter what has happened"]
    for reason in ("nosy", ""):
        assert manager.post("/staff/break-glass", reference=waiting.reference, reason=reason, words="x").errors
    assert manager.get(f"/staff/requests/{waiting.id}").status == 404
    assert session.scalars(select(Grant)).all() == []


@pytest.mark.threat("T21")
def test_too_many_tries_are_refused_whatever_was_typed(
    county: County, sign_in: SignIn, waiting: ServiceRequest
) -> None:
    manager = sign_in(county.manager_aldermoor)
    for _ in range(TRIES):
        assert manager.post("/staff/break-glass", reference="K7RM4TXC", **WHY).status == 404
    page = manager.post("/staff/break-glass", reference=waiting.reference, **WHY)
    assert page.status == 429
    assert page.errors == ["You have tried too often. Wait an hour, or ask a service manager."]
    assert page.value("words") == "The police rang."


def test_the_page_says_until_when_it_is_open_and_ends_it(
    county: County, sign_in: SignIn, waiting: ServiceRequest
) -> None:
    manager = sign_in(county.manager_aldermoor)
    page = manager.follow(manager.post("/staff/break-glass", reference=format_reference(waiting.reference), **WHY))
    assert "You opened this in an emergency. You see it until today 13:00 ." in page.words, page.words[:500]
    who = manager.get(f"/staff/requests/{waiting.id}/who-sees")
    assert "you cannot change who sees it" in who.words
    assert who.buttons == []
    for act in ("restrict", "bar", "give", "unrestrict"):
        assert manager.get(f"/staff/requests/{waiting.id}/{act}").status == 404
    ended = manager.follow(manager.post(f"/staff/requests/{waiting.id}/end-glass"))
    assert "Ended. You do not see that request any more." in ended.words
    assert manager.get(f"/staff/requests/{waiting.id}").status == 404


def test_an_old_page_keeps_the_words_of_an_emergency(county: County, sign_in: SignIn, waiting: ServiceRequest) -> None:
    manager = sign_in(county.manager_aldermoor)
    page = manager.post("/staff/break-glass", token="old", reference=waiting.reference, **WHY)
    assert page.status == 400
    assert page.value("words") == "The police rang."


def test_an_officer_keeps_it_to_few_and_loses_sight_when_left_out(
    county: County, officer: Staff, manager: Staff, waiting: ServiceRequest
) -> None:
    path = f"/staff/requests/{waiting.id}"
    empty = officer.post(f"{path}/restrict")
    assert empty.errors == ["Select why only few people may see it", "Enter why", "Select who keeps sight of it"]
    wrong = officer.post(f"{path}/restrict", keepers=[str(county.officer.id)], **FOR_KEEPS)
    assert wrong.status == 409
    assert "Select at least one manager who may decide for this area" in wrong.words
    done = officer.follow(officer.post(f"{path}/restrict", keepers=[str(county.manager.id)], **FOR_KEEPS))
    assert "Saved. You do not see that request any more." in done.words
    assert officer.get(path).status == 404
    page = manager.get(path)
    assert "Restricted: few people see it" in page.words
    assert "Restricted by Grace Oyelaran: only people who are named see it" in page.words
    ended = manager.follow(manager.post(f"{path}/unrestrict", words="They have left."))
    assert "Everybody sees this request again whose work shows it to them." in ended.words
    assert officer.get(path).status == 200


def test_what_was_given_is_on_its_own_page_and_nothing_else_of_it(
    session: Session, county: County, manager: Staff, sign_in: SignIn, sent: Callable[..., UUID]
) -> None:
    request_id = sent()
    give = {"reason": "advice", "words": "She knows the school.", "last_day": ["18", "11", "2026"]}
    path = f"/staff/requests/{request_id}/give"
    assert manager.post(path).errors[0] == "Select who is to see it"
    whom = f"user:{county.social_worker.id}"
    past = manager.post(path, whom=whom, parts=["story"], **{**give, "last_day": ["16", "11", "2026"]})
    assert past.errors == ["The last day must be today or later"]
    assert manager.post(path, whom=whom, parts=["everything"], **give).errors == ["Select which parts they may see"]
    assert manager.post(path, whom=whom, parts=["story", "risks"], **give).status == 302
    worker = sign_in(county.social_worker)
    listed = worker.get("/staff/given")
    assert "Callum" not in listed.words
    grant_id = session.scalars(select(Grant.id).where(Grant.why == GrantWhy.SHARE)).one()
    page = worker.get(f"/staff/given/{grant_id}")
    assert "Both boys have come in hungry for two weeks" in page.words
    for hidden in ("14 March 2017", "Donna Hartley", "Samina Rahman", "s.rahman@brookfield.example", "18 Tanners Row"):
        assert hidden not in page.words, hidden
    assert worker.get(f"/staff/requests/{request_id}").status == 404
    assert sign_in(county.locality_worker).get(f"/staff/given/{grant_id}").status == 404
    assert manager.post(f"/staff/requests/{request_id}/given/{grant_id}/end").status == 302
    assert worker.get(f"/staff/given/{grant_id}").status == 404


def test_a_closed_hint_asks_for_a_service_manager_and_says_no_more(
    session: Session, county: County, officer: Staff, sent: Callable[..., UUID]
) -> None:
    earlier = sent()
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        later = sent()
    assert "Seen before?" in officer.get(f"/staff/requests/{later}").words
    officer.post(f"/staff/requests/{earlier}/restrict", keepers=[str(county.manager.id)], **FOR_KEEPS)
    reference = session.scalars(select(ServiceRequest.reference).where(ServiceRequest.id == earlier)).one()
    page = officer.get(f"/staff/requests/{later}")
    assert "Seen before?" not in page.words
    assert "Ask a service manager before you decide." in page.words
    assert format_reference(reference) not in page.words
    assert "look alike" not in page.words or "no child looks alike" in page.words


def test_a_part_taken_from_a_role_is_gone_from_the_answers_too(
    officer: Staff, manager: Staff, sent: Callable[..., UUID], take_parts: Callable[[Viewer, set[Part]], None]
) -> None:
    request_id = sent()
    story, home = "Both boys have come in hungry for two weeks", "18 Tanners Row"
    assert story in officer.get(f"/staff/requests/{request_id}").words
    take_parts(Viewer.OFFICER, {Part.IDENTITY, Part.REFERRER})
    page = officer.get(f"/staff/requests/{request_id}")
    assert story in page.words
    for hidden in (home, "14 Mar", "Brookfield Primary School", "s.rahman@brookfield.example"):
        assert hidden not in page.words, hidden
    assert home in manager.get(f"/staff/requests/{request_id}").words
