"""That an address asked for its requests is no count that stays outside once SENDIASS has it (SE-5)."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.models import AttemptCount
from service_request.models import ReferrerKind
from service_request.services.crossing import move_inside
from service_request.services.holding import ask_for_mine
from service_request.services.sight.system import lock_request
from tests.factories import NOW, make_request

ADDRESS = "joan.pike@home.example"


@pytest.mark.rule("SE-5")
@pytest.mark.storage
def test_how_often_an_address_asked_goes_with_what_crosses(session: Session, house: House) -> None:
    request_id = make_request(session, referrer={"kind": ReferrerKind.FAMILY, "email": ADDRESS}).id
    ask_for_mine(session, email=ADDRESS, now=NOW, house=house)
    assert len(session.scalars(select(AttemptCount)).all()) == 1
    with transaction(session):
        move_inside(session, lock_request(session, request_id), now=NOW, house=house)
    assert session.scalars(select(AttemptCount)).all() == []
