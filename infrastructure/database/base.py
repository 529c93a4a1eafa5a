"""The declarative base, the identifier of every row, and the Flask-SQLAlchemy handle."""

from __future__ import annotations

import secrets
import time
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, LargeBinary, MetaData, String, Uuid, event, inspect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from infrastructure.database.columns import EnumText, UtcDateTime, hash_by_wall

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def uuid7() -> UUID:
    """Make a time-ordered identifier (RFC 9562): 48 bits of milliseconds, then chance."""
    value = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def first_id_at(at: datetime) -> UUID:
    """Return what every identifier that is made from this moment on comes after."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        UUID: Uuid(),
        bytes: LargeBinary(),
        str: String(),
        StrEnum: EnumText,
        dict[str, Any]: JSON(),
        list[str]: JSON(),
        list[Any]: JSON(),
    }


class Entity(Base):
    """A row with an identifier that is given when it is made, not when it is stored."""

    __abstract__ = True
    append_only: ClassVar[frozenset[str] | None] = None  # the columns that alone may change; None: all may

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)

    def __init__(self, **values: Any) -> None:
        wall = values.pop("wall", None)
        if wall is not None:  # first, since sealing takes the ring of the row's wall
            self.wall = wall
        values.setdefault("id", uuid7())
        known, columns, held = _names_of(type(self)), _columns_of(type(self)), self.__dict__
        for name, value in values.items():
            if name in columns:
                held[name] = value  # what is stored of a new row is all it holds: it has no changes to be remembered
            elif name in known:
                setattr(self, name, value)
            else:
                raise TypeError(f"{name!r} is no attribute of {type(self).__name__}")


@cache
def _names_of(model: type[Entity]) -> frozenset[str]:
    return frozenset(dir(model))


@cache
def _columns_of(model: type[Entity]) -> frozenset[str]:
    return frozenset(inspect(model).column_attrs.keys())


@event.listens_for(Entity, "before_insert", propagate=True)
@event.listens_for(Entity, "before_update", propagate=True)
def _before_it_is_stored(_: Any, __: Any, row: Entity) -> None:
    hash_by_wall(row)


db = SQLAlchemy(metadata=Base.metadata, session_options={"expire_on_commit": False})
