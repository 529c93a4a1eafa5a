"""Stored and committed before anybody tries to understand it, and safe to repeat (EV-1, EV-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.database import Entity, Wall, transaction
from infrastructure.database.columns import hash_by_wall
from infrastructure.database.transaction import failpoint
from infrastructure.database.upsert import insert_into
from infrastructure.house import House
from service_request.models import Arrival, ArrivalMedia, Channel, Disposition, MediaState, TaskKind
from service_request.services.alerting import alert_held
from service_request.services.sight.arrived import get_arrival_id
from service_request.services.tasks import need_task


class WhyHeld(StrEnum):
    """Why something waits for a person from its first moment: no machine could say what becomes of it."""

    UNROUTED = "unrouted"  # to a number that no pathway has (S7)
    INCOMPLETE = "incomplete"  # signed, but without its sender or its name (S6)
    MISSED_CALL = "missed_call"


_ADDED: dict[str, Any] = {}
TASKS = {
    WhyHeld.UNROUTED: TaskKind.UNROUTED,
    WhyHeld.INCOMPLETE: TaskKind.UNREADABLE,
    WhyHeld.MISSED_CALL: TaskKind.CALL_BACK,
}


@dataclass(frozen=True)
class NewMedia:
    """A picture or file that the carrier holds for us: where it says that it is, and what it calls it."""

    url: str
    content_type: str


@dataclass(frozen=True)
class NewArrival:
    """What reached us by one channel, under the name that the carrier gave it.

    `received_at` is the earliest trusted time that it was in our hands; `held` sends it to a person at once, and
    `settled` says that nothing is left to do.
    """

    channel: Channel
    endpoint: str
    external_id: str
    sender: str
    raw: bytes
    received_at: datetime
    wall: Wall
    media: tuple[NewMedia, ...] = ()
    is_late: bool = False
    held: WhyHeld | None = None
    settled: str | None = None


@dataclass(frozen=True)
class Kept:
    """The receipt: of this delivery, or of the first one."""

    id: UUID
    is_new: bool


def keep(session: Session, new: NewArrival, *, now: datetime, house: House | None = None) -> Kept:
    """Store what arrived with its media and commit; a repeat returns the first receipt and changes nothing.

    `house` says who hears at once of danger in what is held from the start; without it nobody does but by the task.
    """
    row = _row(new, now)
    with transaction(session):
        if session.connection().execute(_added(session), _values(row)).first() is None:  # perhaps by another worker
            return Kept(get_arrival_id(session, new.channel, new.external_id), is_new=False)
        session.add_all(_media(row, new, now))
        if new.held is not None:
            kind = TASKS[new.held]
            need_task(session, kind, cause=f"arrival:{row.id}", about_id=row.id, now=now, wall=new.wall)
            if house is not None and new.held is not WhyHeld.MISSED_CALL:
                alert_held(session, row, now=now, house=house)
        failpoint("before_keep_commit")
    failpoint("after_keep_commit")
    return Kept(row.id, is_new=True)


def _added(session: Session) -> Any:
    """Return the INSERT of an arrival that nobody kept before; made once, since every text waits for it."""
    made = _ADDED.get(name := session.get_bind().dialect.name)
    if made is None:
        one_of_each = [Arrival.channel, Arrival.external_id]
        added = insert_into(session, Arrival).on_conflict_do_nothing(index_elements=one_of_each)
        made = _ADDED[name] = added.returning(Arrival.id)
    return made


def _row(new: NewArrival, now: datetime) -> Arrival:
    if new.held is not None:
        disposition = Disposition.HELD
    else:
        disposition = Disposition.NOT_A_REQUEST if new.settled else Disposition.KEPT
    return Arrival(
        wall=new.wall,
        channel=new.channel,
        endpoint=new.endpoint,
        external_id=new.external_id,
        sender=new.sender or None,
        sender_hash=new.sender.lower() or None,
        raw=new.raw,
        received_at=new.received_at,
        stored_at=now,
        disposition=disposition,
        reason=new.held or new.settled,
        is_late=new.is_late,
    )


def _values(row: Entity) -> dict[str, Any]:
    """Return a row that is not stored yet as an INSERT takes it, hashed for its side of the wall."""
    hash_by_wall(row)
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def _media(row: Arrival, new: NewArrival, now: datetime) -> list[ArrivalMedia]:
    return [
        ArrivalMedia(
            wall=row.wall,
            arrival_id=row.id,
            number=number,
            url=media.url,
            content_type=media.content_type,
            state=MediaState.WAITING,
            next_at=now,
            fence=0,
            tries=0,
        )
        for number, media in enumerate(new.media)
    ]
