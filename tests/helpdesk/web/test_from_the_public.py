"""What the public and families ask for: received as a contact, decided like any other request (GL-16)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask

from helpdesk.models import Assignment, Decision, Referral
from service_request.domain.consent import Told
from service_request.domain.states import RequestState
from service_request.models import Channel, Clock, ClockKind, Consent, Outcome, ServiceRequest
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.test_decide import press
from tests.helpdesk.web.test_request_page import of
from tests.helpdesk.web.walking import Staff
from tests.service_request.channels.web.walking import Person

STORY = "I need help with the mornings."
OVERRIDE = {"basis": "public_task", "override_reason": "The child may be hurt tonight."}
CALL = {"urgency": "routine", "narrative": STORY}


def decide_as_referral(officer: Staff, manager: Staff, request: ServiceRequest, told: Told) -> None:
    """Pass a request on and accept its only child, over the pages of the desk and of the manager."""
    page = officer.get(of(request.id))
    assert "In your words" not in page.words and "How to reach you" not in page.words
    assert officer.post(of(request.id, "pass"), version=page.version).status == 302
    page = press(manager, request.id, same="referral-initial_assessment", **({} if told is Told.YES else OVERRIDE))
    assert "The decision is saved." in manager.follow(page).words


@pytest.mark.rule("GL-16")
@pytest.mark.parametrize("name", ["Ryan", ""])
@pytest.mark.parametrize(
    ("who", "told"),
    [
        ("public_family", Told.YES),
        ("public_child", Told.YES),
        ("public_worried", Told.NOT_ESTABLISHED),
    ],
)
def test_a_short_form_starts_as_a_contact_and_is_accepted_like_any_other(
    app: Flask,
    officer: Staff,
    manager: Staff,
    work: Callable[[], None],
    ask: Ask,
    who: str,
    told: Told,
    name: str,
) -> None:
    person = Person(app.test_client())
    person.begin_short(who).fill({"concerns": {"narrative": STORY}, "child.1.brief": {"name": name}}).send()
    work()  # it looks for the child among earlier ones
    request = ask.one(ServiceRequest)
    assert (request.channel, request.state) == (Channel.WEB, RequestState.RECEIVED)
    assert ask.one(Consent).told is told
    assert ask.one(Clock).kind is ClockKind.DECISION
    assert ask.all(Decision) == ask.all(Referral) == []
    decide_as_referral(officer, manager, request, told)
    assert ask.one(Referral).subject_id == ask.subjects(request.id)[0]
    assert ask.one(Assignment).request_id == request.id
    assert ask.one(Outcome).body["h1"] == "What you told us was considered"


@pytest.mark.rule("GL-16")
@pytest.mark.parametrize(
    ("caller", "heard", "told"),
    [
        ("parent", "yes", Told.YES),
        ("self", "not_established", Told.YES),
        ("neighbour", "not_established", Told.NOT_ESTABLISHED),
        ("anonymous", "not_established", Told.NOT_ESTABLISHED),
    ],
)
def test_the_public_and_families_ask_by_phone_as_well(
    officer: Staff, manager: Staff, ask: Ask, caller: str, heard: str, told: Told
) -> None:
    page = officer.post("/staff/take-call", **CALL, caller=caller, told=heard, call_id=str(uuid4()))
    assert page.status == 302
    request = ask.one(ServiceRequest)
    assert (request.channel, request.state) == (Channel.PHONE, RequestState.RECEIVED)
    assert ask.one(Consent).told is request.told is told
    assert ask.all(Decision) == ask.all(Referral) == []
    decide_as_referral(officer, manager, request, told)
    assert ask.one(Referral).subject_id == ask.subjects(request.id)[0]
