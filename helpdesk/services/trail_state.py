"""How the trail stands, for the service manager to see: sealed, sent off the box, and read through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services.trail_keeping import LONGEST_WAIT, roads_of
from infrastructure.settings import Settings
from infrastructure.trail import Anchor, Road, Seal, TrailCheck, count_waiting


@dataclass(frozen=True)
class TrailState:
    """What the page of the trail says first; each part is None where there is nothing yet."""

    sealed_at: datetime | None
    is_late: bool
    roads: tuple[Road, ...]
    anchored_on: date | None
    read_at: datetime | None
    faults: int


def trail_state(session: Session, settings: Settings, *, now: datetime) -> TrailState:
    """Return when the trail was last sealed, sent off the box and read, and what that reading found."""
    sealed_at = session.scalars(select(Seal.at).order_by(Seal.seq.desc()).limit(1)).one_or_none()
    anchored_on = session.scalars(select(Anchor.day).order_by(Anchor.day.desc()).limit(1)).one_or_none()
    ended = select(TrailCheck).where(TrailCheck.ended_at.is_not(None)).order_by(TrailCheck.day.desc()).limit(1)
    check = session.scalars(ended).one_or_none()
    return TrailState(
        sealed_at=sealed_at,
        is_late=count_waiting(session, before=now - LONGEST_WAIT) > 0,
        roads=tuple(roads_of(settings)),
        anchored_on=anchored_on,
        read_at=check.ended_at if check else None,
        faults=check.faults if check else 0,
    )
