"""Read a mailbox: each mail is kept before it is marked, and a line that breaks anywhere loses and doubles none.

What was kept is known by its own bytes. UIDs say only where to begin: a server may give the same one twice (F30).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from infrastructure.mailboxes import LARGEST_MAIL, Mailbox
from infrastructure.settings import Settings

if TYPE_CHECKING:
    from infrastructure.inbox.connection import Connection

Keep = Callable[[bytes, datetime | None], None]
OVERLAP = timedelta(days=2)  # behind the last whole look, where UIDs tell nothing; a search knows days alone
IN_A_ROW = 5  # mails that fail one after the other: then it is not the mail


@dataclass(frozen=True)
class Look:
    """How far a mailbox was read before (None: never), and on which mail the line broke, if on one."""

    uid_validity: int | None = None
    last_uid: int | None = None
    ok_at: datetime | None = None
    suspect: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a look: how far it came, and one word of ours for what stood against it.

    `is_listed`: the server was reached and said what there is; `is_whole`: nothing of that is left to do.
    `too_large`: the UIDs of mails that stay where they are. `suspect`: the mail that was under way when it broke off.
    """

    uid_validity: int | None
    last_uid: int | None
    error: str
    is_listed: bool
    is_whole: bool
    taken: int
    too_large: tuple[int, ...]
    suspect: int | None


def read_mailbox(box: Mailbox, look: Look, *, settings: Settings, keep: Keep) -> Outcome:
    """Hand each mail that is there to `keep`, which commits it, and only then move or mark it (EV-1).

    A mail that `keep` fails on stays as it is, and the next is taken. Nothing is raised by what a server does or says.
    It ends after half a lease: what is left is for the next look.
    """
    import imaplib

    from imap_tools.errors import ImapToolsError

    from infrastructure.inbox.connection import Connection, RefusedError

    one = _Pass(look, keep, stop_at=time.monotonic() + settings.lease_seconds / 2)
    line = None
    try:
        line = Connection(box, settings)
        one.list(line)
        one.take(line)
        line.leave()
    except RefusedError as error:
        one.error = error.code
    except (imaplib.IMAP4.abort, OSError, EOFError):
        one.error = "disconnected"
    except (imaplib.IMAP4.error, ImapToolsError, ValueError, LookupError, TypeError, MemoryError):
        one.error = "protocol"
    finally:
        if line is not None:
            with suppress(Exception):
                line.cut()
    return one.outcome()


class _Pass:
    """One pass over what is there: which mails are wanted, and which of them are done."""

    def __init__(self, look: Look, keep: Keep, *, stop_at: float) -> None:
        self.look, self.keep, self.stop_at = look, keep, stop_at
        self.uid_validity, self.last_uid, self.uid_next = look.uid_validity, look.last_uid or 0, 0
        self.is_listed, self.is_first, self.error, self.taken = False, False, "", 0
        self.wanted: set[int] = set()
        self.done: set[int] = set()
        self.too_large: list[int] = []
        self.under_way: int | None = None

    def list(self, line: Connection) -> None:
        """Ask which mails are there that nobody is known to have kept.

        Where what is kept is moved away, that is all of them. Elsewhere it is what is unread, and what is new since the
        last look though somebody read it first. The first look takes what is unread alone: what people had read
        before belongs to another time. When the server numbers anew, the days since the last look are read again.
        """
        self.uid_next = line.uid_next
        numbers_anew = line.uid_validity != self.look.uid_validity or 0 < line.uid_next <= self.last_uid
        self.is_first = self.look.uid_validity is None or (numbers_anew and self.look.ok_at is None)
        if numbers_anew:
            self.last_uid = 0
        if line.box.done_folder:
            self.wanted = line.search("ALL")
        else:
            self.wanted = line.search("UNSEEN")
            if numbers_anew and self.look.ok_at is not None:
                self.wanted |= line.search(f"SINCE {_day(self.look.ok_at - OVERLAP)}")
            elif not numbers_anew:
                later = line.search(f"UID {self.last_uid + 1}:*")  # "*" is the last one, however small
                self.wanted |= {uid for uid in later if uid > self.last_uid}
        self.uid_validity, self.is_listed = line.uid_validity, True

    def take(self, line: Connection) -> None:
        """Take one mail after the other: first those that are new since the last look, last the one that broke it."""
        from infrastructure.inbox.connection import RefusedError

        order = sorted(self.wanted, key=lambda uid: (uid == self.look.suspect, uid <= self.last_uid, uid))
        sizes = line.sizes(order)
        in_a_row = 0
        for uid in order:
            if time.monotonic() > self.stop_at or in_a_row == IN_A_ROW:
                return
            if sizes.get(uid, 0) > LARGEST_MAIL:
                self.too_large.append(uid)
                self.done.add(uid)
                continue
            try:
                is_kept = self._take_one(line, uid)
            except RefusedError as error:  # the server withholds it, or will not mark what is kept: the next may do
                self.error = error.code
                self.done.add(uid)
                in_a_row += error.code == "withheld"
                continue
            in_a_row = 0 if is_kept else in_a_row + 1

    def outcome(self) -> Outcome:
        """Return how far this came: never past a mail that was not taken."""
        undone = self.wanted - self.done
        if not self.is_listed:
            last_uid = self.look.last_uid
        elif undone and not self.is_first:
            last_uid = min(undone) - 1
        else:
            last_uid = max(self.uid_next - 1, self.last_uid, max(self.wanted, default=0))
        return Outcome(
            uid_validity=self.uid_validity,
            last_uid=last_uid,
            error=self.error,
            is_listed=self.is_listed,
            is_whole=self.is_listed and not undone and not self.error,
            taken=self.taken,
            too_large=tuple(self.too_large),
            suspect=self.under_way if self.error == "disconnected" else None,
        )

    def _take_one(self, line: Connection, uid: int) -> bool:
        self.under_way = uid
        found = line.fetch(uid)
        self.under_way = None
        if found is None:  # somebody moved it away in between
            self.done.add(uid)
            return True
        try:
            self.keep(found.raw, found.received_at)
        except Exception:  # the database is away, or will not have this one: it stays unmarked, and is read again
            self.error = "not_kept"
            return False
        self.done.add(uid)
        self.taken += 1
        line.mark(uid)
        return True


def _day(moment: datetime) -> str:
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{moment.day}-{months[moment.month - 1]}-{moment.year}"
