"""To restrict takes nothing from those who were given sight before: the page says so, and the next one names them."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from helpdesk.domain.sight_reasons import Giving
from helpdesk.services import restricting
from infrastructure.database import utc_now
from tests.factories import County, make_waiting
from tests.helpdesk.web.walking import Staff


@pytest.fixture
def request_id(session: Session, county: County) -> UUID:
    return make_waiting(session, county).id


@pytest.mark.rule("EV-5")
def test_who_restricts_is_told_that_what_was_given_before_stays_and_to_whom(
    session: Session, county: County, officer: Staff, request_id: UUID
) -> None:
    restricting.give_sight(
        session,
        request_id=request_id,
        user_id=county.social_worker.id,
        parts=None,
        until=None,
        reason=Giving.ADVICE,
        words="To ask.",
        by=county.service_manager,
        now=utc_now(),
    )
    address = f"/staff/requests/{request_id}"
    assert (
        "Who was given sight of it before keeps that until somebody ends it" in officer.get(f"{address}/restrict").words
    )
    done = officer.post(
        f"{address}/restrict",
        reason="colleagues_family",
        words="A nephew.",
        keepers=[str(county.officer.id), str(county.manager.id)],
    )
    assert done.location.startswith(f"{address}/who-sees")
    assert county.social_worker.name in officer.get(f"{address}/who-sees").words
