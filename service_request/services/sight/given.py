"""What a grant of parts shows of one request: nothing else of it is selected, and nothing else opened (EV-5)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session, aliased, joinedload

from infrastructure.identity.models import UserAccount
from infrastructure.identity.users import User
from service_request.domain.states import RequestState
from service_request.models import FormResponse, Grant, GrantWhy, ServiceRequest
from service_request.services.refusals import NotYoursError
from service_request.services.sight.desk import ReferrerFacts, referrer_facts
from service_request.services.sight.parts import ResponseFacts, response_facts
from service_request.services.sight.viewing import Part, within
from service_request.services.sight.visible import live_grants

MOST = 100
_By = aliased(UserAccount)


@dataclass(frozen=True)
class GivenFacts:
    """One request as somebody sees it who was given parts of it."""

    id: UUID
    request_id: UUID
    reference: str
    received_at: datetime
    state: RequestState
    kind: str
    parts: frozenset[Part]
    is_whole: bool
    children: tuple[str, ...]
    referrer: ReferrerFacts | None
    reason_code: str | None
    words: str
    since: datetime
    until: datetime | None
    by: str | None

    def shows(self, part: Part | str) -> bool:
        """Tell whether a part was given."""
        return Part(part) in self.parts


def list_given(session: Session, user: User) -> list[GivenFacts]:
    """Return what was given to this user or their teams and has not ended, the latest first."""
    rows = session.execute(_given(user).order_by(Grant.since.desc(), Grant.id.desc()).limit(MOST)).all()
    return [_facts(row) for row in rows]


def get_given(session: Session, grant_id: UUID, user: User) -> GivenFacts:
    """Return what one live grant shows, or raise NotYoursError."""
    row = session.execute(_given(user).where(Grant.id == grant_id)).one_or_none()
    if row is None:
        raise NotYoursError
    return _facts(row)


def find_given_response(session: Session, grant_id: UUID, user: User) -> ResponseFacts | None:
    """Return the latest answers, of them only the steps that tell what was given; unasked where none do."""
    facts = get_given(session, grant_id, user)
    if not facts.parts & {Part.IDENTITY, Part.STORY, Part.HISTORY, Part.RISKS, Part.CONSENT, Part.REFERRER}:
        return None
    query = (
        select(FormResponse)
        .join(Grant, (Grant.wall == FormResponse.wall) & (Grant.request_id == FormResponse.request_id))
        .where(live_grants(user), Grant.id == grant_id)
        .order_by(FormResponse.at.desc(), FormResponse.id.desc())
        .limit(1)
    )
    row = session.scalars(query).one_or_none()
    if row is None:
        return None
    response = response_facts(row)
    return replace(response, answers=within(response.answers, facts.parts))


def _given(user: User) -> Select[Grant, ServiceRequest, str]:
    return (
        select(Grant, ServiceRequest, _By.name)
        .join(ServiceRequest, (ServiceRequest.wall == Grant.wall) & (ServiceRequest.id == Grant.request_id))
        .outerjoin(_By, _By.id == Grant.by_id)
        .where(live_grants(user), Grant.subject_id.is_(None), Grant.why == GrantWhy.SHARE)
        .options(joinedload(ServiceRequest.referrer))
    )


def _facts(row: Row[Grant, ServiceRequest, str]) -> GivenFacts:
    grant, request, by = row
    parts = frozenset(Part) - {Part.LOOKS} if grant.scope is None else frozenset(map(Part, grant.scope))
    return GivenFacts(
        id=grant.id,
        request_id=request.id,
        reference=request.reference,
        received_at=request.received_at,
        state=RequestState(request.state),
        kind=request.kind,
        parts=parts,
        is_whole=grant.scope is None,
        children=tuple((request.headline or {}).get("children", ())) if Part.IDENTITY in parts else (),
        referrer=referrer_facts(request.referrer, opens=True) if Part.REFERRER in parts else None,
        reason_code=grant.reason_code,
        words=grant.reason or "",
        since=grant.since,
        until=grant.until,
        by=by,
    )
