"""The service request: one ask, on one pathway, and where it stands."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from infrastructure.database import Entity, Wall, sealed_json, sealed_text
from service_request.domain.consent import Told
from service_request.domain.states import RequestState
from service_request.models.arrival import Channel
from service_request.models.referrer import Referrer

# What nobody has decided yet, word for word as the queue asks for it: only then does a database use these indexes.
IS_OPEN = "state IN ('received', 'in_triage', 'awaiting_information', 'awaiting_decision')"


class ServiceRequest(Entity):
    """One ask about one or more children or a family."""

    __tablename__ = "service_request"
    __table_args__ = (
        Index(  # a list of the queue, and its count, read this and no row that they do not show
            "ix_service_request_queue",
            "wall",
            "state",
            "next_due_at",
            "id",
            "urgency",
            "assignee_id",
            "area_id",
            "restricted",
        ),
        Index(  # what is open, of every state, in the order of the queue
            "ix_service_request_open",
            "wall",
            "next_due_at",
            "id",
            "state",
            "urgency",
            "assignee_id",
            "area_id",
            "restricted",
            sqlite_where=text(IS_OPEN),
            postgresql_where=text(IS_OPEN),
        ),
        Index(  # what is open and somebody's, or nobody's
            "ix_service_request_held",
            "wall",
            "assignee_id",
            "next_due_at",
            "id",
            "state",
            "urgency",
            "area_id",
            "restricted",
            sqlite_where=text(IS_OPEN),
            postgresql_where=text(IS_OPEN),
        ),
        Index(None, "wall", "area_id", "state", "next_due_at"),
        Index(None, "wall", "received_at"),
        Index(  # few, and before all others
            "ix_service_request_danger",
            "wall",
            "urgency",
            "next_due_at",
            "id",
            "state",
            "area_id",
            "restricted",
            sqlite_where=text("urgency = 'danger'"),
            postgresql_where=text("urgency = 'danger'"),
        ),
        Index(
            "ix_service_request_folded",
            "wall",
            "folded_into_id",
            sqlite_where=text("folded_into_id IS NOT NULL"),
            postgresql_where=text("folded_into_id IS NOT NULL"),
        ),
        Index(  # few, and left out of every list of those who may not see them
            "ix_service_request_restricted",
            "wall",
            "id",
            "restricted",
            sqlite_where=text("restricted IS 1"),
            postgresql_where=text("restricted IS true"),
        ),
    )

    wall: Mapped[Wall] = mapped_column()
    reference: Mapped[str] = mapped_column(unique=True)  # eight characters, no hyphen
    pathway: Mapped[str] = mapped_column()
    kind: Mapped[str] = mapped_column()  # forms.FormKind
    form_version: Mapped[str] = mapped_column()
    channel: Mapped[Channel] = mapped_column()
    received_at: Mapped[datetime] = mapped_column()
    state: Mapped[RequestState] = mapped_column()
    before_set_aside: Mapped[RequestState | None] = mapped_column()
    urgency: Mapped[str] = mapped_column()  # danger | urgent | routine
    area_id: Mapped[UUID | None] = mapped_column(ForeignKey("area.id"))
    area_reason: Mapped[str] = mapped_column()  # postcode | chosen | default | outside
    assignee_id: Mapped[UUID | None] = mapped_column()
    passed_by_id: Mapped[UUID | None] = mapped_column()
    passed_at: Mapped[datetime | None] = mapped_column()
    referrer_id: Mapped[UUID] = mapped_column(ForeignKey("referrer.id"))
    referrer: Mapped[Referrer] = relationship(
        lazy="raise",
        primaryjoin="and_(Referrer.wall == ServiceRequest.wall, Referrer.id == foreign(ServiceRequest.referrer_id))",
    )
    agency_id: Mapped[UUID | None] = mapped_column()
    authority: Mapped[str] = mapped_column()
    told: Mapped[Told] = mapped_column()  # a copy of the latest consent
    worries: Mapped[list[str]] = mapped_column()  # codes
    names_found: Mapped[int] = mapped_column(default=0)  # marked words left in a request without names (GL-6)
    headline_sealed: Mapped[bytes] = mapped_column()
    headline = sealed_json(
        "headline_sealed"
    )  # {"children": [label...], "initials": "C.H., R.H.", "asked_by": [..]} for lists
    missing: Mapped[list[str]] = mapped_column()  # "step/field" codes not answered when it was sent
    open_case_check: Mapped[str | None] = mapped_column()  # none | open_elsewhere: an officer's recorded check (GL-13)
    open_case_checked_at: Mapped[datetime | None] = mapped_column()
    open_case_checked_by_id: Mapped[UUID | None] = mapped_column()
    restricted: Mapped[bool] = mapped_column(default=False)
    next_due_at: Mapped[datetime | None] = mapped_column()
    decided_at: Mapped[datetime | None] = mapped_column()
    closed_at: Mapped[datetime | None] = mapped_column()
    set_aside_reason: Mapped[str | None] = mapped_column()
    folded_into_id: Mapped[UUID | None] = mapped_column()
    before_folded: Mapped[RequestState | None] = mapped_column()
    ended_why: Mapped[str | None] = mapped_column()  # withdrawn, with a coded reason; None: its work was done
    keep_until: Mapped[datetime | None] = mapped_column()
    hold: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class FormResponse(Entity):
    """The answers as sent, with the version of the form that asked them; an amendment is a new row."""

    __tablename__ = "form_response"
    __table_args__ = (Index(None, "wall", "request_id", "at"),)
    append_only: ClassVar[frozenset[str] | None] = frozenset({"wall", "answers_sealed", "note_sealed"})

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    kind: Mapped[str] = mapped_column()
    form_version: Mapped[str] = mapped_column()
    answers_sealed: Mapped[bytes | None] = mapped_column()
    answers = sealed_json("answers_sealed")  # as typed: {step: {field: [values]}}
    note_sealed: Mapped[bytes | None] = mapped_column()
    note = sealed_text("note_sealed")
    by_kind: Mapped[str] = mapped_column()
    by_id: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column()
    supersedes_id: Mapped[UUID | None] = mapped_column()


class LinkKind(StrEnum):
    """How two requests belong together."""

    SAME_ASK = "same_ask"
    FOLLOWS = "follows"
    CONVERTED_FROM = "converted_from"  # a named request after a talk without names (GL-6)
    AFTER_CLOSED = "after_closed"
    SAME_FAMILY = "same_family"  # an adviser said so (EV-4); inside the wall alone
    NOT_SAME_FAMILY = "not_same_family"  # an adviser said so: the same number or address is no hint any more
    SPLIT_FROM = "split_from"  # two people on one phone, or several children: from the new one to the one it came of
    SAFEGUARDING_SHARE = "safeguarding_share"  # from an enquiry: the row stands inside the wall alone (SE-5)


class RequestLink(Entity):
    """Two requests that belong together."""

    __tablename__ = "request_link"
    __table_args__ = (Index(None, "wall", "from_id"), Index(None, "wall", "to_id"))

    wall: Mapped[Wall] = mapped_column()
    from_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    to_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    kind: Mapped[LinkKind] = mapped_column()
    by_id: Mapped[UUID | None] = mapped_column()
    at: Mapped[datetime] = mapped_column()
    undone_at: Mapped[datetime | None] = mapped_column()
