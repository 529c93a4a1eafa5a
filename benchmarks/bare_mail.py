"""The bare intake: the least that taking in a mail can be, the standard library's parser and one insert."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from infrastructure.database.transaction import WRITE, tune


class Base(DeclarativeBase):
    """The base of the one table."""


class Letter(Base):
    """What somebody mailed."""

    __tablename__ = "letter"
    id: Mapped[int] = mapped_column(primary_key=True)
    raw: Mapped[bytes] = mapped_column()
    sender: Mapped[str] = mapped_column()
    subject: Mapped[str] = mapped_column()
    words: Mapped[str] = mapped_column()
    files: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column()


def open_session(url: str) -> Session:
    """Open a database of that address with the one table in it, with the same durability as ours."""
    engine = create_engine(url, pool_pre_ping="sqlite" not in url)
    tune(engine)
    Base.metadata.create_all(engine)
    return Session(engine)


def take(session: Session, raw: bytes) -> None:
    """Parse a mail, its words and its files, insert it, and commit."""
    mail = message_from_bytes(raw, policy=policy.default)
    body = mail.get_body(("plain", "html"))
    words = body.get_content() if body is not None else ""
    files = [part.get_payload(decode=True) for part in mail.iter_attachments()]
    said = {"sender": str(mail["From"]), "subject": str(mail["Subject"]), "words": words, "files": len(files)}
    session.connection(execution_options={WRITE: 0})
    session.add(Letter(raw=raw, at=datetime.now(UTC), **said))
    session.commit()
