"""Compare the store with the rows: an object that no row names, and a row whose object is gone; never in silence."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.files.stores import Store, StoreAwayError, store_of
from infrastructure.house import House
from infrastructure.settings import Settings
from service_request.models import FileState, TaskKind
from service_request.services.files.reading import mark_missing
from service_request.services.sight.files import OF_REQUEST
from service_request.services.sight.worker_files import find_owner, kept_objects, known_objects, lock_file
from service_request.services.tasks import need_task

log = structlog.get_logger("files")
SETTLED = timedelta(hours=1)  # an object this old whose row never came
EVERY_SECONDS = 3600.0
BATCH = 200
DOUBT_FROM = 10  # when more than half are gone, and this many, it is the store that is wrong


@dataclass
class Compared:
    """What was found. `is_doubtful`: so much is missing that the wrong folder or bucket is the likelier cause."""

    objects: int = 0
    rows: int = 0
    orphans: list[str] = field(default_factory=list)
    lost: list[UUID] = field(default_factory=list)
    half_arrived: int = 0
    is_doubtful: bool = False


def compare(session: Session, *, now: datetime, house: House, remove: bool) -> Compared:
    """Find both kinds of orphans; remove objects that no row names (where asked), and have a person ask for lost files.

    Raise StoreAwayError when the store does not answer: then nothing is known, and nothing is changed.
    """
    store, found = store_of(house.settings), Compared()
    for batch in _batches(store.names()):
        known = known_objects(session, [name for name, _ in batch])
        found.objects += len(batch)
        found.orphans += [name for name, kept in batch if name not in known and now - kept >= SETTLED]
    for kept_object in kept_objects(session):
        found.rows += 1
        if not all(store.has(name) for name in kept_object.names):
            found.lost.append(kept_object.file_id)
    found.is_doubtful = len(found.lost) >= DOUBT_FROM and 2 * len(found.lost) > found.rows
    if remove:
        found.half_arrived = _sweep_incoming(store, now)
        for name in found.orphans:
            store.remove(name)
    if found.is_doubtful:
        with transaction(session):
            need_task(session, TaskKind.ALERT, cause=f"files_doubtful:{now.date().isoformat()}", now=now)
    else:
        for file_id in found.lost:
            _note_lost(session, file_id, now)
    result = f"{len(found.orphans)} without a row, {len(found.lost)} lost"
    log.info("files_compared", count=found.objects, result=result)
    return found


class Comparing:
    """Compares once an hour in each worker; the first time an hour after it began."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.due_at = time.monotonic() + EVERY_SECONDS

    def list_due(self, session: Session, now: datetime) -> list[UUID]:
        """Return one turn when the hour is over."""
        return [UUID(int=0)] if time.monotonic() >= self.due_at else []

    def run(self, session: Session, *, now: datetime) -> None:
        """Compare; a store that is away is looked at again in an hour."""
        self.due_at = time.monotonic() + EVERY_SECONDS
        try:
            compare(session, now=now, house=self.house, remove=True)
        except StoreAwayError:
            log.warning("files_not_compared")


def say_how_files_are_checked(settings: Settings) -> None:
    """Say in the log, at the start, that files are handed out unscanned."""
    if not settings.scans:
        log.warning("files_not_scanned", settings=["FRONTDOOR_SCANNER"])


def _note_lost(session: Session, file_id: UUID, now: datetime) -> None:
    owner = find_owner(session, file_id)
    session.rollback()
    if owner is None:
        return
    if owner[0] == OF_REQUEST:
        mark_missing(session, file_id, owner[1], now=now)
        return
    with transaction(session):  # of a draft: its holder reads it there
        row = lock_file(session, file_id)
        if row is not None and row.owner_kind != OF_REQUEST:
            row.state, row.check_at = FileState.MISSING, None


def _sweep_incoming(store: Store, now: datetime) -> int:
    """Remove what never came whole, on this machine: a process died while it arrived."""
    swept = 0
    for path in store.incoming.glob("*.part"):
        if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) >= SETTLED:
            path.unlink(missing_ok=True)
            swept += 1
    return swept


def _batches(names: Iterable[tuple[str, datetime]]) -> Iterator[list[tuple[str, datetime]]]:
    source = iter(names)
    while batch := list(islice(source, BATCH)):
        yield batch
