"""One county on a fresh database with a clock of its own, and the one way in which anything is done in it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from infrastructure.database import Wall, db
from infrastructure.house import House
from infrastructure.identity.users import User
from service_request.domain.errors import DomainError
from tests.factories import NOW, Child, County, make_county, make_request
from tests.lifecycle.dying import DONE, KILLED, run_and_die
from tests.lifecycle.invariants import check_all
from tests.lifecycle.records import Records
from tests.plugins.house import Mailbox, Postgresql, Sqlite

INSIDE = Child("Callum Hartley")  # SENDIASS knows a child of the same name and birthday


@dataclass
class Ground:
    """What every example stands on: the application, its database server, its mailbox, a folder."""

    app: Flask
    database: Sqlite | Postgresql
    mailbox: Mailbox
    folder: Path
    done: Counter[str] = field(default_factory=Counter)  # how often each act was done, over all examples
    refused: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)


class Town:
    """The people, their requests, and the moment it is."""

    def __init__(self, ground: Ground, clock: time_machine.Traveller) -> None:
        self.ground, self.clock = ground, clock
        self.now = NOW
        clock.move_to(self.now)
        db.session.remove()
        db.engine.dispose()
        ground.database.fresh()
        ground.mailbox.clear()
        self.chance = random.Random(7)
        self.county: County = make_county(self.session)
        self.inside: UUID = make_request(self.session, children=[INSIDE], wall=Wall.SENDIASS, pathway="sendiass").id
        self.records = Records(self.session)

    @property
    def session(self) -> Session:
        """Return the session of the moment: a process that died took none of it with it."""
        return db.session()

    @property
    def house(self) -> House:
        """Return what services are handed."""
        made: House = self.ground.app.extensions["house"]
        return made

    @property
    def people(self) -> tuple[User, ...]:
        """Return everybody who may try anything."""
        c = self.county
        return (
            c.officer, c.officer_two, c.manager, c.manager_aldermoor, c.service_manager, c.social_worker,
            c.locality_worker, c.administrator,
        )  # fmt: skip

    def do(self, name: str, act: Callable[..., Any], dies: str | None, /, *, must: bool = False, **values: Any) -> Any:
        """Do one act, or let its process die in it; then everything that must hold is looked at.

        An act that is refused changes nothing; one that `must` be taken is not refused. Return what the act returned.
        """
        given = {"now": self.now, **values}
        result = None
        before = self.records.trace()
        is_refused = False
        if dies is None:
            try:
                result = act(self.session, **given)
                self.ground.done[name] += 1
            except DomainError:
                if must:
                    raise
                self.session.rollback()
                self.ground.refused[name] += 1
                is_refused = True
        else:
            code = run_and_die(lambda: act(db.session(), **given), dies, self.ground.folder / "said")
            self.ground.killed[name] += code == KILLED
            self.ground.done[name] += code == DONE
        self.look(seconds=self.chance.randint(1, 90))
        if is_refused:
            assert self.records.trace() == before, f"{name} was refused, and changed something"
        return result

    def look(self, seconds: int = 1) -> None:
        """Let some seconds pass, read everything anew, and hold it against the rules."""
        self.now += timedelta(seconds=seconds)
        self.clock.move_to(self.now)
        self.records = Records(self.session)
        check_all(self.records, inside=self.inside, now=self.now)

    def wait(self, hours: float, dies: str | None = None) -> None:
        """Let hours pass with nobody there but the worker, who may die in the middle and is started again."""
        self.now += timedelta(hours=hours)
        self.clock.move_to(self.now)
        worker = self.ground.app.extensions["worker"]
        if dies is not None:
            code = run_and_die(worker.run_all_due, dies, self.ground.folder / "said")
            self.ground.killed["worker"] += code == KILLED
            self.look(self.house.settings.lease_seconds + 1)
        self.session.rollback()
        worker.run_all_due()
        self.ground.done["wait"] += 1
        self.look()

    def at(self) -> datetime:
        """Return the moment it is."""
        return self.now
