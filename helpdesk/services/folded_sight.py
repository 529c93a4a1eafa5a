"""Who sees two requests that are one by folding: nobody more than saw each of them, but who decides for both (EV-5)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.folding import FOLDED_IN, RestrictedFoldError
from helpdesk.services.deciders import list_deciding_teams
from infrastructure.identity.users import User
from service_request.models import Grant, GrantWhy, ServiceRequest
from service_request.services.sight.visible import lasts


def check_same_sight(session: Session, own: ServiceRequest, other: ServiceRequest) -> None:
    """Refuse two of which one is restricted, or both to other people: somebody would see what they should not."""
    if not own.restricted and not other.restricted:
        return
    if own.restricted != other.restricted or _named(session, own) != _named(session, other):
        raise RestrictedFoldError


def let_deciders_see(session: Session, own: ServiceRequest, other: ServiceRequest, by: User, now: datetime) -> None:
    """Let who decides about the other request read this one too, where it is of another area.

    Of what is restricted the same people see both already, and nobody else is let in.
    """
    if own.restricted:
        return
    theirs = set(list_deciding_teams(session, other.area_id)) - set(list_deciding_teams(session, own.area_id))
    for team_id in sorted(theirs):
        session.add(
            Grant(
                wall=own.wall,
                request_id=own.id,
                team_id=team_id,
                why=GrantWhy.SHARE,
                reason_code=FOLDED_IN,
                by_id=by.id,
                since=now,
            )
        )


def end_folded_sight(session: Session, own: ServiceRequest, by: User, now: datetime) -> None:
    """End what folding alone let somebody see."""
    query = select(Grant).where(
        Grant.wall == own.wall, Grant.request_id == own.id, Grant.reason_code == FOLDED_IN, Grant.until.is_(None)
    )
    for grant in session.scalars(query):
        grant.until, grant.ended_by_id = now, by.id


def _named(session: Session, request: ServiceRequest) -> set[tuple[UUID | None, UUID | None, tuple[str, ...] | None]]:
    """Return whom a restricted request names, and how much each of them sees."""
    query = select(Grant).where(
        Grant.wall == request.wall, Grant.request_id == request.id, Grant.subject_id.is_(None), lasts(Grant)
    )
    return {
        (one.user_id, one.team_id, None if one.scope is None else tuple(sorted(one.scope)))
        for one in session.scalars(query)
    }
