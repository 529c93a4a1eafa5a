"""Column types: aware UTC times, enumerations by value, keyed hashes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, LargeBinary, String, inspect
from sqlalchemy.types import TypeDecorator

from infrastructure.database.sealing import Wall, digest, digests


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time on both databases; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without its zone can't be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    # What SQLite keeps is text: written and read in one step each, since a page reads hundreds of times. The two above
    # say the same for PostgreSQL, and for a value that is written into a statement.
    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """Return what writes a time."""
        return _write_utc if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Return what reads a time."""
        return _read_utc if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _write_utc(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError("a time without its zone can't be stored")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _read_utc(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


class EnumText(TypeDecorator[StrEnum]):
    """A StrEnum stored by its value as text."""

    impl = String
    cache_ok = True

    def __init__(self, enum: type[StrEnum] = StrEnum) -> None:
        self.enum = enum
        super().__init__()

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        """Store the value; refuse one that the enumeration does not have."""
        return None if value is None else str(self.enum(value).value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Give back the member."""
        return None if value is None else self.enum(value)

    # Both are asked for each code of each row, and text is text on every database: looked up, in place of two calls.
    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Return what stores a member."""
        texts: dict[str | None, str | None] = {None: None, **{member.value: str(member.value) for member in self.enum}}

        def write(value: StrEnum | str | None) -> str | None:
            return texts[value] if value in texts else str(self.enum(str(value)).value)

        return write

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any]:
        """Return what gives back a member."""
        members: dict[str | None, StrEnum | None] = {None: None, **{member.value: member for member in self.enum}}

        def read(value: str | None) -> StrEnum | None:
            return members[value] if value in members else self.enum(str(value))

        return read

    def _resolve_for_python_type(self, python_type: type[Any], matched_on: Any, matched_on_flattened: Any) -> Any:
        return EnumText(python_type)


class Digest(bytes):
    """A keyed hash as read back: bound as it is, never hashed again."""


class KeyedHash(TypeDecorator[bytes]):
    """HMAC-SHA256 of a text under a purpose label, so that equal values are found and none can be read.

    What is compared with a text is hashed with the keys outside the wall, and found whichever of them it was stored
    with; a row inside is hashed by `hash_by_wall`, and sought with `digests(purpose, text, wall)`. `of` tells from a
    row, its sealed values opened, which text was hashed, so that it can be hashed anew; `until` names the column that
    says how long a hash lives that nobody can make anew.
    """

    impl = LargeBinary(32)
    cache_ok = True

    def __init__(self, purpose: str, *, of: Callable[[Any], str | None] | None = None, until: str = "") -> None:
        self.purpose, self.of, self.until = purpose, of, until
        super().__init__()

    class comparator_factory(TypeDecorator.Comparator[bytes]):  # noqa: N801 - SQLAlchemy's name for it
        """Compares with a text by its hash under each key that is in use."""

        def __eq__(self, other: Any) -> Any:
            """Look for a text under each key, for a digest as it is."""
            if not isinstance(other, str):
                return super().__eq__(other)
            found = self._stored(other)
            return super().__eq__(found[0]) if len(found) == 1 else super().in_(found)

        def in_(self, other: Any) -> Any:
            """Look for any of several texts under each key."""
            if isinstance(other, str) or not isinstance(other, Sequence):
                return super().in_(other)
            spread = [found for one in other for found in (self._stored(one) if isinstance(one, str) else [one])]
            return super().in_(spread)

        __hash__ = None  # type: ignore[assignment]

        def _stored(self, text: str) -> list[Digest]:
            return [Digest(one) for one in digests(self.type.purpose, text)]  # type: ignore[attr-defined]

    def process_bind_param(self, value: str | bytes | None, dialect: Dialect) -> bytes | None:
        """Hash a text; pass on what is a digest already."""
        if isinstance(value, str):
            return digest(self.purpose, value)
        return None if value is None else bytes(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Digest | None:
        """Mark what was read as a digest."""
        return None if value is None else Digest(value)


def hash_by_wall(row: Any) -> None:
    """Hash what a row inside the wall keeps as keyed hashes with the key of that side, before it is stored (SE-5)."""
    if getattr(row, "wall", None) is not Wall.SENDIASS:
        return
    for attribute in inspect(type(row)).column_attrs:
        kind, value = attribute.columns[0].type, row.__dict__.get(attribute.key)
        if isinstance(kind, KeyedHash) and isinstance(value, str):
            setattr(row, attribute.key, Digest(digest(kind.purpose, value, Wall.SENDIASS)))
