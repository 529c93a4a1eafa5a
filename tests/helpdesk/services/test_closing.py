"""The outcome is told, and a request closes when nothing is left (GL-14, EV-2, EV-6)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.domain.closures import Closure, NotToldReason
from helpdesk.domain.refusals import OutcomeToldError
from helpdesk.models import Assignment
from helpdesk.services import assignments, triage
from helpdesk.services.closing import close
from helpdesk.services.telling import not_deliverable, told_by_phone
from infrastructure.house import House
from infrastructure.identity.links import find_link
from infrastructure.identity.models import LinkPurpose, SecretLink
from infrastructure.outbox import MessageState, OutboxMessage
from infrastructure.trail import Event, verify
from service_request.domain.consent import Told
from service_request.domain.states import RequestState
from service_request.models import (
    Audience,
    Direction,
    Message,
    Outcome,
    OutcomeState,
    ReferrerKind,
    ServiceRequest,
    Task,
    TaskKind,
)
from service_request.pathways.social_care.rules import ContactReason, OutcomeOwedError, ReferralAction, WorkOpenError
from service_request.services.outcomes import body_for_reader
from service_request.services.refusals import NotYoursError
from tests.factories import CALLUM, NOW, RYAN, County, accept, keep, make_decision, make_waiting
from tests.helpdesk.conftest import Ask
from tests.plugins.house import Mailbox

pytestmark = pytest.mark.storage

TEACHER = "s.rahman@brookfield.example"


def no_action(subject_id: Any) -> Any:
    return accept(subject_id, ReferralAction.NONE)


@pytest.mark.rule("GL-14")
def test_an_outcome_is_sent_only_when_the_mail_server_took_it_and_then_the_request_closes(
    decided: Any, ask: Ask, mailbox: Mailbox, work: Callable[[], None], county: County, session: Session
) -> None:
    request = decided(no_action)
    assert ask.one(Outcome).state is OutcomeState.OWED
    with pytest.raises(OutcomeOwedError):
        close(session, request_id=request.id, by=county.officer, now=NOW)
    work()
    outcome, row = ask.one(Outcome), ask.one(ServiceRequest)
    assert outcome.state is OutcomeState.SENT
    assert outcome.told_at is not None
    assert row.state is RequestState.CLOSED
    assert row.closed_at == outcome.told_at
    assert len(mailbox.to(TEACHER)) == 1
    assert list(verify(session)) == []


@pytest.mark.rule("EV-6")
def test_the_mail_says_nothing_of_the_decision_and_its_link_opens_for_28_days(
    decided: Any, ask: Ask, mailbox: Mailbox, work: Callable[[], None], session: Session
) -> None:
    decided(children=(CALLUM, RYAN))
    work()
    (mail,) = mailbox.to(TEACHER)
    text = Mailbox.words(mail)
    for secret in ("Callum", "Hartley", "assessment", "referral", "2017", "Hunger"):
        assert secret not in text + str(mail["Subject"])
    assert "999" in text
    assert "01632 960120" in text
    found = re.search(r"http://localhost/\S+", text)
    assert found is not None
    token = found[0].rsplit("/", 1)[1]
    link = find_link(session, token, LinkPurpose.OUTCOME, now=NOW + timedelta(days=27))
    assert link.address == TEACHER
    assert link.expires_at == NOW + timedelta(days=28)


@pytest.mark.rule("GL-14")
def test_a_mail_refused_for_good_is_a_task_for_the_desk_and_the_request_stays_open(
    decided: Any, ask: Ask, mailbox: Mailbox, work: Callable[[], None], session: Session, county: County
) -> None:
    mailbox.answers[TEACHER] = ["550 no such mailbox"]
    request = decided(no_action)
    work()
    assert ask.one(Outcome).state is OutcomeState.FAILED
    assert ask.one(ServiceRequest).state is RequestState.DECIDED
    task = ask.one(Task)
    assert (task.kind, task.request_id) == (TaskKind.DELIVERY_FAILED, request.id)
    with pytest.raises(OutcomeOwedError):
        close(session, request_id=request.id, by=county.officer, now=NOW)
    outcome_id = ask.one(Outcome).id
    told_by_phone(session, outcome_id=outcome_id, words="Told Samina Rahman.", by=county.officer, now=NOW)
    assert (ask.one(Outcome).state, ask.one(Outcome).reason) == (OutcomeState.SENT, "logged_call")
    assert ask.one(Task).done_by_id == county.officer.id
    assert ask.one(ServiceRequest).state is RequestState.CLOSED
    call = ask.one(Message, Message.direction == Direction.CALL)
    assert call.body == "Told Samina Rahman."
    with pytest.raises(OutcomeToldError):
        told_by_phone(session, outcome_id=outcome_id, words="Again.", by=county.officer, now=NOW)


@pytest.mark.rule("GL-14")
def test_an_officer_records_with_a_reason_that_nobody_can_be_told(
    decided: Any, ask: Ask, session: Session, county: County
) -> None:
    decided(no_action, referrer={"kind": ReferrerKind.FAMILY})
    outcome = ask.one(Outcome)
    assert (outcome.state, ask.one(Task).kind) == (OutcomeState.OWED, TaskKind.CALL_BACK)
    for user in (county.social_worker, county.manager_aldermoor):
        with pytest.raises(NotYoursError):
            not_deliverable(session, outcome_id=outcome.id, reason=NotToldReason.NOT_REACHED, by=user, now=NOW)
    not_deliverable(session, outcome_id=outcome.id, reason=NotToldReason.NOT_REACHED, by=county.officer, now=NOW)
    assert (ask.one(Outcome).state, ask.one(Outcome).reason) == (OutcomeState.NOT_DELIVERABLE, "not_reached")
    assert ask.one(ServiceRequest).state is RequestState.CLOSED
    event = ask.one(Event, Event.act == "tell_outcome")
    assert (event.actor_id, event.facts["reason"]) == (county.officer.id, "not_reached")


@pytest.mark.rule("GL-14")
def test_a_request_waits_for_its_teams_and_then_closes_by_itself(
    decided: Any,
    ask: Ask,
    work: Callable[[], None],
    session: Session,
    county: County,
    house: House,
) -> None:
    request = decided()
    work()
    assert ask.one(ServiceRequest).state is RequestState.DECIDED
    with pytest.raises(WorkOpenError):
        close(session, request_id=request.id, by=county.officer, now=NOW)
    (row,) = ask.all(Assignment)
    team = {"assignment_id": row.id, "by": county.social_worker, "now": NOW, "house": house}
    assignments.acknowledge(session, **team)
    assignments.finish(session, words="Assessed.", **team)
    assert ask.one(ServiceRequest).state is RequestState.DECIDED
    with pytest.raises(WorkOpenError):  # the team is done, and the referral is open
        close(session, request_id=request.id, by=county.officer, now=NOW)
    assignments.close_referral(session, closure=Closure.ASSESSED_NO_HELP, closed_on=NOW.date(), **team)
    closed = ask.one(ServiceRequest)
    assert (closed.state, closed.closed_at, closed.next_due_at) == (RequestState.CLOSED, NOW, None)


def test_a_request_with_something_left_for_the_desk_closes_by_hand_only(
    decided: Any, ask: Ask, work: Callable[[], None], session: Session, county: County
) -> None:
    request = decided(lambda one: keep(one, ContactReason.CRITERIA))
    with time_machine.travel(NOW):  # before an answer that nobody gave is chased
        work()
    assert ask.one(Task).kind is TaskKind.ASK_AGREEMENT
    assert ask.one(ServiceRequest).state is RequestState.DECIDED
    close(session, request_id=request.id, by=county.officer, now=NOW)
    assert ask.one(ServiceRequest).state is RequestState.CLOSED


@pytest.mark.rule("EV-2")
@pytest.mark.parametrize(
    ("referrer", "mails", "task", "state"),
    [
        ({}, 1, None, OutcomeState.OWED),
        ({"safe": "unset"}, 1, None, OutcomeState.OWED),  # a work address counts as yes
        ({"email": None}, 0, TaskKind.CALL_BACK, OutcomeState.OWED),
        ({"kind": ReferrerKind.FAMILY, "safe": "yes"}, 1, None, OutcomeState.OWED),
        ({"kind": ReferrerKind.FAMILY, "safe": "unset"}, 0, TaskKind.CALL_BACK, OutcomeState.OWED),
        ({"kind": ReferrerKind.CHILD, "safe": "no"}, 0, None, OutcomeState.NOT_DELIVERABLE),
        ({"kind": ReferrerKind.PUBLIC, "safe": "unset"}, 0, TaskKind.CALL_BACK, OutcomeState.OWED),
        ({"kind": ReferrerKind.PUBLIC, "email": None, "phone": None}, 0, None, OutcomeState.NOT_DELIVERABLE),
    ],
)
def test_nothing_unprompted_goes_where_nobody_said_it_is_safe(
    decided: Any, ask: Ask, referrer: dict[str, Any], mails: int, task: TaskKind | None, state: OutcomeState
) -> None:
    decided(no_action, referrer=referrer)
    assert len(ask.all(OutboxMessage)) == len(ask.all(SecretLink)) == mails
    assert [one.kind for one in ask.all(Task)] == ([task] if task else [])
    assert ask.one(Outcome).state is state


@pytest.mark.rule("GL-14")
@pytest.mark.parametrize(
    ("kind", "audience", "says"),
    [
        (ReferrerKind.FAMILY, Audience.FAMILY, "A social worker will speak with you"),
        (ReferrerKind.CHILD, Audience.FAMILY, "A social worker will speak with you"),
        (ReferrerKind.PUBLIC, Audience.PUBLIC, "We cannot tell you what was decided about another family."),
    ],
)
def test_the_public_and_families_are_told_that_they_were_heard_and_nothing_of_anybody_else(
    decided: Any, ask: Ask, kind: ReferrerKind, audience: Audience, says: str
) -> None:
    decided(referrer={"kind": kind, "safe": "yes"})
    outcome = ask.one(Outcome)
    assert outcome.audience is audience
    assert outcome.body["h1"] == "What you told us was considered"
    assert says in " ".join(outcome.body["next"])
    assert "Callum" not in str(outcome.body)
    assert "An assessment will look at" not in str(outcome.body)
    assert outcome.pdf_wanted_at is None


@pytest.mark.rule("GL-14")
def test_without_a_proof_a_professional_reads_what_was_done_and_no_more(decided: Any, ask: Ask) -> None:
    decided(children=(CALLUM, RYAN))
    outcome = ask.one(Outcome)
    whole = body_for_reader(outcome, may_see_form=True)
    assert whole["h1"] == "Both children: accepted as referrals"
    assert whole["lead"] == "An initial assessment will be done."
    assert [row["label"] for row in whole["rows"]] == ["Callum Hartley", "Ryan Hartley"]
    assert whole["why"].startswith("An assessment will look at")
    assert whole["decided_by"] == "Helen Prosser"
    assert whole["decided_by_title"] == "manager, Assessment Teasel Vale"
    assert [line[1] for line in whole["actions"]] == [
        "Your request received.",
        "Decided.",
        "Passed to Assessment Teasel Vale.",
    ]
    bare = body_for_reader(outcome, may_see_form=False)
    assert bare["rows"][0]["action"] == "An initial assessment will be done."
    assert bare["why"] == ""
    for secret in ("Callum", "Ryan", "Hartley", "what help"):
        assert secret not in str(bare)


@pytest.mark.rule("GL-14")
@pytest.mark.parametrize("reason", list(ContactReason))
def test_in_every_case_the_referrer_is_sent_the_outcome_a_talk_without_names_included(
    decided: Any, ask: Ask, mailbox: Mailbox, work: Callable[[], None], reason: ContactReason
) -> None:
    decided(lambda one: keep(one, reason), kind="in_principle", told=Told.IN_PRINCIPLE)
    work()
    assert ask.one(Outcome).state is OutcomeState.SENT
    (mail,) = mailbox.to(TEACHER)
    assert "A decision has been made" in Mailbox.words(mail)


@pytest.mark.rule("GL-14")
def test_the_actions_taken_begin_with_what_was_received_and_the_calls_that_reached_them(
    ask: Ask, session: Session, county: County, house: House, save: Any
) -> None:
    request = make_waiting(session, county)
    call = {"request_id": request.id, "by": county.officer, "house": house}
    triage.log_contact_attempt(session, reached=False, words="Nobody there.", now=NOW - timedelta(minutes=30), **call)
    triage.log_contact_attempt(session, reached=True, words="Spoke.", now=NOW - timedelta(minutes=20), **call)
    save(request.id, make_decision(*(no_action(one) for one in ask.subjects(request.id))))
    assert ask.one(Outcome).body["actions"] == [
        [(NOW - timedelta(hours=1)).isoformat(), "Your request received."],
        [(NOW - timedelta(minutes=20)).isoformat(), "We spoke to you by phone."],
        [NOW.isoformat(), "Decided."],
    ]


@pytest.mark.rule("GL-14")
def test_a_corrected_outcome_stands_for_one_that_reached_nobody(
    decided: Any, ask: Ask, mailbox: Mailbox, work: Callable[[], None], save: Any, session: Session
) -> None:
    mailbox.answers[TEACHER] = ["550 no such mailbox"]
    request = decided(no_action)
    work()
    decision = make_decision(*(keep(one) for one in ask.subjects(request.id)), why_superseded="A new report came.")
    save(request.id, decision, now=NOW + timedelta(hours=1))
    states = session.scalars(select(Outcome.state).order_by(Outcome.owed_at)).all()
    assert list(states) == [OutcomeState.NOT_DELIVERABLE, OutcomeState.OWED]
    work()
    assert [one.state for one in ask.all(Outcome)] == [OutcomeState.NOT_DELIVERABLE, OutcomeState.SENT]
    sent = ask.all(OutboxMessage, OutboxMessage.state == MessageState.SENT)
    assert [one.template for one in sent] == ["outcome_professional"]
    assert "A new decision replaced the earlier one." in str(ask.all(Outcome)[-1].body["actions"])
