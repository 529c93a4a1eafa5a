"""Mails as whoever sees their request may read them, and what was filed on a side of the wall (EV-1, EV-5, SE-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from infrastructure.identity.users import User
from service_request.domain.mail.types import MailKind
from service_request.models import Arrival, Disposition, Mail, Message, ServiceRequest
from service_request.services.refusals import NotYoursError
from service_request.services.sight.visible import visible_to
from service_request.services.tasks import sees_to_all

MOST = 100  # mails of one request
PAGE = 25  # of what was filed


@dataclass(frozen=True)
class MailFacts:
    """One mail: what it says now, what stood below, and what a person should know of how it was made."""

    id: UUID
    arrival_id: UUID
    request_id: UUID | None
    at: datetime
    sent_at: datetime | None
    endpoint: str  # our mailbox
    disposition: Disposition
    kind: MailKind
    first_kind: MailKind
    why: str
    kind_by_id: UUID | None
    is_verified: bool
    notes: tuple[str, ...]
    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    subject: str
    words: str  # of now
    quoted: str
    returned: dict[str, Any] | None
    copy_of_id: UUID | None
    possible_id: UUID | None
    possible_answer: str | None
    outbox_id: UUID | None


@dataclass(frozen=True)
class FiledMail:
    """A mail that belongs to no request, for the list: who it says it is from, and its subject."""

    id: UUID
    at: datetime
    endpoint: str
    kind: MailKind
    sender: str
    sender_name: str
    subject: str


def mail_seen_by(user: User) -> ColumnElement[bool]:
    """Return the condition for the mails that this user may read; the wall stands first.

    Those of a request that they see whole; and what was filed and belongs to none, if their side's post is theirs.
    """
    return and_(Mail.wall == user.wall, or_(visible_to(user), filed_for(user)))


def filed_for(user: User) -> ColumnElement[bool]:
    """Return the condition for what was filed on this user's side, if its post is theirs; the wall stands first."""
    is_theirs = true() if sees_to_all(user) else Mail.id.is_(None)  # said of the row, so that the wall is said as well
    return and_(Mail.wall == user.wall, Mail.request_id.is_(None), Mail.copy_of_id.is_(None), is_theirs)


def list_mails_of(session: Session, user: User, request_id: UUID) -> list[MailFacts]:
    """Return the mails of a request that the user sees whole, the earliest first, without their copies."""
    query = _mails(user).where(Mail.request_id == request_id, Mail.copy_of_id.is_(None))
    return [_facts(*row) for row in session.execute(query.order_by(Mail.at, Mail.id).limit(MOST))]


def get_mail(session: Session, mail_id: UUID, user: User) -> MailFacts:
    """Return one mail with its words, of a request that the user sees or filed on their side; raise NotYoursError."""
    row = session.execute(_mails(user).where(Mail.id == mail_id)).one_or_none()
    if row is None:
        raise NotYoursError
    return _facts(*row)


def find_mail_of(session: Session, arrival_id: UUID, user: User) -> MailFacts | None:
    """Return what was read of an arrival that waits for a person on this user's side; None where nothing could be."""
    row = session.execute(_mails(user).where(Mail.arrival_id == arrival_id)).one_or_none()
    return _facts(*row) if row is not None else None


def lock_mail(session: Session, mail_id: UUID, user: User) -> tuple[Mail, Arrival]:
    """Return a mail and its arrival, locked, for an act of whoever may read it; raise NotYoursError.

    Whoever acts on its request as well has locked that first.
    """
    query = (
        select(Mail, Arrival)
        .join(Arrival, _ARRIVAL)
        .outerjoin(ServiceRequest, _REQUEST)
        .where(mail_seen_by(user), Mail.id == mail_id)
        .with_for_update(of=(Mail, Arrival))
        .execution_options(populate_existing=True)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotYoursError
    return row[0], row[1]


def list_filed(session: Session, user: User, kind: MailKind | None = None, page: int = 1) -> list[FiledMail]:
    """Return what was filed on this user's side and belongs to no request, the latest first; no copies."""
    query = (
        select(Mail, Arrival.endpoint)
        .join(Arrival, _ARRIVAL)
        .outerjoin(ServiceRequest, _REQUEST)
        .where(mail_seen_by(user), Mail.request_id.is_(None), *([Mail.kind == kind] if kind is not None else []))
        .order_by(Mail.at.desc(), Mail.id.desc())
        .limit(PAGE)
        .offset((max(page, 1) - 1) * PAGE)
    )
    found = []
    for row, endpoint in session.execute(query):
        head = row.head or {}
        said = {name: str(head.get(name) or "") for name in ("sender", "sender_name", "subject")}
        found.append(FiledMail(row.id, row.at, endpoint, row.kind, **said))
    return found


def count_filed(session: Session, user: User) -> dict[MailKind, int]:
    """Count what was filed on this user's side, by kind."""
    query = (
        select(Mail.kind, func.count())
        .outerjoin(ServiceRequest, _REQUEST)
        .where(mail_seen_by(user), Mail.request_id.is_(None))
        .group_by(Mail.kind)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def get_raw(session: Session, mail_id: UUID, user: User) -> tuple[UUID | None, bytes]:
    """Return the request of a mail, if any, and the mail as it came; raise NotYoursError."""
    row = session.execute(_mails(user).where(Mail.id == mail_id)).one_or_none()
    if row is None:
        raise NotYoursError
    return row[0].request_id, row[1].raw or b""


_ARRIVAL = and_(Arrival.wall == Mail.wall, Arrival.id == Mail.arrival_id)
_REQUEST = and_(ServiceRequest.wall == Mail.wall, ServiceRequest.id == Mail.request_id)


def _mails(user: User) -> Select[Mail, Arrival, Message]:
    words = and_(
        Message.wall == Mail.wall, Message.arrival_id == Mail.arrival_id, Message.request_id == Mail.request_id
    )
    return (
        select(Mail, Arrival, Message)
        .join(Arrival, _ARRIVAL)
        .outerjoin(ServiceRequest, _REQUEST)
        .outerjoin(Message, words)
        .where(mail_seen_by(user))
    )


def _facts(row: Mail, arrival: Arrival, message: Message | None) -> MailFacts:
    head = row.head or {}
    return MailFacts(
        id=row.id,
        arrival_id=row.arrival_id,
        request_id=row.request_id,
        at=row.at,
        sent_at=row.sent_at,
        endpoint=arrival.endpoint,
        disposition=arrival.disposition,
        kind=row.kind,
        first_kind=row.first_kind,
        why=row.why,
        kind_by_id=row.kind_by_id,
        is_verified=row.is_verified,
        notes=tuple(row.notes),
        sender=head.get("sender") or "",
        sender_name=head.get("sender_name") or "",
        recipients=tuple(head.get("recipients") or ()),
        subject=head.get("subject") or "",
        words=(message.body or "") if message is not None else head.get("words") or "",
        quoted=row.quoted or "",
        returned=head.get("returned"),
        copy_of_id=row.copy_of_id,
        possible_id=row.possible_id,
        possible_answer=row.possible_answer,
        outbox_id=row.outbox_id,
    )
