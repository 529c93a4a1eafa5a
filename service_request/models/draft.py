"""A form that is being filled: kept on the server, as typed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, KeyedHash, Wall, sealed_json, sealed_text


class Draft(Entity):
    """A form as typed, {step: {field: [values]}}. Its id is the idempotency key of the sending."""

    __tablename__ = "draft"
    __table_args__ = (Index(None, "wall", "owner_hash"), Index(None, "wall", "lapses_at"))

    wall: Mapped[Wall] = mapped_column()
    pathway: Mapped[str] = mapped_column()
    kind: Mapped[str] = mapped_column()  # pathways.social_care.forms.FormKind
    form_version: Mapped[str] = mapped_column()
    answers_sealed: Mapped[bytes] = mapped_column()
    answers = sealed_json("answers_sealed")
    proven_email_sealed: Mapped[bytes | None] = mapped_column()  # the address proven by code (GL-14)
    proven_email = sealed_text("proven_email_sealed")
    owner_hash: Mapped[str | bytes | None] = mapped_column(
        KeyedHash("address", of=lambda row: row.proven_email and row.proven_email.lower())
    )
    proven_at: Mapped[datetime | None] = mapped_column()
    completes_id: Mapped[UUID | None] = mapped_column()  # the request that this form completes (GL-1)
    asked_for_id: Mapped[UUID | None] = mapped_column()  # what the desk asked, which this answers (GL-3)
    amends_id: Mapped[UUID | None] = mapped_column()  # the answers that were sent, which this changes
    reminded_at: Mapped[datetime | None] = mapped_column()  # when its owner was told that it will lapse
    sent_request_id: Mapped[UUID | None] = mapped_column()
    sent_digest: Mapped[bytes | None] = mapped_column()  # of the answers as sent: a repeat that differs is told so
    started_at: Mapped[datetime] = mapped_column()
    saved_at: Mapped[datetime] = mapped_column()
    lapses_at: Mapped[datetime] = mapped_column()
    files: Mapped[int] = mapped_column(default=0, server_default="0")  # how many: a page without any asks for none
    parts: Mapped[int] = mapped_column(default=0, server_default="0")  # how many colleagues were asked
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class DeviceDraftKey(Entity):
    """A device that may open a draft; it outlives the session."""

    __tablename__ = "device_draft_key"
    __table_args__ = (UniqueConstraint("token", "draft_id"),)

    token: Mapped[str | bytes] = mapped_column(KeyedHash("device"))
    draft_id: Mapped[UUID] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"))
    seen_at: Mapped[datetime] = mapped_column()


class DraftPart(Entity):
    """A part of a draft that a colleague of the same agency was asked to fill in."""

    __tablename__ = "draft_part"
    __table_args__ = (Index(None, "wall", "draft_id"),)

    wall: Mapped[Wall] = mapped_column()
    draft_id: Mapped[UUID] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"))
    link_id: Mapped[UUID | None] = mapped_column()
    address_sealed: Mapped[bytes | None] = mapped_column()
    address = sealed_text("address_sealed")
    steps: Mapped[list[str]] = mapped_column()  # keys of the steps, as in the draft's answers
    asked_at: Mapped[datetime] = mapped_column()
    done_at: Mapped[datetime | None] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()  # taken back by who asked
