"""What is particular to an enquiry to SENDIASS; all of it stands inside the wall (SE-1 to SE-5, SE-8)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, KeyedHash, Wall, sealed_json, sealed_text
from service_request.models.arrival import Channel
from service_request.pathways.sendiass.codes import DeadlineKind, Eligible, EnquirerKind, InArea, Level


class Enquiry(Entity):
    """One enquiry: who asks, whether it is ours, and how far the help goes. One for each request of this pathway."""

    __tablename__ = "enquiry"
    __table_args__ = (UniqueConstraint("wall", "request_id"), Index(None, "wall", "reached_at"))

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    enquirer: Mapped[EnquirerKind] = mapped_column()
    eligible: Mapped[Eligible] = mapped_column()  # SE-2
    in_area: Mapped[InArea] = mapped_column()  # SE-2: an area not given refuses nobody
    level: Mapped[Level | None] = mapped_column()  # SE-4; None until an adviser takes it
    facts_sealed: Mapped[bytes] = mapped_column()
    facts = sealed_json("facts_sealed")  # {field: value} of pathways/sendiass/questions.py, corrected ones too
    language: Mapped[str | None] = mapped_column()  # ISO 639-1, where it is not English
    needs_interpreter: Mapped[bool] = mapped_column()
    wants_person: Mapped[bool] = mapped_column()  # asked for one in words
    to_split: Mapped[bool] = mapped_column()  # two people or several children: a person looks
    danger_at: Mapped[datetime | None] = mapped_column()  # when danger words were last said (SE-10)
    danger_seen_at: Mapped[datetime | None] = mapped_column()  # when somebody of SENDIASS said that they saw to it
    deadline_on: Mapped[date | None] = mapped_column()  # the earliest live statutory one: it jumps the queue (SE-3)
    reached_at: Mapped[datetime | None] = mapped_column()  # first contact by a person of ours (SE-3, SE-8)
    reached_by_id: Mapped[UUID | None] = mapped_column()
    taken_at: Mapped[datetime | None] = mapped_column()
    waits_since: Mapped[datetime | None] = mapped_column()  # their last message that nobody of ours answered
    close_reason: Mapped[str | None] = mapped_column()  # rules.CloseReason
    outcome_sealed: Mapped[bytes | None] = mapped_column()
    outcome = sealed_text("outcome_sealed")  # in the service user's own words (SE-4)
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class LevelRise(Entity):
    """A level reached, why, and what came of the one before, in the service user's own words (SE-4)."""

    __tablename__ = "enquiry_level"
    __table_args__ = (UniqueConstraint("wall", "request_id", "number"),)
    append_only: ClassVar[frozenset[str] | None] = frozenset({"wall", "reason_sealed", "outcome_sealed"})

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    number: Mapped[int] = mapped_column()
    level: Mapped[Level] = mapped_column()
    reason_sealed: Mapped[bytes | None] = mapped_column()
    reason = sealed_text("reason_sealed")
    outcome_sealed: Mapped[bytes | None] = mapped_column()
    outcome = sealed_text("outcome_sealed")
    at: Mapped[datetime] = mapped_column()
    by_id: Mapped[UUID] = mapped_column()


class Deadline(Entity):
    """A date that the law sets: an appeal, a mediation, an exclusion (SE-3). Its clock is one of kind STATUTORY."""

    __tablename__ = "deadline"
    __table_args__ = (Index(None, "wall", "request_id"),)

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    kind: Mapped[DeadlineKind] = mapped_column()
    letter_on: Mapped[date | None] = mapped_column()
    due_on: Mapped[date] = mapped_column()
    working: Mapped[list[Any]] = mapped_column()  # [label, value] lines: how the date came about
    is_checked: Mapped[bool] = mapped_column()  # a person read the letter; until then it is what the engine understood
    ended_at: Mapped[datetime | None] = mapped_column()
    end: Mapped[str | None] = mapped_column()  # met | withdrawn | corrected
    at: Mapped[datetime] = mapped_column()
    by_id: Mapped[UUID | None] = mapped_column()  # None: the engine, from what was said


class ContactAttempt(Entity):
    """A person of ours tried to reach the enquirer (SE-3); an unanswered ring is an attempt."""

    __tablename__ = "contact_attempt"
    __table_args__ = (Index(None, "wall", "request_id", "at"),)
    append_only: ClassVar[frozenset[str] | None] = frozenset({"wall", "note_sealed"})

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID] = mapped_column(ForeignKey("service_request.id"))
    at: Mapped[datetime] = mapped_column()
    by_id: Mapped[UUID] = mapped_column()
    channel: Mapped[Channel] = mapped_column()
    reached: Mapped[bool] = mapped_column()
    note_sealed: Mapped[bytes | None] = mapped_column()
    note = sealed_text("note_sealed")


class SavedAnswer(Entity):
    """Words that an adviser sends often: a factsheet, a signpost, the words for a professional to pass on."""

    __tablename__ = "saved_answer"
    __table_args__ = (UniqueConstraint("wall", "code"),)

    wall: Mapped[Wall] = mapped_column()
    code: Mapped[str] = mapped_column()
    title: Mapped[str] = mapped_column()
    body: Mapped[str] = mapped_column()
    kind: Mapped[str] = mapped_column()  # factsheet | signpost | words_to_pass_on | reply
    position: Mapped[int] = mapped_column()
    given_up_at: Mapped[datetime | None] = mapped_column()


class EvaluationState(StrEnum):
    """Where an evaluation stands."""

    WAITING = "waiting"
    SENT = "sent"
    ANSWERED = "answered"
    OPTED_OUT = "opted_out"
    NOT_SENT = "not_sent"  # with the reason: not safe, no way, opted out before


class Evaluation(Entity):
    """Six questions three months after the first contact; an anonymous answer loses its enquiry (SE-8)."""

    __tablename__ = "evaluation"
    __table_args__ = (Index(None, "wall", "next_at"), Index(None, "wall", "request_id"), Index(None, "wall", "token"))

    wall: Mapped[Wall] = mapped_column()
    request_id: Mapped[UUID | None] = mapped_column()  # None once answered anonymously
    conversation_id: Mapped[UUID | None] = mapped_column()  # where it is asked by text; None once anonymous
    token: Mapped[str | bytes | None] = mapped_column(KeyedHash("evaluation", until="ends_at"))
    state: Mapped[EvaluationState] = mapped_column()
    why: Mapped[str | None] = mapped_column()
    level: Mapped[Level | None] = mapped_column()  # which questions are asked; None once anonymous: few reach some
    wording: Mapped[str] = mapped_column()  # the version of questions and scale
    due_on: Mapped[date] = mapped_column()
    next_at: Mapped[datetime | None] = mapped_column()
    sent_at: Mapped[datetime | None] = mapped_column()
    ends_at: Mapped[datetime | None] = mapped_column()
    answered_on: Mapped[date | None] = mapped_column()  # a day: an hour might tell who it was
    is_anonymous: Mapped[bool | None] = mapped_column()
    answers_sealed: Mapped[bytes | None] = mapped_column()
    answers = sealed_json("answers_sealed")  # {question code: scale code, "words": text}
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}
