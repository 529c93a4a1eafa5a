"""Why a team gave something back, in the authority's own words."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from helpdesk.domain.assignments import HAND_BACK_LABELS, AssignmentState
from helpdesk.services.on_record import Decided
from service_request.models import ReasonKind
from service_request.services.reasons import label_reasons


def hand_back_words(session: Session, decided: Iterable[Decided]) -> dict[str, str]:
    """Return the words of each reason; they are read only where a team gave something back."""
    for one in decided:
        for line in one.lines:
            if any(sent.state is AssignmentState.HANDED_BACK for sent in line.sent_to):
                return label_reasons(session, ReasonKind.HAND_BACK)
    return {code.value: label for code, label in HAND_BACK_LABELS.items()}
