"""A promise that was broken: a manager says why, it stays on the request, and it is counted (EV-7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy.orm import Session

from helpdesk.services.decide import decide
from helpdesk.services.enquiries.attempts import log_attempt
from helpdesk.services.lateness import say_why
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.models import Role, Team, TeamKind
from infrastructure.trail import Event, verify
from service_request.models import Channel, Clock, ClockBreach, ClockEnd, ClockKind, ServiceRequest, Task, TaskKind
from service_request.services.clocks import end_clock
from service_request.services.refusals import NotYoursError
from tests.factories import NOW, County, keep, make_decision, make_request, make_user, make_waiting
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import SignIn
from tests.wall.inside import make_adviser, make_enquiry

pytestmark = [pytest.mark.storage, pytest.mark.rule("EV-7")]
LATE = NOW + timedelta(hours=24)


@pytest.fixture
def late(session: Session, county: County, work: Callable[[], None]) -> ServiceRequest:
    """A request whose 24 hours have run out, as the worker left it."""
    request = make_waiting(session, county)
    with time_machine.travel(LATE, tick=False):
        work()
    return request


def address(ask: Ask, request_id: UUID) -> str:
    clock = ask.one(Clock, Clock.request_id == request_id)
    return f"/staff/requests/{request_id}/clocks/{clock.id}/why"


def test_the_worker_asks_the_managers_why_and_the_task_is_done_by_the_reason_alone(
    late: ServiceRequest, county: County, sign_in: SignIn, ask: Ask, session: Session
) -> None:
    with time_machine.travel(LATE, tick=False):
        helen = sign_in(county.manager)
        task = ask.one(Task, Task.kind == TaskKind.WHY_LATE)
        assert "Say why it was late" in helen.get("/staff/tasks/why_late").words
        assert helen.post(f"/staff/tasks/{task.id}/done").status == 404
        page = helen.get(f"/staff/requests/{late.id}")
        assert "Decision: 1 h late. Say why it was late" in page.words
        asked = helen.get(address(ask, late.id))
        assert "Not enough people on duty" in asked.words
        assert helen.post(address(ask, late.id)).errors == ["Select why it was late"]
        assert helen.post(address(ask, late.id), reason="other").errors == ["Enter what happened"]
        assert helen.post(address(ask, late.id), reason="full_moon").errors == ["Select why it was late"]
        saved = helen.post(address(ask, late.id), reason="not_enough_people", words="Two of four were ill.")
        words = helen.follow(saved).words
    assert "The reason is recorded" in words
    assert "Decision: 1 h late. Not enough people on duty. Two of four were ill. Helen Prosser" in words
    assert "Why it was late was recorded by Helen Prosser" in words
    assert ask.one(Task, Task.kind == TaskKind.WHY_LATE).done_by_id == county.manager.id
    facts = next(event.facts for event in ask.all(Event) if event.act == "say_why_late")
    assert "ill" not in str(facts)
    assert list(verify(session)) == []


def test_what_was_recorded_stays_when_it_is_said_anew(
    late: ServiceRequest, county: County, sign_in: SignIn, ask: Ask
) -> None:
    with time_machine.travel(LATE, tick=False):
        helen = sign_in(county.manager)
        helen.post(address(ask, late.id), reason="overlooked")
    with time_machine.travel(LATE + timedelta(hours=1), tick=False):
        helen = sign_in(county.manager)
        page = helen.follow(helen.post(address(ask, late.id), reason="came_late_to_us"))
        assert "It reached us late" in page.words and "It was overlooked" not in page.words
    assert [row.code for row in ask.all(ClockBreach)] == ["overlooked", "came_late_to_us"]


def test_a_decision_that_came_late_is_asked_about_though_no_worker_ran(
    session: Session, county: County, house: House, ask: Ask
) -> None:
    request = make_waiting(session, county)
    now, lines = LATE + timedelta(minutes=5), [keep(one) for one in ask.subjects(request.id)]
    decide(
        session,
        request_id=request.id,
        decision=make_decision(*lines),
        version=None,
        by=county.manager,
        now=now,
        house=house,
    )
    assert ask.one(Task, Task.kind == TaskKind.WHY_LATE).request_id == request.id


def test_what_was_kept_in_time_or_is_the_referrers_is_asked_of_nobody(
    session: Session, county: County, house: House, ask: Ask
) -> None:
    request = make_waiting(session, county)
    lines = [keep(one) for one in ask.subjects(request.id)]
    decide(
        session,
        request_id=request.id,
        decision=make_decision(*lines),
        version=None,
        by=county.manager,
        now=NOW,
        house=house,
    )
    assert ask.all(Task, Task.kind == TaskKind.WHY_LATE) == []


def test_an_officer_and_another_areas_manager_say_nothing_of_it(
    late: ServiceRequest, session: Session, county: County, sign_in: SignIn, ask: Ask
) -> None:
    values = {"request_id": late.id, "clock_id": ask.one(Clock, Clock.due_at < LATE).id, "words": "", "now": LATE}
    with pytest.raises(NotYoursError):
        say_why(session, reason="overlooked", by=county.officer, **values)
    with time_machine.travel(LATE, tick=False):
        for user in (county.officer, county.manager_aldermoor, county.social_worker, county.administrator):
            person = sign_in(user)
            assert person.get(address(ask, late.id)).status == 404
            assert person.post(address(ask, late.id), reason="overlooked").status == 404
        assert "Nobody has said why yet" in sign_in(county.officer).get(f"/staff/requests/{late.id}").words
    assert ask.all(ClockBreach) == []


def test_the_list_counts_what_was_late_and_shows_what_has_no_reason_yet(
    late: ServiceRequest, session: Session, county: County, sign_in: SignIn, ask: Ask, work: Callable[[], None]
) -> None:
    make_request(session, area_id=county.aldermoor)
    with time_machine.travel(LATE, tick=False):
        work()
        helen, ian = sign_in(county.manager), sign_in(county.service_manager)
        page = helen.get("/staff/late").words
        assert "Nobody has said why yet 1" in page, "of her own area alone"
        assert "Nobody has said why yet 2" in ian.get("/staff/late").words
        helen.post(address(ask, late.id), reason="overlooked")
        assert "Decision It was overlooked 1" in helen.get("/staff/late").words
        assert "Every one has a reason" in helen.get("/staff/late?show=unsaid").words
        assert "Say why" in ian.get("/staff/late?show=unsaid").words
        assert sign_in(county.officer).get("/staff/late").status == 404


def test_a_promise_that_was_taken_back_is_not_late(
    late: ServiceRequest, session: Session, county: County, sign_in: SignIn
) -> None:
    with transaction(session):
        end_clock(session, ("request", late.id), ClockKind.DECISION, ClockEnd.FOLDED, LATE)
    with time_machine.travel(LATE, tick=False):
        assert "Nothing was late" in sign_in(county.manager).get("/staff/late").words


@pytest.mark.rule("SE-5")
def test_inside_the_wall_an_adviser_says_why_and_nobody_outside_hears_of_it(
    session: Session, county: County, house: House, sign_in: SignIn, ask: Ask, work: Callable[[], None]
) -> None:
    adviser = make_adviser(session)
    enquiry = make_enquiry(session, county, house)
    clock = ask.one(Clock, Clock.request_id == enquiry, Clock.kind == ClockKind.FIRST_CONTACT)
    at = clock.due_at + timedelta(minutes=5)
    with time_machine.travel(at, tick=False):
        work()
        nuala = sign_in(adviser)
        page = nuala.get(f"/staff/enquiries/{enquiry}")
        assert "Reach them" in page.words and "Say why it was late" in page.words
        why = f"/staff/requests/{enquiry}/clocks/{clock.id}/why"
        assert sign_in(county.service_manager).get(why).status == 404
        log_attempt(session, request_id=enquiry, channel=Channel.PHONE, reached=True, by=adviser, now=at, house=house)
        assert "It was overlooked" in nuala.follow(nuala.post(why, reason="overlooked")).words
        team = ask.one(Team, Team.kind == TeamKind.SENDIASS)
        ruth = sign_in(make_user(session, "Ruth Adeyemi", (team, Role.MANAGER)))
        assert "Reach them It was overlooked 1" in ruth.get("/staff/late").words
        assert "overlooked" not in sign_in(county.service_manager).get("/staff/late").words
    assert ask.one(ClockBreach).wall == "sendiass"


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 18, "9" * 40])
def test_no_number_of_a_page_breaks_the_list(county: County, sign_in: SignIn, page: str) -> None:
    assert sign_in(county.service_manager).get(f"/staff/late?page={page}").status == 200
