"""What is stored together is stored as a flush would have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, Integer, LargeBinary, String, Uuid, event
from sqlalchemy.orm import Session

import helpdesk.models  # noqa: F401
from infrastructure.database import Entity, KeyedHash, UtcDateTime, Wall, uuid7
from infrastructure.database.base import Base
from infrastructure.database.columns import EnumText
from infrastructure.database.storing import store_new
from service_request.models import Arrival, Message, Person, Referrer, ReferrerKind, ServiceRequest, Subject
from tests.factories import NOW, make_request

TABLES = [table for table in Base.metadata.sorted_tables if table.name != "key_check"]  # the start fills that
MODELS: dict[str, type[Entity]] = {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}  # type: ignore[attr-defined]
BY_CONSTRAINT: dict[str, dict[str, Any]] = {"decision_line": {"action": None, "contact_reason": "open_case"}}
SAID: tuple[tuple[type[Any], Any], ...] = (
    (KeyedHash, "hashed when it is stored"),
    (UtcDateTime, datetime(2026, 11, 17, 12, 0, tzinfo=UTC)),
    (Uuid, UUID(int=7)),
    (JSON, ["said"]),
    (Date, date(2026, 11, 17)),
    (Boolean, True),
    (Integer, 3),
    (LargeBinary, b"sealed"),
    (String, "said"),
)


def _value(column: Column[Any], ids: dict[str, UUID]) -> Any:
    if column.foreign_keys:
        return ids[next(iter(column.foreign_keys)).column.table.name]
    if isinstance(column.type, EnumText):
        return Wall.SENDIASS if column.key == "wall" else next(iter(column.type.enum))
    return next(value for kind, value in SAID if isinstance(column.type, kind))


def _row(model: type[Entity], ids: dict[str, UUID], *, full: bool) -> Entity:
    """Return a row with all that may be said of it, or with no more than must be."""
    said = {
        one.key: _value(one, ids)
        for one in model.__table__.columns
        if one.key != "id" and (full or not (one.nullable or one.default is not None or one.key == "version"))
    }
    said |= BY_CONSTRAINT.get(model.__tablename__, {})
    return model(id=ids[model.__tablename__], **said)


@pytest.mark.storage
@pytest.mark.parametrize("full", [True, False])
def test_a_row_of_every_table_is_stored_as_a_flush_stores_it(session: Session, full: bool) -> None:
    ids = {table.name: uuid7() for table in TABLES}

    def stored(store: Callable[[], None]) -> dict[str, Any]:
        for table in TABLES:
            session.add(_row(MODELS[table.name], ids, full=full))
            store()
        connection = session.connection()
        rows = {one.name: connection.execute(one.select().where(one.c.id == ids[one.name])).one() for one in TABLES}
        session.rollback()
        return rows

    by_flush = stored(session.flush)
    session.expunge_all()
    assert stored(lambda: store_new(session)) == by_flush


def _request(session: Session) -> tuple[ServiceRequest, Person, Subject]:
    """Add the rows of a request in the order that suits the database least."""
    request_id = uuid7()
    child = Person(wall=Wall.OPEN, request_id=request_id, is_child=True, name="Callum Hartley")
    subject = Subject(wall=Wall.OPEN, request_id=request_id, number=1, person=child, label="x", is_anonymous=False)
    request = ServiceRequest(
        wall=Wall.OPEN,
        id=request_id,
        reference="ABCD2345",
        pathway="social_care",
        kind="call",
        form_version="1",
        channel="email",
        received_at=NOW,
        state="received",
        urgency="routine",
        area_reason="default",
        referrer=Referrer(wall=Wall.OPEN, kind=ReferrerKind.PUBLIC, safe="unset"),
        authority="westmarch",
        told="not_established",
        worries=[],
        headline={},
        missing=[],
    )
    for number in range(3):
        session.add(
            Message(
                wall=Wall.OPEN,
                request_id=request_id,
                direction="in",
                kind="mail",
                at=NOW,
                by_kind="x",
                body=str(number),
            )
        )
    session.add_all([subject, child, request])
    return request, child, subject


@pytest.mark.storage
def test_rows_are_stored_after_what_they_point_to_and_those_of_one_table_by_one_statement(session: Session) -> None:
    sent: list[str] = []

    @event.listens_for(session.get_bind(), "before_cursor_execute")
    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement.split(" (")[0])

    request, child, subject = _request(session)
    with session.no_autoflush:
        store_new(session)
    tables = [one.removeprefix("INSERT INTO ") for one in sent if one.startswith("INSERT")]
    assert sorted(tables) == ["message", "person", "referrer", "service_request", "subject"]
    assert tables.index("referrer") < tables.index("service_request") < tables.index("person") < tables.index("subject")
    assert (request.referrer_id, subject.person_id) == (request.referrer.id, child.id)
    event.remove(session.get_bind(), "before_cursor_execute", note)


@pytest.mark.storage
def test_what_was_stored_is_as_after_a_flush_and_what_changes_later_is_stored_as_ever(session: Session) -> None:
    request, child, _ = _request(session)
    store_new(session)
    assert not session.new
    assert not session.dirty
    assert (request.version, request.restricted, request.names_found, request.closed_at) == (1, False, 0, None)
    assert child.name == "Callum Hartley"
    request.urgency = "danger"
    session.commit()
    session.expire_all()
    assert (request.urgency, request.version) == ("danger", 2)


@pytest.mark.storage
def test_what_was_changed_of_a_stored_row_waits_for_the_flush(session: Session) -> None:
    request = make_request(session)
    session.commit()
    request.urgency = "danger"
    arrival = Arrival(
        wall=Wall.OPEN,
        channel="email",
        endpoint="x",
        external_id="1",
        received_at=NOW,
        stored_at=NOW,
        disposition="kept",
    )
    arrival_id = arrival.id
    session.add(arrival)
    store_new(session)
    assert list(session.dirty) == [request]
    session.rollback()
    session.expire_all()
    assert request.urgency != "danger"
    assert session.get(Arrival, arrival_id) is None
