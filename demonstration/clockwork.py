"""A clock moved by hand: stories told side by side in the order of time, and the worker at work between them."""

from __future__ import annotations

import heapq
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

from flask import Flask
from flask_mail import Mail
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from demonstration.phone import ask_carrier
from helpdesk.jobs import list_jobs
from infrastructure.calendar import LONDON, OfficeCalendar
from infrastructure.database import EITHER_SIDE
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.outbox import MessageState, OutboxMessage
from infrastructure.outbox.senders import MailSender
from infrastructure.texting.senders import text_senders
from service_request.models import AskedFor, Clock, Evaluation
from service_request.services.reports import take_report

# Of the trail, whole, and of the carrier's lists: the worker begins with them when the year is told.
EVERY_DAY = frozenset({"anchor", "check_trail", "read_carrier"})
AT_ONCE = timedelta(seconds=4)  # the worker looks every few seconds
ON_THE_AIR = timedelta(milliseconds=800)  # from the carrier to a phone
WRITTEN = re.compile(r'(?:INSERT INTO|UPDATE|DELETE FROM) "?(\w+)')
LOOKED_INTO = re.compile(r'(?:FROM|JOIN) "?(\w+)')


class World:
    """The county while its year is being told: the moment it is, who works there, and the worker."""

    def __init__(self, app: Flask, session: Session, house: House, *, now: datetime) -> None:
        self.session, self.house = session, house
        self.end = self.now = now
        self.users: dict[str, User] = {}
        senders = {"email": MailSender(Mail(app), house.settings), **text_senders(house.settings, lambda: self.now)}
        jobs = list_jobs(house, senders, lambda: self.now)
        self.jobs = [job for job in jobs if job.name not in EVERY_DAY]
        self._writes = 0
        self._last_write: dict[str, int] = {}  # of each table, by its name
        self._looks_into: dict[str, set[str]] = defaultdict(set)  # the tables of each job
        self._asked = ""  # the job that is looking for what is due
        event.listen(session.get_bind(), "before_cursor_execute", self._note)

    def _note(self, connection: object, cursor: object, statement: str, *_: object) -> None:
        if written := WRITTEN.match(statement):
            self._writes += 1
            self._last_write[written[1]] = self._writes
        elif self._asked:
            self._looks_into[self._asked].update(LOOKED_INTO.findall(statement))

    @property
    def calendar(self) -> OfficeCalendar:
        """Return the office calendar."""
        return self.house.calendar

    def user(self, first_name: str) -> User:
        """Return a member of staff, as signed in."""
        return self.users[first_name]

    def back(self, hours: float = 0, minutes: float = 0) -> datetime:
        """Return the moment that long before the end of the story, which is the present."""
        return self.end - timedelta(hours=hours, minutes=minutes)

    def day(self, days: int, at: str = "10:15") -> datetime:
        """Return a time of the office clock on the working day that many days back, or the one before it."""
        found = self.calendar.local_day(self.end) - timedelta(days=days)
        while not self.calendar.is_working_day(found):
            found -= timedelta(days=1)
        return _moment(found, at)

    def later(self, since: datetime, days: int, at: str = "10:15") -> datetime:
        """Return a time of the office clock that many working days after a moment."""
        found = self.calendar.add_working_days(self.calendar.local_day(since), days)
        return _moment(found, at)

    def born(self, years: int, months: int = 0, day: int = 14) -> date:
        """Return a birth date that makes a child that old at the end of the story, the same each time it is asked."""
        today = self.calendar.local_day(self.end)
        month = today.year * 12 + today.month - 1 - years * 12 - months - (day > today.day)
        return date(month // 12, month % 12 + 1, day)

    def due_in(self, weeks: int) -> date:
        """Return a date that lies ahead of the present moment of the story."""
        return self.calendar.local_day(self.now) + timedelta(weeks=weeks)

    def today(self, days_before: int = 0) -> date:
        """Return the date of the present moment of the story, or one before it."""
        return self.calendar.local_day(self.now) - timedelta(days=days_before)

    def tick(self, **some: float) -> None:
        """Let a little time pass inside a story."""
        self.now += timedelta(**some)

    def work(self) -> None:
        """Let the worker do all that is due, seconds after the act that called for it."""
        self.now += AT_ONCE
        idle_since: dict[str, int] = {}
        for _ in range(20):
            looked = False
            for job in self.jobs:
                if not self._may_have_work(job.name, idle_since.get(job.name, -1)):
                    continue
                looked, self._asked = True, job.name
                found = job.list_due(self.session, self.now)
                self._asked = ""
                for row_id in found:
                    job.run(self.session, row_id)
                idle_since[job.name] = -1 if found else self._writes
            if not looked:
                self._hear_of_texts()
                return
        raise RuntimeError("the worker's work has no end")

    def _may_have_work(self, job: str, idle_since: int) -> bool:
        """Tell whether a table that a job looks into was written since it last had nothing to do."""
        return idle_since < 0 or any(self._last_write.get(table, 0) > idle_since for table in self._looks_into[job])

    def _hear_of_texts(self) -> None:
        """Let the carrier tell that each text it took has reached its phone, and have it where the story is in time."""
        query = select(OutboxMessage.carrier_id, OutboxMessage.wall).where(
            OutboxMessage.wall.in_(EITHER_SIDE),
            OutboxMessage.channel != "email",
            OutboxMessage.state == MessageState.SENT,
            OutboxMessage.carrier_id.is_not(None),
        )
        found = [(str(row.carrier_id), row.wall) for row in self.session.execute(query)]
        self.session.rollback()
        for sid, wall in found:
            self.now += ON_THE_AIR
            take_report(self.session, carrier_id=sid, status="delivered", code=None, wall=wall, now=self.now)
            told = {"sid": sid, "At": self.now.isoformat(), "Status": "delivered"}
            ask_carrier(self.house.settings, "/play/past", told)

    def pass_until(self, moment: datetime) -> None:
        """Move the clock on, stopping wherever a promise or a message comes due with nobody there."""
        while (due := self._next_due()) is not None and due < moment:
            self.now = max(self.now, due)
            self.work()
        self.now = max(self.now, moment)

    def _next_due(self) -> datetime | None:
        found = [
            self.session.scalars(select(func.min(column))).one()
            for column in (Clock.next_act_at, OutboxMessage.next_at, Evaluation.next_at, AskedFor.next_chase_at)
        ]
        self.session.rollback()
        return min((at for at in found if at is not None), default=None)


def _moment(day: date, at: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(at), LONDON).astimezone(UTC)


Story = Callable[[World], Iterator[datetime]]


def tell(world: World, stories: list[Story]) -> None:
    """Tell every story up to the present. A story is a generator: it yields the moment at which it goes on."""
    order = count()
    waiting: list[tuple[datetime, int, Iterator[datetime]]] = []

    def go_on(told: Iterator[datetime]) -> None:
        moment = next(told, None)
        if moment is not None and moment <= world.end:
            heapq.heappush(waiting, (moment, next(order), told))

    for story in stories:
        go_on(story(world))
    while waiting:
        moment, _, told = heapq.heappop(waiting)
        world.pass_until(moment)
        go_on(told)
        world.work()
    world.pass_until(world.end)
