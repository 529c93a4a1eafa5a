"""What the desk opens and what the worker seeks is found by an index, never by reading a whole side of the wall.

SQLite is asked how it would go about each statement. It knows nothing of the tables, as in an installation: nobody has
it gather figures. PostgreSQL gathers its own, and reads so few rows one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from helpdesk.services.tasks import MATTERS
from infrastructure.database import Wall, db, transaction
from infrastructure.database.base import Base
from service_request.models import Person, Similarity, TaskKind
from service_request.services.matching import find_similar
from service_request.services.sight.addressed import _said_unsafe_before
from service_request.services.tasks import need_task
from tests.factories import NOW, County, make_request
from tests.helpdesk.web.walking import Staff

WALLED = {table.name for table in Base.metadata.tables.values() if "wall" in table.c} - {"team"}
# Short lists: what is restricted, what is open (up to the cap, in order), the tasks that are to be done. And what came
# last, which is read from its end.
MAY_BE_READ = (
    "ix_service_request_restricted",
    "ix_service_request_open",
    "ix_task_open",
    "ix_service_request_wall_received_at",
)


@contextmanager
def plans(session: Session) -> Iterator[list[str]]:
    """Collect the steps by which a whole table, or a whole side of the wall, would be read meanwhile."""
    sent: list[tuple[str, object]] = []

    def note(_: object, __: object, statement: str, values: object, *rest: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            sent.append((statement, values))

    whole: list[str] = []
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield whole
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    session.rollback()
    assert sent
    for statement, values in sent:
        steps = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()  # type: ignore[arg-type]
        whole += [f"{step[-1]}: {statement[:200]}" for step in steps if _is_whole(str(step[-1]))]
    session.rollback()


def _is_whole(step: str) -> bool:
    found = re.match(r"(SCAN|SEARCH) (\w+?)(?:_\d+)?(?= |$)(?: USING (?:COVERING )?INDEX (\w+))?(.*)", step)
    if found is None or found[2] not in WALLED or found[3] in MAY_BE_READ:
        return False
    return found[1] == "SCAN" or "(wall=?)" in found[4]


@pytest.mark.parametrize(
    ("step", "is_whole"),
    [
        ("SCAN person", True),
        ("SCAN person_1", True),
        ("SEARCH person USING INDEX ix_person_wall_match_wanted_at (wall=?)", True),
        ("SEARCH person USING INDEX ix_person_wall_request_id (wall=? AND request_id=?)", False),
        ("SEARCH person USING INDEX sqlite_autoindex_person_1 (id=?)", False),
        ("SCAN service_request USING INDEX ix_service_request_open", False),
        ("SCAN team", False),
    ],
)
def test_reading_a_whole_side_of_the_wall_is_noticed(step: str, is_whole: bool) -> None:
    assert _is_whole(step) is is_whole


@pytest.mark.parametrize("page", ["/staff/queue", "/staff/queue?view=mine", "/staff/queue?view=closed", "request"])
def test_what_the_desk_opens_is_found_by_an_index(
    officer: Staff, session: Session, county: County, sent: Callable[..., object], page: str
) -> None:
    request_id = sent()
    path = f"/staff/requests/{request_id}" if page == "request" else page
    with plans(session) as whole:
        assert officer.get(path).status == 200
    assert whole == []


@pytest.mark.parametrize("kind", MATTERS)
def test_what_is_open_behind_a_page_of_tasks_is_found_by_an_index(
    officer: Staff, session: Session, county: County, kind: TaskKind
) -> None:
    with transaction(session):
        for number in range(13):  # more than SQLite takes for few
            need_task(session, kind, cause=f"made {number}", about_id=uuid4(), now=NOW)
    with plans(session) as whole:
        assert officer.get(f"/staff/tasks/{kind}").title.split(" – ")[0].endswith(": 13")
    assert whole == []


def test_a_child_is_sought_among_many_by_its_keys(session: Session, county: County) -> None:
    for _ in range(13):  # more that look alike than SQLite takes for few
        one = make_request(session, matched=False)
        child = session.query(Person).filter(Person.request_id == one.id, Person.is_child).one().id
        session.rollback()
        with plans(session) as whole:
            find_similar(session, child, now=NOW)
        assert whole == []
    assert session.query(Similarity).count() == 13 * 12 / 2


def test_who_said_that_writing_is_unsafe_is_sought_by_the_address(session: Session, county: County) -> None:
    with plans(session) as whole:
        _said_unsafe_before(session, Wall.OPEN, "+447700900123")
    assert whole == []
