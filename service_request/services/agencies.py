"""The partner agencies we know."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from service_request.models import Agency


def list_agency_names(session: Session) -> tuple[str, ...]:
    """Return the names of the known agencies in order, to be offered while one is typed."""
    return tuple(session.scalars(select(Agency.name).order_by(Agency.name)))
