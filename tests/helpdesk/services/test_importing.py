from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from helpdesk.domain.import_faults import Fault
from helpdesk.models import ImportRun
from helpdesk.services.authority import STREAM
from helpdesk.services.importing.formats import FORMATS
from helpdesk.services.importing.reading import MOST_BYTES, WINDOWS, read_sheet
from helpdesk.services.importing.run import faults_of, import_file, write_rows
from infrastructure.house import House
from infrastructure.identity.models import Membership, Role, Team, UserAccount
from infrastructure.trail import Event, verify
from service_request.models import AgencyDomain, Area, AreaPrefix, ReasonKind, RoutingRule
from service_request.services.areas import locate
from service_request.services.reasons import list_reasons

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
LOCALITIES = "area,name,default,prefix\nvale,Teasel Vale,yes,WM1\nvale,Teasel Vale,yes,WM4\nmoor,Aldermoor,no,wm4 7\n"
TEAMS = (
    "name,kind,email,hours,areas\n"
    "Helpdesk,desk,,,\n"
    "Assessment,assessment,ra@westmarch.example,,vale moor\n"
    "Vale locality,locality,vale@westmarch.example,mon-fri 09:00-17:00; sat 10:00-12:00,vale\n"
    "Young carers,provider,,,\n"
)
AGENCIES = "name,kind,domain\nBrookfield School,school,brookfield.example\nThe Café,school,\n"
ROUTES = (
    "pathway,standing,option,need,area,team,beside\n"
    "social_care,referral,initial_assessment,,,Assessment,no\n"
    "social_care,contact,criteria,,vale,Vale locality,no\n"
    "social_care,contact,criteria,young_carer,,Young carers,yes\n"
)
Import = Callable[..., ImportRun]


@pytest.fixture
def bring(session: Session, house: House) -> Import:
    def bring(kind: str, text: str | bytes, *, dry_run: bool = False, days: int = 0) -> ImportRun:
        content = text if isinstance(text, bytes) else text.encode()
        now = NOW + timedelta(days=days)
        return import_file(session, FORMATS[kind], content, dry_run=dry_run, by=None, now=now, house=house)

    return bring


def everything(bring: Import) -> None:
    for kind, text in (("localities", LOCALITIES), ("teams", TEAMS), ("agencies", AGENCIES), ("routes", ROUTES)):
        run = bring(kind, text)
        assert (kind, run.report, run.is_accepted) == (kind, [], True)


def found(run: ImportRun) -> list[tuple[int, str, str]]:
    assert not run.is_accepted
    return [(fault.row, fault.column, fault.code) for fault in faults_of(run)]


@pytest.mark.storage
@pytest.mark.rule("GL-8")
@pytest.mark.rule("GL-10")
def test_four_files_make_an_authority_and_the_same_again_change_nothing(session: Session, bring: Import) -> None:
    everything(bring)
    codes = {area.id: area.code for area in session.scalars(select(Area))}
    assert [codes.get(locate(session, typed_postcodes=[one], chosen="").area_id) for one in ("WM4 2QT", "WM4 7QT")] == [
        "vale", "moor",
    ]  # fmt: skip
    team = session.scalars(select(Team).where(Team.name == "Vale locality")).one()
    assert (team.email, team.hours) == ("vale@westmarch.example", "mon-fri 09:00-17:00; sat 10:00-12:00")
    assert session.scalars(select(AgencyDomain.domain)).all() == ["brookfield.example"]
    beside = session.scalars(select(RoutingRule).where(RoutingRule.is_beside)).one()
    assert beside.need == "young_carer"
    for kind, text in (("localities", LOCALITIES), ("teams", TEAMS), ("agencies", AGENCIES), ("routes", ROUTES)):
        again = bring(kind, text, days=1)
        assert (again.is_accepted, again.added, again.changed, again.ended) == (True, 0, 0, 0)
    acts = session.scalars(select(Event.act).where(Event.stream_id == STREAM.id)).all()
    assert acts == ["import"] * 4  # what changed nothing is no act
    assert not list(verify(session))


@pytest.mark.storage
@pytest.mark.threat("A4")
def test_what_is_downloaded_imports_back_unchanged(session: Session, bring: Import) -> None:
    everything(bring)
    bring("checks", "code,label,hint\nknown,Is the child known?,Look in the case system\n")
    for kind, form in FORMATS.items():
        content = b"".join(write_rows(session, form, now=NOW))
        if content.count(b"\r\n") == 1:
            continue  # nothing stands yet
        run = bring(kind, content, days=1)
        assert (kind, run.report, run.added, run.changed, run.ended) == (kind, [], 0, 0, 0)


@pytest.mark.storage
@pytest.mark.threat("A4")
def test_one_bad_row_and_nothing_of_the_file_stands_but_the_file_and_its_report(
    session: Session, bring: Import
) -> None:
    everything(bring)
    text = LOCALITIES + "moor,Aldermoor,no,WM8\nmoor,Aldermoor,no,elsewhere\nvale,Teasel Vale,yes,WM8\n"
    run = bring("localities", text)
    assert found(run) == [(6, "prefix", "prefix_bad"), (7, "prefix", "prefix_twice")]
    assert "WM8" not in session.scalars(select(AreaPrefix.prefix)).all()
    assert (run.content, run.rows, run.added) == (text.encode(), 6, 0)
    short = bring("localities", text.replace("moor,Aldermoor,no,elsewhere", "moor,Aldermoor"))
    assert found(short)[0][2] == "short" and short.rows == 6, "a row that is too short was read as well"


@pytest.mark.storage
@pytest.mark.threat("A4")
def test_what_was_written_before_a_fault_was_found_is_taken_back(session: Session, bring: Import) -> None:
    everything(bring)
    kept = TEAMS.replace("Assessment,assessment,ra@westmarch.example,,vale moor\n", "")  # routes lead to it
    moved = kept.replace("vale@westmarch.example", "new@westmarch.example")
    run = bring("teams", f"{moved}Family hub,locality,,,vale\n")
    assert found(run) == [(0, "name", "team_in_use")] and (run.added, run.changed, run.ended) == (0, 0, 0)
    teams = {team.name: (team.email, team.open_to) for team in session.scalars(select(Team))}
    assert "Family hub" not in teams
    assert teams["Vale locality"] == ("vale@westmarch.example", None)


@pytest.mark.storage
@pytest.mark.threat("A4")
def test_a_dry_run_says_what_would_be_changed_and_changes_nothing(session: Session, bring: Import) -> None:
    everything(bring)
    run = bring("localities", LOCALITIES + "moor,Aldermoor,no,WM8\n", dry_run=True)
    assert (run.report, run.is_accepted, run.added) == ([], False, 1)
    assert session.scalars(select(func.count()).select_from(AreaPrefix)).one() == 3
    assert session.scalars(select(func.count()).select_from(Event).where(Event.stream_id == STREAM.id)).one() == 4


@pytest.mark.storage
@pytest.mark.rule("GL-10")
@pytest.mark.threat("A1")
def test_a_route_to_a_team_that_takes_no_work_is_refused_with_the_nearest_that_does(
    session: Session, bring: Import
) -> None:
    everything(bring)
    text = TEAMS.replace("Young carers,provider", "Moor locality,locality").replace("Vale locality,", "Old,", 1)
    bring("routes", ROUTES.splitlines(keepends=True)[0] + ROUTES.splitlines(keepends=True)[1])
    assert bring("teams", text.replace("Old,", "Saltby locality,"), days=1).is_accepted
    run = bring("routes", ROUTES.replace("young_carer", ""), days=2)
    assert found(run) == [(3, "team", "team_closed"), (4, "team", "team_closed")]
    assert faults_of(run)[0].about == "the nearest that does is Saltby locality"


@pytest.mark.storage
@pytest.mark.threat("A4")
def test_a_team_or_an_area_in_use_stays_and_the_refusal_says_who_uses_it(session: Session, bring: Import) -> None:
    everything(bring)
    person = UserAccount(name="Dev Anand", email="dev@westmarch.example")
    session.add(person)
    session.flush()
    team = session.scalars(select(Team).where(Team.name == "Vale locality")).one()
    session.add(Membership(user_id=person.id, team_id=team.id, role=Role.MEMBER, since=NOW))
    session.commit()
    run = bring("teams", "\n".join(line for line in TEAMS.splitlines() if not line.startswith("Vale")))
    assert found(run) == [(0, "name", "team_in_use")]
    assert faults_of(run)[0].about == "Vale locality: 1 route, 1 person"
    run = bring("localities", "\n".join(line for line in LOCALITIES.splitlines() if not line.startswith("moor")))
    assert faults_of(run) == [Fault(0, "area", "area_in_use", "Aldermoor: 1 team")]
    assert set(session.scalars(select(Area.code))) == {"vale", "moor"}
    assert bring("teams", TEAMS.replace("vale moor", "vale")).is_accepted
    gone = bring("localities", "\n".join(line for line in LOCALITIES.splitlines() if not line.startswith("moor")))
    assert gone.is_accepted
    assert session.scalars(select(Area.code)).all() == ["vale"]


@pytest.mark.storage
@pytest.mark.rule("GL-8")
def test_reasons_come_by_file_and_one_that_is_gone_is_offered_no_more(session: Session, bring: Import) -> None:
    text = "kind,code,label\nset_aside,junk,Rubbish\nset_aside,other,Something else\n"
    assert bring("reasons", text).added == 2
    assert list_reasons(session, ReasonKind.SET_ASIDE) == (("junk", "Rubbish"), ("other", "Something else"))
    assert bring("reasons", text.replace("set_aside,other,Something else\n", ""), days=1).ended == 1
    assert list_reasons(session, ReasonKind.SET_ASIDE) == (("junk", "Rubbish"),)


@pytest.mark.parametrize(
    ("kind", "row", "column", "code"),
    [
        ("localities", "Vale!,Vale,yes,WM1", "area", "code_bad"),
        ("localities", "vale,Other name,yes,WM5", "area", "area_differs"),
        ("localities", "vale,Teasel Vale,perhaps,WM5", "default", "yes_no"),
        ("localities", "vale,Teasel Vale,yes,WM4", "prefix", "row_twice"),
        ("teams", "Helpdesk,desk,,,", "name", "name_twice"),
        ("teams", "New,circus,,,", "kind", "team_kind"),
        ("teams", "New,desk,no address,,", "email", "email_bad"),
        ("teams", "New,desk,,always,", "hours", "hours_bad"),
        ("teams", "New,desk,,,nowhere", "areas", "area_unknown"),
        ("teams", "Night helpdesk,,,,", "kind", "missing"),
        ("agencies", "Brookfield School,police,", "kind", "agency_differs"),
        ("agencies", "New,circus,", "kind", "agency_kind"),
        ("agencies", "New,school,brookfield.example", "domain", "domain_twice"),
        ("agencies", "New,school,gmail.com", "domain", "domain_open"),
        ("agencies", "New,school,not a domain", "domain", "domain_bad"),
        ("agencies", "=HYPERLINK(1),school,", "name", "formula"),
        ("agencies", "New", "kind", "short"),
        ("agencies", "New,school,new.example,more", "", "long"),
        ("routes", "elsewhere,contact,criteria,,,Assessment,no", "pathway", "pathway_unknown"),
        ("routes", "social_care,maybe,criteria,,,Assessment,no", "standing", "standing_unknown"),
        ("routes", "social_care,contact,circus,,,Assessment,no", "option", "option_unknown"),
        ("routes", "social_care,contact,signpost,,,Assessment,no", "option", "option_no_team"),
        ("routes", "social_care,contact,criteria,hunger,,Assessment,no", "need", "need_unknown"),
        ("routes", "social_care,contact,criteria,,nowhere,Assessment,no", "area", "area_unknown"),
        ("routes", "social_care,contact,criteria,,,Nobody,no", "team", "team_unknown"),
        ("routes", "social_care,contact,criteria,,,Helpdesk,no", "team", "team_no_destination"),
        ("routes", "social_care,contact,criteria,,vale,Assessment,no", "team", "tie"),
    ],
)
@pytest.mark.threat("A4")
def test_each_fault_is_named_with_its_row_and_column(
    bring: Import, kind: str, row: str, column: str, code: str
) -> None:
    everything(bring)
    text = {"localities": LOCALITIES, "teams": TEAMS, "agencies": AGENCIES, "routes": ROUTES}[kind]
    assert (len(text.splitlines()) + 1, column, code) in found(bring(kind, text + row + "\n"))


@pytest.mark.threat("A4")
def test_a_file_is_read_as_offices_save_it() -> None:
    columns = ("name", "kind")
    plain = read_sheet("Name,Kind\nCafé,school\n".encode(), columns)
    assert [row.cells for row in plain.rows] == [{"name": "Café", "kind": "school"}]
    marked = read_sheet('\ufeffkind;Name\r\nschool;"Café"\r\n;\r\n'.encode(), columns)
    assert [row.cells for row in marked.rows] == [{"name": "Café", "kind": "school"}]
    windows = read_sheet("name,kind\nCafé,school\n".encode("cp1252"), columns)
    assert (windows.rows[0]["name"], windows.encoding) == ("Café", WINDOWS)
    ours = read_sheet(b"name,kind\n'-dash,school\n", columns)
    assert ours.rows[0]["name"] == "-dash"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("name,kind\n".encode("utf-16"), "not_text"),
        (b"name,kind\n\x81\x8d,x\n", "not_text"),
        (b"name,kind\n\"a,b\n", "not_csv"),
        (b"name\na\n", "column_missing"),
        (b"name,kind,colour\na,b,c\n", "column_unknown"),
        (b"name,kind,name\na,b,c\n", "column_twice"),
        (b"name,kind\n", "empty"),
        (b"", "column_missing"),
        (b"x" * (MOST_BYTES + 1), "too_large"),
    ],
)  # fmt: skip
@pytest.mark.threat("A4")
def test_what_is_no_table_is_refused_whole(content: bytes, code: str) -> None:
    assert code in [fault.code for fault in read_sheet(content, ("name", "kind")).faults]


@pytest.mark.threat("A4")
def test_the_command_reports_row_by_row_and_says_by_its_exit_how_it_went(app: Flask, tmp_path: Path) -> None:
    path, run = tmp_path / "localities.csv", app.test_cli_runner()
    path.write_text(LOCALITIES)
    dry = run.invoke(args=["import", "localities", str(path), "--dry-run"])
    assert (dry.exit_code, "would be 5 added" in dry.output) == (0, True)
    real = run.invoke(args=["import", "localities", str(path)])
    assert (real.exit_code, "3 rows read; 5 added, 0 changed, 0 ended" in real.output) == (0, True)
    path.write_text(LOCALITIES + "moor,Aldermoor,no,elsewhere\n")
    refused = run.invoke(args=["import", "localities", str(path)])
    assert refused.exit_code == 1
    assert "Row 5, prefix: This is not the beginning of a postcode" in refused.output
    assert "nothing was changed" in refused.output
    assert run.invoke(args=["import", "circus", str(path)]).exit_code == 2
