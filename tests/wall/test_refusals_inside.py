"""What goes wrong for an adviser is in the log as having gone wrong, and not as an adviser's work (SE-5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from infrastructure.database import uuid7
from infrastructure.house import House
from tests.architecture.stage import Stage
from tests.factories import NOW
from tests.wall.test_nothing_through import logged

pytestmark = pytest.mark.rule("SE-5")


@pytest.fixture
def stage(app: Flask, session: Session, house: House, work: Callable[[], None]) -> Iterator[Stage]:
    with time_machine.travel(NOW, tick=False):
        yield Stage(app, session, house, work)


def test_the_log_of_a_refusal_does_not_name_the_page_of_an_adviser(stage: Stage) -> None:
    addresses = [f"/staff/enquiries/{uuid7()}", f"/staff/enquiries/{uuid7()}/share", f"/staff/held-back/{uuid7()}"]
    adviser, officer = stage.adviser, stage.officer
    for client, names_the_page in ((adviser, False), (officer, True)):
        with logged() as log:
            for address in addresses:
                assert stage.visit(client, "GET", address).response.status_code == 404
            assert stage.visit(client, "POST", f"/staff/enquiries/tasks/{uuid7()}/done").response.status_code >= 400
        lines = [json.loads(line) for line in log.getvalue().splitlines()]
        assert [line["event"] for line in lines] == ["refused"] * 4
        assert all(line["error_id"] and line["status"] for line in lines)
        assert [bool(line["endpoint"]) for line in lines] == [names_the_page] * 4
