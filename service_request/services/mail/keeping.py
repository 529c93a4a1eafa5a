"""A mail is kept whole, under a name made of its own bytes, before anybody tries to understand it (EV-1, EV-3)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.house import House
from infrastructure.mailboxes import Mailbox
from infrastructure.settings import Settings
from service_request.models import Channel
from service_request.services.keep import Kept, NewArrival, keep

BELIEVED_FOR = timedelta(days=30)  # what is said to be older was moved or copied into the mailbox
LONGEST_HEADERS = 1_000_000  # no further is looked for a Message-ID
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")


def keep_mail(
    session: Session, box: Mailbox, raw: bytes, *, received_at: datetime | None, now: datetime, house: House
) -> Kept:
    """Store a mail to one of our mailboxes and commit; the same mail again returns the first receipt (EV-1, EV-3).

    `received_at` is when our own mail server had it, and None where nobody said; what the mail says of itself is never
    taken for it (GL-8). Nobody has read the sender yet: who understands the mail sets it.
    """
    new = NewArrival(
        channel=Channel.EMAIL,
        endpoint=box.address,
        external_id=identity(box, raw),
        sender="",
        raw=raw,
        received_at=believed(received_at, now),
        wall=wall_of(box),
    )
    return keep(session, new, now=now, house=house)


def wall_of(box: Mailbox) -> Wall:
    """Return on which side of the wall a mailbox stands, from the first byte that comes to it (SE-5)."""
    return Wall.SENDIASS if box.pathway == "sendiass" else Wall.OPEN


def find_box(settings: Settings, address: str) -> Mailbox | None:
    """Return our mailbox of that address, however it is written; None when it is not ours."""
    sought = address.strip().lower()
    return next((box for box in settings.our_mailboxes if box.address == sought), None)


def identity(box: Mailbox, raw: bytes) -> str:
    """Return the name of a mail: of the mailbox, its Message-ID and every byte, never of where it lay (E1, F30)."""
    made = sha256(box.address.encode() + b"\n" + message_id_of(raw) + b"\n")
    made.update(raw)
    return made.hexdigest()


def message_id_of(raw: bytes) -> bytes:
    """Return the first Message-ID as it stands in the header; nothing where there is none."""
    end = _END_OF_HEADERS.search(raw, 0, LONGEST_HEADERS)
    lines = raw[: end.start() if end else LONGEST_HEADERS].replace(b"\r\n", b"\n").split(b"\n")
    for number, line in enumerate(lines):
        name, colon, value = line.partition(b":")
        if colon and name.strip().lower() == b"message-id":
            folded = iter(lines[number + 1 :])
            while (more := next(folded, b"")).startswith((b" ", b"\t")):
                value += b" " + more.strip()
            return value.strip()
    return b""


def believed(received_at: datetime | None, now: datetime) -> datetime:
    """Return the earliest time at which we can trust that a mail was in our hands (GL-8)."""
    if received_at is None or not now - BELIEVED_FOR <= received_at <= now:
        return now
    return received_at
