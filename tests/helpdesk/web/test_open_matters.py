"""What is still open behind a task is not done by saying so: the page says what to do instead (GL-3, GL-12, GL-14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy.orm import Session

from helpdesk.domain.matters import MATTER_WORDS, Matter
from helpdesk.models import Assignment
from helpdesk.services.watch import act_on_clock
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from service_request.domain.consent import Agrees
from service_request.models import (
    Arrival,
    AskedFor,
    Channel,
    Clock,
    Disposition,
    MailLook,
    Outcome,
    Task,
    TaskKind,
)
from service_request.services.tasks import need_task
from tests.factories import NOW, County, make_request, make_waiting
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import SignIn
from tests.helpdesk.web.test_asking import press as press_on
from tests.helpdesk.web.test_assignments import at
from tests.helpdesk.web.test_decide import press
from tests.helpdesk.web.test_request_page import of
from tests.helpdesk.web.walking import Staff
from tests.plugins.house import Mailbox
from tests.wall.inside import make_adviser

pytestmark = pytest.mark.storage


@pytest.fixture
def is_refused(ask: Ask) -> Callable[[Staff, TaskKind, str, str], None]:
    """Return a function that sees no button for the one open task of a kind, presses all the same, and is told why."""

    def see(staff: Staff, kind: TaskKind, ends: str, instead: str) -> None:
        task = ask.one(Task, Task.kind == kind, Task.done_at.is_(None))
        page = staff.get(f"/staff/tasks/{kind}")
        assert ends in page.words
        assert page.tree.all("form", action=f"/staff/tasks/{task.id}/done") == []
        refused = staff.post(f"/staff/tasks/{task.id}/done", kind=kind.value)
        assert refused.status == 409
        assert any(instead in words for words in refused.errors), refused.errors
        here = [
            [one.text for one in shown.tree.all("a") if "aria-current" in one.attributes] for shown in (page, refused)
        ]
        assert here[0] == here[1]
        assert ask.one(Task, Task.id == task.id).done_at is None

    return see


@pytest.mark.rule("GL-3")
@pytest.mark.rule("GL-17")
def test_a_chase_ends_with_its_question_and_not_before(
    officer: Staff, session: Session, county: County, house: House, ask: Ask, is_refused: Callable[..., None]
) -> None:
    request_id = make_request(session, area_id=county.teasel, referrer={"email": None}).id
    press_on(officer, f"{of(request_id)}/ask", needed=["child.1.where/gp"], words="", act="send")
    asked = ask.one(AskedFor)
    is_refused(officer, TaskKind.CALL_BACK, "When it is answered or given up", "say there that it is answered")
    act_on_clock(session, ask.one(Clock, Clock.owner_id == asked.id).id, now=NOW + timedelta(days=30), house=house)
    is_refused(officer, TaskKind.CHASE, "When it is answered or given up", "say there that it is answered")
    press_on(officer, f"{of(request_id)}/asked/{asked.id}/give-up", reason="not_needed")
    assert ask.all(Task, Task.done_at.is_(None)) == []


@pytest.mark.rule("GL-14")
def test_an_outcome_that_is_owed_is_told_and_not_ticked_off(
    officer: Staff,
    manager: Staff,
    session: Session,
    county: County,
    ask: Ask,
    work: Callable[[], None],
    mailbox: Mailbox,
    is_refused: Callable[..., None],
) -> None:
    request = make_waiting(session, county)
    mailbox.answers["s.rahman@brookfield.example"] = ["550 no such person"] * 9
    press(manager, request.id, same="contact-information")
    work()
    is_refused(officer, TaskKind.DELIVERY_FAILED, "When they are told", "The outcome is still owed.")
    outcome = ask.one(Outcome)
    officer.post(of(request.id, f"outcomes/{outcome.id}"), act="cannot", **{"cannot-reason": "not_reached"})
    assert ask.all(Task, Task.done_at.is_(None)) == []


@pytest.mark.rule("GL-12")
def test_what_a_team_gave_back_waits_until_a_team_has_it(
    officer: Staff,
    manager: Staff,
    sign_in: SignIn,
    county: County,
    passed: UUID,
    ask: Ask,
    is_refused: Callable[..., None],
) -> None:
    press(manager, passed, line_1="referral-initial_assessment", line_2="contact-information")
    given = ask.one(Assignment)
    team = sign_in(county.social_worker)
    team.post(at(given.id, "hand-back"), **{"back-reason": "no_capacity", "back-words": "Until May."})
    is_refused(officer, TaskKind.HANDED_BACK, "When a team has it", "No team has this child yet.")


@pytest.mark.rule("GL-13")
def test_a_team_that_is_chased_says_when_the_referral_closed(
    manager: Staff, sign_in: SignIn, county: County, passed: UUID, ask: Ask, is_refused: Callable[..., None]
) -> None:
    press(manager, passed, line_1="referral-initial_assessment", line_2="contact-information")
    given = ask.one(Assignment)
    team = sign_in(county.social_worker)
    team.post(at(given.id, "acknowledge"), version=team.get(at(given.id)).version)
    team.post(at(given.id, "finish"), **{"done-words": "Visited."})
    is_refused(manager, TaskKind.CHASE, "When the referral is closed", "Say on its page when it closed")


@pytest.mark.rule("GL-12")
def test_a_family_is_asked_until_what_it_says_is_recorded(
    officer: Staff, manager: Staff, session: Session, county: County, ask: Ask, is_refused: Callable[..., None]
) -> None:
    request = make_waiting(session, county, agrees=Agrees.NOT_ASKED, referrer={"kind": "public", "safe": "yes"})
    press(manager, request.id, same="contact-criteria")
    is_refused(officer, TaskKind.ASK_AGREEMENT, "When their answer is recorded", "record it under Consent")
    task = ask.one(Task, Task.kind == TaskKind.ASK_AGREEMENT)
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        page = officer.get(of(request.id, "consent"))
        said = {"told": "yes", "who_told": "parent", "agrees": "no", "agrees_who": "parent", "version": page.version}
        assert officer.post(of(request.id, "consent"), **said).status == 302
        assert officer.post(f"/staff/tasks/{task.id}/done", kind="ask_agreement").status == 302


@pytest.mark.rule("GL-3")
def test_a_link_to_a_question_that_did_not_arrive_leaves_the_question_open(
    officer: Staff, session: Session, county: County, ask: Ask, work: Callable[[], None], mailbox: Mailbox,
    is_refused: Callable[..., None],
) -> None:  # fmt: skip
    mailbox.answers["s.rahman@brookfield.example"] = ["550 no such person"] * 9
    request_id = make_request(session, area_id=county.teasel).id
    press_on(officer, f"{of(request_id)}/ask", needed=["child.1.where/gp"], words="", act="send")
    work()
    is_refused(officer, TaskKind.DELIVERY_FAILED, "When it is answered or given up", "This is still asked")
    press_on(officer, f"{of(request_id)}/asked/{ask.one(AskedFor).id}/give-up", reason="not_needed")
    task = ask.one(Task, Task.kind == TaskKind.DELIVERY_FAILED)
    assert officer.post(f"/staff/tasks/{task.id}/done", kind="delivery_failed").status == 302


@pytest.mark.rule("EV-1")
@pytest.mark.parametrize("kind", [TaskKind.UNREADABLE, TaskKind.UNROUTED])
def test_what_is_held_is_read_by_somebody_before_its_task_ends(
    officer: Staff, session: Session, is_refused: Callable[..., None], kind: TaskKind
) -> None:
    with transaction(session):
        arrival = Arrival(
            wall=Wall.OPEN, channel=Channel.SMS, endpoint="sms", external_id="one", raw=b"x", received_at=NOW,
            stored_at=NOW, disposition=Disposition.HELD,
        )  # fmt: skip
        session.add(arrival)
        session.flush()
        need_task(session, kind, cause="held", about_id=arrival.id, now=NOW)
    is_refused(officer, kind, "When you have said what it is", "make it a request, or set it aside")


@pytest.mark.parametrize("wall", [Wall.OPEN, Wall.SENDIASS])
def test_a_mailbox_that_is_not_read_is_not_ticked_off_on_either_side(
    officer: Staff, sign_in: SignIn, session: Session, ask: Ask, wall: Wall
) -> None:
    with transaction(session):
        look = MailLook(wall=wall, address="box@westmarch.example", failing_since=NOW, failures=9, next_at=NOW, fence=1)
        session.add(look)
        session.flush()
        need_task(session, TaskKind.MAIL_DELAYED, cause="delayed", about_id=look.id, now=NOW, wall=wall)
        look_id = look.id
    staff, inside = (officer, "") if wall is Wall.OPEN else (sign_in(make_adviser(session)), "enquiries/")
    address = f"/staff/{inside}tasks/{ask.one(Task).id}/done"
    refused = staff.post(address, kind="mail_delayed")
    assert (refused.status, refused.errors) == (409, [MATTER_WORDS[Matter.NOT_READ].instead])
    assert "When the mailbox is read again" in refused.words
    with transaction(session):
        session.get_one(MailLook, look_id).failing_since = None
    assert staff.post(address, kind="mail_delayed").status == 302
