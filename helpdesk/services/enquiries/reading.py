"""What is particular to an enquiry, for the pages that act on it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services.enquiries.acting import INSIDE
from infrastructure.identity.users import User
from service_request.models import Deadline, Enquiry
from service_request.services.refusals import NotYoursError
from service_request.services.sight.visible import get_request


def get_enquiry(session: Session, request_id: UUID, user: User) -> Enquiry:
    """Return what is particular to an enquiry that this user sees, or raise NotYoursError."""
    get_request(session, request_id, user)
    row = session.scalars(select(Enquiry).where(Enquiry.wall == INSIDE, Enquiry.request_id == request_id)).one_or_none()
    if row is None:
        raise NotYoursError
    return row


def get_deadline(session: Session, request_id: UUID, deadline_id: UUID, user: User) -> Deadline:
    """Return a deadline of an enquiry that this user sees, ended or not, or raise NotYoursError."""
    get_request(session, request_id, user)
    query = select(Deadline).where(
        Deadline.wall == INSIDE, Deadline.request_id == request_id, Deadline.id == deadline_id
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotYoursError
    return row
