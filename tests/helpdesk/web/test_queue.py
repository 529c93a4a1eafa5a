"""The queue: what is due first, who may see it, and what it costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from infrastructure.trail import Access, AccessLog
from service_request.domain.references import format_reference
from service_request.domain.states import RequestState
from service_request.models import ServiceRequest, TaskKind
from service_request.services.sight.queue import list_queue
from service_request.services.sight.queue_views import Place, Rank, View
from tests.factories import NOW, RYAN, County, make_request, make_waiting
from tests.helpdesk.conftest import Ask
from tests.helpdesk.web.conftest import Queries, SignIn
from tests.helpdesk.web.walking import Staff


def test_each_role_lands_on_the_first_page_of_its_work(sign_in: SignIn, county: County) -> None:
    lands = {
        county.officer: "/staff/queue",
        county.manager: "/staff/queue?view=decision",
        county.service_manager: "/staff/queue",
        county.locality_worker: "/staff/sent-to-us",
        county.administrator: "/staff/people",
    }
    for user, place in lands.items():
        staff = sign_in(user)
        assert staff.get("/staff/").location == place, user.name
        assert staff.follow(staff.get("/staff/")).status == 200


def test_the_queue_is_grouped_by_the_time_left_danger_first(officer: Staff, session: Session, county: County) -> None:
    rows = {
        "late": make_request(session, received_at=NOW - timedelta(hours=25)),
        "today": make_request(session, received_at=NOW - timedelta(hours=20)),
        "tomorrow": make_request(session, received_at=NOW - timedelta(hours=1)),
        "danger": make_request(session, received_at=NOW - timedelta(minutes=4), urgency="danger"),
    }
    page = officer.get("/staff/queue")
    refs = [format_reference(rows[name].reference) for name in ("danger", "late", "today", "tomorrow")]
    places = [page.words.index(text) for text in ("Look now (1)", "Overdue (1)", "Due today (1)", "Due tomorrow (1)")]
    assert places == sorted(places)
    assert [page.words.index(one) for one in refs] == sorted(page.words.index(one) for one in refs)
    assert "1 h late since 08:00" in page.words
    assert "4 requests, the least time left first. 1 overdue, 1 to look at now." in page.words


def test_a_row_shows_the_child_who_asked_the_worry_and_whether_the_family_knows(
    officer: Staff, session: Session, county: County
) -> None:
    make_request(session, received_at=NOW - timedelta(hours=20))
    words = officer.get("/staff/queue").words
    for one in ("Callum Hartley", "Brookfield Primary School", "Neglect", "Told: yes", "Received", "Nobody yet"):
        assert one in words
    assert "4 h today 13:00" in words


def test_an_empty_view_says_what_comes_here(officer: Staff) -> None:
    assert "Nothing is waiting. Each new request comes to this list." in officer.get("/staff/queue").words


@pytest.mark.rule("EV-5")
def test_a_manager_sees_the_requests_of_their_areas_only(sign_in: SignIn, session: Session, county: County) -> None:
    make_waiting(session, county)
    assert "Callum Hartley" in sign_in(county.manager).get("/staff/queue").words
    assert "Callum Hartley" not in sign_in(county.manager_aldermoor).get("/staff/queue").words


@pytest.mark.rule("EV-5")
def test_a_list_is_logged_with_what_was_on_it(officer: Staff, session: Session, county: County, ask: Ask) -> None:
    request = make_request(session)
    officer.get("/staff/queue")
    look = ask.one(AccessLog, AccessLog.act == Access.LIST)
    assert look.ids == [str(request.id)]
    assert look.actor_id == county.officer.id


def test_team_members_and_administrators_get_no_queue(sign_in: SignIn, county: County) -> None:
    for user in (county.locality_worker, county.administrator):
        assert sign_in(user).get("/staff/queue").status == 404


def test_who_is_not_signed_in_is_asked_to_sign_in_and_led_back(app: Any) -> None:
    page = Staff(app).get("/staff/queue")
    assert (page.status, page.location) == (302, "/staff/sign-in?next=/staff/queue")


def test_views_and_area_choose_what_is_listed(officer: Staff, session: Session, county: County) -> None:
    mine = make_request(session, assignee_id=county.officer.id, state=RequestState.IN_TRIAGE, area_id=county.teasel)
    other = make_request(session, children=[RYAN], area_id=county.aldermoor)
    asked = make_request(session, state=RequestState.AWAITING_INFORMATION)
    shown = {
        "view=open": (True, True, True),
        "view=mine": (True, False, False),
        "view=unclaimed": (False, True, True),
        "view=triage": (True, False, True),
        "view=waiting": (False, False, True),
        "view=decision": (False, False, False),
        "view=open&area=teasel_vale": (True, False, False),
        "view=open&area=none": (False, False, True),
        "view=nonsense": (True, True, True),
    }
    for query, expected in shown.items():
        words = officer.get(f"/staff/queue?{query}").words
        assert tuple(format_reference(one.reference) in words for one in (mine, other, asked)) == expected, query


def test_counts_stop_at_the_cap(officer: Staff, session: Session, county: County, monkeypatch: Any) -> None:
    monkeypatch.setattr("service_request.services.sight.waiting.COUNT_CAP", 2)
    monkeypatch.setattr("helpdesk.web.queue_rows.COUNT_CAP", 2)
    for _ in range(4):
        make_request(session)
    assert "All open 2+" in officer.get("/staff/queue").words


@pytest.mark.storage
def test_pages_of_the_queue_hold_every_request_once_and_in_order(
    session: Session, county: County, monkeypatch: Any
) -> None:
    monkeypatch.setattr("service_request.services.sight.queue.ROWS_A_PAGE", 3)
    made = [
        make_request(session, received_at=NOW - timedelta(hours=n // 2), urgency="danger" if n % 5 == 0 else "routine")
        for n in range(10)
    ]
    quiet = make_request(session, state=RequestState.IN_TRIAGE)
    quiet_id = quiet.id
    from infrastructure.database import transaction

    with transaction(session):
        session.get_one(ServiceRequest, quiet_id).next_due_at = None
    found, after = [], None
    for _ in range(9):
        page = list_queue(session, county.officer, view=View.OPEN, after=after)
        found += page.rows
        after = page.next_place
        if after is None:
            break
        after = Place.parse(str(after))
    assert len(found) == len({row.id for row in found}) == len(made) + 1
    assert [row.rank for row in found] == sorted(row.rank for row in found)
    assert found[-1].id == quiet_id and found[-1].rank is Rank.NO_CLOCK
    dues = [row.due_at for row in found if row.rank is Rank.DUE]
    assert dues == sorted(dues)


@pytest.mark.storage
def test_the_queue_is_read_with_four_queries(
    sign_in: SignIn, session: Session, county: County, queries: Queries
) -> None:
    for _ in range(5):
        make_request(session)
    staff = sign_in(county.officer)
    staff.get("/staff/queue")
    queries.statements.clear()
    assert staff.get("/staff/queue").status == 200
    assert len(queries.statements) == 4, queries.statements


def test_a_place_in_the_queue_that_nobody_gave_is_the_first_page(officer: Staff, county: County) -> None:
    for text in ("", "x", "1~~x", "9~~" + "0" * 32, "1~2026-11-17T09:00:00~" + "0" * 32, "'; drop table"):
        assert Place.parse(text) is None
        assert officer.client.get("/staff/queue", query_string={"after": text}).status_code == 200


def test_the_queue_links_only_to_pages_that_exist(officer: Staff, session: Session, county: County) -> None:
    import re

    make_request(session)
    page = officer.get("/staff/queue")
    for path in {one.replace("&amp;", "&") for one in re.findall(r'href="(/staff[^"#]*)"', page.html)}:
        assert officer.get(path).status in (200, 302), path


def test_every_kind_of_task_has_a_page(officer: Staff, county: County) -> None:
    for kind in TaskKind:
        assert officer.get(f"/staff/tasks/{kind}").status == 200
    assert officer.get("/staff/tasks/nonsense").status == 404
