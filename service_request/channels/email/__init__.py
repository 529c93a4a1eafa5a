"""Mail as a way in: what it says, read without Flask and without a database."""

from __future__ import annotations

from datetime import datetime

from service_request.domain.mail.types import ParsedEmail

__all__ = ["ParsedEmail", "parse"]


def parse(raw: bytes, *, now: datetime | None = None) -> ParsedEmail:
    """Say what a mail says, whatever it is, and never raise; `now` is what its date is believed against."""
    from service_request.domain.mail.parse import parse as read  # its patterns: a tenth of the start of each process

    return read(raw, now=now)
