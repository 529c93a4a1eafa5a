"""Two enquiries of one person are one: no promise is lost, nothing goes astray, and it can be undone (SE-3, SE-8)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.enquiry_refusals import (
    CannotWriteError,
    FoldedAwayError,
    FoldedEnquiriesError,
    FoldedEnquiryError,
    FoldsOtherError,
    NotLiveError,
    NotOneFamilyError,
    NotOnePersonError,
    SafeAtOneError,
)
from helpdesk.domain.folding import RestrictedFoldError, SameRequestError, WhyNotSameDayError
from helpdesk.domain.sight_reasons import Connected
from helpdesk.services import restricting
from helpdesk.services.enquiries import danger, facts, finishing, folding, looking_after, replying, same_family
from helpdesk.services.enquiries.attempts import log_attempt
from helpdesk.services.enquiries.deadlines import NewDeadline, add_deadline
from helpdesk.services.enquiries.taking import take
from infrastructure.database import Wall, transaction
from infrastructure.house import House
from infrastructure.identity.models import Role, Team
from infrastructure.identity.users import User
from infrastructure.trail import Event, verify
from service_request.domain.lifecycle import TransitionRefusedError
from service_request.domain.states import RequestState
from service_request.models import (
    Channel,
    Clock,
    ClockEnd,
    ClockKind,
    Conversation,
    Deadline,
    Enquiry,
    Evaluation,
    EvaluationState,
    Grant,
    GrantWhy,
    Message,
    RequestLink,
    Safe,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.pathways.sendiass.codes import DeadlineKind
from service_request.pathways.sendiass.rules import CloseReason, NotAnEnquiry
from service_request.services.alerting import alert_danger
from service_request.services.enquiries.evaluations import act_on_evaluation, list_due
from service_request.services.enquiries.set_aside import put_professional_aside
from service_request.services.refusals import NotYoursError, StaleEditError
from service_request.services.sight.enquiries import list_tasks_of
from service_request.services.sight.enquiry_parts import list_linked
from service_request.services.sight.visible import get_request
from tests.enquirers import MOTHER, make_open_enquiry, make_thread
from tests.factories import NOW, County, make_user
from tests.helpdesk.conftest import Ask
from tests.helpdesk.services.enquiries.conftest import Act
from tests.texting import deliver, text

pytestmark = [pytest.mark.storage, pytest.mark.rule("EV-4")]

EARLIER = NOW - timedelta(hours=3)
LATER = NOW + timedelta(hours=1)
WHY = "She texted on Monday and wrote a mail about it today."


@pytest.fixture
def early(session: Session, house: House, adviser: User) -> UUID:
    """A mother's text, three hours ago."""
    made = make_open_enquiry(session, house, now=EARLIER, phone=MOTHER, safe=Safe.YES)
    make_thread(session, made, now=EARLIER)
    return made


@pytest.fixture
def late(session: Session, house: House, adviser: User) -> UUID:
    """The same mother's form on the web, with her number."""
    return make_open_enquiry(session, house, phone="07700 900461", safe=Safe.YES, channel=Channel.WEB)


@pytest.fixture
def fold(act: Act) -> Callable[..., None]:
    def fold_it(own: UUID, other: UUID, **values: Any) -> None:
        act(folding.fold, own, into_id=other, **values)

    return fold_it


def first_contact(ask: Ask, request_id: UUID) -> Clock:
    clock: Clock = ask.one(
        Clock, Clock.request_id == request_id, Clock.kind == ClockKind.FIRST_CONTACT, Clock.ended_at.is_(None)
    )
    return clock


def state_of(ask: Ask, request_id: UUID) -> RequestState:
    row: ServiceRequest = ask.one(ServiceRequest, ServiceRequest.id == request_id)
    return row.state


@pytest.mark.rule("SE-3")
@pytest.mark.rule("EV-7")
def test_the_earlier_promise_holds_and_unfolded_each_has_its_own_again(
    session: Session, house: House, early: UUID, ask: Ask, fold: Any, act: Act, adviser: User
) -> None:
    other = make_open_enquiry(session, house, now=NOW + timedelta(days=1), phone=MOTHER)
    due = {one: first_contact(ask, one).due_at for one in (early, other)}
    assert due[early] < due[other]
    fold(early, other, why=WHY, now=NOW + timedelta(days=1))
    row = ask.one(ServiceRequest, ServiceRequest.id == early)
    assert (row.state, row.folded_into_id, row.next_due_at) == (RequestState.FOLDED, other, None)
    assert [one.end for one in ask.all(Clock, Clock.request_id == early)] == [ClockEnd.FOLDED]
    clock = first_contact(ask, other)
    assert (clock.due_at, clock.working[-1][0]) == (due[early], "Taken over")
    assert ask.one(ServiceRequest, ServiceRequest.id == other).next_due_at == due[early]
    assert ask.one(Message, Message.request_id == early).body == WHY
    assert [one.id for one in list_linked(session, other, adviser)] == [early]
    session.rollback()
    act(folding.unfold, early, now=NOW + timedelta(days=2))
    assert state_of(ask, early) is RequestState.RECEIVED
    assert {one: first_contact(ask, one).due_at for one in due} == due
    assert ask.one(RequestLink).undone_at is not None
    acts = {event.act for event in ask.all(Event)}
    assert acts >= {"fold_enquiry", "take_in_enquiry", "unfold_enquiry", "let_out_enquiry"}
    assert list(verify(session)) == []


@pytest.mark.rule("SE-3")
def test_a_promise_that_was_kept_before_gives_its_due_time_to_nobody(
    early: UUID, late: UUID, ask: Ask, fold: Any, act: Act
) -> None:
    due = first_contact(ask, late).due_at
    act(log_attempt, early, channel=Channel.PHONE, reached=True)
    fold(early, late)
    assert first_contact(ask, late).due_at == due
    act(folding.unfold, early, now=LATER)
    assert [one.end for one in ask.all(Clock, Clock.request_id == early)] == [ClockEnd.MET]


@pytest.mark.rule("SE-3")
@pytest.mark.rule("EV-7")
def test_a_promise_that_was_kept_between_two_folds_does_not_begin_again(
    early: UUID, late: UUID, ask: Ask, fold: Any, act: Act
) -> None:
    fold(early, late)
    act(folding.unfold, early, now=LATER)
    act(log_attempt, early, channel=Channel.PHONE, reached=True, now=LATER)
    fold(early, late, now=LATER + timedelta(minutes=1))
    act(folding.unfold, early, now=LATER + timedelta(minutes=2))
    assert ask.all(Clock, Clock.request_id == early, Clock.ended_at.is_(None)) == []
    assert ask.one(ServiceRequest, ServiceRequest.id == early).next_due_at is None


@pytest.mark.rule("SE-3")
def test_what_nobody_answered_waits_at_the_one_that_goes_on(early: UUID, late: UUID, ask: Ask, fold: Any) -> None:
    with transaction(ask.session):
        first = ask.session.query(Enquiry).filter_by(request_id=early).one()
        first.needs_interpreter, first.language, first.danger_at = True, "pl", EARLIER
    fold(early, late)
    row = ask.one(Enquiry, Enquiry.request_id == late)
    assert (row.waits_since, row.needs_interpreter, row.language) == (EARLIER, True, "pl")
    assert row.danger_at == EARLIER, "danger that nobody has seen to stays first (SE-10)"
    assert ask.one(ServiceRequest, ServiceRequest.id == late).urgency == "danger"


@pytest.mark.rule("SE-3")
def test_whoever_was_not_reached_waits_since_they_asked_also_where_a_person_is_wished_for(
    early: UUID, late: UUID, ask: Ask, fold: Any
) -> None:
    with transaction(ask.session):
        for row in ask.session.query(Enquiry):
            row.waits_since = None
        ask.session.query(Enquiry).filter_by(request_id=early).one().wants_person = True
    fold(early, late)
    row = ask.one(Enquiry, Enquiry.request_id == late)
    assert (row.waits_since, row.wants_person) == (EARLIER, True)


@pytest.mark.rule("SE-10")
def test_danger_is_seen_to_for_both_while_they_are_one(
    session: Session, house: House, early: UUID, late: UUID, ask: Ask, fold: Any, adviser: User
) -> None:
    with transaction(session):
        session.query(Enquiry).filter_by(request_id=early).one().danger_at = NOW
        alert_danger(session, session.get_one(ServiceRequest, early), now=NOW, house=house)
    fold(early, late)
    session.rollback()
    danger.see_to_danger(session, request_id=late, by=adviser, now=LATER)
    tasks = ask.all(Task, Task.kind == TaskKind.DANGER)
    assert tasks and all(one.done_at is not None for one in tasks), "no alert stands where nobody looks any more"


@pytest.mark.rule("SE-10")
@pytest.mark.parametrize(("seen_at", "goes_along"), [(LATER, False), (EARLIER - timedelta(hours=1), True)])
def test_danger_that_was_seen_to_is_seen_to_and_what_was_said_since_is_not(
    early: UUID, late: UUID, ask: Ask, fold: Any, seen_at: datetime, goes_along: bool
) -> None:
    with transaction(ask.session):
        first = ask.session.query(Enquiry).filter_by(request_id=early).one()
        first.danger_at, first.danger_seen_at = EARLIER, seen_at
    fold(early, late, now=LATER)
    assert (ask.one(Enquiry, Enquiry.request_id == late).danger_at is not None) is goes_along
    assert (ask.one(ServiceRequest, ServiceRequest.id == late).urgency == "danger") is goes_along


@pytest.mark.rule("EV-5")
@pytest.mark.parametrize("barred_from", [0, 1])
def test_whoever_was_barred_from_one_is_barred_from_both(
    session: Session, early: UUID, late: UUID, fold: Any, act: Act, barred_from: int
) -> None:
    ids = (early, late)
    team = session.scalars(select(Team).where(Team.wall == Wall.SENDIASS)).one()
    colleague = make_user(session, "Orla Byrne", (team, Role.MEMBER))
    values: dict[str, Any] = {"reason": Connected.OWN_FAMILY, "words": "Her aunt.", "by": colleague, "now": NOW}
    restricting.bar(session, request_id=ids[barred_from], user_id=colleague.id, **values)
    fold(early, late)
    for one in ids:
        session.rollback()
        with pytest.raises(NotYoursError):
            get_request(session, one, colleague)


@pytest.mark.rule("SE-6")
def test_what_is_to_be_done_stands_at_the_one_that_goes_on(
    session: Session, early: UUID, late: UUID, fold: Any, act: Act, adviser: User
) -> None:
    act(looking_after.ask_record, early)
    fold(early, late)
    (task,) = list_tasks_of(session, late, adviser)
    assert task.kind is TaskKind.RECORD_ASKED
    session.rollback()
    act(folding.unfold, early, now=LATER)
    assert list_tasks_of(session, late, adviser) == []


@pytest.mark.rule("SE-3")
def test_the_dates_that_the_law_sets_go_along_once_and_come_back(
    early: UUID, late: UUID, ask: Ask, fold: Any, act: Act
) -> None:
    for one, day in ((early, 1), (early, 8), (late, 8)):
        act(add_deadline, one, new=NewDeadline(DeadlineKind.APPEAL, due_on=date(2026, 12, day)))
    fold(early, late)
    there = [one.due_on for one in ask.all(Deadline, Deadline.request_id == late, Deadline.ended_at.is_(None))]
    assert sorted(there) == [date(2026, 12, 1), date(2026, 12, 8)]
    assert ask.one(Enquiry, Enquiry.request_id == late).deadline_on == date(2026, 12, 1)
    assert ask.one(Enquiry, Enquiry.request_id == early).deadline_on is None
    running = ask.all(Clock, Clock.kind == ClockKind.STATUTORY, Clock.ended_at.is_(None))
    assert {one.request_id for one in running} == {late} and len(running) == 2
    act(folding.unfold, early, now=LATER)
    for one, days in ((early, [1, 8]), (late, [8])):
        live = ask.all(Deadline, Deadline.request_id == one, Deadline.ended_at.is_(None))
        assert sorted(row.due_on.day for row in live) == days
        clocks = (Clock.request_id == one, Clock.kind == ClockKind.STATUTORY, Clock.ended_at.is_(None))
        assert len(ask.all(Clock, *clocks)) == len(days)


@pytest.mark.rule("SE-1")
@pytest.mark.rule("EV-1")
def test_what_they_say_next_comes_to_the_one_that_goes_on_and_back_to_its_own_once_unfolded(
    early: UUID, late: UUID, ask: Ask, fold: Any, act: Act, client: Any, work: Callable[[], None]
) -> None:
    fold(early, late)
    for words, there in (("He is out of school again.", late), ("And the letter has come.", early)):
        if there is early:
            act(folding.unfold, early, now=LATER)
        assert deliver(client, text(words, From=MOTHER)).status_code == 200
        work()
        assert words in [row.body for row in ask.all(Message, Message.request_id == there)]
    assert len(ask.all(ServiceRequest)) == 2, "no third enquiry"
    assert ask.one(Conversation).request_id == early


@pytest.mark.rule("SE-8")
def test_how_it_went_is_asked_once(early: UUID, late: UUID, ask: Ask, fold: Any, act: Act, house: House) -> None:
    act(log_attempt, early, channel=Channel.PHONE, reached=True)
    fold(early, late)
    act(log_attempt, late, channel=Channel.PHONE, reached=True, now=LATER)
    assert [row.state for row in ask.all(Evaluation)] == [EvaluationState.WAITING] * 2
    then = NOW + timedelta(days=100)
    for row_id in list_due(ask.session, then):
        act_on_evaluation(ask.session, row_id, now=then, house=house)
    assert sorted((row.state, row.why) for row in ask.all(Evaluation)) == [
        (EvaluationState.NOT_SENT, "asked_already"),
        (EvaluationState.SENT, None),
    ]


@pytest.mark.rule("SE-8")
def test_who_may_not_be_asked_by_the_one_is_asked_by_the_other(
    early: UUID, late: UUID, ask: Ask, fold: Any, act: Act, house: House
) -> None:
    act(log_attempt, early, channel=Channel.PHONE, reached=True)
    fold(early, late)
    act(log_attempt, late, channel=Channel.PHONE, reached=True, now=LATER)
    then = NOW + timedelta(days=100)
    with transaction(ask.session):  # a row that went out nowhere asks nobody
        row = ask.session.query(Evaluation).filter_by(request_id=early).one()
        row.state, row.why, row.next_at = EvaluationState.NOT_SENT, "no_way", None
    for row_id in list_due(ask.session, then):
        act_on_evaluation(ask.session, row_id, now=then, house=house)
    assert ask.one(Evaluation, Evaluation.request_id == late).state is EvaluationState.SENT


@pytest.mark.rule("SE-3")
def test_what_may_not_be_folded_says_why(
    session: Session, house: House, early: UUID, late: UUID, ask: Ask, fold: Any, act: Act
) -> None:
    stranger = make_open_enquiry(session, house, phone="07700 900999")
    yesterday = make_open_enquiry(session, house, now=NOW - timedelta(days=1), phone=MOTHER, safe=Safe.YES)
    over = make_open_enquiry(session, house, phone=MOTHER, safe=Safe.YES)
    with transaction(session):
        session.get_one(ServiceRequest, over).state = RequestState.CLOSED
    for own, other, refusal in (
        (early, over, NotLiveError), (early, early, SameRequestError), (early, stranger, NotOnePersonError), (early, yesterday, WhyNotSameDayError),
    ):  # fmt: skip
        with pytest.raises(refusal):
            fold(own, other)
    act(same_family.answer, early, other_id=late, same=False)
    with pytest.raises(NotOneFamilyError):
        fold(early, late)
    act(same_family.answer, early, other_id=late, same=True)
    with pytest.raises(StaleEditError):
        fold(early, late, version=0)
    fold(early, late)
    with pytest.raises(FoldedEnquiriesError):
        act(same_family.answer, early, other_id=late, same=False)
    with pytest.raises(FoldedEnquiriesError):
        act(same_family.take_back, early, other_id=late)
    with pytest.raises(TransitionRefusedError):
        fold(early, late)
    with pytest.raises(FoldsOtherError):
        fold(late, yesterday, why=WHY)
    with pytest.raises(FoldedAwayError):
        fold(yesterday, early, why=WHY)
    fold(yesterday, late, why=WHY)  # the other way round, as the refusal says


@pytest.mark.rule("EV-2")
def test_what_is_unsafe_at_one_of_two_is_asked_first_and_recorded_where_it_is_obeyed(
    early: UUID, late: UUID, ask: Ask, fold: Any, act: Act, adviser: User
) -> None:
    with transaction(ask.session):
        ask.session.query(Conversation).one().safe = Safe.NO
    for own, other in ((early, late), (late, early)):
        with pytest.raises(SafeAtOneError):
            fold(own, other)
    with transaction(ask.session):
        ask.session.query(Conversation).one().safe = Safe.YES
    fold(early, late)
    with pytest.raises(FoldedEnquiryError):
        act(facts.change_facts, early, answers={"safe": "no"})
    with pytest.raises(FoldedEnquiryError):
        replying.record_safe(ask.session, request_id=early, safe=Safe.NO, by=adviser, now=NOW)
    ask.session.rollback()
    act(facts.change_facts, late, answers={"safe": "no"})
    assert ask.one(Conversation).safe is Safe.NO


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize("later", [Safe.UNSET, Safe.YES])
def test_what_was_said_to_be_unsafe_meanwhile_is_unsafe_for_both_once_unfolded(
    session: Session, house: House, late: UUID, ask: Ask, fold: Any, act: Act, adviser: User, later: Safe
) -> None:
    left = {"phone": "07700 900461", "email": "mother@home.example", "safe": Safe.YES, "channel": Channel.WEB}
    own = make_open_enquiry(session, house, **left)
    fold(own, late)
    for said in (Safe.NO, Safe.YES) if later is Safe.YES else (Safe.NO,):
        replying.record_safe(session, request_id=late, safe=said, by=adviser, now=NOW)
    act(folding.unfold, own, now=LATER)
    words = {"words": "Please ring us.", "channel": Channel.EMAIL}
    if later is Safe.YES:  # they said since that it is safe
        act(replying.reply, own, now=LATER, **words)
        return
    assert [one.act for one in ask.all(Event, Event.stream_id == own, Event.act.in_(("unsafe", "safe")))] == ["unsafe"]
    with pytest.raises(CannotWriteError, match="not safe"):
        act(replying.reply, own, now=LATER, **words)
    replying.record_safe(session, request_id=own, safe=Safe.YES, by=adviser, now=LATER)
    act(replying.reply, own, now=LATER, **words)


@pytest.mark.rule("EV-1")
@pytest.mark.rule("SE-1")
def test_what_holds_another_one_is_not_set_aside_by_anybody(
    early: UUID, late: UUID, ask: Ask, fold: Any, act: Act, house: House
) -> None:
    fold(early, late)
    with pytest.raises(FoldsOtherError):
        act(finishing.set_aside, late, reason=NotAnEnquiry.JUNK)
    ask.session.rollback()
    row = ask.session.get_one(ServiceRequest, late)
    assert put_professional_aside(ask.session, row, now=NOW, house=house) is False
    ask.session.rollback()
    act(finishing.close, late, reason=CloseReason.OPTED_OUT)
    assert state_of(ask, early) is RequestState.FOLDED
    act(folding.unfold, early, now=LATER)
    assert state_of(ask, early) is RequestState.RECEIVED


@pytest.mark.rule("SE-5")
def test_nobody_outside_folds_one_and_none_is_folded_into_what_stands_outside(
    session: Session, county: County, early: UUID, late: UUID, ask: Ask, fold: Any, act: Act
) -> None:
    for user in (county.officer, county.service_manager, county.administrator):
        with pytest.raises(NotYoursError):
            fold(early, late, by=user)
        with pytest.raises(NotYoursError):
            act(folding.unfold, early, by=user)
    fold(early, late)
    assert {row.wall for row in ask.all(RequestLink)} == {row.wall for row in ask.all(Clock)} == {Wall.SENDIASS}


@pytest.mark.rule("EV-5")
def test_what_few_see_is_not_folded_into_what_others_see(
    session: Session, early: UUID, late: UUID, ask: Ask, fold: Any, adviser: User
) -> None:
    with transaction(session):
        session.get_one(ServiceRequest, early).restricted = True
        named: dict[str, Any] = {"user_id": adviser.id, "by_id": adviser.id, "since": NOW}
        session.add(Grant(wall=Wall.SENDIASS, request_id=early, why=GrantWhy.RESTRICTED, **named))
    with pytest.raises(RestrictedFoldError):
        fold(early, late)


def test_a_person_looks_after_it_once_it_is_folded(early: UUID, late: UUID, ask: Ask, fold: Any, adviser: User) -> None:
    take(ask.session, request_id=late, by=adviser, now=NOW)
    fold(early, late)
    thread = ask.one(Conversation)
    assert (thread.request_id, thread.last_request_id) == (late, early) and thread.silenced is not None
