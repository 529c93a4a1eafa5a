"""The partner agencies we know, and what must be found out about a referrer who says they work for one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from service_request.models import Agency, ServiceRequest, TaskKind
from service_request.services.tasks import need_task


def list_agency_names(session: Session) -> tuple[str, ...]:
    """Return the names of the known agencies in order, to be offered while one is typed."""
    return tuple(session.scalars(select(Agency.name).order_by(Agency.name)))


def want_agency_confirmed(session: Session, request: ServiceRequest, *, now: datetime) -> None:
    """Have somebody ring an agency that the referrer chose, where their mail domain is not one of its own (GL-14).

    In the caller's transaction, once for each referrer and agency.
    """
    referrer = request.referrer
    if referrer.agency_id is None or referrer.agency_proof is not None or referrer.agency_confirmed_at is not None:
        return
    cause = f"agency:{referrer.id}:{referrer.agency_id}"
    need_task(session, TaskKind.CONFIRM_AGENCY, cause=cause, request_id=request.id, about_id=referrer.id, now=now)
