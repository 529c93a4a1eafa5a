"""A draft that will lapse: its proven owner is told once, in office hours, some days before (W13, EV-1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.calendar import OfficeCalendar
from infrastructure.database import Wall, transaction, uuid7
from infrastructure.house import House
from infrastructure.outbox import owe
from infrastructure.web.say_time import public_date
from service_request.models import Draft

MOST = 50
_UNTOLD = (
    Draft.owner_hash.is_not(None),
    Draft.reminded_at.is_(None),
    Draft.sent_request_id.is_(None),
    Draft.asked_for_id.is_(None),  # what we ask is chased by itself
)


def list_lapsing(session: Session, now: datetime, house: House) -> list[UUID]:
    """Return the drafts whose owner is to be told now; outside office hours, none."""
    days = house.settings.draft_reminder_days
    if not days or not house.calendar.is_open(now):
        return []
    query = (
        select(Draft.id)
        .where(
            Draft.wall == Wall.OPEN,
            Draft.lapses_at > now,
            Draft.lapses_at <= last_to_tell(now, days, house.calendar),
            *_UNTOLD,
        )
        .limit(MOST)
    )
    found = list(session.scalars(query))
    session.rollback()
    return found


def last_to_tell(now: datetime, days: int, calendar: OfficeCalendar) -> datetime:
    """Return up to when a draft may live that is told of now: so many days; before closed days, those as well."""
    today = calendar.local_day(now)
    next_day = calendar.next_working_day(today)
    is_tomorrow = next_day == today + timedelta(days=1)
    start = now if is_tomorrow else calendar.start_of_working_day(next_day)
    return start + timedelta(days=days)


def remind(session: Session, draft_id: UUID, *, now: datetime, house: House) -> None:
    """Owe one mail to the proven owner of a draft: until when we keep it, and the way to it, and no word of it."""
    with transaction(session):
        query = select(Draft).where(Draft.wall == Wall.OPEN, Draft.id == draft_id, Draft.lapses_at > now, *_UNTOLD)
        draft = session.scalars(query.with_for_update(of=Draft)).one_or_none()
        if draft is None or not draft.proven_email:
            return
        draft.reminded_at = now
        letter = house.write(
            "draft_lapses",
            last_day=public_date(house.calendar.local_day(draft.lapses_at)),
            link=house.link("web.your_requests"),
        )
        owe(session, letter, to=draft.proven_email, cause=uuid7(), about=("draft", draft.id), now=now)
