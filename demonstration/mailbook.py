"""Every message that went out, as the outside world sees it: what really arrived, beside what the outbox says of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.parser import BytesParser
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from demonstration.people import STAFF
from demonstration.places import MAIL
from infrastructure.outbox import DeliveryAttempt, MessageState, OutboxMessage, Result
from infrastructure.trail import Event

ROWS = 15
ADDRESSES = 200
LOOPBACK = ("127.0.0.1", "localhost")
LINK = re.compile(r"https?://[^\s<>\"]+")

STATES = {
    MessageState.WAITING: "Waiting",
    MessageState.TRYING_AGAIN: "Trying again",
    MessageState.SENT: "Sent",
    MessageState.DELIVERED: "Delivered",
    MessageState.FAILED: "Failed",
    MessageState.HELD: "Held back",
    MessageState.CANCELLED: "Cancelled, and told otherwise",
}
RESULTS = {
    Result.ACCEPTED: "taken by the mail server",
    Result.DELIVERED: "reached the phone",
    Result.TEMPORARY: "not taken now",
    Result.PERMANENT: "refused",
    Result.UNKNOWN: "no answer",
    Result.WITHHELD: "stopped by the guard",
    Result.BOUNCED: "came back",
}
CODES = {
    "550": "no such mailbox",
    "452": "mailbox full",
    "bounced": "",
    "guard": "",
    "250": "",
    "201": "",
    "lease": "whoever sent it died",
    "found": "it had left before",
    "not_found_yet": "looking whether it left",
    "in_doubt": "nobody knows whether it left",
    "unsafe": "it is not safe to write there",
    "opted_out": "they want no more texts",
    "no_carrier": "no carrier for this channel",
}
CHANNELS = {"email": "Email", "sms": "Text", "whatsapp": "WhatsApp"}
FIRST_WORDS = 60  # of a text, which has no subject
CAUSES = {
    "receive": "The request was received",
    "complete": "The written form was received",
    "decide_last": "A decision",
    "supersede": "A decision that replaced an earlier one",
    "assign": "A decision, or the helpdesk sending it on",
    "warn_clock": "A clock that was running out",
    "escalate_clock": "A clock that ran out",
    "code_issued": "Somebody asked for a code",
}
CAUSES_OF_TEMPLATES = {
    "code": "Somebody asked for a code",
    "find_drafts": "Somebody asked for a saved draft",
    "invitation": "Somebody was given a place",
    "assignment": "A decision, or the helpdesk sending it on",
    "assignment_reminder": "A clock that was running out",
    "glass_broken": "A request that was opened in an emergency",
    "clock_warning": "A clock that was running out",
    "clock_escalation": "A clock that ran out",
    "outcome_professional": "A decision",
    "outcome_public": "A decision",
    "asked": "The helpdesk asked for more",
    "asked_again": "A reminder that was due",
    "form_wished": "The helpdesk asked for the form",
    "form_wished_again": "A reminder that was due",
    "assignment_withdrawn": "A new decision, or work that was taken back",
    "close_asked": "A reminder that was due",
    "part_of_form": "Somebody asked a colleague for a part of a form",
    "part_done": "A colleague who finished their part of a form",
    "your_requests": "Somebody asked for their requests",
    "changes_received": "The referrer changed what they sent",
    "withdraw_asked": "The referrer wants to take it back",
    "withdraw_declined": "The helpdesk goes on with it",
    "draft_lapses": "A draft that lapses soon",
    "password_reset": "An administrator offered a new password",
    "sign_in_changed": "Somebody changed how they sign in",
}


@dataclass(frozen=True)
class Line:
    """One message in the list."""

    id: UUID
    at: datetime
    to: str
    channel: str
    subject: str
    state: MessageState
    tries: int
    next_at: datetime | None
    why: str  # why it did not arrive


@dataclass(frozen=True)
class Try:
    """One try at sending it."""

    at: datetime
    words: str


@dataclass(frozen=True)
class Opened:
    """One message whole. `arrived`: the text is what the mail server took, not what the outbox holds."""

    line: Line
    sender: str
    owed_by: str
    owed_at: datetime
    tries: tuple[Try, ...]
    was_read_by_guard: bool
    is_withheld: bool
    arrived: bool
    text: str
    message_id: str
    reader: str  # who reads this mailbox, when it is one of the staff


@dataclass(frozen=True)
class Listed:
    """A page of the list."""

    lines: tuple[Line, ...]
    total: int
    page: int

    @property
    def first(self) -> int:
        """Return the number of the first row shown."""
        return (self.page - 1) * ROWS + 1

    @property
    def has_older(self) -> bool:
        """Tell whether there are older messages."""
        return self.page * ROWS < self.total


def list_messages(session: Session, *, state: MessageState | None, to: str, page: int) -> Listed:
    """Return the messages of one page, the latest first; `to` is a whole address, or empty for anyone."""
    wanted = []
    if state is not None:
        wanted.append(OutboxMessage.state == state)
    if to:
        wanted.append(OutboxMessage.to_hash == to.lower())
    total = session.scalars(select(func.count()).select_from(OutboxMessage).where(*wanted)).one()
    query = (
        select(OutboxMessage)
        .where(*wanted)
        .order_by(OutboxMessage.owed_at.desc(), OutboxMessage.id.desc())
        .limit(ROWS)
        .offset((page - 1) * ROWS)
    )
    rows = list(session.scalars(query))
    last = _last_tries(session, [row.id for row in rows])
    return Listed(tuple(_line(row, last.get(row.id)) for row in rows), total, page)


def list_addresses(session: Session) -> list[str]:
    """Return the addresses that were written to, to choose from."""
    latest = select(func.max(OutboxMessage.id)).group_by(OutboxMessage.to_hash).limit(ADDRESSES)
    rows = session.scalars(select(OutboxMessage).where(OutboxMessage.id.in_(latest)))
    return sorted({row.to or "" for row in rows})


def find_message(session: Session, message_id: UUID, *, folder: Path) -> Opened | None:
    """Return one message whole, or None."""
    row = session.get(OutboxMessage, message_id)
    if row is None:
        return None
    tries = session.scalars(
        select(DeliveryAttempt).where(DeliveryAttempt.outbox_id == row.id).order_by(DeliveryAttempt.n)
    ).all()
    arrived = read_mail(folder / MAIL, row.message_id)
    body = row.body
    to = row.to or ""
    return Opened(
        line=_line(row, tries[-1] if tries else None),
        sender=arrived[0] if arrived else row.endpoint or "",
        owed_by=_owed_by(session, row),
        owed_at=row.owed_at,
        tries=tuple(Try(one.at, _words(one, row.channel)) for one in tries),
        was_read_by_guard=bool(tries),
        is_withheld=row.state is MessageState.HELD,
        arrived=arrived is not None,
        text=arrived[1] if arrived else body["text"],
        message_id=row.message_id,
        reader=next((f"{person.name}, {person.does}" for person in STAFF if person.email == to.lower()), ""),
    )


def read_mail(folder: Path, message_id: str) -> tuple[str, str] | None:
    """Return sender and text of a mail as it arrived, or None when it did not."""
    path = folder / f"{sha256(message_id.encode()).hexdigest()[:40]}.eml"
    try:
        message = BytesParser(policy=policy.default).parsebytes(path.read_bytes())
    except FileNotFoundError:
        return None
    body = message.get_body(("plain",))
    return str(message["From"]), str(body.get_content()) if body is not None else ""


def in_parts(text: str) -> list[list[list[tuple[str, str]]]]:
    """Return a text as paragraphs of lines of (words, where they lead), so that a page can make its links work."""
    return [
        [_linked(line) for line in paragraph.splitlines()]
        for paragraph in text.replace("\r\n", "\n").strip().split("\n\n")
    ]


def _linked(line: str) -> list[tuple[str, str]]:
    parts, end = [], 0
    for match in LINK.finditer(line):
        parts += [(line[end : match.start()], ""), (match.group(), _here(match.group()))]
        end = match.end()
    return [part for part in [*parts, (line[end:], "")] if part[0]]


def _here(link: str) -> str:
    """Return where a link leads now: a mail may have been sent while the demonstration listened on another port."""
    parts = urlsplit(link)
    return link if parts.hostname not in LOOPBACK else urlunsplit(("", "", parts.path or "/", parts.query, ""))


def _last_tries(session: Session, ids: Sequence[UUID]) -> dict[UUID, DeliveryAttempt]:
    query = select(DeliveryAttempt).where(DeliveryAttempt.outbox_id.in_(ids)).order_by(DeliveryAttempt.n)
    return {one.outbox_id: one for one in session.scalars(query)}


def _line(row: OutboxMessage, last: DeliveryAttempt | None) -> Line:
    did_not = row.state not in (MessageState.SENT, MessageState.DELIVERED, MessageState.WAITING)
    return Line(
        id=row.id,
        at=row.sent_at or row.owed_at,
        to=row.to or "",
        channel=row.channel,
        subject=row.body["subject"] or _first_words(row.body["text"]),
        state=row.state,
        tries=row.tries,
        next_at=row.next_at,
        why=_words(last, row.channel) if last is not None and did_not else "",
    )


def _first_words(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= FIRST_WORDS else f"{words[:FIRST_WORDS].rpartition(' ')[0]} …"


def _words(one: DeliveryAttempt, channel: str) -> str:
    said = CODES.get(one.code or "", one.code or "")
    result = RESULTS[one.result] if channel == "email" else RESULTS[one.result].replace("mail server", "carrier")
    return f"{result}: {said}" if said else result


def _owed_by(session: Session, row: OutboxMessage) -> str:
    query = select(Event.act).where(
        Event.stream_kind == row.about_kind, Event.stream_id == row.about_id, Event.at == row.owed_at
    )
    acts = [CAUSES[act] for act in session.scalars(query.order_by(Event.seq)) if act in CAUSES]
    return CAUSES_OF_TEMPLATES.get(row.template) or (acts[0] if acts else "An act of the helpdesk")
