"""What an enquiry needs besides an answer: an interpreter is seen to, and their own record is asked for (SE-6)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from dateutil.relativedelta import relativedelta
from sqlalchemy.orm import Session

from helpdesk.services.enquiries.acting import INSIDE, act_on, lock_enquiry
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.models import TaskKind
from service_request.services.tasks import finish_tasks, has_open_tasks, need_task

RECORD_WITHIN = relativedelta(months=1)  # UK GDPR, Article 12(3)


def see_to_interpreter(
    session: Session, *, request_id: UUID, version: int | None = None, by: User, now: datetime, house: House
) -> None:
    """Say that an interpreter is seen to: the task is done, and the language stays known."""
    with transaction(session):
        request, enquiry = lock_enquiry(session, request_id, by, version=version)
        if not enquiry.needs_interpreter:
            return
        enquiry.needs_interpreter = False
        kinds = frozenset({TaskKind.INTERPRETER})
        finish_tasks(session, request_id=request.id, kinds=kinds, about_id=None, by=by.actor, now=now)
        act_on(session, request, "interpreter", by=by.actor, now=now)


def ask_record(
    session: Session, *, request_id: UUID, version: int | None = None, by: User, now: datetime, house: House
) -> None:
    """Keep that they asked for their record, with a task that is due within a month; asked twice, it is one (SE-6)."""
    with transaction(session):
        request, _ = lock_enquiry(session, request_id, by, version=version)
        kinds = frozenset({TaskKind.RECORD_ASKED})
        if has_open_tasks(session, request.id, kinds):
            return
        event = act_on(session, request, "record_request", by=by.actor, now=now)
        need_task(
            session,
            TaskKind.RECORD_ASKED,
            cause=f"record_asked:{event.id}",
            request_id=request.id,
            due_at=now + RECORD_WITHIN,
            now=now,
            wall=INSIDE,
        )
