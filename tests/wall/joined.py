"""Nothing on one side of the wall points at anything on the other, but the row of a share, which stands inside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from infrastructure.database.base import Base
from service_request.models import LinkKind, RequestLink

# Columns that name a row without a constraint, by what they name.
NAMED = {
    "request_id": "service_request",
    "subject_id": "subject",
    "person_id": "person",
    "assignment_id": "assignment",
    "outbox_id": "outbox_message",
    "draft_id": "draft",
    "arrival_id": "arrival",
    "earlier_request_id": "service_request",
    "sent_request_id": "service_request",
    "completes_id": "service_request",
}


def pointers() -> Iterator[tuple[Any, str, Any]]:
    """Tell every (model, column, model it names), where both stand on a side."""
    walled = {m.class_.__tablename__: m.class_ for m in Base.registry.mappers if "wall" in m.columns}
    for model in walled.values():
        for column in model.__table__.columns:
            named = {key.column.table.name for key in column.foreign_keys} or {NAMED.get(column.name, "")}
            for table in named & walled.keys() - {"team"}:
                yield model, column.name, walled[table]


def crossing(session: Session) -> dict[str, int]:
    """Count the rows that name one on the other side, by their column."""
    session.rollback()
    found = {}
    for model, name, other in pointers():
        theirs = aliased(other)
        query = select(func.count()).select_from(model).join(theirs, theirs.id == getattr(model, name))
        query = query.where(model.wall != theirs.wall)
        if model is RequestLink:
            query = query.where(RequestLink.kind != LinkKind.SAFEGUARDING_SHARE)
        if count := session.scalars(query).one():
            found[f"{model.__tablename__}.{name}"] = count
    return found
