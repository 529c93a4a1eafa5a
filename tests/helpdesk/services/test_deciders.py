"""Who may decide: the referral and assessment manager for the area, and nobody else (GL-8)."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from helpdesk.domain.refusals import MayNotDecideError
from helpdesk.services.deciders import check_may_decide, find_place_to_decide
from infrastructure.identity.models import Role, Team
from tests.factories import County, make_user

pytestmark = [pytest.mark.storage, pytest.mark.rule("GL-8")]


def test_a_manager_decides_in_their_own_area_and_in_no_other(session: Session, county: County) -> None:
    assert check_may_decide(session, county.teasel, county.manager).team_id == county.assessment
    assert check_may_decide(session, county.aldermoor, county.manager_aldermoor).team_id == county.assessment_aldermoor
    for area, manager in ((county.teasel, county.manager_aldermoor), (county.aldermoor, county.manager)):
        with pytest.raises(MayNotDecideError):
            check_may_decide(session, area, manager)


def test_where_there_is_no_area_the_manager_of_the_default_area_decides(session: Session, county: County) -> None:
    assert check_may_decide(session, None, county.manager).team_id == county.assessment
    with pytest.raises(MayNotDecideError):
        check_may_decide(session, None, county.manager_aldermoor)


@pytest.mark.parametrize(
    ("team", "role"),
    [
        ("assessment", Role.OFFICER),
        ("assessment", Role.MEMBER),
        ("assessment", Role.SERVICE_MANAGER),
        ("assessment", Role.ADMINISTRATOR),
        ("locality", Role.MANAGER),
        ("desk", Role.MANAGER),
    ],
)
def test_no_other_role_and_no_other_team_decides(session: Session, county: County, team: str, role: Role) -> None:
    user = make_user(session, "Lena Frost", (session.get_one(Team, getattr(county, team)), role))
    assert find_place_to_decide(session, county.teasel, user) is None
