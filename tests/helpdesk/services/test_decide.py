"""The manager's decision (GL-6 to GL-14)."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from helpdesk.domain.assignments import AssignmentState
from helpdesk.domain.refusals import (
    DecisionIncompleteError,
    KindNotConfirmedError,
    MatchesOpenError,
    MatchingOwedError,
    MayNotDecideError,
    NothingToReplaceError,
    SubjectUnknownError,
    WhyReplacedMissingError,
)
from helpdesk.models import Assignment, Decision, DecisionLine, Referral
from helpdesk.services import triage
from helpdesk.services.decide import decide
from helpdesk.services.decision_drafts import find_draft, save_draft
from infrastructure.database import db, transaction, uuid7
from infrastructure.house import House
from infrastructure.identity.models import Role, Team, TeamKind
from infrastructure.outbox import OutboxMessage
from infrastructure.trail import Event, verify
from service_request.domain.consent import Agrees, NoNamesError, NotToldOnRecordError, OverrideIncompleteError, Told
from service_request.domain.lifecycle import TransitionRefusedError
from service_request.domain.standing import ReferralKind
from service_request.domain.states import RequestState
from service_request.models import (
    Clock,
    ClockEnd,
    ClockKind,
    Consent,
    Grant,
    Outcome,
    OutcomeState,
    Person,
    ServiceRequest,
    Similarity,
    SimilarityState,
    Subject,
    Task,
    TaskKind,
)
from service_request.pathways.social_care.rules import ContactReason, LineIncompleteError, ReferralAction, Standing
from service_request.services.log_call import log_call
from service_request.services.refusals import NotYoursError, StaleEditError
from tests.factories import (
    CALLUM,
    NOW,
    OVERRIDE,
    RYAN,
    Child,
    County,
    accept,
    keep,
    make_decision,
    make_request,
    make_rule,
    make_team,
    make_user,
    make_waiting,
)
from tests.helpdesk.conftest import Ask

pytestmark = pytest.mark.storage


@pytest.mark.rule("GL-9")
def test_a_decision_is_recorded_whole_with_a_line_for_each_child(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county, children=(CALLUM, RYAN))
    callum, ryan = ask.subjects(request.id)
    save(request.id, make_decision(accept(callum), keep(ryan)))
    row = ask.one(Decision)
    assert row.information.startswith("The form")
    assert row.analysis.startswith("Hunger")
    assert row.reason.startswith("An assessment")
    assert (row.by_id, row.at) == (county.manager.id, NOW)
    assert [line.action for line in ask.current_lines(callum)] == [ReferralAction.INITIAL_ASSESSMENT]
    assert [line.contact_reason for line in ask.current_lines(ryan)] == [ContactReason.INFORMATION]


@pytest.mark.rule("GL-9")
@pytest.mark.parametrize("name", ["information", "analysis", "reason"])
def test_a_record_without_one_of_its_texts_is_refused(
    session: Session, county: County, ask: Ask, save: Any, name: str
) -> None:
    request = make_waiting(session, county)
    (callum,) = ask.subjects(request.id)
    with pytest.raises(DecisionIncompleteError, match="Enter"):
        save(request.id, make_decision(keep(callum), **{name: " - "}))
    assert ask.all(Decision) == []


@pytest.mark.rule("GL-8")
@pytest.mark.rule("GL-9")
def test_the_clock_ends_with_the_last_child_and_not_before(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county, children=(CALLUM, RYAN))
    callum, ryan = ask.subjects(request.id)
    save(request.id, make_decision(accept(callum)))
    clock = ask.one(Clock, Clock.kind == ClockKind.DECISION)
    assert clock.ended_at is None
    assert ask.one(ServiceRequest).state is RequestState.AWAITING_DECISION
    assert ask.all(Outcome) == []
    save(request.id, make_decision(keep(ryan)), now=NOW + timedelta(hours=1))
    clock = ask.one(Clock, Clock.kind == ClockKind.DECISION)
    assert (clock.end, clock.ended_at) == (ClockEnd.MET, NOW + timedelta(hours=1))
    assert ask.one(ServiceRequest).state is RequestState.DECIDED
    assert len(ask.one(Outcome).body["rows"]) == 2


@pytest.mark.rule("GL-8")
def test_only_the_assessment_manager_for_the_area_decides(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county)
    decision = make_decision(keep(ask.subjects(request.id)[0]))
    for user in (county.officer, county.service_manager):
        with pytest.raises(MayNotDecideError):
            save(request.id, decision, by=user)
    for user in (county.manager_aldermoor, county.social_worker, county.locality_worker, county.administrator):
        with pytest.raises(NotYoursError):
            save(request.id, decision, by=user)
    assert ask.all(Decision) == []
    save(request.id, decision)


@pytest.mark.rule("GL-8")
def test_a_service_manager_decides_nothing_even_from_within_the_assessment_team(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    team = session.get_one(Team, county.assessment)
    for name, role in (("Olga Marsh", Role.SERVICE_MANAGER), ("Per Lind", Role.OFFICER)):
        user = make_user(session, name, (team, role))
        with pytest.raises((MayNotDecideError, NotYoursError)):
            save(make_waiting(session, county).id, make_decision(keep(county.desk)), by=user)


@pytest.mark.rule("GL-8")
def test_a_request_of_no_area_is_decided_by_the_manager_of_the_default_area(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county, area_id=None, area_reason="default")
    decision = make_decision(accept(ask.subjects(request.id)[0]))
    with pytest.raises(NotYoursError):
        save(request.id, decision, by=county.manager_aldermoor)
    save(request.id, decision)
    assert ask.one(Assignment).team_id == county.assessment


@pytest.mark.rule("GL-7")
@pytest.mark.parametrize("told", [Told.NOT_ESTABLISHED, Told.NOT_YET, Told.IN_PRINCIPLE])
def test_a_referral_needs_a_told_family_or_the_managers_own_override(
    session: Session, county: County, ask: Ask, save: Any, told: Told
) -> None:
    request = make_waiting(session, county, told=told)
    (callum,) = ask.subjects(request.id)
    with pytest.raises(NotToldOnRecordError):
        save(request.id, make_decision(accept(callum)))
    assert ask.all(Referral) == []
    save(request.id, make_decision(accept(callum), override=OVERRIDE))
    first, override = ask.all(Consent)
    assert first.told is told
    assert (override.told, override.by_id) == (Told.OVERRIDE, county.manager.id)
    assert (override.lawful_basis, override.reason) == (OVERRIDE.basis, OVERRIDE.reason)
    assert ask.one(Referral).subject_id == callum


@pytest.mark.rule("GL-7")
@pytest.mark.parametrize("told", [Told.YES, Told.RISK])
def test_a_told_family_or_a_risk_on_record_lets_a_referral_be_accepted(
    session: Session, county: County, ask: Ask, save: Any, told: Told
) -> None:
    request = make_waiting(session, county, told=told)
    save(request.id, make_decision(accept(ask.subjects(request.id)[0])))
    assert ask.one(Referral).closed_on is None


@pytest.mark.rule("GL-7")
def test_an_override_says_its_basis_and_its_reason(session: Session, county: County, ask: Ask, save: Any) -> None:
    request = make_waiting(session, county, told=Told.NOT_ESTABLISHED)
    (callum,) = ask.subjects(request.id)
    for basis, reason in (("", "He may be hurt."), ("Public task", " ")):
        bare = type(OVERRIDE)(basis, reason)
        with pytest.raises(OverrideIncompleteError):
            save(request.id, make_decision(accept(callum), override=bare))
    assert len(ask.all(Consent)) == 1


@pytest.mark.rule("GL-7")
def test_a_contact_needs_nobody_told(session: Session, county: County, ask: Ask, save: Any) -> None:
    request = make_waiting(session, county, told=Told.NOT_ESTABLISHED)
    save(request.id, make_decision(keep(ask.subjects(request.id)[0])))
    assert ask.one(ServiceRequest).state is RequestState.DECIDED


@pytest.mark.rule("GL-5")
def test_an_exception_of_the_authoritys_own_stands_beside_risk(make_app: Any) -> None:
    from infrastructure.database import db
    from tests.factories import make_county

    app = make_app(told_exceptions="court=A court has ordered it")
    with app.app_context():
        session, house = db.session(), app.extensions["house"]
        county, ask = make_county(session), Ask(session)
        for code, passes in (("court", True), ("other", False)):
            request = make_waiting(session, county, told=Told.NOT_ESTABLISHED, extra_code=code)
            values = {"request_id": request.id, "by": county.manager, "now": NOW, "house": house}
            decision = make_decision(accept(ask.subjects(request.id)[0]))
            if passes:
                decide(session, decision=decision, **values)
            else:
                with pytest.raises(NotToldOnRecordError):
                    decide(session, decision=decision, **values)


@pytest.mark.rule("GL-6")
@pytest.mark.parametrize("changes", [{"kind": "in_principle", "told": Told.IN_PRINCIPLE}, {"children": (Child(None),)}])
def test_a_child_without_a_name_stays_a_contact_even_by_override(
    session: Session, county: County, ask: Ask, save: Any, changes: dict[str, Any]
) -> None:
    request = make_waiting(session, county, **changes)
    (child,) = ask.subjects(request.id)
    with pytest.raises(NoNamesError):
        save(request.id, make_decision(accept(child), override=OVERRIDE))
    save(request.id, make_decision(keep(child, ContactReason.ANONYMOUS)))
    assert ask.all(Referral) == []


@pytest.mark.rule("GL-6")
def test_a_talk_without_names_makes_no_referral_though_a_name_slipped_in(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county, kind="in_principle", told=Told.IN_PRINCIPLE)
    (child,) = ask.subjects(request.id)
    with transaction(session):
        session.get_one(Subject, child).is_anonymous = False
    with pytest.raises(NoNamesError):
        save(request.id, make_decision(accept(child), override=OVERRIDE))


@pytest.mark.rule("GL-10")
def test_no_further_action_closes_the_referral_at_once(session: Session, county: County, ask: Ask, save: Any) -> None:
    request = make_waiting(session, county)
    save(request.id, make_decision(accept(ask.subjects(request.id)[0], ReferralAction.NONE)))
    referral = ask.one(Referral)
    assert referral.closed_on == referral.accepted_on == date(2026, 11, 17)
    assert referral.closure == "no_further_action"
    assert ask.all(Assignment) == []


@pytest.mark.rule("GL-10")
@pytest.mark.parametrize(
    "action", [ReferralAction.INITIAL_ASSESSMENT, ReferralAction.PROVIDE_INFORMATION, ReferralAction.OTHER]
)
def test_each_other_action_goes_to_the_team_that_the_rules_name(
    session: Session, county: County, ask: Ask, save: Any, action: ReferralAction
) -> None:
    request = make_waiting(session, county)
    save(request.id, make_decision(accept(ask.subjects(request.id)[0], action)))
    assignment = ask.one(Assignment)
    assert (assignment.team_id, assignment.ask, assignment.state) == (county.assessment, action, AssignmentState.SENT)
    assert ask.one(Grant).until is None
    assert ask.one(Clock, Clock.kind == ClockKind.ACKNOWLEDGE).due_at == NOW + timedelta(days=1)
    mail = ask.one(OutboxMessage, OutboxMessage.template == "assignment")
    assert mail.to == "assessment-teasel-vale@westmarch.example"


@pytest.mark.rule("GL-12")
def test_criteria_not_met_goes_to_the_locality_team_where_the_family_agrees(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county, agrees=Agrees.YES)
    save(request.id, make_decision(keep(ask.subjects(request.id)[0], ContactReason.CRITERIA)))
    assignment = ask.one(Assignment)
    assert (assignment.team_id, assignment.ask) == (county.locality, "early_help")
    assert "harm" not in assignment.scope
    assert ask.all(Task) == []


@pytest.mark.rule("GL-12")
def test_early_help_goes_to_the_locality_team_for_the_address_and_to_no_other(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    theirs = make_team(session, "Aldermoor locality team", TeamKind.LOCALITY)
    make_rule(session, theirs.id, Standing.CONTACT, ContactReason.CRITERIA, county.aldermoor)
    request = make_waiting(session, county, area_id=county.aldermoor, agrees=Agrees.YES)
    decision = make_decision(keep(ask.subjects(request.id)[0], ContactReason.CRITERIA))
    save(request.id, decision, by=county.manager_aldermoor)
    assert ask.one(Assignment).team_id == theirs.id
    assert ask.one(OutboxMessage, OutboxMessage.template == "assignment").to == theirs.email


@pytest.mark.rule("GL-12")
@pytest.mark.parametrize("agrees", [Agrees.NO, Agrees.NOT_ASKED])
def test_criteria_not_met_without_agreement_stays_with_the_desk(
    session: Session, county: County, ask: Ask, save: Any, agrees: Agrees
) -> None:
    request = make_waiting(session, county, agrees=agrees)
    save(request.id, make_decision(keep(ask.subjects(request.id)[0], ContactReason.CRITERIA)))
    assert ask.all(Assignment) == []
    assert ask.one(Task).kind is TaskKind.ASK_AGREEMENT
    assert "Ask the family" in ask.one(Outcome).body["rows"][0]["action"]


@pytest.mark.rule("GL-12")
def test_the_managers_override_sends_early_help_on_without_agreement(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county, agrees=Agrees.NO)
    save(request.id, make_decision(keep(ask.subjects(request.id)[0], ContactReason.CRITERIA), override=OVERRIDE))
    assert ask.one(Assignment).team_id == county.locality


@pytest.mark.rule("GL-12")
def test_for_low_risk_that_may_grow_the_referrer_is_asked_for_a_caf(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county, agrees=Agrees.YES)
    line = keep(ask.subjects(request.id)[0], ContactReason.CRITERIA, ask_caf=True)
    save(request.id, make_decision(line))
    assert [task.kind for task in ask.all(Task)] == [TaskKind.ASK_CAF]
    assert "common assessment (CAF)" in ask.one(Outcome).body["rows"][0]["action"]


@pytest.mark.rule("GL-11")
@pytest.mark.parametrize("reason", list(ContactReason))
def test_a_contact_has_one_of_five_reasons(
    session: Session, county: County, ask: Ask, save: Any, reason: ContactReason
) -> None:
    request = make_waiting(session, county)
    save(request.id, make_decision(keep(ask.subjects(request.id)[0], reason)))
    assert ask.one(DecisionLine).contact_reason is reason
    assert ask.all(Referral) == ask.all(Assignment) == []
    waits = [TaskKind.ASK_AGREEMENT] if reason is ContactReason.CRITERIA else []  # no other reason is work for anybody
    assert [task.kind for task in ask.all(Task)] == waits


@pytest.mark.rule("GL-11")
def test_a_line_of_neither_an_action_nor_a_reason_is_refused(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county)
    line = keep(ask.subjects(request.id)[0])
    with pytest.raises(LineIncompleteError):
        save(request.id, make_decision(type(line)(line.subject_id, line.standing)))


@pytest.mark.rule("GL-10")
def test_where_no_rule_names_a_team_the_desk_gets_a_task(session: Session, county: County, ask: Ask, save: Any) -> None:
    request = make_waiting(session, county, area_id=county.aldermoor)
    save(request.id, make_decision(accept(ask.subjects(request.id)[0])), by=county.manager_aldermoor)
    assert ask.all(Assignment) == []
    assert ask.one(Task).kind is TaskKind.NO_DESTINATION


@pytest.mark.rule("GL-13")
def test_a_kind_of_referral_is_confirmed_by_the_manager_never_by_silence(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county)
    with pytest.raises(KindNotConfirmedError, match="Callum Hartley"):
        save(request.id, make_decision(accept(ask.subjects(request.id)[0], kind=None)))
    assert ask.all(Referral) == []


@pytest.mark.rule("GL-13")
def test_the_day_of_acceptance_is_the_day_in_england(session: Session, county: County, ask: Ask, save: Any) -> None:
    late = NOW.replace(month=7, day=1, hour=23, minute=30)  # half past midnight there, in summer
    request = make_waiting(session, county, received_at=late - timedelta(hours=2))
    save(request.id, make_decision(accept(ask.subjects(request.id)[0])), now=late)
    assert ask.one(Referral).accepted_on == date(2026, 7, 2)


@pytest.mark.rule("EV-4")
def test_a_hint_that_nobody_answered_stops_the_decision(session: Session, county: County, ask: Ask, save: Any) -> None:
    earlier, request = make_request(session), make_waiting(session, county)
    people = [ask.one(Person, Person.request_id == one.id) for one in (earlier, request)]
    with transaction(session):
        hint = Similarity(
            wall="open",
            request_id=request.id,
            person_id=people[1].id,
            earlier_id=people[0].id,
            earlier_request_id=earlier.id,
            score=90,
            agrees=[],
            differs=[],
            state=SimilarityState.OPEN,
            found_at=NOW,
        )
        session.add(hint)
        hint_id = hint.id
    decision = make_decision(keep(ask.subjects(request.id)[0]))
    with pytest.raises(MatchesOpenError):
        save(request.id, decision)
    with transaction(session):
        session.get_one(Similarity, hint_id).state = SimilarityState.SET_ASIDE
    save(request.id, decision)


@pytest.mark.rule("EV-4")
@pytest.mark.rule("GL-7")
def test_a_child_still_to_be_looked_for_stops_the_decision_until_the_worker_is_overdue(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county, matched=False, received_at=NOW - timedelta(minutes=1))
    decision = make_decision(keep(ask.subjects(request.id)[0]))
    with pytest.raises(MatchingOwedError):
        save(request.id, decision)
    save(request.id, decision, now=NOW + timedelta(minutes=15))


@pytest.mark.rule("GL-18")
@pytest.mark.parametrize("line", [accept, keep])
def test_a_child_who_turned_18_while_waiting_is_decided_all_the_same(
    session: Session, county: County, ask: Ask, save: Any, line: Any
) -> None:
    leon = Child("Leon Marsh", date(2008, 11, 17))
    request = make_waiting(session, county, children=(leon,), received_at=NOW - timedelta(hours=20))
    save(request.id, make_decision(line(ask.subjects(request.id)[0])))
    assert ask.one(ServiceRequest).state is RequestState.DECIDED
    assert len(ask.all(Referral)) == (line is accept)


@pytest.mark.rule("GL-8")
def test_a_later_decision_replaces_the_first_and_starts_no_clock(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county)
    (callum,) = ask.subjects(request.id)
    first = save(request.id, make_decision(accept(callum)))
    first_id = first.id
    later = NOW + timedelta(hours=2)
    second = save(
        request.id, make_decision(keep(callum), why_superseded="A new report came from the school."), now=later
    )
    assert second.supersedes_id == first_id
    assert [line.contact_reason for line in ask.current_lines(callum)] == [ContactReason.INFORMATION]
    assert ask.one(Referral).withdrawn_at == later
    assert ask.one(Assignment).state is AssignmentState.WITHDRAWN
    assert ask.one(Grant).until == later
    assert [clock.end for clock in ask.all(Clock)] == [ClockEnd.MET, ClockEnd.SUPERSEDED]
    assert ask.one(ServiceRequest).next_due_at is None
    old, new = ask.all(Outcome)
    assert (old.body["is_corrected"], new.body["is_corrected"]) == (False, True)
    assert new.state is OutcomeState.OWED
    assert len(ask.all(Decision)) == 2


@pytest.mark.rule("GL-9")
def test_a_decision_is_replaced_only_with_a_reason_and_only_when_there_is_one(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county)
    (callum,) = ask.subjects(request.id)
    with pytest.raises(NothingToReplaceError):
        save(request.id, make_decision(keep(callum), why_superseded="No reason."))
    save(request.id, make_decision(keep(callum)))
    with pytest.raises(WhyReplacedMissingError):
        save(request.id, make_decision(accept(callum)))
    assert len(ask.all(Decision)) == 1


def test_a_request_that_nobody_passed_on_cannot_be_decided(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    for state in (RequestState.RECEIVED, RequestState.IN_TRIAGE, RequestState.SET_ASIDE):
        request = make_waiting(session, county, state=state)
        with pytest.raises(TransitionRefusedError):
            save(request.id, make_decision(keep(ask.subjects(request.id)[0])))


@pytest.mark.rule("GL-9")
def test_lines_for_children_of_another_request_are_refused(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request, other = make_waiting(session, county), make_waiting(session, county)
    (callum,), (theirs,) = ask.subjects(request.id), ask.subjects(other.id)
    for lines in ((keep(theirs),), (keep(callum), keep(callum)), ()):
        with pytest.raises(SubjectUnknownError):
            save(request.id, make_decision(*lines))


def test_a_stale_decision_is_refused_with_both_texts(session: Session, county: County, ask: Ask, save: Any) -> None:
    request = make_waiting(session, county)
    opened = request.version
    (callum,) = ask.subjects(request.id)
    save(request.id, make_decision(keep(callum), reason="The first words."), version=opened)
    with pytest.raises(StaleEditError) as refused:
        save(request.id, make_decision(accept(callum), reason="My words."), version=opened)
    assert refused.value.mine["reason"] == "My words."
    assert refused.value.theirs["reason"] == "The first words."


def test_a_refused_decision_leaves_nothing_behind(session: Session, county: County, ask: Ask, save: Any) -> None:
    request = make_waiting(session, county, told=Told.NOT_ESTABLISHED, children=(CALLUM, RYAN))
    callum, ryan = ask.subjects(request.id)
    with pytest.raises(NotToldOnRecordError):
        save(request.id, make_decision(keep(callum), accept(ryan)))
    for model in (Decision, DecisionLine, Assignment, Outcome, OutboxMessage, Task):
        assert ask.all(model) == []
    assert [event.act for event in ask.all(Event)] == ["receive"]


def test_a_draft_is_its_managers_alone_and_gone_with_the_decision(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county)
    fields = {"information": ["The form."], "line": ["contact-information"]}
    save_draft(session, request_id=request.id, fields=fields, by=county.manager, now=NOW)
    save_draft(session, request_id=request.id, fields={**fields, "reason": ["Hm"]}, by=county.manager, now=NOW)
    kept = find_draft(session, request_id=request.id, by=county.manager)
    assert kept is not None
    assert kept[0]["reason"] == ["Hm"]
    assert find_draft(session, request_id=request.id, by=county.service_manager) is None
    save(request.id, make_decision(keep(ask.subjects(request.id)[0])))
    assert find_draft(session, request_id=request.id, by=county.manager) is None


@pytest.mark.rule("EV-6")
def test_the_team_is_told_by_mail_with_reference_and_initials_only(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county)
    save(request.id, make_decision(accept(ask.subjects(request.id)[0])))
    mail = ask.one(OutboxMessage, OutboxMessage.template == "assignment")
    said = mail.body["subject"] + mail.body["text"]
    assert mail.to == "assessment-teasel-vale@westmarch.example"
    assert "C.H." in said
    assert request.reference[:4] in said
    for secret in ("Callum", "Hartley", "2017", "Hunger", "assessment will"):
        assert secret not in said


def test_a_team_without_a_mailbox_is_told_by_its_members_and_an_empty_one_by_the_desk(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    with transaction(session):
        session.get_one(Team, county.assessment).email = None
    request = make_waiting(session, county)
    (callum,) = ask.subjects(request.id)
    save(request.id, make_decision(accept(callum)))
    told = [mail.to for mail in ask.all(OutboxMessage, OutboxMessage.template == "assignment")]
    assert sorted(told) == [county.manager.email, county.social_worker.email]
    assert ask.all(Task) == []
    empty = make_team(session, "Empty team", TeamKind.ASSESSMENT, email=None)
    other = make_waiting(session, county, area_id=county.aldermoor)
    make_rule(session, empty.id, Standing.REFERRAL, ReferralAction.INITIAL_ASSESSMENT, county.aldermoor)
    save(other.id, make_decision(accept(ask.subjects(other.id)[0])), by=county.manager_aldermoor)
    assert ask.one(Task).kind is TaskKind.ALERT


@pytest.mark.rule("EV-5")
def test_a_decision_is_in_the_trail_by_ids_and_codes_alone(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county)
    (callum,) = ask.subjects(request.id)
    save(request.id, make_decision(accept(callum)))
    event = ask.one(Event, Event.act == "decide_last")
    assert event.facts["lines"] == [f"{callum} referral-initial_assessment"]
    assert (event.from_state, event.to_state) == ("awaiting_decision", "decided")
    assert "Hartley" not in str([one.facts for one in ask.all(Event)])
    assert list(verify(session)) == []


@pytest.mark.rule("GL-13")
def test_a_re_referral_that_the_manager_asserts_without_proof_names_no_earlier_one(
    session: Session, county: County, ask: Ask, save: Any
) -> None:
    request = make_waiting(session, county)
    save(request.id, make_decision(accept(ask.subjects(request.id)[0], kind=ReferralKind.RE_REFERRAL)))
    referral = ask.one(Referral)
    assert (referral.kind, referral.earlier_id) == (ReferralKind.RE_REFERRAL, None)
    assert ask.one(Event, Event.act == "accept").facts["proposed"] == "referral"


def test_two_managers_who_save_at_once_make_one_decision_and_the_other_keeps_their_words(
    app: Flask, session: Session, county: County, ask: Ask
) -> None:
    request = make_waiting(session, county)
    request_id, opened, (callum,) = request.id, request.version, ask.subjects(request.id)
    session.rollback()
    house, start = app.extensions["house"], Barrier(2)
    refused: list[StaleEditError] = []

    def decide_it(reason: str) -> None:
        with app.app_context():
            start.wait()
            try:
                decide(
                    db.session(),
                    request_id=request_id,
                    decision=make_decision(accept(callum), reason=reason),
                    version=opened,
                    by=county.manager,
                    now=NOW,
                    house=house,
                )
            except StaleEditError as error:
                refused.append(error)
            finally:
                db.session.remove()

    threads = [Thread(target=decide_it, args=(reason,)) for reason in ("First words.", "Second words.")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (error,) = refused
    assert {error.mine["reason"], error.theirs["reason"]} == {"First words.", "Second words."}
    assert ask.one(Decision).reason == error.theirs["reason"]
    assert len(ask.all(Assignment)) == len(ask.all(Outcome)) == 1


@pytest.mark.rule("GL-8")
def test_a_call_about_a_child_whom_nobody_named_can_be_decided(
    session: Session, county: County, ask: Ask, save: Any, house: House
) -> None:
    typed = {"narrative": ["A child cries at night in the flat above."], "urgency": ["routine"]}
    receipt = log_call(session, call_id=uuid7(), typed=typed, by=county.officer, now=NOW, house=house)
    request_id = receipt.request_id
    triage.pass_to_manager(session, request_id=request_id, by=county.officer, now=NOW, house=house)
    save(request_id, make_decision(*(keep(one) for one in ask.subjects(request_id))))
    assert ask.one(ServiceRequest).state is RequestState.CLOSED  # nobody to tell, and nothing left to do
    assert ask.one(Outcome).reason == "no_address"
    assert ask.one(DecisionLine).contact_reason is ContactReason.INFORMATION
