"""Who works here, in a browser of theirs, and how an address is visited."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from helpdesk.domain.office import NewDay, NewTurn
from helpdesk.services.importing.formats import FORMATS
from helpdesk.services.importing.run import import_file
from helpdesk.services.office_days import set_day
from helpdesk.services.rota import add_turn
from infrastructure.database import db, transaction, utc_now
from infrastructure.house import House
from infrastructure.identity.models import Role, Team, UserAccount
from infrastructure.identity.second_factor import offer
from infrastructure.identity.signing_in import hash_password, start_session
from infrastructure.identity.users import User
from service_request.models import (
    Clock,
    ServiceRequest,
    Subject,
)
from tests.factories import (
    NOW,
    County,
    make_county,
    make_user,
    make_waiting,
)
from tests.helpdesk.web.signing_in import PASSWORD, SECRET, code_of
from tests.wall.inside import make_adviser

WRITES = ("INSERT", "UPDATE", "DELETE")
LOOKS = ("INSERT INTO access_log ", "UPDATE web_session SET seen_at=")


class People:
    """A county, those who work there, and the browsers of all."""

    def __init__(self, app: Flask, session: Session, house: House, work: Callable[[], None]) -> None:
        self.app, self.session, self.house, self.work = app, session, house, work

    @cached_property
    def county(self) -> County:
        return make_county(self.session)

    def staff(self, user: User) -> FlaskClient:
        """Return a browser with a live session of this user, last seen two minutes ago."""
        client = self.app.test_client()
        earlier = utc_now() - timedelta(minutes=2)
        token = start_session(self.session, user_id=user.id, settings=self.house.settings, now=earlier)
        client.set_cookie("staff", token, domain="localhost")
        return client

    @cached_property
    def anyone(self) -> FlaskClient:
        """A browser that holds nothing."""
        return self.app.test_client()

    @cached_property
    def officer(self) -> FlaskClient:
        return self.staff(self.county.officer)

    @cached_property
    def with_phone(self) -> FlaskClient:
        """Somebody with a password and an authenticator, signed in here and elsewhere."""
        user_id = self.county.officer_two.id
        with transaction(self.session):
            account = self.session.get_one(UserAccount, user_id)
            account.password_hash = hash_password(PASSWORD, self.house.settings)
            account.totp, account.totp_since = SECRET, NOW
        self.staff(self.county.officer_two)
        return self.staff(self.county.officer_two)

    @cached_property
    def pending(self) -> FlaskClient:
        """The same person's browser after the first step."""
        _ = self.with_phone
        begun: dict[str, Any] = {"user_id": self.county.officer_two.id, "settings": self.house.settings}
        token = start_session(self.session, **begun, now=utc_now(), is_pending=True)
        client = self.app.test_client()
        client.set_cookie("staff", token, domain="localhost")
        return client

    def new_phone(self) -> dict[str, str]:
        """Return what somebody posts who sets up another authenticator."""
        _ = self.with_phone
        secret, sealed = offer(self.county.officer_two.id, now=utc_now())
        return {"key": sealed, "code": code_of(secret), "password": PASSWORD}

    @cached_property
    def manager(self) -> FlaskClient:
        return self.staff(self.county.manager)

    @cached_property
    def manager_aldermoor(self) -> FlaskClient:
        return self.staff(self.county.manager_aldermoor)

    @cached_property
    def administrator(self) -> FlaskClient:
        return self.staff(self.county.administrator)

    @cached_property
    def social_worker(self) -> FlaskClient:
        return self.staff(self.county.social_worker)

    @cached_property
    def adviser_user(self) -> User:
        return make_adviser(self.session)

    @cached_property
    def adviser(self) -> FlaskClient:
        """SENDIASS's adviser, inside the wall."""
        return self.staff(self.adviser_user)

    @cached_property
    def service_manager(self) -> FlaskClient:
        return self.staff(self.county.service_manager)

    @cached_property
    def other_service_manager(self) -> FlaskClient:
        desk = self.session.get_one(Team, self.county.desk)
        return self.staff(make_user(self.session, "Marian Locke", (desk, Role.SERVICE_MANAGER)))

    @cached_property
    def tried_import(self) -> UUID:
        """A file that an administrator tried, and did not import yet."""
        content = b"name,kind,domain\nMoor School,school,moor.example\n"
        by = self.county.administrator
        form = FORMATS["agencies"]
        return import_file(self.session, form, content, dry_run=True, by=by, now=utc_now(), house=self.house).id

    @cached_property
    def own_day(self) -> UUID:
        """A day that an administrator closed."""
        new = NewDay(date(2026, 12, 30), is_worked=False, name="Between the years")
        return set_day(self.session, new=new, by=self.county.administrator, now=utc_now(), house=self.house)

    @cached_property
    def broken(self) -> tuple[UUID, UUID]:
        """A request that was not decided in its 24 hours, and the clock."""
        received_at = utc_now() - timedelta(hours=30)
        request = make_waiting(self.session, self.county, received_at=received_at)
        query = select(Clock.id).where(Clock.request_id == request.id)
        return request.id, self.session.scalars(query).one()

    @cached_property
    def turn(self) -> UUID:
        """A turn of the rota that is to come."""
        since = utc_now() + timedelta(days=3)
        new = NewTurn(since, since + timedelta(hours=16))
        manager, by = self.county.manager, self.county.service_manager
        return add_turn(self.session, user_id=manager.id, area_id=None, new=new, by=by, now=utc_now())

    def reference(self, request_id: UUID) -> str:
        found: str = self.one(select(ServiceRequest.reference).where(ServiceRequest.id == request_id))
        return found

    def subject(self, request_id: UUID) -> UUID:
        return self.one(select(Subject.id).where(Subject.request_id == request_id))

    def one(self, query: Any) -> Any:
        """Read one value as another process would."""
        self.session.rollback()
        found = self.session.scalars(query).one()
        self.session.rollback()
        return found

    def visit(self, client: FlaskClient, method: str, address: str, posted: dict[str, Any] | None = None) -> Visit:
        """Open an address as this browser; note every statement that writes."""
        for name in list(g):
            g.pop(name)
        with self.writes() as written:
            response = client.open(address, method=method, data=posted, buffered=True)
        return Visit(response, written)

    @contextmanager
    def writes(self) -> Iterator[list[str]]:
        """Collect the statements that write, whoever sends them."""
        written: list[str] = []

        def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            if statement.lstrip().upper().startswith(WRITES):
                written.append(" ".join(statement.split()))

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield written
        finally:
            event.remove(db.engine, "before_cursor_execute", note)


class Visit:
    """What came back, and what was written."""

    def __init__(self, response: TestResponse, written: list[str]) -> None:
        self.response, self.written = response, written

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def changes(self) -> list[str]:
        """Return what was written beside the access log and the last-seen time of a session."""
        return [statement for statement in self.written if not statement.startswith(LOOKS)]
