"""The authority's tables, as an administrator takes them up and brings them back (A4)."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.models import ImportRun
from infrastructure.database import Wall
from infrastructure.identity.models import Team, TeamKind
from infrastructure.trail import Event
from service_request.models import Agency, AgencyDomain
from tests.factories import County, make_team
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import SignIn
from tests.helpdesk.web.walking import Page, Staff

pytestmark = [pytest.mark.storage, pytest.mark.threat("A4")]
AGENCIES = "name,kind,domain\nMoor School,school,moor.example\n"


def try_file(ada: Staff, kind: str, content: bytes) -> Page:
    return ada.post("/staff/import", kind=kind, files=(BytesIO(content), f"{kind}.csv"))


def test_a_file_is_tried_then_confirmed_and_stands(county: County, sign_in: SignIn, ask: Ask) -> None:
    ada = sign_in(county.administrator)
    before = ask.session.scalars(select(func.count()).select_from(Agency)).one()
    tried = try_file(ada, "agencies", AGENCIES.encode())
    page = ada.get(tried.location)
    assert "Check before you import: agencies" in page.words
    assert re.search(r"Would be added 2", page.words)
    assert ask.session.scalars(select(func.count()).select_from(Agency)).one() == before, "nothing was changed yet"
    done = ada.post(f"{tried.location}/confirm")
    assert "Imported. The table says now what the file says." in ada.get(done.location).words
    assert "moor.example" in [row.domain for row in ask.all(AgencyDomain)]
    run = ask.one(ImportRun, ImportRun.is_accepted)
    assert (run.by_id, run.content) == (county.administrator.id, AGENCIES.encode())
    assert ask.one(Event, Event.act == "import").actor_id == county.administrator.id
    again = ada.get(try_file(ada, "agencies", AGENCIES.encode()).location)
    assert "there is nothing to import" in again.words
    assert "Import it" not in again.buttons


def test_a_bad_file_is_answered_row_by_row_and_its_words_are_not_kept_in_the_report(
    county: County, sign_in: SignIn, ask: Ask
) -> None:
    ada = sign_in(county.administrator)
    tried = try_file(ada, "agencies", "name;kind;domain\nMôor;circus;gmail.com\n=1+1;school;\n".encode("cp1252"))
    words = ada.get(tried.location).words
    assert "Not imported: agencies" in words
    assert "Row 2 kind Write one of the kinds of agency. (" in words
    assert "Row 2 domain Anybody can have an address there" in words
    assert "Row 3 name This cell is a formula." in words
    assert "circus" not in str(ask.one(ImportRun).report)
    refused = ada.post(f"{tried.location}/confirm")
    assert "Not imported" in ada.get(refused.location).words
    assert ask.all(ImportRun, ImportRun.is_accepted) == []


def test_a_table_that_is_downloaded_is_a_spreadsheets_and_comes_back_unchanged(county: County, sign_in: SignIn) -> None:
    ada = sign_in(county.administrator)
    answer = ada.client.get("/staff/import/tables/teams.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b'\xef\xbb\xbf"name","kind"')
    assert "there is nothing to import" in ada.get(try_file(ada, "teams", answer.data).location).words
    assert ada.get("/staff/import/tables/circus.csv").status == 404


def test_before_a_short_file_is_imported_the_rows_that_it_ends_are_named(county: County, sign_in: SignIn) -> None:
    ada = sign_in(county.administrator)
    ada.post(f"{try_file(ada, 'agencies', AGENCIES.encode()).location}/confirm")
    table = ada.client.get("/staff/import/tables/agencies.csv").data.decode("utf-8-sig").splitlines()
    short, gone = table[:-1], table[-1].split(",")[-1].strip('"')
    tried = ada.get(try_file(ada, "agencies", "\n".join([*short, '"Ash","school","ash.example"']).encode()).location)
    ends, begins = tried.tree.all("table")
    assert "In the table now, and not like this in the file" in ends.text and gone in ends.text
    assert "ash.example" in begins.text and "Import it" in tried.buttons
    reasons = ada.client.get("/staff/import/tables/reasons.csv").data.decode("utf-8-sig").splitlines()
    one_list = [row for row in reasons[1:] if row.split(",")[0] == reasons[1].split(",")[0]]
    page = ada.get(try_file(ada, "reasons", "\n".join([reasons[0], *one_list[:-1]]).encode()).location)
    assert [len(one.all("tr")) for one in page.tree.all("table")] == [
        2
    ]  # of the lists that are not named, nothing ends


def test_what_is_not_said_is_asked_for(county: County, sign_in: SignIn, ask: Ask) -> None:
    ada = sign_in(county.administrator)
    page = ada.post("/staff/import")
    assert page.errors == ["Select which table it is", "Select the file to import"]
    assert ask.all(ImportRun) == []


def test_nobody_but_an_administrator_of_this_side_imports(county: County, sign_in: SignIn) -> None:
    for user in (county.officer, county.manager, county.service_manager, county.social_worker):
        assert sign_in(user).get("/staff/import").status in (403, 404)


@pytest.mark.rule("SE-5")
def test_no_table_from_outside_the_wall_moves_a_mailbox_of_sendiass(
    county: County, sign_in: SignIn, ask: Ask, session: Session
) -> None:
    make_team(session, "Independent advice", TeamKind.SENDIASS, wall=Wall.SENDIASS, email=None)
    ada = sign_in(county.administrator)
    table = ada.client.get("/staff/import/tables/teams.csv").data
    assert b"Independent advice" not in table
    assert "there is nothing to import" in ada.get(try_file(ada, "teams", table).location).words
    for name in ("Independent advice", "More advice"):
        row = f"{name},sendiass,reads.along@council.example,,\n".encode()
        tried = try_file(ada, "teams", table.rstrip() + b"\n" + row)
        assert "A team of SENDIASS is not changed from here" in ada.get(tried.location).words
        ada.post(f"{tried.location}/confirm")
    (inside,) = ask.all(Team, Team.kind == TeamKind.SENDIASS)
    assert (inside.email, inside.open_to) == (None, None)
