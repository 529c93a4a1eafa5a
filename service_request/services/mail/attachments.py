"""The files of a mail are filed as those of a text: taken out of the raw mail by the worker, scanned, served (T15)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.files.arriving import Arrived, Refusal, RefusedFile, arrive_from_bytes
from infrastructure.files.stores import store_of
from infrastructure.house import House
from infrastructure.texting.media import MediaAwayError
from service_request.services.files.adding import FileRefusedError
from service_request.services.mail.reading import READER, CouldNotReadError, Reader
from service_request.services.sight.mail_rows import raw_of_media

ATTACHED = "attachment:"  # how a file of a mail is told from one that a carrier holds; its name follows


def bring_attached(session: Session, media_id: UUID, *, house: House, reader: Reader = READER) -> Arrived:
    """Take one file out of a kept mail, sealed for its side of the wall, with no database connection held.

    Raise MediaAwayError where the mail cannot be read now, FileRefusedError where it has no such file.
    """
    found = raw_of_media(session, media_id)
    try:
        content = reader.read_file(found.raw, found.number)
    except CouldNotReadError:
        raise MediaAwayError("unreadable", is_gone=True) from None
    if content is None:
        raise FileRefusedError(Refusal.CUT_OFF)
    name, longest = found.url.removeprefix(ATTACHED), house.settings.upload_max_bytes
    ended = arrive_from_bytes(name, content, store_of(house.settings), found.wall, longest=longest, is_sent=True)
    if isinstance(ended, RefusedFile):
        raise FileRefusedError(ended.why)
    return ended
