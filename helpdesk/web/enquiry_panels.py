"""What stands beside the conversation: dates, levels, the same family, the ends, and the one door out (SE-5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from helpdesk.services.enquiries.levels import levels_above, list_rises
from helpdesk.services.enquiries.same_family import list_hints
from helpdesk.web.enquiry_words import LINK_LABELS
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.domain.language_names import language_name
from service_request.models import LinkKind
from service_request.pathways.sendiass.codes import LEVEL_LABELS, Eligible, EnquirerKind, InArea
from service_request.pathways.sendiass.rules import (
    CLOSE_LABELS,
    LIFECYCLE,
    LIVE,
    NOT_AN_ENQUIRY_LABELS,
    TAKES_MESSAGES,
    CloseReason,
    EnquiryAct,
    NotAnEnquiry,
)
from service_request.services.enquiries.evaluation_answers import wording_of
from service_request.services.sight.desk import RequestFacts
from service_request.services.sight.enquiries import EnquiryFacts
from service_request.services.sight.enquiry_parts import find_named_evaluation, list_linked


def panels_of(
    session: Session,
    request: RequestFacts,
    enquiry: EnquiryFacts | None,
    *,
    user: User,
    now: datetime,
    house: House,
) -> dict[str, Any]:
    """Return what the panels of an enquiry's page need; of what has no such row, none but the door out is shown."""
    if enquiry is None:
        return {"may": frozenset(), "is_live": False, "rises": (), "family": ()}
    rises = list_rises(session, request.id)
    referrer = request.referrer
    return {
        "may": frozenset(act.value for act in LIFECYCLE.acts_from(request.state)),
        "is_live": request.state in LIVE,
        "takes_dates": request.state in TAKES_MESSAGES,
        "may_rise": (request.state, EnquiryAct.RISE) in LIFECYCLE.table and bool(levels_above(enquiry.level)),
        "rises": [(LEVEL_LABELS[one.level], one) for one in rises],
        "family": list_hints(session, request.id, user, phone=referrer.phone, email=referrer.email),
        "linked": [(LINK_LABELS[one.kind, one.is_later], one) for one in list_linked(session, request.id, user)],
        "is_same": LinkKind.SAME_FAMILY,
        "language": language_name(enquiry.language),
        "is_professional": enquiry.enquirer is EnquirerKind.PROFESSIONAL,
        "is_out_of_area": enquiry.in_area is InArea.NO,
        "is_not_eligible": enquiry.eligible is Eligible.NO,
        "evaluation": _evaluation(session, request.id, user, house) if enquiry.reached_at else (),
        "ended_words": ended_words(enquiry, request.set_aside_reason),
    }


def _evaluation(session: Session, request_id: UUID, user: User, house: House) -> tuple[tuple[str, str], ...]:
    """Return the questions they answered with their name, each with its answer in words (SE-8)."""
    found = find_named_evaluation(session, request_id, user)
    if found is None:
        return ()
    asked = wording_of(house).questions
    return tuple(
        (one.short, dict(one.scale).get(found.answers[one.code], "")) for one in asked if one.code in found.answers
    )


def ended_words(enquiry: EnquiryFacts, set_aside_reason: str | None) -> str:
    """Say why it ended, where a reason is on record."""
    if set_aside_reason in set(NotAnEnquiry):
        return NOT_AN_ENQUIRY_LABELS[NotAnEnquiry(set_aside_reason)]
    if enquiry.close_reason in set(CloseReason):
        return CLOSE_LABELS[CloseReason(enquiry.close_reason)]
    return ""
