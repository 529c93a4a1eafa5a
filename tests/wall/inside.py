"""The people inside the wall, and enquiries that were handed over."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from helpdesk.services.handing_over import hand_over
from infrastructure.database import Wall, transaction
from infrastructure.files.arriving import Arrival, Arrived
from infrastructure.files.stores import store_of
from infrastructure.house import House
from infrastructure.identity.models import Role, TeamKind
from infrastructure.identity.users import User
from service_request.models import File, FileState
from service_request.services.files.adding import add_to_request
from service_request.services.log_call import log_call
from tests.answers import typed
from tests.factories import NOW, County, make_team, make_user

CALL: dict[str, Any] = {
    "urgency": "routine",
    "narrative": "The school will not keep his place, and nobody answers me about his plan.",
    "caller": "parent",
    "caller_name": "Mairead Corrigan",
    "email": "mairead@corrigan.example",
    "phone": "07700 900888",
    "safe": "yes",
    "child_name": "Tadhg Corrigan",
    "birth_on": ("3", "9", "2014"),
    "address": "8 Wharf Lane\nMillbrook",
    "postcode": "WM2 6TT",
}


def make_adviser(session: Session) -> User:
    """Make SENDIASS's team, inside the wall, and its adviser."""
    team = make_team(session, "SENDIASS", TeamKind.SENDIASS, wall=Wall.SENDIASS)
    return make_user(session, "Nuala Byrne", (team, Role.MEMBER))


def take(session: Session, county: County, house: House, *, now: datetime = NOW, **changes: Any) -> UUID:
    """Log a family's call at the desk."""
    page = typed(**{**CALL, **changes})
    return log_call(session, call_id=uuid4(), typed=page, by=county.officer, now=now, house=house).request_id


def make_enquiry(session: Session, county: County, house: House, *, now: datetime = NOW, **changes: Any) -> UUID:
    """Log a family's call at the desk, and hand it over."""
    request_id = take(session, county, house, now=now, **changes)
    hand_over(session, request_id=request_id, by=county.officer, now=now, house=house)
    return request_id


LETTER = b"The school's letter about Tadhg: his place ends at half term.\n"


def keep_file(session: Session, request_id: UUID, by: User, house: House, content: bytes = LETTER) -> UUID:
    """Add a text file to a request, as staff do, and let it be looked into."""
    coming = Arrival("letter.txt", store_of(house.settings), Wall.OPEN, longest=1_000_000)
    coming.write(content)
    arrived = coming.end()
    assert isinstance(arrived, Arrived)
    file_id = add_to_request(session, request_id, arrived=arrived, note="School letter", by=by, now=NOW, house=house)
    with transaction(session):
        row = session.get_one(File, file_id)
        row.state, row.check_at, row.scanned_at = FileState.CLEAN, None, NOW
    return file_id
