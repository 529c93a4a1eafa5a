"""The sessions that somebody holds, for themselves to see and to end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.identity.models import UserAccount, WebSession
from infrastructure.settings import Settings
from infrastructure.trail import Actor, ActorKind, Stream, record


@dataclass(frozen=True)
class OwnSession:
    """One browser that is signed in."""

    id: UUID
    device: str | None
    how: str
    started_at: datetime
    seen_at: datetime


def list_sessions(session: Session, user_id: UUID, *, settings: Settings, now: datetime) -> list[OwnSession]:
    """Return the live sessions of somebody, seen last first."""
    query = (
        select(WebSession)
        .where(
            WebSession.user_id == user_id,
            WebSession.ends_at > now,
            WebSession.seen_at >= now - timedelta(minutes=settings.staff_idle_minutes),
            WebSession.is_pending.is_(False),
        )
        .order_by(WebSession.seen_at.desc(), WebSession.id.desc())
    )
    return [
        OwnSession(row.id, row.device, row.how, row.started_at, row.seen_at) for row in session.scalars(query).all()
    ]


def end_own(
    session: Session, user_id: UUID, *, now: datetime, only: UUID | None = None, but: UUID | None = None
) -> int:
    """End one of one's own sessions, or all but one; return how many ended. Nobody ends somebody else's this way."""
    with transaction(session):
        session.scalars(select(UserAccount.id).where(UserAccount.id == user_id).with_for_update()).one()
        query = select(WebSession).where(WebSession.user_id == user_id, WebSession.ends_at > now)
        if only is not None:
            query = query.where(WebSession.id == only)
        if but is not None:
            query = query.where(WebSession.id != but)
        rows = session.scalars(query).all()
        for row in rows:
            row.ends_at = now
        if rows:
            by = Actor(ActorKind.USER, user_id)
            record(session, Stream("user", user_id), "end_own_sessions", by=by, now=now, sessions=len(rows))
    return len(rows)
