"""What an adviser reads of an evaluation: what somebody answered with their name, and nothing else (SE-8)."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from infrastructure.house import House
from service_request.services.enquiries.evaluation_answers import answer_evaluation
from tests.evaluating import ALL_FIVES, make_reached, send_out, token_in_outbox
from tests.factories import NOW, County
from tests.helpdesk.web.conftest import SignIn
from tests.wall.inside import make_adviser

pytestmark = [pytest.mark.storage, pytest.mark.rule("SE-8")]
PANEL = "How it went, with their name"


@pytest.mark.parametrize("with_name", [True, False], ids=["named", "anonymous"])
def test_an_adviser_reads_what_was_answered_with_a_name_and_nothing_of_what_was_not(
    session: Session, house: House, county: County, sign_in: SignIn, with_name: bool
) -> None:
    adviser = sign_in(make_adviser(session))
    request_id = make_reached(session, house, now=NOW)
    page = f"/staff/enquiries/{request_id}"
    assert PANEL not in adviser.get(page).words
    send_out(session, house, request_id, now=NOW)
    token = token_in_outbox(session, request_id)
    answer_evaluation(session, token=token, answers=ALL_FIVES, with_name=with_name, now=NOW, house=house)
    shown = adviser.get(page).words
    assert (PANEL in shown) is with_name
    assert ("Very easy" in shown) is with_name
