"""What a thief reads who holds the database and the council's keys: the open ring and its hash key, and no others."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import MetaData, select
from sqlalchemy.orm import Session

from infrastructure.database import KeyRings, Wall, db
from infrastructure.settings import Settings, split


class Thief:
    """Holds a copy of every byte, and the keys of one side."""

    def __init__(self, settings: Settings, wall: Wall = Wall.OPEN) -> None:
        keys = settings.open_keys if wall is Wall.OPEN else settings.sendiass_keys
        self.ring = MultiFernet([Fernet(key) for key in split(keys.get_secret_value())])
        self.hash_keys = KeyRings.from_settings(settings).hash_keys[wall]

    def read(self, session: Session) -> Iterator[tuple[str, str]]:
        """Tell everything that can be read, as (table.column, text): what is not sealed, and what the ring opens."""
        session.rollback()
        tables = MetaData()
        with db.engine.connect() as connection:
            tables.reflect(bind=connection)
            for table in tables.sorted_tables:
                for row in connection.execute(select(table)).mappings():
                    for name, value in row.items():
                        yield f"{table.name}.{name}", self._open(value)

    def _open(self, value: Any) -> str:
        if not isinstance(value, bytes):
            return str(value)
        try:
            return self.ring.decrypt(value).decode("utf-8", "replace")
        except InvalidToken:
            return value.hex()

    def finds(self, session: Session, text: str) -> list[str]:
        """Return where the keyed hash of a guessed text stands, under any purpose: a guess that is confirmed."""
        purposes = (
            "address",
            "nhs",
            "upn",
            "match",
            "attempt",
            "upload",
            "device",
            "answers",
            "session",
            "link",
            "code",
        )
        marks = {
            hmac.new(key, f"{one}\0{text}".encode(), sha256).hexdigest() for one in purposes for key in self.hash_keys
        }
        return [place for place, said in self.read(session) if any(mark[:32] in said for mark in marks)]
