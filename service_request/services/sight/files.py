"""The files of a request, for a user who sees the request or was given sight of its files (EV-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, String, cast, select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.files.kinds import FACTS, Kind
from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from service_request.models import File, FileState, FileWhy, Grant, ServiceRequest
from service_request.services.refusals import NotYoursError
from service_request.services.sight.viewing import Part
from service_request.services.sight.visible import live_grants, visible_to

OF_REQUEST = "request"
NAMED_BY_SCOPE = '%"files"%'  # a part of the form, as a scope lists them in JSON


@dataclass(frozen=True)
class StoredAt:
    """Where a file's bytes are, and the key that opens them."""

    store_key: str
    key: bytes
    size: int


@dataclass(frozen=True)
class FileFacts:
    """A file as it is listed."""

    id: UUID
    request_id: UUID
    wall: Wall
    name: str
    kind: Kind
    size: int
    state: FileState
    why: FileWhy | None
    note: str | None
    made_at: datetime
    by: str | None  # None: it came with the form, or with a message
    is_of_form: bool
    is_scanned: bool
    stored: StoredAt | None  # None: not to be served

    @property
    def words(self) -> str:
        """Return what kind of file it is."""
        return FACTS[self.kind].words

    @property
    def mime(self) -> str:
        """Return the type it is handed out with."""
        return FACTS[self.kind].mime


def wall_of(session: Session, request_id: UUID, user: User) -> Wall:
    """Return the side on which a request stands that the user sees, or raise NotYoursError."""
    query = select(ServiceRequest.wall).where(visible_to(user), ServiceRequest.id == request_id)
    wall = session.scalars(query).one_or_none()
    if wall is None:
        raise NotYoursError
    return wall


def list_files(session: Session, request_id: UUID, user: User) -> list[FileFacts]:
    """Return the files of a request, in the order in which they came, for whoever sees that part of it."""
    query = _of_requests(user).where(File.owner_id == request_id).order_by(File.made_at, File.id)
    return [file_facts(row, by) for row, by in session.execute(query)]


def get_file(session: Session, request_id: UUID, file_id: UUID, user: User) -> FileFacts:
    """Return one file of a request, or raise NotYoursError: another team's file is not there."""
    return _one(session, _of_requests(user).where(File.owner_id == request_id, File.id == file_id))


def list_granted_files(session: Session, assignment_id: UUID, user: User) -> list[FileFacts]:
    """Return the files that a live grant shows: all of the request where its scope names files, else none."""
    query = _of_grants(user).where(Grant.assignment_id == assignment_id).order_by(File.made_at, File.id)
    return [file_facts(row, by) for row, by in session.execute(query)]


def get_granted_file(session: Session, assignment_id: UUID, file_id: UUID, user: User) -> FileFacts:
    """Return one file that a live grant shows, or raise NotYoursError."""
    return _one(session, _of_grants(user).where(Grant.assignment_id == assignment_id, File.id == file_id))


def _of_requests(user: User) -> Select[File, str]:
    return (
        select(File, UserAccount.name)
        .join(ServiceRequest, (ServiceRequest.wall == File.wall) & (ServiceRequest.id == File.owner_id))
        .outerjoin(UserAccount, UserAccount.id == File.by_id)
        .where(visible_to(user, Part.FILES), File.owner_kind == OF_REQUEST)
    )


def _of_grants(user: User) -> Select[File, str]:
    return (
        select(File, UserAccount.name)
        .join(Grant, (Grant.wall == File.wall) & (Grant.request_id == File.owner_id))
        .outerjoin(UserAccount, UserAccount.id == File.by_id)
        .where(live_grants(user), File.owner_kind == OF_REQUEST, cast(Grant.scope, String).like(NAMED_BY_SCOPE))
    )


def _one(session: Session, query: Select[File, str]) -> FileFacts:
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotYoursError
    return file_facts(*found)


def file_facts(row: File, by: str | None) -> FileFacts:
    """Open what is sealed of a file; only a clean one says where its bytes are."""
    return FileFacts(
        id=row.id,
        request_id=row.owner_id,
        wall=row.wall,
        name=row.name or "file",
        kind=Kind(row.kind),
        size=row.size,
        state=row.state,
        why=row.why,
        note=row.note,
        made_at=row.made_at,
        by=by,
        is_of_form=row.draft_id is not None,
        is_scanned=row.scanned_at is not None,
        stored=_stored(row),
    )


def _stored(row: File) -> StoredAt | None:
    if row.state is not FileState.CLEAN:
        return None
    if row.served_store_key and row.served_key is not None:
        return StoredAt(row.served_store_key, row.served_key, row.served_size or 0)
    return StoredAt(row.store_key, row.key, row.size) if row.store_key and row.key is not None else None
