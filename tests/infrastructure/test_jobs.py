"""The worker finds what is due with nobody asking, on either store of jobs, and a failure reaches a person."""

from __future__ import annotations

import gc
import threading
import time
import warnings
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from infrastructure.database import uuid7
from infrastructure.house import House
from infrastructure.jobs import Job, Worker, lead_and_work
from infrastructure.settings import Settings
from tests.plugins.house import Postgresql, Sqlite

pytestmark = [pytest.mark.storage, pytest.mark.filterwarnings("ignore:.*psycopg.Connection.*:ResourceWarning")]


class Rows:
    """What is due, as a table would say it: a row stays due until its job marks it."""

    def __init__(self, *failing: UUID) -> None:
        self.due: set[UUID] = set()
        self.done: list[UUID] = []
        self.alerts: list[UUID] = []
        self.failing = set(failing)
        self.lock = threading.Lock()

    def job(self) -> Job:
        return Job("count", self.list_due, self.run, lambda session, name, row, wall: self.alerts.append(row))

    def list_due(self, session: Session, now: datetime) -> list[UUID]:
        with self.lock:
            return sorted(self.due)

    def run(self, session: Session, row: UUID) -> None:
        with self.lock:  # claimed, as every job does: a sweep may have listed it just before it was done
            if row not in self.due:
                return
            self.due.remove(row)
        if row in self.failing:
            raise ZeroDivisionError
        self.done.append(row)


@pytest.fixture
def settings(house: House, database: Sqlite | Postgresql, tmp_path: Path) -> Settings:
    """Settings whose jobs are kept where an installation on this database keeps them."""
    store = database.url("test") if isinstance(database, Postgresql) else str(tmp_path / "jobs.sqlite")
    return house.settings.model_copy(update={"jobs_url": store, "sweep_seconds": 0.05})


def until(done: object, seconds: float = 15.0) -> None:
    """Wait for a callable to be true."""
    deadline = time.monotonic() + seconds
    while not done() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.02)
    assert done()  # type: ignore[operator]


@pytest.fixture(autouse=True)
def _left_to_the_collector() -> Iterator[None]:
    """Huey leaves the connection of each of its threads to the collector; let it collect them here, unremarked."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture
def worker(app: Flask, settings: Settings, rows: Rows) -> Iterator[Worker]:
    made = Worker(app, settings, lambda: [rows.job()], threads=2)
    yield made
    made.stop()


def test_what_becomes_due_is_done_once_with_nobody_asking(worker: Worker, rows: Rows) -> None:
    worker.start()
    wanted = {uuid7() for _ in range(20)}
    with rows.lock:
        rows.due |= wanted
    until(lambda: set(rows.done) == wanted)
    assert len(rows.done) == 20


def test_a_job_that_fails_reaches_a_person_and_the_others_go_on(worker: Worker, rows: Rows) -> None:
    bad, good = uuid7(), uuid7()
    rows.failing.add(bad)
    rows.due |= {bad, good}
    worker.start()
    until(lambda: rows.alerts == [bad] and rows.done == [good])


def test_a_worker_that_is_told_to_stop_ends_the_sweep_that_is_under_way(app: Flask, settings: Settings) -> None:
    rows, looking, ended = Rows(), threading.Event(), threading.Event()

    def list_slowly(session: Session, now: datetime) -> list[UUID]:
        looking.set()
        time.sleep(1.5)  # longer than the threads take to end
        ended.set()
        return []

    worker = Worker(app, settings, lambda: [Job("count", list_slowly, rows.run, rows.job().alert)], threads=1)
    worker.start()
    assert looking.wait(15.0)
    worker.stop()
    assert ended.is_set()
    assert worker.sweeper is not None
    assert not worker.sweeper.is_alive()


def test_of_two_web_processes_one_leads_and_works(app: Flask, settings: Settings, rows: Rows, tmp_path: Path) -> None:
    workers = [Worker(app, settings, lambda: [rows.job()], threads=1) for _ in range(2)]
    for one in workers:
        lead_and_work(one, tmp_path / "worker.lock")
    row = uuid7()
    rows.due.add(row)
    until(lambda: rows.done == [row])
    leading = [one for one in workers if one.consumer.scheduler is not None and one.consumer.scheduler.is_alive()]
    for one in workers:
        one.stopping.set()
    for one in leading:
        one.stop()
    assert len(leading) == 1
    until(lambda: "leader" not in {thread.name for thread in threading.enumerate()})
