"""Acts and looks as the database holds them, read past the types, so that a row that was spoilt can still be named."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, ColumnElement, Select, String, Uuid, null, select, type_coerce
from sqlalchemy.orm import Session

from infrastructure.database import UtcDateTime
from infrastructure.database.columns import EnumText
from infrastructure.trail.access import AccessLog
from infrastructure.trail.events import Event
from infrastructure.trail.seals import Seal

Model = type[Event] | type[AccessLog] | type[Seal]
DIGEST_LENGTH = 32  # 128 bits of SHA-256, in hexadecimal
ORDER: dict[str, tuple[str, ...]] = {
    "event": (
        "id", "stream_kind", "stream_id", "seq", "at", "actor_kind", "actor_id", "act", "from_state", "to_state",
        "facts", "prev", "hash",
    ),
    "access_log": ("id", "at", "wall", "actor_kind", "actor_id", "act", "request_id", "ids", "reason_code"),
    "seal": ("id", "seq", "kind", "at", "count", "rows", "heads", "prev", "hash"),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row as it was read: its values by name, and whether each was as the product writes it."""

    values: dict[str, Any]
    is_whole: bool

    @property
    def id(self) -> str:
        """Return the row's id as text."""
        return str(self.values["id"])

    @property
    def seal_id(self) -> str | None:
        """Return the seal that the row says it is under."""
        found = self.values.get("seal_id")
        return None if found is None else str(found)


def digest_of(model: Model, values: dict[str, Any]) -> str:
    """Return the short digest of an act or a look, as a seal keeps it."""
    return hash_of([_plain(values[name]) for name in ORDER[model.__tablename__]])[:DIGEST_LENGTH]


def hash_of(said: list[Any]) -> str:
    """Return the digest of what a row says, in the order in which it is said."""
    return sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def hash_of_event(values: dict[str, Any]) -> str:
    """Return the digest that an act should carry, as `Event.computed_hash` makes it."""
    said = {name: _plain(values[name]) for name in ORDER["event"][:-1]}
    return hash_of(list((said | {"actor_id": str(values["actor_id"])}).values()))


def hash_of_seal(values: dict[str, Any]) -> str:
    """Return the digest that a seal should carry, as `Seal.computed_hash` makes it."""
    return hash_of([_plain(values[name]) for name in ORDER["seal"][:-1]])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def raw(session: Session, model: Model) -> Select[Any]:
    """Return the query of every column, as stored."""
    columns = [model.__table__.c[name] for name in ORDER[model.__tablename__]]
    seal = model.__table__.c.seal_id if "seal_id" in model.__table__.c else null()
    stored = [as_stored(session, column).label(column.name) for column in columns]
    return select(*stored, as_stored(session, seal).label("seal_id"))


def as_stored(session: Session, column: Column[Any] | ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the column as the database holds it: SQLite holds texts that need not be what they should."""
    is_text = session.get_bind().dialect.name == "sqlite" or isinstance(column.type, EnumText)
    return type_coerce(column, String()) if is_text else column


def read(session: Session, query: Select[Any], model: Model) -> list[Row]:
    """Run a query made by `raw`, and decode what can be decoded."""
    table = model.__table__
    return [_row(record._mapping, table) for record in session.execute(query)]


def _row(record: Any, table: Any) -> Row:
    values, is_whole = {}, True
    for name, stored in record.items():
        kind = table.c[name].type if name in table.c else None
        try:
            values[name] = _decode(stored, kind)
        except (ValueError, TypeError, AttributeError):
            values[name], is_whole = str(stored), False
    return Row(values, is_whole)


def _decode(stored: Any, kind: Any) -> Any:
    """Give back the value of a stored text; raise ValueError where it is not written as the product writes it."""
    if stored is None or not isinstance(stored, str):
        if isinstance(stored, bytes):
            raise ValueError("bytes where there should be text")
        return stored
    value: Any = stored
    back = stored
    if isinstance(kind, Uuid):
        value = UUID(stored)
        back = value.hex
    elif isinstance(kind, UtcDateTime):
        value = datetime.strptime(stored, "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
        back = f"{value:%Y-%m-%d %H:%M:%S.%f}"
    elif isinstance(kind, JSON):
        value = json.loads(stored)
        back = json.dumps(value)
    if back != stored:
        raise ValueError("not as it was written")
    return value
