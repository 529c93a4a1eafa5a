"""The days of the office and the rota come by spreadsheet (EV-7, A4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from helpdesk.models import DutyTurn, ImportRun
from helpdesk.services.importing.formats import FORMATS
from helpdesk.services.importing.run import faults_of, import_file, write_rows
from infrastructure.house import House
from infrastructure.office import CalendarDay
from tests.factories import NOW, County
from tests.helpdesk.conftest import Ask

pytestmark = [pytest.mark.rule("EV-7"), pytest.mark.threat("A4"), pytest.mark.storage]

DAYS = "day,worked,hours,name\n2026-12-29,no,,Between the years\n24/12/2026,yes,9:00-12:00,Christmas Eve\n"
TURNS = (
    "person;area;since;until\n"
    "helen.prosser@westmarch.example;;2026-11-20 17:00;2026-11-23 09:00\n"
    "Grace.Oyelaran@westmarch.example;teasel_vale;27/11/2026 17:00;30/11/2026 09:00\n"
)
Import = Callable[..., ImportRun]


@pytest.fixture
def bring(session: Session, house: House, county: County) -> Import:
    def bring(kind: str, text: str, days: int = 0) -> ImportRun:
        now = NOW + timedelta(days=days)
        return import_file(
            session, FORMATS[kind], text.encode(), dry_run=False, by=county.administrator, now=now, house=house
        )

    return bring


def test_days_hold_at_once_the_same_again_changes_nothing_and_what_is_taken_out_goes(
    bring: Import, house: House, ask: Ask, session: Session
) -> None:
    assert bring("calendar-days", DAYS).added == 2
    assert not house.calendar.is_working_day(date(2026, 12, 29))
    assert f"{house.calendar.end_of_working_day(date(2026, 12, 24)):%H:%M}" == "12:00"
    again = b"".join(write_rows(session, FORMATS["calendar-days"], now=NOW)).decode()
    for text in (DAYS, again):
        run = bring("calendar-days", text)
        assert (run.is_accepted, run.added, run.changed, run.ended) == (True, 0, 0, 0)
    less = bring("calendar-days", "day,worked,hours,name\n2026-12-29,no,,Closed between the years\n")
    assert (less.added, less.changed, less.ended) == (0, 1, 1)
    assert [(row.day, row.name) for row in ask.all(CalendarDay)] == [(date(2026, 12, 29), "Closed between the years")]
    assert bring("calendar-days", "day,worked,hours,name\n", days=60).ended == 0, "a day that is over stays"


def test_every_fault_of_a_day_is_named(bring: Import, ask: Ask) -> None:
    run = bring(
        "calendar-days",
        "day,worked,hours,name\n2026-02-30,no,,A\n2026-12-29,no,09:00-12:00,B\n2026-12-30,yes,nine,C\n2026-12-31,no,,\n",
    )
    assert [(one.row, one.column, one.code) for one in faults_of(run)] == [
        (2, "day", "day_bad"),
        (3, "hours", "day_hours_closed"),
        (4, "hours", "day_hours_bad"),
        (5, "name", "missing"),
    ]
    assert ask.all(CalendarDay) == []


def test_the_rota_is_that_of_the_file_and_goes_out_as_it_came(
    bring: Import, ask: Ask, session: Session, county: County
) -> None:
    assert bring("rota", TURNS).added == 2
    assert {(row.user_id, row.area_id) for row in ask.all(DutyTurn)} == {
        (county.manager.id, None),
        (county.officer.id, county.teasel),
    }
    again = b"".join(write_rows(session, FORMATS["rota"], now=NOW)).decode()
    for text in (TURNS, again):
        run = bring("rota", text)
        assert (run.is_accepted, run.added, run.changed, run.ended) == (True, 0, 0, 0)
    assert bring("rota", "person;area;since;until\n").ended == 2
    assert all(row.ended_at for row in ask.all(DutyTurn)), "nothing is deleted"


def test_every_fault_of_a_turn_is_named_and_none_of_it_stands(bring: Import, ask: Ask) -> None:
    run = bring(
        "rota",
        TURNS
        + "dev.anand@westmarch.example;;2026-11-20 17:00;2026-11-23 09:00\n"  # of a locality team: sees no requests
        + "helen.prosser@westmarch.example;moorland;2026-11-20 17:00;soon\n"
        + "helen.prosser@westmarch.example;;2026-11-23 09:00;2026-11-20 17:00\n",
    )
    assert [(one.row, one.column, one.code) for one in faults_of(run)] == [
        (4, "person", "person_unknown"),
        (5, "area", "area_unknown"),
        (5, "until", "moment_bad"),
        (6, "until", "turn_bad"),
    ]
    assert ask.all(DutyTurn) == []
