"""Events: at once the timeline of a record and the audit line of its change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from infrastructure.database import Entity

GENESIS = "0" * 64


class ActorKind(StrEnum):
    """Who acts."""

    USER = "user"
    REFERRER = "referrer"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """The one who acts; the system has no id."""

    kind: ActorKind
    id: UUID | None = None


SYSTEM = Actor(ActorKind.SYSTEM)


@dataclass(frozen=True)
class Stream:
    """The record that a chain belongs to: a request, a user, a sign-in, a setting."""

    kind: str
    id: UUID


class Event(Entity):
    """One act. It holds ids, codes and digests only, so that erasure and an unbroken chain can both hold (EV-8)."""

    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("stream_kind", "stream_id", "seq"),
        Index(  # what one person did; the acts of people outside and of the system cost it nothing
            "ix_event_actor_id_at",
            "actor_id",
            "at",
            sqlite_where=text("actor_id IS NOT NULL"),
            postgresql_where=text("actor_id IS NOT NULL"),
        ),
        Index(
            "ix_event_unsealed", "id", sqlite_where=text("seal_id IS NULL"), postgresql_where=text("seal_id IS NULL")
        ),
    )
    append_only: ClassVar[frozenset[str] | None] = frozenset({"seal_id"})

    stream_kind: Mapped[str] = mapped_column()
    stream_id: Mapped[UUID] = mapped_column()
    seq: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column()
    actor_kind: Mapped[ActorKind] = mapped_column()
    actor_id: Mapped[UUID | None] = mapped_column()
    act: Mapped[str] = mapped_column()
    from_state: Mapped[str | None] = mapped_column()
    to_state: Mapped[str | None] = mapped_column()
    facts: Mapped[dict[str, Any]] = mapped_column()
    prev: Mapped[str] = mapped_column()
    hash: Mapped[str] = mapped_column()
    seal_id: Mapped[UUID | None] = mapped_column()  # given by the worker; None: not sealed yet

    def computed_hash(self) -> str:
        """Return the digest of everything the row says, the digest before it included."""
        said = [
            str(self.id), self.stream_kind, str(self.stream_id), self.seq, self.at.isoformat(), str(self.actor_kind),
            str(self.actor_id), self.act, self.from_state, self.to_state, self.facts, self.prev,
        ]  # fmt: skip
        return sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def record(
    session: Session,
    stream: Stream,
    act: str,
    *,
    by: Actor,
    now: datetime,
    moved: tuple[str | None, str | None] = (None, None),
    is_first: bool = False,
    **facts: Any,
) -> Event:
    """Chain one act to its record's trail; facts are ids, codes and digests, never text (EV-5).

    The caller holds the record's lock. `is_first` spares the look for an earlier event.
    """
    last = None if is_first else _last(session, stream)
    row = Event(
        stream_kind=stream.kind,
        stream_id=stream.id,
        seq=last.seq + 1 if last else 1,
        at=now.astimezone(UTC),  # as it is read back, or the digest would differ
        actor_kind=by.kind,
        actor_id=by.id,
        act=act,
        from_state=moved[0],
        to_state=moved[1],
        facts={name: _plain(value) for name, value in facts.items()},
        prev=last.hash if last else GENESIS,
    )
    row.hash = row.computed_hash()
    session.add(row)
    return row


def _last(session: Session, stream: Stream) -> Event | None:
    pending = [
        e for e in session.new if isinstance(e, Event) and (e.stream_kind, e.stream_id) == (stream.kind, stream.id)
    ]
    if pending:
        return max(pending, key=lambda e: e.seq)
    with session.no_autoflush:
        return session.scalars(
            select(Event)
            .where(Event.stream_kind == stream.kind, Event.stream_id == stream.id)
            .order_by(Event.seq.desc())
            .limit(1)
        ).one_or_none()


def _plain(value: Any) -> Any:
    if isinstance(value, UUID | datetime):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
