"""What a mail was understood to be, and how far each of our mailboxes was read."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, KeyedHash, Wall, sealed_json, sealed_text
from service_request.domain.mail.types import MailKind


class Mail(Entity):
    """One mail as it was read; the raw one stands in its arrival, and a wrong class costs a click.

    `head` is {"sender", "sender_name", "reply_to", "recipients", "subject", "message_id", "references", "same",
    "returned"}. `copy_of_id` is the arrival of the same mail to another of our mailboxes on this side of the wall.
    """

    __tablename__ = "mail"
    __table_args__ = (
        UniqueConstraint("wall", "arrival_id"),
        Index(None, "wall", "request_id", "at"),
        Index(None, "wall", "message_id_hash"),
        Index(None, "wall", "same_hash"),
        Index(None, "wall", "kind", "at"),
        Index(  # few: what a person must say
            "ix_mail_possible",
            "wall",
            "possible_id",
            sqlite_where=text("possible_id IS NOT NULL"),
            postgresql_where=text("possible_id IS NOT NULL"),
        ),
    )
    append_only: ClassVar[frozenset[str] | None] = frozenset(
        {
            "wall",
            "request_id",
            "kind",
            "kind_by_id",
            "possible_id",
            "possible_answer",
            "possible_by_id",
            "outbox_id",
            "head_sealed",
            "quoted_sealed",
            "message_id_hash",
            "same_hash",
        }
    )

    wall: Mapped[Wall] = mapped_column()
    arrival_id: Mapped[UUID] = mapped_column()
    request_id: Mapped[UUID | None] = mapped_column()  # None: it is filed, and belongs to none
    at: Mapped[datetime] = mapped_column()  # the earliest trusted time that it was in our hands; theirs is `sent_at`
    sent_at: Mapped[datetime | None] = mapped_column()
    kind: Mapped[MailKind] = mapped_column()
    first_kind: Mapped[MailKind] = mapped_column()  # what the machine took it for
    why: Mapped[str] = mapped_column()  # by which sign
    kind_by_id: Mapped[UUID | None] = mapped_column()  # who corrected it
    is_verified: Mapped[bool] = mapped_column()  # our own mail server vouches for the sender's address (T6)
    notes: Mapped[list[str]] = mapped_column()  # MailNote codes
    head_sealed: Mapped[bytes | None] = mapped_column()
    head = sealed_json("head_sealed")
    quoted_sealed: Mapped[bytes | None] = mapped_column()
    quoted = sealed_text("quoted_sealed")
    message_id_hash: Mapped[str | bytes | None] = mapped_column(
        KeyedHash("message_id", of=lambda row: (row.head or {}).get("message_id") or None)
    )
    same_hash: Mapped[str | bytes | None] = mapped_column(
        KeyedHash("mail", of=lambda row: (row.head or {}).get("same") or None)
    )
    copy_of_id: Mapped[UUID | None] = mapped_column()
    possible_id: Mapped[UUID | None] = mapped_column()  # a request that it may belong to, by its subject (T7)
    possible_answer: Mapped[str | None] = mapped_column()  # yes | no, said by a person
    possible_by_id: Mapped[UUID | None] = mapped_column()
    outbox_id: Mapped[UUID | None] = mapped_column()  # the message of ours that came back


class MailLook(Entity):
    """How far one of our mailboxes was read, and since when it cannot be.

    The two numbers are a hint that saves work: what was kept is known by its own hash, never by them (F30).
    """

    __tablename__ = "mail_look"
    __table_args__ = (UniqueConstraint("wall", "address"),)

    wall: Mapped[Wall] = mapped_column()
    address: Mapped[str] = mapped_column()  # our own mailbox
    uid_validity: Mapped[int | None] = mapped_column(BigInteger)  # 32 bits without a sign (RFC 9051)
    last_uid: Mapped[int | None] = mapped_column(BigInteger)
    ok_at: Mapped[datetime | None] = mapped_column()  # when it was last read to its end
    failing_since: Mapped[datetime | None] = mapped_column()
    failures: Mapped[int] = mapped_column()
    error: Mapped[str | None] = mapped_column()  # a code of ours: "sign_in", "certificate", "disconnected"
    next_at: Mapped[datetime] = mapped_column()
    lease_until: Mapped[datetime | None] = mapped_column()
    fence: Mapped[int] = mapped_column()
