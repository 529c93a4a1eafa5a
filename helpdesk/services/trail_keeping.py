"""The worker's daily care of the trail: its anchor leaves the box, it is read whole, and a fault reaches a person.

Nothing here fails in silence: what goes wrong is a task for the desk, and nowhere to send the anchor is said at start.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from infrastructure.database import transaction
from infrastructure.database.rights import list_excess_rights
from infrastructure.house import House
from infrastructure.outbox import owe
from infrastructure.settings import Settings
from infrastructure.trail import Anchor, Road, Seal, TrailCheck, count_waiting
from infrastructure.trail.anchors import AnchorFile, Head, add_line, find_head, seals_since
from infrastructure.trail.sealing import day_id
from infrastructure.trail.verify import Fault, Reading, Stage, compare, read_slice
from service_request.models import TaskKind
from service_request.services.tasks import need_task

log = structlog.get_logger("trail")

SETTLED = timedelta(hours=1)  # a first seal this old, and there is something to read
LONGEST_WAIT = timedelta(hours=1)  # for a seal; then the worker is not sealing
SLICE_SECONDS = 2.0  # of reading in one go; the rest is due again
TRY_AGAIN_SECONDS = 600.0  # after a road was closed


class AnchorRefusedError(Exception):
    """The anchor could not be added to the file off the box."""


def roads_of(settings: Settings) -> list[Road]:
    """Return the ways by which anchors leave the box, as the settings name them."""
    said = {Road.MAIL: settings.anchor_email, Road.FILE: settings.anchor_file}
    return [road for road, where in said.items() if where]


def say_where_anchors_go(settings: Settings) -> None:
    """Say in the log, at the start, that the head of the trail stays on this machine."""
    if not roads_of(settings):
        log.warning("anchors_go_nowhere", settings=["FRONTDOOR_ANCHOR_EMAIL", "FRONTDOOR_ANCHOR_FILE"])


class Anchoring:
    """Sends the head of the seals off the box, once a day on each road."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.closed_until = 0.0

    def list_due(self, session: Session, now: datetime) -> list[UUID]:
        """Return the day's anchoring while a road has not been taken today; a closed one rests for ten minutes."""
        roads = roads_of(self.house.settings)
        if not roads or time.monotonic() < self.closed_until:
            return []
        taken = set(session.scalars(select(Anchor.road).where(Anchor.day == now.astimezone(UTC).date())))
        has_seals = session.scalars(select(exists().select_from(Seal))).one()
        session.rollback()
        return [day_id("anchor", now)] if has_seals and set(roads) - taken else []

    def run(self, session: Session, *, now: datetime) -> None:
        """Take each road that has not been taken today; raise AnchorRefusedError where the file can't be written."""
        now = now.astimezone(UTC)
        taken = set(session.scalars(select(Anchor.road).where(Anchor.day == now.date())))
        head = find_head(session)
        if head is None:
            return
        since = seals_since(session, Road.FILE, head)
        session.rollback()
        for road in roads_of(self.house.settings):
            if road in taken:
                continue
            if road is Road.FILE:  # first the file, then our note of it: a line twice is harmless, one too few is not
                self._add(head.line(now, since=since))
            with transaction(session):
                row = Anchor(
                    day=now.date(),
                    road=road,
                    seq=head.seq,
                    hash=head.hash,
                    events=head.events,
                    looks=head.looks,
                    at=now,
                )
                session.add(row)
                if road is Road.MAIL:
                    self._mail(session, row, head, now)

    def _add(self, line: str) -> None:
        try:
            add_line(Path(self.house.settings.anchor_file), line)
        except OSError as error:
            self.closed_until = time.monotonic() + TRY_AGAIN_SECONDS
            raise AnchorRefusedError(type(error).__name__) from error

    def _mail(self, session: Session, row: Anchor, head: Head, now: datetime) -> None:
        letter = self.house.write("anchor", day=now.date().isoformat(), seq=str(head.seq), digest=head.hash)
        owe(session, letter, to=self.house.settings.anchor_email, cause=row.id, about=("trail", row.id), now=now)


class Checking:
    """Reads the whole trail once a day, in slices, and compares it with what left the box."""

    def __init__(self, house: House) -> None:
        self.house = house

    def list_due(self, session: Session, now: datetime) -> list[UUID]:
        """Return the day's reading until it has come to its end; on the first hour of an installation there is none."""
        first = session.scalars(select(Seal.at).order_by(Seal.seq).limit(1)).one_or_none()
        ended = session.scalars(
            select(exists().where(TrailCheck.day == now.astimezone(UTC).date(), TrailCheck.ended_at.is_not(None)))
        ).one()
        session.rollback()
        return [] if first is None or first > now - SETTLED or ended else [day_id("check", now)]

    def run(self, session: Session, *, now: datetime) -> None:
        """Read on for a moment from where the last slice ended; a fault is a task at once, and once a day."""
        until = time.monotonic() + SLICE_SECONDS
        check_id, reading = self._begin(session, now)
        faults: list[Fault] = []
        while reading.stage is not Stage.DONE and time.monotonic() < until:
            faults += read_slice(session, reading)
        is_over = reading.stage is Stage.DONE
        if is_over:
            faults += self._at_the_end(session, now)
        with transaction(session):
            row = session.get_one(TrailCheck, check_id, with_for_update=True)
            row.place = {"stage": reading.stage, "cursor": reading.cursor, "read": dict(reading.read)}
            row.acts, row.looks, row.seals = (reading.read[one] for one in ("acts", "looks", "seals"))
            row.faults += len(faults)
            row.ended_at = now if is_over else None
            if faults:
                need_task(session, TaskKind.ALERT, cause=f"trail:{row.day}", about_id=row.id, now=now)
        for fault in faults[:50]:
            log.error("trail_altered", reference=str(fault))
        if is_over:
            log.info("trail_read", count=reading.read["seals"])

    def _begin(self, session: Session, now: datetime) -> tuple[UUID, Reading]:
        day = now.astimezone(UTC).date()
        with transaction(session):
            row = session.scalars(select(TrailCheck).where(TrailCheck.day == day).with_for_update()).one_or_none()
            if row is None:
                row = TrailCheck(
                    id=day_id("check", now), day=day, place={}, acts=0, looks=0, seals=0, faults=0, started_at=now
                )
                session.add(row)
            place, check_id = row.place, row.id
        read = Counter(place.get("read", {}))
        return check_id, Reading(Stage(place.get("stage", Stage.PROTECTION)), list(place.get("cursor", [])), read)

    def _at_the_end(self, session: Session, now: datetime) -> Iterator[Fault]:
        """Compare with the file off the box, and tell what would let the next fault happen unseen."""
        settings = self.house.settings
        if settings.anchor_file and (path := Path(settings.anchor_file)).exists():
            yield from compare(session, AnchorFile(path))
        waiting = count_waiting(session, before=now - LONGEST_WAIT)
        if waiting:
            yield Fault("the seals", f"{waiting} acts and looks have waited for an hour and more")
        if not settings.demonstration:
            for words in list_excess_rights(session.connection()):
                yield Fault("the database", f"the role that the front door signs in with can alter the trail: {words}")
        session.rollback()
