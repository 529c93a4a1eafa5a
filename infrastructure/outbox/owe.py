"""Owe a message: in the same transaction as the act that causes it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, Wall, digests, transaction, uuid7
from infrastructure.database.rotating import Tally
from infrastructure.outbox.headers import known_ids
from infrastructure.outbox.models import MessageState, OutboxMessage

Spans = list[tuple[int, int]]
NOWHERE = "frontdoor.invalid"  # RFC 2606: a Message-ID of words that no installation wrote


@dataclass(frozen=True)
class Letter:
    """What to say: the template's name, the words, and the facts that were put into them.

    `own` says where in "subject" and "text" stands what the template says by itself, and what tells of nobody; the
    outgoing guard lets that be, and compares all else (EV-6). None: nothing is ours. `domain` is ours, and makes its
    Message-ID one that nobody else gives.
    """

    template: str
    subject: str
    text: str
    facts: dict[str, str] = field(default_factory=dict)
    own: dict[str, Spans] | None = None
    domain: str = NOWHERE


@dataclass(frozen=True)
class Thread:
    """The mail that a message answers: its Message-ID, those before it from the oldest on, and where it came to."""

    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    mailbox: str = ""  # of ours

    @classmethod
    def answering(cls, message_id: str, before: Iterable[str] = (), *, mailbox: str = "") -> Thread:
        """Return the thread of an answer to a mail; what cannot stand in a header is left out (T12)."""
        known = known_ids([message_id])
        return cls(
            known[0] if known else "", known_ids([*(one for one in before if one not in known), *known]), mailbox
        )

    def as_kept(self) -> dict[str, object]:
        """Return it as the outbox keeps it."""
        return {"in_reply_to": self.in_reply_to, "references": list(self.references), "mailbox": self.mailbox}

    @classmethod
    def from_kept(cls, kept: dict[str, Any] | None) -> Thread | None:
        """Return the thread that a message was kept with; None where it answers none."""
        if kept is None:
            return None
        return cls.answering(kept["in_reply_to"], kept["references"], mailbox=kept["mailbox"])


def key_of(template: str, cause: UUID, address: str, wall: Wall) -> str:
    """Return the key under which a message is owed once; the address is in it as a hash of that side of the wall."""
    return keys_of(template, cause, address, wall)[0]


def keys_of(template: str, cause: UUID, address: str, wall: Wall) -> list[str]:
    """Return that key under each hash key that is in use, newest first."""
    return [f"{template}:{cause}:{one.hex()[:32]}" for one in digests("address", address.lower(), wall)]


def rekey(session: Session) -> Tally:
    """Make the keys of messages anew that hold an address under an older hash key (rotation)."""
    tally = Tally(f"{OutboxMessage.__tablename__}.key")
    last: UUID | None = None
    while True:
        query = select(OutboxMessage).where(OutboxMessage.wall.in_(EITHER_SIDE)).order_by(OutboxMessage.id).limit(200)
        rows = session.scalars(query if last is None else query.where(OutboxMessage.id > last)).all()
        changes = [(row.id, row.key, _newest_key(row)) for row in rows]
        tally.rows += len(rows)
        session.rollback()
        for row_id, old, new in changes:
            if old != new:
                with transaction(session):
                    swap = update(OutboxMessage).where(OutboxMessage.id == row_id, OutboxMessage.key == old)
                    session.execute(swap.values(key=new).execution_options(synchronize_session=False))
                    tally.anew += 1
        if not rows:
            return tally
        last = changes[-1][0]


def _newest_key(row: OutboxMessage) -> str:
    begins, _, hashed = row.key.rpartition(":")
    newest, *older = [one.hex()[:32] for one in digests("address", (row.to or "").lower(), row.wall)]
    return f"{begins}:{newest}" if hashed in older else row.key


def _key_for(session: Session, template: str, cause: UUID, address: str, wall: Wall) -> str:
    """Return the key of a message, that of an earlier one where it was owed under an older hash key."""
    newest, *older = keys_of(template, cause, address, wall)
    if not older:
        return newest
    query = select(OutboxMessage.key).where(OutboxMessage.wall == wall, OutboxMessage.key.in_(older))
    with session.no_autoflush:
        return session.scalars(query).first() or newest


def owe(
    session: Session,
    letter: Letter,
    *,
    to: str,
    cause: UUID,
    about: tuple[str, UUID],
    now: datetime,
    wall: Wall = Wall.OPEN,
    automatic: bool = True,
    thread: Thread | None = None,
) -> OutboxMessage:
    """Write the mail that this act calls for, once for each cause, template and recipient (EV-2, EV-3).

    `automatic` is false where a person wrote it; `thread` says which mail it answers.
    """
    row = _row(session, letter, "email", to, cause, about, now, wall)
    row.automatic = automatic
    row.thread = thread.as_kept() if thread is not None else None
    session.add(row)
    return row


def owe_text(
    session: Session,
    letter: Letter,
    *,
    channel: str,
    endpoint: str,
    to: str,
    cause: UUID,
    about: tuple[str, UUID],
    now: datetime,
    wall: Wall,
) -> OutboxMessage:
    """Write the text that this act calls for, once, from our number to theirs, both in E.164 (EV-2, EV-3).

    `channel` is "sms" or "whatsapp". Words that a person wrote are a Letter with no subject, and `own` of none.
    """
    row = _row(session, letter, channel, to, cause, about, now, wall)
    row.endpoint = endpoint
    session.add(row)
    return row


def _row(
    session: Session,
    letter: Letter,
    channel: str,
    to: str,
    cause: UUID,
    about: tuple[str, UUID],
    now: datetime,
    wall: Wall,
) -> OutboxMessage:
    address = to.strip()
    return OutboxMessage(
        wall=wall,
        key=_key_for(session, letter.template, cause, address, wall),
        channel=channel,
        template=letter.template,
        to=address,
        to_hash=address.lower(),
        body={"subject": letter.subject, "text": letter.text, "facts": letter.facts, "own": letter.own},
        message_id=f"<{uuid7().hex}@{letter.domain}>",
        about_kind=about[0],
        about_id=about[1],
        state=MessageState.WAITING,
        owed_at=now,
        next_at=now,
        fence=0,
        tries=0,
    )
