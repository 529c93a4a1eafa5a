"""Who walks through the staff pages, on a Tuesday at nine, and what they find there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from helpdesk.services import triage
from infrastructure.database import db, utc_now
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.pathways.social_care.codes import FormKind
from service_request.services.drafts import save_step, start_draft
from service_request.services.send_form import answers_digest, send_form
from tests.answers import FULL_FORM
from tests.factories import NOW, County
from tests.helpdesk.web.walking import Staff


@pytest.fixture(autouse=True)
def tuesday_at_nine() -> Iterator[None]:
    """Let every page be opened at the moment that the factories speak of."""
    with time_machine.travel(NOW, tick=False):
        yield


SignIn = Callable[[User], Staff]


@pytest.fixture
def sign_in(app: Flask, session: Session, house: House) -> SignIn:
    """Give somebody a browser with a live session."""
    return lambda user: Staff(app).signed_in(session, house, user)


@pytest.fixture
def officer(sign_in: SignIn, county: County) -> Staff:
    """Grace Oyelaran of the helpdesk."""
    return sign_in(county.officer)


@pytest.fixture
def manager(sign_in: SignIn, county: County) -> Staff:
    """Helen Prosser, manager for Teasel Vale."""
    return sign_in(county.manager)


@pytest.fixture
def sent(session: Session, house: House, county: County, work: Callable[[], None]) -> Callable[..., UUID]:
    """Send Samina Rahman's form about two brothers, by the service itself; `typed` changes its pages."""

    def send(typed: dict[str, Any] | None = None, *, look: bool = True) -> UUID:
        answers = {**deepcopy(FULL_FORM), **(typed or {})}
        now = utc_now()
        draft = start_draft(session, kind=FormKind.FULL, device=None, now=now, house=house)
        for key, page in answers.items():
            save_step(session, draft.id, device=draft.device, key=key, typed=page, now=now, house=house)
        receipt = send_form(
            session, draft_id=draft.id, device=draft.device, digest=answers_digest(answers), now=now, house=house
        )
        if look:
            work()
        return receipt.request_id

    return send


@pytest.fixture
def passed(sent: Callable[..., UUID], session: Session, house: House, county: County) -> UUID:
    """A sent form, claimed by Grace and passed to the manager."""
    request_id = sent()
    triage.pass_to_manager(session, request_id=request_id, by=county.officer, now=utc_now(), house=house)
    return request_id


class Queries:
    """Counts the statements of one page."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __call__(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            self.statements.append(statement)


@pytest.fixture
def queries(app: Flask) -> Iterator[Queries]:
    """The statements sent since the last clear(); BEGIN and COMMIT are none."""
    counter = Queries()
    event.listen(db.engine, "before_cursor_execute", counter)
    yield counter
    event.remove(db.engine, "before_cursor_execute", counter)
