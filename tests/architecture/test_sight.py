"""One rule of sight: who is sought in the database is sought in one package, with the rule inside the query."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import service_request.models
from infrastructure.database.base import Base

ROOT = Path(__file__).resolve().parents[2]
SIGHT = "service_request/services/sight/"
ROOMS = ("demonstration", "helpdesk", "service_request", "infrastructure")

# The tables that tell of people. A draft is not among them: it opens with the key of its device, and drafts.py alone
# selects it.
PEOPLES = frozenset(
    "ServiceRequest Person Subject Relationship Referrer Message File Arrival FormResponse Consent Outcome".split()
)
READS = frozenset("select get get_one query select_from join outerjoin aliased exists load scalars".split())

PLAYED = "the phone of a demonstration: its visitor plays the sender, and sees what became of a made-up text"

# Named functions that read one of these tables elsewhere, each with the reason why it may.
ALLOWED = {
    "service_request/services/completing.py::_has_written_form": "asks whether a row is there, of a request it found",
    "service_request/services/consents.py::find_latest": "the writer of consents reads the one before, inside the act",
    "service_request/services/log_call.py::log_call": "finds the first receipt of the very call that was saved twice",
    "service_request/services/outcomes.py::_latest_for_professional": "the writer of outcomes, inside a locked act",
    "service_request/services/outcomes.py::_mark": "the mail server took it: the worker marks the outcome it tells",
    "service_request/services/outcomes.py::_replace_untold": "the writer of outcomes, inside the act that decides",
    "service_request/services/outcomes.py::count_owed": "counts what is owed, and reads nothing else",
    "service_request/services/outcomes.py::take_back": "the writer of outcomes, inside the act that unfolds",
    "service_request/services/outcomes.py::was_told": "asks whether a row is there, inside the act that decides",
    "service_request/services/returned_form.py::_locked": "the worker, after it locked the request",
    "service_request/services/send_form.py::_RECEIVED": "five columns, for the device that holds the draft",
    "helpdesk/services/agreement.py::_refused": "ids of requests whose answer the worker follows, and nothing else",
    "helpdesk/services/agreement.py::_waiting": "ids of requests whose answer the worker follows, and nothing else",
    "helpdesk/services/on_record.py::_became_query": "decisions belong to the desk; visible_to stands in its filter",
    "helpdesk/services/on_record.py::_decided_query": "decisions belong to the desk; visible_to stands in its filter",
    "helpdesk/services/proposing.py::_earlier_referrals": "ids and dates of children a person confirmed to be the same",
    "helpdesk/services/tasks.py::_came_after_the_end": "ids of tasks that the desk may do, and nothing else",
    "helpdesk/services/tasks.py::_held": "ids of tasks that the desk may do, and nothing else",
    "helpdesk/services/tasks.py::_nothing_heard": "ids of tasks that the desk may do, and nothing else",
    "helpdesk/services/tasks.py::_owed": "ids of tasks that the desk may do, and nothing else",
    "demonstration/acts.py::_outcome": "the made-up county, while it is made",
    "demonstration/handset.py::says": "the made-up county, while it is made",
    "demonstration/stories/mails.py::mail": "the made-up county, while it is made",
    "demonstration/phone.py::list_steps": PLAYED,
    "demonstration/phone.py::_became": PLAYED,
    "demonstration/post.py::list_steps": PLAYED,
    "demonstration/post.py::_became": PLAYED,
}

# Within sight: what a function with a user must lean on, and which modules read without one.
RULES = {"visible_to", "live_grants", "doable_by", "shows", "mail_seen_by"}
BARRED = {"list_glimpses", "find_to_open", "hidden_from", "given_whole"}  # they say the wall and `barred` themselves
BY_TRAIL = {"investigating"}  # it reads the trail by actor and time, then keeps of the requests what visible_to shows
IN_A_QUERY = {"_has_files"}  # a column about a request that the query around it has found by the rule
WITHOUT_USER = {
    "after_end", "asked", "evaluated",
    "addressed", "arrived", "crossing", "held_files", "hearing", "holder", "kept", "mail_rows", "mail_threads", "mine", "outgoing", "spoken", "system", "system_files",
    "worker_files",
}  # fmt: skip


@dataclass(frozen=True)
class Read:
    """A place where a table of people is read."""

    path: str
    function: str
    model: str

    @property
    def place(self) -> str:
        return f"{self.path}::{self.function}"


def reads() -> list[Read]:
    """Return every read of a table of people in the source."""
    found = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            place = path.relative_to(ROOT).as_posix()
            found += [Read(place, *one) for one in _reads_in(ast.parse(path.read_text()), "")]
    return found


def _reads_in(node: ast.AST, function: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.FunctionDef):
        function = node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        function = function or node.targets[0].id
    if isinstance(node, ast.Call) and _called(node) in READS:
        entities = node.args[:1] if _called(node) in ("join", "outerjoin") else node.args
        named = {name.id for entity in entities for name in ast.walk(entity) if isinstance(name, ast.Name)}
        yield from ((function, model) for model in sorted(named & PEOPLES))
    for child in ast.iter_child_nodes(node):
        yield from _reads_in(child, function)


def _called(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return call.func.id
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


@pytest.fixture(scope="module")
def found() -> list[Read]:
    return reads()


def test_every_table_of_people_is_known_by_its_name() -> None:
    assert all(hasattr(service_request.models, name) for name in PEOPLES)


@pytest.mark.rule("EV-5")
def test_people_are_sought_in_sight_alone_or_by_a_function_that_says_why(found: list[Read]) -> None:
    elsewhere = {read.place for read in found if not read.path.startswith(SIGHT)}
    assert elsewhere - set(ALLOWED) == set(), "seek it in service_request/services/sight/, or say why not in ALLOWED"
    assert set(ALLOWED) - elsewhere == set(), "no longer there: take it out of ALLOWED"
    assert len([read for read in found if read.path.startswith(SIGHT)]) > 30


@pytest.mark.rule("EV-5")
@pytest.mark.parametrize("path", sorted((ROOT / SIGHT).glob("*.py")), ids=lambda path: path.stem)
def test_what_a_user_sees_is_a_filter_inside_the_query(path: Path, found: list[Read]) -> None:
    functions = {node.name: node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}
    for name in {read.function for read in found if read.path.endswith(f"sight/{path.name}")} & functions.keys():
        arguments = {argument.arg for argument in [*functions[name].args.args, *functions[name].args.kwonlyargs]}
        if path.stem in WITHOUT_USER:
            assert "user" not in arguments, f"{name} takes a user: it belongs where visible_to is"
            continue
        names = {node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)}
        if name in IN_A_QUERY:
            continue
        assert "user" in arguments, name
        ruled = bool(names & RULES) or (name in BARRED and ("barred" in names or "_given" in names))
        assert ruled, f"{name} reads people without the rule"


@pytest.mark.rule("SE-5")
@pytest.mark.parametrize("path", sorted((ROOT / SIGHT).glob("*.py")), ids=lambda path: path.stem)
def test_the_rule_or_the_wall_stands_first_in_every_filter(path: Path) -> None:
    if path.stem in WITHOUT_USER | BY_TRAIL:
        return
    late = [
        f"line {where.lineno}: {ast.unparse(where.args[0])}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and "user" in {argument.arg for argument in [*node.args.args, *node.args.kwonlyargs]}
        for where in _first_filters(node)
        if not _is_first(where.args[0])
    ]
    assert late == []


def _first_filters(function: ast.FunctionDef) -> Iterator[ast.Call]:
    """Give the first `.where(...)` of each statement about people that this function puts together from `select`."""
    for node in ast.walk(function):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "where"):
            continue
        inner, models = node.func.value, set()
        while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr != "where":
            models |= {one.id for part in inner.args for one in ast.walk(part) if isinstance(one, ast.Name)}
            inner = inner.func.value
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id == "select":
            models |= {one.id for part in inner.args for one in ast.walk(part) if isinstance(one, ast.Name)}
            if models & PEOPLES and node.args:
                yield node


def _is_first(condition: ast.expr) -> bool:
    if isinstance(condition, ast.Call) and _called(condition) == "and_":
        return bool(condition.args) and _is_first(condition.args[0])
    if isinstance(condition, ast.Call):
        return _called(condition) in RULES
    left = condition.left if isinstance(condition, ast.Compare) else None
    return isinstance(left, ast.Attribute) and left.attr == "wall"


@pytest.mark.parametrize(
    ("code", "fits"),
    [
        ("def f(user):\n    return select(Person).where(visible_to(user), Person.is_child)", True),
        (
            "def f(user):\n    return select(Person).join(Subject).where(Person.wall == user.wall, Person.is_child)",
            True,
        ),
        ("def f(user):\n    return select(Person).where(Person.is_child, visible_to(user))", False),
        ("def f(user):\n    return select(Person).where(Person.is_child).where(visible_to(user))", False),
    ],
)
def test_a_filter_that_says_it_late_is_noticed(code: str, fits: bool) -> None:
    (function,) = ast.parse(code).body
    assert isinstance(function, ast.FunctionDef)
    assert all(_is_first(where.args[0]) for where in _first_filters(function)) is fits


@pytest.mark.rule("EV-5")
def test_nothing_is_loaded_behind_the_rule_by_opening_an_attribute() -> None:
    loose = [
        f"{mapper.class_.__name__}.{relation.key}"
        for mapper in Base.registry.mappers
        for relation in mapper.relationships
        if relation.lazy not in ("raise", "raise_on_sql")
    ]
    assert loose == []


@pytest.mark.rule("EV-5")
def test_no_sql_is_written_by_hand_where_people_are_read() -> None:
    written = [
        path.relative_to(ROOT).as_posix()
        for room in ("helpdesk", "service_request")
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and _called(node) in ("text", "exec_driver_sql")
        and any(isinstance(a, ast.Constant) and "select" in str(a.value).lower() for a in node.args)
    ]
    assert written == []


@pytest.mark.parametrize(
    "code",
    [
        "def f(session):\n    return session.scalars(select(Person)).all()",
        "def f(session):\n    return session.get(Message, one)",
        "def f(session):\n    return session.execute(select(Task.id).join(Subject, Subject.id == Task.about_id))",
        "def f(session):\n    return session.query(ServiceRequest.id)",
        "def f(session):\n    return select(func.count()).select_from(File)",
    ],
)
def test_a_read_is_noticed_however_it_is_written(code: str) -> None:
    assert [function for function, _ in _reads_in(ast.parse(code), "")][:1] == ["f"]
