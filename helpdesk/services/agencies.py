"""A referrer chose a known agency that their mail domain does not prove: an officer rings it and says (GL-14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.domain.refusals import AgencySettledError
from helpdesk.services.acting import lock_for
from infrastructure.database import transaction
from infrastructure.identity.users import User
from infrastructure.trail import Stream, record
from service_request.models import TaskKind
from service_request.services.tasks import finish_tasks

CHOSEN = frozenset({TaskKind.CONFIRM_AGENCY})


def answer_agency(
    session: Session, *, request_id: UUID, version: int | None = None, is_theirs: bool, by: User, now: datetime
) -> None:
    """Record what the agency said on the phone: the referrer is theirs, or is not and the agency is taken off.

    It proves whose they are, and no address: whether the form may go back stays with its own proof (GL-14).
    """
    with transaction(session):
        request = lock_for(session, request_id, by, version=version)
        referrer = request.referrer
        if referrer.agency_id is None or referrer.agency_proof is not None:
            raise AgencySettledError
        if is_theirs:
            referrer.agency_proof = "officer"
        else:
            referrer.agency_id = request.agency_id = None
        referrer.agency_confirmed_by_id, referrer.agency_confirmed_at = by.id, now
        act = "confirm_agency" if is_theirs else "deny_agency"
        record(session, Stream("request", request.id), act, by=by.actor, now=now)
        finish_tasks(session, request_id=request.id, kinds=CHOSEN, about_id=None, by=by.actor, now=now)
