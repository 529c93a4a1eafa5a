"""The tasks of the desk, calls taken, people and teams."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from infrastructure.database import transaction
from service_request.domain.consent import Told
from service_request.domain.references import format_reference, spoken
from service_request.models import Channel, Message, Outcome, OutcomeState, ReferrerKind, ServiceRequest, Task, TaskKind
from service_request.services.tasks import need_task
from tests.factories import NOW, County, make_request, make_waiting
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import SignIn
from tests.helpdesk.web.test_decide import press
from tests.helpdesk.web.test_request_page import of
from tests.helpdesk.web.walking import Staff
from tests.plugins.house import Mailbox

CALL = {
    "urgency": "routine",
    "narrative": "A boy is alone most evenings.",
    "caller": "neighbour",
    "child_name": "Leon Marsh",
    "told": "not_established",
}


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize("safe", ["yes", "no"])
def test_whom_a_call_is_logged_of_is_rung_by_one_press_unless_that_is_not_safe(
    officer: Staff, session: Session, county: County, safe: str
) -> None:
    request = make_request(session, area_id=county.teasel, referrer={"kind": ReferrerKind.FAMILY, "safe": safe})
    for page in (officer.get(of(request.id)), officer.get(of(request.id, "call"))):
        assert "01632 960355" in page.words
        assert bool(page.tree.all("a", href="tel:+441632960355")) is (safe == "yes")
    assert ("Not safe to reach them there: do not ring." in page.words) is (safe == "no")


@pytest.mark.rule("GL-14")
def test_a_mail_that_could_not_be_delivered_is_a_task_and_a_call_settles_it(
    officer: Staff,
    manager: Staff,
    session: Session,
    county: County,
    ask: Ask,
    work: Callable[[], None],
    mailbox: Mailbox,
) -> None:
    request = make_waiting(session, county)
    mailbox.answers["s.rahman@brookfield.example"] = ["550 no such person"] * 9
    press(manager, request.id, same="contact-information")
    work()
    assert "Could not deliver 1" in officer.get("/staff/queue").words
    page = officer.get(f"/staff/tasks/{TaskKind.DELIVERY_FAILED}")
    assert "Not delivered: the outcome." in page.words
    assert "could not be delivered" in officer.get(of(request.id)).words
    link = next(one.attributes["href"] for one in page.tree.all("a") if "/outcomes/" in one.attributes["href"])
    empty = officer.post(link, act="told", **{"told-words": ""})
    assert empty.errors == ["Enter whom you spoke to and what you told them"]
    page = officer.follow(officer.post(link, act="told", **{"told-words": "Told Samina Rahman what was decided."}))
    assert "Recorded: they were told by phone." in page.words
    assert ask.one(Outcome).state is OutcomeState.SENT
    assert ask.all(Task, Task.done_at.is_(None)) == []


@pytest.mark.rule("GL-14")
def test_nobody_can_be_told_needs_a_reason(
    officer: Staff, manager: Staff, session: Session, county: County, ask: Ask
) -> None:
    request = make_waiting(session, county, referrer={"kind": ReferrerKind.FAMILY, "safe": "unset"})
    press(manager, request.id, same="contact-information")
    assert "Call back 1" in officer.get("/staff/queue").words
    page = officer.get(f"/staff/tasks/{TaskKind.CALL_BACK}")
    link = next(one.attributes["href"] for one in page.tree.all("a") if "/outcomes/" in one.attributes["href"])
    assert officer.post(link, act="cannot").errors == ["Select why nobody can be told"]
    page = officer.follow(officer.post(link, act="cannot", **{"cannot-reason": "not_reached"}))
    assert "nobody can be told" in page.words
    assert ask.one(Outcome).reason == "not_reached"


def test_a_task_is_done_once_and_leaves_the_list(officer: Staff, session: Session, county: County, ask: Ask) -> None:
    request = make_request(session)
    with transaction(session):
        need_task(session, TaskKind.NEW_INFORMATION, cause="x", request_id=request.id, now=NOW)
    task = ask.one(Task)
    assert "Callum Hartley" in officer.get("/staff/tasks/new_information").words
    page = officer.follow(officer.post(f"/staff/tasks/{task.id}/done", kind="new_information"))
    assert "Marked as done." in page.words
    assert "Nothing is waiting here. The last one came today 09:00, and is done." in page.words
    assert officer.post(f"/staff/tasks/{uuid4()}/done", kind="new_information").status == 404


@pytest.mark.rule("EV-5")
def test_tasks_of_the_desk_are_not_those_of_a_manager_of_an_area(
    sign_in: SignIn, session: Session, county: County, ask: Ask
) -> None:
    request = make_request(session)
    with transaction(session):
        need_task(session, TaskKind.ALERT, cause="x", request_id=request.id, now=NOW)
    manager = sign_in(county.manager_aldermoor)
    assert "Callum" not in manager.get("/staff/tasks/alert").words
    assert manager.post(f"/staff/tasks/{ask.one(Task).id}/done", kind="alert").status == 404


@pytest.mark.rule("GL-7")
def test_a_call_is_kept_whatever_the_answer_about_telling(officer: Staff, county: County, ask: Ask) -> None:
    page = officer.get("/staff/take-call")
    assert "If a child is in immediate danger, call 999 now." in page.words
    call_id = page.value("call_id")
    page = officer.follow(officer.post("/staff/take-call", **CALL, call_id=call_id))
    request = ask.one(ServiceRequest)
    assert (request.channel, request.told) == (Channel.PHONE, Told.NOT_ESTABLISHED)
    assert format_reference(request.reference) in page.words
    assert spoken(request.reference) in page.words
    assert "Leon" not in page.title


@pytest.mark.rule("EV-3")
def test_the_same_call_saved_twice_is_one_request(officer: Staff, county: County, ask: Ask) -> None:
    call_id = str(uuid4())
    first = officer.post("/staff/take-call", **CALL, call_id=call_id)
    second = officer.post("/staff/take-call", **CALL, call_id=call_id)
    assert first.location == second.location
    assert len(ask.all(ServiceRequest)) == 1


@pytest.mark.rule("EV-1")
def test_another_call_saved_from_the_same_page_is_never_dropped(officer: Staff, county: County, ask: Ask) -> None:
    call_id = str(uuid4())
    officer.post("/staff/take-call", **CALL, call_id=call_id)
    other = {**CALL, "child_name": "Nia Marsh", "narrative": "Her sister has been left alone as well."}
    page = officer.post("/staff/take-call", **other, call_id=call_id)
    assert page.status == 409
    assert format_reference(ask.one(ServiceRequest).reference) in page.words
    assert page.value("narrative").strip() == "Her sister has been left alone as well."
    assert officer.post("/staff/take-call", **other, call_id=page.value("call_id")).status == 302
    assert len(ask.all(ServiceRequest)) == 2


def test_a_call_with_nothing_said_keeps_what_was_typed(officer: Staff, county: County, ask: Ask) -> None:
    typed = {**CALL, "narrative": " ", "birth_on": ["31", "2", "2017"], "address": "3 Weir Cottages\r\nMillbrook"}
    page = officer.post("/staff/take-call", **typed, call_id=str(uuid4()))
    assert page.errors[0] == "Enter what was said"
    assert page.value("birth_on") == "31"
    assert page.value("child_name") == "Leon Marsh"
    assert page.value("address").split() == "3 Weir Cottages Millbrook".split()
    page = officer.post("/staff/take-call", token="stale", **CALL)
    assert page.status == 400
    assert page.value("narrative").strip() == "A boy is alone most evenings."
    assert ask.all(ServiceRequest) == []


def test_only_the_desk_takes_calls(sign_in: SignIn, county: County, manager: Staff) -> None:
    for user in (county.manager, county.locality_worker, county.administrator, county.service_manager):
        staff = sign_in(user)
        assert staff.get("/staff/take-call").status == 404
        assert "Take a call" not in staff.follow(staff.get("/staff/")).words


def test_the_administrator_reads_people_and_teams_and_no_request(
    sign_in: SignIn, county: County, sent: Callable[..., UUID], ask: Ask
) -> None:
    request_id = sent()
    staff = sign_in(county.administrator)
    words = staff.get("/staff/people").words
    for one in ("Grace Oyelaran", "Helpdesk", "Officer", "Assessment Teasel Vale", "Manager"):
        assert one in words
    assert "Hartley" not in words
    assert staff.get(of(request_id)).status == 404
    assert ask.all(Message, Message.kind == "note") == []


def test_only_the_administrator_reads_people_and_teams(sign_in: SignIn, county: County) -> None:
    for user in (county.officer, county.manager, county.locality_worker, county.service_manager):
        assert sign_in(user).get("/staff/people").status == 404
