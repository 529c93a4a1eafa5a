"""Every column that depends on a key can be made anew, or says how long it lives."""

from __future__ import annotations

from typing import Any

import helpdesk.models  # noqa: F401
import infrastructure.identity.models  # noqa: F401
import service_request.models  # noqa: F401
from infrastructure.database import KeyedHash
from infrastructure.database.base import Base, Entity
from infrastructure.database.sealing import Sealed


def test_every_column_that_depends_on_a_key_may_be_made_anew() -> None:
    for mapper in Base.registry.mappers:
        model = mapper.class_
        if not issubclass(model, Entity) or model.append_only is None:
            continue
        table: Any = mapper.local_table
        needed = {one.column for one in vars(model).values() if isinstance(one, Sealed)}
        needed |= {c.name for c in table.c if isinstance(c.type, KeyedHash) and c.type.of}
        assert needed <= model.append_only, model.__name__


def test_every_keyed_hash_can_be_made_anew_or_says_how_long_it_lives() -> None:
    apart = {"match_key.key", "device_draft_key.token", "attempt_count.key", "file.day_device", "file.day_address"}
    loose = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, KeyedHash) and not column.type.of and not column.type.until
    }
    assert loose == apart, "children's by rehash_match_keys; devices with their drafts; counts within a day"
