"""Insert, or do something else where the row is there already: said alike on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from infrastructure.database.base import Base

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def insert_into(session: Session, model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that knows ON CONFLICT; only the dialect in use is imported, the other costs 6 MB."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_postgresql

        return insert_postgresql(model)
    from sqlalchemy.dialects.sqlite import insert

    return insert(model)
