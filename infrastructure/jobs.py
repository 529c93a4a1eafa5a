"""Work that nobody waits for: the sweeper finds rows that are due, Huey's threads run them.

Our own rows are the truth: a job lost with its process is found again by the next sweep (recovery under 30 s).
"""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import EITHER_SIDE, Wall, db, utc_now
from infrastructure.settings import Settings

log = structlog.get_logger("jobs")


@dataclass(frozen=True)
class Job:
    """A kind of work: which rows are due, and what to do with one. `run` claims its row; a repeat is harmless."""

    name: str
    list_due: Callable[[Session, datetime], list[UUID]]
    run: Callable[[Session, UUID], None]
    alert: Callable[[Session, str, UUID, Wall], None]  # a failure reaches a person on that side of the wall
    table: type[Any] | None = None  # of the rows, where each stands on one side of the wall


def make_huey(settings: Settings) -> Any:
    """Return the queue: a SQLite file of its own, or PostgreSQL past one machine."""
    from huey import PostgresHuey, SqliteHuey  # with all it needs (8 MB), only where somebody works

    if settings.jobs_url.startswith("postgresql"):
        return PostgresHuey("frontdoor", dsn=settings.jobs_url.replace("+psycopg", ""), results=False)
    path = settings.jobs_url or str(settings.instance_dir / "jobs.sqlite")
    return SqliteHuey("frontdoor", filename=path, results=False)


class Worker:
    """Sweeper and consumer, in one process."""

    def __init__(self, app: Flask, settings: Settings, list_jobs: Callable[[], list[Job]], threads: int = 4) -> None:
        self.app, self.settings, self.list_jobs = app, settings, list_jobs
        self.threads = threads
        self.stopping = threading.Event()
        self.under_way: dict[tuple[str, UUID], float] = {}
        self.sweeper: threading.Thread | None = None

    @cached_property
    def jobs(self) -> dict[str, Job]:
        """Return each kind of work by its name, found when somebody first works here."""
        return {job.name: job for job in self.list_jobs()}

    @cached_property
    def consumer(self) -> Any:
        """Return Huey's threads; they leave the process's signal handlers alone."""
        from huey.consumer import Consumer

        made = Consumer(self.huey, workers=self.threads, periodic=False, initial_delay=0.05, max_delay=0.5)
        made._set_signal_handlers = lambda: None
        return made

    @cached_property
    def huey(self) -> Any:
        """Return the queue, opened when it is first used."""
        return make_huey(self.settings)

    @cached_property
    def task(self) -> Any:
        """Return what puts one row into the queue."""
        return self.huey.task()(self._run)

    def sweep(self) -> int:
        """Find what is due and hand it to the threads; return how many."""
        found = 0
        with self.app.app_context():
            for job in self.jobs.values():
                try:
                    for row_id in job.list_due(db.session(), utc_now()):
                        found += self._enqueue(job.name, row_id)
                except Exception:
                    log.exception("sweep_failed", job=job.name)
                finally:
                    db.session.remove()
        return found

    def _enqueue(self, name: str, row_id: UUID) -> int:
        since = self.under_way.get((name, row_id))
        if since is not None and time.monotonic() - since < self.settings.lease_seconds:
            return 0
        self.under_way[name, row_id] = time.monotonic()
        self.task(name, str(row_id))
        return 1

    def _run(self, name: str, row_id: str) -> None:
        key = UUID(row_id)
        with self.app.app_context():
            try:
                self.jobs[name].run(db.session(), key)
            except Exception as error:
                self._alert(name, key, error)
            finally:
                db.session.remove()
                self.under_way.pop((name, key), None)

    def _alert(self, name: str, key: UUID, failed: Exception) -> None:
        """Have a person hear of it; of a row inside the wall no log says that it is there (SE-5)."""
        try:
            session, job = db.session(), self.jobs[name]
            session.rollback()
            wall = _side_of(session, job.table, key)
            if wall is Wall.OPEN:
                log.error("job_failed", job=name, row=str(key), error=type(failed).__name__)
            job.alert(session, name, key, wall)
        except Exception:
            log.exception("alert_failed", job=name)

    def start(self) -> None:
        """Start the threads and return."""
        assert self.task is not None  # known to the queue before anything is taken from it
        assert self.jobs is not None  # found once, before several threads look for them
        self.consumer.start()
        self.sweeper = threading.Thread(target=self._sweep_for_ever, name="sweeper", daemon=True)
        self.sweeper.start()
        log.info("worker_started")

    def _sweep_for_ever(self) -> None:
        while not self.stopping.wait(self.settings.sweep_seconds):
            self.sweep()

    def stop(self) -> None:
        """Stop after what is under way: the sweep, then each job."""
        self.stopping.set()
        if self.sweeper is not None:
            self.sweeper.join()
        self.consumer.stop(graceful=True)

    def run_here(self) -> None:
        """Run until told to stop (SIGTERM, SIGINT): the worker as a process of its own."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        self.start()
        self.stopping.wait()
        self.stop()

    def run_all_due(self, rounds: int = 20) -> None:
        """Do everything that is due in this thread, until nothing is; for the demonstration's making and tests."""
        for _ in range(rounds):
            done = 0
            for job in self.jobs.values():
                with self.app.app_context():
                    due = job.list_due(db.session(), utc_now())
                for row_id in due:
                    self._run(job.name, str(row_id))
                    done += 1
            if not done:
                return


def _side_of(session: Session, table: type[Any] | None, key: UUID) -> Wall:
    if table is None:
        return Wall.OPEN
    found = session.scalars(select(table.wall).where(table.wall.in_(EITHER_SIDE), table.id == key)).one_or_none()
    return found or Wall.OPEN


def lead_and_work(worker: Worker, lock_path: Path) -> None:
    """Run the worker inside one of several web processes: the one that holds the lock; another when it dies."""

    def wait_for_lock() -> None:
        descriptor = os.open(lock_path, os.O_RDWR | os.O_CREAT, 0o600)
        while not worker.stopping.is_set():
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                worker.stopping.wait(1.0)
                continue
            worker.start()
            return
        os.close(descriptor)

    threading.Thread(target=wait_for_lock, name="leader", daemon=True).start()
