"""Run by the worker: what was kept is understood, or waits for a person; one bad text holds up no other (EV-1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from infrastructure.database import Wall, transaction
from infrastructure.database.transaction import failpoint
from infrastructure.house import House
from infrastructure.settings import Settings
from infrastructure.texting.numbers import is_withheld
from service_request.domain.inbound_text import read_text
from service_request.models import Arrival, Conversation, Disposition, TaskKind
from service_request.services.alerting import alert_held
from service_request.services.sight.kept import find_kept, list_waiting, lock_kept
from service_request.services.tasks import need_task
from service_request.services.understanding.conversations import lock_thread
from service_request.services.understanding.inside import Enquiries
from service_request.services.understanding.outside import PublicTexts
from service_request.services.understanding.sides import Moment, Side, Text
from service_request.services.understanding.taking import take

log = structlog.get_logger("understanding")

PASSES = (OperationalError, InterfaceError, StaleDataError)  # the database was away, or another was first: try again
NOT_LONGER = 4  # times the settle time: who goes on texting is answered all the same
MOST = 50


def list_kept(session: Session, now: datetime, settings: Settings) -> list[UUID]:
    """Return one text of each thread that has fallen still, so that three texts in a row have one reply."""
    still = timedelta(seconds=settings.text_settle_seconds)
    found = [
        one.first for one in list_waiting(session) if one.latest + still <= now or one.since + still * NOT_LONGER <= now
    ]
    return found[:MOST]


def understand(session: Session, arrival_id: UUID, *, now: datetime, house: House) -> None:
    """Make all that a number sent messages of one request, and owe the one reply that calls for (EV-1, EV-2, EV-3).

    In one transaction: whatever dies on the way, all of it or nothing is there, and it is done again. What cannot be
    understood is held for a person, and what came after it goes on.
    """
    try:
        with transaction(session):
            _take(session, arrival_id, None, now, house)
            failpoint("before_understand_commit")
        failpoint("after_understand_commit")
    except PASSES:
        raise
    except Exception:
        for one in _list_of_thread(session, arrival_id):
            _alone(session, one, now, house)


def _alone(session: Session, arrival_id: UUID, now: datetime, house: House) -> None:
    """Understand one text by itself; one that no code of ours can read waits for a person, whole as it came."""
    try:
        with transaction(session):
            _take(session, arrival_id, arrival_id, now, house)
    except PASSES:
        raise
    except Exception as error:
        with transaction(session):
            row = find_kept(session, arrival_id)
            if row is None:
                return
            _hold(session, row, now, house)
        if row.wall is Wall.OPEN:  # of what is inside, no log says that it is there (SE-5)
            log.error("held", arrival=str(arrival_id), error=type(error).__name__)


def _list_of_thread(session: Session, arrival_id: UUID) -> list[UUID]:
    with transaction(session):
        like = find_kept(session, arrival_id)
        return [row.id for row in lock_kept(session, like)] if like is not None and like.sender else [arrival_id]


def _take(session: Session, arrival_id: UUID, alone: UUID | None, now: datetime, house: House) -> None:
    like = find_kept(session, arrival_id)
    if like is None:  # another worker was here
        return
    if not like.sender or is_withheld(like.sender):  # S4: nobody can say whose thread it is
        _hold(session, like, now, house)
        return
    thread, request = lock_thread(session, like, now=now)
    rows = [row for row in lock_kept(session, like) if alone is None or row.id == alone]
    texts = [Text(row, read_text(row.raw or b"")) for row in rows]
    if not texts:
        return
    at = Moment(session, thread, now, house)
    take(at, _side_of(thread), request, texts)
    thread.heard_at = max(thread.heard_at, *(text.arrival.received_at for text in texts))


def _side_of(thread: Conversation) -> Side:
    return Enquiries() if thread.wall is Wall.SENDIASS else PublicTexts()


def _hold(session: Session, row: Arrival, now: datetime, house: House) -> None:
    """Let a text wait for a person, who can read it as it came."""
    row.disposition, row.reason = Disposition.HELD, "unreadable"
    need_task(session, TaskKind.UNREADABLE, cause=f"arrival:{row.id}", about_id=row.id, now=now, wall=row.wall)
    alert_held(session, row, now=now, house=house)
