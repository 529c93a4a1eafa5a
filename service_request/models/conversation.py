"""A thread with one person by one channel: it outlives the requests that come of it, one open at a time."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from infrastructure.database import Entity, KeyedHash, Wall, sealed_json, sealed_text
from service_request.models.arrival import Channel


class Safe(StrEnum):
    """Whether it is safe to reach somebody there (EV-2)."""

    UNSET = "unset"
    YES = "yes"
    NO = "no"


class Silenced(StrEnum):
    """Why the engine says nothing more by itself; a person goes on."""

    FINISHED = "finished"  # the questions are over
    PERSON_TOOK = "person_took"
    WANTS_PERSON = "wants_person"
    NOT_UNDERSTOOD = "not_understood"  # asked twice, kindly
    ASKED_TO_STOP = "asked_to_stop"  # in plain words
    OPTED_OUT = "opted_out"  # by the carrier's own word
    UNSAFE = "unsafe"
    NO_WAY = "no_way"  # the sender has no number that can be answered


class Conversation(Entity):
    """What passes between one of our numbers or mailboxes and one other; the dialogue is the engine's own state.

    Found by `digests("address", counterpart, wall)`, since a row inside is hashed with the key of that side.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("wall", "channel", "endpoint", "counterpart_hash"),
        Index(None, "wall", "counterpart_hash"),
        Index(None, "wall", "request_id"),
    )

    wall: Mapped[Wall] = mapped_column()
    channel: Mapped[Channel] = mapped_column()
    endpoint: Mapped[str] = mapped_column()  # our number (E.164) or mailbox
    counterpart_sealed: Mapped[bytes] = mapped_column()
    counterpart = sealed_text("counterpart_sealed")  # E.164, a short code or letters; an address in lower case
    counterpart_hash: Mapped[str | bytes] = mapped_column(
        KeyedHash("address", of=lambda row: (row.counterpart or "").lower())
    )
    safe: Mapped[Safe] = mapped_column()
    opted_out_at: Mapped[datetime | None] = mapped_column()  # the carrier's opt-out: a send would fail with 21610
    silenced: Mapped[Silenced | None] = mapped_column()
    silenced_at: Mapped[datetime | None] = mapped_column()
    request_id: Mapped[UUID | None] = mapped_column()  # the open one; None: the next message opens one
    last_request_id: Mapped[UUID | None] = mapped_column()  # the one before, for the link between them
    dialogue_sealed: Mapped[bytes | None] = mapped_column()
    dialogue = sealed_json("dialogue_sealed")  # conversation.state.Dialogue as JSON
    language: Mapped[str | None] = mapped_column()  # ISO 639-1, where it is not English
    heard_at: Mapped[datetime] = mapped_column()  # when they last wrote
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class MediaState(StrEnum):
    """Where a picture or file of a text stands."""

    WAITING = "waiting"
    FETCHED = "fetched"
    FAILED = "failed"


class ArrivalMedia(Entity):
    """A picture or file that came with a text and stands at the carrier until the worker has fetched it."""

    __tablename__ = "arrival_media"
    __table_args__ = (
        UniqueConstraint("wall", "arrival_id", "number"),
        Index(None, "wall", "next_at"),
        Index(None, "wall", "request_id"),
    )

    wall: Mapped[Wall] = mapped_column()
    arrival_id: Mapped[UUID] = mapped_column()
    request_id: Mapped[UUID | None] = mapped_column()
    number: Mapped[int] = mapped_column()
    url_sealed: Mapped[bytes] = mapped_column()
    url = sealed_text("url_sealed")
    content_type: Mapped[str] = mapped_column()
    state: Mapped[MediaState] = mapped_column()
    why: Mapped[str | None] = mapped_column()
    file_id: Mapped[UUID | None] = mapped_column()
    next_at: Mapped[datetime | None] = mapped_column()
    lease_until: Mapped[datetime | None] = mapped_column()
    fence: Mapped[int] = mapped_column()
    tries: Mapped[int] = mapped_column()


class DeliveryReport(Entity):
    """What a carrier told of a message that went out; one that nobody knows is parked (F27)."""

    __tablename__ = "delivery_report"
    __table_args__ = (
        UniqueConstraint("wall", "carrier_id", "status"),
        Index(None, "wall", "applied_at", "received_at"),
    )
    append_only: ClassVar[frozenset[str] | None] = frozenset({"wall", "applied_at", "outbox_id", "alerted_at"})

    wall: Mapped[Wall] = mapped_column()
    carrier_id: Mapped[str] = mapped_column()
    status: Mapped[str] = mapped_column()
    code: Mapped[str | None] = mapped_column()
    received_at: Mapped[datetime] = mapped_column()
    outbox_id: Mapped[UUID | None] = mapped_column()
    applied_at: Mapped[datetime | None] = mapped_column()  # None: its message is not known (yet)
    alerted_at: Mapped[datetime | None] = mapped_column()


class CarrierLook(Entity):
    """Up to when one of the carrier's own lists was read, so that what a webhook missed is found (F26).

    There is one row for each list, under an id that its name gives; it holds nothing of anybody.
    """

    __tablename__ = "carrier_look"

    name: Mapped[str] = mapped_column()
    until: Mapped[datetime] = mapped_column()
    looked_at: Mapped[datetime] = mapped_column()
