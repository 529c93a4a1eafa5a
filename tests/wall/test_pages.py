"""The pages of the wall over HTTP: handing over as an officer, and the adviser's desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.outbox import Letter, owe
from infrastructure.trail import Access, AccessLog
from service_request.models import RequestLink, ServiceRequest
from tests.architecture.stage import Stage, Visit
from tests.architecture.test_routes import _token
from tests.factories import NOW

pytestmark = pytest.mark.rule("SE-5")
SHARE: dict[str, Any] = {
    "urgency": "urgent",
    "concern": "A boy is alone each evening.",
    "told": "yes",
    "reason": "He may come to harm.",
}


@pytest.fixture
def stage(app: Flask, session: Session, house: House, work: Callable[[], None]) -> Iterator[Stage]:
    with time_machine.travel(NOW, tick=False):
        yield Stage(app, session, house, work)


def post(stage: Stage, client: FlaskClient, address: str, **posted: Any) -> Visit:
    return stage.visit(client, "POST", address, {**posted, "csrf_token": _token(stage, client)})


def looks(stage: Stage, request_id: UUID) -> list[tuple[Access, Wall]]:
    stage.session.rollback()
    return [(row.act, row.wall) for row in stage.session.scalars(select(AccessLog)) if row.request_id == request_id]


def test_an_officer_hands_over_and_sees_the_last_page_of_it(stage: Stage) -> None:
    request_id = stage.family_call
    address = f"/staff/requests/{request_id}"
    assert "Hand over to SENDIASS" in stage.visit(stage.officer, "GET", address).response.text
    kept = post(stage, stage.officer, f"{address}/hand-over", sure="no")
    assert kept.response.location == address
    done = post(stage, stage.officer, f"{address}/hand-over", sure="yes")
    assert done.response.location == "/staff/handed-over?told=yes"
    last = stage.visit(stage.officer, "GET", done.response.location).response.text
    assert "you cannot either" in last and "Tadhg" not in last and str(request_id) not in last
    for client in (stage.officer, stage.manager, stage.staff(stage.county.service_manager)):
        for place in ("", "/looks", "/hand-over", "/call"):
            assert stage.visit(client, "GET", address + place).status == 404
    assert post(stage, stage.officer, f"{address}/hand-over", sure="yes").status == 404


def test_a_page_that_was_open_for_too_long_hands_nothing_over(stage: Stage) -> None:
    request_id = stage.family_call
    stale = stage.visit(stage.officer, "POST", f"/staff/requests/{request_id}/hand-over", {"sure": "yes"})
    assert stale.status == 400 and "This page was open for too long" in stale.response.text
    assert stage.session.get_one(ServiceRequest, request_id).wall is Wall.OPEN


def test_what_changed_meanwhile_is_shown_before_it_is_handed_over(stage: Stage) -> None:
    address = f"/staff/requests/{stage.family_call}"
    page = stage.visit(stage.officer, "GET", f"{address}/hand-over").response.text
    version = page.split('name="version"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    post(stage, stage.officer, f"{address}/claim")
    refused = post(stage, stage.officer, f"{address}/hand-over", sure="yes", version=version)
    assert refused.status == 409 and "What happened meanwhile" in refused.response.text


def test_an_adviser_comes_to_the_list_and_opens_what_was_handed_over(stage: Stage) -> None:
    request_id = stage.enquiry
    stage.work()
    home = stage.visit(stage.adviser, "GET", "/staff/")
    assert home.response.location == "/staff/enquiries"
    listed = stage.visit(stage.adviser, "GET", "/staff/enquiries").response.text
    assert f"/staff/enquiries/{request_id}" in listed and "Tadhg Corrigan" in listed
    page = stage.visit(stage.adviser, "GET", f"/staff/enquiries/{request_id}").response.text
    for words in ("Mairead Corrigan", "his place", "07700 900888", "letter.txt", "Handed over to SENDIASS by Grace"):
        assert words in page
    assert (Access.VIEW, Wall.SENDIASS) in looks(stage, request_id)
    assert post(stage, stage.adviser, f"/staff/enquiries/{request_id}/printed").status == 204
    assert (Access.PRINT, Wall.SENDIASS) in looks(stage, request_id)
    letter = stage.visit(stage.adviser, "GET", f"/staff/enquiries/{request_id}/files/{stage.enquiry_file}")
    assert letter.status == 200 and b"half term" in letter.response.data
    letter.response.close()


def test_an_adviser_sees_nothing_of_the_open_side(stage: Stage) -> None:
    request_id, _ = stage.received, stage.enquiry
    for place in ("/staff/queue", f"/staff/requests/{request_id}", f"/staff/enquiries/{request_id}", "/staff/people"):
        assert stage.visit(stage.adviser, "GET", place).status == 404, place


def test_an_adviser_shares_a_concern_and_reads_of_it_inside(stage: Stage) -> None:
    address = f"/staff/enquiries/{stage.enquiry}"
    empty = post(stage, stage.adviser, f"{address}/share", concern="A boy is alone each evening.")
    for sentence in ("Select the team that must have it", "Select whether they know", "Enter why you share it"):
        assert sentence in empty.response.text
    assert "A boy is alone each evening." in empty.response.text
    whole = {**SHARE, "team": str(stage.county.desk), "share_id": str(uuid4())}
    stale = stage.visit(stage.adviser, "POST", f"{address}/share", whole)
    assert stale.status == 400 and "A boy is alone each evening." in stale.response.text
    for _ in range(2):  # pressed twice
        done = post(stage, stage.adviser, f"{address}/share", **whole)
        assert done.response.location == f"{address}?done=shared"
    page = stage.visit(stage.adviser, "GET", done.response.location).response.text
    assert "He may come to harm." in page and "Shared with Helpdesk as" in page
    link = stage.one(select(RequestLink))
    outside = stage.visit(stage.officer, "GET", f"/staff/requests/{link.to_id}").response.text
    assert "A boy is alone each evening." in outside and "Shared by SENDIASS" in outside
    assert "He may come to harm." not in outside and "Corrigan" not in outside
    task = stage.visit(stage.officer, "GET", "/staff/tasks/shared").response.text
    assert f"/staff/requests/{link.to_id}" in task
    assert stage.visit(stage.adviser, "GET", f"/staff/requests/{link.to_id}").status == 404
    assert stage.visit(stage.adviser, "GET", f"/staff/enquiries/{link.to_id}").status == 404


def test_what_fails_inside_is_on_the_advisers_list_until_it_is_done(stage: Stage) -> None:
    task_id = stage.inside_task
    assert "To look into" in stage.visit(stage.adviser, "GET", "/staff/enquiries").response.text
    assert post(stage, stage.officer, f"/staff/tasks/{task_id}/done").status == 404
    assert post(stage, stage.adviser, f"/staff/enquiries/tasks/{task_id}/done").status == 302
    assert "To look into" not in stage.visit(stage.adviser, "GET", "/staff/enquiries").response.text


def test_an_adviser_reads_what_the_outgoing_guard_held_back_and_nobody_else_does(stage: Stage) -> None:
    request_id, letter = stage.enquiry, Letter("passed_on", "Request", "What Tadhg Corrigan needs was passed on.")
    cause = uuid4()
    with transaction(stage.session):
        about = ("request", request_id)
        row = owe(stage.session, letter, to="x@y.example", cause=cause, about=about, now=NOW, wall=Wall.SENDIASS)
        row_id = row.id
    stage.work()
    address = f"/staff/held-back/{row_id}"
    assert address in stage.visit(stage.adviser, "GET", "/staff/enquiries").response.text
    page = stage.visit(stage.adviser, "GET", address).response.text
    assert "What was caught" in page and f"/staff/enquiries/{request_id}" in page
    assert stage.visit(stage.officer, "GET", address).status == 404
    done = post(stage, stage.adviser, address, **{"act": "cancel", "cancel-reason": "Rang her."})
    assert done.response.location == f"/staff/enquiries/{request_id}?done=cancelled"
    assert address not in stage.visit(stage.adviser, "GET", "/staff/enquiries").response.text
