"""Whether a locked PDF opens without a password: then it is locked against changes only, and a scanner reads it too.

ISO 32000-1, 7.6.3: revisions 2 to 4 of the standard handler, and 5. Revision 6 would need AES, which the standard
library lacks: such a file counts as one with a password.
"""

from __future__ import annotations

import re
from hashlib import md5, sha256

_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_REFERENCE = re.compile(rb"/Encrypt\s+(\d{1,8})\s+(\d{1,5})\s+R")
_ID = re.compile(rb"/ID\s*\[\s*(?=[(<])")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
LONGEST = 2_000  # of the dictionary that says how a file is locked


def opens_without_password(data: bytes) -> bool:
    """Tell whether the empty password opens it; what is not understood does not."""
    try:
        lock = _lock(data)
        revision = _number(lock, b"R")
        if revision == 5:
            user = _string(lock, re.compile(rb"/U\s*(?=[(<])"))
            return sha256(user[32:40]).digest() == user[:32]
        return revision in (2, 3, 4) and _fits(lock, revision, _string(data, _ID))
    except (ValueError, IndexError):
        return False


def _lock(data: bytes) -> bytes:
    reference = _REFERENCE.search(data)
    if reference is None:
        start = data.index(b"/Encrypt")
        return data[start : start + LONGEST]
    found = re.search(rb"(?<!\d)%s\s+%s\s+obj\b" % reference.groups(), data)
    if found is None:
        raise ValueError
    return data[found.end() : found.end() + LONGEST].split(b"endobj")[0]


def _fits(lock: bytes, revision: int, file_id: bytes) -> bool:
    owner, user = (_string(lock, re.compile(rb"/%s\s*(?=[(<])" % name)) for name in (b"O", b"U"))
    length = 5 if revision == 2 else _number(lock, b"Length", 128 if revision == 4 else 40) // 8
    if revision == 4:
        length = 16
    rights = (_number(lock, b"P") & 0xFFFFFFFF).to_bytes(4, "little")
    plain = b"\xff\xff\xff\xff" if revision == 4 and re.search(rb"/EncryptMetadata\s+false", lock) else b""
    key = _md5(_PAD + owner[:32] + rights + file_id + plain)
    if revision == 2:
        return _rc4(key[:length], _PAD) == user[:32]
    for _ in range(50):
        key = _md5(key[:length])
    seen = _md5(_PAD + file_id)
    for n in range(20):
        seen = _rc4(bytes(byte ^ n for byte in key[:length]), seen)
    return seen == user[:16]


def _md5(content: bytes) -> bytes:
    return md5(content, usedforsecurity=False).digest()


def _number(lock: bytes, name: bytes, otherwise: int | None = None) -> int:
    found = re.search(rb"/%s\s+(-?\d{1,11})" % name, lock)
    if found is None and otherwise is None:
        raise ValueError
    return int(found[1]) if found else otherwise or 0


def _string(data: bytes, before: re.Pattern[bytes]) -> bytes:
    found = before.search(data)
    if found is None:
        raise ValueError
    place = found.end()
    if data[place : place + 1] == b"<":
        return bytes.fromhex(data[place + 1 : data.index(b">", place)].decode("ascii"))
    return _literal(data[place + 1 : place + 1 + LONGEST])


def _literal(data: bytes) -> bytes:
    out, depth, place = bytearray(), 1, 0
    while True:
        one = data[place : place + 1]
        if not one:
            raise ValueError
        place += 1
        if one == b"\\":
            octal = re.match(rb"[0-7]{1,3}", data[place : place + 3])
            if octal:
                out.append(int(octal[0], 8) & 255)
                place += len(octal[0])
                continue
            one = data[place : place + 1]
            out += _ESCAPES.get(one, one)
            place += 1
            continue
        depth += {b"(": 1, b")": -1}.get(one, 0)
        if depth == 0:
            return bytes(out)
        out += one


def _rc4(key: bytes, content: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 255
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in content:
        i = (i + 1) & 255
        j = (j + state[i]) & 255
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) & 255])
    return bytes(out)
