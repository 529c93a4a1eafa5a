"""Files at rest: sealed piece by piece while they stream, so that clear bytes never touch a disk.

Format "FDF1": the four letters, then pieces. A piece is up to 65,536 bytes of content sealed with AES-256-GCM under the
file's own key, 16 bytes longer than its content. The nonce of piece n is 7 zero bytes, n in 4 bytes, and 1 for the last
piece or 0 (STREAM; Hoang, Reyhanitabar, Rogaway and Vizar 2015): a piece that is altered, moved, dropped or
cut off does not open. The key is drawn for this one file, and kept sealed in its row by the ring of the row's wall:
rotation seals the key anew and leaves the file.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from hashlib import sha256
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infrastructure.database import Wall, digest

MAGIC = b"FDF1"
PIECE = 65_536
TAG = 16


class AlteredError(Exception):
    """A stored file is not what was stored: altered, cut short, or sealed with another key."""


def content_hasher(wall: Wall) -> hmac.HMAC:
    """Return what makes the keyed hash of a content on one side of the wall."""
    return hmac.new(digest("file content", wall.value, wall), digestmod=sha256)


class SealingWriter:
    """Takes a file's bytes as they come, and writes them sealed; knows its size and its keyed hash when closed."""

    def __init__(self, out: BinaryIO, wall: Wall) -> None:
        self.key = secrets.token_bytes(32)
        self.size = 0
        self._out, self._cipher, self._n, self._buffer = out, AESGCM(self.key), 0, bytearray()
        # Keyed for each wall: equal files on both sides have hashes that cannot be compared (SE-5).
        self._hash = content_hasher(wall)
        out.write(MAGIC)

    def write(self, part: bytes) -> None:
        """Take some more bytes."""
        self.size += len(part)
        self._hash.update(part)
        self._buffer += part
        while len(self._buffer) > PIECE:
            self._seal(bytes(self._buffer[:PIECE]), is_last=False)
            del self._buffer[:PIECE]

    def close(self) -> str:
        """Seal the last piece; return the content's keyed hash in hexadecimal."""
        self._seal(bytes(self._buffer), is_last=True)
        self._buffer.clear()
        return self._hash.hexdigest()

    def _seal(self, piece: bytes, *, is_last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._n, is_last), piece, MAGIC))
        self._n += 1


def unsealed(source: BinaryIO, key: bytes) -> Iterator[bytes]:
    """Yield a stored file's content, piece by piece; raise AlteredError at the first that does not open."""
    cipher, n = AESGCM(key), 0
    if _read(source, len(MAGIC)) != MAGIC:
        raise AlteredError
    piece = _read(source, PIECE + TAG)
    while True:
        following = _read(source, PIECE + TAG)
        try:
            yield cipher.decrypt(_nonce(n, not following), piece, MAGIC)
        except (InvalidTag, ValueError):
            raise AlteredError from None
        if not following:
            return
        piece, n = following, n + 1


def _nonce(n: int, is_last: bool) -> bytes:
    return bytes(7) + n.to_bytes(4, "big") + bytes([is_last])


def _read(source: BinaryIO, size: int) -> bytes:
    """Read exactly this much, or what is left: a network stream gives less at a time."""
    parts = []
    while size > 0 and (part := source.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
