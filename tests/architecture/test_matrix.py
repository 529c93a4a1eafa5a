"""Who may open what: every role in every team, every way in that names a thing, every way a thing can stand (T19, T23).

What is expected comes from the short policy below, never from the code under test. A new route joins by itself; where
the matrix cannot build its address, or who may come in is not what the policy takes for granted, the test says what to
add. "Not yours" is the same page as "not there", for everybody.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from infrastructure.database import Wall, db, transaction, utc_now
from infrastructure.house import House
from infrastructure.identity.models import Role, TeamKind
from infrastructure.identity.signing_in import start_session
from scripts.routes_page import Route, list_routes
from service_request.models import Grant, GrantWhy
from tests.architecture.crowd import HIDDEN, RECEIVING, Crowd, Thing, Visitor, browsers, gather
from tests.factories import NOW

AT_LEAST = 2_000
Door = Callable[[Visitor], bool]

# ---------------------------------------------------------------- the policy: who comes in by which door

FRONT = {TeamKind.DESK, TeamKind.ASSESSMENT, TeamKind.COMMISSIONING}
BOTH = {Role.OFFICER, Role.MANAGER}
DOORS: dict[str, Door] = {
    "reads": lambda v: v.role in {*BOTH, Role.SERVICE_MANAGER} and v.kind in FRONT,
    "acts": lambda v: v.role in BOTH and v.kind in {TeamKind.DESK, TeamKind.ASSESSMENT},
    "takes calls": lambda v: v.role in BOTH and v.kind is TeamKind.DESK,
    "decides": lambda v: v.role is Role.MANAGER and v.kind is TeamKind.ASSESSMENT,
    "receives": lambda v: v.role in {Role.MEMBER, Role.MANAGER} and v.kind in RECEIVING,
    "advises": lambda v: v.kind is TeamKind.SENDIASS,
    "reviews": lambda v: v.role is Role.SERVICE_MANAGER and v.kind in FRONT,
    "is given": lambda v: v.role in {*BOTH, Role.MEMBER, Role.SERVICE_MANAGER},
    "answers for": lambda v: v.role in {Role.MANAGER, Role.SERVICE_MANAGER} and v.kind in {*FRONT, TeamKind.SENDIASS},
    "keeps answers": lambda v: v.role in {Role.MANAGER, Role.SERVICE_MANAGER} and v.kind in FRONT,
    "reads mail": lambda v: (
        v.role in {*BOTH, Role.MEMBER, Role.SERVICE_MANAGER} and v.kind in {*FRONT, TeamKind.SENDIASS}
    ),
    "sorts mail": lambda v: v.role in {*BOTH, Role.MEMBER} and v.kind in {TeamKind.DESK, TeamKind.SENDIASS},
    "investigates": lambda v: v.role is Role.SERVICE_MANAGER,
    "plans": lambda v: (
        v.role in {Role.MANAGER, Role.SERVICE_MANAGER, Role.ADMINISTRATOR} and v.kind in {*FRONT, TeamKind.SENDIASS}
    ),
    "says why": lambda v: (
        v.role in {Role.MEMBER, Role.MANAGER, Role.SERVICE_MANAGER} and v.kind in {*FRONT, TeamKind.SENDIASS}
    ),
    "administers": lambda v: v.role is Role.ADMINISTRATOR,
    "imports": lambda v: v.role is Role.ADMINISTRATOR and v.kind is not TeamKind.SENDIASS,
}
BY_PATH = (  # the first that fits; a narrower door stands in NARROWER
    ("/staff/requests/", "reads"),
    ("/staff/tasks/", "reads"),
    ("/staff/calls/", "takes calls"),
    ("/staff/assignments/", "receives"),
    ("/staff/enquiries/", "advises"),
    ("/staff/saved-answers/", "advises"),
    ("/staff/given/", "is given"),
    ("/staff/held-back/", "acts"),
    ("/staff/held/", "takes calls"),
    ("/staff/trail/", "investigates"),
    ("/staff/mails/", "reads mail"),
    ("/staff/held-mails/", "sorts mail"),
    ("/staff/answers/", "keeps answers"),
    ("/staff/people/", "administers"),
    ("/staff/import/", "imports"),
    ("/staff/calendar/", "administers"),
    ("/staff/rota/", "plans"),
)
NARROWER = {
    **dict.fromkeys(
        "fold unfold keep_apart withdrawal confirm_agency claim release pass_to_manager close answer_hint note log_call return_to_desk open_case confirm_referrer "
        "ask_referrer mark_answered give_up make_checks record_consent send_to_team tell_outcome add_file keep_file write_mail "
        "send_on_late".split(),
        "acts",
    ),
    **dict.fromkeys(
        "set_aside restore hand_over write_down ask_form add_to_earlier only_note open_anew".split(), "takes calls"
    ),
    **dict.fromkeys("say_mail_kind answer_mail_match".split(), "sorts mail"),
    "decide": "decides",
    "fetch_file": "is given",
    "looks": "answers for",
    "why_late": "says why",
    "review_glass": "reviews",
}
SAME_FOR_ALL = {"end_glass", "take_out_day"}  # one answer, whatever the id: nothing to end is ended
NO_STATEMENT_OF_AN_ID = {
    "kind",
    "token",
    "key",
    "table",
    "what",
    "number",
    "year",
}  # a list, a secret of 256 bits, a part of a form, a year


def sees(visitor: Visitor, thing: Thing) -> bool:
    """Tell whether this visitor sees the whole request."""
    if visitor.role in (None, Role.ADMINISTRATOR, Role.COMMISSIONER):
        return thing is Thing.GRANTED and visitor.kind not in (None, TeamKind.SENDIASS)
    if visitor.kind is TeamKind.SENDIASS:
        return thing is Thing.INSIDE
    if thing is Thing.GRANTED:
        return True
    of_area = visitor.role is Role.MANAGER and visitor.kind is TeamKind.ASSESSMENT
    if thing is Thing.RESTRICTED:
        return of_area
    by_role = visitor.role is Role.SERVICE_MANAGER or (visitor.role in BOTH and visitor.kind is TeamKind.DESK)
    return (thing is Thing.OWN_AREA and (by_role or of_area)) or (thing is Thing.OTHER_AREA and by_role)


def does(visitor: Visitor, thing: Thing) -> bool:
    """Tell whether a task of the desk about it is this visitor's."""
    if thing in HIDDEN or visitor.kind is TeamKind.SENDIASS:
        return sees(visitor, thing)
    return sees(visitor, thing) and not (visitor.kind is TeamKind.ASSESSMENT and visitor.role is Role.MANAGER)


def may(visitor: Visitor, route: Route, thing: Thing) -> bool:
    """Tell whether this visitor may use a route for a thing, once they came in by its door."""
    name = route.endpoint.removeprefix("desk.")
    if name == "give_sight" and thing not in HIDDEN and visitor.role is Role.OFFICER:
        return False
    if "assignment_id" in route.path:
        is_there = thing in (Thing.OWN_AREA, Thing.RESTRICTED, Thing.GRANTED)
        return is_there or (thing is Thing.ENDED and name not in ("assignment_printed", "fetch_granted_file"))
    if route.path.startswith("/staff/given/"):
        return visitor.kind is not TeamKind.SENDIASS and thing in (Thing.OWN_AREA, Thing.GRANTED)
    if name == "review_glass":
        return thing not in (Thing.BARRED, Thing.INSIDE, Thing.UNKNOWN)
    if "person_id" in route.path:
        return thing is not Thing.UNKNOWN and (thing is Thing.INSIDE) == (visitor.kind is TeamKind.SENDIASS)
    if "answer_id" in route.path:
        is_inside = visitor.kind is TeamKind.SENDIASS  # words about nobody: for whoever works on that side
        return thing is Thing.INSIDE if is_inside else thing not in (Thing.INSIDE, Thing.UNKNOWN)
    if "turn_id" in route.path:
        return thing is not Thing.UNKNOWN and (thing is Thing.INSIDE) == (visitor.kind is TeamKind.SENDIASS)
    if name == "why_late" and visitor.kind is not TeamKind.SENDIASS and visitor.role is Role.MEMBER:
        return False
    if name == "send_on_late":  # whoever acts on a request passes on what the family agreed to, its manager too
        return sees(visitor, thing)
    if "task_id" in route.path:
        return does(visitor, thing)
    if name == "raw_held_mail" and visitor.kind is TeamKind.SENDIASS:
        return thing is Thing.INSIDE
    if name == "raw_held_mail":
        return visitor.role in BOTH and thing not in (Thing.INSIDE, Thing.UNKNOWN)
    if name == "held_text":
        return thing not in (Thing.INSIDE, Thing.UNKNOWN)  # of no request yet: whoever takes calls reads it
    if "investigation_id" in route.path or "run_id" in route.path:
        return False  # none was asked for, or tried, here
    return sees(visitor, thing)


def door_of(route: Route) -> Door:
    name = NARROWER.get(route.endpoint.removeprefix("desk.")) or next(
        (door for path, door in BY_PATH if route.path.startswith(path)), None
    )
    assert name, f"say in BY_PATH of {__name__} who comes in to {route.path}"
    return DOORS[name]


# ---------------------------------------------------------------- addresses


def values_of(route: Route, crowd: Crowd, visitor: Visitor, thing: Thing) -> dict[str, UUID]:
    """Return what the route's address names, or fail with what must be added."""
    found = {}
    for name in re.findall(r"<(?:[^:>]+:)?([^>]+)>", route.path):
        if thing is Thing.UNKNOWN or name in ("investigation_id", "run_id"):
            found[name] = uuid4()
        elif name == "assignment_id":
            kind = visitor.kind if visitor.kind in RECEIVING else TeamKind.LOCALITY
            found[name] = crowd.assigned[thing, kind]
        elif name == "grant_id" and route.path.startswith("/staff/given/"):
            found[name] = crowd.given[thing, visitor.user_id or crowd.visitors[0].user_id]
        elif (name, route.endpoint) == ("task_id", "desk.review_glass"):
            found[name] = crowd.ids[thing]["review"]
        else:
            assert name in crowd.ids[thing], (
                f"hang a {name} on each request in tests/architecture/crowd.py: {route.path}"
            )
            found[name] = crowd.ids[thing][name]
    return found


@pytest.fixture
def crowd(session: Session) -> Iterator[Crowd]:
    with time_machine.travel(NOW, tick=False):
        yield gather(session, NOW)


@pytest.fixture
def sign_in(app: Flask, house: House) -> Callable[[UUID], FlaskClient]:
    def do(user_id: UUID) -> FlaskClient:
        client = app.test_client()
        db.session.remove()
        token = start_session(db.session(), user_id=user_id, settings=house.settings, now=utc_now())
        client.set_cookie("staff", token, domain="localhost")
        return client

    return do


VARIES = re.compile(
    r'(value="[\w.\-]{40,}"|nonce="[^"]+"|number: <span[^>]*>\w+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})'
)


def plain(response: TestResponse) -> str:
    """Return a page without what differs from one answer to the next."""
    return VARIES.sub("", response.get_data(as_text=True))


def ask(client: FlaskClient, method: str, address: str, token: str) -> TestResponse:
    for name in list(g):
        g.pop(name)
    db.session.remove()  # as at the end of a request: this context outlives them all
    if method == "GET":
        return client.get(address)
    return client.post(address, data={"csrf_token": token}, headers={"X-CSRFToken": token})


def with_ids(app: Flask, room: str = "desk.") -> list[Route]:
    """Return the routes of a room that name a thing by its id."""
    return [
        route
        for route in list_routes(app)
        if route.endpoint.startswith(room)
        and set(re.findall(r"<(?:[^:>]+:)?([^>]+)>", route.path)) - NO_STATEMENT_OF_AN_ID
    ]


@pytest.mark.threat("T19")
def test_no_address_with_an_id_is_left_out(app: Flask) -> None:
    elsewhere = [route.path for route in with_ids(app, room="") if not route.endpoint.startswith("desk.")]
    by_mailbox = "/mine/<uuid:request_id>"  # tried with another address and with none in test_changing_what_was_sent.py
    by_asking = ("/mine/asked/<uuid:asked_id>", "/answer/<token>/files/")  # and these in test_answering.py
    tried = ("/request/<uuid:draft_id>", by_mailbox, *by_asking)
    left_out = {path for path in elsewhere if not path.startswith(tried)}
    assert left_out == {"/demo/messages/<uuid:message_id>"}, "try it here, as every role or as every device"


@pytest.mark.rule("EV-5")
@pytest.mark.rule("SE-5")
@pytest.mark.threat("T19")
@pytest.mark.threat("T23")
def test_nobody_opens_what_is_not_theirs_and_everybody_what_is(
    app: Flask,
    session: Session,
    crowd: Crowd,
    sign_in: Callable[[UUID], FlaskClient],
    capsys: pytest.CaptureFixture[str],
) -> None:
    routes, adapter = with_ids(app), app.url_map.bind("localhost")
    wrong: list[str] = []
    checks: Counter[str] = Counter()
    for visitor, client in browsers(crowd, sign_in, app.test_client()):
        nowhere = ask(client, "GET", "/staff/there-is-no-such-page", "")
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/staff/no-place").text)
        for route in routes:
            comes_in = visitor.role is not None and door_of(route)(visitor)
            for thing in Thing if comes_in else (Thing.OWN_AREA, Thing.UNKNOWN):
                for method in route.methods:
                    values = values_of(route, crowd, visitor, thing)
                    if route.endpoint == "desk.end_sight" and thing is not Thing.UNKNOWN:
                        values["grant_id"] = another_grant(crowd, thing)
                    address = adapter.build(route.endpoint, values, method=method)
                    answer = ask(client, method, address, token.group(1) if token else "")
                    name = route.endpoint.removeprefix("desk.")
                    is_theirs = comes_in and (name in SAME_FOR_ALL or may(visitor, route, thing))
                    fault = fault_of(answer, visitor, method, is_theirs=is_theirs, nowhere=nowhere)
                    checks["theirs" if is_theirs else "not theirs"] += 1
                    if fault:
                        wrong.append(f"{visitor.name}: {method} {route.endpoint}, {thing}: {fault}")
    with capsys.disabled():
        sys.stdout.write(
            f"\nmatrix: {checks.total():,} checks, {checks['theirs']:,} of them theirs; {len(routes)} routes with ids\n"
        )
    hint = "say in NARROWER, may() or sees() what is meant, if it is"
    assert not wrong, "\n".join([f"{len(wrong)} wrong; {hint}", *wrong[:40]])
    assert checks.total() >= AT_LEAST


def fault_of(
    answer: TestResponse, visitor: Visitor, method: str, *, is_theirs: bool, nowhere: TestResponse
) -> str | None:
    """Return what is wrong with an answer, or None."""
    status = answer.status_code
    if status >= 500 or status == 403:
        return f"answered {status}"
    if visitor.role is None:
        expected = 302 if method == "GET" else 401
        return None if status == expected else f"expected {expected}, not {status}"
    if is_theirs:
        return f"theirs, and answered {status}" if status == 404 else None
    if status != 404:
        return f"not theirs, and answered {status}"
    return None if plain(answer) == plain(nowhere) else "another page than for what is not there"


def another_grant(crowd: Crowd, thing: Thing) -> UUID:
    """Give a bystander a part of it, to be ended: what was ended once is not there."""
    db.session.remove()
    with transaction(db.session()):
        grant = Grant(
            wall=Wall.SENDIASS if thing is Thing.INSIDE else Wall.OPEN,
            request_id=crowd.ids[thing]["request_id"],
            user_id=crowd.bystander,
            why=GrantWhy.SHARE,
            scope=["story"],
            since=NOW - timedelta(days=1),
        )
        db.session.add(grant)
        return grant.id


@pytest.mark.threat("T19")
def test_a_draft_of_another_device_is_the_same_as_none(
    app: Flask, crowd: Crowd, sign_in: Callable[[UUID], FlaskClient]
) -> None:
    adapter = app.url_map.bind("localhost")
    officer = next(v for v in crowd.visitors if (v.role, v.kind) == (Role.OFFICER, TeamKind.DESK))
    adviser = next(v for v in crowd.visitors if (v.role, v.kind) == (Role.MEMBER, TeamKind.SENDIASS))
    count = 0
    for client in (app.test_client(), *(sign_in(one.user_id) for one in (officer, adviser) if one.user_id)):
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/").text)
        assert token is not None
        for route in list_routes(app):
            if "draft_id" not in route.path:
                continue
            values = {"key": "told", "what": "child", "number": 1, "file_id": uuid4()}
            for method in route.methods:
                kept, none = (
                    ask(
                        client,
                        method,
                        adapter.build(route.endpoint, {**values, "draft_id": draft}, method=method),
                        token.group(1),
                    )
                    for draft in (crowd.draft, uuid4())
                )
                assert (kept.status_code, plain(kept)) == (none.status_code, plain(none)), route.endpoint
                assert kept.status_code == 404, (route.endpoint, kept.status_code)
                count += 1
    assert count > 50


def test_a_route_that_the_matrix_cannot_build_says_what_to_add(crowd: Crowd) -> None:
    route = Route("desk.new", ("GET",), "/staff/requests/<uuid:request_id>/things/<uuid:thing_id>", None, False)
    with pytest.raises(AssertionError, match="hang a thing_id on each request"):
        values_of(route, crowd, crowd.visitors[0], Thing.OWN_AREA)
    with pytest.raises(AssertionError, match="say in BY_PATH"):
        door_of(Route("desk.new", ("GET",), "/staff/things/<uuid:thing_id>", None, False))
