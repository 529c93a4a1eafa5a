"""Add files to a draft or a request: stored first, then named by a row; never a row without its file (EV-1)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.database.transaction import failpoint
from infrastructure.files.arriving import Arrived, Refusal, RefusedFile, dropped_at_last
from infrastructure.files.kinds import kind_by_name
from infrastructure.files.stores import NotStoredError, Store, object_name, store_of
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.trail import Actor, ActorKind, Stream, record
from service_request.domain.errors import DomainError
from service_request.models import Draft, File, FileState, FileWhy, ServiceRequest, TaskKind
from service_request.services.drafts import get_draft
from service_request.services.files.dropping import objects_of, remove_objects
from service_request.services.refusals import DraftSentError
from service_request.services.sight.files import OF_REQUEST
from service_request.services.sight.held_files import OF_DRAFT, bytes_of_day, list_rows_of_draft
from service_request.services.sight.system import lock_request
from service_request.services.sight.visible import get_request
from service_request.services.sight.worker_files import list_rows_of_request
from service_request.services.tasks import need_task

log = structlog.get_logger("files")
SENDER = ActorKind.REFERRER
TOLD = frozenset({FileState.WITHHELD, FileState.CANNOT_SCAN, FileState.MISSING})  # a person of the desk must know


class FileRefusedError(DomainError):
    """A file is not taken; `why` says so in a code that the page puts into words."""

    def __init__(self, why: Refusal) -> None:
        self.why = why
        super().__init__("This file cannot be added")


@dataclass(frozen=True)
class Sender:
    """Who adds a file to a draft: the device that holds its key, and where it writes from, for the day's quota."""

    device: str
    address: str

    def of_day(self, now: datetime) -> tuple[str, str]:
        """Return the two names under which a day's bytes are summed; they say nothing to each other the day after."""
        day = now.date().isoformat()
        return f"{day} device {self.device}", f"{day} address {self.address}"


def room_in_draft(session: Session, draft_id: UUID, *, sender: Sender, now: datetime, house: House) -> int:
    """Return how many more files this draft may take now; raise FileRefusedError when none, before a byte is read."""
    settings = house.settings
    kept = [row for row in list_rows_of_draft(session, draft_id) if row.state is not FileState.REFUSED]
    if len(kept) >= settings.upload_most:
        raise FileRefusedError(Refusal.TOO_MANY)
    device, address = sender.of_day(now)
    by_device, by_address = bytes_of_day(session, device=device, address=address)
    if by_device >= settings.upload_day_bytes or by_address >= settings.upload_day_bytes_address:
        raise FileRefusedError(Refusal.DAY_IS_FULL)
    return settings.upload_most - len(kept)


def add_to_draft(
    session: Session, draft_id: UUID, *, arrived: Arrived, sender: Sender, now: datetime, house: House
) -> UUID:
    """Keep a file with a draft, and return its id; the same content again is the same file (EV-3).

    Raise FileRefusedError, DraftSentError or DraftNotFoundError; the file is then not kept.
    """
    store, name = store_of(house.settings), object_name(arrived.content_hash, arrived.id)
    _keep(session, store, arrived, name)
    try:
        with transaction(session):
            draft = get_draft(session, draft_id, sender.device, now=now, lock=True)
            if draft.sent_request_id is not None:
                raise DraftSentError
            kept = [row for row in list_rows_of_draft(session, draft_id) if row.state is not FileState.REFUSED]
            same = next((row for row in kept if _content_of(row) == arrived.content_hash), None)
            if same is None:
                if len(kept) >= house.settings.upload_most:
                    raise FileRefusedError(Refusal.TOO_MANY)
                device, address = sender.of_day(now)
                _check_day(session, device, address, arrived.size, house)
                row = _row(draft.wall, arrived, name, owner=(OF_DRAFT, draft.id), by=Actor(SENDER), now=now)
                row.draft_id, row.day_device, row.day_address = draft.id, device, address
                session.add(row)
                draft.files += 1
                draft.saved_at = now
            failpoint("before_file_commit")
    except DomainError:
        store.remove(name)
        raise
    if same is not None:
        store.remove(name)
        return same.id
    failpoint("after_file_commit")
    return arrived.id


def note_refused(
    session: Session, draft_id: UUID, *, refused: RefusedFile, device: str | None, now: datetime, house: House
) -> None:
    """Keep the name of a file that did not arrive whole: whoever sent it is gone, and must be told when back (U1)."""
    with transaction(session):
        draft = get_draft(session, draft_id, device, now=now, lock=True)
        rows = list_rows_of_draft(session, draft_id)
        if draft.sent_request_id is not None or len(rows) >= 2 * house.settings.upload_most:
            return
        if any(row.state is FileState.REFUSED and row.name == refused.name for row in rows):
            return
        session.add(
            File(
                wall=draft.wall,
                owner_kind=OF_DRAFT,
                owner_id=draft.id,
                draft_id=draft.id,
                name=refused.name,
                kind=kind_by_name(refused.name) or "",
                size=0,
                state=FileState.REFUSED,
                why=FileWhy.CUT_OFF if refused.why is Refusal.CUT_OFF else FileWhy.NOT_STORED,
                made_at=now,
                by_kind=SENDER,
            )
        )
        draft.files += 1


def remove_from_draft(
    session: Session, draft_id: UUID, file_id: UUID, *, device: str | None, now: datetime, house: House
) -> None:
    """Take a file out of a draft, with its object; a second press changes nothing."""
    with transaction(session):
        draft = get_draft(session, draft_id, device, now=now, lock=True)
        if draft.sent_request_id is not None:
            raise DraftSentError
        row = next((row for row in list_rows_of_draft(session, draft_id) if row.id == file_id), None)
        if row is None:
            return
        names = objects_of(row)
        session.delete(row)
        draft.files = max(draft.files - 1, 0)
    remove_objects(names, house)


def move_to_request(session: Session, draft: Draft, request: ServiceRequest, *, by: Actor, now: datetime) -> None:
    """Give the files of a draft to the request that it becomes or completes, in the transaction that sends it."""
    if not draft.files:
        return
    moved = update(File).where(
        File.wall == draft.wall, File.draft_id == draft.id, File.owner_kind == OF_DRAFT, File.state != FileState.REFUSED
    )
    session.execute(moved.values(owner_kind=OF_REQUEST, owner_id=request.id))
    rows = [row for row in list_rows_of_request(session, request.id) if row.draft_id == draft.id]
    if not rows:
        return
    stream = Stream("request", request.id)
    record(session, stream, "add_files", by=by, now=now, files=[row.id for row in rows], count=len(rows))
    for row in rows:
        if row.state in TOLD:
            tell_desk(session, row, now=now)


def add_to_request(
    session: Session, request_id: UUID, *, arrived: Arrived, note: str, by: User, now: datetime, house: House
) -> UUID:
    """Keep a file that staff add, with what they say it is; it is looked into like any other.

    Raise NotYoursError or FileRefusedError; the file is then not kept.
    """
    store, name = store_of(house.settings), object_name(arrived.content_hash, arrived.id)
    _keep(session, store, arrived, name)
    try:
        with transaction(session):
            request = get_request(session, request_id, by, lock=True)
            rows = list_rows_of_request(session, request.id)
            same = next((row for row in rows if row.by_id == by.id and _content_of(row) == arrived.content_hash), None)
            if same is None:
                if len(rows) >= 10 * house.settings.upload_most:
                    raise FileRefusedError(Refusal.TOO_MANY)
                row = _row(request.wall, arrived, name, owner=(OF_REQUEST, request.id), by=by.actor, now=now)
                row.note = note.strip() or None
                session.add(row)
                stream = Stream("request", request.id)
                record(session, stream, "add_files", by=by.actor, now=now, files=[row.id], count=1)
    except DomainError:
        store.remove(name)
        raise
    if same is not None:
        store.remove(name)
        return same.id
    return arrived.id


def add_from_text(
    session: Session,
    request_id: UUID,
    *,
    arrived: Arrived,
    wall: Wall,
    settle: Callable[[UUID], bool],
    now: datetime,
    house: House,
) -> bool:
    """Keep a file that came with a text, in one transaction with `settle`, which marks where it came from.

    Answer False, with nothing kept, where `settle` says that another was here before, or the request crossed the wall
    while the file was sealed for the side it stood on. Raise FileRefusedError.
    """
    store, name = store_of(house.settings), object_name(arrived.content_hash, arrived.id)
    _keep(session, store, arrived, name)
    try:
        with transaction(session):
            request = lock_request(session, request_id)
            is_ours = request.wall is wall and settle(arrived.id)
            if is_ours:
                if len(list_rows_of_request(session, request.id)) >= 10 * house.settings.upload_most:
                    raise FileRefusedError(Refusal.TOO_MANY)
                session.add(_row(wall, arrived, name, owner=(OF_REQUEST, request.id), by=Actor(SENDER), now=now))
                stream = Stream("request", request.id)
                record(session, stream, "add_files", by=Actor(SENDER), now=now, files=[arrived.id], count=1)
            failpoint("before_media_commit")
    except DomainError:
        store.remove(name)
        raise
    if not is_ours:
        store.remove(name)
    return is_ours


def tell_desk(session: Session, row: File, *, now: datetime) -> None:
    """Make a task about a file that cannot be served, once for each reason, in the caller's transaction (U4, U8)."""
    need_task(
        session,
        TaskKind.FILE,
        cause=f"file:{row.id}:{row.why or row.state}",
        request_id=row.owner_id,
        about_id=row.id,
        now=now,
        wall=row.wall,
    )


def _keep(session: Session, store: Store, arrived: Arrived, name: str) -> None:
    """Store the file with no database connection held; raise FileRefusedError where the store does not take it."""
    session.rollback()
    with dropped_at_last(arrived):
        try:
            store.keep(arrived.path, name)
        except NotStoredError as error:
            log.error("file_not_stored", error=error.code)
            with suppress(Exception):
                store.remove(name)
            raise FileRefusedError(Refusal.NOT_STORED) from None
        failpoint("file_stored")


def _row(wall: Wall, arrived: Arrived, name: str, *, owner: tuple[str, UUID], by: Actor, now: datetime) -> File:
    return File(
        wall=wall,
        id=arrived.id,
        owner_kind=owner[0],
        owner_id=owner[1],
        name=arrived.name,
        kind=arrived.kind,
        size=arrived.size,
        store_key=name,
        key=arrived.key,
        state=FileState.PENDING,
        made_at=now,
        check_at=now,
        by_kind=by.kind,
        by_id=by.id,
    )


def _check_day(session: Session, device: str, address: str, size: int, house: House) -> None:
    by_device, by_address = bytes_of_day(session, device=device, address=address)
    settings = house.settings
    if by_device + size > settings.upload_day_bytes or by_address + size > settings.upload_day_bytes_address:
        raise FileRefusedError(Refusal.DAY_IS_FULL)


def _content_of(row: File) -> str:
    """Return the keyed hash of a row's content, which begins its object's name."""
    return (row.store_key or "").rpartition("/")[2].partition("-")[0]
