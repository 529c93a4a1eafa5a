"""PDF documents are read by eye of a search, never opened: a lock, a program to start, or a second file at the end."""

from __future__ import annotations

import re

from infrastructure.inspection.packages import END
from infrastructure.inspection.pdf_locks import opens_without_password
from infrastructure.inspection.verdicts import FoundError

_LOCK = re.compile(rb"/Encrypt\s+(\d+\s+\d+\s+R|<<)")
_LAUNCH = re.compile(rb"/S\s*/Launch\b")


def check_pdf(data: bytes) -> None:
    """Raise FoundError for a PDF that is locked, starts a program, or is a zip as well."""
    tail = data[max(0, len(data) - 65_557) :]
    end = tail.rfind(END)
    if end >= 0 and b"PK\x01\x02" in tail[:end] and tail.find(b"%%EOF", end) < 0:
        raise FoundError("not_as_named")
    if _LOCK.search(data) and not opens_without_password(data):
        raise FoundError("password")
    if _LAUNCH.search(data):
        raise FoundError("macros")
