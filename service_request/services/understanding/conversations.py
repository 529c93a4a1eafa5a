"""The thread with one number: found by a hash of that side of the wall, made once, and locked for one act."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, uuid7
from infrastructure.database.upsert import insert_into
from service_request.models import Arrival, Channel, Conversation, Safe, ServiceRequest, Silenced
from service_request.services.sight.kept import find_request, hashes_of

# What outlives an enquiry: a new message opens another one, and is not answered by a machine either.
LASTING = frozenset({Silenced.OPTED_OUT, Silenced.ASKED_TO_STOP, Silenced.UNSAFE, Silenced.NO_WAY})


def lock_thread(session: Session, like: Arrival, *, now: datetime) -> tuple[Conversation, ServiceRequest | None]:
    """Return the thread that an arrival belongs to, with its open request, both locked; it is made on the first text.

    The request is locked before the thread, as everybody does who changes both.
    """
    counterpart = like.sender or ""
    while True:
        seen = _seek(session, like.wall, like.channel, like.endpoint, counterpart)
        if seen is None:
            _make(session, like.wall, like.channel, like.endpoint, counterpart, now)
            continue
        request = find_request(session, seen[1], wall=like.wall)
        query = select(Conversation).where(Conversation.wall == like.wall, Conversation.id == seen[0])
        query = query.with_for_update(of=Conversation).execution_options(populate_existing=True)
        thread = session.scalars(query).one_or_none()
        if thread is not None and thread.request_id == seen[1]:
            return thread, request  # otherwise another worker opened or closed one in between: look again


def _seek(
    session: Session, wall: Wall, channel: Channel, endpoint: str, counterpart: str
) -> tuple[UUID, UUID | None] | None:
    query = select(Conversation.id, Conversation.request_id).where(
        Conversation.wall == wall,
        Conversation.channel == channel,
        Conversation.endpoint == endpoint,
        Conversation.counterpart_hash.in_(hashes_of(counterpart, wall)),
    )
    found = session.execute(query.order_by(Conversation.id).limit(1)).one_or_none()
    return (found.id, found.request_id) if found else None


def _make(session: Session, wall: Wall, channel: Channel, endpoint: str, counterpart: str, now: datetime) -> None:
    """Make the thread unless another worker makes it at the same time: then theirs is found (EV-3)."""
    row = Conversation(wall=wall, counterpart=counterpart)
    added = insert_into(session, Conversation).values(
        id=uuid7(),
        wall=wall,
        channel=channel,
        endpoint=endpoint,
        counterpart_sealed=row.counterpart_sealed,
        counterpart_hash=hashes_of(counterpart, wall)[0],
        safe=Safe.UNSET,
        heard_at=now,
        version=1,
    )
    one_of_each = [
        Conversation.wall,
        Conversation.channel,
        Conversation.endpoint,
        Conversation.counterpart_hash,
    ]
    session.execute(added.on_conflict_do_nothing(index_elements=one_of_each))


def begin_anew(thread: Conversation, now: datetime) -> None:
    """Let the engine begin again for a new request; what they said of being reached there stays."""
    if thread.request_id is not None:
        thread.last_request_id, thread.request_id = thread.request_id, None
    thread.dialogue = None
    if thread.silenced not in LASTING:
        thread.silenced = thread.silenced_at = None


def silence(thread: Conversation, why: Silenced, now: datetime) -> bool:
    """Let the engine say nothing more; a reason that outlives the enquiry is not covered by a lesser one."""
    if thread.silenced is why or (thread.silenced in LASTING and why not in LASTING):
        return False
    thread.silenced, thread.silenced_at = why, now
    return True
