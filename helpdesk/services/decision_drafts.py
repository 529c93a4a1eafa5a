"""A decision begun and not saved: as typed, its manager's alone, gone once the decision stands."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from helpdesk.models import DecisionDraft
from helpdesk.services.acting import lock_for
from infrastructure.database import Wall, transaction
from infrastructure.identity.users import User

Fields = dict[str, list[str]]


def save_draft(session: Session, *, request_id: UUID, fields: Fields, by: User, now: datetime) -> None:
    """Keep what a manager has written so far; nobody else reads it, and nothing follows from it."""
    with transaction(session):
        request = lock_for(session, request_id, by)
        draft = _find(session, request.id, by)
        if draft is None:
            session.add(
                DecisionDraft(wall=request.wall, request_id=request.id, by_id=by.id, fields=fields, saved_at=now)
            )
        else:
            draft.fields, draft.saved_at = fields, now


def find_draft(session: Session, *, request_id: UUID, by: User) -> tuple[Fields, datetime] | None:
    """Return what this manager wrote, and when it was saved, or None."""
    draft = _find(session, request_id, by)
    return (draft.fields or {}, draft.saved_at) if draft is not None else None


def drop_drafts(session: Session, request_id: UUID, by: User) -> None:
    """Forget what this manager wrote, inside the caller's transaction: it stands as a decision now."""
    session.execute(
        delete(DecisionDraft).where(
            DecisionDraft.wall == Wall.OPEN, DecisionDraft.request_id == request_id, DecisionDraft.by_id == by.id
        )
    )


def drop_all_drafts(session: Session, request_id: UUID) -> None:
    """Forget what any manager wrote, inside the caller's transaction: the request is not theirs to decide any more."""
    session.execute(
        delete(DecisionDraft).where(DecisionDraft.wall == Wall.OPEN, DecisionDraft.request_id == request_id)
    )


def _find(session: Session, request_id: UUID, by: User) -> DecisionDraft | None:
    query = select(DecisionDraft).where(
        DecisionDraft.wall == Wall.OPEN, DecisionDraft.request_id == request_id, DecisionDraft.by_id == by.id
    )
    return session.scalars(query).one_or_none()
