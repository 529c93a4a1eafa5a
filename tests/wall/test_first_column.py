"""The wall is the first column of every index of every table that holds something of a request (SE-5)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Index, Integer, MetaData, Table, UniqueConstraint, Uuid

import helpdesk.models
import infrastructure.identity.models
import infrastructure.office
import infrastructure.outbox
import infrastructure.trail
import service_request.models
from infrastructure.database.base import Base

pytestmark = pytest.mark.rule("SE-5")
MODELS = (
    helpdesk.models,
    infrastructure.identity.models,
    infrastructure.office,
    infrastructure.outbox,
    infrastructure.trail,
    service_request.models,
)
OF_A_REQUEST = {
    "request_id",
    "subject_id",
    "person_id",
    "assignment_id",
    "decision_id",
    "decision_line_id",
    "outcome_id",
}

# Tables without a side, each with the reason.
NO_SIDE: dict[str, str] = {
    "carrier_look": "up to when the carrier's lists were read",
    "agency": "who the partner agencies are",
    "agency_domain": "which mail domains are theirs",
    "anchor": "when the heads of the trail left the box: digests",
    "area": "what the authority is made of",
    "area_prefix": "what the authority is made of",
    "area_team": "what the authority is made of",
    "attempt_count": "how often something was tried, by a hash; those of an enquirer's address are forgotten on the way in",
    "delivery_attempt": "a time and a code, read only beside its message",
    "device_draft_key": "the hash of a device's secret, and which draft it opens; the draft has a side",
    "calendar_day": "when the office works",
    "coded_reason": "which reasons this authority offers",
    "event": "ids, codes and digests, in a chain that may not change; read only beside a request that is seen",
    "import_run": "a file of the authority's own tables; no request stands in it",
    "membership": "who works in which team",
    "office_hours": "when the office works",
    "recovery_code": "what stands for an authenticator once",
    "routing_rule": "what the authority is made of",
    "screening_check": "which checks this authority wants",
    "seal": "digests of the trail",
    "trail_check": "when the trail was last checked",
    "user_account": "who works here",
    "web_session": "who is signed in, by a hash",
}

# Keys that must be unique on both sides together, each with the reason.
BOTH_SIDES: dict[str, str] = {
    "access_log(id)": "the looks that no seal covers yet: one chain over both sides, ids only",
    "arrival(channel, external_id)": "the same thing delivered twice finds its first receipt, wherever that stands (EV-3)",
    "outbox_message(key)": "owed once; the address in it is a hash of its own side",
    "secret_link(token)": "256 bits of chance: found by nothing else",
    "service_request(reference)": "a reference is given once; one of the other side answers as none",
    "task(cause)": "made once for each cause; ids only",
    "team(name)": "the names of teams are no secret",
}


def keys_of(table: Table) -> Iterator[tuple[str, list[str]]]:
    """Tell each index and unique key of a table, with its columns in order."""
    for index in table.indexes:
        yield _name(table, index), [column.name for column in index.columns]
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield _name(table, constraint), [column.name for column in constraint.columns]


def _name(table: Table, key: Index | UniqueConstraint) -> str:
    return f"{table.name}({', '.join(column.name for column in key.columns)})"


def without_the_wall_first(tables: MetaData) -> set[str]:
    """Return the keys of walled tables that do not begin with the wall."""
    walled = [table for table in tables.tables.values() if "wall" in table.c]
    return {name for table in walled for name, columns in keys_of(table) if columns[0] != "wall"}


def without_a_side(tables: MetaData) -> set[str]:
    return {table.name for table in tables.tables.values() if "wall" not in table.c}


def test_every_index_of_a_walled_table_begins_with_the_wall_or_says_why_not() -> None:
    assert MODELS
    found = without_the_wall_first(Base.metadata)
    assert found - set(BOTH_SIDES) == set(), "put the wall first"
    assert set(BOTH_SIDES) - found == set(), "no longer there: take it out of BOTH_SIDES"


def test_every_table_has_a_side_or_says_why_not() -> None:
    found = without_a_side(Base.metadata)
    assert found - set(NO_SIDE) == set(), "give it a wall, or say in NO_SIDE why it holds nothing of a request"
    assert set(NO_SIDE) - found == set(), "no longer there: take it out of NO_SIDE"


def test_no_table_that_names_a_request_or_a_part_of_one_is_without_a_side() -> None:
    tables = Base.metadata.tables.values()
    assert [t.name for t in tables if OF_A_REQUEST & set(t.c.keys()) and "wall" not in t.c] == []


def test_a_new_table_that_forgets_the_wall_is_noticed() -> None:
    tables = MetaData()
    Table("forgotten", tables, Column("id", Uuid, primary_key=True), Column("request_id", Uuid))
    Table(
        "late",
        tables,
        Column("id", Uuid, primary_key=True),
        Column("wall", Integer),
        Column("n", Integer),
        Index("i", "n", "wall"),
    )
    assert without_a_side(tables) == {"forgotten"}
    assert without_the_wall_first(tables) == {"late(n, wall)"}


@pytest.mark.storage
def test_the_database_has_the_indexes_that_the_models_name(session, app) -> None:  # type: ignore[no-untyped-def]
    from infrastructure.database import db

    real = MetaData()
    with db.engine.connect() as connection:
        real.reflect(bind=connection)
    assert without_the_wall_first(real) == set(BOTH_SIDES)
