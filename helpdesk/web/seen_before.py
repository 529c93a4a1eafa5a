"""What an earlier request became, for whoever answers whether it is about the same child (EV-4, GL-13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from helpdesk.services.on_record import Became
from infrastructure.calendar import LONDON
from infrastructure.web.say_time import short_date
from service_request.domain.standing import ClosedReferral, ReferralKind, kind_of_referral
from service_request.domain.states import RequestState
from service_request.models import SimilarityState
from service_request.services.sight.hints import Hint


@dataclass(frozen=True)
class SeenBefore:
    """What the earlier request became, and what that means for an acceptance today."""

    became: str
    if_same: str


def seen_before(hint: Hint, became: Became | None, today: date) -> SeenBefore:
    """Say it in a line; a re-referral is proposed by the same rule as on the decision page."""
    if became is None:
        return SeenBefore(_without_decision(hint.earlier_state), "")
    if not became.is_referral or became.accepted_on is None:
        return SeenBefore(f"kept as a contact on {short_date(became.at.astimezone(LONDON).date())}", "")
    accepted = f"referral accepted on {short_date(became.accepted_on)}"
    closed = f"closed on {short_date(became.closed_on)}" if became.closed_on else "still open"
    known = [ClosedReferral(became.accepted_on, became.closed_on)]
    if hint.state is SimilarityState.SET_ASIDE or kind_of_referral(today, known) is not ReferralKind.RE_REFERRAL:
        return SeenBefore(f"{accepted}, {closed}", "")
    if_same = "" if hint.state is SimilarityState.CONFIRMED else "If the same, "
    meaning = f"{if_same}an acceptance today is a re-referral: within 12 months."
    return SeenBefore(f"{accepted}, {closed}", meaning[:1].upper() + meaning[1:])


def _without_decision(state: RequestState) -> str:
    return {
        RequestState.SET_ASIDE: "set aside as no request",
        RequestState.FOLDED: "folded into another request",
        RequestState.DECIDED: "decided",
        RequestState.CLOSED: "closed",
    }.get(state, "still open, not decided yet")
