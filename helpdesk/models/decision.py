"""The manager's contact-information-and-decision record (CID), a line for each subject (GL-9)."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from infrastructure.database import Entity, Wall, sealed_json, sealed_text
from service_request.domain.standing import ReferralKind
from service_request.pathways.social_care.rules import ContactReason, ReferralAction, Standing


class Decision(Entity):
    """Information considered, analysis, reason, who and when; never overwritten: a later one supersedes it."""

    __tablename__ = "decision"
    __table_args__ = (Index(None, "wall", "request_id", "at"),)
    append_only: ClassVar[frozenset[str] | None] = frozenset(
        {"information_sealed", "analysis_sealed", "reason_sealed", "why_superseded_sealed"}
    )

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    by_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime] = mapped_column()
    information_sealed: Mapped[bytes | None] = mapped_column()
    information = sealed_text("information_sealed")
    analysis_sealed: Mapped[bytes | None] = mapped_column()
    analysis = sealed_text("analysis_sealed")
    reason_sealed: Mapped[bytes | None] = mapped_column()
    reason = sealed_text("reason_sealed")
    supersedes_id: Mapped[UUID | None] = mapped_column()
    why_superseded_sealed: Mapped[bytes | None] = mapped_column()
    why_superseded = sealed_text("why_superseded_sealed")  # why this decision replaces the one before


class DecisionLine(Entity):
    """What was decided for one subject: a referral with one action, or a contact with one reason (GL-10, GL-11)."""

    __tablename__ = "decision_line"
    __table_args__ = (
        CheckConstraint(
            "(standing = 'referral' AND action IS NOT NULL AND contact_reason IS NULL) OR "
            "(standing = 'contact' AND action IS NULL AND contact_reason IS NOT NULL)",
            name="one_action_or_one_reason",
        ),
        Index(
            "uq_decision_line_current",
            "wall",
            "subject_id",
            unique=True,
            sqlite_where=text("current = 1"),
            postgresql_where=text("current"),
        ),
        Index(None, "wall", "decision_id"),
    )
    append_only: ClassVar[frozenset[str] | None] = frozenset({"current"})

    wall: Mapped[Wall] = mapped_column(server_default="open")
    decision_id: Mapped[UUID] = mapped_column(ForeignKey("decision.id"))
    decision: Mapped[Decision] = relationship(
        lazy="raise",
        primaryjoin="and_(Decision.wall == DecisionLine.wall, Decision.id == foreign(DecisionLine.decision_id))",
    )
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"))
    standing: Mapped[Standing] = mapped_column()
    action: Mapped[ReferralAction | None] = mapped_column()
    contact_reason: Mapped[ContactReason | None] = mapped_column()
    current: Mapped[bool] = mapped_column()


class Referral(Entity):
    """An accepted subject, from its acceptance until its case closes (GL-13)."""

    __tablename__ = "referral"
    __table_args__ = (UniqueConstraint("wall", "decision_line_id"), Index(None, "wall", "subject_id"))

    wall: Mapped[Wall] = mapped_column(server_default="open")
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"))
    decision_line_id: Mapped[UUID] = mapped_column(ForeignKey("decision_line.id"))
    line: Mapped[DecisionLine] = relationship(
        lazy="raise",
        primaryjoin="and_(DecisionLine.wall == Referral.wall, DecisionLine.id == foreign(Referral.decision_line_id))",
    )
    accepted_on: Mapped[date] = mapped_column()
    kind: Mapped[ReferralKind] = mapped_column()
    earlier_id: Mapped[UUID | None] = mapped_column()
    confirmed_by_id: Mapped[UUID] = mapped_column()
    closed_on: Mapped[date | None] = mapped_column()
    closure: Mapped[str | None] = mapped_column()  # code
    withdrawn_at: Mapped[datetime | None] = mapped_column()  # its decision was superseded


class DecisionDraft(Entity):
    """A decision that its manager has begun to write: sealed, theirs alone, gone once it is saved."""

    __tablename__ = "decision_draft"
    __table_args__ = (UniqueConstraint("wall", "request_id", "by_id"),)

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    by_id: Mapped[UUID] = mapped_column()
    fields_sealed: Mapped[bytes] = mapped_column()
    fields = sealed_json("fields_sealed")  # as typed: {field: [values]}
    saved_at: Mapped[datetime] = mapped_column()
