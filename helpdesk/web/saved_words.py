"""What a saved answer says of one request, once its places are filled (T14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from helpdesk.domain.placeholders import filled
from helpdesk.services.saved_answers import Answer
from infrastructure.database import Wall
from infrastructure.settings import Settings
from infrastructure.web.say_time import public_moment
from service_request.domain.references import format_reference
from service_request.models import ClockKind
from service_request.services.sight.desk import RequestFacts

PROMISES = {Wall.OPEN: ClockKind.DECISION, Wall.SENDIASS: ClockKind.FIRST_CONTACT}  # what we told them ourselves


def with_answer(
    text: str, answers: Sequence[Answer], chosen: str, facts: RequestFacts, *, now: datetime, settings: Settings
) -> str:
    """Return what was typed with a saved answer beneath, its places filled as far as there is something to say."""
    body = next((one.body for one in answers if str(one.id) == chosen), "")
    return "\n\n".join(part for part in (text.strip(), filled(body, values_of(facts, now, settings))) if part)


def values_of(facts: RequestFacts, now: datetime, settings: Settings) -> dict[str, str]:
    """Return what stands in the place of each; a promise that has ended or is broken is not made again."""
    is_inside = facts.wall is not Wall.OPEN
    promise = next(
        (one for one in facts.clocks if one.kind is PROMISES[facts.wall] and one.ended_at is None and one.due_at > now),
        None,
    )
    return {
        "reference": format_reference(facts.reference),
        "service": settings.sendiass_name if is_inside else settings.authority_name,
        "phone": settings.sendiass_phone if is_inside else settings.helpdesk_phone,
        "duty line": settings.duty_line,
        "promise": public_moment(promise.due_at) if promise is not None else "",
    }
