"""SENDIASS's adviser, an enquiry that nobody has looked at, and what an act is done with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from infrastructure.house import House
from infrastructure.identity.users import User
from tests.enquirers import make_open_enquiry
from tests.factories import NOW, County
from tests.wall.inside import make_adviser

Act = Callable[..., Any]


@pytest.fixture
def adviser(session: Session, county: County) -> User:
    """Nuala Byrne, inside the wall."""
    return make_adviser(session)


@pytest.fixture
def enquiry(session: Session, house: House, adviser: User) -> UUID:
    """A text that came on Tuesday at nine; nobody has looked at it yet."""
    return make_open_enquiry(session, house)


@pytest.fixture
def act(session: Session, house: House, adviser: User) -> Act:
    """Do an act as the adviser: `act(levels.rise, enquiry, level=...)`; `now` and `by` may be changed."""

    def do(service: Callable[..., Any], request_id: UUID, *, now: datetime = NOW, **values: Any) -> Any:
        session.rollback()
        return service(session, request_id=request_id, **{"by": adviser, "now": now, "house": house, **values})

    return do
