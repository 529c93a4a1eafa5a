"""Something that a person of the desk must do."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, Wall


class TaskKind(StrEnum):
    """What is to be done."""

    CALL_BACK = "call_back"
    DELIVERY_FAILED = "delivery_failed"
    HANDED_BACK = "handed_back"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    UNREADABLE = "unreadable"
    CHASE = "chase"
    ASK_AGREEMENT = "ask_agreement"  # GL-12: ask the referrer to seek the family's agreement
    ASK_CAF = "ask_caf"  # GL-12: ask the referring professional to carry out a CAF
    NO_DESTINATION = "no_destination"
    PDF_FAILED = "pdf_failed"
    NEW_INFORMATION = "new_information"
    FILE = "file"  # a file that is withheld, locked or gone: somebody asks for it in another way
    HELD_BACK = "held_back"  # a message that the outgoing guard stopped: somebody says what becomes of it
    SHARED = "shared"  # SENDIASS shared a concern with this team (SE-5)
    DANGER = "danger"  # danger words were said: somebody looks now (SE-10, EV-10)
    WANTS_PERSON = "wants_person"
    ASKED_TO_STOP = "asked_to_stop"  # no text goes there any more: somebody finds another way
    SPLIT = "split"  # two people on one phone, or several children
    INTERPRETER = "interpreter"
    PROFESSIONAL = "professional"  # what was set aside by itself since a professional wrote: somebody reads it (SE-1)
    RECORD_ASKED = "record_asked"  # they asked for their record (SE-6)
    UNROUTED = "unrouted"  # it came to a number that no pathway has
    MEDIA_FAILED = "media_failed"  # a picture or file of a text could not be fetched
    POSSIBLE_MATCH = "possible_match"  # a mail names a reference: somebody says whether it belongs there (T7)
    MAIL_DELAYED = "mail_delayed"  # a mailbox of ours cannot be read (F31)
    CONFIRM_AGENCY = "confirm_agency"  # a referrer chose an agency: somebody rings it and says whether it is so (GL-14)
    WITHDRAW_ASKED = "withdraw_asked"  # a referrer wants to take the request back: a person says what becomes of it
    WHY_LATE = "why_late"  # a promise was broken: somebody records why (EV-7)
    ALERT = "alert"
    GLASS_BROKEN = "glass_broken"  # for a service manager: was it right?


class Task(Entity):
    """A thing to do, for one team, once for each cause."""

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("cause"),
        Index(None, "wall", "team_id", "done_at", "due_at"),
        Index(None, "wall", "request_id"),
        Index(  # what is still to be done is little beside what was done, and is counted by this alone
            "ix_task_open",
            "wall",
            "kind",
            "due_at",
            "team_id",
            "request_id",
            "about_id",
            "done_at",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    wall: Mapped[Wall] = mapped_column()
    kind: Mapped[TaskKind] = mapped_column()
    cause: Mapped[str] = mapped_column()  # "delivery_failed:<outbox id>": made once
    team_id: Mapped[UUID | None] = mapped_column()  # None: the desk
    request_id: Mapped[UUID | None] = mapped_column()
    about_id: Mapped[UUID | None] = mapped_column()
    made_at: Mapped[datetime] = mapped_column()
    due_at: Mapped[datetime | None] = mapped_column()
    done_at: Mapped[datetime | None] = mapped_column()
    done_by_id: Mapped[UUID | None] = mapped_column()
