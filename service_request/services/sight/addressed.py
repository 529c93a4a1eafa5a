"""Who is at the other end of a message that is about to leave: safe to reach there, or not at all. No user is asked."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Row, select, union_all
from sqlalchemy.orm import Session

from infrastructure.database import Wall, digests
from infrastructure.outbox import OutboxMessage
from infrastructure.outbox.senders import OPTED_OUT
from service_request.domain.phones import plain_number
from service_request.models import Conversation, Referrer, ReferrerKind, Safe, ServiceRequest, Silenced
from service_request.services.sight.outgoing import UnknownMatterError, find_request_about

UNSAFE, ASKED_TO_STOP = "unsafe", "asked_to_stop"
AT_WORK = (ReferrerKind.PROFESSIONAL, ReferrerKind.STAFF)  # whose address is that of their work


def why_not(session: Session, row: OutboxMessage) -> str | None:
    """Return why nothing may go to where this message goes, asked at the last moment; None where it may (EV-2, T25).

    A number that was said to be unsafe gets nothing by any channel, of whatever template; one that opted out nothing by
    the number of ours that it left. Who asked us by mail to stop writing is left alone by each mailbox of that side.
    """
    address = (row.to or "").lower()
    threads = session.execute(
        select(
            Conversation.channel,
            Conversation.endpoint,
            Conversation.safe,
            Conversation.opted_out_at,
            Conversation.silenced,
            Conversation.silenced_at,
        ).where(
            Conversation.wall == row.wall,
            Conversation.counterpart_hash.in_(digests("address", address, row.wall)),
        )
    ).all()
    said_here = any(one.safe is Safe.YES for one in threads)
    if any(one.safe is Safe.NO for one in threads) or _is_unsafe_referrer(session, row, address, said_here=said_here):
        return UNSAFE
    here = [one for one in threads if one.channel == row.channel and row.endpoint in (None, one.endpoint)]
    if any(one.opted_out_at is not None for one in here):
        return OPTED_OUT
    asked = [one.silenced_at for one in here if one.silenced is Silenced.ASKED_TO_STOP]
    if any(at is not None and row.owed_at <= at for at in asked):  # it waited while they said so
        return ASKED_TO_STOP
    return None


def find_thread(session: Session, row: OutboxMessage) -> Row[UUID, UUID | None] | None:
    """Return the thread that a message goes into, and its open request, unlocked."""
    query = select(Conversation.id, Conversation.request_id).where(
        Conversation.wall == row.wall,
        Conversation.channel == row.channel,
        Conversation.endpoint == row.endpoint,
        Conversation.counterpart_hash.in_(digests("address", (row.to or "").lower(), row.wall)),
    )
    return session.execute(query.limit(1)).one_or_none()


def lock_thread(session: Session, thread_id: UUID, *, wall: Wall) -> Conversation:
    """Return a thread, locked; whoever has its request locks that first."""
    query = select(Conversation).where(Conversation.wall == wall, Conversation.id == thread_id)
    query = query.with_for_update(of=Conversation).execution_options(populate_existing=True)
    return session.scalars(query).one()


def _is_unsafe_referrer(session: Session, row: OutboxMessage, address: str, *, said_here: bool) -> bool:
    """Tell whether it goes to somebody who said that it is not safe to write there: of this matter, or of another.

    What was said of another stands until they say here, or in this one, that it is safe (EV-2).
    """
    try:
        request_id = find_request_about(session, wall=row.wall, kind=row.about_kind, about_id=row.about_id)
    except UnknownMatterError:
        return False  # the guard says so, and holds it
    if request_id is None:  # an answer to a mail that is no request yet goes to its sender; anything else to staff
        return row.thread is not None and _said_unsafe_before(session, row.wall, address)
    query = (
        select(Referrer)
        .join(ServiceRequest, ServiceRequest.referrer_id == Referrer.id)
        .where(ServiceRequest.wall == row.wall, ServiceRequest.id == request_id, Referrer.wall == ServiceRequest.wall)
    )
    referrer = session.scalars(query).one_or_none()
    if referrer is None or address not in ((referrer.email or "").lower(), plain_number(referrer.phone or "")):
        return False  # somebody else: whoever works on it, or is told of danger
    if referrer.kind in AT_WORK:
        return False
    if referrer.safe == Safe.NO:
        return True
    return referrer.safe != Safe.YES and not said_here and _said_unsafe_before(session, row.wall, address)


def _said_unsafe_before(session: Session, wall: Wall, address: str) -> bool:
    """Tell whether who has this address or number said, in any matter on this side, that it is not safe to write."""
    hashes = digests("address", address, wall)
    unsafe = select(Referrer.id).where(Referrer.wall == wall, Referrer.safe == Safe.NO, Referrer.kind.not_in(AT_WORK))
    query = union_all(  # each by an index of its own
        unsafe.where(Referrer.phone_hash.in_(hashes)), unsafe.where(Referrer.email_hash.in_(hashes))
    )
    return session.scalars(query.limit(1)).first() is not None
