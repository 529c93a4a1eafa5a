"""Owe a message: in the same transaction as the act that causes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.database import Wall, digest, uuid7
from infrastructure.outbox.models import MessageState, OutboxMessage

MESSAGE_DOMAIN = "frontdoor"


@dataclass(frozen=True)
class Letter:
    """What to say: the template's name, the words, and the facts that were put into them.

    The outgoing guard reads `facts`, the only part that differs from one letter of a template to the next.
    """

    template: str
    subject: str
    text: str
    facts: dict[str, str] = field(default_factory=dict)


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
        key=f"{letter.template}:{cause}:{digest('address', address.lower()).hex()[:32]}",
        channel="email",
        template=letter.template,
        to=address,
        to_hash=address.lower(),
        body={"subject": letter.subject, "text": letter.text, "facts": letter.facts},
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
