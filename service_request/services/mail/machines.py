"""What no person wrote is filed, shown and never answered; a bounce fails the message that came back (T8, F21)."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, Wall
from infrastructure.database.crossing import take_across
from infrastructure.house import House
from infrastructure.outbox import DeliveryAttempt, MessageState, OutboxMessage, Result
from service_request.domain.danger import danger_words
from service_request.domain.mail.types import MailKind, Returned
from service_request.models import Arrival, Disposition
from service_request.services import delivery
from service_request.services.lock_order import lock_matter
from service_request.services.mail.answering import NOT_ANSWERED
from service_request.services.mail.rows import ReadMail, without_ours, write_mail
from service_request.services.mail.tokens import read_token
from service_request.services.sight.mail_rows import find_outbox, find_returned, lock_outbox

FAILS = (MessageState.WAITING, MessageState.TRYING_AGAIN, MessageState.SENT, MessageState.DELIVERED)
CODE_MOST = 20
ABOUT_OURS = (MailKind.BOUNCE, MailKind.DELIVERY_REPORT, MailKind.AUTO_REPLY)
FILED_BY_OTHERS = (MailKind.JUNK, MailKind.MAILING_LIST, MailKind.AUTO_REPLY)
LONGEST_CRY = 3_000  # characters to a list that may be somebody's own words: a newsletter on safeguarding is longer
GUESSED = ("automatic_words", "null_sender")  # by signs that a person's mail may bear as well


def file_mail(session: Session, read: ReadMail, *, now: datetime, house: House) -> None:
    """File what a machine wrote, in the caller's transaction; what came back of ours stands with its request."""
    arrival, returned = read.arrival, read.mail.returned
    row = _come_back(session, read, house) if read.mail.kind in ABOUT_OURS else None
    if read.mail.kind is MailKind.AUTO_REPLY and row is not None and not _strays(row, arrival):
        row = None  # who is away is filed; but at the desk it may not tell whom SENDIASS wrote to (SE-5)
    request_id = row.about_id if row is not None and row.about_kind == "request" else None
    if row is not None and _strays(row, arrival):
        take_across(arrival, Wall.SENDIASS)  # it tells whom SENDIASS writes to: from now on it is not out here (SE-5)
        arrival.sender_hash = read.mail.sender or None
    elif row is not None and row.wall is not arrival.wall:
        request_id = None  # inside nothing is shown of what is outside, and the other way round
    arrival.disposition, arrival.request_id = Disposition.MACHINE, request_id
    came_back = row is not None and request_id is not None and read.mail.kind is not MailKind.AUTO_REPLY
    write_mail(
        session, read, request_id=request_id, outbox_id=row.id if row is not None and came_back else None, house=house
    )
    if row is not None and read.mail.kind is MailKind.BOUNCE and returned is not None and returned.is_permanent:
        _fail(session, row, returned, now)


def _strays(row: OutboxMessage, arrival: Arrival) -> bool:
    return row.wall is Wall.SENDIASS and arrival.wall is Wall.OPEN


def may_hide_danger(read: ReadMail) -> bool:
    """Tell whether a mail that was taken for no person's says danger all the same: a person looks at it (SE-10).

    A mail filter marks mothers as junk, and a web form of others writes as a machine. What answers us by itself is left
    out: half of those tell whom to ring in an emergency. So are newsletters, which write about danger every week, and
    what came back, which holds our own words.
    """
    mail = read.mail
    answers_itself = mail.kind is MailKind.AUTO_REPLY and bool(mail.references) and mail.why not in GUESSED
    is_newsletter = mail.kind is MailKind.MAILING_LIST and len(read.words) > LONGEST_CRY
    if mail.kind not in FILED_BY_OTHERS or answers_itself or is_newsletter:
        return False
    return bool(danger_words(without_ours(f"{read.words}\n{mail.quoted_text}")))


def _come_back(session: Session, read: ReadMail, house: House) -> OutboxMessage | None:
    """Return the message of ours that came back, it and its request locked; by its name, or by our token (F21)."""
    mail, returned = read.mail, read.mail.returned or Returned()
    tokens = [
        found for one in mail.recipients for wall in EITHER_SIDE if (found := read_token(one, wall, house.settings))
    ]
    known: UUID | None = find_returned(
        session,
        message_ids=[*returned.message_ids, *mail.references],
        requests=tokens,
        recipients=returned.recipients,
        without_token=NOT_ANSWERED,
    )
    if known is None:
        return None
    with suppress(LookupError):  # about nothing that is there: the message is locked alone
        lock_matter(session, find_outbox(session, known))
    return lock_outbox(session, known)


def _fail(session: Session, row: OutboxMessage, returned: Returned, now: datetime) -> None:
    """Let a message that was taken end as one that never arrived: in sight, with a task, and tried no more."""
    if row.state not in FAILS:
        return
    row.fence += 1
    code = (returned.status or "bounced")[:CODE_MOST]
    session.add(DeliveryAttempt(outbox_id=row.id, n=row.fence, at=now, result=Result.BOUNCED, code=code))
    row.state, row.next_at, row.lease_until = MessageState.FAILED, None, None
    delivery.ended(session, row, Result.BOUNCED, now)
