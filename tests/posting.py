"""Mail as people and machines write it, and the front door that takes it in: kept, then understood by the worker."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, utc_now
from infrastructure.house import House
from infrastructure.outbox import OutboxMessage
from service_request.models import Arrival, Mail, Message, ServiceRequest, Task
from service_request.services.keep import Kept
from service_request.services.mail.keeping import find_box, keep_mail

DESK, CARE, SENDIASS = "help@westmarch.example", "gateway@westmarch.example", "sendiass@westmarch-sendiass.example"
OURS = json.dumps(
    [
        {"address": DESK, "pathway": "desk"},
        {"address": CARE, "pathway": "social_care"},
        {"address": SENDIASS, "pathway": "sendiass"},
    ]
)
SERVER = "mx.westmarch.example"
PARENT, SURGERY = "mairead@corrigan.example", "reception@millbrook-surgery.example"
WORRY = "My son Tadhg has been out of school since September and nobody will talk to me."


def write(
    text: str = WORRY,
    *,
    to: str = DESK,
    by: str = f"Mairead Corrigan <{PARENT}>",
    subject: str = "School place",
    **more: str,
) -> bytes:
    """Write a mail as a mail program does; `more` are further headers, with _ for -."""
    mail = EmailMessage()
    said = {
        "From": by,
        "To": to,
        "Subject": subject,
        "Date": format_datetime(utc_now()),
        "Message-ID": f"<{uuid4().hex}@corrigan.example>",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    for name, value in said.items():
        if value:
            mail[name] = value
    mail.set_content(text)
    return mail.as_bytes()


def with_files(raw: bytes, *files: tuple[str, bytes]) -> bytes:
    """Return a mail with files attached."""
    from email import message_from_bytes, policy

    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def bounce(of: OutboxMessage, *, to: str = CARE, status: str = "5.1.1") -> bytes:
    """Write what a mail server sends back when it cannot deliver a message of ours (RFC 3464)."""
    return (
        f"From: Mail Delivery System <MAILER-DAEMON@mx.elsewhere.example>\r\nTo: {to}\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\nDate: {format_datetime(utc_now())}\r\n"
        f"Message-ID: <{uuid4().hex}@mx.elsewhere.example>\r\nReturn-Path: <>\r\nAuto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\nI could not deliver your message.\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.elsewhere.example\r\n\r\nFinal-Recipient: rfc822; {of.to}\r\nAction: failed\r\n"
        f"Status: {status}\r\n"
        "--B\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"From: <{to}>\r\nTo: <{of.to}>\r\nSubject: {of.body['subject']}\r\nMessage-ID: {of.message_id}\r\n\r\n"
        "--B--\r\n"
    ).encode()


class Post:
    """The post that comes to our mailboxes."""

    def __init__(self, app: Flask, session: Session, clock: Any) -> None:
        self.session, self.clock = session, clock
        self.house: House = app.extensions["house"]
        self.work: Callable[[], None] = app.extensions["worker"].run_all_due

    def keep(self, raw: bytes, to: str = DESK, *, received_at: datetime | None = None) -> Kept:
        """Keep a mail as the fetcher does; nobody has understood it yet."""
        self.wait(1)
        box = find_box(self.house.settings, to)
        assert box is not None
        return keep_mail(self.session, box, raw, received_at=received_at, now=utc_now(), house=self.house)

    def take(self, raw: bytes, to: str = DESK) -> Mail:
        """Keep a mail, let the worker do all that is due, and return what it was understood to be."""
        kept = self.keep(raw, to)
        self.wait(1)
        self.work()
        found: Mail = next(row for row in self.rows(Mail) if row.arrival_id == kept.id)
        return found

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.shift(timedelta(seconds=seconds))

    def rows(self, model: type[Any]) -> list[Any]:
        """Return every row of a table, as it stands now."""
        self.session.rollback()
        self.session.expire_all()
        return list(self.session.scalars(select(model).order_by(model.id)))

    @property
    def request(self) -> ServiceRequest:
        row: ServiceRequest
        (row,) = self.rows(ServiceRequest)
        return row

    def owed(self, to: str = PARENT) -> list[OutboxMessage]:
        """Return the mails that were owed to somebody, the oldest first."""
        return [row for row in sorted(self.rows(OutboxMessage), key=lambda one: one.owed_at) if row.to == to]

    def tasks(self, wall: Wall = Wall.OPEN) -> list[str]:
        """Return the kinds of task that stand on one side of the wall."""
        return sorted(row.kind.value for row in self.rows(Task) if row.wall is wall)

    def said(self) -> list[tuple[str, str]]:
        """Return what was said in writing, in the order in which a person reads it."""
        rows = sorted(self.rows(Message), key=lambda row: (row.at, row.id))
        return [(row.direction.value, row.body or "") for row in rows]

    def arrivals(self) -> list[str]:
        """Return what became of each mail, in the order in which they came."""
        rows = sorted(self.rows(Arrival), key=lambda row: (row.received_at, row.id))
        return [row.disposition.value for row in rows]
