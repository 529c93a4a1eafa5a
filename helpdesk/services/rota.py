"""The rota: who is on duty from when to when, on each side of the wall its own (EV-7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.domain.office import NewTurn, NotOnRotaError
from helpdesk.models import DutyTurn
from helpdesk.services.on_duty import may_take_turns
from infrastructure.database import Wall, transaction
from infrastructure.identity.models import Membership, Team, UserAccount
from infrastructure.identity.users import User
from infrastructure.trail import Stream, record
from service_request.models import Area
from service_request.services.refusals import NotYoursError

MOST = 200


@dataclass(frozen=True)
class Turn:
    """A turn as the page shows it; without an area it is for every one."""

    id: UUID
    name: str
    area: str | None
    since: datetime
    until: datetime
    works_here: bool  # who was disabled, or lost their place, hears of nothing


def list_turns(session: Session, *, wall: Wall, now: datetime) -> list[Turn]:
    """Return the turns that run or are to come, in order."""
    able = _able(wall, now)
    query = (
        select(DutyTurn, UserAccount.name, Area.name, UserAccount.id.in_(able))
        .join(UserAccount, UserAccount.id == DutyTurn.user_id)
        .outerjoin(Area, Area.id == DutyTurn.area_id)
        .where(DutyTurn.wall == wall, DutyTurn.until > now, DutyTurn.ended_at.is_(None))
        .order_by(DutyTurn.since, UserAccount.name)
        .limit(MOST)
    )
    return [
        Turn(row.id, name, area, row.since, row.until, bool(is_able))
        for row, name, area, is_able in session.execute(query)
    ]


def list_able(session: Session, *, wall: Wall, now: datetime) -> list[tuple[UUID, str, str]]:
    """Return who may be on duty on this side, by name, with their address: who could open what is late."""
    query = select(UserAccount.id, UserAccount.name, UserAccount.email).where(UserAccount.id.in_(_able(wall, now)))
    return [(row.id, row.name, row.email) for row in session.execute(query.order_by(UserAccount.name))]


def list_areas(session: Session) -> list[tuple[UUID, str]]:
    """Return the areas that a turn may be for."""
    return [(row.id, row.name) for row in session.execute(select(Area.id, Area.name).order_by(Area.name))]


def add_turn(session: Session, *, user_id: UUID, area_id: UUID | None, new: NewTurn, by: User, now: datetime) -> UUID:
    """Put somebody on duty; raise the refusal of a turn that cannot be kept, or NotOnRotaError."""
    new.check(now)
    if user_id not in {one[0] for one in list_able(session, wall=by.wall, now=now)}:
        raise NotOnRotaError
    if area_id is not None and (by.wall is not Wall.OPEN or area_id not in dict(list_areas(session))):
        raise NotYoursError
    with transaction(session):
        row = DutyTurn(
            wall=by.wall,
            user_id=user_id,
            area_id=area_id,
            since=new.since,
            until=new.until,
            made_by_id=by.id,
            made_at=now,
        )
        session.add(row)
        session.flush()
        record(session, Stream("duty_turn", row.id), "add_turn", by=by.actor, now=now, is_first=True, user=user_id)
        return row.id


def end_turn(session: Session, *, turn_id: UUID, by: User, now: datetime) -> None:
    """Take a turn out of the rota; a second press changes nothing."""
    with transaction(session):
        query = select(DutyTurn).where(DutyTurn.wall == by.wall, DutyTurn.id == turn_id)
        row = session.scalars(query.with_for_update()).one_or_none()
        if row is None:
            raise NotYoursError
        if row.ended_at is not None:
            return
        row.ended_at = now
        record(session, Stream("duty_turn", row.id), "end_turn", by=by.actor, now=now, user=row.user_id)


def _able(wall: Wall, now: datetime):  # type: ignore[no-untyped-def]
    return (
        select(Membership.user_id)
        .join(Team, Team.id == Membership.team_id)
        .join(UserAccount, UserAccount.id == Membership.user_id)
        .where(
            Team.wall == wall,
            may_take_turns(wall),
            UserAccount.disabled_at.is_(None),
            Membership.since <= now,
            or_(Membership.until.is_(None), Membership.until > now),
        )
    )
