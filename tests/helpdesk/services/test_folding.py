"""Two requests about one child become one, undoably, and nobody and no hour is lost (EV-4, EV-7, GL-8, GL-14)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from helpdesk.domain.folding import (
    ChildLeftOutError,
    HasFoldedError,
    NotOpenError,
    PartlyDecidedFoldError,
    SameRequestError,
    WhyNotSameDayError,
    WithoutNamesError,
)
from helpdesk.services import assignments, folding, triage
from helpdesk.services.closing import close
from helpdesk.services.handing_over import check_may_hand_over
from helpdesk.services.telling import told_by_phone
from infrastructure.house import House
from infrastructure.outbox import MessageState, OutboxMessage
from infrastructure.trail import Event, verify
from service_request.domain.consent import Told
from service_request.domain.lifecycle import TransitionRefusedError
from service_request.domain.states import RequestState
from service_request.models import (
    Clock,
    ClockEnd,
    ClockKind,
    IdentityLink,
    Message,
    Outcome,
    OutcomeState,
    ReferrerKind,
    RequestLink,
    ServiceRequest,
    Similarity,
    SimilarityState,
)
from service_request.pathways.social_care.rules import OutcomeOwedError, ReferralAction
from service_request.services.matching import FoldedTogetherError, answer_similarity
from service_request.services.refusals import NotYoursError, StaleEditError
from service_request.services.sight.visible import get_request
from tests.factories import CALLUM, NOW, RYAN, County, accept, keep, make_decision, make_request, make_waiting
from tests.helpdesk.conftest import Ask
from tests.plugins.house import Mailbox

pytestmark = pytest.mark.storage

NURSE = "school.nurse@brookfield.example"
HOUR = timedelta(hours=1)


def other_referrer(**changes: Any) -> dict[str, Any]:
    return {"name": "Nell Ashby", "email": NURSE, "phone": "01632 960111", **changes}


@pytest.fixture
def early(session: Session, county: County) -> ServiceRequest:
    """A nurse's request about Callum, three hours ago."""
    return make_request(session, area_id=county.teasel, received_at=NOW - 3 * HOUR, referrer=other_referrer())


@pytest.fixture
def late(session: Session, county: County) -> ServiceRequest:
    """The teacher's request about Callum, an hour ago, that waits for the manager."""
    return make_waiting(session, county)


@pytest.fixture
def fold(session: Session, house: House, county: County, ask: Ask) -> Callable[..., None]:
    """Fold one request into another, child by child in their order, as the officer unless somebody else is named."""

    def fold_it(own: ServiceRequest, other: ServiceRequest, **values: Any) -> None:
        own_id, other_id = own.id, other.id
        same = dict(zip(ask.subjects(own_id), ask.subjects(other_id), strict=False))
        changes = {"by": county.officer, "now": NOW, "same": same, **values}
        folding.fold(session, request_id=own_id, into_id=other_id, house=house, **changes)

    return fold_it


@pytest.fixture
def unfold(session: Session, house: House, county: County) -> Callable[..., None]:
    def unfold_it(own: ServiceRequest, **values: Any) -> None:
        changes = {"by": county.officer, "now": NOW + HOUR, **values}
        folding.unfold(session, request_id=own.id, house=house, **changes)

    return unfold_it


def state_of(ask: Ask, request_id: UUID) -> RequestState:
    row: ServiceRequest = ask.one(ServiceRequest, ServiceRequest.id == request_id)
    return row.state


def running(ask: Ask, request_id: UUID) -> Clock:
    clock: Clock = ask.one(
        Clock, Clock.request_id == request_id, Clock.kind == ClockKind.DECISION, Clock.ended_at.is_(None)
    )
    return clock


@pytest.mark.rule("EV-7")
def test_folding_ends_its_clock_and_the_survivor_is_due_when_the_earlier_one_was(
    ask: Ask, early: ServiceRequest, late: ServiceRequest, fold: Any
) -> None:
    early_id, late_id = early.id, late.id
    own_due, late_due = running(ask, early_id).due_at, running(ask, late_id).due_at
    assert own_due == late_due - 2 * HOUR
    fold(early, late)
    row = ask.one(ServiceRequest, ServiceRequest.id == early_id)
    assert (row.state, row.folded_into_id, row.before_folded) == (RequestState.FOLDED, late_id, RequestState.RECEIVED)
    assert row.next_due_at is None
    assert [one.end for one in ask.all(Clock, Clock.request_id == early_id)] == [ClockEnd.FOLDED]
    clock = running(ask, late_id)
    assert clock.due_at == clock.next_act_at + 2 * HOUR == own_due
    assert clock.from_clock_id == ask.one(Clock, Clock.request_id == early_id).id
    assert clock.working[-1][0] == "Taken over"
    assert ask.one(ServiceRequest, ServiceRequest.id == late_id).next_due_at == own_due
    assert list(verify(ask.session)) == []


@pytest.mark.rule("EV-7")
def test_a_later_one_changes_no_due_time(ask: Ask, early: ServiceRequest, late: ServiceRequest, fold: Any) -> None:
    before = running(ask, early.id)
    fold(late, early)
    after = running(ask, early.id)
    assert (after.id, after.due_at) == (before.id, before.due_at)


@pytest.mark.rule("EV-7")
@pytest.mark.rule("GL-8")
def test_unfolding_brings_back_where_it_stood_with_its_own_due_time_and_so_for_the_other(
    ask: Ask, early: ServiceRequest, late: ServiceRequest, fold: Any, unfold: Any
) -> None:
    early_id, late_id = early.id, late.id
    due = {one: running(ask, one).due_at for one in (early_id, late_id)}
    fold(early, late)
    unfold(early)
    row = ask.one(ServiceRequest, ServiceRequest.id == early_id)
    assert (row.state, row.folded_into_id, row.before_folded) == (RequestState.RECEIVED, None, None)
    assert state_of(ask, late_id) is RequestState.AWAITING_DECISION
    assert {one: running(ask, one).due_at for one in due} == due
    assert running(ask, late_id).from_clock_id is None
    assert ask.one(RequestLink).undone_at == NOW + HOUR
    assert {event.act for event in ask.all(Event)} >= {"fold", "take_in", "unfold", "let_out"}
    fold(early, late, now=NOW + 2 * HOUR)  # and again
    assert running(ask, late_id).due_at == due[early_id]


@pytest.mark.rule("EV-7")
@pytest.mark.parametrize("order", ["first out first", "last out first"])
def test_a_chain_is_unfolded_in_any_order_and_each_has_its_own_time_again(
    session: Session, county: County, ask: Ask, early: ServiceRequest, late: ServiceRequest, fold: Any, unfold: Any,
    order: str,
) -> None:  # fmt: skip
    last = make_request(session, area_id=county.teasel, received_at=NOW - HOUR / 2)
    early_id, late_id, last_id = early.id, late.id, last.id
    due = {one: running(ask, one).due_at for one in (early_id, late_id, last_id)}
    fold(early, late)
    fold(late, last, now=NOW + HOUR / 4)
    assert running(ask, last_id).due_at == due[early_id]
    for one in (early, late) if order == "first out first" else (late, early):
        unfold(one, now=NOW + HOUR if one is early else NOW + 2 * HOUR)
        if one is late and order == "last out first":
            assert running(ask, late_id).due_at == due[early_id]  # the earlier one is in it still
            assert running(ask, last_id).due_at == due[last_id]
        elif order == "first out first" and one is early:
            assert running(ask, last_id).due_at == due[late_id]
    assert {one: running(ask, one).due_at for one in due} == due


@pytest.mark.rule("EV-4")
def test_each_child_is_said_to_be_a_child_of_the_other_request_and_that_is_on_record(
    session: Session, county: County, ask: Ask, fold: Any
) -> None:
    one = make_request(session, area_id=county.teasel, children=(CALLUM, RYAN), referrer=other_referrer())
    other = make_waiting(session, county, children=(CALLUM, RYAN))
    (callum, ryan), theirs = ask.subjects(one.id), ask.subjects(other.id)
    for same in ({}, {callum: theirs[0]}, {callum: theirs[0], ryan: theirs[0]}, {callum: theirs[0], ryan: callum}):
        with pytest.raises(ChildLeftOutError):
            fold(one, other, same=same)
    assert state_of(ask, one.id) is RequestState.RECEIVED
    fold(one, other, same={callum: theirs[1], ryan: theirs[0]})
    assert [row.state for row in ask.all(Similarity)] == [SimilarityState.CONFIRMED] * 2
    assert len({row.identity_id for row in ask.all(IdentityLink)}) == 2


@pytest.mark.rule("EV-4")
def test_nobody_says_that_it_is_another_child_while_the_two_are_one_request(
    session: Session, county: County, ask: Ask, early: ServiceRequest, late: ServiceRequest, fold: Any, unfold: Any
) -> None:
    fold(early, late)
    answer = {"similarity_id": ask.one(Similarity).id, "same": False, "by": county.officer, "now": NOW + HOUR}
    with pytest.raises(FoldedTogetherError):
        answer_similarity(session, **answer)
    unfold(early)
    answer_similarity(session, **answer)
    assert ask.one(Similarity).state is SimilarityState.SET_ASIDE


@pytest.mark.rule("EV-4")
def test_a_child_who_is_not_in_the_other_request_needs_a_decision_of_its_own(
    session: Session, county: County, ask: Ask, fold: Any
) -> None:
    two = make_request(session, area_id=county.teasel, children=(CALLUM, RYAN), referrer=other_referrer())
    one = make_waiting(session, county)
    with pytest.raises(ChildLeftOutError):
        fold(two, one)
    fold(one, two)  # the other way round nobody is left out
    assert state_of(ask, one.id) is RequestState.FOLDED


def test_another_day_needs_a_reason_which_is_kept(
    session: Session, county: County, ask: Ask, late: ServiceRequest, fold: Any
) -> None:
    before = make_request(session, area_id=county.teasel, received_at=NOW - 20 * HOUR, referrer=other_referrer())
    with pytest.raises(WhyNotSameDayError):
        fold(before, late, why=" ")
    fold(before, late, why="The nurse rang last night and the teacher wrote this morning.")
    assert ask.one(Message).body.startswith("The nurse rang")


def test_the_day_is_that_of_the_clock_on_the_wall(session: Session, county: County, ask: Ask, fold: Any) -> None:
    before_midnight = datetime(2026, 7, 14, 22, 30, tzinfo=UTC)  # half past eleven in the evening, in summer
    one, other, third = (
        make_request(session, area_id=county.teasel, received_at=before_midnight + n * HOUR, referrer=referrer)
        for n, referrer in ((0, other_referrer()), (1, {}), (2, {}))
    )
    with pytest.raises(WhyNotSameDayError):
        fold(one, other)
    fold(other, third)  # one on each side of midnight in UTC
    assert state_of(ask, other.id) is RequestState.FOLDED


@pytest.mark.rule("EV-5")
@pytest.mark.rule("GL-6")
def test_what_may_not_be_folded_says_why(
    session: Session, county: County, ask: Ask, early: ServiceRequest, late: ServiceRequest, fold: Any, save: Any
) -> None:
    with pytest.raises(SameRequestError):
        fold(late, late)
    for changes, refusal in (
        ({"kind": "in_principle", "told": Told.IN_PRINCIPLE}, WithoutNamesError),
        ({"state": RequestState.CLOSED}, NotOpenError),
        ({"state": RequestState.SET_ASIDE}, NotOpenError),
    ):
        with pytest.raises(refusal):
            fold(early, make_request(session, area_id=county.teasel, **changes))
    two = make_waiting(session, county, children=(CALLUM, RYAN))
    save(two.id, make_decision(keep(ask.subjects(two.id)[0])))
    with pytest.raises(PartlyDecidedFoldError):
        fold(two, make_waiting(session, county, children=(CALLUM, RYAN)))
    fold(make_waiting(session, county, children=(CALLUM, RYAN)), two)  # the other way round, as the refusal says
    fold(early, late)
    for own, other in ((late, early), (early, late)):  # no circle, and nothing twice
        with pytest.raises((NotOpenError, TransitionRefusedError)):
            fold(own, other)
    with pytest.raises(TransitionRefusedError):
        folding.unfold(session, request_id=late.id, by=county.officer, now=NOW, house=None)  # type: ignore[arg-type]


@pytest.mark.rule("EV-5")
def test_nobody_folds_what_they_do_not_see_or_what_changed_since_they_looked(
    session: Session, county: County, early: ServiceRequest, late: ServiceRequest, fold: Any
) -> None:
    for user in (county.locality_worker, county.social_worker, county.manager_aldermoor, county.administrator):
        with pytest.raises(NotYoursError):
            fold(early, late, by=user)
    with pytest.raises(StaleEditError):
        fold(early, late, into_version=late.version - 1)
    with pytest.raises(StaleEditError):
        fold(early, late, version=early.version + 1)


@pytest.mark.rule("EV-1")
def test_what_holds_another_request_is_not_set_aside(
    session: Session, county: County, ask: Ask, house: House, early: ServiceRequest, late: ServiceRequest, fold: Any
) -> None:
    fold(early, late)
    with pytest.raises(HasFoldedError):
        triage.set_aside(session, request_id=late.id, reason="junk", by=county.officer, now=NOW, house=house)
    assert state_of(ask, late.id) is RequestState.AWAITING_DECISION


@pytest.mark.rule("SE-5")
def test_what_holds_another_request_is_not_handed_over_to_sendiass(
    session: Session, county: County, ask: Ask, early: ServiceRequest, fold: Any
) -> None:
    family = make_request(session, area_id=county.teasel, referrer={"kind": ReferrerKind.FAMILY})
    fold(early, family)
    with pytest.raises(HasFoldedError):
        check_may_hand_over(session, get_request(session, family.id, county.officer))


@pytest.mark.rule("EV-5")
def test_the_manager_who_decides_about_both_reads_both_as_long_as_they_are_one(
    session: Session, county: County, early: ServiceRequest, fold: Any, unfold: Any
) -> None:
    theirs = make_waiting(session, county, area_id=county.aldermoor)
    early_id = early.id
    manager = county.manager_aldermoor
    with pytest.raises(NotYoursError):
        get_request(session, early_id, manager)
    session.rollback()
    fold(early, theirs)
    assert get_request(session, early_id, manager).id == early_id
    session.rollback()
    unfold(early)
    with pytest.raises(NotYoursError):
        get_request(session, early_id, manager)


@pytest.mark.rule("GL-14")
@pytest.mark.rule("EV-6")
def test_both_who_asked_are_told_the_outcome_each_of_their_own_and_once(
    session: Session, county: County, ask: Ask, early: ServiceRequest, fold: Any, save: Any, work: Callable[[], None],
    mailbox: Mailbox,
) -> None:  # fmt: skip
    both = make_waiting(session, county, children=(CALLUM, RYAN), referrer={"name": "Samina Rahman"})
    early_id, both_id = early.id, both.id
    fold(early, both)
    save(both_id, make_decision(*(accept(one, ReferralAction.NONE) for one in ask.subjects(both_id))))
    mine, theirs = (ask.one(Outcome, Outcome.request_id == one) for one in (early_id, both_id))
    assert [row["label"] for row in mine.body["rows"]] == ["Callum Hartley"]
    assert len(theirs.body["rows"]) == 2
    assert "Ryan" not in str(mine.body)
    work()
    assert len(mailbox.to(NURSE)) == 1
    assert len(mailbox.to("s.rahman@brookfield.example")) == 1
    assert [one.state for one in ask.all(Outcome)] == [OutcomeState.SENT] * 2
    assert state_of(ask, both_id) is RequestState.CLOSED
    assert state_of(ask, early_id) is RequestState.FOLDED
    assert list(verify(session)) == []


@pytest.mark.rule("GL-14")
@pytest.mark.rule("EV-3")
def test_whoever_sent_both_is_told_once(
    session: Session, county: County, ask: Ask, late: ServiceRequest, fold: Any, save: Any, work: Any, mailbox: Mailbox
) -> None:
    twice = make_request(session, area_id=county.teasel, received_at=NOW - 2 * HOUR)
    fold(twice, late)
    save(late.id, make_decision(accept(ask.subjects(late.id)[0], ReferralAction.NONE)))
    row = ask.one(Outcome, Outcome.request_id == twice.id)
    assert (row.state, row.reason) == (OutcomeState.NOT_DELIVERABLE, "told_together")
    work()
    assert len(mailbox.to("s.rahman@brookfield.example")) == 1
    assert state_of(ask, late.id) is RequestState.CLOSED


@pytest.mark.rule("GL-14")
@pytest.mark.rule("EV-3")
def test_whoever_sent_two_of_those_that_are_folded_is_told_once_however_they_write_their_address(
    session: Session, county: County, ask: Ask, late: ServiceRequest, early: ServiceRequest, fold: Any, save: Any,
    work: Any, mailbox: Mailbox,
) -> None:  # fmt: skip
    again = make_request(session, area_id=county.teasel, referrer=other_referrer(email=NURSE.title()))
    for one in (early, again):
        fold(one, late)
    save(late.id, make_decision(accept(ask.subjects(late.id)[0], ReferralAction.NONE)))
    told = [ask.one(Outcome, Outcome.request_id == one.id) for one in (early, again)]
    assert sorted(one.reason or "" for one in told) == ["", "told_together"]
    work()
    assert len(mailbox.to(NURSE)) == 1


@pytest.mark.rule("GL-14")
@pytest.mark.rule("EV-6")
def test_whoever_asked_about_one_child_reads_which_team_has_that_one_and_no_other(
    session: Session, county: County, ask: Ask, early: ServiceRequest, fold: Any, save: Any
) -> None:
    both = make_waiting(session, county, children=(CALLUM, RYAN), referrer={"name": "Samina Rahman"})
    fold(early, both)
    callum, ryan = ask.subjects(both.id)
    save(both.id, make_decision(keep(callum), accept(ryan)))
    words = [line[1] for line in ask.one(Outcome, Outcome.request_id == early.id).body["actions"]]
    assert words == ["Your request received.", "Decided."]
    assert len(ask.assignments(both.id)) == 1


@pytest.mark.rule("GL-14")
@pytest.mark.rule("EV-2")
@pytest.mark.parametrize("safe", ["yes", "no"])
def test_whoever_cannot_be_told_by_the_one_is_told_by_the_other_where_that_is_safe(
    session: Session, county: County, ask: Ask, fold: Any, save: Any, safe: str
) -> None:
    mother = {"kind": ReferrerKind.FAMILY, "email": "donna@hartley.example", "phone": None}
    unsafe = make_waiting(session, county, referrer={**mother, "safe": "no"})
    before = make_request(session, area_id=county.teasel, referrer={**mother, "safe": safe})
    before_id, unsafe_id = before.id, unsafe.id
    fold(before, unsafe)
    save(unsafe_id, make_decision(keep(ask.subjects(unsafe_id)[0])))
    told = {one.request_id: (one.state, one.reason) for one in ask.all(Outcome)}
    assert told[unsafe_id] == (OutcomeState.NOT_DELIVERABLE, "unsafe")
    mine = (OutcomeState.OWED, None) if safe == "yes" else (OutcomeState.NOT_DELIVERABLE, "unsafe")
    assert told[before_id] == mine, "nobody was told together with what was told to nobody"


@pytest.mark.rule("GL-14")
def test_a_request_waits_for_all_who_asked_before_it_closes(
    session: Session, county: County, ask: Ask, late: ServiceRequest, fold: Any, save: Any, work: Any, mailbox: Mailbox
) -> None:
    neighbour = {"kind": ReferrerKind.PUBLIC, "email": None, "phone": "07700 900123", "safe": "unset"}
    public = make_request(session, area_id=county.teasel, received_at=NOW - 2 * HOUR, referrer=neighbour)
    fold(public, late)
    save(late.id, make_decision(accept(ask.subjects(late.id)[0], ReferralAction.NONE)))
    work()
    assert ask.one(Outcome, Outcome.request_id == late.id).state is OutcomeState.SENT
    owed = ask.one(Outcome, Outcome.request_id == public.id)
    assert owed.state is OutcomeState.OWED
    assert "Callum" not in str(owed.body)
    with pytest.raises(OutcomeOwedError):
        close(session, request_id=late.id, by=county.officer, now=NOW)
    told_by_phone(session, outcome_id=owed.id, words="Told them.", by=county.officer, now=NOW)
    assert state_of(ask, late.id) is RequestState.CLOSED


@pytest.mark.rule("GL-14")
def test_what_is_folded_into_a_decided_request_is_told_its_outcome_and_what_the_team_does(
    session: Session, county: County, ask: Ask, house: House, decided: Any, early: ServiceRequest, fold: Any
) -> None:
    there = decided()
    fold(early, there)
    mine = ask.one(Outcome, Outcome.request_id == early.id)
    assert mine.body["h1"] == "Accepted as a referral"
    assert [line[1] for line in mine.body["actions"]][-1] == "Passed to Assessment Teasel Vale."
    (given,) = ask.assignments(there.id)
    assignments.acknowledge(session, assignment_id=given.id, by=county.social_worker, now=NOW + HOUR, house=house)
    told = [ask.one(Outcome, Outcome.request_id == one.id).body["actions"][-1][1] for one in (early, there)]
    assert told == ["Assessment Teasel Vale took it on."] * 2


@pytest.mark.rule("GL-14")
def test_unfolded_before_the_outcome_left_nobody_is_told_it_and_after_it_the_next_one_is_a_corrected_one(
    session: Session, county: County, ask: Ask, decided: Any, early: ServiceRequest, fold: Any, unfold: Any, work: Any,
    mailbox: Mailbox, save: Any, house: House,
) -> None:  # fmt: skip
    there = decided()
    early_id = early.id
    fold(early, there)
    unfold(early)
    row = ask.one(Outcome, Outcome.request_id == early_id)
    assert (row.state, row.reason) == (OutcomeState.NOT_DELIVERABLE, "unfolded")
    work()
    assert mailbox.to(NURSE) == []
    cancelled = ask.all(OutboxMessage, OutboxMessage.state == MessageState.CANCELLED)
    assert [one.about_id for one in cancelled] == [early_id]
    fold(early, there, now=NOW + 2 * HOUR)
    work()
    assert len(mailbox.to(NURSE)) == 1
    unfold(early, now=NOW + 3 * HOUR)
    triage.pass_to_manager(session, request_id=early_id, by=county.officer, now=NOW + 4 * HOUR, house=house)
    save(early_id, make_decision(keep(ask.subjects(early_id)[0])), now=NOW + 5 * HOUR)
    assert [one.body["is_corrected"] for one in ask.all(Outcome, Outcome.request_id == early_id)] == [
        False,
        False,
        True,
    ]
