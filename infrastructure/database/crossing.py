"""A row goes to the other side of the wall: what is sealed in it is sealed anew, with the ring of that side (SE-5)."""

from __future__ import annotations

from infrastructure.database.base import Entity
from infrastructure.database.sealing import Sealed, Wall


def sealed_names(model: type[Entity]) -> list[str]:
    """Return the attributes of a model that are kept sealed."""
    return [name for base in model.__mro__ for name, value in vars(base).items() if isinstance(value, Sealed)]


def take_across(row: Entity, wall: Wall) -> None:
    """Move a row to that side, inside the caller's transaction; its keyed hashes are for the caller to write anew."""
    opened = {name: getattr(row, name) for name in sealed_names(type(row))}
    row.wall = wall  # first, since sealing takes the ring of the row's wall
    for name, value in opened.items():
        if value is not None:
            setattr(row, name, value)
