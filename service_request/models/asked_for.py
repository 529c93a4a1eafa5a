"""What the desk asked a referrer for: in one message, by field (GL-3)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, Wall, sealed_text


class AskedKind(StrEnum):
    """What is asked of a referrer."""

    DETAILS = "details"  # questions of the form that are missing or unclear (GL-3)
    AGREEMENT = "agreement"  # that they seek the family's agreement to early help (GL-12)
    CAF = "caf"  # that they carry out a common assessment (GL-12)
    WRITTEN_FORM = "written_form"  # the form that follows an urgent call (GL-1)


class AskedState(StrEnum):
    """How far the asking has come."""

    OPEN = "open"
    ANSWERED = "answered"
    GIVEN_UP = "given_up"  # by the desk, with a reason: nothing more is chased
    WITHDRAWN = "withdrawn"  # the request ended, or the asking was a mistake


class AskedFor(Entity):
    """One asking of one referrer, by field of the form; chased on schedule, then up at the desk (GL-17)."""

    __tablename__ = "asked_for"
    __table_args__ = (
        Index(None, "wall", "request_id", "state"),
        Index(
            "ix_asked_for_chase",
            "wall",
            "next_chase_at",
            sqlite_where=text("next_chase_at IS NOT NULL"),
            postgresql_where=text("next_chase_at IS NOT NULL"),
        ),
    )

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    kind: Mapped[AskedKind] = mapped_column()
    subject_id: Mapped[UUID | None] = mapped_column()  # agreement and CAF are asked for one child
    fields: Mapped[list[str]] = mapped_column()  # "step/field" codes, as in ServiceRequest.missing
    words_sealed: Mapped[bytes | None] = mapped_column()
    words = sealed_text("words_sealed")  # what the officer wrote beside them; read behind link and code alone
    link_id: Mapped[UUID | None] = mapped_column()
    draft_id: Mapped[UUID | None] = mapped_column()  # the answer as it is being written
    response_id: Mapped[UUID | None] = mapped_column()  # the answer as it was sent
    state: Mapped[AskedState] = mapped_column()
    asked_at: Mapped[datetime] = mapped_column()
    asked_by_id: Mapped[UUID] = mapped_column()
    chased: Mapped[int] = mapped_column(default=0)
    next_chase_at: Mapped[datetime | None] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()
    ended_by_id: Mapped[UUID | None] = mapped_column()  # None: the referrer
    reason_code: Mapped[str | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}
