"""Pictures and files of texts and mails are fetched by the worker and filed with their request (S1, T15, T33)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.database.transaction import failpoint
from infrastructure.files.arriving import Arrival, Arrived, Refusal, RefusedFile
from infrastructure.files.kinds import kind_by_mime
from infrastructure.files.stores import store_of
from infrastructure.house import House
from infrastructure.texting.media import MediaAwayError, MediaElsewhereError, fetch_media, media_name
from service_request.models import ArrivalMedia, MediaState, TaskKind
from service_request.services.files.adding import FileRefusedError, add_from_text
from service_request.services.mail.attachments import ATTACHED, bring_attached
from service_request.services.sight.arrived import arrival_of, list_media_to_fetch, lock_media
from service_request.services.tasks import need_task

LONGEST_WAIT = timedelta(hours=1)  # between two tries
TRIES_IF_GONE = 3  # the carrier may have it a moment after its webhook
CALLED = {"image": "picture", "audio": "sound", "video": "video"}  # by the first half of its type; others are a file


class WhyNot(StrEnum):
    """Why a picture or file was given up, beside the reasons of any file that is not taken."""

    ELSEWHERE = "elsewhere"  # it leads to no media of the carrier's: nothing was asked there
    GONE = "gone"
    AWAY = "away"  # for as long as letters are tried


@dataclass(frozen=True)
class Claimed:
    """A picture or file under our lease."""

    id: UUID
    wall: Wall
    request_id: UUID
    url: str
    message_sid: str
    content_type: str
    number: int
    fence: int
    tries: int
    until: datetime


def list_waiting(session: Session, now: datetime) -> list[UUID]:
    """Return what waits to be fetched; what came with a text that nobody has placed yet waits with it."""
    return list_media_to_fetch(session, now)


def fetch(session: Session, media_id: UUID, *, now: Callable[[], datetime], house: House) -> None:
    """Fetch one and file it with its request; whatever dies on the way, it is fetched again and filed once."""
    claimed = _claim(session, media_id, now(), house)
    if claimed is None:
        return
    try:
        is_attached = claimed.url.startswith(ATTACHED)
        arrived = bring_attached(session, claimed.id, house=house) if is_attached else _bring(claimed, house)
        failpoint("media_fetched")
        is_filed = _file(session, claimed, arrived, now, house)
    except MediaElsewhereError:
        _give_up(session, claimed, WhyNot.ELSEWHERE, now())
    except FileRefusedError as refused:
        if refused.why is Refusal.NOT_STORED:
            _wait(session, claimed, now(), house)
        else:
            _give_up(session, claimed, refused.why, now())
    except MediaAwayError as away:
        if away.is_gone and claimed.tries >= TRIES_IF_GONE:
            _give_up(session, claimed, WhyNot.GONE, now())
        elif now() >= claimed.until:
            _give_up(session, claimed, WhyNot.AWAY, now())
        else:
            _wait(session, claimed, now(), house)
    else:
        if not is_filed:
            _wait(session, claimed, now(), house)


def _bring(claimed: Claimed, house: House) -> Arrived:
    """Fetch the file, sealed for its side of the wall while it streams, with no database connection held."""
    if claimed.number >= house.settings.upload_most:
        raise FileRefusedError(Refusal.TOO_MANY)
    name = media_name(claimed.url, claimed.message_sid)
    called = CALLED.get(claimed.content_type.partition("/")[0].strip().lower(), "file")
    file_name = f"{called}-{claimed.number + 1}.{kind_by_mime(claimed.content_type)}"
    store = store_of(house.settings)
    arrival = Arrival(file_name, store, claimed.wall, longest=house.settings.upload_max_bytes, is_sent=True)
    try:
        fetch_media(house.settings, name, arrival.write)
    except BaseException:
        arrival.drop()
        raise
    ended = arrival.end()
    if isinstance(ended, RefusedFile):
        raise FileRefusedError(ended.why)
    return ended


def _file(session: Session, claimed: Claimed, arrived: Arrived, now: Callable[[], datetime], house: House) -> bool:
    return add_from_text(
        session,
        claimed.request_id,
        arrived=arrived,
        wall=claimed.wall,
        settle=lambda file_id: _settle(session, claimed, file_id),
        now=now(),
        house=house,
    )


def _claim(session: Session, media_id: UUID, now: datetime, house: House) -> Claimed | None:
    with transaction(session):
        row = lock_media(session, media_id)
        if row is None or row.next_at is None or row.next_at > now or (row.lease_until and row.lease_until >= now):
            return None
        message_sid, stored_at, request_id = arrival_of(session, row)
        if request_id is None:
            return None
        row.request_id = request_id
        row.lease_until = now + timedelta(seconds=house.settings.lease_seconds)
        row.fence += 1
        row.tries += 1
        return Claimed(
            row.id,
            row.wall,
            request_id,
            row.url or "",
            message_sid,
            row.content_type,
            row.number,
            row.fence,
            row.tries,
            until=stored_at + timedelta(hours=house.settings.retry_hours),
        )


def _settle(session: Session, claimed: Claimed, file_id: UUID) -> bool:
    """Mark it fetched, unless a later claim or an end was there before us."""
    row = lock_media(session, claimed.id)
    if row is None or row.fence != claimed.fence:
        return False
    row.state, row.file_id = MediaState.FETCHED, file_id
    row.next_at = row.lease_until = None
    return True


def _wait(session: Session, claimed: Claimed, now: datetime, house: House) -> None:
    first = timedelta(seconds=house.settings.retry_first_seconds)
    with transaction(session):
        if row := _ours(session, claimed):
            row.lease_until, row.next_at = None, now + min(first * 2 ** min(row.tries, 20), LONGEST_WAIT)


def _give_up(session: Session, claimed: Claimed, why: WhyNot | Refusal, now: datetime) -> None:
    """Have a person ask for it in another way, once."""
    with transaction(session):
        if row := _ours(session, claimed):
            row.state, row.why = MediaState.FAILED, why.value
            row.next_at = row.lease_until = None
            need_task(
                session,
                TaskKind.MEDIA_FAILED,
                cause=f"media:{row.id}",
                request_id=claimed.request_id,
                about_id=row.id,
                now=now,
                wall=row.wall,
            )


def _ours(session: Session, claimed: Claimed) -> ArrivalMedia | None:
    row = lock_media(session, claimed.id)
    return row if row is not None and row.fence == claimed.fence else None
