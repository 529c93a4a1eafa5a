"""A referral or a re-referral: twelve months between acceptance dates."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_request.domain.standing import (
    KIND_LABELS,
    ClosedReferral,
    ReferralKind,
    kind_of_referral,
    proof,
    still_open,
)

dates = st.dates(date(2020, 1, 1), date(2035, 12, 31))
ACCEPTED = date(2026, 11, 17)


def closed(accepted: str, on: str | None = "2026-06-22") -> ClosedReferral:
    return ClosedReferral(date.fromisoformat(accepted), date.fromisoformat(on) if on else None)


@pytest.mark.rule("GL-13")
@pytest.mark.parametrize(
    ("earlier", "kind"),
    [
        ("2026-03-04", ReferralKind.RE_REFERRAL),
        ("2025-11-17", ReferralKind.RE_REFERRAL),  # the last day is included
        ("2025-11-16", ReferralKind.REFERRAL),  # a day more is too long ago
        ("2026-11-17", ReferralKind.RE_REFERRAL),  # closed and accepted again on one day
    ],
)
def test_twelve_months_count_between_acceptance_dates(earlier, kind):
    assert kind_of_referral(ACCEPTED, [closed(earlier)]) is kind


@pytest.mark.rule("GL-13")
def test_the_date_of_closing_does_not_count():
    assert kind_of_referral(ACCEPTED, [closed("2025-01-02", "2026-11-16")]) is ReferralKind.REFERRAL


@pytest.mark.rule("GL-13")
def test_an_earlier_referral_that_is_still_open_makes_no_re_referral_but_is_shown():
    is_open = closed("2026-03-04", None)
    assert kind_of_referral(ACCEPTED, [is_open]) is ReferralKind.REFERRAL
    assert still_open([is_open, closed("2026-03-04")]) == [is_open]


@pytest.mark.rule("GL-13")
@pytest.mark.parametrize(
    ("accepted", "earlier"), [("2028-02-29", "2027-02-28"), ("2029-02-28", "2028-02-29"), ("2029-02-28", "2028-02-28")]
)
def test_leap_days_fall_on_the_side_of_the_child_who_was_seen_before(accepted, earlier):
    day = date.fromisoformat(accepted)
    assert kind_of_referral(day, [closed(earlier, accepted)]) is ReferralKind.RE_REFERRAL


@pytest.mark.rule("GL-13")
@given(dates, st.lists(st.tuples(dates, st.booleans()), max_size=5))
def test_a_re_referral_always_has_its_proof(accepted, history):
    earlier = [ClosedReferral(day, day + timedelta(9) if is_closed else None) for day, is_closed in history]
    found = proof(accepted, earlier)
    assert (found is not None) == (kind_of_referral(accepted, earlier) is ReferralKind.RE_REFERRAL)
    if found is not None:
        assert found.closed_on is not None
        assert 0 <= (accepted - found.accepted_on).days <= 366
    near = [e for e in earlier if e.closed_on and 0 <= (accepted - e.accepted_on).days <= 365]
    assert not near or found is not None


@pytest.mark.rule("GL-13")
def test_the_latest_of_several_is_the_proof():
    latest = closed("2026-08-01", "2026-09-01")
    assert proof(ACCEPTED, [closed("2026-03-04"), latest, closed("2026-01-05")]) == latest


def test_a_child_never_seen_is_a_referral():
    assert kind_of_referral(ACCEPTED, []) is ReferralKind.REFERRAL
    assert set(KIND_LABELS) == set(ReferralKind)
