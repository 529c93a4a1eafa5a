"""Folding and what comes after the end, at a browser (EV-1, EV-4, EV-7, GL-8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from helpdesk.services.after_closed import ADDED, NOTED
from helpdesk.services.agreement import record_consent
from helpdesk.services.closing import close
from helpdesk.services.decide import decide
from helpdesk.services.telling import told_by_phone
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.trail import Event
from service_request.domain.consent import Agrees, Told
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import (
    Arrival,
    Channel,
    Disposition,
    LinkKind,
    Message,
    Outcome,
    RequestLink,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.models import Clock as ClockRow
from service_request.pathways.social_care.rules import ContactReason
from service_request.services.tasks import need_task
from tests.factories import CALLUM, NOW, RYAN, County, keep, make_decision, make_request, make_waiting
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import SignIn
from tests.helpdesk.web.test_request_page import of
from tests.helpdesk.web.walking import Page, Staff

NURSE = {"name": "Nell Ashby", "email": "school.nurse@brookfield.example"}


@pytest.fixture
def pair(session: Session, county: County) -> tuple[ServiceRequest, ServiceRequest]:
    """A nurse's request about Callum, and the teacher's about him and Ryan that waits for the manager."""
    early = make_request(session, area_id=county.teasel, received_at=NOW - timedelta(hours=3), referrer=NURSE)
    return early, make_waiting(session, county, children=(CALLUM, RYAN))


def fold_page(request: ServiceRequest, other: ServiceRequest) -> str:
    return f"{of(request.id, 'fold')}?into={format_reference(other.reference)}"


def press(staff: Staff, address: str, page: Page | None = None, **changes: Any) -> Page:
    page = page or staff.get(address)
    fields = {"version": page.value("version"), "into_version": page.value("into_version"), **changes}
    return staff.post(address, **{name: value for name, value in fields.items() if value is not None})


@pytest.mark.rule("EV-4")
@pytest.mark.rule("EV-7")
def test_an_officer_folds_a_second_request_into_the_first_and_unfolds_it(
    officer: Staff, pair: tuple[ServiceRequest, ServiceRequest], ask: Ask
) -> None:
    early, late = pair
    address = fold_page(early, late)
    page = officer.get(of(early.id, "fold"))
    assert "You see both side by side first." in page.words
    page = officer.get(address)
    assert "This one is folded" in page.words
    assert "Nell Ashby" in page.words
    refused = press(officer, address, page)
    assert refused.errors == ["Select which child Callum Hartley is"]
    page = officer.follow(press(officer, address, page, child_1=str(ask.subjects(late.id)[0])))
    assert "Folded into this request." in page.words
    assert "Folded into this one" in page.words
    folded = officer.get(of(early.id))
    assert "Folded into " + format_reference(late.reference) in folded.words
    assert "Unfold" in folded.buttons
    assert "Claim" not in folded.buttons
    page = officer.follow(officer.post(of(early.id, "unfold"), version=folded.version))
    assert "It stands where it stood, with its own clock." in page.words
    row = ask.one(ServiceRequest, ServiceRequest.id == early.id)
    assert (row.state, row.folded_into_id) == (RequestState.RECEIVED, None)


@pytest.mark.rule("GL-9")
def test_whoever_decides_is_shown_what_was_folded_in_and_who_reads_the_reason(
    officer: Staff, manager: Staff, pair: tuple[ServiceRequest, ServiceRequest], ask: Ask
) -> None:
    early, late = pair
    address = fold_page(early, late)
    press(officer, address, child_1=str(ask.subjects(late.id)[0]))
    words = manager.get(of(late.id, "decide")).words
    assert f"Folded into this one {format_reference(early.reference)}" in words
    assert "professionals read the reason in your words" in words


@pytest.mark.rule("EV-4")
def test_a_child_said_to_be_the_same_is_chosen_already_and_the_other_request_is_offered(
    officer: Staff, session: Session, county: County, ask: Ask, work: Any
) -> None:
    one, other = (make_request(session, area_id=county.teasel, matched=False, referrer=who) for who in ({}, NURSE))
    work()
    later = max((one, other), key=lambda row: row.id)
    earlier = one if later is other else other
    page = officer.get(of(later.id, "fold"))
    assert format_reference(earlier.reference) in page.words
    page = officer.get(fold_page(later, earlier))
    assert page.value("child_1") == str(ask.subjects(earlier.id)[0])


def test_a_reference_that_is_not_there_or_not_theirs_is_refused_alike(
    officer: Staff, pair: tuple[ServiceRequest, ServiceRequest], session: Session, county: County
) -> None:
    early, _ = pair
    hidden = make_request(session, area_id=county.teasel, restricted=True)
    for typed in ("ABCD-EFGH", "nonsense", format_reference(early.reference), format_reference(hidden.reference)):
        page = officer.get(f"{of(early.id, 'fold')}?into={typed}")
        assert page.status == 400
        assert page.errors == ["Check the reference: you see no other request of that reference"]


@pytest.mark.rule("GL-6")
def test_what_cannot_be_folded_is_refused_before_both_are_laid_side_by_side(
    officer: Staff, pair: tuple[ServiceRequest, ServiceRequest], session: Session, county: County
) -> None:
    early, _ = pair
    talk = make_request(session, area_id=county.teasel, kind="in_principle", told=Told.IN_PRINCIPLE)
    closed = make_request(session, area_id=county.teasel, state=RequestState.CLOSED)
    refused = {"a talk without names": (early, talk), "The other request has ended": (early, closed)}
    refused["It is decided by itself"] = (talk, early)
    for sentence, (own, other) in refused.items():
        page = officer.get(fold_page(own, other))
        assert page.status == 400 and sentence in page.errors[0]
        assert page.value("into") == format_reference(other.reference) and "This one is folded" not in page.words
    assert "Fold into another" in officer.get(of(early.id)).words
    assert "Fold into another" not in officer.get(of(talk.id)).words


@pytest.mark.rule("EV-3")
def test_the_second_of_two_officers_sees_what_changed_and_folds_nothing(
    officer: Staff, sign_in: SignIn, pair: tuple[ServiceRequest, ServiceRequest], county: County, ask: Ask
) -> None:
    early, late = pair
    address = fold_page(early, late)
    page = officer.get(address)
    sign_in(county.officer_two).post(of(early.id, "claim"))
    refused = press(officer, address, page, child_1=str(ask.subjects(late.id)[0]))
    assert refused.status == 409
    assert ask.one(ServiceRequest, ServiceRequest.id == early.id).state is RequestState.IN_TRIAGE


@pytest.mark.rule("EV-3")
def test_a_press_on_an_old_page_unfolds_nothing_that_was_folded_again_since(
    officer: Staff, sign_in: SignIn, pair: tuple[ServiceRequest, ServiceRequest], county: County, ask: Ask
) -> None:
    early, late = pair
    child = str(ask.subjects(late.id)[0])
    press(officer, fold_page(early, late), child_1=child)
    old, colleague = officer.get(of(early.id)), sign_in(county.officer_two)
    colleague.post(of(early.id, "unfold"), version=old.version)
    press(colleague, fold_page(early, late), child_1=child)
    assert officer.post(of(early.id, "unfold"), version=old.version).status == 409
    assert ask.one(ServiceRequest, ServiceRequest.id == early.id).state is RequestState.FOLDED


@pytest.fixture
def came_after(session: Session, county: County) -> tuple[UUID, UUID]:
    """A mail that answered a request which was closed: a contact of its own, linked."""
    closed = make_request(session, area_id=county.teasel, state=RequestState.CLOSED)
    new = make_request(session, area_id=county.teasel, children=[], channel=Channel.EMAIL, kind="call")
    closed_id, new_id = closed.id, new.id
    with transaction(session):
        session.add(RequestLink(wall=closed.wall, from_id=new_id, to_id=closed_id, kind=LinkKind.AFTER_CLOSED, at=NOW))
        session.add(
            Message(
                wall=closed.wall,
                request_id=new_id,
                direction="in",
                kind="mail",
                at=NOW,
                by_kind="referrer",
                body="He has moved to his aunt.",
            )
        )
    return closed_id, new_id


@pytest.mark.rule("EV-1")
def test_what_came_after_the_end_is_offered_and_can_be_a_new_request(
    officer: Staff, came_after: tuple[UUID, UUID], ask: Ask
) -> None:
    _, new_id = came_after
    page = officer.get(of(new_id))
    assert "had ended" in page.words
    page = officer.follow(officer.post(of(new_id, "late/new")))
    assert "It is a request of its own." in page.words
    assert "Say what it is" not in page.words
    assert ask.one(ServiceRequest, ServiceRequest.id == new_id).state is RequestState.RECEIVED
    assert officer.post(of(new_id, "late/add")).status == 409


@pytest.mark.rule("EV-1")
@pytest.mark.rule("GL-9")
def test_it_can_be_added_to_the_closed_one_whose_manager_is_asked_to_look_again(
    officer: Staff, manager: Staff, came_after: tuple[UUID, UUID], ask: Ask
) -> None:
    closed_id, new_id = came_after
    page = officer.follow(officer.post(of(new_id, "late/add")))
    assert "He has moved to his aunt." in page.words
    assert "New information came" in page.words
    assert "Replace the decision" in manager.get(of(closed_id)).buttons
    row = ask.one(ServiceRequest, ServiceRequest.id == new_id)
    assert (row.state, row.set_aside_reason) == (RequestState.SET_ASIDE, ADDED)
    page = officer.follow(officer.post(of(new_id, "restore")))
    assert ask.one(ServiceRequest, ServiceRequest.id == new_id).state is RequestState.RECEIVED
    task = ask.one(Task, Task.request_id == closed_id)
    refused = officer.post(f"/staff/tasks/{task.id}/done", kind="new_information")
    assert (refused.status, "Open the request, read it, and say there what it is." in refused.words) == (409, True)
    assert "New information came" in officer.get(of(closed_id)).words
    noted = officer.get(of(closed_id)).tree.one("form", action=f"/staff/tasks/{task.id}/done?noted=yes")
    assert "Noted" in noted.text
    officer.post(noted.attributes["action"], kind="new_information")
    assert "New information came" not in officer.get(of(closed_id)).words


@pytest.mark.rule("GL-9")
def test_what_came_before_the_decision_is_not_said_to_have_come_after_the_end(
    officer: Staff, session: Session, county: County, house: House, ask: Ask
) -> None:
    request_id = make_waiting(session, county).id
    for cause, minutes in (("before", -5), ("since", 5)):
        with transaction(session):
            at = NOW + timedelta(minutes=minutes)
            need_task(session, TaskKind.NEW_INFORMATION, cause=cause, request_id=request_id, now=at)
    decision = make_decision(keep(ask.subjects(request_id)[0], ContactReason.CRITERIA))
    decide(session, request_id=request_id, decision=decision, by=county.manager, now=NOW, house=house)
    words = officer.get(of(request_id)).words
    assert words.count("It came before the decision, and nobody has noted it.") == 1
    assert words.count("The decision stands until another one replaces it.") == 1
    assert "A closed request opens again" not in words


@pytest.mark.rule("EV-1")
@pytest.mark.rule("GL-8")
def test_it_can_be_only_noted_and_is_counted(
    officer: Staff, manager: Staff, came_after: tuple[UUID, UUID], ask: Ask
) -> None:
    _, new_id = came_after
    assert manager.post(of(new_id, "late/noted")).status in (403, 404)
    officer.post(of(new_id, "late/noted"))
    row = ask.one(ServiceRequest, ServiceRequest.id == new_id)
    assert (row.state, row.set_aside_reason) == (RequestState.SET_ASIDE, NOTED)
    assert ask.one(ClockRow, ClockRow.request_id == new_id).ended_at == NOW
    assert "only noted" in officer.get(of(new_id)).words


@pytest.mark.rule("GL-8")
def test_what_is_set_aside_is_counted_by_reason_and_week(
    officer: Staff, session: Session, county: County, ask: Ask
) -> None:
    for _ in range(2):
        make_request(session, area_id=county.teasel, state=RequestState.SET_ASIDE, set_aside_reason="junk")
    fortnight = NOW - timedelta(days=14)
    make_request(session, state=RequestState.SET_ASIDE, set_aside_reason="test", received_at=fortnight)
    inside = {"wall": "sendiass", "state": RequestState.SET_ASIDE, "set_aside_reason": "junk", "pathway": "sendiass"}
    make_request(session, **inside)
    with transaction(session):
        for number, disposition in enumerate((Disposition.NOT_A_REQUEST, Disposition.MACHINE)):
            session.add(
                Arrival(
                    wall="open",
                    channel=Channel.SMS,
                    endpoint="01632 960100",
                    external_id=f"late-{number}",
                    received_at=NOW,
                    stored_at=NOW,
                    disposition=disposition,
                    reason="wrong_number",
                )
            )
    page = officer.get("/staff/set-aside")
    rows = {row.all("th")[0].text: [cell.text for cell in row.all("td")] for row in page.tree.all("tr")[1:]}
    assert rows["Junk or advertising"] == ["2", "0", "0", "0", "0", "0", "2"]
    assert rows["A test"] == ["0", "0", "1", "0", "0", "0", "1"]
    assert rows["Wrong number or meant for someone else"][-1] == "1"
    assert rows["Machine mail, filed by itself"][-1] == "1"
    assert rows["All"][-1] == "5"
    assert "how much" in officer.get("/staff/queue?view=set_aside").words.lower()
    assert ask.all(Event, Event.act == "set_aside") == []  # looking counts, and changes nothing


@pytest.mark.rule("GL-7")
@pytest.mark.rule("GL-12")
def test_the_familys_yes_after_the_end_is_passed_on_by_one_press(
    officer: Staff, session: Session, county: County, house: House, ask: Ask
) -> None:
    request_id = make_waiting(session, county, agrees=Agrees.NO).id
    decision = make_decision(keep(ask.subjects(request_id)[0], ContactReason.CRITERIA))
    decide(session, request_id=request_id, decision=decision, by=county.manager, now=NOW, house=house)
    told_by_phone(session, outcome_id=ask.one(Outcome).id, words="Told.", by=county.officer, now=NOW)
    close(session, request_id=request_id, by=county.officer, now=NOW)
    given: dict[str, Any] = {"told": Told.YES, "agrees": Agrees.YES, "agrees_who": "parent", "house": house}
    record_consent(session, request_id=request_id, by=county.officer, now=NOW, **given)
    page = officer.get(of(request_id))
    assert "The family agrees now: what was decided can be passed to the team" in page.words
    news = ask.one(Task, Task.kind == TaskKind.NEW_INFORMATION)
    done = officer.follow(officer.post(of(request_id, f"late/{news.id}/send-on")))
    assert "Passed on, as was decided." in done.words and "The family agrees: passed on as was decided" in done.words
    assert "The family agrees now" not in done.words
    assert [one.team_id for one in ask.assignments(request_id)] == [county.locality]
    assert officer.post(of(request_id, f"late/{news.id}/send-on")).status == 409
