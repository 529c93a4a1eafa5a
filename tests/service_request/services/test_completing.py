"""The written form that follows a call: whose it completes, and what becomes of one that does not fit (GL-1)."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from helpdesk.domain.refusals import ChildUndecidedError
from helpdesk.services import triage
from helpdesk.services.decide import decide
from infrastructure.database import transaction
from infrastructure.house import House
from infrastructure.identity.links import make_link, open_for_holder
from infrastructure.identity.models import LinkPurpose, SecretLink
from service_request.domain.consent import Told
from service_request.models import (
    Clock,
    ClockKind,
    Consent,
    Draft,
    FormResponse,
    LinkKind,
    Person,
    ReferrerKind,
    RequestLink,
    ServiceRequest,
    Subject,
    Task,
    TaskKind,
)
from service_request.pathways.social_care.codes import FormKind
from service_request.pathways.social_care.rules import SetAsideReason
from service_request.services import outside
from service_request.services.completing import start_completing
from service_request.services.drafts import start_draft
from service_request.services.log_call import log_call
from service_request.services.send_form import Receipt, answers_digest, send_form
from tests.answers import FULL_FORM, Answers, typed
from tests.factories import NOW, County, keep, make_county, make_decision, make_waiting
from tests.plugins.house import Mailbox

ADDRESS = "s.rahman@brookfield.example"
WITHOUT_NAMES: Answers = {
    "told": typed(told="in_principle"),
    "child.1.band": typed(age_band="5_9"),
    "concerns": typed(narrative="A boy in year 2 has come in without lunch for two weeks."),
    "you": FULL_FORM["you"],
}
pytestmark = [pytest.mark.storage, pytest.mark.rule("GL-1")]


@pytest.fixture
def county(session: Session) -> County:
    return make_county(session)


@pytest.fixture
def call(session: Session, house: House, county: County) -> Callable[..., Receipt]:
    """Log a teacher's call about Callum."""

    def log(**said: str) -> Receipt:
        words = {"caller": "school", "caller_name": "Samina Rahman", "email": ADDRESS, "child_name": "Callum Hartley"}
        page = typed(narrative="Both boys have come in hungry.", **{**words, **said})
        return log_call(session, call_id=uuid4(), typed=page, by=county.officer, now=NOW, house=house)

    return log


@pytest.fixture
def write(session: Session, house: House) -> Callable[..., Receipt]:
    """Send a form that names the reference of a call, from an address proven by code unless said otherwise."""

    def send(reference: str, kind: FormKind = FormKind.FULL, answers: Answers = FULL_FORM, **changes: Any) -> Receipt:
        answers, now = deepcopy(answers), changes.pop("now", NOW)
        answers["safety"] = typed(urgency="routine", already="yes", call_reference=reference)
        draft = start_draft(session, kind=kind, device=None, answers=answers, now=NOW, house=house)
        with transaction(session):
            row = session.get_one(Draft, draft.id)
            for name, value in {"proven_email": ADDRESS, "proven_at": NOW, **changes}.items():
                setattr(row, name, value)
        digest = answers_digest(answers)
        return send_form(session, draft_id=draft.id, device=draft.device, digest=digest, now=now, house=house)

    return send


def request_of(session: Session, receipt: Receipt) -> ServiceRequest:
    session.rollback()
    query = select(ServiceRequest).where(ServiceRequest.id == receipt.request_id)
    return session.scalars(query.options(joinedload(ServiceRequest.referrer))).one()


def test_the_address_of_the_call_completes_it_and_its_clock_runs_on(
    session: Session, call: Callable[..., Receipt], write: Callable[..., Receipt], mailbox: Mailbox, work: Any
) -> None:
    called = call()
    due_at = request_of(session, called).next_due_at
    later = NOW + timedelta(hours=5)
    written = write(called.reference, now=later)
    assert written.request_id == called.request_id
    request = request_of(session, written)
    assert (request.kind, request.told, request.next_due_at) == (FormKind.FULL, Told.YES, due_at)
    clocks = [(clock.kind, clock.started_at, clock.ended_at) for clock in session.scalars(select(Clock))]
    assert sorted(clocks, key=lambda clock: clock[0]) == [
        (ClockKind.DECISION, NOW, None),
        (ClockKind.WRITTEN_FORM, NOW, later),
    ]
    told = [row.told for row in session.scalars(select(Consent).order_by(Consent.at))]
    assert told == [Told.NOT_ESTABLISHED, Told.YES]
    kept = {row.kind: row.answers for row in session.scalars(select(FormResponse))}
    assert kept["call"]["call"]["narrative"] == ["Both boys have come in hungry."]
    assert kept["full"]["concerns"] == FULL_FORM["concerns"]
    work()
    subjects = {str(message["Subject"]).split(": ")[1] for message in mailbox.to(ADDRESS)}
    assert subjects == {"we have your call, now write it down", "we have your written form"}


def test_a_second_form_that_names_the_call_is_a_request_of_its_own_beside_it(
    session: Session, call: Callable[..., Receipt], write: Callable[..., Receipt]
) -> None:
    called = call()
    assert write(called.reference).request_id == called.request_id
    second = write(called.reference)
    assert second.request_id != called.request_id
    link = session.scalars(select(RequestLink).where(RequestLink.from_id == second.request_id)).one()
    assert (link.to_id, link.kind) == (called.request_id, LinkKind.FOLLOWS)


@pytest.mark.rule("GL-6")
def test_a_named_request_that_follows_a_talk_without_names_is_a_new_one_and_linked(
    session: Session, county: County, write: Callable[..., Receipt]
) -> None:
    talk = write("", FormKind.IN_PRINCIPLE, WITHOUT_NAMES)
    named = write(talk.reference)
    assert named.request_id != talk.request_id
    assert (request_of(session, named).kind, request_of(session, talk).kind) == (FormKind.FULL, FormKind.IN_PRINCIPLE)
    assert request_of(session, talk).told is Told.IN_PRINCIPLE
    link = session.scalars(select(RequestLink)).one()
    assert (link.from_id, link.to_id, link.kind) == (named.request_id, talk.request_id, LinkKind.CONVERTED_FROM)


def test_another_address_or_none_completes_nothing_and_is_linked_for_staff(
    session: Session, call: Callable[..., Receipt], write: Callable[..., Receipt]
) -> None:
    called = call()
    for proven in (None, "somebody@brookfield.example"):
        written = write(called.reference, proven_email=proven)
        assert written.request_id != called.request_id
        link = session.scalars(select(RequestLink).where(RequestLink.from_id == written.request_id)).one()
        assert (link.to_id, link.kind) == (called.request_id, LinkKind.FOLLOWS)
    assert request_of(session, called).kind == FormKind.CALL


def test_a_call_of_nobody_in_particular_is_completed_by_the_professional_who_proves_the_address(
    session: Session, call: Callable[..., Receipt], write: Callable[..., Receipt], mailbox: Mailbox, work: Any
) -> None:
    called = call(caller="")
    assert request_of(session, called).referrer.kind is ReferrerKind.PUBLIC
    written = write(called.reference)
    assert written.request_id == called.request_id
    assert request_of(session, written).referrer.kind is ReferrerKind.PROFESSIONAL
    work()
    assert any("we have your written form" in str(message["Subject"]) for message in mailbox.to(ADDRESS))


@pytest.mark.rule("GL-6")
@pytest.mark.parametrize("by_link", [False, True], ids=["by_reference", "by_link"])
def test_a_talk_without_names_is_a_request_of_its_own_beside_the_call(
    by_link: bool, session: Session, call: Callable[..., Receipt], write: Callable[..., Receipt]
) -> None:
    called = call()
    begun = {"completes_id": called.request_id} if by_link else {}
    reference = "" if by_link else called.reference
    written = write(reference, FormKind.IN_PRINCIPLE, WITHOUT_NAMES, **begun)
    assert written.request_id != called.request_id
    assert request_of(session, written).kind == FormKind.IN_PRINCIPLE
    assert request_of(session, called).told is Told.NOT_ESTABLISHED
    link = session.scalars(select(RequestLink).where(RequestLink.from_id == written.request_id)).one()
    assert (link.to_id, link.kind) == (called.request_id, LinkKind.FOLLOWS)


@pytest.fixture
def come_by_link(session: Session, house: House) -> Callable[..., Receipt]:
    """Send a form begun by the link that follows a call."""

    def send(request_id: Any, *, email: str, **changes: Any) -> Receipt:
        with transaction(session):
            link = make_link(
                session, LinkPurpose.COMPLETE, about=("request", request_id), address=ADDRESS, now=NOW, days=28
            )
        draft = start_completing(session, token=link.token, device=None, now=NOW, house=house)
        answers = {**deepcopy(FULL_FORM), "you": {**FULL_FORM["you"], "email": [email]}}
        with transaction(session):
            row = session.get_one(Draft, draft.id)
            for name, value in {"answers": answers, **changes}.items():
                setattr(row, name, value)
        digest = answers_digest(answers)
        return send_form(session, draft_id=draft.id, device=draft.device, digest=digest, now=NOW, house=house)

    return send


@pytest.mark.rule("GL-14")
def test_a_call_to_confirm_one_address_proves_no_other(
    session: Session, house: House, county: County, call: Callable[..., Receipt], come_by_link: Callable[..., Receipt]
) -> None:
    called = call(email="s.rahman@elsewhere.example")
    triage.confirm_referrer_by_phone(session, request_id=called.request_id, by=county.officer, now=NOW, house=house)
    come_by_link(called.request_id, email="s.rahman@elsewhere.example")
    assert request_of(session, called).referrer.proof == "phone"
    come_by_link(called.request_id, email="somebody@other.example")
    assert request_of(session, called).referrer.proof is None


@pytest.mark.rule("GL-14")
def test_a_link_sent_to_an_unproven_address_never_opens_the_form_of_one_proven_later(
    session: Session, house: House, county: County, come_by_link: Callable[..., Receipt]
) -> None:
    slip = "s.rahmann@elsewhere.example"
    request_id = make_waiting(session, county, referrer={"email": slip, "proof": None}).id
    child = session.scalars(select(Subject.id).where(Subject.request_id == request_id)).one()
    decision = make_decision(keep(child))
    decide(session, request_id=request_id, decision=decision, by=county.manager, now=NOW, house=house)
    come_by_link(request_id, email=ADDRESS, proven_email=ADDRESS, proven_at=NOW)
    may_see = {}
    for address in (slip, ADDRESS):
        with transaction(session):
            link = make_link(
                session, LinkPurpose.OUTCOME, about=("request", request_id), address=address, now=NOW, days=28
            )
            session.flush()
            browser = open_for_holder(session, session.get_one(SecretLink, link.id), settings=house.settings, now=NOW)
        page = outside.read_outcome(session, token=link.token, browser=browser, now=NOW, house=house)
        may_see[address] = page.may_see_form
    assert may_see == {slip: False, ADDRESS: True}


@pytest.mark.rule("EV-1")
def test_a_form_for_a_call_that_was_set_aside_comes_up_at_the_desk(
    session: Session, house: House, county: County, call: Callable[..., Receipt], come_by_link: Callable[..., Receipt]
) -> None:
    called = call()
    triage.set_aside(
        session, request_id=called.request_id, reason=SetAsideReason.TEST, by=county.officer, now=NOW, house=house
    )
    come_by_link(called.request_id, email=ADDRESS)
    session.rollback()
    tasks = session.scalars(select(Task).where(Task.request_id == called.request_id)).all()
    assert [task.kind for task in tasks] == [TaskKind.NEW_INFORMATION]


@pytest.mark.rule("GL-14")
def test_a_decision_is_not_replaced_without_one_for_a_child_named_since(
    session: Session, house: House, county: County, come_by_link: Callable[..., Receipt]
) -> None:
    request_id = make_waiting(session, county).id
    callum = session.scalars(select(Subject.id).where(Subject.request_id == request_id)).one()
    decision = make_decision(keep(callum))
    decide(session, request_id=request_id, decision=decision, by=county.manager, now=NOW, house=house)
    come_by_link(request_id, email=ADDRESS)
    session.rollback()
    both = session.scalars(select(Subject.id).where(Subject.request_id == request_id)).all()
    assert len(both) == 2
    session.execute(update(Person).values(match_wanted_at=None))
    session.commit()
    replaced = make_decision(keep(callum), why_superseded="More is known now.")
    with pytest.raises(ChildUndecidedError):
        decide(session, request_id=request_id, decision=replaced, by=county.manager, now=NOW, house=house)
    whole = make_decision(*(keep(child) for child in both), why_superseded="More is known now.")
    decide(session, request_id=request_id, decision=whole, by=county.manager, now=NOW, house=house)
