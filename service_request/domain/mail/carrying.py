"""A mail that was read, as it goes from the program that reads to the one that asked: JSON, without its files."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from service_request.domain.mail.types import Attachment, MailKind, MailNote, ParsedEmail, Returned

TUPLES = ("recipients", "references", "verdicts")


def to_carried(mail: ParsedEmail) -> dict[str, Any]:
    """Return a mail as JSON holds it; of each file its name, kind and size."""
    said = {one.name: getattr(mail, one.name) for one in fields(mail)}
    said["attachments"] = [[one.name, one.content_type, len(one.content)] for one in mail.attachments]
    said["sent_at"] = mail.sent_at.isoformat() if mail.sent_at else None
    said["returned"] = asdict(mail.returned) if mail.returned else None
    said["notes"] = sorted(mail.notes)
    return said


def from_carried(said: dict[str, Any]) -> tuple[ParsedEmail, tuple[int, ...]]:
    """Return the mail, its files without their content, and how large each is."""
    returned = said["returned"]
    mail = ParsedEmail(
        **{
            **said,
            **{name: tuple(said[name]) for name in TUPLES},
            "attachments": tuple(Attachment(name, content_type, b"") for name, content_type, _ in said["attachments"]),
            "sent_at": datetime.fromisoformat(said["sent_at"]) if said["sent_at"] else None,
            "kind": MailKind(said["kind"]),
            "notes": frozenset(MailNote(note) for note in said["notes"]),
            "returned": None,
        }
    )
    if returned is not None:
        lists = {name: tuple(returned[name]) for name in ("message_ids", "recipients")}
        mail = replace(mail, returned=Returned(**{**returned, **lists}))
    return mail, tuple(size for _, _, size in said["attachments"])
