"""S/MIME that is signed and not encrypted (RFC 8551 3.5.2): the mail in its envelope; the signature is not judged."""

from __future__ import annotations

_IS_SIGNED = bytes.fromhex("06092a864886f70d010702")  # the object identifiers as they are written
_HOLDS = bytes.fromhex("06092a864886f70d010701")
_NEAR = 200  # bytes within which the one follows the other: version and digests stand between
_MOST_PIECES = 100_000
_PRIMITIVE, _IN_PIECES, _EXPLICIT = 0x04, 0x24, 0xA0


def signed_content(data: bytes) -> bytes:
    """Return what was signed, b"" where this is something else or is spoilt."""
    begins = data.find(_IS_SIGNED, 0, _NEAR)
    holds = data.find(_HOLDS, begins, begins + _NEAR) if begins >= 0 else -1
    if holds < 0:
        return b""
    tag, at, _ = _read(data, holds + len(_HOLDS))
    if tag != _EXPLICIT:
        return b""
    tag, at, length = _read(data, at)
    if tag == _PRIMITIVE:
        return data[at : at + length]
    pieces = list[bytes]()
    end = at + length if length >= 0 else len(data)
    while tag == _IN_PIECES and at < end and len(pieces) < _MOST_PIECES:
        kind, at, size = _read(data, at)
        if kind != _PRIMITIVE or size < 0:  # two zero bytes end what has no length
            break
        pieces.append(data[at : at + size])
        at += size
    return b"".join(pieces)


def _read(data: bytes, at: int) -> tuple[int, int, int]:
    """Return a tag, where its content begins and how long that is: -1 where its end is marked instead."""
    tag, first = (*data[at : at + 2], 0, 0)[:2]
    if first == 0x80:
        return tag, at + 2, -1
    if first < 0x80:
        return tag, at + 2, first
    octets = data[at + 2 : at + 2 + (first & 0x7F)]
    return tag, at + 2 + len(octets), int.from_bytes(octets[:8], "big")
