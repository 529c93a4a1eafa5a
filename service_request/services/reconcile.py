"""Keep what came to our numbers and no webhook told us of: we were down, or the post was lost on its way (F26, EV-1).

Twilio's lists are read again with an overlap; what is known is left alone, so each is kept once.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.texting.listing import (
    CarrierAwayError,
    ListedCall,
    ListedText,
    list_calls,
    list_media,
    list_texts,
)
from infrastructure.texting.numbers import channel_of, plain_number
from service_request.domain.inbound_text import write_raw
from service_request.models import CarrierLook, Channel, TaskKind
from service_request.services.keep import NewArrival, WhyHeld, keep
from service_request.services.sight.arrived import list_known
from service_request.services.tasks import need_task
from service_request.services.texts import find_place, text_from_twilio

log = structlog.get_logger("texts")

TEXTS, CALLS = UUID(int=1), UUID(int=2)
LISTS = {TEXTS: "texts", CALLS: "calls"}
FIRST_AFTER_SECONDS, EVERY_SECONDS = 10.0, 300.0
OVERLAP = timedelta(hours=2)  # what was under way, or stood in no list yet, at the last look
ON_ITS_WAY = timedelta(minutes=2)  # a webhook, with its retries, may still come
SILENT = timedelta(hours=1)  # then a person hears that the lists cannot be read


class Reconciling:
    """Reads the lists soon after the worker began, and every few minutes then; of several workers one does."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.due_at = dict.fromkeys(LISTS, time.monotonic() + FIRST_AFTER_SECONDS)

    def list_due(self, session: Session, now: datetime) -> list[UUID]:
        """Return the lists that are due to be read; only Twilio has any."""
        if self.house.settings.text_carrier != "twilio":
            return []
        return [one for one, due_at in self.due_at.items() if time.monotonic() >= due_at]

    def run(self, session: Session, which: UUID, *, now: datetime) -> None:
        """Read one list, unless another worker just did."""
        self.due_at[which] = time.monotonic() + EVERY_SECONDS
        since = begin_look(session, which, now)
        if since is None:
            return
        try:
            read = read_texts if which == TEXTS else read_calls
            read(session, since, now, self.house)
        except CarrierAwayError as error:
            log.warning("carrier_not_read", kind=LISTS[which], error=error.code)
            _say_when_silent(session, since, now)
            return
        end_look(session, which, now)  # how many there were is in no log: most are SENDIASS's (SE-5)


def begin_look(session: Session, which: UUID, now: datetime) -> datetime | None:
    """Return up to when was read, and say that somebody reads; None when another did a moment ago.

    The first look of all goes back no further than the overlap: what was there before was another system's to answer.
    """
    with transaction(session):
        row = session.scalars(select(CarrierLook).where(CarrierLook.id == which).with_for_update()).one_or_none()
        if row is None:
            row = CarrierLook(id=which, name=LISTS[which], until=now, looked_at=now)
            session.add(row)
            return row.until
        if now - row.looked_at < timedelta(seconds=EVERY_SECONDS / 2):
            return None
        row.looked_at = now
        return row.until


def end_look(session: Session, which: UUID, until: datetime) -> None:
    """Say up to when a list was read."""
    with transaction(session):
        row = session.scalars(select(CarrierLook).where(CarrierLook.id == which).with_for_update()).one()
        row.until = max(row.until, until)


def read_texts(session: Session, since: datetime, now: datetime, house: House) -> int:
    """Keep each text in the list that we do not have, marked as late; return how many."""
    settled = now - ON_ITS_WAY
    listed = [one for one in list_texts(house.settings, since=since - OVERLAP) if one.sent_at <= settled]
    known = {sid for channel in (Channel.SMS, Channel.WHATSAPP) for sid in list_known(session, channel, _sids(listed))}
    session.rollback()
    count = 0
    for one in listed:
        if one.sid in known:
            continue
        media = list_media(house.settings, one.sid) if one.media else ()
        params = (*one.params, *media)
        new = text_from_twilio(params, settings=house.settings, received_at=min(one.sent_at, now), is_late=True)
        if new is not None:
            count += keep(session, new, now=now, house=house).is_new
    return count


def read_calls(session: Session, since: datetime, now: datetime, house: House) -> int:
    """Keep each call in the list that we do not have; one that nobody answered waits for a person to ring back."""
    listed = list_calls(house.settings, since=since - OVERLAP)
    known = list_known(session, Channel.PHONE, _sids(listed))
    session.rollback()
    unknown = [one for one in listed if one.sid not in known]
    return sum(keep(session, _call(one, house, now), now=now).is_new for one in unknown)


def _call(one: ListedCall, house: House, now: datetime) -> NewArrival:
    place = find_place(house.settings, channel_of(one.to), one.to)
    return NewArrival(
        channel=Channel.PHONE,
        endpoint=place.number,
        external_id=one.sid,
        sender=plain_number(one.sender),
        raw=write_raw("twilio", one.params),
        received_at=min(one.started_at, now),
        wall=place.wall,
        is_late=True,
        held=None if one.is_answered else WhyHeld.MISSED_CALL,
        settled="answered_call" if one.is_answered else None,
    )


def _sids(listed: list[ListedText] | list[ListedCall]) -> list[str]:
    return [one.sid for one in listed]


def _say_when_silent(session: Session, since: datetime, now: datetime) -> None:
    if now - since < SILENT:
        return
    with transaction(session):
        need_task(session, TaskKind.ALERT, cause=f"carrier_not_read:{now.date().isoformat()}", now=now)
