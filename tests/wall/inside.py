"""The people inside the wall, and enquiries that were handed over."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from helpdesk.services.handing_over import hand_over
from infrastructure.database import Wall
from infrastructure.house import House
from infrastructure.identity.models import Role, TeamKind
from infrastructure.identity.users import User
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
