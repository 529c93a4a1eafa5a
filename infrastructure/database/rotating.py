"""Rotation: seal and hash anew, with the newest keys, all that is stored, while people work with it.

Each row is changed only if it is still what was read, in a statement of its own that touches no other column: nothing
written meanwhile is lost, no version is counted up, and no event is written. A rotation that is cut off is begun again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from cryptography.fernet import InvalidToken
from sqlalchemy import Connection, CursorResult, Table, select, update
from sqlalchemy.orm import Session

from infrastructure.database.base import Base, Entity
from infrastructure.database.columns import Digest, KeyedHash
from infrastructure.database.key_check import KeyCheck
from infrastructure.database.sealing import Sealed, Wall, digests, keys_in_use
from infrastructure.database.transaction import transaction

BATCH = 50  # rows read at a time: one may hold a whole file
AGAIN = 5  # times that a row which was changed meanwhile is read again
NO_KEY = -1  # no key opens it, or none of them made the hash


@dataclass
class Tally:
    """What was found in one table, and what was made anew."""

    table: str
    rows: int = 0
    anew: int = 0  # values sealed or hashed with the newest key
    met: int = 0  # rows that somebody changed meanwhile
    sealed: Counter[tuple[Wall, int]] = field(default_factory=Counter)  # by side and place of the key in its ring
    hashed: Counter[tuple[Wall, int]] = field(default_factory=Counter)

    @property
    def lost(self) -> int:
        """Return how many values no key opens."""
        return sum(count for (_, place), count in self.sealed.items() if place == NO_KEY)


@dataclass(frozen=True)
class _Kept:
    """The columns of a table that depend on keys."""

    table: Table
    sealed: dict[str, str]  # attribute: column
    hashed: tuple[str, ...]
    model: type[Entity]

    @property
    def columns(self) -> list[Any]:
        names = dict.fromkeys(["id", "wall", *self.sealed.values(), *self.hashed])
        return [self.table.c[name] for name in names if name in self.table.c]


class _Opened:
    """A row as `KeyedHash.of` reads it: its sealed values in clear."""

    def __init__(self, kept: _Kept, values: dict[str, Any], wall: Wall) -> None:
        self._kept, self._values, self._wall = kept, values, wall

    def __getattr__(self, name: str) -> Any:
        if name not in self._kept.sealed:
            return self._values[name]
        value = self._values[self._kept.sealed[name]]
        return None if value is None else vars(self._kept.model)[name].open(self._wall, value)


def rotate(session: Session) -> Iterator[Tally]:
    """Make everything anew, one table after the other, and tell of each; what proves the keys comes last."""
    kept = list(_all_kept())
    done = True
    for one in kept:
        if one.model is not KeyCheck:
            tally = _walk(session, one, change=True)
            done = done and not tally.lost
            yield tally
    if done:  # until then an older key must still be asked for at the start
        yield from (_walk(session, one, change=True) for one in kept if one.model is KeyCheck)


def look(session: Session) -> Iterator[Tally]:
    """Tell of each table by which keys its values were made, and change nothing."""
    for one in _all_kept():
        yield _walk(session, one, change=False)


def _all_kept() -> Iterator[_Kept]:
    for mapper in sorted(Base.registry.mappers, key=lambda m: cast(Table, m.local_table).name):
        model, table = mapper.class_, cast(Table, mapper.local_table)
        sealed = {name: one.column for name, one in vars(model).items() if isinstance(one, Sealed)}
        hashed = tuple(c.name for c in table.c if isinstance(c.type, KeyedHash) and c.type.of is not None)
        if sealed or hashed:
            yield _Kept(table, sealed, hashed, model)


def _walk(session: Session, kept: _Kept, *, change: bool) -> Tally:
    tally = Tally(kept.table.name)
    last: UUID | None = None
    while True:
        query = select(*kept.columns).order_by(kept.table.c.id).limit(BATCH)
        rows = _read(session, query if last is None else query.where(kept.table.c.id > last))
        if not rows:
            return tally
        last = rows[-1]["id"]
        tally.rows += len(rows)
        for _ in range(AGAIN):
            changes = [(row, new) for row in rows if (new := _anew(kept, row, tally, count=not change))]
            if not change:
                break
            met = _write(session, kept, changes)
            tally.anew += sum(len(new) for row, new in changes if row["id"] not in met)
            tally.met += len(met)
            if not met:
                break
            rows = _read(session, select(*kept.columns).where(kept.table.c.id.in_(met)))


def _read(session: Session, query: Any) -> list[dict[str, Any]]:
    found = [dict(row) for row in session.execute(query).mappings()]
    session.rollback()
    return found


def _anew(kept: _Kept, row: dict[str, Any], tally: Tally, *, count: bool) -> dict[str, Any]:
    """Return what is to be written instead: of each value that an older key made, that of the newest."""
    wall = Wall(row.get("wall") or Wall.OPEN)
    new: dict[str, Any] = {}
    lost = False
    for column in kept.sealed.values():
        if row[column] is not None:
            place = _place(wall, row[column])
            lost = lost or place == NO_KEY
            if count or place == NO_KEY:
                tally.sealed[wall, place] += 1
            if place > 0:
                new[column] = keys_in_use().rings[wall].rotate(row[column])
    if lost:
        return new  # what it was hashed of may be what nobody can open
    for column in kept.hashed:
        kind = kept.table.c[column].type
        if not isinstance(kind, KeyedHash) or kind.of is None or row[column] is None:
            continue
        if text := kind.of(_Opened(kept, row, wall)):
            found = digests(kind.purpose, text, wall)
            place = found.index(bytes(row[column])) if bytes(row[column]) in found else NO_KEY
            if count:
                tally.hashed[wall, place] += 1
            if place > 0:
                new[column] = Digest(found[0])
    return new


def _place(wall: Wall, value: bytes) -> int:
    for place, key in enumerate(keys_in_use().fernets(wall)):
        try:
            key.decrypt(value)
        except InvalidToken:
            continue
        return place
    return NO_KEY


def _write(session: Session, kept: _Kept, changes: list[tuple[dict[str, Any], dict[str, Any]]]) -> set[UUID]:
    """Change each row that is still what was read; return the others.

    On PostgreSQL each in a transaction of its own: to hold two rows at once is to wait for one another with those
    who write. SQLite has one writer, who is best done soon.
    """
    if not changes:
        return set()
    if session.get_bind().dialect.name == "sqlite":
        with transaction(session):
            return {row["id"] for row, new in changes if not _swap(session.connection(), kept, row, new)}
    met = set()
    for row, new in changes:
        with transaction(session):
            if not _swap(session.connection(), kept, row, new):
                met.add(row["id"])
    return met


def _swap(connection: Connection, kept: _Kept, row: dict[str, Any], new: dict[str, Any]) -> bool:
    still = [kept.table.c[name] == row[name] for name in ("id", "wall", *new) if name in row]
    changed = cast(CursorResult[Any], connection.execute(update(kept.table).where(*still).values(new)))
    return changed.rowcount == 1


Rehash = Callable[[Session], Tally]  # for hashes that are derived otherwise than from their own row
