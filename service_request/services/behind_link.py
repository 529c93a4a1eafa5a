"""What an officer wrote, read outside: by link and code, and by nobody else (EV-6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from infrastructure.house import House
from infrastructure.identity.models import LinkPurpose
from infrastructure.trail import Access, log_access
from service_request.domain.references import format_reference
from service_request.services.outside import holder_of, proven
from service_request.services.sight.holder import get_for_holder
from service_request.services.sight.mail_threads import list_behind_link


@dataclass(frozen=True)
class Written:
    """One message, and when it was written."""

    at: datetime
    words: str


@dataclass(frozen=True)
class MessagePage:
    """What was written to the holder of a link about their request, the latest first."""

    reference: str
    messages: tuple[Written, ...]


def read_messages(session: Session, *, token: str, browser: str | None, now: datetime, house: House) -> MessagePage:
    """Return what was written to the proven holder, and log that it was read; raise NotProvenError otherwise.

    It is what was sent to the address of this link alone: another who takes part reads nothing of it.
    """
    link = proven(session, token, browser, now=now, house=house, purpose=LinkPurpose.MESSAGE)
    request = get_for_holder(session, link.about_id)
    rows = list_behind_link(session, request.id, link.address or "", wall=request.wall)
    page = MessagePage(format_reference(request.reference), tuple(Written(row.at, row.body or "") for row in rows))
    log_access(session, Access.VIEW, by=holder_of(link), now=now, request_id=request.id)
    return page
