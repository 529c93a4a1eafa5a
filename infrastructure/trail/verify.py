"""Proof that the trail is as it was written: acts, looks, seals, and what left the box of them (EV-5).

It reads in slices, each in a short transaction of its own, and keeps no more than one in memory; the place where the
next slice begins is plain data, so that the worker may go on with it later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, func, or_, select, tuple_
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import BindParameter

from infrastructure.database.protection import list_unprotected
from infrastructure.trail.events import GENESIS, Event
from infrastructure.trail.reading import Row, as_stored, digest_of, hash_of_event, hash_of_seal, raw, read
from infrastructure.trail.sealing import MODELS
from infrastructure.trail.seals import Anchor, Seal, SealKind

SEALS_A_SLICE, EVENTS_A_SLICE, ROWS_AT_ONCE = 4, 2_000, 1_000
WORDS = {SealKind.EVENT: "act", SealKind.ACCESS: "look"}


@dataclass(frozen=True)
class Fault:
    """Where the trail was altered, and how it shows."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True)
class AnchorLine:
    """A seal as it is known outside: its number, its digest (or how it begins), and where that is written."""

    seq: int
    hash: str
    where: str


class Stage(StrEnum):
    """What a reading goes through, in this order."""

    PROTECTION = "protection"
    SEALS = "seals"
    MEMBERS = "members"
    EVENTS = "events"
    ANCHORS = "anchors"
    DONE = "done"


@dataclass
class Reading:
    """How far a reading of the trail has come, and what it has read."""

    stage: Stage = Stage.PROTECTION
    cursor: list[Any] = field(default_factory=list)
    read: Counter[str] = field(default_factory=Counter)

    def go_to(self, stage: Stage) -> None:
        """Begin the next stage."""
        self.stage, self.cursor = stage, []


def verify(session: Session, anchors: Iterable[AnchorLine] = (), *, reading: Reading | None = None) -> Iterator[Fault]:
    """Read the whole trail and tell each thing that was altered, dropped, cut, swapped or written anew."""
    reading = reading or Reading()
    while reading.stage is not Stage.DONE:
        yield from read_slice(session, reading)
    yield from compare(session, anchors)


def read_slice(session: Session, reading: Reading) -> list[Fault]:
    """Read the next slice, move `reading` on, and return what is wrong in it."""
    steps = {
        Stage.PROTECTION: _protection,
        Stage.SEALS: _seals,
        Stage.MEMBERS: _members,
        Stage.EVENTS: _events,
        Stage.ANCHORS: _kept_anchors,
    }
    found: list[Fault] = []
    stage = reading.stage
    try:
        found.extend(steps[stage](session, reading))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):  # a spoilt value that got through
        found.append(Fault(f"the {stage}", "can't be read to the end any more: something there was altered"))
        reading.go_to(list(Stage)[list(Stage).index(stage) + 1])
    finally:
        session.rollback()
    return found


def _protection(session: Session, reading: Reading) -> Iterator[Fault]:
    for table in list_unprotected(session.connection()):
        yield Fault(f"the table {table}", "the triggers that protect it are gone: run `flask db upgrade`")
    reading.go_to(Stage.SEALS)


def _seals(session: Session, reading: Reading) -> Iterator[Fault]:
    """Read each seal in turn, and every row that it is over."""
    seq, prev = reading.cursor or (0, GENESIS)
    query = raw(session, Seal).where(Seal.seq > seq).order_by(Seal.seq).limit(SEALS_A_SLICE)
    found = read(session, query, Seal)
    for row in found:
        seal = row.values
        here = f"seal {seal['seq']}"
        if seal["seq"] != seq + 1:
            gone = f"seal {seq + 1} is" if seal["seq"] == seq + 2 else f"seals {seq + 1} to {seal['seq'] - 1} are"
            yield Fault(here, f"{gone} missing before it")
        elif seal["prev"] != prev:
            yield Fault(here, "does not follow the seal before it")
        if not row.is_whole or hash_of_seal(seal) != seal["hash"]:
            yield Fault(here, "was altered")
        yield from _under(session, row)
        seq, prev = seal["seq"], seal["hash"]
        reading.read["seals"] += 1
    reading.cursor = [seq, prev]
    if len(found) < SEALS_A_SLICE:
        reading.go_to(Stage.MEMBERS)


def _under(session: Session, seal: Row) -> Iterator[Fault]:
    """Compare every row of a seal with the digest that the seal holds of it."""
    values = seal.values
    if values["kind"] not in set(SealKind) or not (isinstance(values["rows"], dict) and _all_ids(values["rows"])):
        yield Fault(f"seal {values['seq']}", "can't be read any more: compare what is under it with a backup")
        return
    kind = SealKind(values["kind"])
    if values["count"] != len(values["rows"]):
        yield Fault(f"seal {values['seq']}", f"says {values['count']} rows and holds {len(values['rows'])}")
    heads = {(head[0], stream) for stream, head in values["heads"].items()} if seal.is_whole else set()
    seen = set()
    for part in _parts(values["rows"].items(), ROWS_AT_ONCE):
        digests, model = dict(part), MODELS[kind]
        keys = [UUID(one) for one in digests]
        rows = {row.id: row for row in read(session, raw(session, model).where(model.id.in_(keys)), model)}
        for row_id, digest in digests.items():
            row = rows.get(row_id)
            if row is None:
                yield Fault(_named(kind, row_id), f"is gone; seal {values['seq']} was over it")
                continue
            if kind is SealKind.EVENT:
                seen.add((row.values["seq"], f"{row.values['stream_kind']} {row.values['stream_id']}"))
            if not row.is_whole or digest_of(model, row.values) != digest:
                yield Fault(_named(kind, row_id, row), "was altered after it was sealed")
            if row.seal_id != seal.id:
                yield Fault(_named(kind, row_id, row), f"was taken from under seal {values['seq']}")
    for seq, stream in sorted(heads - seen):
        yield Fault(f"{stream} event {seq}", f"is gone or was altered; seal {values['seq']} was over it")


def _all_ids(rows: Iterable[str]) -> bool:
    try:
        return all(str(UUID(one)) == one for one in rows)
    except ValueError:
        return False


def _members(session: Session, reading: Reading) -> Iterator[Fault]:
    """Tell the rows that say they are under a seal which does not know them."""
    for kind, model in MODELS.items():
        under = as_stored(session, model.__table__.c.seal_id)
        query = (
            select(under.label("under"), Seal.seq, func.count())
            .select_from(model)
            .outerjoin(Seal, (Seal.id == model.seal_id) & (Seal.kind == kind))
            .where(model.seal_id.is_not(None))
            .group_by(under, Seal.seq, Seal.count)
            .having(or_(Seal.seq.is_(None), func.count() != Seal.count))
        )
        for named, seq, count in session.execute(query).all():
            if seq is None:
                yield Fault(f"seal {named}", f"is gone; {count} {WORDS[kind]}s say that they are under it")
                continue
            [sealed] = read(session, raw(session, Seal).where(Seal.seq == seq), Seal)
            known = sealed.values["rows"]
            rows = read(session, raw(session, model).where(under == named).limit(len(known) + ROWS_AT_ONCE), model)
            for row in rows:
                if row.id not in known:
                    yield Fault(_named(kind, row.id, row), f"was put under seal {seq} afterwards")
        reading.read[f"{WORDS[kind]}s"] = session.scalars(select(func.count()).select_from(model)).one()
    reading.go_to(Stage.EVENTS)


def _events(session: Session, reading: Reading) -> Iterator[Fault]:
    """Read each record's chain of acts: one after the other, each with the digest of the one before."""
    columns = [Event.__table__.c[name] for name in ("stream_kind", "stream_id", "seq")]
    stored = [as_stored(session, column) for column in columns]
    query = raw(session, Event).order_by(*columns).limit(EVENTS_A_SLICE)
    stream, seq, prev = ["", ""], 0, GENESIS
    if reading.cursor:
        kind, key, seq, prev = reading.cursor
        stream = [kind, key]
        after = [_bound(session, value, column) for value, column in zip((kind, key, seq), columns, strict=True)]
        query = query.where(tuple_(*stored) > tuple_(*after))
    found = read(session, query, Event)
    for row in found:
        act = row.values
        key = act["stream_id"].hex if isinstance(act["stream_id"], UUID) else str(act["stream_id"])
        here = f"{act['stream_kind']} {act['stream_id']} event {act['seq']}"
        if [act["stream_kind"], key] != stream:
            stream, seq, prev = [act["stream_kind"], key], 0, GENESIS
        if not isinstance(act["seq"], int):
            yield Fault(here, "was altered")
            continue
        if act["seq"] != seq + 1:
            yield Fault(here, f"event {seq + 1} is missing before it")
        elif act["prev"] != prev:
            yield Fault(here, "does not follow the event before it")
        if not row.is_whole or hash_of_event(act) != act["hash"]:
            yield Fault(here, "was altered")
        seq, prev = act["seq"], act["hash"]
    reading.cursor = [*stream, seq, prev]
    if len(found) < EVENTS_A_SLICE:
        reading.go_to(Stage.ANCHORS)


def _bound(session: Session, value: Any, column: Any) -> ColumnElement[Any]:
    if session.get_bind().dialect.name == "sqlite":
        return BindParameter(None, value, type_=String())
    return BindParameter(None, UUID(value) if column.name == "stream_id" else value, type_=column.type)


def _kept_anchors(session: Session, reading: Reading) -> Iterator[Fault]:
    """Compare the seals with the anchors whose sending is recorded here."""
    kept = session.execute(select(Anchor.seq, Anchor.hash, Anchor.day, Anchor.road).order_by(Anchor.seq)).all()
    lines = [AnchorLine(seq, digest, f"the {road} of {day}") for seq, digest, day, road in kept]
    yield from compare(session, lines)
    reading.read["anchors"] += len(lines)
    reading.go_to(Stage.DONE)


def compare(session: Session, anchors: Iterable[AnchorLine]) -> Iterator[Fault]:
    """Compare the seals with what is known of them outside, where nobody could write it anew."""
    for lines in _parts(anchors, 500):
        numbers = {line.seq for line in lines}
        found = {row.seq: row.hash for row in session.execute(select(Seal.seq, Seal.hash).where(Seal.seq.in_(numbers)))}
        session.rollback()
        for line in lines:
            if line.seq not in found:
                yield Fault(f"seal {line.seq}", f"is gone; it stands in {line.where}")
            elif not line.hash or not found[line.seq].startswith(line.hash):
                yield Fault(f"seal {line.seq}", f"is not the one that stands in {line.where}: it was written anew")


def _named(kind: SealKind, row_id: str, row: Row | None = None) -> str:
    """Name a row so that it is found in a backup: an act by its stream and number, a gone one by when it was made."""
    if row is not None and kind is SealKind.EVENT:
        act = row.values
        return f"{act['stream_kind']} {act['stream_id']} event {act['seq']} ({row_id})"
    try:
        made = datetime.fromtimestamp((UUID(row_id).int >> 80) / 1000, UTC)
    except ValueError:
        return f"{WORDS[kind]} {row_id}"
    return f"{WORDS[kind]} {row_id}, made on {made:%Y-%m-%d at %H:%M:%S} UTC"


def _parts(many: Iterable[Any], size: int) -> Iterator[list[Any]]:
    stream = iter(many)
    while part := list(islice(stream, size)):
        yield part
