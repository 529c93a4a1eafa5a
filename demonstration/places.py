"""Where the demonstration keeps what it has, and how it is made whole or not at all.

It is built in a folder of its own, `making`. A finished one is renamed to `made`, in one step, and then moved into
place. So what a killed start leaves behind is known for what it is, and a database that people typed into is never
taken for it.
"""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import dataclass
from pathlib import Path

DATABASE, MAIL = "frontdoor.sqlite", "demo-mail"
MAILBOXES = "demo-mailboxes"  # what lies at our mail server, to be fetched by IMAP
CARRIER = "demo-carrier"  # texts, as the phone company has them
ANCHORS = "anchors.jsonl"  # in production on a mount off the machine


@dataclass(frozen=True)
class Places:
    """The folders and files of one demonstration."""

    root: Path

    @property
    def database(self) -> Path:
        """The database that people use."""
        return self.root / DATABASE

    @property
    def mail(self) -> Path:
        """Every mail that the demonstration's mail server took."""
        return self.root / MAIL

    @property
    def making(self) -> Path:
        """Where it is being built; found at a start, it is what a killed one left."""
        return self.root / "making"

    @property
    def made(self) -> Path:
        """Where it stands when it is whole and not yet in place."""
        return self.root / "made"

    def begin(self) -> bool:
        """Clear the ground for the making; False when there is a demonstration already."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.settle()
        if self.database.exists():
            return False
        shutil.rmtree(self.making, ignore_errors=True)
        (self.making / MAIL).mkdir(parents=True)
        return True

    def finish(self) -> None:
        """Put the finished demonstration in place."""
        with sqlite3.connect(self.making / DATABASE) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        self.making.rename(self.made)
        self.settle()

    def settle(self) -> None:
        """Move what is whole into place, the database last; a start killed half way is finished by the next."""
        if not self.made.exists():
            return
        self.mail.mkdir(exist_ok=True)
        for mail in sorted((self.made / MAIL).glob("*.eml")):
            mail.replace(self.mail / mail.name)
        if not self.database.exists():
            for ending in ("-wal", "-shm"):  # of a database that somebody deleted
                Path(f"{self.database}{ending}").unlink(missing_ok=True)
            (self.made / DATABASE).replace(self.database)
        shutil.rmtree(self.made)
