"""Every SELECT on a table that holds something of a request says on which side of the wall it reads (SE-5).

The whole product is walked through: each address looked at by somebody who may, each post made, each job of the worker
done. What is read without the wall is named here, with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from infrastructure.house import House
from infrastructure.web.guard import Everyone, Staff
from scripts.routes_page import list_routes
from tests.architecture.stage import Stage
from tests.architecture.test_routes import POSTS, _token, addresses
from tests.factories import NOW
from tests.wall.statements import Sent, sent, unwalled

pytestmark = pytest.mark.rule("SE-5")
BY_KEY = "the row of a key that the act, which saw or locked its request, holds already"

OUTSIDE = "the made-up outside world: the mailboxes of everybody who was written to, in a demonstration only"
ONE_CHAIN = "seals and checks the trail, one chain over both sides: ids, codes and digests"

# Each function that reads a walled table without the wall, and why it may.
ALLOWED: dict[str, str] = {
    "demonstration/mailbook.py::find_message": OUTSIDE,
    "demonstration/mailbook.py::list_addresses": OUTSIDE,
    "demonstration/mailbook.py::list_messages": OUTSIDE,
    "helpdesk/services/watch.py::_remind_team": BY_KEY,
    "infrastructure/trail/reading.py::read": ONE_CHAIN,
    "infrastructure/trail/sealing.py::count_waiting": ONE_CHAIN,
    "infrastructure/trail/sealing.py::list_unsealed": ONE_CHAIN,
    "infrastructure/trail/verify.py::_members": ONE_CHAIN,
    "service_request/services/crossing.py::move_inside": BY_KEY,
    "service_request/services/outcomes.py::_mark": BY_KEY,
    "service_request/services/outside.py::take_form_file": BY_KEY,
    "service_request/services/proving.py::ask_code": BY_KEY,
    "service_request/services/returned_form.py::_locked": BY_KEY,
}


@pytest.fixture(autouse=True)
def tuesday_at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def stage(app: Flask, session: Session, house: House, work: Callable[[], None]) -> Stage:
    return Stage(app, session, house, work)


def walk(stage: Stage, app: Flask) -> set[Sent]:
    """Open every address as somebody who may, make every post, do every job; return what was read."""
    county = stage.county
    staff = [county.officer, county.manager, county.service_manager, county.social_worker, county.locality_worker]
    staff += [county.administrator, stage.adviser_user]
    browsers = {user.id: stage.staff(user) for user in staff}
    routes = list_routes(app)
    with sent() as found:
        places = {route: addresses(stage, app, route) for route in routes if "GET" in route.methods}
        for route, opened in places.items():
            if isinstance(route.guard, Staff):
                clients = [browsers[user.id] for user in staff if route.guard.admits(user)][:3]
            else:
                clients = [stage.holder]
            for client in clients:
                for address in opened[:4]:
                    stage.visit(client, "GET", address).response.close()
        for endpoint, make in POSTS.items():
            client, values, posted = make(stage)
            address = app.url_map.bind("localhost").build(endpoint, values, method="POST")
            stage.visit(client, "POST", address, {**posted, "csrf_token": _token(stage, client)}).response.close()
            stage.work()
        with time_machine.travel(NOW.replace(year=NOW.year + 1), tick=False):
            stage.work()
    return found


def test_what_is_read_is_read_on_one_side_of_the_wall(stage: Stage, app: Flask) -> None:
    found = walk(stage, app)
    loose: dict[str, set[str]] = {}
    for one in found:
        for table in one.unwalled():
            loose.setdefault(one.place, set()).add(f"{table}: {one.statement[-300:]}")
    unknown = {place: sorted(said)[:2] for place, said in loose.items() if place not in ALLOWED}
    assert unknown == {}, "put the wall into its filter, or say in ALLOWED why not"
    assert set(ALLOWED) - set(loose) == set(), "no longer there: take it out of ALLOWED"
    assert len({one.place for one in found}) > 100
    assert isinstance(list_routes(app)[0].guard, Everyone | Staff)


@pytest.mark.parametrize(
    ("statement", "loose"),
    [
        ("SELECT task.id FROM task WHERE task.id = ?", ["task"]),
        ("SELECT task.wall FROM task WHERE task.wall = ?", []),
        ("SELECT task.wall, task.id FROM task WHERE task.id = ?", ["task"]),
        ("SELECT 1 FROM task LEFT OUTER JOIN clock ON clock.wall = task.wall AND clock.id = task.id WHERE task.wall IN (?, ?)", []),
        ("SELECT 1 FROM task JOIN clock ON clock.id = task.id WHERE task.wall = ?", ["clock"]),
        ("SELECT 1 FROM person AS person_1 JOIN person AS person_2 ON person_1.wall = person_2.wall", []),
        ("SELECT 1 FROM person AS person_1, clock WHERE person_1.wall = ?", ["clock"]),
        ("SELECT 1 FROM task WHERE task.wall = ? AND task.id IN (SELECT task.id FROM task WHERE task.id = ?)", ["task"]),
        ("SELECT 1 FROM team, user_account", []),
    ],
)  # fmt: skip
def test_a_statement_without_the_wall_is_noticed(statement: str, loose: list[str]) -> None:
    assert unwalled(statement) == loose
