"""The database: typed columns, sealing, engine settings and the one way to write."""

from infrastructure.database.base import Base, Entity, db, uuid7
from infrastructure.database.columns import Digest, KeyedHash, UtcDateTime
from infrastructure.database.sealing import (
    EITHER_SIDE,
    KeyRings,
    Wall,
    digest,
    digests,
    sealed_bytes,
    sealed_json,
    sealed_text,
    use_keys,
)
from infrastructure.database.transaction import transaction, utc_now

__all__ = [
    "EITHER_SIDE",
    "Base",
    "Digest",
    "Entity",
    "KeyRings",
    "KeyedHash",
    "UtcDateTime",
    "Wall",
    "db",
    "digest",
    "digests",
    "sealed_bytes",
    "sealed_json",
    "sealed_text",
    "transaction",
    "use_keys",
    "utc_now",
    "uuid7",
]
