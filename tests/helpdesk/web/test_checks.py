"""The checks of the desk: recorded in a small form, read by the manager who decides (GL-13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy.orm import Session

from helpdesk.services import triage
from helpdesk.services.importing.formats import FORMATS
from helpdesk.services.importing.run import import_file
from infrastructure.database import Wall
from infrastructure.house import House
from service_request.models import CheckMade
from tests.factories import NOW, County
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import SignIn
from tests.helpdesk.web.walking import Staff

pytestmark = [pytest.mark.storage, pytest.mark.rule("GL-13")]
Send = Callable[..., UUID]


def test_what_the_desk_found_is_read_by_the_manager_and_a_later_look_stands_beside(
    session: Session, house: House, officer: Staff, manager: Staff, sent: Send, county: County, ask: Ask
) -> None:
    request_id = sent()
    address = f"/staff/requests/{request_id}/checks"
    page = officer.get(address)
    assert "Is the child known to children's social care?" in page.words
    refused = officer.post(address, version=page.version)
    assert "Answer at least one check" in refused.html
    saved = officer.post(
        address, version=page.version, found_known="yes", words_known="Open in 2024, by the old name.", found_plan="no"
    )
    assert saved.status == 302
    assert "Checks recorded by Grace Oyelaran" in officer.get(f"/staff/requests/{request_id}").words
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        officer.post(address, version=officer.get(address).version, found_plan="not_known")
        triage.pass_to_manager(session, request_id=request_id, by=county.officer, now=NOW, house=house)
        words = manager.get(f"/staff/requests/{request_id}/decide").words
    assert "Is the child known to children's social care? Yes : Open in 2024, by the old name." in words
    assert "Is there a child protection plan, or an order? Not known" in words
    rows = ask.all(CheckMade)
    assert sorted((row.code, row.found) for row in rows) == [("known", "yes"), ("plan", "no"), ("plan", "not_known")]
    assert {row.wall for row in rows} == {Wall.OPEN}


def test_an_authoritys_own_checks_stand_instead(
    session: Session, house: House, officer: Staff, sent: Send, ask: Ask
) -> None:
    request_id = sent()
    content = b"code,label,hint\nschool_asked,Was the school asked?,Ring the safeguarding lead\n"
    import_file(session, FORMATS["checks"], content, dry_run=False, by=None, now=NOW, house=house)
    page = officer.get(f"/staff/requests/{request_id}/checks")
    assert "Was the school asked? Ring the safeguarding lead" in page.words
    assert "Is the child known" not in page.words
    officer.post(
        f"/staff/requests/{request_id}/checks", version=page.version, found_school_asked="no", found_known="yes"
    )
    assert [row.code for row in ask.all(CheckMade)] == ["school_asked"]


def test_who_may_not_act_records_no_check(sign_in: SignIn, sent: Send, county: County) -> None:
    request_id = sent()
    for user in (county.service_manager, county.social_worker, county.administrator):
        assert sign_in(user).get(f"/staff/requests/{request_id}/checks").status in (403, 404)
