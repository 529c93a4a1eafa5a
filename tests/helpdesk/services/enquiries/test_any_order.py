"""Whatever advisers do with an enquiry, in whatever order, what must always hold does hold (SE-1 to SE-4, EV-7)."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from helpdesk.services.enquiries import (
    deadlines,
    facts,
    finishing,
    folding,
    levels,
    looking_after,
    replying,
    signposting,
    splitting,
    taking,
)
from helpdesk.services.enquiries.acting import lock_enquiry
from helpdesk.services.enquiries.attempts import log_attempt
from helpdesk.services.enquiries.deadlines import NewDeadline
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.users import User
from infrastructure.trail import verify
from service_request.domain.errors import DomainError
from service_request.domain.states import RequestState
from service_request.models import (
    Channel,
    Clock,
    ClockEnd,
    ClockKind,
    Conversation,
    Deadline,
    Enquiry,
    LevelRise,
    ServiceRequest,
)
from service_request.pathways.sendiass.codes import LEVELS, DeadlineKind, Eligible, InArea, Level
from service_request.pathways.sendiass.rules import LIVE, TAKES_MESSAGES, CloseReason, NotAnEnquiry, ReopenReason
from service_request.services.enquiries.reaching import heard_from
from service_request.services.sight.system import lock_request
from tests.enquirers import make_open_enquiry, make_thread
from tests.factories import NOW

EXAMPLES = 150 if os.environ.get("EFFORT") == "full" else 12
WHERE = "The service of the next county helps families there."


class Walk:
    """One enquiry with its thread, another of the same person, and the acts that anybody might try next."""

    def __init__(self, session: Session, house: House, adviser: User) -> None:
        self.session, self.house, self.adviser, self.now = session, house, adviser, NOW
        phone = f"+4477009{uuid4().int % 100_000:05}"
        self.id = make_open_enquiry(session, house, phone=phone)
        self.other = make_open_enquiry(session, house, now=NOW - timedelta(days=1), phone=phone)
        make_thread(session, self.id, phone=f"+44770{uuid4().int % 10_000_000:07}")

    def do(self, service: Callable[..., Any], **values: Any) -> None:
        self.now += timedelta(hours=7)
        values.setdefault("request_id", self.id)
        try:
            service(self.session, by=self.adviser, now=self.now, **values)
        except DomainError:
            self.session.rollback()

    def act(self, service: Callable[..., Any], **values: Any) -> None:
        self.do(service, house=self.house, **values)

    def hear(self) -> None:
        """Let them write again, as far as what they say still belongs to it."""
        self.now += timedelta(hours=7)
        with transaction(self.session):
            request = lock_request(self.session, self.id)
            if request.state in TAKES_MESSAGES:
                _, enquiry = lock_enquiry(self.session, self.id, self.adviser)
                heard_from(self.session, request, enquiry, heard_at=self.now, now=self.now, house=self.house)

    def deadline(self, service: Callable[..., Any], which: int, **values: Any) -> None:
        query = select(Deadline.id).where(Deadline.wall == Wall.SENDIASS, Deadline.request_id == self.id)
        found = sorted(self.session.scalars(query))
        self.act(service, deadline_id=found[which % len(found)] if found else uuid4(), **values)


Step = Callable[[Walk], None]
DATES = [date(2026, 11, day) for day in (2, 5, 10, 12)]
KINDS = [DeadlineKind.EXCLUSION, DeadlineKind.APPEAL, DeadlineKind.OTHER]


def acts() -> st.SearchStrategy[Step]:
    new = st.builds(
        NewDeadline, st.sampled_from(KINDS), st.sampled_from(DATES), st.sampled_from([None, date(2027, 1, 5)])
    )
    return st.one_of(
        st.just(lambda walk: walk.do(taking.take)),
        st.just(lambda walk: walk.hear()),
        st.just(lambda walk: walk.act(replying.reply, words="Can I ring you today?")),
        st.booleans().map(lambda got: lambda walk: walk.act(log_attempt, channel=Channel.PHONE, reached=got)),
        st.sampled_from(LEVELS).map(
            lambda level: lambda walk: walk.act(levels.rise, level=level, reason="More.", outcome="I know more.")
        ),
        st.sampled_from(["", "He is back at school."]).map(
            lambda words: lambda walk: walk.act(finishing.finish, outcome=words)
        ),
        st.sampled_from(CloseReason).map(lambda why: lambda walk: walk.act(finishing.close, reason=why)),
        st.sampled_from(NotAnEnquiry).map(lambda why: lambda walk: walk.act(finishing.set_aside, reason=why)),
        st.just(lambda walk: walk.act(finishing.restore)),
        st.sampled_from(ReopenReason).map(lambda why: lambda walk: walk.act(finishing.reopen, reason=why)),
        st.tuples(st.sampled_from(signposting.Signpost), st.sampled_from(signposting.Told)).map(
            lambda how: lambda walk: walk.act(signposting.signpost, reason=how[0], where=WHERE, told=how[1])
        ),
        st.just(lambda walk: walk.act(signposting.tell_professional, words=WHERE)),
        new.map(lambda one: lambda walk: walk.act(deadlines.add_deadline, new=one)),
        st.tuples(st.integers(0, 3), new).map(
            lambda how: lambda walk: walk.deadline(deadlines.correct_deadline, how[0], new=how[1])
        ),
        st.tuples(st.integers(0, 3), st.sampled_from(["met", "withdrawn"])).map(
            lambda how: lambda walk: walk.deadline(deadlines.close_deadline, how[0], end=how[1])
        ),
        st.integers(0, 3).map(lambda which: lambda walk: walk.deadline(deadlines.check_deadline, which)),
        st.sampled_from(["8", "9", "40", ""]).map(
            lambda age: lambda walk: walk.act(facts.change_facts, answers={"age": age, "enquirer": "parent"})
        ),
        st.just(lambda walk: walk.act(looking_after.ask_record)),
        st.just(lambda walk: walk.act(folding.fold, into_id=walk.other, why="She asks twice.")),
        st.just(lambda walk: walk.act(folding.unfold)),
        st.just(lambda walk: walk.act(folding.fold, request_id=walk.other, into_id=walk.id, why="She asks twice.")),
        st.just(lambda walk: walk.act(folding.unfold, request_id=walk.other)),
        st.just(lambda walk: walk.act(log_attempt, request_id=walk.other, channel=Channel.PHONE, reached=True)),
        st.just(lambda walk: walk.act(finishing.close, request_id=walk.other, reason=CloseReason.OPTED_OUT)),
        st.just(lambda walk: walk.act(finishing.reopen, request_id=walk.other, reason=ReopenReason.BY_MISTAKE)),
        st.booleans().map(
            lambda same: (
                lambda walk: walk.act(
                    splitting.split, new=splitting.Split(uuid4(), "Her sister too.", same_person=same)
                )
            )
        ),
    )


@pytest.mark.storage
@pytest.mark.rule("SE-1")
@pytest.mark.rule("SE-2")
@pytest.mark.rule("SE-3")
@pytest.mark.rule("SE-4")
@pytest.mark.rule("EV-7")
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(acts(), min_size=4, max_size=25))
def test_any_order_of_acts_keeps_what_must_hold(
    session: Session, house: House, adviser: User, steps: list[Step]
) -> None:
    walk = Walk(session, house, adviser)
    for step in steps:
        step(walk)
        session.rollback()
        session.expire_all()
        holds(session, walk.id)
        holds(session, walk.other, threads=None)
        holds_together(session, walk)
    assert list(verify(session)) == []


def holds_together(session: Session, walk: Walk) -> None:
    """Say what must be true of two that can be folded: one thread, one way, and the earlier promise (SE-3, EV-7)."""
    session.expire_all()
    pair = {one: session.get_one(ServiceRequest, one) for one in (walk.id, walk.other)}
    folded = [row for row in pair.values() if row.state is RequestState.FOLDED]
    assert len(folded) <= 1, "never each into the other"
    (thread,) = session.scalars(
        select(Conversation).where(
            or_(Conversation.request_id.in_(pair), Conversation.last_request_id.in_(pair)),
        )
    )
    for row in folded:
        there = pair[walk.other if row.id == walk.id else walk.id]
        assert row.folded_into_id == there.id and there.state is not RequestState.SET_ASIDE
        assert thread.request_id in (there.id if there.state in TAKES_MESSAGES else None, None)
        clocks = session.scalars(
            select(Clock).where(Clock.request_id.in_(pair), Clock.kind == ClockKind.FIRST_CONTACT)
        ).all()
        running = [one for one in clocks if one.ended_at is None]
        if running and not any(one.end is ClockEnd.MET for one in clocks if one.request_id == row.id):
            assert running[0].due_at == min(one.due_at for one in clocks), "the earlier promise holds"


def holds(session: Session, request_id: UUID, threads: int | None = 1) -> None:
    """Say what must be true of an enquiry at any time; it has one thread, as long as messages come to it."""
    request = session.scalars(select(ServiceRequest).where(ServiceRequest.id == request_id)).one()
    (enquiry,) = session.scalars(select(Enquiry).where(Enquiry.request_id == request_id))
    clocks = list(session.scalars(select(Clock).where(Clock.request_id == request_id)))
    running = [clock for clock in clocks if clock.ended_at is None]
    promised = [clock for clock in running if clock.kind is ClockKind.FIRST_CONTACT]
    statutory = {clock.owner_id for clock in running if clock.kind is ClockKind.STATUTORY}
    dates = list(session.scalars(select(Deadline).where(Deadline.request_id == request_id)))
    live = {row.id for row in dates if row.ended_at is None}
    assert request.wall is Wall.SENDIASS
    assert request.next_due_at == min((clock.due_at for clock in running), default=None)
    assert enquiry.deadline_on == min((row.due_on for row in dates if row.id in live), default=None)
    if request.state in (*LIVE, RequestState.SIGNPOSTED):  # SE-3: the five days run until a person has reached them
        assert len(promised) == (0 if enquiry.reached_at else 1)
        assert statutory == live, "every date that the law sets has its clock, and no other clock runs"
    else:
        assert running == [], "what is over runs on nowhere"
    if enquiry.reached_at is not None:
        first = [clock for clock in clocks if clock.kind is ClockKind.FIRST_CONTACT]
        assert any(clock.end is ClockEnd.MET for clock in first) and enquiry.reached_by_id is not None
    if request.state is RequestState.CLOSED:  # SE-4: with an outcome in their words, or SE-3: for a coded reason
        assert (enquiry.outcome is None) != (enquiry.close_reason is None) and request.closed_at is not None
        assert enquiry.close_reason is None or CloseReason(enquiry.close_reason)
        assert enquiry.outcome is None or enquiry.reached_at is not None
    else:
        assert (enquiry.outcome, enquiry.close_reason, request.closed_at) == (None, None, None)
    assert (request.set_aside_reason is not None) == (request.state is RequestState.SET_ASIDE)
    if request.state is RequestState.SIGNPOSTED:
        assert enquiry.eligible is Eligible.NO or enquiry.in_area is InArea.NO
    rises = session.scalars(select(LevelRise).where(LevelRise.request_id == request_id).order_by(LevelRise.number))
    reached: list[Level] = [row.level for row in rises]
    assert reached == sorted(set(reached), key=LEVELS.index), "a level only rises"
    assert enquiry.level == (reached[-1] if reached else None)
    here = list(session.scalars(select(Conversation).where(Conversation.request_id == request_id)))
    is_own = threads is not None and request.state in TAKES_MESSAGES
    assert len(here) == (threads if is_own else len(here) if request.state in TAKES_MESSAGES else 0)


def test_the_hours_between_acts_lead_through_days() -> None:
    assert isinstance(NOW, datetime) and (NOW + 25 * timedelta(hours=7)).date() > NOW.date() + timedelta(days=6)
