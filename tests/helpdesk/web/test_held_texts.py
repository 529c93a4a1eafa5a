"""A text that no code could read is read by the desk, and made a request or set aside (EV-1, GL-16)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services.held_texts import open_held_text, set_aside_held_text
from infrastructure.database import Wall, utc_now
from infrastructure.house import House
from infrastructure.trail import AccessLog
from service_request.models import Arrival, Conversation, Disposition, Message, ServiceRequest, Task
from service_request.pathways.social_care.rules import SetAsideReason
from service_request.services.refusals import NotYoursError
from tests.architecture.stage import Stage
from tests.enquiring import make_held
from tests.factories import NOW, County, make_county

pytestmark = pytest.mark.rule("EV-1")
WORDS = "%% the kids are out again %%"


@pytest.fixture
def county(session: Session) -> County:
    return make_county(session)


@pytest.mark.rule("GL-16")
@pytest.mark.storage
def test_the_desk_makes_a_request_of_it_and_what_they_text_next_belongs_to_it(
    session: Session, county: County, house: House
) -> None:
    held = make_held(session, WORDS, wall=Wall.OPEN)
    request_id = open_held_text(session, arrival_id=held, by=county.officer, now=NOW, house=house)
    session.rollback()
    request = session.get_one(ServiceRequest, request_id)
    assert (request.wall, request.kind, request.received_at) == (Wall.OPEN, "public_worried", NOW)
    assert session.scalars(select(Message.body_sealed)).all() != []
    assert session.scalars(select(Conversation.request_id)).one() == request_id
    assert session.get_one(Arrival, held).disposition is Disposition.REQUEST
    assert session.scalars(select(Task.done_at)).all() == [NOW]
    with pytest.raises(NotYoursError):
        open_held_text(session, arrival_id=held, by=county.officer, now=NOW, house=house)


@pytest.mark.rule("GL-8")
def test_what_is_no_request_is_kept_and_set_aside_with_a_reason(session: Session, county: County, house: House) -> None:
    held = make_held(session, WORDS, wall=Wall.OPEN)
    reason = SetAsideReason.JUNK
    set_aside_held_text(session, arrival_id=held, reason=reason, by=county.officer, now=NOW, house=house)
    row = session.get_one(Arrival, held)
    assert (row.disposition, row.reason, row.raw is not None) == (Disposition.NOT_A_REQUEST, "junk", True)
    assert session.scalars(select(ServiceRequest.id)).all() == []


@pytest.mark.rule("SE-5")
def test_what_is_held_inside_is_not_the_desks(session: Session, county: County, house: House) -> None:
    held = make_held(session, WORDS)
    with pytest.raises(NotYoursError):
        open_held_text(session, arrival_id=held, by=county.officer, now=NOW, house=house)


@pytest.mark.rule("EV-5")
def test_the_list_leads_to_its_words_and_the_look_is_logged(
    app: Any, client: FlaskClient, session: Session, house: House, work: Callable[[], None]
) -> None:
    with time_machine.travel(NOW, tick=False):
        stage = Stage(app, session, house, work)
        held = make_held(session, WORDS, wall=Wall.OPEN)
        grace = stage.staff(stage.county.officer)
        assert f"/staff/held/{held}" in grace.get("/staff/tasks/unreadable").text
        page = grace.get(f"/staff/held/{held}")
        assert WORDS in page.text and "Make it a request" in page.text
        looks = session.scalars(select(AccessLog).where(AccessLog.at == utc_now())).all()
        assert str(held) in [one for row in looks for one in row.ids]
