"""What a team sees of what was sent to it, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import AssignmentState
from helpdesk.models import Assignment, Referral
from infrastructure.database import transaction
from infrastructure.trail import Access, AccessLog
from service_request.domain.references import format_reference
from service_request.models import CodedReason, ReasonKind, ServiceRequest, TaskKind
from tests.factories import NOW, County
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import SignIn
from tests.helpdesk.web.test_decide import press
from tests.helpdesk.web.test_request_page import of
from tests.helpdesk.web.walking import Staff


@pytest.fixture
def team(sign_in: SignIn, county: County) -> Staff:
    """Wren Abara of the assessment team."""
    return sign_in(county.social_worker)


@pytest.fixture
def given(manager: Staff, passed: UUID, ask: Ask) -> UUID:
    """An initial assessment of Callum; Ryan was kept as a contact."""
    press(manager, passed, line_1="referral-initial_assessment", line_2="contact-information")
    row: Assignment = ask.one(Assignment)
    return row.id


def at(assignment_id: UUID, *rest: str) -> str:
    """Return the address of an assignment's page."""
    return "/".join(["/staff/assignments", str(assignment_id), *rest])


def test_what_must_be_acknowledged_stands_in_the_list_with_its_time(team: Staff, given: UUID) -> None:
    words = team.get("/staff/sent-to-us").words
    for one in ("Callum Hartley, 9", "Do an initial assessment", "Not acknowledged", "Assessment Teasel Vale", "1 day"):
        assert one in words


@pytest.mark.rule("EV-5")
def test_the_page_shows_the_child_that_was_granted_and_not_the_other(team: Staff, given: UUID) -> None:
    page = team.get(at(given))
    for one in ("Callum Hartley, 9", "Both boys have come in hungry", "Donna Hartley", "18 Tanners Row", "Acknowledge"):
        assert one in page.words
    assert "Ryan Hartley" not in page.words
    assert "Callum" not in page.title


@pytest.mark.rule("GL-12")
def test_the_locality_team_is_asked_to_work_with_the_family_and_to_name_a_lead_professional(
    manager: Staff, sign_in: SignIn, county: County, passed: UUID, ask: Ask
) -> None:
    press(manager, passed, line_1="contact-criteria", line_2="contact-information")
    page = sign_in(county.locality_worker).get(at(ask.one(Assignment).id))
    assert "Offer early help, and name a lead professional for an early help assessment" in page.words


@pytest.mark.rule("EV-5")
def test_early_help_sees_only_what_its_scope_names(
    manager: Staff, sign_in: SignIn, county: County, passed: UUID, ask: Ask
) -> None:
    press(manager, passed, line_1="contact-criteria", line_2="contact-information")
    page = sign_in(county.locality_worker).get(at(ask.one(Assignment).id))
    assert "Offer early help" in page.words
    for one in ("Callum Hartley", "Both boys have come in hungry", "Donna Hartley"):
        assert one in page.words
    for one in ("Their grandmother died", "s.rahman@brookfield.example", "Breakfast club", "Ryan Hartley"):
        assert one not in page.words


@pytest.mark.rule("EV-5")
def test_another_team_the_desk_and_the_public_see_nothing_of_it(
    sign_in: SignIn, county: County, given: UUID, app: object
) -> None:
    for user in (county.locality_worker, county.manager_aldermoor, county.officer, county.administrator):
        page = sign_in(user).get(at(given))
        assert page.status == 404, user.name
        assert "Callum" not in page.html


def test_a_team_member_opens_no_request(team: Staff, passed: UUID, given: UUID) -> None:
    assert team.get(of(passed)).status == 404
    assert team.get("/staff/queue").status == 404


@pytest.mark.rule("GL-17")
def test_acknowledge_then_say_what_was_done_then_close_the_referral(team: Staff, given: UUID, ask: Ask) -> None:
    page = team.get(at(given))
    page = team.follow(team.post(at(given, "acknowledge"), version=page.version))
    assert "Acknowledged. The helpdesk sees that you have it." in page.words
    assert team.post(at(given, "finish"), **{"done-words": " "}).errors == [
        "Enter what was done: the referrer reads it"
    ]
    page = team.post(at(given, "finish"), **{"done-words": "Visited on 18 November.", "done-version": version(page)})
    page = team.follow(page)
    assert "Saved as done." in page.words
    assert "Say when the referral closed" in team.get("/staff/sent-to-us/done").words
    bad = team.post(at(given, "close-referral"), **{"close-closed_on": ["31", "2", "2026"]})
    assert bad.errors == [
        "Select why the referral closed",
        "The date it closed must be a real date, for example 31 March 2017",
    ]
    early = {"close-closure": "help_given", "close-closed_on": ["1", "1", "2026"], "close-version": version(page)}
    page = team.post(at(given, "close-referral"), **early)
    assert page.errors == ["Enter the date it closed: not before it was accepted, and not after today"]
    assert page.value("close-closed_on") == "1"
    page = team.post(at(given, "close-referral"), **{**early, "close-closed_on": ["17", "11", "2026"]})
    assert "The referral is closed." in team.follow(page).words
    assert ask.one(Referral).closure == "help_given"


def version(page: object) -> str:
    """Return the version that the page's forms would post."""
    fields = [one for one in page.tree.all("input") if one.attributes.get("name", "").endswith("version")]  # type: ignore[attr-defined]
    return str(fields[0].attributes["value"])


@pytest.mark.rule("GL-17")
def test_the_authority_s_own_reason_is_read_in_the_timeline_in_its_own_words(
    team: Staff, officer: Staff, given: UUID, session: Session, ask: Ask
) -> None:
    with transaction(session):
        session.add(CodedReason(kind=ReasonKind.HAND_BACK, code="camhs", label="CAMHS is with the family"))
        session.add(CodedReason(kind=ReasonKind.GIVE_UP, code="camhs", label="Something else of this code"))
    team.post(at(given, "hand-back"), **{"back-reason": "camhs", "back-words": "Since May."})
    request_id = ask.one(Assignment).request_id
    assert "Handed back by Wren Abara: CAMHS is with the family" in officer.get(of(request_id)).words
    with transaction(session):  # no more on offer: what was said stays readable
        session.scalars(select(CodedReason).where(CodedReason.kind == ReasonKind.HAND_BACK)).one().until = NOW
    assert "Handed back by Wren Abara: CAMHS is with the family" in officer.get(of(request_id)).words


@pytest.mark.rule("GL-8")
def test_what_was_set_aside_for_a_reason_of_the_authority_says_so(
    officer: Staff, sent: Callable[..., UUID], session: Session
) -> None:
    request_id = sent()
    with transaction(session):
        session.add(CodedReason(kind=ReasonKind.SET_ASIDE, code="exercise", label="An exercise of the fire service"))
    version = officer.get(of(request_id, "set-aside")).version
    officer.post(of(request_id, "set-aside"), reason="exercise", version=version)
    assert "Set aside by Grace Oyelaran: an exercise of the fire service" in officer.get(of(request_id)).words


@pytest.mark.rule("GL-17")
def test_handing_back_needs_a_reason_and_ends_sight(team: Staff, officer: Staff, given: UUID, ask: Ask) -> None:
    page = team.post(at(given, "hand-back"), **{"back-words": "On the other side of the bridge."})
    assert page.errors == ["Select why you hand it back"]
    assert page.value("back-words").strip() == "On the other side of the bridge."
    page = team.post(at(given, "hand-back"), **{"back-reason": "other", "back-words": ""})
    assert page.errors == ["Enter what the helpdesk should know"]
    page = team.post(
        at(given, "hand-back"), **{"back-reason": "not_our_area", "back-words": "Other side of the bridge."}
    )
    assert "Handed back to the helpdesk." in team.follow(page).words
    over = team.get(at(given))
    assert "This is no longer with your team" in over.words
    assert "Callum" not in over.html
    words = team.get("/staff/sent-to-us/done").words
    assert "No longer with your team" in words
    assert format_reference(ask.one(ServiceRequest).reference) in words
    assert "Callum" not in words
    assert "Handed back 1" in officer.get("/staff/queue").words


def test_a_second_answer_by_a_colleague_is_told_in_words(team: Staff, manager: Staff, given: UUID) -> None:
    first = team.get(at(given))
    manager.post(at(given, "acknowledge"), version=first.version)
    page = team.post(at(given, "hand-back"), **{"back-reason": "no_capacity", "back-version": first.version})
    assert page.status == 409
    assert page.errors[0].startswith("Somebody else changed this while you had it open.")
    assert page.value("back-reason") == "no_capacity"


@pytest.mark.rule("GL-12")
def test_the_desk_sends_what_came_back_to_another_team(
    team: Staff, officer: Staff, given: UUID, passed: UUID, county: County, ask: Ask
) -> None:
    team.post(at(given, "hand-back"), **{"back-reason": "no_capacity"})
    page = officer.get(of(passed))
    link = next(one.attributes["href"] for one in page.tree.all("a") if "/send" in one.attributes.get("href", ""))
    page = officer.post(link, version="")
    assert page.errors == ["Select a team"]
    page = officer.post(link, version=page.version, team=str(county.assessment_aldermoor))
    assert "Sent. The team is told by email." in officer.follow(page).words
    states = {row.team_id: row.state for row in ask.all(Assignment)}
    assert states[county.assessment_aldermoor] is AssignmentState.SENT


@pytest.mark.rule("EV-5")
def test_each_look_of_a_team_is_logged(team: Staff, given: UUID, passed: UUID, county: County, ask: Ask) -> None:
    team.get("/staff/sent-to-us")
    team.get(at(given))
    looks = ask.all(AccessLog, AccessLog.actor_id == county.social_worker.id)
    assert {(look.act, look.request_id) for look in looks} == {(Access.LIST, None), (Access.VIEW, passed)}
    assert next(look.ids for look in looks if look.act is Access.LIST) == [str(passed)]


def test_a_late_one_is_marked_and_still_taken(
    sign_in: SignIn, county: County, given: UUID, work: Callable[[], None]
) -> None:
    with time_machine.travel(NOW + timedelta(days=1, hours=1), tick=False):
        work()
        team = sign_in(county.social_worker)
        assert "1 h late" in team.get("/staff/sent-to-us").words
        officer = sign_in(county.officer)
        assert "Not acknowledged 1" in officer.get("/staff/queue").words
        assert "Ring the team." in officer.get(f"/staff/tasks/{TaskKind.NOT_ACKNOWLEDGED}").words
        page = team.get(at(given))
        page = team.follow(team.post(at(given, "acknowledge"), version=page.version))
        assert "Taken on" in page.words
