"""Who looked at a request, how the trail stands, and exports for an investigation (EV-5, T11, T24)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from helpdesk.models import Investigation
from infrastructure.database import Wall, transaction, uuid7
from infrastructure.house import House
from infrastructure.identity.models import Role, Team, TeamKind
from infrastructure.identity.users import User
from infrastructure.trail import Access, AccessLog, Actor, ActorKind, Event, Stream, log_access, record
from service_request.models import ServiceRequest
from tests.factories import CALLUM, NOW, County, make_request, make_team, make_user
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.walking import Page, Staff

pytestmark = [pytest.mark.storage]

SignIn = Callable[[User], Staff]
DAY = {"since": ["17", "11", "2026"], "until": ["17", "11", "2026"], "reason": "misuse"}


@pytest.fixture
def asked(session: Session, county: County) -> tuple[UUID, str]:
    """A request that an officer opened, printed and had on a list: (id, reference)."""
    row = make_request(session, area_id=county.teasel)
    by, found = county.officer.actor, (row.id, row.reference)
    with transaction(session):
        record(session, Stream("request", row.id), "claim", by=by, now=NOW, moved=("received", "in_triage"))
    for act in (Access.VIEW, Access.PRINT):
        log_access(session, act, by=by, now=NOW, request_id=found[0])
    log_access(session, Access.BREAK_GLASS, by=by, now=NOW, request_id=found[0], reason_code="danger")
    log_access(session, Access.EXPORT, by=Actor(ActorKind.REFERRER, uuid7()), now=NOW, request_id=found[0])
    log_access(session, Access.LIST, by=county.officer_two.actor, now=NOW, ids=[found[0], uuid7()])
    return found


@pytest.fixture
def second(session: Session, county: County) -> User:
    """Another service manager."""
    return make_user(session, "Marian Locke", (session.get_one(Team, county.desk), Role.SERVICE_MANAGER))


def raw(staff: Staff, path: str) -> TestResponse:
    """Press the button of a download."""
    return staff.client.post(path, data={"csrf_token": staff.token()})


def make(staff: Staff, **posted: Any) -> Page:
    """Ask for an export, and open its page."""
    page = staff.post("/staff/trail/export", **(DAY | posted))
    assert page.status == 302, page.words
    return staff.get(page.location)


def table(app: Flask, staff: Staff, path: str) -> list[list[str]]:
    """Download an export, and read it as a spreadsheet does."""
    response = raw(staff, f"{path}/file")
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"].startswith('attachment; filename="trail-')
    assert response.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"), newline="")))


def last(ask: Ask) -> str:
    return f"/staff/trail/exports/{ask.all(Investigation)[-1].id}"


# ---------------------------------------------------------------- who looked


@pytest.mark.rule("EV-5")
def test_a_manager_reads_who_looked_when_and_what_they_did(
    asked: tuple[UUID, str], sign_in: SignIn, county: County, ask: Ask
) -> None:
    page = sign_in(county.manager).get(f"/staff/requests/{asked[0]}/looks")
    assert page.status == 200
    rows = [" ".join(row.text.split()) for row in page.tree.one("tbody").all("tr")]
    assert len(rows) == 4
    assert any("Grace Oyelaran" in row and "Opened it" in row for row in rows)
    assert any("Grace Oyelaran" in row and "Printed it" in row for row in rows)
    assert any("Broke the glass" in row and "danger" in row.lower() for row in rows)
    assert any("The one who asked, by their link" in row and "Downloaded it" in row for row in rows)
    look = [one for one in ask.all(AccessLog) if one.actor_id == county.manager.id]
    assert [(one.act, one.request_id) for one in look] == [(Access.VIEW, asked[0])]


@pytest.mark.rule("EV-5")
def test_a_list_on_which_a_request_stood_is_found_by_its_week(
    asked: tuple[UUID, str], sign_in: SignIn, county: County
) -> None:
    manager, path = sign_in(county.manager), f"/staff/requests/{asked[0]}/looks?show=lists"
    page = manager.get(path)
    assert [row.text for row in page.tree.one("tbody").all("th")] == ["Tom Birch"]
    assert "from 11 November 2026 to 17 November 2026" in page.words
    assert "Nobody in these seven days." in manager.get(f"{path}&until=2026-11-10").words
    for odd in ("&until=nonsense", "&page=-3", "&page=x", "&until=0001-01-01", "&page=99999999999999999999"):
        assert manager.get(path + odd).status == 200


@pytest.mark.rule("EV-5")
def test_looks_are_paged(session: Session, asked: tuple[UUID, str], sign_in: SignIn, county: County) -> None:
    for n in range(60):
        log_access(session, Access.VIEW, by=county.officer.actor, now=NOW - timedelta(hours=n), request_id=asked[0])
    manager, path = sign_in(county.service_manager), f"/staff/requests/{asked[0]}/looks"
    first, second = manager.get(path), manager.get(f"{path}?page=2")
    assert len(first.tree.one("tbody").all("tr")) == 50
    assert "Earlier looks" in first.words and "Later looks" not in first.words
    assert 10 < len(second.tree.one("tbody").all("tr")) < 50
    assert "Later looks" in second.words


@pytest.mark.rule("EV-5")
def test_who_looked_is_not_for_officers_nor_for_a_manager_who_does_not_see_the_request(
    asked: tuple[UUID, str], sign_in: SignIn, county: County
) -> None:
    path = f"/staff/requests/{asked[0]}/looks"
    for user in (county.officer, county.social_worker, county.administrator, county.manager_aldermoor):
        assert sign_in(user).get(path).status == 404, user.name
    assert path not in sign_in(county.officer).get(f"/staff/requests/{asked[0]}").html
    assert path in sign_in(county.manager).get(f"/staff/requests/{asked[0]}").html


# ---------------------------------------------------------------- the export


@pytest.mark.rule("EV-5")
@pytest.mark.threat("T24")
def test_an_export_about_a_request_holds_acts_and_looks_and_is_itself_a_look_with_its_reason(
    app: Flask, asked: tuple[UUID, str], sign_in: SignIn, county: County, ask: Ask
) -> None:
    staff = sign_in(county.service_manager)
    page = make(staff, about="request", reference=f"{asked[1][:4].lower()} {asked[1][4:]}")
    assert "Download the table (CSV)" in page.buttons
    rows = table(app, staff, last(ask))
    head, lines = rows[:9], rows[10:]
    assert ["taken by", f"Ian Castell ({county.service_manager.id})"] in head
    assert ["reason", "Somebody may have looked at, or changed, what they had no need to"] in head
    assert {(line[1], line[2], line[5]) for line in lines} >= {
        ("act", "Grace Oyelaran", "claim"), ("look", "Grace Oyelaran", "view"), ("look", "Grace Oyelaran", "print"),
        ("look", "somebody outside, by their link", "export"),
    }  # fmt: skip
    assert [line[0] for line in lines] == sorted(line[0] for line in lines)
    look = ask.one(AccessLog, AccessLog.act == Access.EXPORT, AccessLog.actor_id == county.service_manager.id)
    assert (look.request_id, look.reason_code) == (asked[0], "misuse")
    acts = [one.act for one in ask.all(Event, Event.actor_id == county.service_manager.id)]
    assert [one for one in acts if one.endswith("investigation")] == ["ask_investigation", "take_investigation"]


@pytest.mark.rule("EV-5")
@pytest.mark.rule("EV-8")
def test_an_export_names_no_child_and_no_family(
    app: Flask, asked: tuple[UUID, str], sign_in: SignIn, county: County, ask: Ask
) -> None:
    staff = sign_in(county.service_manager)
    sign_in(county.manager).get(f"/staff/requests/{asked[0]}")
    make(staff, about="request", reference=asked[1])
    said = str(table(app, staff, last(ask)))
    for word in [*CALLUM.name.split(), str(CALLUM.birth_on)]:
        assert word not in said


@pytest.mark.rule("EV-5")
@pytest.mark.threat("T24")
def test_an_export_about_a_person_holds_what_they_did_and_saw(
    app: Flask, asked: tuple[UUID, str], sign_in: SignIn, county: County, ask: Ask
) -> None:
    staff = sign_in(county.service_manager)
    make(staff, about="person", person=str(county.officer_two.id))
    lines = table(app, staff, last(ask))[10:]
    assert [(line[1], line[5]) for line in lines] == [("look", "list")]
    assert lines[0][10] == f'["{asked[0]}"]', "the id that is no request of theirs is not in it"
    look = ask.one(AccessLog, AccessLog.act == Access.EXPORT, AccessLog.actor_id == county.service_manager.id)
    assert (look.request_id, look.ids, look.reason_code) == (None, [str(county.officer_two.id)], "misuse")


@pytest.mark.rule("EV-5")
@pytest.mark.threat("T24")
def test_past_the_cap_somebody_else_has_to_agree_and_never_the_one_who_asked(
    app: Flask, session: Session, asked: tuple[UUID, str], sign_in: SignIn, county: County, second: User, ask: Ask,
    house: House,
) -> None:  # fmt: skip
    many = house.settings.export_rows
    with transaction(session):
        session.add_all(
            AccessLog(
                wall=Wall.OPEN, at=NOW, actor_kind=ActorKind.USER, actor_id=county.officer.id, act=Access.VIEW,
                request_id=asked[0], ids=[],
            )
            for _ in range(many)
        )  # fmt: skip
    asker, other = sign_in(county.service_manager), sign_in(second)
    page = make(asker, about="request", reference=asked[1])
    path = last(ask)
    assert "a second service manager has to agree" in page.words and page.buttons == []
    assert raw(asker, f"{path}/file").status_code == 409
    assert asker.post(f"{path}/answer", agrees="yes").status == 409
    assert raw(other, f"{path}/file").status_code == 404
    assert "Waits for a second person" in other.get("/staff/trail").words
    assert other.get(path).buttons == ["Agree", "Refuse"]
    assert other.post(f"{path}/answer", agrees="yes").status == 302
    assert other.post(f"{path}/answer", agrees="no").status == 409
    assert raw(other, f"{path}/file").status_code == 404, "only the one who asked downloads it"
    assert len(table(app, asker, path)) > many
    assert [one.act for one in ask.all(Event, Event.actor_id == second.id)] == ["sign_in", "agree_investigation"]


@pytest.mark.threat("T24")
def test_a_refused_export_is_not_downloaded_and_the_one_it_is_about_may_not_agree(
    session: Session, sign_in: SignIn, county: County, second: User, ask: Ask, house: House
) -> None:
    with transaction(session):
        session.add_all(
            AccessLog(
                wall=Wall.OPEN, at=NOW, actor_kind=ActorKind.USER, actor_id=second.id, act=Access.LIST, ids=[]
            )
            for _ in range(house.settings.export_rows + 1)
        )  # fmt: skip
    asker = sign_in(county.service_manager)
    make(asker, about="person", person=str(second.id))
    path = last(ask)
    assert sign_in(second).post(f"{path}/answer", agrees="yes").status == 409
    third = make_user(session, "Owen Tarrant", (session.get_one(Team, county.desk), Role.SERVICE_MANAGER))
    assert sign_in(third).post(f"{path}/answer", agrees="no").status == 302
    assert raw(asker, f"{path}/file").status_code == 409
    assert "It was refused. Ask for fewer days, or talk to Owen Tarrant." in asker.get(path).words


@pytest.mark.threat("T24")
def test_an_export_that_grew_past_the_cap_meanwhile_needs_a_second_person(
    session: Session, asked: tuple[UUID, str], sign_in: SignIn, county: County, ask: Ask, house: House
) -> None:
    asker = sign_in(county.service_manager)
    make(asker, about="request", reference=asked[1])
    with transaction(session):
        session.add_all(
            AccessLog(wall=Wall.OPEN, at=NOW, actor_kind=ActorKind.SYSTEM, act=Access.VIEW, request_id=asked[0], ids=[])
            for _ in range(house.settings.export_rows)
        )
    assert raw(asker, f"{last(ask)}/file").status_code == 409
    assert "a second service manager has to agree" in asker.get(last(ask)).words


@pytest.mark.threat("T24")
@pytest.mark.rule("EV-5")
def test_exports_are_for_service_managers_alone(sign_in: SignIn, county: County, asked: tuple[UUID, str]) -> None:
    for user in (county.officer, county.manager, county.social_worker, county.administrator):
        staff = sign_in(user)
        assert staff.get("/staff/trail").status == 404
        assert staff.get("/staff/trail/export").status == 404
        assert "/staff/trail" not in staff.get("/staff/").html


@pytest.mark.rule("SE-5")
def test_nothing_from_behind_the_wall_is_in_an_export(
    app: Flask, session: Session, asked: tuple[UUID, str], sign_in: SignIn, county: County, ask: Ask
) -> None:
    inside = make_request(session, wall=Wall.SENDIASS)
    reference, inside_id = inside.reference, inside.id
    with transaction(session):
        record(session, Stream("request", inside_id), "open", by=county.officer.actor, now=NOW)
    log_access(session, Access.VIEW, by=county.officer.actor, now=NOW, request_id=inside_id, wall=Wall.SENDIASS)
    staff = sign_in(county.service_manager)
    refused = staff.post("/staff/trail/export", **(DAY | {"about": "request", "reference": reference}))
    unknown = staff.post("/staff/trail/export", **(DAY | {"about": "request", "reference": "K7RM4TXC"}))
    assert refused.status == unknown.status == 200
    assert refused.errors == unknown.errors == ["Enter the reference of a request that you can open, like K7RM-4TXC"]
    make(staff, about="person", person=str(county.officer.id))
    said = str(table(app, staff, last(ask)))
    assert asked[1] in said and reference not in said and str(inside_id) not in said


@pytest.mark.rule("EV-5")
def test_a_request_that_the_asker_may_not_see_is_not_in_an_export_about_a_person(
    app: Flask, session: Session, asked: tuple[UUID, str], sign_in: SignIn, county: County, ask: Ask
) -> None:
    with transaction(session):
        session.get_one(ServiceRequest, asked[0]).restricted = True
    staff = sign_in(county.service_manager)
    make(staff, about="person", person=str(county.officer.id))
    assert str(asked[0]) not in str(table(app, staff, last(ask)))


@pytest.mark.parametrize(
    ("posted", "says"),
    [
        ({"about": ""}, "Select what it is about"),
        ({"about": "request"}, "Enter the reference of the request"),
        ({"about": "person"}, "Select the person it is about"),
        ({"about": "person", "person": "00000000-0000-7000-8000-000000000000"}, "Select the person it is about"),
        ({"about": "request", "reference": "x", "reason": ""}, "Select why it is needed"),
        ({"about": "request", "reference": "x", "since": ["", "", ""]}, "Enter the first day"),
        ({"about": "request", "reference": "x", "until": ["31", "2", "2026"]}, "The last day must be a real date"),
        ({"about": "request", "reference": "=1+1"}, "Enter the reference of a request that you can open"),
    ],
)
def test_an_export_that_was_asked_for_half_says_what_to_do(
    posted: dict[str, Any], says: str, sign_in: SignIn, county: County, ask: Ask
) -> None:
    page = sign_in(county.service_manager).post("/staff/trail/export", **(DAY | posted))
    assert page.status == 200
    assert any(error.startswith(says) for error in page.errors), page.errors
    assert ask.all(Investigation) == []


def test_a_time_that_ends_before_it_begins_or_is_too_long_is_refused(
    asked: tuple[UUID, str], sign_in: SignIn, county: County
) -> None:
    staff = sign_in(county.service_manager)
    for since in (["18", "11", "2026"], ["1", "1", "2020"]):
        page = staff.post("/staff/trail/export", **(DAY | {"about": "request", "reference": asked[1], "since": since}))
        assert page.status == 409
        assert "Choose a last day that is not before the first one" in page.words


@pytest.mark.rule("EV-5")
def test_the_page_says_how_the_trail_stands_and_that_it_is_kept_nowhere_outside(
    app: Flask, session: Session, sign_in: SignIn, county: County, work: Callable[[], None]
) -> None:
    staff = sign_in(county.service_manager)
    before = staff.get("/staff/trail").words
    assert "Not yet" in before and "Nowhere" in before
    work()
    session.rollback()
    after = staff.get("/staff/trail").words
    assert "Sealed Not yet" in before and "Sealed Not yet" not in after


@pytest.mark.rule("SE-5")
def test_a_manager_of_sendiass_reads_who_looked_at_an_enquiry_and_nobody_outside_does(
    session: Session, asked: tuple[UUID, str], sign_in: SignIn, county: County
) -> None:
    team = make_team(session, "SENDIASS", TeamKind.SENDIASS, wall=Wall.SENDIASS)
    inside = make_user(session, "Nuala Keane", (team, Role.MANAGER))
    enquiry = make_request(session, wall=Wall.SENDIASS).id
    log_access(session, Access.VIEW, by=inside.actor, now=NOW, request_id=enquiry, wall=Wall.SENDIASS)
    page = sign_in(inside).get(f"/staff/requests/{enquiry}/looks")
    assert page.status == 200 and "Nuala Keane" in page.words
    assert sign_in(inside).get(f"/staff/requests/{asked[0]}/looks").status == 404
    for user in (county.manager, county.service_manager):
        assert sign_in(user).get(f"/staff/requests/{enquiry}/looks").status == 404
