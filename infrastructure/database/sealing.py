"""Ciphertext at rest: a value is sealed with the ring of its row's wall and opened when it is read."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Generic, TypeVar, overload

from cryptography.fernet import Fernet, MultiFernet

from infrastructure.settings import Settings, split

T = TypeVar("T")


class Wall(StrEnum):
    """The side of SENDIASS's wall that a row stands on (SE-5)."""

    OPEN = "open"
    SENDIASS = "sendiass"


EITHER_SIDE = tuple(Wall)  # what the worker, or the holder of a secret, reads wherever it stands


@dataclass(frozen=True)
class KeyRings:
    """The keys of this installation: for each side of the wall a ring, and keys for keyed hashes, newest first.

    Who holds the keys of one side can neither open nor guess at anything of the other (SE-5).
    """

    rings: dict[Wall, MultiFernet]
    hash_keys: dict[Wall, tuple[bytes, ...]]

    @classmethod
    def from_settings(cls, settings: Settings) -> KeyRings:
        """Take the rings from the settings, newest key first."""
        texts = {Wall.OPEN: settings.open_keys, Wall.SENDIASS: settings.sendiass_keys}
        rings = {wall: MultiFernet([Fernet(k) for k in split(t.get_secret_value())]) for wall, t in texts.items()}
        hashes = {Wall.OPEN: settings.hash_key, Wall.SENDIASS: settings.sendiass_hash_key}
        return cls(
            rings, {wall: tuple(k.encode() for k in split(key.get_secret_value())) for wall, key in hashes.items()}
        )

    def fernets(self, wall: Wall) -> tuple[Fernet, ...]:
        """Return the keys of a ring one by one, newest first."""
        return tuple(self.rings[wall]._fernets)


_AS_JSON = json.JSONEncoder(ensure_ascii=False).encode  # made once: json.dumps makes one for each value


class _Holder:
    keys: KeyRings | None = None


def use_keys(keys: KeyRings) -> None:
    """Give this process its keys; called once by the composition root."""
    _Holder.keys = keys


def keys_in_use() -> KeyRings:
    """Return the keys that this process was given."""
    return _keys()


def _keys() -> KeyRings:
    if _Holder.keys is None:
        raise RuntimeError("the keys are given by create_app()")
    return _Holder.keys


def seal(wall: Wall, value: bytes) -> bytes:
    """Encrypt with the newest key of that wall's ring."""
    return _keys().rings[wall].encrypt(value)


def unseal(wall: Wall, value: bytes) -> bytes:
    """Decrypt with any key of that wall's ring."""
    return _keys().rings[wall].decrypt(value)


def digest(purpose: str, value: str, wall: Wall = Wall.OPEN) -> bytes:
    """Hash a text under the newest key of that side of the wall and a purpose label (32 bytes)."""
    return _hmac(_keys().hash_keys[wall][0], purpose, value)


def digests(purpose: str, value: str, wall: Wall = Wall.OPEN) -> tuple[bytes, ...]:
    """Hash a text under each key of that side of the wall, newest first: what may be stored until all is rotated."""
    return tuple(_hmac(key, purpose, value) for key in _keys().hash_keys[wall])


def _hmac(key: bytes, purpose: str, value: str) -> bytes:
    return hmac.new(key, f"{purpose}\0{value}".encode(), sha256).digest()


class Sealed(Generic[T]):
    """A descriptor over a bytes column: set and read in clear, stored as ciphertext."""

    def __init__(self, column: str, pack: Callable[[T], bytes], unpack: Callable[[bytes], T]) -> None:
        self.column, self.pack, self.unpack = column, pack, unpack

    @overload
    def __get__(self, row: None, owner: type) -> Sealed[T]: ...
    @overload
    def __get__(self, row: Any, owner: type) -> T | None: ...
    def __get__(self, row: Any, owner: type) -> Any:
        """Open the value."""
        if row is None:
            return self
        value = getattr(row, self.column)
        return None if value is None else self.open(_wall_of(row), value)

    def open(self, wall: Wall, value: bytes) -> T:
        """Open a value that was read as a column, without its row."""
        return self.unpack(unseal(wall, value))

    def __set__(self, row: Any, value: T | None) -> None:
        """Seal the value; None stays nothing."""
        setattr(row, self.column, None if value is None else seal(_wall_of(row), self.pack(value)))


def _wall_of(row: Any) -> Wall:
    wall = getattr(row, "wall", Wall.OPEN)
    if wall is None:
        raise ValueError(f"{type(row).__name__} needs its wall before anything is sealed in it")
    return Wall(wall)


def sealed_text(column: str) -> Sealed[str]:
    """Describe a text kept sealed in `column`."""
    return Sealed(column, lambda text: text.encode(), lambda raw: raw.decode())


def sealed_json(column: str) -> Any:
    """Describe a JSON value kept sealed in `column`."""
    return Sealed(column, lambda value: _AS_JSON(value).encode(), json.loads)


def sealed_bytes(column: str) -> Sealed[bytes]:
    """Describe bytes kept sealed in `column`."""
    return Sealed(column, lambda raw: raw, lambda raw: raw)
