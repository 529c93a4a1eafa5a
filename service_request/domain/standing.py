"""A referral or a re-referral (GL-13)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dateutil.relativedelta import relativedelta

RE_REFERRAL_WINDOW = relativedelta(months=12)  # GL-13


class ReferralKind(StrEnum):
    """Whether a child was accepted before."""

    REFERRAL = "referral"
    RE_REFERRAL = "re_referral"


KIND_LABELS: dict[ReferralKind, str] = {
    ReferralKind.REFERRAL: "Referral",
    ReferralKind.RE_REFERRAL: "Re-referral",
}


@dataclass(frozen=True)
class ClosedReferral:
    """An earlier referral on the same child; `closed_on` is None while it is open. `key` is the caller's own."""

    accepted_on: date
    closed_on: date | None
    key: str = ""


def kind_of_referral(accepted_on: date, earlier: Iterable[ClosedReferral]) -> ReferralKind:
    """Tell a first referral from a re-referral: an earlier one within 12 months, now closed (GL-13)."""
    return ReferralKind.REFERRAL if proof(accepted_on, earlier) is None else ReferralKind.RE_REFERRAL


def proof(accepted_on: date, earlier: Iterable[ClosedReferral]) -> ClosedReferral | None:
    """Return the referral that makes this a re-referral, the latest if there are several, for a person to confirm."""
    since = accepted_on - RE_REFERRAL_WINDOW
    recent = [r for r in earlier if r.closed_on is not None and since <= r.accepted_on <= accepted_on]
    return max(recent, key=lambda r: r.accepted_on, default=None)


def still_open(earlier: Iterable[ClosedReferral]) -> list[ClosedReferral]:
    """Return the earlier referrals that nobody has closed: the team is asked before a kind is settled (GL-13)."""
    return [r for r in earlier if r.closed_on is None]
