"""Outside nothing shows that an enquiry is there: the same story told with enquiries inside and without is the same.

Every page as everybody, every post, every mail, every count and every line of the log are compared, to the byte; only ids,
references, tokens and the like are masked, which chance draws anew.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from infrastructure.database import Wall, db, uuid7
from infrastructure.house import House
from infrastructure.identity.links import make_link
from infrastructure.outbox import OutboxMessage
from scripts.routes_page import Route, list_routes
from service_request.models import File, MatchKey, Message, Person, ServiceRequest, Similarity, Subject, Task, TaskKind
from service_request.services.sight.holder import find_by_reference
from tests.architecture.stage import TEACHER_ADDRESS, Stage
from tests.architecture.test_routes import POSTS, _token, addresses
from tests.factories import NOW, make_request
from tests.listening import logged
from tests.plugins.house import Mailbox
from tests.wall.inside import CALL, make_enquiry
from tests.wall.joined import crossing

pytestmark = pytest.mark.rule("SE-5")

TWINS: tuple[dict[str, Any], ...] = (  # the very children of the open story, and its teacher's own address
    {"child_name": "Nerys Vaughan", "birth_on": ("1", "9", "2015"), "postcode": "WM4 2QT"},
    {"child_name": "Osian Pugh", "birth_on": ("9", "5", "2016"), "postcode": "WM9 1AB", "email": "a@inside.example"},
    {
        "child_name": "Callum Hartley",
        "birth_on": ("14", "3", "2017"),
        "postcode": "WM4 2QT",
        "email": "b@inside.example",
    },
    {"child_name": "Callum Hartley", "birth_on": ("14", "3", "2017"), "safe": "no", "email": TEACHER_ADDRESS},
)
INSIDE_ADDRESS = re.compile(r"inside\.example|corrigan\.example|sendiass@")
ONE_CHAIN = "trail_sealed"  # a seal's number and digest: one chain over both sides, and nothing of how many acts
INSIDE = re.compile(  # what is opened, posted or made inside: in a world without enquiries there is nothing of it
    r"desk\.(enquir|share_concern|take_enquiry|reply|log_attempt|ask_safe|record_safe|see_to_danger|held_enquir"
    r"|saved_answer|new_saved_answer|give_up_saved_answer)|web\.(\w*sendiass|\w*evaluation)"
)
MASKS = (
    (re.compile(r"[\w.-]{40,}"), "<token>"),  # first: a token may hold what looks like a reference
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"(?<![A-Z0-9])[A-Z0-9]{4}-[A-Z0-9]{4}(?![A-Z0-9])"), "<reference>"),
    (re.compile(r'"[A-Z0-9]{8}"'), '"<reference>"'),
    (re.compile(r"<code>[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}</code>"), "<recovery>"),
    (re.compile(r"\b[\d.]+ [KM]B\b"), "<size>"),  # of a file whose ids chance drew
    (re.compile(r"([Ss]ay:(?:</strong>)?) [^<]*"), r"\1 <spoken>"),
    (re.compile(r"\b[0-9a-f]{16,}\b"), "<hex>"),
    (re.compile(r'nonce="[^"]*"'), "<nonce>"),
    (re.compile(r"Your code is \d{6}"), "Your code is <code>"),
    (re.compile(r"\b\d{6}\b"), "<code>"),
    (re.compile(r"(Error number|error_id)\W+[\w-]+"), r"\1 <error>"),
    (re.compile(r'("duration_ms"): [\d.]+'), r"\1 <ms>"),
    (re.compile(r'fd-num">[0-9a-f]{8}<'), "<error>"),
)


@dataclass
class Seen:
    """All that came out on the open side."""

    pages: dict[tuple[str, str, int], str] = field(default_factory=dict)
    mails: list[str] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    inside: dict[str, int] = field(default_factory=dict)
    crossing: dict[str, int] = field(default_factory=dict)


def masked(text: str) -> str:
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


@pytest.fixture
def in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ids made in one moment stand in the order in which they were made, so that lists do not turn by chance."""
    numbers = itertools.count(1)
    monkeypatch.setattr("infrastructure.database.base.secrets", SimpleNamespace(randbits=lambda _: next(numbers)))


def tell(app: Flask, mailbox: Mailbox, twins: tuple[dict[str, Any], ...]) -> Seen:
    """Tell the open story; with enquiries about the same children inside, or without."""
    seen = Seen()
    with app.app_context(), time_machine.travel(NOW, tick=False):
        house: House = app.extensions["house"]
        stage = Stage(app, db.session(), house, app.extensions["worker"].run_all_due)
        county, _ = stage.county, stage.adviser_user
        for twin in twins:  # their mails, their children and what fails of them are work for the worker from here on
            make_enquiry(stage.session, county, house, **twin)
        mailbox.clear()
        mailbox.answers = {CALL["email"]: ["550 no such mailbox"] * 9}
        with logged() as log:
            look_at_all(stage, app, seen)
            stage.work()
        seen.inside, seen.crossing = inside_of(stage.session), crossing(stage.session)
        lines = [line for line in log.getvalue().splitlines() if ONE_CHAIN not in line]
        seen.log = [masked(line) for line in lines]
        outside = [mail for mail in mailbox.messages if not INSIDE_ADDRESS.search(str(mail["To"]))]
        seen.mails = [masked(f"{mail['To']} {mail['Subject']}\n{Mailbox.words(mail)}") for mail in outside]
        db.session.remove()
        db.engine.dispose()
    return seen


def inside_of(session: Session) -> dict[str, int]:
    """Return how much of each kind stands inside, so that the comparison compares something."""
    session.rollback()
    return {
        model.__tablename__: len([row for row in session.scalars(select(model)) if row.wall is Wall.SENDIASS])
        for model in (ServiceRequest, Similarity, MatchKey, Task, OutboxMessage)
    }


def look_at_all(stage: Stage, app: Flask, seen: Seen) -> None:
    """Open each address as everybody outside, make each post, let the worker work, and open all lists again."""
    routes = [route for route in list_routes(app) if not INSIDE.match(route.endpoint)]
    looks = {route.endpoint: _addresses(stage, app, route) for route in routes if "GET" in route.methods}
    stage.work()
    browsers = everybody(stage)
    for time in ("before", "after"):
        for (endpoint, found), (name, client) in itertools.product(looks.items(), browsers.items()):
            for number, address in enumerate(found[:3]):
                answer = stage.visit(client, "GET", address).response
                seen.pages[f"{time} {endpoint}", name, number] = said_by(answer)
        if time == "after":
            return
        for endpoint, make in POSTS.items():
            if INSIDE.match(endpoint) or endpoint == "desk.hand_over":
                continue
            client, values, posted = make(stage)
            address = app.url_map.bind("localhost").build(endpoint, values, method="POST")
            answer = stage.visit(client, "POST", address, {**posted, "csrf_token": _token(stage, client)}).response
            seen.pages["post", endpoint, 0] = said_by(answer)
            stage.work()


def said_by(answer: TestResponse) -> str:
    """Return an answer as it can be compared: of a file that is no text (its ids are packed), its kind."""
    data = answer.get_data()
    words = data.decode() if (answer.mimetype or "").startswith("text/") else str(answer.mimetype)
    answer.close()
    return masked(f"{answer.status} {answer.headers.get('Location', '')} {words}")


def everybody(stage: Stage) -> dict[str, FlaskClient]:
    county = stage.county
    staff = [county.officer, county.manager, county.manager_aldermoor, county.service_manager, county.social_worker]
    staff += [county.locality_worker, county.administrator]
    return {"anyone": stage.anyone, "holder": stage.holder, **{user.name: stage.staff(user) for user in staff}}


def _addresses(stage: Stage, app: Flask, route: Route) -> list[str]:
    if route.endpoint.startswith("demonstration."):
        return []
    return addresses(stage, app, route)


@pytest.mark.usefixtures("in_order")
def test_the_open_side_is_the_same_to_the_byte_with_enquiries_inside_and_without(
    make_app: Callable[..., Flask], mailbox: Mailbox
) -> None:
    without, within = (tell(make_app(), mailbox, twins) for twins in ((), TWINS))
    assert len(without.pages) > 500 and len(without.mails) > 5 and len(without.log) > 5
    differ = [key for key in without.pages if without.pages[key] != within.pages.get(key)]
    assert [(key, _first_difference(without.pages[key], within.pages[key])) for key in differ] == []
    assert without.mails == within.mails
    assert without.log == within.log
    # In both worlds SENDIASS's mailbox has a mail that nobody could read, so that its pages are opened.
    assert {table: count for table, count in without.inside.items() if count} == {"task": 1}
    assert within.crossing == {}
    assert all(within.inside.values()), within.inside  # hints inside, a task inside, mails sent and refused inside


def _first_difference(one: str, other: str) -> tuple[str, str]:
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[max(0, at - 80) : at + 120], other[max(0, at - 80) : at + 120]


# ------------------------------------------------------------- what is inside answers as what does not exist


@pytest.fixture
def stage(app: Flask, session: Session, house: House, work: Callable[[], None]) -> Iterator[Stage]:
    with time_machine.travel(NOW, tick=False):
        yield Stage(app, session, house, work)


def ids_inside(stage: Stage) -> dict[str, UUID]:
    """Return the id of everything of an enquiry, by the name that an address gives it."""
    request_id = stage.enquiry
    stage.work()
    of = {"request_id": request_id}
    session = stage.session
    of["subject_id"] = session.scalars(select(Subject.id).where(Subject.request_id == request_id)).one()
    of["file_id"] = session.scalars(select(File.id).where(File.owner_id == request_id)).one()
    of["message_id"] = session.scalars(select(OutboxMessage.id).where(OutboxMessage.about_id == request_id)).all()[0]
    of["task_id"] = stage.inside_task
    session.rollback()
    return of


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_id_of_an_enquiry_in_any_address_is_answered_as_one_that_nobody_ever_gave(
    method: str, stage: Stage, app: Flask
) -> None:
    inside = ids_inside(stage)
    routes = [r for r in list_routes(app) if "<" in r.path and method in r.methods and r.endpoint.startswith("desk.")]
    adapter, tried = app.url_map.bind("localhost"), 0
    for name, client in everybody(stage).items():
        if name == "holder":
            continue
        token = {"csrf_token": _token(stage, client)} if method == "POST" else None
        for route in routes:
            names = re.findall(r"<(?:uuid:)?(\w+)>", route.path)
            if not set(names) & set(inside):
                continue
            answers = []
            for given in (inside, {}):
                values = {one: given.get(one) or (uuid7() if one.endswith("_id") else "call_back") for one in names}
                address = adapter.build(route.endpoint, values, method=method)
                answer = stage.visit(client, method, address, token).response
                answers.append(said_by(answer))
            assert answers[0] == answers[1], (name, method, route.path)
            assert not answers[0].startswith("200"), (name, method, route.path)
            tried += 1
    assert tried > 100


def test_a_reference_of_an_enquiry_is_one_that_does_not_exist(stage: Stage) -> None:
    reference = stage.session.get_one(ServiceRequest, stage.enquiry).reference
    assert find_by_reference(stage.session, reference) is None
    assert find_by_reference(stage.session, stage.session.get_one(ServiceRequest, stage.received).reference) is not None


def test_a_link_that_was_given_out_before_opens_nothing_any_more(stage: Stage) -> None:
    from helpdesk.services.handing_over import hand_over
    from infrastructure.database import transaction
    from infrastructure.identity.models import LinkPurpose

    request_id = stage.family_call
    with transaction(stage.session):
        token = make_link(
            stage.session, LinkPurpose.OUTCOME, about=("request", request_id), address="a@b.example", now=NOW, days=5
        ).token
    hand_over(stage.session, request_id=request_id, by=stage.county.officer, now=NOW, house=stage.house)
    assert "This link has ended" in stage.visit(stage.anyone, "GET", f"/outcome/{token}").response.text


def test_a_child_inside_is_no_candidate_outside_and_the_other_way_round(stage: Stage) -> None:
    _ = stage.adviser_user
    make_enquiry(stage.session, stage.county, stage.house, **TWINS[1])
    _ = stage.hint
    stage.work()
    people = {row.id: row.wall for row in stage.session.scalars(select(Person))}
    assert len(set(people.values())) == 2
    keys = stage.session.scalars(select(MatchKey)).all()
    assert all(key.wall is people[key.person_id] for key in keys)
    by_wall = {wall: {str(key.key) for key in keys if key.wall is wall} for wall in set(people.values())}
    assert not set.intersection(*by_wall.values())
    assert stage.session.scalars(select(Message)).all() is not None


def test_a_job_that_fails_inside_is_told_inside_and_in_no_log(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    _ = stage.enquiry
    monkeypatch.setattr("service_request.services.matching.find_similar", fail)
    with logged() as log:
        stage.work()
    assert "job_failed" not in log.getvalue() and "ZeroDivision" not in log.getvalue()
    kinds = {(task.kind, task.wall) for task in stage.session.scalars(select(Task).where(Task.cause.like("job:%")))}
    assert kinds == {(TaskKind.ALERT, Wall.SENDIASS)}
    assert "Look into" in stage.visit(stage.adviser, "GET", "/staff/enquiries").response.text
    make_request(stage.session, area_id=stage.county.teasel, matched=False)
    with logged() as log:
        stage.work()
    assert "job_failed" in log.getvalue()
