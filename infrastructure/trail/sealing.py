"""Seal acts and looks in batches, each seal chained to the one before (EV-5): the work of the worker, not of an act."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid5

import structlog
from sqlalchemy import CursorResult, exists, func, select, text, update
from sqlalchemy.orm import Session

from infrastructure.database import transaction, uuid7
from infrastructure.database.transaction import failpoint
from infrastructure.trail.access import AccessLog
from infrastructure.trail.events import GENESIS, Event
from infrastructure.trail.reading import Row, digest_of, hash_of_seal, raw, read
from infrastructure.trail.seals import Seal, SealKind

log = structlog.get_logger("trail")

EVERY = timedelta(minutes=1)
MOST = 2_000  # rows under one seal: SQLite has one writer, and who sends a form waits for it
BATCHES = 20  # in one go of the worker; what is left is due again at once
MODELS: dict[SealKind, type[Event] | type[AccessLog]] = {SealKind.EVENT: Event, SealKind.ACCESS: AccessLog}
_LOCK = 5_174_325_001  # of PostgreSQL's advisory locks: one worker seals at a time
_TRAIL = UUID("6f1f6a52-6c0e-5d58-9a3f-0a4c2f1b7d11")


class SealedByAnotherError(Exception):
    """Another worker sealed these rows a moment ago."""


def day_id(what: str, now: datetime) -> UUID:
    """Return the id of a day's work on the trail, so that its failure is told once a day."""
    return uuid5(_TRAIL, f"{what}:{now.astimezone(UTC).date()}")


def list_unsealed(session: Session, now: datetime) -> list[UUID]:
    """Return the day's sealing where something waits for its seal, and the last one is a minute old."""
    waits = [select(model.id).where(model.seal_id.is_(None)).limit(1) for model in MODELS.values()]
    last = select(Seal.at).order_by(Seal.seq.desc()).limit(1).scalar_subquery()
    found = session.execute(select(last, *(exists(query) for query in waits))).one()
    session.rollback()
    is_time = found[0] is None or found[0] <= now - EVERY or found[0] > now
    return [day_id("seal", now)] if is_time and any(found[1:]) else []


def seal_waiting(session: Session, *, now: datetime, most: int = MOST) -> int:
    """Seal all acts and looks that wait, in batches; return how many seals were made."""
    made = 0
    for kind in SealKind:
        for _ in range(BATCHES):
            try:
                sealed = _seal(session, kind, now, most)
            except SealedByAnotherError:
                break
            made += bool(sealed)
            if sealed < most:
                break
    return made


def _seal(session: Session, kind: SealKind, now: datetime, most: int) -> int:
    """Seal one batch: rows never change, so they are read and digested before the write begins."""
    model = MODELS[kind]
    query = raw(session, model).where(model.seal_id.is_(None)).order_by(model.id).limit(most)
    rows = [row for row in read(session, query, model) if isinstance(row.values["id"], UUID)]
    session.rollback()
    if not rows:
        return 0
    digests = {row.id: digest_of(model, row.values) for row in rows}
    heads = _heads(rows) if model is Event else {}
    with transaction(session):
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        last = session.execute(select(Seal.seq, Seal.hash).order_by(Seal.seq.desc()).limit(1)).one_or_none()
        values: dict[str, Any] = {
            "id": uuid7(),
            "seq": last.seq + 1 if last else 1,
            "kind": kind,
            "at": now.astimezone(UTC),  # as it is read back, or the digest would differ
            "count": len(rows),
            "rows": digests,
            "heads": heads,
            "prev": last.hash if last else GENESIS,
        }
        seal = Seal(**values, hash=hash_of_seal({**values, "kind": str(kind)}))
        session.add(seal)
        session.flush()
        sealing = update(model).where(model.id.in_([row.values["id"] for row in rows]), model.seal_id.is_(None))
        sealing = sealing.values(seal_id=seal.id).execution_options(synchronize_session=False)
        done = cast(CursorResult[Any], session.execute(sealing))
        if done.rowcount != len(rows):
            raise SealedByAnotherError
        failpoint("seal_made")
    log.info("trail_sealed", seq=values["seq"], kind=str(kind), hash=seal.hash)  # how many would tell of both sides
    return len(rows)


def _heads(rows: list[Row]) -> dict[str, Any]:
    heads: dict[str, Any] = {}
    for row in rows:
        stream, seq = f"{row.values['stream_kind']} {row.values['stream_id']}", row.values["seq"]
        if stream not in heads or seq > heads[stream][0]:
            heads[stream] = [seq, row.values["hash"]]
    return heads


def count_waiting(session: Session, *, before: datetime | None = None) -> int:
    """Return how many acts and looks wait for their seal (made before a moment)."""
    found = 0
    for model in MODELS.values():
        query = select(func.count()).select_from(model).where(model.seal_id.is_(None))
        if before is not None:
            query = query.where(model.id < UUID(int=int(before.timestamp() * 1000) << 80))
        found += session.scalars(query).one()
    return found
