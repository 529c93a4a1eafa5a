"""Drop the files of a draft that goes: the rows with it, the objects after it."""

from __future__ import annotations

import structlog
from sqlalchemy import delete
from sqlalchemy.orm import Session

from infrastructure.files.stores import store_of
from infrastructure.house import House
from service_request.models import Draft, File
from service_request.services.sight.held_files import OF_DRAFT, list_rows_of_draft

log = structlog.get_logger("files")


def drop_files_of_draft(session: Session, draft: Draft) -> list[str]:
    """Delete the rows of a draft that goes, inside the caller's transaction; return the objects to remove after it."""
    if not draft.files:
        return []
    rows = [row for row in list_rows_of_draft(session, draft.id) if row.owner_kind == OF_DRAFT]
    names = [name for row in rows for name in objects_of(row)]
    session.execute(delete(File).where(File.wall == draft.wall, File.id.in_([row.id for row in rows])))
    return names


def remove_objects(names: list[str], house: House) -> None:
    """Remove objects that no row names any more; what stays behind is found by `flask files check`."""
    store = store_of(house.settings)
    for name in names:
        try:
            store.remove(name)
        except Exception as error:
            log.warning("object_left", error=type(error).__name__)


def objects_of(row: File) -> list[str]:
    """Return the names of what is stored of a file."""
    return [name for name in (row.store_key, row.served_store_key) if name]
