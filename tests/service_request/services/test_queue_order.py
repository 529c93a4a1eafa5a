"""A list of the queue is read in the order of an index, so that among a million it costs what it costs among few."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from infrastructure.database import db, transaction
from service_request.domain.states import RequestState
from service_request.models import ServiceRequest
from service_request.models.request import IS_OPEN
from service_request.pathways.social_care.rules import UNDECIDED
from service_request.services.sight.queue import list_queue
from service_request.services.sight.queue_views import Place, View
from service_request.services.sight.waiting import count_waiting
from tests.factories import NOW, County, make_county, make_request

SERVES: dict[View, set[str]] = {
    View.OPEN: {"ix_service_request_danger", "ix_service_request_open"},
    View.MINE: {"ix_service_request_held"},
    View.UNCLAIMED: {"ix_service_request_danger", "ix_service_request_held"},
    View.TRIAGE: {"ix_service_request_danger", "ix_service_request_queue"},
    View.WAITING: {"ix_service_request_danger", "ix_service_request_queue"},
    View.DECISION: {"ix_service_request_danger", "ix_service_request_queue"},
    View.DECIDED: {"ix_service_request_queue"},
    View.CLOSED: {"ix_service_request_queue"},
    View.SET_ASIDE: {"ix_service_request_queue"},
}


@pytest.fixture
def county(session: Session) -> County:
    return make_county(session)


def plan_of(session: Session, act: Callable[[], object]) -> list[str]:
    """Return SQLite's plan of the one statement that an act sends, a line for each step.

    It knows nothing of the tables, as in an installation: nobody has it gather figures. PostgreSQL gathers its own, and
    reads so few rows one after the other.
    """
    sent: list[tuple[str, object]] = []

    def note(_: object, __: object, statement: str, values: object, *rest: object) -> None:
        sent.append((statement, values))

    session.rollback()
    event.listen(db.engine, "before_cursor_execute", note)
    act()
    event.remove(db.engine, "before_cursor_execute", note)
    [(statement, values)] = [one for one in sent if one[0] != "BEGIN"]
    rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()  # type: ignore[arg-type]
    session.rollback()
    return [str(row[-1]) for row in rows]


@pytest.mark.parametrize("view", View)
def test_each_list_is_read_by_its_index_and_never_sorted_whole(session: Session, county: County, view: View) -> None:
    for state in (*UNDECIDED, RequestState.CLOSED):
        make_request(session, state=state, urgency="danger" if state is RequestState.RECEIVED else "routine")
    plan = plan_of(session, lambda: list_queue(session, county.officer, view=view))
    read = [line for line in plan if "ix_service_request_" in line and "restricted" not in line]
    assert {line.split(" INDEX ")[1].split(" ")[0] for line in read} == SERVES[view], plan
    last = max(number for number, line in enumerate(plan) if line in read)
    assert not any("TEMP B-TREE" in line for line in plan[1:last]), plan


def test_what_is_counted_is_counted_in_the_indexes_alone(session: Session, county: County) -> None:
    make_request(session)
    plan = plan_of(session, lambda: count_waiting(session, county.officer))
    lists = [line for line in plan if " service_request " in line and "restricted" not in line]
    assert len(lists) == len(View)
    assert all("COVERING INDEX" in line for line in lists), lists


def test_what_the_indexes_hold_as_open_is_what_nobody_has_decided() -> None:
    assert IS_OPEN == f"state IN ({', '.join(repr(state.value) for state in UNDECIDED)})"


@pytest.mark.storage
def test_of_two_that_are_due_at_once_the_earlier_one_is_first_and_neither_is_lost(
    session: Session, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service_request.services.sight.queue.ROWS_A_PAGE", 2)
    made = [make_request(session, received_at=NOW - timedelta(hours=2)).id for _ in range(5)]
    with transaction(session):
        for one in made[3:]:
            session.get_one(ServiceRequest, one).next_due_at = None
    found, after = [], None
    for _ in made:
        page = list_queue(session, county.officer, view=View.OPEN, after=after)
        found += [row.id for row in page.rows]
        if page.next_place is None:
            break
        after = Place.parse(str(page.next_place))
    assert found == [*made[:3], made[4], made[3]]
