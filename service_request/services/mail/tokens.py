"""The reply token: by it an answer finds its request again, and nobody can make one up (T7)."""

from __future__ import annotations

import hmac
from base64 import b32decode, b32encode
from hashlib import sha256
from uuid import UUID

from infrastructure.database import Wall
from infrastructure.settings import Settings, split

LOCAL_MOST = 64  # of the part before the @ (RFC 5321)
_LENGTH = 42  # in base32: mail servers may change the case, and no other sign is taken for part of an address by all
_PURPOSE = "reply_token"
_MAC_BYTES = 10  # 80 bits
_NO_PADDING = "=" * (-_LENGTH % 8)


def make_token(request_id: UUID, wall: Wall, settings: Settings) -> str:
    """Return the token of a request: its id, signed with the newest hash key of its side of the wall (SE-5)."""
    return _written(request_id, _keys(wall, settings)[0], wall)


def read_token(text: str, wall: Wall, settings: Settings) -> UUID | None:
    """Return the request whose token stands in an address, or is the text; None where it is not ours on this side.

    It says where an answer may belong, not who wrote it: the sender must be a participant as well (T7).
    """
    token = text.strip().partition("@")[0].rpartition("+")[2].lower()
    if len(token) != _LENGTH or not token.isascii():
        return None
    try:
        request_id = UUID(bytes=b32decode(token.upper() + _NO_PADDING)[:16])
    except ValueError:
        return None
    signed = (_written(request_id, key, wall) for key in _keys(wall, settings))
    return request_id if any(hmac.compare_digest(token, one) for one in signed) else None


def with_token(mailbox: str, request_id: UUID, wall: Wall, settings: Settings) -> str:
    """Return the address that answers of this request come to; the mailbox itself where no token fits before its @."""
    local, _, domain = mailbox.partition("@")
    carried = f"{local}+{make_token(request_id, wall, settings)}"
    return f"{carried}@{domain}" if len(carried) <= LOCAL_MOST else mailbox


def _written(request_id: UUID, key: bytes, wall: Wall) -> str:
    signed = hmac.new(key, f"{_PURPOSE}\0{wall}\0{request_id}".encode(), sha256).digest()[:_MAC_BYTES]
    return b32encode(request_id.bytes + signed).decode().rstrip("=").lower()


def _keys(wall: Wall, settings: Settings) -> list[bytes]:
    """Return the hash keys of that side, newest first: a token signed under an older one is known until it is gone."""
    key = settings.hash_key if wall is Wall.OPEN else settings.sendiass_hash_key
    return [one.encode() for one in split(key.get_secret_value())]
