"""Danger words stay at the top until a person of SENDIASS says that they have seen to it (SE-10, EV-10)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.services.enquiries.acting import act_on, lock_enquiry
from infrastructure.database import transaction
from infrastructure.identity.users import User
from service_request.models import TaskKind
from service_request.services.sight.enquiries import is_seen_to
from service_request.services.sight.system import list_folded_into
from service_request.services.tasks import finish_tasks

ALERTS = frozenset({TaskKind.DANGER})


def see_to_danger(session: Session, *, request_id: UUID, by: User, now: datetime) -> None:
    """Record that this person has seen to it: it hides nothing and shares nothing, and new words bring it back.

    What was folded into it was said by the same person, and its alerts are seen to with it.
    """
    with transaction(session):
        request, enquiry = lock_enquiry(session, request_id, by)
        if enquiry.danger_at is None or is_seen_to(enquiry.danger_at, enquiry.danger_seen_at):
            return
        enquiry.danger_seen_at = now
        for one in (request, *list_folded_into(session, request)):
            finish_tasks(session, request_id=one.id, kinds=ALERTS, about_id=None, by=by.actor, now=now)
        act_on(session, request, "see_to_danger", by=by.actor, now=now)
