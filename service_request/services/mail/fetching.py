"""Our mailboxes are read by one worker at a time; of one that cannot be read a person hears within minutes (F31)."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, Wall, transaction
from infrastructure.database.transaction import failpoint
from infrastructure.database.upsert import insert_into
from infrastructure.house import House
from infrastructure.inbox.imap import Look, Outcome, read_mailbox
from infrastructure.mailboxes import Mailbox
from infrastructure.settings import Settings
from infrastructure.trail import SYSTEM
from service_request.models import MailLook, TaskKind
from service_request.services.mail.keeping import keep_mail, wall_of
from service_request.services.tasks import finish_about, need_task

log = structlog.get_logger("mail")

TELL_AFTER = timedelta(minutes=2)  # with the longest wait before that and a slow server: within the five of F31
WAITS = (15.0, 30.0, 60.0, 60.0, 120.0, 300.0)  # seconds until the next try, the more the longer it fails
SILENT = timedelta(minutes=10)  # past its time: no worker reads it
AT_ONCE = 2  # mailboxes in one process: a mail server that hangs leaves threads for the rest of the work
# A rest of one mail's own, while the others come in: no reason to wait longer than always.
OF_ONE_MAIL = frozenset({"withheld", "not_kept"})


class Fetching:
    """Reads each mailbox when its time has come; in this process one thread at a time, among workers by lease."""

    def __init__(self, house: House, now: Callable[[], datetime]) -> None:
        self.house, self.now = house, now
        self.boxes = {look_id(box): box for box in boxes_read(house.settings)}
        self.under_way: set[UUID] = set()
        self.suspects: dict[UUID, int | None] = {}

    def list_due(self, session: Session, now: datetime) -> list[UUID]:
        """Return the mailboxes that are due to be read, and that no other worker reads; and those that we gave up."""
        query = select(MailLook.id, MailLook.next_at, MailLook.lease_until, MailLook.failing_since)
        rows = session.execute(query.where(MailLook.wall.in_(EITHER_SIDE))).all()  # one for each mailbox there ever was
        session.rollback()
        waits = {row.id for row in rows if row.next_at > now or (row.lease_until and row.lease_until > now)}
        given_up = [row.id for row in rows if row.id not in self.boxes and row.failing_since is not None]
        due = [*(one for one in self.boxes if one not in waits), *given_up]
        return [one for one in due if one not in self.under_way]

    def run(self, session: Session, which: UUID) -> None:
        """Read one mailbox: each mail is kept and committed before it is marked (EV-1)."""
        if which in self.under_way or len(self.under_way) >= AT_ONCE:
            return  # the next sweep finds it again
        self.under_way.add(which)
        try:
            if which in self.boxes:
                self._read(session, self.boxes[which])
            else:
                _give_up(session, which, self.now())
        finally:
            self.under_way.discard(which)

    def _read(self, session: Session, box: Mailbox) -> None:
        settings, lease = self.house.settings, timedelta(seconds=self.house.settings.lease_seconds)
        begun_at = self.now()
        taken = _begin(session, box, begun_at, lease)
        if taken is None:
            return
        look, fence = taken
        renewed_at = begun_at

        def keep(raw: bytes, received_at: datetime | None) -> None:
            nonlocal renewed_at
            failpoint("mail_fetched")
            now = self.now()
            if now - renewed_at > lease / 2:
                _renew(session, box, fence, now + lease)
                renewed_at = now
            try:
                keep_mail(session, box, raw, received_at=received_at, now=now, house=self.house)
            except Exception as error:
                _say(box, "mail_not_kept", type(error).__name__)
                raise

        seen = Look(look.uid_validity, look.last_uid, look.ok_at, self.suspects.get(look_id(box)))
        outcome = read_mailbox(box, seen, settings=settings, keep=keep)
        self.suspects[look_id(box)] = outcome.suspect
        _end(session, box, fence, outcome, begun_at=begun_at, now=self.now(), settings=settings)
        failpoint("after_look_commit")


def boxes_read(settings: Settings) -> list[Mailbox]:
    """Return the mailboxes that are read by IMAP."""
    return [box for box in settings.our_mailboxes if box.host]


def look_id(box: Mailbox) -> UUID:
    """Return the id of a mailbox's row: the same in every process, before there is a row."""
    return uuid5(NAMESPACE_URL, f"mailto:{box.address}?{wall_of(box)}")


def too_large_in(look: UUID) -> UUID:
    """Return what a task is about that asks for a mail which is too large to be fetched."""
    return uuid5(look, "too large")


def name_delays(settings: Settings, wall: Wall) -> dict[UUID, str]:
    """Return what a task about late mail is about, in words: which of our mailboxes on that side of the wall."""
    named = {}
    for box in boxes_read(settings):
        if wall_of(box) is wall:
            named[look_id(box)] = box.address
            named[too_large_in(look_id(box))] = f"{box.address}: a mail that is too large to be fetched"
    return named


def is_delayed(session: Session, settings: Settings, wall: Wall, *, now: datetime) -> bool:
    """Tell the staff of one side of the wall that mail to a mailbox of theirs does not come in (F31, SE-5)."""
    ids = [look_id(box) for box in boxes_read(settings) if wall_of(box) is wall]
    if not ids:
        return False
    query = select(MailLook.failing_since, MailLook.next_at).where(MailLook.wall == wall, MailLook.id.in_(ids))
    return any(
        (row.failing_since is not None and now - row.failing_since >= TELL_AFTER) or now - row.next_at >= SILENT
        for row in session.execute(query)
    )


def _begin(session: Session, box: Mailbox, now: datetime, lease: timedelta) -> tuple[Look, int] | None:
    """Take the lease of a mailbox, and return how far it was read; None when another reads it or just did."""
    with transaction(session):
        first = insert_into(session, MailLook).values(
            id=look_id(box), wall=wall_of(box), address=box.address, failures=0, next_at=now, fence=0
        )
        session.execute(first.on_conflict_do_nothing(index_elements=[MailLook.wall, MailLook.address]))
        row = _lock(session, box)
        if row is None or row.next_at > now or (row.lease_until is not None and row.lease_until > now):
            return None
        row.lease_until, row.fence = now + lease, row.fence + 1
        return Look(row.uid_validity, row.last_uid, row.ok_at), row.fence


def _renew(session: Session, box: Mailbox, fence: int, until: datetime) -> None:
    with transaction(session):
        row = _lock(session, box)
        if row is not None and row.fence == fence:
            row.lease_until = until


def _end(
    session: Session,
    box: Mailbox,
    fence: int,
    outcome: Outcome,
    *,
    begun_at: datetime,
    now: datetime,
    settings: Settings,
) -> None:
    """Write down how far the look came and when the next one is, and have a person told of what stands against it."""
    with transaction(session):
        row = _lock(session, box)
        if row is None or row.fence != fence:  # the lease ran out, and another reads it now: its word is the newer
            return
        row.uid_validity, row.last_uid, row.lease_until = outcome.uid_validity, outcome.last_uid, None
        for uid in outcome.too_large:
            cause = f"mail_too_large:{row.id}:{outcome.uid_validity}:{uid}"
            about = too_large_in(row.id)
            need_task(session, TaskKind.MAIL_DELAYED, cause=cause, about_id=about, now=now, wall=row.wall)
        if outcome.error:
            _failed(session, row, outcome, now, settings)
        else:
            _succeeded(session, row, outcome, begun_at, now, settings)
        failpoint("before_look_commit")
    if outcome.error:
        _say(box, "mailbox_not_read", outcome.error)


def _succeeded(
    session: Session, row: MailLook, outcome: Outcome, begun_at: datetime, now: datetime, settings: Settings
) -> None:
    if row.failing_since is not None:
        finish_about(session, about_id=row.id, kinds=frozenset({TaskKind.MAIL_DELAYED}), by=SYSTEM, now=now)
    row.failing_since, row.failures, row.error = None, 0, None
    row.next_at = now
    if outcome.is_whole:
        row.ok_at, row.next_at = begun_at, now + timedelta(seconds=settings.mail_poll_seconds)


def _give_up(session: Session, which: UUID, now: datetime) -> None:
    """End what was to be done about a mailbox that is not read any more: no mail will ever come in by it (F31)."""
    with transaction(session):
        query = select(MailLook).where(MailLook.wall.in_(EITHER_SIDE), MailLook.id == which).with_for_update()
        row = session.scalars(query).one()
        finish_about(session, about_id=row.id, kinds=frozenset({TaskKind.MAIL_DELAYED}), by=SYSTEM, now=now)
        row.failing_since, row.failures, row.error = None, 0, None


def _failed(session: Session, row: MailLook, outcome: Outcome, now: datetime, settings: Settings) -> None:
    row.failing_since = row.failing_since or now
    row.failures, row.error = row.failures + 1, outcome.error
    wait = WAITS[min(row.failures, len(WAITS)) - 1] * random.uniform(0.8, 1.2)  # nosec B311 - that not all ask at once
    if outcome.error in OF_ONE_MAIL:
        wait = min(settings.mail_poll_seconds, wait)
    row.next_at = now + timedelta(seconds=wait)
    if now - row.failing_since >= TELL_AFTER:
        cause = f"mail_delayed:{row.id}:{row.failing_since.isoformat()}"
        need_task(session, TaskKind.MAIL_DELAYED, cause=cause, about_id=row.id, now=now, wall=row.wall)


def _lock(session: Session, box: Mailbox) -> MailLook | None:
    query = select(MailLook).where(MailLook.wall == wall_of(box), MailLook.address == box.address)
    return session.scalars(query.with_for_update(of=MailLook)).one_or_none()


def _say(box: Mailbox, event: str, error: str) -> None:
    """Say in the log what went wrong, by one word; of a mailbox inside no log says anything (SE-5)."""
    if wall_of(box) is Wall.OPEN:
        log.warning(event, look=str(look_id(box)), error=error)
