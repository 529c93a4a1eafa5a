"""What a manager needs in front of them to decide: what is proposed, what they began to write, whether it is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.domain.decision import Proposal
from helpdesk.services.deciders import find_place_to_decide
from helpdesk.services.decision_drafts import Fields, find_draft
from helpdesk.services.destinations import name_destinations
from helpdesk.services.proposing import proposals
from helpdesk.services.routing import needs_of
from infrastructure.calendar import OfficeCalendar
from infrastructure.identity.users import User
from service_request.pathways.social_care.rules import LineChoice
from service_request.services.sight.system import list_subjects
from service_request.services.sight.visible import get_request


@dataclass(frozen=True)
class Prepared:
    """Proposals by subject, the draft if one was saved, whether this user may decide here, and who gets what."""

    proposals: dict[UUID, Proposal]
    draft: Fields | None
    draft_saved_at: datetime | None
    may_decide: bool
    destinations: dict[LineChoice, str | None]


def prepare(session: Session, request_id: UUID, user: User, *, now: datetime, calendar: OfficeCalendar) -> Prepared:
    """Read what the decision page shows beside the request itself; raise NotYoursError."""
    request = get_request(session, request_id, user)
    place = find_place_to_decide(session, request.area_id, user)
    draft = find_draft(session, request_id=request_id, by=user)
    proposed = proposals(session, request, on=calendar.local_day(now), to=user)
    teams = name_destinations(
        session,
        pathway=request.pathway,
        area_id=request.area_id,
        needs_of=lambda: [needs_of(request, subject) for subject in list_subjects(session, request.id)],
        now=now,
    )
    return Prepared(proposed, draft[0] if draft else None, draft[1] if draft else None, place is not None, teams)
