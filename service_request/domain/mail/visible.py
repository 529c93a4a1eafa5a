"""What the sender wrote now, told from what they quote."""

from __future__ import annotations

from service_request.domain.mail.types import Split


def split(text: str, *, subject: str = "") -> Split:
    """The words of now and those of before; every word stands in one of the two, and never raises."""
    return Split(visible=text.strip())
