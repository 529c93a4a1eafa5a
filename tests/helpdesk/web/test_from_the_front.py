"""What a form or a call becomes on its way in: whose it is, by when, and what the desk may make of it (GL-7, GL-8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from helpdesk.models import DecisionLine, Referral
from infrastructure.database import db, transaction
from service_request.domain.consent import Agrees, Told
from service_request.models import AreaPrefix, Clock, ClockKind, Consent, ServiceRequest
from tests.answers import child_pages, typed
from tests.factories import NOW, County, make_county, make_waiting
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.test_decide import press
from tests.helpdesk.web.test_request_page import of
from tests.helpdesk.web.test_tasks_and_calls import CALL
from tests.helpdesk.web.walking import Staff

Send = Callable[..., UUID]


@pytest.fixture
def prefixes(session: Session, county: County) -> None:
    """WM is Teasel Vale, the default; WM4 7 is Aldermoor."""
    with transaction(session):
        session.add(AreaPrefix(area_id=county.teasel, prefix="WM"))
        session.add(AreaPrefix(area_id=county.aldermoor, prefix="WM4 7"))


def child_at(**where: Any) -> dict[str, Any]:
    """Return the pages of a form about one child who lives there."""
    pages = {key: page for key, page in child_pages(1, "Callum Hartley", (14, 3, 2017)).items() if "where" not in key}
    return {**pages, "child.1.where": typed(**where), "child.2.where": typed(lives="same")}


@pytest.mark.rule("GL-8")
@pytest.mark.parametrize(
    ("where", "area", "reason"),
    [
        ({"lives": "address", "address": "18 Tanners Row", "postcode": "WM4 2QT"}, "teasel", "postcode"),
        ({"lives": "address", "address": "3 Weir Cottages", "postcode": "wm4 7qt"}, "aldermoor", "postcode"),
        ({"lives": "address", "address": "1 Far Street", "postcode": "NX1 1AA"}, "teasel", "outside"),
        ({"lives": "no_fixed", "postcode": "WM4 7QT"}, "teasel", "default"),
        ({"lives": "not_known"}, "teasel", "default"),
        ({"lives": "not_known", "area": "aldermoor"}, "aldermoor", "chosen"),
    ],
    ids=["prefix", "longest_prefix", "outside", "no_fixed_abode", "unknown", "chosen"],
)
def test_the_address_says_whose_decision_it_is(
    prefixes: None, sent: Send, ask: Ask, county: County, where: dict[str, str], area: str, reason: str
) -> None:
    sent(child_at(**where))
    request = ask.one(ServiceRequest)
    assert (request.area_id, request.area_reason) == (getattr(county, area), reason)


@pytest.mark.rule("GL-8")
def test_what_was_sent_is_due_24_hours_after_it_came(sent: Send, ask: Ask) -> None:
    sent()
    clock = ask.one(Clock)
    due_at = NOW + timedelta(hours=24)
    assert (clock.kind, clock.started_at, clock.due_at, clock.ended_at) == (ClockKind.DECISION, NOW, due_at, None)
    assert ask.one(ServiceRequest).next_due_at == due_at


@pytest.mark.rule("GL-8")
@pytest.mark.parametrize(
    ("promise", "due_at"),
    [
        ("24_hours", NOW + timedelta(hours=24)),
        ("working_day", datetime(2026, 11, 18, 17, 0, tzinfo=UTC)),
        ("earlier_of_both", NOW + timedelta(hours=24)),
    ],
)
def test_an_authority_may_promise_a_working_day(make_app: Any, promise: str, due_at: datetime) -> None:
    app: Flask = make_app(decision_promise=promise)
    with app.app_context():
        session, house = db.session(), app.extensions["house"]
        officer = Staff(app).signed_in(session, house, make_county(session).officer)
        officer.post("/staff/take-call", **CALL, call_id=str(uuid4()))
        assert Ask(session).one(Clock, Clock.kind == ClockKind.DECISION).due_at == due_at


@pytest.mark.rule("GL-8")
@pytest.mark.parametrize("reason", ["junk", "wrong_number", "machine"])
def test_what_is_no_request_is_set_aside_by_the_desk_and_counted(
    officer: Staff, manager: Staff, sent: Send, ask: Ask, reason: str
) -> None:
    request_id = sent()
    assert manager.post(of(request_id, "set-aside"), version="1", reason=reason).status == 404
    page = officer.get(of(request_id, "set-aside"))
    officer.post(of(request_id, "set-aside"), version=page.version, reason=reason)
    assert ask.one(ServiceRequest).set_aside_reason == reason
    assert "Callum Hartley" in officer.get("/staff/queue?view=set_aside").words


@pytest.mark.rule("GL-7")
@pytest.mark.parametrize(
    "said", [{}, {"told": "yes"}, {"told": "not_yet"}, {"told": "risk", "risk_reason": "He is violent."}]
)
def test_a_call_of_which_only_the_words_are_known_is_kept_as_it_was_said(
    officer: Staff, county: County, ask: Ask, said: dict[str, str]
) -> None:
    page = officer.post("/staff/take-call", narrative="A child cries at night upstairs.", **said, call_id=str(uuid4()))
    assert page.status == 302, page.errors
    told = Told(said.get("told", "not_established"))
    row = ask.one(Consent)
    assert (ask.one(ServiceRequest).told, row.told, row.reason) == (told, told, said.get("risk_reason"))


@pytest.mark.rule("GL-7")
@pytest.mark.parametrize("agrees", [Agrees.NO, Agrees.NOT_ASKED])
def test_agreement_to_a_service_holds_back_early_help_and_nothing_else(
    manager: Staff, session: Session, county: County, ask: Ask, agrees: Agrees
) -> None:
    for action in ("initial_assessment", "provide_information", "other"):
        request = make_waiting(session, county, told=Told.YES, agrees=agrees)
        page = press(manager, request.id, same=f"referral-{action}")
        assert page.status == 302, page.errors
        assert [one.team_id for one in ask.assignments(request.id)] == [county.assessment]
    request = make_waiting(session, county, told=Told.YES, agrees=agrees)
    assert press(manager, request.id, same="contact-criteria").status == 302
    assert ask.assignments(request.id) == []


@pytest.mark.rule("GL-7")
def test_the_latest_answer_about_telling_is_the_one_on_record(
    manager: Staff, officer: Staff, sent: Send, ask: Ask
) -> None:
    request_id = sent()
    officer.post(of(request_id, "pass"), version=officer.get(of(request_id)).version)
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        page = officer.get(of(request_id, "consent"))
        officer.post(of(request_id, "consent"), version=page.version, told="not_established", agrees="not_asked")
    with time_machine.travel(NOW + timedelta(minutes=10), tick=False):
        assert press(manager, request_id, same="referral-none").status == 409
        page = officer.get(of(request_id, "consent"))
        officer.post(of(request_id, "consent"), version=page.version, told="yes", agrees="not_asked")
    with time_machine.travel(NOW + timedelta(minutes=15), tick=False):
        assert press(manager, request_id, same="referral-none").status == 302
    assert len(ask.all(Referral)) == 2


@pytest.mark.rule("GL-8")
def test_what_came_is_a_contact_until_a_manager_accepts_it(
    manager: Staff, officer: Staff, passed: UUID, ask: Ask
) -> None:
    assert ask.all(Referral) == []
    press(manager, passed, line_1="contact-information", line_2="later")
    assert ask.all(Referral) == []
    press(manager, passed, line_1="keep", line_2="referral-initial_assessment")
    assert ask.one(Referral).subject_id == ask.subjects(passed)[1]


@pytest.mark.rule("GL-8")
def test_a_child_of_another_authority_is_known_by_the_address_and_signposted(
    prefixes: None, manager: Staff, officer: Staff, sent: Send, ask: Ask
) -> None:
    request_id = sent(child_at(lives="address", address="1 Far Street", postcode="NX1 1AA"))
    page = officer.get(of(request_id))
    assert "the address is outside every area: the default area decides" in page.words
    officer.post(of(request_id, "pass"), version=page.version)
    assert press(manager, request_id, same="contact-signpost").status == 302
    assert {line.contact_reason for line in ask.all(DecisionLine)} == {"signpost"}
