"""A task is made once for each cause, and done by those it is for."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services.tasks import finish_task
from infrastructure.database import db, transaction, uuid7
from infrastructure.trail import Event
from service_request.models import Task, TaskKind
from service_request.services.refusals import NotYoursError
from service_request.services.tasks import doable_by, need_task
from tests.factories import NOW, County, make_county, make_request

pytestmark = pytest.mark.storage


@pytest.fixture
def county(session: Session) -> County:
    return make_county(session)


def need(session: Session, cause: str = "alert:1", **values: Any) -> Any:
    with transaction(session):
        need_task(session, TaskKind.ALERT, cause=cause, now=NOW, **values)
    task_id = session.scalars(select(Task.id).where(Task.cause == cause)).one()
    session.rollback()
    return task_id


@pytest.mark.rule("EV-3")
def test_one_cause_makes_one_task_however_often_it_is_met(app: Flask, session: Session) -> None:
    start = Barrier(4)

    def meet() -> None:
        with app.app_context():
            start.wait()
            try:
                need(db.session())
            finally:
                db.session.remove()

    threads = [Thread(target=meet) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(session.scalars(select(Task)).all()) == 1


def test_the_desk_does_its_own_tasks_and_a_team_its_own(session: Session, county: County) -> None:
    request = make_request(session)
    of_desk = need(session, "alert:1", request_id=request.id)
    of_team = need(session, "alert:2", request_id=request.id, team_id=county.locality)
    for task_id, user in (
        (of_desk, county.locality_worker),
        (of_desk, county.manager),
        (of_desk, county.administrator),
        (of_team, county.officer),
        (of_team, county.social_worker),
        (uuid7(), county.officer),
    ):
        with pytest.raises(NotYoursError):
            finish_task(session, task_id=task_id, by=user, now=NOW)
    finish_task(session, task_id=of_desk, by=county.officer, now=NOW)
    finish_task(session, task_id=of_team, by=county.locality_worker, now=NOW)
    finish_task(session, task_id=of_team, by=county.locality_worker, now=NOW + timedelta(hours=1))
    session.expire_all()
    assert session.get_one(Task, of_team).done_at == NOW
    done = session.scalars(select(Event).where(Event.act == "finish_task")).all()
    assert {event.actor_id for event in done} == {county.officer.id, county.locality_worker.id}


def test_each_sees_in_a_list_what_they_may_do(session: Session, county: County) -> None:
    of_desk, of_team = need(session, "alert:1"), need(session, "alert:2", team_id=county.locality)

    def listed(user: Any) -> set[Any]:
        return set(session.scalars(select(Task.id).where(doable_by(user))))

    assert listed(county.officer) == listed(county.service_manager) == {of_desk}
    assert listed(county.locality_worker) == {of_team}
    assert listed(county.manager) == listed(county.social_worker) == set()
