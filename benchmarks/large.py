"""A database of many requests, filled by the database itself: each value is an expression over the row's number `n`.

Every request has what a real one has: referrer, people, consent, answers, clock, trail, letters, looks. What is sealed
is one ciphertext shared by all rows of a column; hashes, identifiers, times and states differ. The answers are a whole
form in the requests that will be opened, and a short one in the others.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from benchmarks.installing import let_go
from benchmarks.preparing import OFFICER, answers_of
from infrastructure.database import Base, Wall, db, utc_now
from infrastructure.database.sealing import seal
from infrastructure.identity.models import UserAccount
from service_request.models import Area
from service_request.pathways.social_care.forms import FORM_VERSION

A_STEP = 50_000
YEARS = 5


def _key(table: str, row: str = "n") -> str:
    """Write the identifier of a row, in the order of time as UUIDv7 are; the middle names the table."""
    return f"printf('%012x7{table}08%015x', {BEGAN_MS} + {row}, {row})"


def _at(seconds: str) -> str:
    return f"strftime('%Y-%m-%d %H:%M:%S.000000', {seconds}, 'unixepoch')"


BEGAN_MS = 1_700_000_000_000
OPENED = 13  # every request of a number that this divides can be opened: it has a whole form
RECEIVED = _at(":now - (:rows - n) * :apart")

_COLUMNS = {
    "wall": "'open'",
    "kind": "'full'",
    "form_version": f"'{FORM_VERSION}'",
    "by_kind": "'referrer'",
    "at": RECEIVED,
    "version": "1",
    "request_id": _key("01"),
}  # what these mean wherever a table has them
_STATE = (
    "CASE WHEN n % 100 < 3 THEN 'received' WHEN n % 100 < 5 THEN 'in_triage'"
    " WHEN n % 100 < 6 THEN 'awaiting_information' WHEN n % 100 < 10 THEN 'awaiting_decision'"
    " WHEN n % 100 < 14 THEN 'decided' WHEN n % 100 < 16 THEN 'set_aside' ELSE 'closed' END"
)  # a tenth wait for a decision: far more than a desk ever has, so that the lists are long
_IS_OPEN = "n % 100 < 10"
_DUE = f"CASE WHEN {_IS_OPEN} THEN {_at(':now + n * 7919 % 126000 - 36000')} END"
_EVENT = {
    "stream_kind": "'request'",
    "stream_id": _key("01"),
    "actor_kind": "'referrer'",
    "facts": "'{}'",
    "prev": "hex(randomblob(32))",
    "hash": "hex(randomblob(32))",
}
_LOOK = {"actor_kind": "'user'", "actor_id": ":officer", "act": "'view'", "ids": "'[]'"}
_PERSON = {"name_sealed": ":name", "facts_sealed": ":facts"}

# (table, the two digits of its identifiers, which rows, columns). In the order in which rows point to each other.
_TABLES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("referrer", "02", "1", {
        "kind": "'professional'", "name_sealed": ":name", "role_sealed": ":name", "agency_name_sealed": ":name",
        "email_sealed": ":name", "email_hash": "randomblob(32)", "safe": "'yes'", "proof": "'agency_domain'",
        "proven_at": RECEIVED,
    }),
    ("service_request", "01", "1", {
        "reference": "printf('%08X', n)", "pathway": "'social_care'", "channel": "'web'", "received_at": RECEIVED,
        "state": _STATE, "urgency": "CASE WHEN n % 1000 = 0 THEN 'danger' ELSE 'routine' END",
        "area_id": "CASE WHEN n % 17 THEN CASE n % 3 WHEN 0 THEN :area0 WHEN 1 THEN :area1 ELSE :area2 END END",
        "area_reason": "'postcode'",
        "assignee_id": "CASE WHEN n % 100 IN (3, 4) THEN :officer END", "referrer_id": _key("02"),
        "authority": "'westmarch'", "told": "'yes'", "worries": "'[\"neglect\"]'", "names_found": "0",
        "headline_sealed": ":headline", "missing": "'[]'", "restricted": "0", "hold": "0", "next_due_at": _DUE,
    }),
    ("arrival", "03", "1", {
        "channel": "'web'", "endpoint": "'form'", "external_id": _key("03"), "sender_sealed": ":name",
        "sender_hash": "randomblob(32)", "raw_sealed": ":short", "received_at": RECEIVED,
        "stored_at": RECEIVED, "disposition": "'request'",
    }),
    ("person", "04", "1", {"is_child": "1", **_PERSON}),
    ("person", "05", "1", {"is_child": "0", **_PERSON}),
    ("subject", "06", "1", {
        "number": "1", "person_id": _key("04"), "label_sealed": ":name", "is_anonymous": "0", "restricted": "0",
    }),
    ("relationship", "07", "1", {
        "kind": "'mother'", "from_person_id": _key("05"), "parental_responsibility": "'yes'",
        "same_household": "'yes'",
    }),
    ("consent", "08", "1", {
        "told": "'yes'", "agrees": "'yes'", "told_by_sealed": ":name", "lawful_basis": "'public_task'",
    }),
    ("form_response", "09", "1", {"answers_sealed": f"CASE WHEN n % {OPENED} THEN :short ELSE :answers END"}),
    ("clock", "10", "1", {
        "kind": "'decision'", "owner_kind": "'request'", "owner_id": _key("01"), "started_at": RECEIVED,
        "due_at": f"coalesce({_DUE}, {RECEIVED})", "warn_at": RECEIVED, "escalate_at": RECEIVED,
        "working": "'[]'", "ended_at": f"CASE WHEN NOT {_IS_OPEN} THEN {RECEIVED} END",
        "end": f"CASE WHEN NOT {_IS_OPEN} THEN 'met' END",
    }),
    ("event", "11", "1", {**_EVENT, "seq": "1", "act": "'receive'", "to_state": "'received'"}),
    ("event", "12", "n % 100 >= 3", {
        **_EVENT, "seq": "2", "act": "'claim'", "from_state": "'received'", "to_state": "'in_triage'",
    }),
    ("outbox_message", "13", "1", {
        "key": _key("13"), "channel": "'email'", "template": "'acknowledgement'", "to_sealed": ":name",
        "to_hash": "randomblob(32)", "body_sealed": ":short", "message_id": _key("13"), "about_kind": "'request'",
        "about_id": _key("01"), "state": "'sent'", "owed_at": RECEIVED, "sent_at": RECEIVED,
        "fence": "1", "tries": "1",
    }),
    ("message", "14", "1", {
        "outbox_id": _key("13"), "direction": "'out'", "kind": "'acknowledgement'", "by_kind": "'system'",
    }),
    ("access_log", "15", "1", _LOOK),
    ("access_log", "16", "n % 2", _LOOK),
    ("similarity", "17", "n % 10 = 0 AND n > 9", {
        "person_id": _key("04"), "earlier_id": _key("04", "(n - 10)"), "earlier_request_id": _key("01", "(n - 10)"),
        "score": "85", "agrees": "'[\"name_same\",\"born_same\"]'", "differs": "'[]'", "state": "'open'",
        "found_at": RECEIVED,
    }),
    ("task", "18", "n % 50 = 0", {
        "kind": "'call_back'", "cause": _key("18"), "made_at": RECEIVED, "due_at": _at(":now + 3600"),
    }),
)  # fmt: skip


def request_id(n: int) -> UUID:
    """Return the identifier of request n."""
    return UUID(f"{BEGAN_MS + n:012x}70108{n:015x}")


FOR_CHILDREN = ("referrer", "service_request", "person")  # what a child is looked for among


def person_id(n: int) -> UUID:
    """Return the identifier of the child of request n."""
    return UUID(f"{BEGAN_MS + n:012x}70408{n:015x}")


class Budget:
    """How many rows are made: all that were asked for, or `fewer` when the first show that it takes too long."""

    def __init__(self, rows: int, *, seconds: float = 1e9, fewer: int = 0) -> None:
        self.rows, self.seconds, self.fewer = rows, seconds, fewer
        self.began = time.monotonic()

    def steps(self, size: int) -> Iterator[tuple[int, int]]:
        """Yield the first row and the one after the last of each step."""
        first = 0
        while first < self.rows:
            last = min(first + size, self.rows)
            yield first, last
            if (time.monotonic() - self.began) / last * self.rows > self.seconds:
                self.rows = max(last, min(self.rows, self.fewer))
            first = last


def fill(app: Flask, budget: Budget, only: tuple[str, ...] = ()) -> None:
    """Fill the database with this many requests, in every table or in a few."""
    with app.app_context():
        officer = db.session.scalars(select(UserAccount.id).where(UserAccount.email == OFFICER)).one()
        areas = [area.hex for area in db.session.scalars(select(Area.id).order_by(Area.code))]
        path = str(db.engine.url.database)
        let_go()
    values = {
        **_sealed(),
        **{f"area{number}": area for number, area in enumerate(areas)},
        "officer": officer.hex,
        "now": int(utc_now().timestamp()),
        "rows": budget.rows,
        "apart": YEARS * 365 * 86_400 // budget.rows,
    }
    with quick_writer(path) as connection:
        for first, last in budget.steps(A_STEP):
            connection.execute("BEGIN")
            for table, digits, which, columns in _TABLES:
                if not only or table in only:
                    statement = _statement(table, digits, which, columns)
                    connection.execute(statement, {**values, "first": first, "last": last})
            connection.execute("COMMIT")


@contextmanager
def quick_writer(path: str) -> Iterator[sqlite3.Connection]:
    """Open the file to be filled before anybody uses it: nothing is synced, nothing checked."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous=OFF", "cache_size=-1000000", "foreign_keys=OFF", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    yield connection
    connection.close()


def _statement(table: str, digits: str, which: str, columns: dict[str, str]) -> str:
    """Write the INSERT of one table; a column that stands nowhere is empty, and the database says if it may be."""
    made = Base.metadata.tables[table].columns
    said = {"id": _key(digits), **{name: _COLUMNS[name] for name in _COLUMNS if name in made}, **columns}
    names, values = ", ".join(f'"{name}"' for name in said), ", ".join(said.values())
    numbers = "WITH RECURSIVE one(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM one WHERE n + 1 < :last)"
    return f'INSERT INTO "{table}" ({names}) {numbers} SELECT {values} FROM one WHERE {which}'


def _sealed() -> dict[str, bytes]:
    answers = answers_of(0)
    clear = {
        "name": "Samina Rahman",
        "short": json.dumps(answers["concerns"]),
        "answers": json.dumps(answers),
        "facts": json.dumps({"birth_on": "2017-03-14", "postcode": "WM4 2QT", "sex": "M"}),
        "headline": json.dumps(
            {"children": ["Callum Hartley, 9"], "initials": "C.H.", "asked_by": ["Brookfield School", "Teacher"]}
        ),
    }
    return {name: seal(Wall.OPEN, text.encode()) for name, text in clear.items()}
