"""Where files are: on a disk outside the web root, or in a store that speaks S3. What is kept is sealed already."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import UUID

from infrastructure.settings import Settings

OBJECTS, INCOMING = "objects", "incoming"


class NotStoredError(Exception):
    """The store did not take a file: full, away, or refusing. `code` says which, in no words of anybody's."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class StoreAwayError(Exception):
    """The store does not answer; whether the file is there is not known."""


class NoObjectError(Exception):
    """The store answers, and has no such file."""


class Store(Protocol):
    """Keeps sealed files by name."""

    incoming: Path  # a folder of this machine for sealed files that are still arriving

    def keep(self, path: Path, name: str) -> None:
        """Take the file at `path` over under this name, durably; raise NotStoredError."""

    def open(self, name: str) -> BinaryIO:
        """Return the stored bytes; raise NoObjectError or StoreAwayError."""

    def has(self, name: str) -> bool:
        """Tell whether a file is there; raise StoreAwayError when that cannot be known."""

    def remove(self, name: str) -> None:
        """Remove a file; one that is gone already is no fault."""

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Return every stored file with the time it was kept."""


def object_name(content_hash: str, file_id: UUID) -> str:
    """Return the name of a stored object: the keyed hash of its content, then its row.

    Two rows never share an object, so that erasing one leaves the other, and no timing tells that a content is known.
    """
    return f"{content_hash[:2]}/{content_hash}-{file_id.hex}"


class DiskStore:
    """A folder: write aside, fsync, rename, fsync the folder; what is there is there whole."""

    def __init__(self, folder: Path) -> None:
        self.objects, self.incoming = folder / OBJECTS, folder / INCOMING

    def keep(self, path: Path, name: str) -> None:
        target = self._path(name)
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _sync(path)
            path.replace(target)
            _sync(target.parent)
            _sync(target.parent.parent)
        except OSError as error:
            raise NotStoredError(errno.errorcode.get(error.errno or 0, "OSError")) from None

    def open(self, name: str) -> BinaryIO:
        try:
            return self._path(name).open("rb")
        except FileNotFoundError:
            if not self.objects.is_dir():  # the disk is not mounted: nothing is known of what is on it
                raise StoreAwayError from None
            raise NoObjectError from None
        except OSError:
            raise StoreAwayError from None

    def has(self, name: str) -> bool:
        if not self.objects.is_dir():
            raise StoreAwayError
        return self._path(name).is_file()

    def remove(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def names(self) -> Iterator[tuple[str, datetime]]:
        if not self.objects.is_dir():
            return
        for path in sorted(self.objects.glob("*/*")):
            kept = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            yield path.relative_to(self.objects).as_posix(), kept

    def _path(self, name: str) -> Path:
        if not all(part.replace("-", "").isalnum() for part in name.split("/")):
            raise NoObjectError
        return self.objects / name


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def store_of(settings: Settings) -> Store:
    """Return the store that the settings name; one for each process."""
    bucket = settings.files_bucket
    return _s3_store(settings) if bucket else _disk_store(settings.files_folder)


@cache
def _disk_store(folder: Path) -> DiskStore:
    return DiskStore(folder)


@cache
def _s3_store(settings: Settings) -> Store:
    from infrastructure.files.s3 import S3Store  # boto3 is an extra, and heavy: only where it is used

    return S3Store(settings)
