"""The files of a draft, for the device that holds its key: what was added, and how much in a day."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE
from infrastructure.files.kinds import FACTS, Kind
from service_request.models import File, FileState, FileWhy

OF_DRAFT = "draft"


@dataclass(frozen=True)
class HeldFile:
    """A file as its sender sees it; nothing of it is handed back."""

    id: UUID
    name: str
    words: str
    size: int
    state: FileState
    why: FileWhy | None

    @property
    def is_kept(self) -> bool:
        """Tell whether it takes up room."""
        return self.state is not FileState.REFUSED

    @property
    def is_refused(self) -> bool:
        """Tell whether it will not go with the request."""
        return self.state in (FileState.REFUSED, FileState.WITHHELD, FileState.MISSING)


def list_files_of_draft(session: Session, draft_id: UUID) -> list[HeldFile]:
    """Return what came with a draft, in order; after sending this is the receipt."""
    return [_held(row) for row in list_rows_of_draft(session, draft_id)]


def list_rows_of_draft(session: Session, draft_id: UUID) -> list[File]:
    """Return the rows of a draft that its holder has locked or opened."""
    query = select(File).where(File.wall.in_(EITHER_SIDE), File.draft_id == draft_id).order_by(File.made_at, File.id)
    return list(session.scalars(query))


def bytes_of_day(session: Session, *, device: str, address: str) -> tuple[int, int]:
    """Return how many bytes of files this device, and this address, have added today."""
    added = select(func.coalesce(func.sum(File.size), 0)).where(File.wall.in_(EITHER_SIDE))
    by_device = session.scalars(added.where(File.day_device == device)).one()
    return by_device, session.scalars(added.where(File.day_address == address)).one()


def _held(row: File) -> HeldFile:
    kind = row.kind
    words = FACTS[Kind(kind)].words if kind in set(Kind) else ""
    return HeldFile(row.id, row.name or "file", words, row.size, row.state, row.why)
