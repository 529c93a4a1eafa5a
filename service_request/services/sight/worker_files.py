"""The files that the worker looks into and counts. No user is asked, and no name is opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, Wall
from service_request.models import File, FileState

PAGE = 500
KEPT = (FileState.PENDING, FileState.CLEAN, FileState.WITHHELD, FileState.CANNOT_SCAN)


@dataclass(frozen=True)
class KeptObject:
    """A row that says that an object is in the store."""

    file_id: UUID
    wall: Wall
    names: tuple[str, ...]


def list_files_to_check(session: Session, now: datetime, *, most: int = 50) -> list[UUID]:
    """Return the files that are due to be looked into and under no live lease, the longest waiting first."""
    free = or_(File.lease_until.is_(None), File.lease_until < now)
    query = select(File.id).where(File.wall.in_(EITHER_SIDE), File.check_at <= now, free)
    found = list(session.scalars(query.order_by(File.check_at).limit(most)))
    session.rollback()
    return found


def find_owner(session: Session, file_id: UUID) -> tuple[str, UUID] | None:
    """Return whom a file belongs to just now; a sending may move it from a draft to a request."""
    query = select(File.owner_kind, File.owner_id).where(File.wall.in_(EITHER_SIDE), File.id == file_id)
    row = session.execute(query).one_or_none()
    return (row.owner_kind, row.owner_id) if row is not None else None


def lock_file(session: Session, file_id: UUID) -> File | None:
    """Return one file, locked; None when it was removed meanwhile."""
    query = select(File).where(File.wall.in_(EITHER_SIDE), File.id == file_id).with_for_update(of=File)
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def list_rows_of_request(session: Session, request_id: UUID) -> list[File]:
    """Return the files of a request that the caller has locked."""
    query = select(File).where(File.wall.in_(EITHER_SIDE), File.owner_kind == "request", File.owner_id == request_id)
    return list(session.scalars(query.order_by(File.id)))


def kept_objects(session: Session) -> Iterator[KeptObject]:
    """Return every row that has an object in the store, a page at a time."""
    last: UUID | None = None
    while True:
        query = select(File.id, File.wall, File.store_key, File.served_store_key)
        query = (
            query.where(File.wall.in_(EITHER_SIDE), File.store_key.is_not(None), File.state.in_(KEPT))
            .order_by(File.id)
            .limit(PAGE)
        )
        rows = session.execute(query.where(File.id > last) if last else query).all()
        session.rollback()
        for row in rows:
            names = tuple(name for name in (row.store_key, row.served_store_key) if name)
            yield KeptObject(row.id, row.wall, names)
        if len(rows) < PAGE:
            return
        last = rows[-1].id


def known_objects(session: Session, names: Iterable[str]) -> set[str]:
    """Return which of these objects some row names."""
    wanted = list(names)
    query = select(File.store_key, File.served_store_key)
    query = query.where(File.wall.in_(EITHER_SIDE), or_(File.store_key.in_(wanted), File.served_store_key.in_(wanted)))
    found = {name for row in session.execute(query) for name in row if name}
    session.rollback()
    return found
