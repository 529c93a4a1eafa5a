"""Every look at a record is in the trail, once (EV-5): generated over every staff page, and it grows with each new one."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from app import create_app
from helpdesk.web.timeline import ACTS, SHOWN_BY_A_MESSAGE
from infrastructure.house import House
from scripts.routes_page import Route, list_routes
from tests.architecture.stage import Stage
from tests.architecture.test_routes import addresses
from tests.factories import NOW
from tests.plugins.house import settings_for

ROOT = Path(__file__).resolve().parents[2]

# Staff pages that show no record of a child, a family or a referrer, each with what it shows instead.
SHOWS_NO_RECORD = {
    "desk.home": "leads on",
    "desk.enquiry_call": "a page to write a call on",
    "desk.sign_in": "asks who is there",
    "desk.invitation": "asks for a password",
    "desk.no_place": "says whom to ask",
    "desk.set_aside_counts": "how much, and of nobody",
    "desk.people": "names of staff and their teams",
    "desk.person": "a member of staff and their places",
    "desk.invite": "an empty form",
    "desk.own_sign_in": "where one is signed in oneself",
    "desk.own_password": "asks for a password",
    "desk.authenticator": "a key of one's own",
    "desk.calendar": "when the office works",
    "desk.calendar_hours": "when the office works",
    "desk.calendar_day": "an empty form",
    "desk.import_tables": "tables of the authority",
    "desk.import_run": "what came of a file",
    "desk.download_table": "a table of the authority",
    "desk.duty_rota": "names of staff",
    "desk.new_turn": "names of staff",
    "desk.trail": "how the trail stands",
    "desk.ask_export": "names of staff",
    "desk.export": "a reference, and who asked",
    "desk.take_call": "an empty form",
    "desk.handed_over": "that it is inside, and nothing of it",
    "desk.break_glass": "an empty form",
    "desk.saved_answers": "words that advisers send often",
    "desk.new_saved_answer": "an empty form",
    "desk.saved_answer": "words that advisers send often",
    "desk.answers": "words that the desk sends often",
    "desk.new_answer": "an empty form",
    "desk.answer": "words that the desk sends often",
}


@pytest.fixture(autouse=True)
def tuesday_at_nine() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def stage(app: Flask, session: Session, house: House, work: Callable[[], None]) -> Stage:
    return Stage(app, session, house, work)


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[Route]:
    folder = tmp_path_factory.mktemp("routes")
    return list_routes(create_app(settings_for(f"sqlite:///{folder / 'none.sqlite'}", folder, 25)))


@pytest.mark.rule("EV-5")
def test_every_staff_page_that_shows_a_record_writes_one_look_and_no_other_page_writes_any(
    stage: Stage, app: Flask, routes: list[Route]
) -> None:
    county = stage.county
    staff = [county.officer, county.manager, county.service_manager, county.social_worker, county.administrator]
    visitors = {user.name: stage.staff(user) for user in [*staff, stage.adviser_user]}
    looks: dict[str, Counter[int]] = {}
    for route in routes:
        if "GET" not in route.methods or not route.endpoint.startswith("desk."):
            continue
        for address in addresses(stage, app, route):
            for client in visitors.values():
                visit = stage.visit(client, "GET", address)
                visit.response.close()
                written = sum(statement.startswith("INSERT INTO access_log") for statement in visit.written)
                assert visit.changes == [], address
                if visit.status == 200:
                    looks.setdefault(route.endpoint, Counter())[written] += 1
                else:
                    assert written == 0, (address, visit.status, "what was not shown is no look")
    wrong = {
        endpoint: dict(counts)
        for endpoint, counts in looks.items()
        if set(counts) != ({0} if endpoint in SHOWS_NO_RECORD else {1})
    }
    assert wrong == {}, "log one look, or say in SHOWS_NO_RECORD what the page shows"
    assert len(looks) > 30 and len(set(looks) - set(SHOWS_NO_RECORD)) > 20


def recorded_acts() -> set[str]:
    """Return the acts that the source records in a request's stream, as far as both are said in place."""
    found = set()
    for room in ("helpdesk", "service_request"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record" and len(node.args) > 2):
                    continue
                act, stream = node.args[2], ast.unparse(node.args[1])
                if isinstance(act, ast.Constant) and "'request'" in stream:
                    found.add(str(act.value))
    return found


@pytest.mark.rule("EV-5")
def test_every_act_that_is_recorded_has_words_in_the_timeline() -> None:
    acts = recorded_acts()
    assert len(acts) > 10
    assert acts - set(ACTS) - SHOWN_BY_A_MESSAGE == set()
