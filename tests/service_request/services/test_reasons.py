from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from service_request.models import CodedReason, ReasonKind
from service_request.services.reasons import (
    BUILT_IN,
    ReasonUnknownError,
    check_reason,
    label_reasons,
    list_reasons,
)

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


@pytest.mark.storage
@pytest.mark.rule("GL-8")
def test_with_nothing_imported_what_is_built_in_is_offered(session: Session) -> None:
    for kind in ReasonKind:
        assert list_reasons(session, kind) == BUILT_IN[kind]
    assert check_reason(session, ReasonKind.SET_ASIDE, "junk") == "Junk or advertising"


@pytest.mark.storage
@pytest.mark.rule("GL-8")
def test_an_authoritys_own_reasons_stand_instead_and_old_ones_stay_readable(session: Session) -> None:
    kind = ReasonKind.HAND_BACK
    session.add_all(
        [
            CodedReason(kind=kind, code="waiting_list", label="Our waiting list is too long", position=2),
            CodedReason(kind=kind, code="other", label="Else", position=3),
            CodedReason(kind=kind, code="moved", label="The family moved", position=1, until=NOW),
        ]
    )
    session.commit()
    assert list_reasons(session, kind) == (("waiting_list", "Our waiting list is too long"), ("other", "Else"))
    with pytest.raises(ReasonUnknownError):
        check_reason(session, kind, "moved")
    with pytest.raises(ReasonUnknownError):
        check_reason(session, kind, "not_our_area")
    labels = label_reasons(session, kind)
    assert (labels["moved"], labels["not_our_area"]) == ("The family moved", "Not in our area")
    assert list_reasons(session, ReasonKind.SET_ASIDE) == BUILT_IN[ReasonKind.SET_ASIDE]
