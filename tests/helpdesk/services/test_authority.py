from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services.authority import STREAM, Changes, load_authority
from helpdesk.services.authority_file import AuthorityFileError, read_file, stored_prefix
from helpdesk.services.destinations import find_destinations
from infrastructure.identity.models import Team
from infrastructure.trail import Event, verify
from service_request.models import Agency, AgencyDomain, Area, AreaPrefix, AreaTeam, RoutingRule
from service_request.pathways.social_care.rules import line_choice
from service_request.services.areas import locate

NOW = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)
FILE = """
[[areas]]
code = "vale"
name = "The Vale"
default = true
prefixes = ["wm1", "WM4"]
[[areas]]
code = "moor"
name = "The Moor"
prefixes = ["WM8", "WM4 7"]
[[teams]]
name = "Desk"
kind = "desk"
[[teams]]
name = "Assessment"
kind = "assessment"
email = "ra@westmarch.example"
areas = ["vale", "moor"]
[[teams]]
name = "Locality"
kind = "locality"
areas = ["vale"]
[[agencies]]
name = "Brookfield Primary School"
kind = "school"
domains = ["Brookfield.example"]
[[routes]]
standing = "referral"
options = ["initial_assessment", "other"]
team = "Assessment"
[[routes]]
standing = "contact"
options = ["criteria"]
area = "vale"
team = "Locality"
"""
EARLY_HELP = line_choice("contact-criteria")


def load(session: Session, folder: Path, text: str = FILE, *, now: datetime = NOW) -> Changes:
    path = folder / "authority.toml"
    path.write_text(text, encoding="utf-8")
    return load_authority(session, read_file(path), now=now)


@pytest.mark.storage
def test_a_file_makes_an_authority(session: Session, tmp_path: Path) -> None:
    changes = load(session, tmp_path)
    assert {row.code: row.is_default for row in session.scalars(select(Area))} == {"vale": True, "moor": False}
    assert {row.name for row in session.scalars(select(Team))} == {"Desk", "Assessment", "Locality"}
    assert session.scalars(select(AgencyDomain.domain)).all() == ["brookfield.example"]
    assert session.scalars(select(Agency.source_code)).all() == ["2A"]
    assert len(session.scalars(select(AreaTeam)).all()) == 3
    assert changes.added == 17
    assert not changes.left


@pytest.mark.storage
def test_loading_the_same_file_again_changes_nothing(session: Session, tmp_path: Path) -> None:
    load(session, tmp_path)
    rules = session.scalars(select(RoutingRule.id).order_by(RoutingRule.id)).all()
    again = load(session, tmp_path, now=NOW + timedelta(days=1))
    assert not again.any
    assert session.scalars(select(RoutingRule.id).order_by(RoutingRule.id)).all() == rules
    assert len(session.scalars(select(Event).where(Event.stream_id == STREAM.id)).all()) == 1


@pytest.mark.storage
@pytest.mark.rule("GL-8")
def test_the_longest_prefix_of_a_loaded_file_finds_the_area(session: Session, tmp_path: Path) -> None:
    load(session, tmp_path)
    codes = {area.id: area.code for area in session.scalars(select(Area))}

    def found(postcode: str) -> str | None:
        located = locate(session, typed_postcodes=[postcode], chosen="")
        return codes.get(located.area_id) if located.area_id else None

    assert [found(one) for one in ("WM4 2QT", "WM4 7QT", "wm8 1aa", "NX1 1AA", "")] == [
        "vale", "moor", "moor", "vale", "vale",
    ]  # fmt: skip


@pytest.mark.storage
def test_what_moves_in_the_file_moves_and_what_goes_is_ended(session: Session, tmp_path: Path) -> None:
    load(session, tmp_path)
    moved = FILE.replace('"WM8", "WM4 7"', '"WM8"').replace('["Brookfield.example"]', '["brookfield-new.example"]')
    moved = moved.replace('area = "vale"\nteam = "Locality"', 'area = "vale"\nteam = "Assessment"')
    later = NOW + timedelta(days=1)
    changes = load(session, tmp_path, moved, now=later)
    assert (changes.added, changes.changed, changes.ended) == (2, 0, 3)
    assert "WM4 7" not in session.scalars(select(AreaPrefix.prefix)).all()
    vale = session.scalars(select(Area.id).where(Area.code == "vale")).one()
    found = find_destinations(session, pathway="social_care", choice=EARLY_HELP, area_id=vale, now=later).main
    assert found is not None
    assert found.name == "Assessment"
    kept = session.scalars(select(RoutingRule).where(RoutingRule.until == later)).one()
    assert kept.since == NOW  # a rule that ended still says where things went then


@pytest.mark.storage
def test_an_area_that_leaves_the_file_is_left_and_named(session: Session, tmp_path: Path) -> None:
    load(session, tmp_path)
    without = FILE.replace('[[areas]]\ncode = "moor"\nname = "The Moor"\nprefixes = ["WM8", "WM4 7"]\n', "")
    changes = load(session, tmp_path, without.replace('["vale", "moor"]', '["vale"]'))
    assert changes.left == ("area moor",)
    assert session.scalars(select(Area).where(Area.code == "moor")).one().name == "The Moor"


@pytest.mark.storage
def test_a_loading_is_in_the_trail(session: Session, tmp_path: Path) -> None:
    load(session, tmp_path)
    load(session, tmp_path, FILE.replace("The Vale", "Teasel Vale"))
    acts = session.scalars(select(Event.act).where(Event.stream_id == STREAM.id).order_by(Event.seq)).all()
    assert acts == ["load_authority", "load_authority"]
    assert not list(verify(session))


def test_every_fault_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "authority.toml"
    path.write_text(
        FILE.replace("default = true", "default = false")
        .replace('areas = ["vale"]', 'areas = ["nowhere"]')
        .replace('team = "Locality"', 'team = "Nobody"')
    )
    with pytest.raises(AuthorityFileError) as refused:
        read_file(path)
    assert refused.value.faults == [
        "one area, and only one, must say default = true (GL-8)",
        "team Locality: there is no area nowhere",
        "a route goes to Nobody, and there is no such team",
    ]


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ('"wm1"', '"not a postcode"', "areas 1, prefixes"),
        ('kind = "locality"', 'kind = "circus"', "teams 3, kind"),
        ('kind = "school"', 'kind = "circus"', "agencies 1, kind"),
        ('"initial_assessment"', '"none"', "routes 1"),
        ('options = ["criteria"]', 'options = ["circus"]', "routes 2"),
        ('name = "The Moor"', 'name = "The Moor"\ncolour = "grey"', "areas 2, colour"),
        ("[[areas]]", "[areas", "authority.toml is no TOML"),
    ],
)
def test_a_fault_is_named_with_its_place(tmp_path: Path, before: str, after: str, place: str) -> None:
    path = tmp_path / "authority.toml"
    path.write_text(FILE.replace(before, after, 1))
    with pytest.raises(AuthorityFileError) as refused:
        read_file(path)
    assert len(refused.value.faults) == 1
    assert refused.value.faults[0].startswith(place)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("wm", "WM"), ("WM4", "WM4"), ("wm4 2", "WM4 2"), ("WM4 2Q", "WM4 2Q"), ("WM4 2QT", "WM4 2QT")],
)
def test_a_prefix_is_stored_as_postcodes_are_looked_for(typed: str, stored: str) -> None:
    assert stored_prefix(typed) == stored


@pytest.mark.parametrize("typed", ["", "4", "WM42QT", "WM4 Q", "WM4 2QTX", "WMX", "elsewhere"])
def test_what_begins_no_postcode_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="not the beginning of a postcode"):
        stored_prefix(typed)


def test_the_command_loads_a_file_and_says_what_changed(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "authority.toml"
    path.write_text(FILE)
    run = app.test_cli_runner()
    assert "17 added, 0 changed, 0 ended" in run.invoke(args=["authority", "load", str(path)]).output
    assert "0 added, 0 changed, 0 ended" in run.invoke(args=["authority", "load", str(path)]).output
    path.write_text("")
    refused = run.invoke(args=["authority", "load", str(path)])
    assert refused.exit_code == 1
    assert "nothing was changed" in refused.output
    assert "areas" in refused.output
