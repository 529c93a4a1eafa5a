"""Enquiries to SENDIASS as they begin, without anybody having looked at them. Everybody here is made up."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.house import House
from service_request.models import Channel, Conversation, Safe
from service_request.services.enquiries.opening import Opening, open_enquiry
from service_request.services.enquiries.telling_facts import apply_facts
from tests.factories import NOW
from tests.plugins.house import SENDIASS_NUMBER

STORY = "school wont let my son in, dont know what to do"
MOTHER = "+447700900461"


def make_open_enquiry(
    session: Session, house: House, *, now: datetime = NOW, facts: dict[str, str] | None = None, **changes: Any
) -> UUID:
    """Open an enquiry inside the wall, as a channel does; `facts` are what was told besides the story."""
    values: dict[str, Any] = {"channel": Channel.SMS, "received_at": now, "story": STORY, **changes}
    with transaction(session):
        request, enquiry = open_enquiry(session, Opening(**values), now=now, house=house)
        apply_facts(session, request, enquiry, facts or {}, by=Opening(**values).by, now=now, house=house)
        return request.id


def make_thread(
    session: Session, request_id: UUID, *, phone: str = MOTHER, safe: Safe = Safe.YES, now: datetime = NOW
) -> UUID:
    """Give an enquiry the thread of texts that it came by."""
    with transaction(session):
        row = Conversation(
            wall=Wall.SENDIASS,
            channel=Channel.SMS,
            endpoint=SENDIASS_NUMBER,
            counterpart=phone,
            counterpart_hash=phone,
            safe=safe,
            request_id=request_id,
            heard_at=now,
        )
        session.add(row)
        session.flush()
        return row.id
