"""A code that no page offers is refused: it would stand in the database in clear, whatever it says (W14, T26)."""

from __future__ import annotations

from uuid import uuid4

import pytest

from service_request.models import Consent
from tests.factories import County, make_waiting
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.walking import Staff


@pytest.mark.parametrize("field", ["who_told", "agrees_who", "lawful_basis"])
@pytest.mark.rule("GL-4")
def test_an_answer_nobody_was_offered_is_not_recorded(officer: Staff, county: County, ask: Ask, field: str) -> None:
    request = make_waiting(ask.session, county)
    typed = {"told": "yes", "agrees": "yes", "agrees_who": "parent", field: "Callum Hartley"}
    page = officer.post(f"/staff/requests/{request.id}/consent", **typed)
    assert page.status == 200
    assert page.errors == ["Select one of the choices shown"]
    assert len(ask.all(Consent)) == 1


@pytest.mark.rule("EV-4")
def test_no_answer_to_a_hint_is_not_taken_for_no(officer: Staff, county: County, ask: Ask) -> None:
    request = make_waiting(ask.session, county)
    page = officer.post(f"/staff/requests/{request.id}/hints/{uuid4()}")
    assert (page.status, "Select whether it is the same child" in page.words) == (400, True)
