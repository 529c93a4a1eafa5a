"""The office calendar and the rota, as the people see them who keep them (EV-7)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy.orm import Session

from helpdesk.models import DutyTurn
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.models import Role, Team, UserAccount
from infrastructure.identity.users import User
from infrastructure.office import KEPT_SECONDS, CalendarDay, Office, OfficeHours
from infrastructure.trail import Event, verify
from service_request.domain.clocks import DecisionPromise, decision_due
from service_request.models import ClockEnd, ClockKind
from service_request.services.clocks import end_clock
from tests.factories import NOW, County, make_request, make_user
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import SignIn
from tests.wall.inside import make_adviser

pytestmark = [pytest.mark.storage, pytest.mark.rule("EV-7")]


def test_hours_of_the_week_that_an_administrator_saves_hold_from_then_on(
    county: County, house: House, sign_in: SignIn, ask: Ask
) -> None:
    ada = sign_in(county.administrator)
    refused = ada.post("/staff/calendar/hours", hours="mondays, nine to five")
    assert "Write hours like mon-thu 09:00-17:00; fri 09:00-16:30" in refused.html
    assert "mondays, nine to five" in refused.html
    saved = ada.post("/staff/calendar/hours", hours="mon-thu 8:30-17:30; sat 10:00-12:00")
    assert "The hours are saved" in ada.get(saved.location).html
    assert (0, "08:30", "17:30") in [(row.weekday, row.opens, row.closes) for row in ask.all(OfficeHours)]
    calendar = house.calendar
    assert not calendar.is_working_day(date(2026, 11, 20)), "a Friday"
    assert calendar.end_of_working_day(date(2026, 11, 20)) == datetime(2026, 11, 21, 12, tzinfo=UTC), "so Saturday"
    again = ada.post("/staff/calendar/hours", hours="mon-fri 09:00-17:00")
    assert again.status == 302
    assert house.calendar.is_working_day(date(2026, 11, 20))
    assert 'value="mon-fri 09:00-17:00"' in ada.get("/staff/calendar/hours").html
    assert list(verify(ask.session)) == []


def test_a_day_that_is_closed_moves_what_is_promised_after_it_and_is_named_in_the_working(
    county: County, house: House, sign_in: SignIn, ask: Ask
) -> None:
    ada = sign_in(county.administrator)
    before = decision_due(NOW, DecisionPromise.WORKING_DAY, house.calendar)
    day = {"day": ["18", "11", "2026"], "how": "closed", "name": "Training day"}
    assert ada.post("/staff/calendar/days/new", **day).status == 302
    after = decision_due(NOW, DecisionPromise.WORKING_DAY, house.calendar)
    assert after.due_at - before.due_at == timedelta(days=1)
    assert dict(after.working)["Not counted"] == "Wed 18 Nov (Training day)"
    assert "Training day" in ada.get("/staff/calendar").html
    twice = ada.post("/staff/calendar/days/new", **day)
    assert twice.status == 409 and "This day is in the calendar already" in twice.html
    row = ask.one(CalendarDay)
    assert ada.post(f"/staff/calendar/days/{row.id}/take-out").status == 302
    assert decision_due(NOW, DecisionPromise.WORKING_DAY, house.calendar) == before
    acts = [event.act for event in ask.all(Event) if event.act != "sign_in"]
    assert acts == ["set_day", "take_out_day"]


def test_half_a_day_and_a_bank_holiday_that_is_worked_after_all(county: County, house: House, sign_in: SignIn) -> None:
    ada = sign_in(county.administrator)
    half = {"day": ["24", "12", "2026"], "how": "part", "name": "Christmas Eve"}
    assert "Enter from when to when" in ada.post("/staff/calendar/days/new", **half, hours="").html
    assert "for example 09:00-12:00" in ada.post("/staff/calendar/days/new", **half, hours="12:00-09:00").html
    assert ada.post("/staff/calendar/days/new", **half, hours="09:00-12:00").status == 302
    worked = {"day": ["28", "12", "2026"], "how": "open", "name": "Open after all"}
    assert ada.post("/staff/calendar/days/new", **worked).status == 302
    due = decision_due(datetime(2026, 12, 23, 15, tzinfo=UTC), DecisionPromise.WORKING_DAY, house.calendar)
    assert due.due_at == datetime(2026, 12, 24, 12, tzinfo=UTC)
    assert house.calendar.is_working_day(date(2026, 12, 28))
    assert not house.calendar.is_open(datetime(2026, 12, 24, 13, tzinfo=UTC))


def test_a_day_that_is_over_is_not_changed(county: County, sign_in: SignIn) -> None:
    day = {"day": ["16", "11", "2026"], "how": "closed", "name": "Yesterday"}
    refused = sign_in(county.administrator).post("/staff/calendar/days/new", **day)
    assert refused.status == 409 and "Enter a day from today on" in refused.html


def test_another_process_knows_of_a_change_within_half_a_minute(
    county: County, house: House, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, clock = Office(), [100.0]
    monkeypatch.setattr("infrastructure.office.time.monotonic", lambda: clock[0])
    assert other.calendar().is_working_day(date(2026, 11, 18))
    session.add(CalendarDay(day=date(2026, 11, 18), is_worked=False, name="Closed", at=NOW))
    session.commit()
    clock[0] += KEPT_SECONDS - 1
    assert other.calendar().is_working_day(date(2026, 11, 18)), "read half a minute ago"
    clock[0] += 2
    assert not other.calendar().is_working_day(date(2026, 11, 18))


def test_nobody_but_an_administrator_keeps_the_calendar(county: County, sign_in: SignIn) -> None:
    for user in (county.officer, county.manager, county.service_manager):
        assert sign_in(user).get("/staff/calendar").status == 404


def a_turn(user: User, **changes: Any) -> dict[str, Any]:
    """Friday from 17:00 to Monday at 9:00."""
    return {
        "person": str(user.id),
        "since": ["20", "11", "2026"],
        "starts": "17:00",
        "until": ["23", "11", "2026"],
        "ends": "09:00",
        **changes,
    }


def test_a_turn_is_kept_by_the_office_clock_shown_and_taken_out(county: County, sign_in: SignIn, ask: Ask) -> None:
    ian = sign_in(county.service_manager)
    area = str(county.teasel)
    saved = ian.post("/staff/rota/new", **a_turn(county.manager, area=area))
    page = ian.get(saved.location).html
    assert "They are on the rota" in page and "Helen Prosser" in page and "Teasel Vale" in page
    row = ask.one(DutyTurn)
    assert (row.since, row.until) == (
        datetime(2026, 11, 20, 17, tzinfo=UTC),
        datetime(2026, 11, 23, 9, tzinfo=UTC),
    )
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        assert "On duty now" not in ian.get("/staff/rota").html
    assert ian.post(f"/staff/rota/{row.id}/end").status == 302
    assert "Nobody is on duty, now or later" in ian.get("/staff/rota").html
    assert ask.one(DutyTurn).ended_at == NOW


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"until": ["20", "11", "2026"], "ends": "16:00"}, "The turn must end after it begins"),
        ({"until": ["20", "1", "2027"]}, "A turn is 31 days at most"),
        ({"since": ["10", "11", "2026"], "until": ["16", "11", "2026"]}, "This turn is over already"),
        ({"person": ""}, "Select who is on duty"),
        ({"starts": "5 o’clock"}, "Enter from when, for example 17:00"),
    ],
)
def test_a_turn_that_nobody_can_keep_is_refused_and_what_was_typed_stays(
    changes: dict[str, Any], sentence: str, county: County, sign_in: SignIn, ask: Ask
) -> None:
    refused = sign_in(county.service_manager).post("/staff/rota/new", **a_turn(county.manager, **changes))
    assert sentence in refused.html
    assert 'value="09:00"' in refused.html or "ends" in changes
    assert ask.all(DutyTurn) == []


@pytest.mark.rule("SE-5")
def test_each_side_of_the_wall_has_a_rota_of_its_own(
    county: County, session: Session, sign_in: SignIn, ask: Ask, house: House
) -> None:
    make_adviser(session)
    team = next(one for one in ask.all(Team) if one.name.endswith("SENDIASS") or one.kind == "sendiass")
    ruth = make_user(session, "Ruth Adeyemi", (team, Role.MANAGER))
    ian, inside = sign_in(county.service_manager), sign_in(ruth)
    assert "Ruth Adeyemi" not in ian.get("/staff/rota/new").html
    assert "Helen Prosser" not in inside.get("/staff/rota/new").html
    assert "Which area" not in inside.get("/staff/rota/new").html
    assert "Select who is on duty" in inside.post("/staff/rota/new", **a_turn(county.manager)).html
    assert inside.post("/staff/rota/new", **a_turn(ruth)).status == 302
    assert "Ruth Adeyemi" not in ian.get("/staff/rota").html
    row = ask.one(DutyTurn)
    assert row.wall == "sendiass"
    assert ian.post(f"/staff/rota/{row.id}/end").status == 404


def test_who_lost_their_place_is_shown_as_hearing_of_nothing(
    county: County, session: Session, sign_in: SignIn, ask: Ask
) -> None:
    ian = sign_in(county.service_manager)
    ian.post("/staff/rota/new", **a_turn(county.manager))
    session.get_one(UserAccount, county.manager.id).disabled_at = NOW
    session.commit()
    assert "Hears of nothing" in ian.get("/staff/rota").html


def test_the_page_of_a_request_names_who_is_on_duty_when_its_time_runs_out(
    county: County, session: Session, sign_in: SignIn, ask: Ask
) -> None:
    request = make_request(session, area_id=county.teasel, received_at=NOW - timedelta(hours=1))
    ian = sign_in(county.service_manager)
    page = f"/staff/requests/{request.id}"
    assert "Escalates Wed 18 Nov 08:00, Ian Castell" in ian.get(page).words
    night = {"since": ["17", "11", "2026"], "starts": "17:00", "until": ["18", "11", "2026"], "ends": "09:00"}
    ian.post("/staff/rota/new", **a_turn(county.officer, **night))
    later = {"since": ["18", "11", "2026"], "starts": "09:00", "until": ["19", "11", "2026"], "ends": "09:00"}
    ian.post("/staff/rota/new", **a_turn(county.officer_two, **later))
    assert "Escalates Wed 18 Nov 08:00, Grace Oyelaran on duty, then Ian Castell" in ian.get(page).words
    with transaction(session):
        end_clock(session, ("request", request.id), ClockKind.DECISION, ClockEnd.FOLDED, NOW)
    assert "Stopped today 09:00: two requests about the same child are one" in ian.get(page).words
