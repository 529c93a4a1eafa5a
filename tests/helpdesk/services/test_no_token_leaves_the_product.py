"""Dozens of requests through the whole product: every letter goes out, and none says a word of a field (EV-6, T20)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.services.decide import decide
from helpdesk.services.watch import act_on_clock
from infrastructure.database import utc_now
from infrastructure.house import House
from infrastructure.outbox import MessageState, OutboxMessage
from service_request.domain.bare_words import bare
from service_request.models import Subject, Task, TaskKind
from service_request.services.clocks import list_due_clocks
from tests.factories import Child, County, accept, keep, make_decision, make_waiting
from tests.helpdesk.conftest import Ask
from tests.plugins.house import Mailbox

FIRST = "Callum May Will April Reference Request Team Open Łukasz Zoë".split()
LAST = "Hartley Green Call Danger Line O'Neil Smith-Jones Link 王小明 Decision Outcome Service".split()
NAMES = [f"{FIRST[n % len(FIRST)]} {LAST[n % len(LAST)]}" for n in range(24)]


@pytest.mark.storage
@pytest.mark.rule("EV-6")
@pytest.mark.threat("T20")
def test_two_dozen_requests_are_decided_and_told_and_no_letter_is_stopped_or_says_a_name(
    session: Session, house: House, county: County, ask: Ask, work: Callable[[], None], mailbox: Mailbox
) -> None:
    for n, name in enumerate(NAMES):
        child = Child(name, date(2012, 1 + n % 12, 1 + n), f"WM{n + 1} 2QT", f"999000{n:04}")
        who = {"email": f"teacher.{n}@brookfield.example", "name": f"Ottoline Quarrington{n}"}
        request_id = make_waiting(session, county, children=[child], referrer=who).id
        for clock_id in list_due_clocks(session, utc_now() + timedelta(days=2)) if n % 6 == 0 else ():
            act_on_clock(session, clock_id, now=utc_now() + timedelta(days=2), house=house)
        subjects = list(session.scalars(select(Subject.id).where(Subject.request_id == request_id)))
        session.rollback()
        choose = (accept, keep)[n % 2]
        decision = make_decision(*(choose(one) for one in subjects))
        decide(session, request_id=request_id, decision=decision, by=county.manager, now=utc_now(), house=house)
    with time_machine.travel(utc_now() + timedelta(days=2, minutes=1)):  # what was owed by a late clock is due as well
        work()
    rows = ask.all(OutboxMessage)
    assert {row.state for row in rows} == {MessageState.SENT}
    assert {row.template for row in rows} >= {"outcome_professional", "assignment"}
    assert len(mailbox.messages) == len(rows) >= 36
    own = words_of(" ".join(FIRST[1:8] + LAST[1:5] + ["Link", "Decision", "Outcome", "Service"]))
    secret = words_of(" ".join(NAMES)) - own | {f"quarrington{n}" for n in range(24)} | {"ottoline"}
    for mail in mailbox.messages:
        said = words_of(f"{mail['Subject']} {Mailbox.words(mail)}")
        assert said & secret == set(), mail["Subject"]
        assert not re.search(r"WM\d+ ?2QT|999 ?000", Mailbox.words(mail))
    assert [task for task in ask.all(Task) if task.kind is TaskKind.HELD_BACK] == []


def words_of(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]{3,}", bare(text)))
