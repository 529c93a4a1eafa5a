"""What was routed to a team, and what it answered (GL-12, GL-17)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.domain.assignments import AssignmentState
from infrastructure.database import Entity, Wall, sealed_text


class Assignment(Entity):
    """One subject, given to one team, to do one thing."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index(None, "wall", "team_id", "state"),
        Index(None, "wall", "request_id"),
        Index(None, "wall", "subject_id"),
        Index(None, "wall", "decision_line_id"),
    )

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subject.id"))
    decision_line_id: Mapped[UUID] = mapped_column(ForeignKey("decision_line.id"))
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id"))
    ask: Mapped[str] = mapped_column()  # code: initial_assessment, provide_information, other, early_help
    scope: Mapped[list[str]] = mapped_column()  # the step groups of the form that this team needs to see
    state: Mapped[AssignmentState] = mapped_column()
    sent_at: Mapped[datetime] = mapped_column()
    acknowledged_at: Mapped[datetime | None] = mapped_column()
    acknowledged_by_id: Mapped[UUID | None] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column()
    reason_code: Mapped[str | None] = mapped_column()
    answer_sealed: Mapped[bytes | None] = mapped_column()
    answer = sealed_text("answer_sealed")
    supersedes_id: Mapped[UUID | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}
