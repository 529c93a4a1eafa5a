"""Files kept with a request: what people added, in the store; and the form returned, made by the worker."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, KeyedHash, Wall, sealed_bytes, sealed_text


class FileState(StrEnum):
    """Whether a file may be served; only a clean one ever is."""

    PENDING = "pending"  # waits to be scanned and looked into by the worker
    CLEAN = "clean"
    WITHHELD = "withheld"  # something in it is dangerous, or it is not what its name says
    CANNOT_SCAN = "cannot_scan"  # locked with a password: nobody can look into it
    REFUSED = "refused"  # did not arrive whole; nothing of it is stored, only its name
    MISSING = "missing"  # the row is here, and its object is gone from the store
    ERASED = "erased"


class FileWhy(StrEnum):
    """Why a file is not served, or with which warning."""

    MALWARE = "malware"
    MACROS = "macros"
    NOT_AS_NAMED = "not_as_named"
    TOO_COMPLEX = "too_complex"  # looking into it took more than it may
    PASSWORD = "password"  # nosec B105 - locked with one
    PLACE_KEPT = "place_kept"  # a photo whose record of where it was taken could not be taken out, or a video with one
    OTHER_KIND = "other_kind"  # sent to us by a text or a mail, and no kind that is handed out
    CUT_OFF = "cut_off"
    NOT_STORED = "not_stored"


class File(Entity):
    """A file. What people add is in the store, encrypted under a key of its own, which is sealed here.

    The form returned has its content sealed in the row, so that web and worker machines need share no disk.
    """

    __tablename__ = "file"
    __table_args__ = (
        Index(None, "wall", "owner_kind", "owner_id"),
        Index(None, "wall", "draft_id"),
        Index(None, "wall", "check_at"),
        Index(None, "wall", "day_device"),
        Index(None, "wall", "day_address"),
    )

    wall: Mapped[Wall] = mapped_column()
    owner_kind: Mapped[str] = mapped_column()  # draft, request, outcome
    owner_id: Mapped[UUID] = mapped_column()
    draft_id: Mapped[UUID | None] = mapped_column()  # the draft it came with, which is its receipt
    name_sealed: Mapped[bytes] = mapped_column()
    name = sealed_text("name_sealed")
    note_sealed: Mapped[bytes | None] = mapped_column()  # what staff say it is
    note = sealed_text("note_sealed")
    kind: Mapped[str] = mapped_column()
    sha256: Mapped[str | None] = mapped_column()  # of the form returned only: what people add has no plain hash
    size: Mapped[int] = mapped_column()
    pages: Mapped[int | None] = mapped_column()
    content_sealed: Mapped[bytes | None] = mapped_column(deferred=True)
    content = sealed_bytes("content_sealed")
    store_key: Mapped[str | None] = mapped_column()
    key_sealed: Mapped[bytes | None] = mapped_column()  # the key of the stored object: rotation seals it anew
    key = sealed_bytes("key_sealed")
    served_store_key: Mapped[str | None] = mapped_column()  # the copy without the place where a photo was taken
    served_key_sealed: Mapped[bytes | None] = mapped_column()
    served_key = sealed_bytes("served_key_sealed")
    served_size: Mapped[int | None] = mapped_column()
    state: Mapped[FileState] = mapped_column()
    why: Mapped[FileWhy | None] = mapped_column()
    scanned_at: Mapped[datetime | None] = mapped_column()  # None on a clean one: no scanner was there
    made_at: Mapped[datetime] = mapped_column()
    by_kind: Mapped[str | None] = mapped_column()
    by_id: Mapped[UUID | None] = mapped_column()
    day_device: Mapped[str | bytes | None] = mapped_column(KeyedHash("upload"))  # who sent it, for the day's quota
    day_address: Mapped[str | bytes | None] = mapped_column(KeyedHash("upload"))
    check_at: Mapped[datetime | None] = mapped_column()  # None: nothing more to do
    lease_until: Mapped[datetime | None] = mapped_column()
    fence: Mapped[int] = mapped_column(default=0, server_default="0")
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
