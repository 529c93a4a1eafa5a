"""Hand out a file that somebody may see: opened piece by piece, and never one that was not looked into (T17)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from typing import BinaryIO
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.files.sealed_stream import AlteredError, unsealed
from infrastructure.files.stores import NoObjectError, StoreAwayError, store_of
from infrastructure.house import House
from infrastructure.trail import SYSTEM, Stream, record
from service_request.domain.errors import DomainError
from service_request.models import FileState
from service_request.services.files.adding import tell_desk
from service_request.services.sight.files import FileFacts
from service_request.services.sight.system import lock_request
from service_request.services.sight.worker_files import lock_file

log = structlog.get_logger("files")


class NotServedError(DomainError):
    """The file is still being checked, or is withheld."""

    sentence = "This file cannot be opened. The request says why."


class FileGoneError(DomainError):
    """The store has not what the row says, or not as it was."""

    sentence = "This file is damaged or lost. The helpdesk has a task to ask for it again."


class FilesAwayError(DomainError):
    """The store does not answer."""

    sentence = "The files cannot be reached for the moment. Try again in a few minutes."


def open_file(session: Session, found: FileFacts, *, now: datetime, house: House) -> Pieces:
    """Return the content of a file, its first piece opened already, with no database connection held."""
    if found.stored is None:
        raise NotServedError
    session.rollback()
    source: BinaryIO | None = None
    try:
        source = store_of(house.settings).open(found.stored.store_key)
        pieces = unsealed(source, found.stored.key)
        first = next(pieces)
    except StoreAwayError:
        raise FilesAwayError from None
    except (NoObjectError, AlteredError) as error:
        if source is not None:
            source.close()
        log.error("file_lost", row=str(found.id), error=type(error).__name__)
        mark_missing(session, found.id, found.request_id, now=now)
        raise FileGoneError from None
    return Pieces(first, pieces, source)


def mark_missing(session: Session, file_id: UUID, request_id: UUID, *, now: datetime) -> None:
    """Note that a stored file is lost: never in silence, once for each."""
    with transaction(session):
        request = lock_request(session, request_id)
        row = lock_file(session, file_id)
        if row is None or row.state is FileState.MISSING or row.owner_id != request.id:
            return
        row.state, row.check_at, row.why = FileState.MISSING, None, None
        record(session, Stream("request", request.id), "file_missing", by=SYSTEM, now=now, file=row.id)
        tell_desk(session, row, now=now)


class Pieces:
    """The content of a file, piece by piece; closed when it was sent, or when whoever fetched it went away."""

    def __init__(self, first: bytes, rest: Iterator[bytes], source: BinaryIO) -> None:
        self._pieces, self._source = chain([first], rest), source

    def __iter__(self) -> Pieces:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the stored file."""
        self._source.close()
