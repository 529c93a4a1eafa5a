"""Owe a message: in the same transaction as the act that causes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.database import Wall, digest, uuid7
from infrastructure.outbox.models import MessageState, OutboxMessage

Spans = list[tuple[int, int]]
MESSAGE_DOMAIN = "frontdoor"


@dataclass(frozen=True)
class Letter:
    """What to say: the template's name, the words, and the facts that were put into them.

    `own` says where in "subject" and "text" stands what the template says by itself, and what tells of nobody; the
    outgoing guard lets that be, and compares all else (EV-6). None: nothing is ours.
    """

    template: str
    subject: str
    text: str
    facts: dict[str, str] = field(default_factory=dict)
    own: dict[str, Spans] | None = None


def key_of(template: str, cause: UUID, address: str, wall: Wall) -> str:
    """Return the key under which a message is owed once; the address is in it as a hash of that side of the wall."""
    return f"{template}:{cause}:{digest('address', address.lower(), wall).hex()[:32]}"


def owe(
    session: Session,
    letter: Letter,
    *,
    to: str,
    cause: UUID,
    about: tuple[str, UUID],
    now: datetime,
    wall: Wall = Wall.OPEN,
) -> OutboxMessage:
    """Write the message that this act calls for, once for each cause, template and recipient (EV-2, EV-3)."""
    address = to.strip()
    row = OutboxMessage(
        wall=wall,
        key=key_of(letter.template, cause, address, wall),
        channel="email",
        template=letter.template,
        to=address,
        to_hash=address.lower(),
        body={"subject": letter.subject, "text": letter.text, "facts": letter.facts, "own": letter.own},
        message_id=f"<{uuid7().hex}@{MESSAGE_DOMAIN}>",
        about_kind=about[0],
        about_id=about[1],
        state=MessageState.WAITING,
        owed_at=now,
        next_at=now,
        fence=0,
        tries=0,
    )
    session.add(row)
    return row
