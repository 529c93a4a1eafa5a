"""Texts to the front door: by the webhook, signed, and understood by the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from infrastructure.database import Wall
from infrastructure.outbox import OutboxMessage
from service_request.models import Arrival, Conversation, Enquiry, Message, ServiceRequest, Task
from tests.factories import NOW
from tests.texting import MOTHER, deliver, text

STORY = "school wont let my son Tadhg in, dont know what to do"


class Phone:
    """Somebody with a phone: what they text goes through the webhook, and the clock moves on as they type."""

    def __init__(self, client: FlaskClient, session: Session, clock: Any, number: str) -> None:
        self.client, self.session, self.clock, self.number = client, session, clock, number
        self.work: Callable[[], None] = client.application.extensions["worker"].run_all_due

    def send(self, body: str, **more: str) -> None:
        """Send a text; nobody has understood it yet."""
        self.wait(1)
        answer = deliver(self.client, text(body, **{"From": self.number, **more}))
        assert (answer.status_code, answer.mimetype) == (200, "text/xml"), answer.text

    def say(self, *bodies: str, **more: str) -> list[str]:
        """Send texts, let the worker do all that is due, and return what it owed this number for them."""
        before = {row.id for row in self.owed()}
        for body in bodies:
            self.send(body, **more)
        self.wait(1)
        self.work()
        return [row.body["text"] for row in self.owed() if row.id not in before]

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.shift(timedelta(seconds=seconds))

    def owed(self) -> list[OutboxMessage]:
        """Return the texts that were owed to this number, the oldest first."""
        self.session.rollback()
        rows = self.session.scalars(select(OutboxMessage).order_by(OutboxMessage.owed_at, OutboxMessage.id))
        return [row for row in rows if row.to == self.number]

    def rows(self, model: type[Any]) -> list[Any]:
        """Return every row of a table, as it stands now."""
        self.session.rollback()
        self.session.expire_all()
        return list(self.session.scalars(select(model).order_by(model.id)))

    @property
    def thread(self) -> Conversation:
        (row,) = self.rows(Conversation)
        return row

    @property
    def request(self) -> ServiceRequest:
        (row,) = self.rows(ServiceRequest)
        return row

    @property
    def enquiry(self) -> Enquiry:
        (row,) = self.rows(Enquiry)
        return row

    def said(self) -> list[tuple[str, str]]:
        """Return the messages of everybody, in the order in which a person reads them."""
        rows = sorted(self.rows(Message), key=lambda row: (row.at, row.id))
        return [(row.direction.value, row.body or "") for row in rows]

    def tasks(self) -> list[str]:
        """Return the kinds of task that stand, all on one side of the wall."""
        return sorted(row.kind.value for row in self.rows(Task))

    def arrivals(self) -> list[str]:
        """Return what became of each text, in the order in which they were sent."""
        rows = sorted(self.rows(Arrival), key=lambda row: (row.received_at, row.id))
        return [row.disposition.value for row in rows]

    def sides(self) -> set[Wall]:
        """Return on which sides of the wall anything stands that these texts made."""
        tables = (Arrival, Conversation, ServiceRequest, Message, OutboxMessage, Task, Enquiry)
        return {row.wall for model in tables for row in self.rows(model)}


@pytest.fixture
def clock() -> Iterator[Any]:
    """Tuesday at nine, until somebody moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def phone(client: FlaskClient, session: Session, clock: Any) -> Phone:
    """A mother's phone."""
    return Phone(client, session, clock, MOTHER)


@pytest.fixture
def another(client: FlaskClient, session: Session, clock: Any) -> Callable[[str], Phone]:
    """Somebody else's phone."""
    return lambda number: Phone(client, session, clock, number)
