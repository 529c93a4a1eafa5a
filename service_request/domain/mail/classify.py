"""What wrote a mail, told from how it was made and, where servers say nothing, from their known forms."""

from __future__ import annotations

from service_request.domain.mail.types import Classed, MailKind, Read


def classify(read: Read) -> Classed:
    """The kind of a mail, the sign that gave it, and what it says of another; never raises."""
    if read.report_type == "delivery-status":
        return Classed(MailKind.BOUNCE, "delivery_status")
    return Classed(MailKind.PERSON)
