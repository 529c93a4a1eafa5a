"""Any sequence of messages, repeated and shuffled, leaves every word stored and one open enquiry at most (EV-1, EV-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from infrastructure.database import Wall, db, transaction, utc_now
from infrastructure.house import House
from service_request.domain.inbound_text import read_text, write_raw
from service_request.domain.states import RequestState
from service_request.models import Arrival, Channel, Conversation, Disposition, Message, ServiceRequest
from service_request.pathways.sendiass.rules import TAKES_MESSAGES
from service_request.services.keep import NewArrival, keep
from service_request.services.understanding.understand import list_kept, understand
from tests.plugins.house import SENDIASS_NUMBER
from tests.texting import text

pytestmark = [pytest.mark.rule("EV-1"), pytest.mark.rule("EV-3"), pytest.mark.rule("SE-1"), pytest.mark.storage]
NUMBERS = ("+447700900811", "+447700900812", "60777")
WORDS = st.sampled_from(
    ["school wont let my son in", "1", "2", "no", "skip", "back", "start again", "STOP", "START", "HELP", "human",
     "hes 9", "sorry hes 8", "3rd of may 2012", "he is hitting me now", "dont text this number", "Dzień dobry, mój syn",
     "im a teacher", "", "👍", "mum", "WM4 2QT", "my kids are 7 and 9"]
)  # fmt: skip
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("text"), st.sampled_from(NUMBERS), st.one_of(WORDS, st.text(max_size=40)), st.integers(0, 9)),
        st.tuples(st.just("again"), st.integers(0, 30), st.just(""), st.just(0)),
        st.tuples(st.just("work"), st.just(0), st.just(""), st.just(0)),
        st.tuples(st.just("close"), st.just(0), st.just(""), st.just(0)),
    ),
    max_size=14,
)
NOT_HERE = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@NOT_HERE
@given(steps=STEPS)
def test_every_word_is_stored_and_one_enquiry_is_open_at_most(app: Flask, steps: list[Any], clock: Any) -> None:
    session, house = db.session(), app.extensions["house"]
    run = Run(session, house, clock)
    for what, which, body, early in steps:
        clock.shift(timedelta(seconds=20))
        match what:
            case "text":
                run.keep(which, body, early)
            case "again":
                run.again(which)
            case "work":
                run.work()
            case "close":
                run.close()
        run.check()
    run.work()
    run.check()
    assert run.waiting() == 0
    assert run.stored() == sorted(run.bodies)


class Run:
    """One sequence, in numbers of its own, so that many of them share a database."""

    made = 0

    def __init__(self, session: Any, house: House, clock: Any) -> None:
        self.session, self.house, self.clock = session, house, clock
        Run.made += 1
        self.kept: list[NewArrival] = []
        self.bodies: list[str] = []

    def keep(self, number: str, body: str, early: int) -> None:
        sid = f"SM{Run.made:06}{len(self.kept):06}"
        has_number = number.startswith("+")
        sender = f"+4477009{Run.made % 1000:03}{number[-2:]}" if has_number else f"6{Run.made % 9999:04}"
        raw = write_raw("twilio", text(body, sid=sid, From=sender))
        at = utc_now() - timedelta(seconds=early * 15)  # a carrier's webhooks come in any order
        new = NewArrival(Channel.SMS, SENDIASS_NUMBER, sid, sender, raw, at, Wall.SENDIASS)
        self.kept.append(new)
        self.bodies.append(read_text(raw).body)
        assert keep(self.session, new, now=utc_now()).is_new

    def again(self, which: int) -> None:
        if self.kept:
            assert not keep(self.session, self.kept[which % len(self.kept)], now=utc_now()).is_new

    def work(self) -> None:
        for arrival_id in list_kept(self.session, utc_now(), self.house.settings):
            understand(self.session, arrival_id, now=utc_now(), house=self.house)
            understand(self.session, arrival_id, now=utc_now(), house=self.house)  # the job found once more

    def close(self) -> None:
        with transaction(self.session):
            for row in self.session.scalars(select(ServiceRequest).where(ServiceRequest.wall == Wall.SENDIASS)):
                row.state = RequestState.CLOSED

    def check(self) -> None:
        """Look that no thread has two enquiries that are open, and no batch two replies."""
        self.session.rollback()
        threads = list(self.session.scalars(select(Conversation).where(Conversation.wall == Wall.SENDIASS)))
        for thread in threads:
            open_ones = set(
                self.session.scalars(
                    select(Message.request_id)
                    .join(ServiceRequest, ServiceRequest.id == Message.request_id)
                    .where(
                        Message.wall == Wall.SENDIASS,
                        Message.conversation_id == thread.id,
                        ServiceRequest.state.in_(TAKES_MESSAGES),
                    )
                )
            )
            assert open_ones <= {thread.request_id}

    def stored(self) -> list[str]:
        ids = [one.external_id for one in self.kept]
        query = select(Message).join(Arrival, Arrival.id == Message.arrival_id).where(Arrival.external_id.in_(ids))
        return sorted(row.body or "" for row in self.session.scalars(query))

    def waiting(self) -> int:
        query = select(func.count()).select_from(Arrival).where(Arrival.disposition == Disposition.KEPT)
        return int(self.session.scalar(query) or 0)
