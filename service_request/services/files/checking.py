"""Look into each file before anybody may fetch it: scan, inspect, take its place out of a photo (T17, U4, U8).

Claimed by a lease and marked behind a fence, as letters are: a worker that dies leaves it to another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction, uuid7
from infrastructure.database.transaction import failpoint
from infrastructure.files.inspecting import inspect
from infrastructure.files.kinds import FACTS, Kind
from infrastructure.files.scanning import ScannerAwayError, is_dangerous
from infrastructure.files.sealed_stream import AlteredError, SealingWriter, content_hasher, unsealed
from infrastructure.files.stores import NoObjectError, NotStoredError, Store, StoreAwayError, object_name, store_of
from infrastructure.house import House
from infrastructure.settings import Settings
from infrastructure.trail import SYSTEM, Stream, record
from service_request.models import File, FileState, FileWhy, TaskKind
from service_request.services.files.adding import tell_desk
from service_request.services.files.dropping import remove_objects
from service_request.services.sight.files import OF_REQUEST
from service_request.services.sight.system import lock_request
from service_request.services.sight.worker_files import find_owner, list_files_to_check, lock_file
from service_request.services.tasks import need_task

log = structlog.get_logger("files")
LATE = timedelta(minutes=15)  # then a person hears that files are not being checked
WORST_WAIT = timedelta(minutes=5)
EVENTS = {
    FileState.WITHHELD: "file_withheld",
    FileState.CANNOT_SCAN: "file_cannot_scan",
    FileState.MISSING: "file_missing",
}
WITHHOLDS = frozenset({FileWhy.MACROS, FileWhy.NOT_AS_NAMED, FileWhy.TOO_COMPLEX})


@dataclass(frozen=True)
class Claimed:
    """A file under our lease, with what opens it."""

    id: UUID
    wall: Wall
    kind: Kind
    store_key: str
    key: bytes
    fence: int


@dataclass(frozen=True)
class Copy:
    """The copy that is served, as it was stored."""

    store_key: str
    key: bytes
    size: int


@dataclass(frozen=True)
class Looked:
    """What came of it; `state` None: not now, the scanner or the store is away."""

    state: FileState | None
    why: FileWhy | None = None
    is_scanned: bool = False
    copy: Copy | None = None
    moved: Copy | None = None  # the file itself under another name, after its request went inside the wall


def list_unchecked(session: Session, now: datetime) -> list[UUID]:
    """Return the files that wait to be looked into."""
    return list_files_to_check(session, now)


def check_file(session: Session, file_id: UUID, *, now: Callable[[], datetime], house: House) -> None:
    """Look into one file; whatever dies on the way, it is looked into again, and not served before."""
    claimed = _claim(session, file_id, now(), house)
    if claimed is None:
        return
    looked = _look(claimed, house)
    failpoint("file_looked_into")
    gone = _mark(session, claimed, looked, now(), house)
    if gone is None:
        gone = [copy.store_key for copy in (looked.copy, looked.moved) if copy is not None]
    remove_objects(gone, house)


def _claim(session: Session, file_id: UUID, now: datetime, house: House) -> Claimed | None:
    with transaction(session):
        row = lock_file(session, file_id)
        if row is None or row.check_at is None or row.check_at > now or (row.lease_until and row.lease_until >= now):
            return None
        if row.store_key is None or row.key is None:
            row.check_at = None
            return None
        row.lease_until = now + timedelta(seconds=house.settings.lease_seconds)
        row.fence += 1
        row.tries += 1
        return Claimed(row.id, row.wall, Kind(row.kind), row.store_key, row.key, row.fence)


def _look(claimed: Claimed, house: House) -> Looked:
    """Look into the file with no database connection held."""
    store = store_of(house.settings)
    try:
        looked = _look_into(store, claimed, house.settings)
        return replace(looked, moved=_move(store, claimed))
    except (NoObjectError, AlteredError):
        return Looked(FileState.MISSING)
    except (ScannerAwayError, StoreAwayError, NotStoredError, OSError) as error:
        log.warning("file_waits", row=str(claimed.id), error=type(error).__name__)
        return Looked(None)


def _look_into(store: Store, claimed: Claimed, settings: Settings) -> Looked:
    if settings.scans and is_dangerous(_pieces(store, claimed), settings):
        return Looked(FileState.WITHHELD, FileWhy.MALWARE, is_scanned=True)
    facts = FACTS[claimed.kind]
    if claimed.kind is Kind.OTHER:  # kept, since it was sent to us; nobody can say what opening it would do
        return Looked(FileState.WITHHELD, FileWhy.OTHER_KIND, is_scanned=settings.scans)
    if not (facts.is_by_camera or facts.is_package or claimed.kind is Kind.PDF):
        return Looked(FileState.CLEAN, is_scanned=settings.scans)
    verdict = inspect(claimed.kind, b"".join(_pieces(store, claimed)))
    why = FileWhy(verdict.why) if verdict.why else None
    if why is FileWhy.PASSWORD:
        return Looked(FileState.CANNOT_SCAN, why)
    if why in WITHHOLDS:
        return Looked(FileState.WITHHELD, why)
    copy = _store_copy(store, claimed, verdict.copy) if verdict.copy is not None else None
    return Looked(FileState.CLEAN, why, is_scanned=settings.scans, copy=copy)


def _move(store: Store, claimed: Claimed) -> Copy | None:
    """Store a file anew whose request went inside the wall: nobody outside can hash a content and find it (SE-5)."""
    if claimed.wall is Wall.OPEN:
        return None
    hasher = content_hasher(claimed.wall)
    for piece in _pieces(store, claimed):
        hasher.update(piece)
    if hasher.hexdigest() in claimed.store_key:
        return None
    return _store_copy(store, claimed, b"".join(_pieces(store, claimed)))


def _pieces(store: Store, claimed: Claimed) -> Iterator[bytes]:
    with store.open(claimed.store_key) as source:
        yield from unsealed(source, claimed.key)


def _store_copy(store: Store, claimed: Claimed, content: bytes) -> Copy:
    copy_id = uuid7()
    path = store.incoming / f"{copy_id.hex}.part"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("xb") as out:
            writer = SealingWriter(out, claimed.wall)
            writer.write(content)
            name = object_name(writer.close(), copy_id)
        store.keep(path, name)
    finally:
        path.unlink(missing_ok=True)
    return Copy(name, writer.key, len(content))


def _mark(session: Session, claimed: Claimed, looked: Looked, now: datetime, house: House) -> list[str] | None:
    """Write down what came of it; return the objects that no row names any more, or None when we were overtaken."""
    for _ in range(3):  # a sending may move the file from its draft to a request between our two looks
        with transaction(session):
            owner = find_owner(session, claimed.id)
            if owner is None:
                return None
            if owner[0] == OF_REQUEST:
                lock_request(session, owner[1])
            row = lock_file(session, claimed.id)
            if row is None or row.fence != claimed.fence or row.wall is not claimed.wall:
                log.warning("late_mark", row=str(claimed.id), fence=claimed.fence)
                return None
            if (row.owner_kind, row.owner_id) != owner:
                continue
            return _write(session, row, looked, now, house)
    return None  # the lease runs out, and it is looked into again


def _write(session: Session, row: File, looked: Looked, now: datetime, house: House) -> list[str]:
    row.lease_until = None
    was, gone = row.state, []
    if looked.state is None:
        wait = house.settings.retry_first_seconds * 2 ** min(row.tries - 1, 12)
        row.check_at = now + min(timedelta(seconds=wait), WORST_WAIT)
        if now - row.made_at >= LATE:
            need_task(session, TaskKind.ALERT, cause=f"files_wait:{now.date().isoformat()}", now=now)
        return []
    row.state, row.why, row.check_at = looked.state, looked.why, None
    row.scanned_at = now if looked.is_scanned else None
    if looked.moved is not None:
        gone.append(row.store_key)
        row.store_key, row.key = looked.moved.store_key, looked.moved.key
    if looked.copy is not None or looked.moved is not None:
        gone.append(row.served_store_key)
        row.served_store_key = row.served_size = row.served_key = None
    if looked.copy is not None:
        row.served_store_key, row.served_size = looked.copy.store_key, looked.copy.size
        row.served_key = looked.copy.key
    log.info("file_checked", row=str(row.id), state=str(row.state), kind=str(row.why or ""), tries=row.tries)
    if row.owner_kind == OF_REQUEST and row.state in EVENTS and row.state is not was:
        stream = Stream("request", row.owner_id)
        record(session, stream, EVENTS[row.state], by=SYSTEM, now=now, file=row.id, why=row.why)
        tell_desk(session, row, now=now)
    return [name for name in gone if name]
