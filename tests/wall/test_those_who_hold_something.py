"""Those who hold something of what was handed over: the family its receipt, an officer a call page, a clerk a reference."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from helpdesk.services.handing_over import hand_over
from infrastructure.house import House
from service_request.domain.references import format_reference, new_reference
from service_request.models import ServiceRequest
from service_request.pathways.social_care.codes import FormKind
from service_request.services.drafts import start_draft
from service_request.services.log_call import log_call
from service_request.services.refusals import NotYoursError
from service_request.services.send_form import answers_digest, send_form
from tests.answers import Answers, typed
from tests.architecture.stage import Stage
from tests.architecture.test_routes import _token
from tests.factories import NOW
from tests.wall.inside import CALL

pytestmark = pytest.mark.rule("SE-5")
LATER = NOW + timedelta(minutes=5)
FAMILY: Answers = {
    "safety": typed(urgency="routine"),
    "concerns": typed(narrative="The school will not keep his place."),
    "child.1.brief": typed(name="Tadhg Corrigan", birth_on=(3, 9, 2014)),
    "home": typed(postcode="WM2 6TT"),
    "you": typed(name="Mairead Corrigan", relationship="parent"),
    "reach": typed(email="mairead@corrigan.example", safe="yes"),
}


@pytest.fixture
def stage(app: Flask, session: Session, house: House, work: Any) -> Iterator[Stage]:
    with time_machine.travel(NOW, tick=False):
        made = Stage(app, session, house, work)
        _ = made.adviser_user
        yield made


@pytest.mark.storage
def test_a_family_still_reads_its_receipt_and_sending_again_is_the_same_request(stage: Stage) -> None:
    county, session, house = stage.county, stage.session, stage.house
    draft = start_draft(session, kind=FormKind.PUBLIC_FAMILY, device=None, answers=FAMILY, now=NOW, house=house)
    sending: dict[str, Any] = {"device": draft.device, "digest": answers_digest(FAMILY), "house": house}
    sent = send_form(session, draft_id=draft.id, now=NOW, **sending)
    hand_over(session, request_id=sent.request_id, by=county.officer, now=LATER, house=house)
    again = send_form(session, draft_id=draft.id, now=LATER, **sending)
    assert again.reference == sent.reference
    family = stage.app.test_client()
    family.set_cookie("device", draft.device, domain="localhost")
    page = stage.visit(family, "GET", f"/request/{draft.id}/sent")
    assert page.status == 200 and format_reference(sent.reference) in page.response.text
    stage.work()


def test_a_call_saved_again_after_it_was_handed_over_is_not_there(stage: Stage) -> None:
    call_id = uuid4()
    call: dict[str, Any] = {
        "call_id": call_id, "typed": typed(**CALL), "by": stage.county.officer, "now": NOW, "house": stage.house
    }  # fmt: skip
    taken = log_call(stage.session, **call)
    assert log_call(stage.session, **call).reference == taken.reference
    hand_over(stage.session, request_id=taken.request_id, by=stage.county.officer, now=LATER, house=stage.house)
    with pytest.raises(NotYoursError):
        log_call(stage.session, **call)


def test_the_glass_breaks_on_no_enquiry_whatever_the_reason(stage: Stage) -> None:
    reference = format_reference(stage.session.get_one(ServiceRequest, stage.enquiry).reference)
    for user in (stage.county.officer, stage.county.service_manager, stage.county.manager):
        client, answers = stage.staff(user), []
        for typed_reference in (reference, format_reference(new_reference())):
            page = stage.visit(client, "GET", "/staff/break-glass").response.text
            assert 'name="reference"' in page
            posted = {
                "reference": typed_reference, "reason": "danger", "words": "A child may be in danger.",
                "csrf_token": _token(stage, client),
            }  # fmt: skip
            answer = stage.visit(client, "POST", "/staff/break-glass", posted)
            assert answer.status != 302
            answers.append(
                answer.response.text.replace(typed_reference, "").replace(typed_reference.replace("-", ""), "")
            )
        assert _without_tokens(answers[0]) == _without_tokens(answers[1])


def _without_tokens(page: str) -> str:
    import re

    return re.sub(r'(nonce|value)="[^"]*"', "", page)
