"""What an adviser reads fits SENDIASS: no manager's decision, no referrer, and a place that is said once."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.house import House
from service_request.models import Enquiry, TaskKind
from service_request.services.tasks import need_task
from tests.enquiring import make_texted
from tests.factories import NOW, County
from tests.helpdesk.web.conftest import SignIn
from tests.wall.inside import make_adviser

pytestmark = pytest.mark.storage


@pytest.fixture
def enquiry(session: Session, house: House, county: County) -> UUID:
    """An enquiry by text that nobody has taken."""
    return make_texted(session, house).id


@pytest.mark.rule("SE-5")
@pytest.mark.parametrize("kind", [TaskKind.NEW_INFORMATION, TaskKind.DELIVERY_FAILED, TaskKind.FILE])
def test_what_is_to_do_sends_an_adviser_to_nobody_outside(
    session: Session, county: County, sign_in: SignIn, enquiry: UUID, kind: TaskKind
) -> None:
    with transaction(session):
        need_task(session, kind, cause="probe", request_id=enquiry, now=NOW, wall=Wall.SENDIASS)
    adviser = sign_in(make_adviser(session))
    for where in ("/staff/enquiries", f"/staff/enquiries/{enquiry}"):
        words = adviser.get(where).words
        assert not [said for said in ("the manager", "the referrer", "Open the request") if said in words], where


def test_a_postcode_that_stands_in_the_place_is_not_said_twice(
    session: Session, county: County, sign_in: SignIn, enquiry: UUID
) -> None:
    with transaction(session):
        row = session.scalars(select(Enquiry).where(Enquiry.request_id == enquiry, Enquiry.wall == Wall.SENDIASS)).one()
        row.facts = {**row.facts, "place": "Manchester M1 1AA", "postcode": "M1 1AA"}
    page = sign_in(make_adviser(session)).get(f"/staff/enquiries/{enquiry}")
    assert page.words.count("M1 1AA") == 1
